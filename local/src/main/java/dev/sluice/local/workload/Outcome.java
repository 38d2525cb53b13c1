package dev.sluice.local.workload;

import dev.sluice.cluster.Reply;
import java.time.Instant;
import java.util.Optional;

/// How one reconcile ended.
sealed interface Outcome {
    /// Nothing to do until something changes.
    record Settled() implements Outcome {}

    /// Look again at an instant, even if nothing changes.
    record Again(Instant when) implements Outcome {}

    /// The world said no: try again, later each time.
    record Failed(String why) implements Outcome {}

    static Outcome settled() {
        return new Settled();
    }

    static Outcome at(Optional<Instant> when) {
        return when.<Outcome>map(Again::new).orElseGet(Outcome::settled);
    }

    /// The outcome of a write: an object that has gone needs nothing more; its removal is an event of its own.
    static Outcome of(Reply reply) {
        return switch (reply) {
            case Reply.Done _ -> settled();
            case Reply.Refused refused when refused.notFound() -> settled();
            case Reply.Refused refused ->
                new Failed(refused.code() + " " + refused.reason() + ": " + refused.message());
            case Reply.Lost(var _, var why) -> new Failed("no answer: " + why);
        };
    }

    default boolean failed() {
        return this instanceof Failed;
    }

    /// Both: a failure wins, then the earlier wake-up.
    default Outcome and(Outcome other) {
        if (failed()) return this;
        if (other.failed()) return other;
        if (this instanceof Again(var mine) && other instanceof Again(var theirs)) {
            return mine.isBefore(theirs) ? this : other;
        }
        return this instanceof Again ? this : other;
    }
}
