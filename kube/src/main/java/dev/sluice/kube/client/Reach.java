package dev.sluice.kube.client;

import dev.sluice.cluster.Loss;
import dev.sluice.cluster.Reply;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What an operator is told about a server that is not reached: at once, then at most every 30 s, and that it is over.
///
/// A controller that cannot reach its cluster tries again for as long as it takes, with every list, watch and lease of
/// its own; each of these failing is no news, that they fail is. So it is told here, where all of them pass.
final class Reach {
    static final Duration EVERY = Duration.ofSeconds(30);

    private final Time time;
    private final String server;
    private Optional<Instant> told = Optional.empty();
    private boolean out;

    Reach(Time time, String server) {
        this.time = time;
        this.server = server;
    }

    /// An exchange got no answer.
    ///
    /// @return what to say of it; empty when that was said a moment ago
    synchronized Optional<String> lost(Reply.Lost lost) {
        var now = time.now();
        if (told.filter(last -> now.isBefore(last.plus(EVERY))).isPresent()) return Optional.empty();
        told = Optional.of(now);
        out = true;
        boolean late = lost.loss() == Loss.LATE;
        return Optional.of("the API server at " + server + (late ? " does not answer: " : " cannot be reached: ")
                + lost.why() + "; going on trying");
    }

    /// An exchange got an answer, whatever it says.
    ///
    /// @return what to say of it, where it was said before that there was none
    synchronized Optional<String> answered() {
        if (!out) return Optional.empty();
        out = false;
        return Optional.of("the API server at " + server + " answers again");
    }
}
