package dev.sluice.kube;

import dev.sluice.spi.Time;
import java.time.Instant;

/// The right to write, for one term of leadership: lent until an instant, and again with each renewal.
///
/// It lapses by itself. A leader that is cut off, or that was asleep, cannot know that another was
/// elected; but it knows that its own time is up. A clock that went backwards voids it until the next
/// renewal.
public final class Fence {
    private final Time time;
    private final long term;
    private Instant until;
    private Instant seen;
    private boolean ended;

    Fence(Time time, long term, Instant until) {
        this.time = time;
        this.term = term;
        this.until = until;
        this.seen = time.now();
    }

    /// For a controller that runs alone, by its operator's word.
    public static Fence open(Time time) {
        return new Fence(time, 0, Instant.MAX);
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

    synchronized void renew(Instant newUntil) {
        seen = time.now();
        until = newUntil;
    }

    /// Ends it for good.
    synchronized void end() {
        ended = true;
    }
}
