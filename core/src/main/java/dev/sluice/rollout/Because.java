package dev.sluice.rollout;

import java.util.Objects;

/// Why something is done or awaited. Event, log line, condition, `sluice why` and dashboard render this one value.
///
/// @param code a stable word to group and to test by, such as `StepReached`
/// @param sentence the reason in words an operator is shown, numbers included
public record Because(String code, String sentence) {
    public Because {
        Objects.requireNonNull(code);
        Objects.requireNonNull(sentence);
    }

    public static Because of(String code, String sentence, Object... values) {
        return new Because(code, values.length == 0 ? sentence : sentence.formatted(values));
    }

    @Override
    public String toString() {
        return code + ": " + sentence;
    }
}
