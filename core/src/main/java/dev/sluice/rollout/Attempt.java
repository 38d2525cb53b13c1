package dev.sluice.rollout;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// `status.duration`: how long an attempt to bring a revision to everybody takes, and how much of that people waited.
///
/// @param startedAt `rolloutStartedAt`
/// @param pausedAt `manualPauseStartedAt`: since when it waits for a person; absent while it does not
/// @param paused `totalManualPauseDurationSeconds`, without the pause that is under way
/// @param finishedAt absent while it is under way
/// @param end `completionStatus`, such as `Promoted`; empty while it is under way
public record Attempt(
        Instant startedAt, Optional<Instant> pausedAt, Duration paused, Optional<Instant> finishedAt, String end) {
    static Attempt begun(Instant now) {
        return new Attempt(now, Optional.empty(), Duration.ZERO, Optional.empty(), "");
    }

    boolean underWay() {
        return finishedAt.isEmpty();
    }

    /// The same at a moment at which it waits for a person, or does not.
    Attempt waiting(boolean forPerson, Instant now) {
        if (forPerson == pausedAt.isPresent()) return this;
        return forPerson
                ? new Attempt(startedAt, Optional.of(now), paused, finishedAt, end)
                : new Attempt(startedAt, Optional.empty(), until(now), finishedAt, end);
    }

    Attempt finished(String how, Instant now) {
        return new Attempt(startedAt, Optional.empty(), until(now), Optional.of(now), how);
    }

    private Duration until(Instant now) {
        return pausedAt.map(since -> paused.plus(Duration.between(since, now))).orElse(paused);
    }
}
