package dev.sluice.kube;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The right to write, for one term of leadership: lent until an instant, and again with each renewal.
///
/// It lapses by itself. A leader that is cut off, or that was asleep, cannot know that another was
/// elected; but it knows that its own time is up. A clock that went backwards voids it until the next
/// renewal.
public final class Fence {
    private final Time time;
    private final long term;
    private final Duration inFlight;
    private Instant until;
    private Instant seen;
    private boolean ended;

    /// @param inFlight how long after `until` a write that left before may still arrive
    Fence(Time time, long term, Instant until, Duration inFlight) {
        this.time = time;
        this.term = term;
        this.inFlight = inFlight;
        this.until = until;
        this.seen = time.now();
    }

    /// For a controller that runs alone, by its operator's word.
    public static Fence open(Time time) {
        return new Fence(time, 0, Instant.MAX, Duration.ZERO);
    }

    /// Counts the terms of this process, from 1; 0 for one that is [#open].
    public long term() {
        return term;
    }

    /// Whether the term is held, as far as this process can know without asking.
    public synchronized boolean holds() {
        var now = time.now();
        if (now.isBefore(seen) && !until.equals(Instant.MAX)) until = Instant.MIN;
        seen = now;
        return !ended && now.isBefore(until);
    }

    /// How long a write that leaves now may be under way, so that it is over before another can lead; empty when
    /// it may not leave.
    public synchronized Optional<Duration> left() {
        if (!holds()) return Optional.empty();
        if (until.equals(Instant.MAX)) return Optional.of(Duration.ofSeconds(Long.MAX_VALUE));
        return Optional.of(Duration.between(seen, until).plus(inFlight));
    }

    synchronized void renew(Instant newUntil) {
        seen = time.now();
        until = newUntil;
    }

    /// Ends it for good.
    synchronized void end() {
        ended = true;
    }
}
