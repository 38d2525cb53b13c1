package dev.sluice.rollout;

import java.util.Optional;

/// `status.message` of a Rollout that is Degraded, in Argo's form: the reason of the condition that made it
/// so, and what that says. Written and read here alone, so that nobody tells states by their sentences.
record Reasoned(String reason, String message) {
    private static final String BETWEEN = ": ";

    static Optional<Reasoned> of(String text) {
        int end = text.indexOf(BETWEEN);
        return end < 0
                ? Optional.empty()
                : Optional.of(new Reasoned(text.substring(0, end), text.substring(end + BETWEEN.length())));
    }

    @Override
    public String toString() {
        return reason + BETWEEN + message;
    }
}
