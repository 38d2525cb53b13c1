package dev.sluice.kube;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/// A clock that moves only when told to, and runs what is due on the caller's thread, in order.
public final class VirtualTime implements Time {
    private record Event(Instant when, long serial, Runnable task) {}

    private final TreeSet<Event> events =
            new TreeSet<>(Comparator.comparing(Event::when).thenComparing(Event::serial));
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long serial;

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public Timer at(Instant when, Runnable task) {
        var event = new Event(when.isBefore(now) ? now : when, serial++, task);
        events.add(event);
        return () -> events.remove(event);
    }

    /// Runs the next event, moving the clock to it.
    public boolean step() {
        var event = events.pollFirst();
        if (event == null) return false;
        if (event.when().isAfter(now)) now = event.when();
        event.task().run();
        return true;
    }

    /// Runs what is due within a while, then moves the clock to its end.
    public void advance(Duration by) {
        var end = now.plus(by);
        while (!events.isEmpty() && !events.getFirst().when().isAfter(end)) step();
        if (end.isAfter(now)) now = end;
    }

    /// Moves the clock while a task holds the only thread: what falls due meanwhile runs once that has ended.
    public void block(Duration by) {
        now = now.plus(by);
    }

    /// Runs what is due now, and what that makes due now.
    public void settle() {
        advance(Duration.ZERO);
    }

    /// Runs events until something holds.
    ///
    /// @throws AssertionError when it does not hold within `limit`
    public void until(Duration limit, BooleanSupplier holds) {
        var end = now.plus(limit);
        while (!holds.getAsBoolean()) {
            if (events.isEmpty() || events.getFirst().when().isAfter(end)) {
                throw new AssertionError("did not hold within " + limit + " of virtual time");
            }
            step();
        }
    }

    public int pending() {
        return events.size();
    }
}
