package dev.sluice.local.api;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// A clock that moves only when told to; tasks run on the caller's thread, in order of instant and then of asking.
final class SteppedTime implements Time {
    private record Task(Instant when, Runnable work) {}

    private final List<Task> tasks = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-21T09:30:00Z");

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public Timer at(Instant when, Runnable work) {
        var task = new Task(when, work);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    /// Runs everything that is due now.
    void settle() {
        pass(Duration.ZERO);
    }

    void pass(Duration span) {
        var end = now.plus(span);
        while (true) {
            var next = tasks.stream().filter(task -> !task.when().isAfter(end)).min(Comparator.comparing(Task::when));
            if (next.isEmpty()) break;
            tasks.remove(next.get());
            if (next.get().when().isAfter(now)) now = next.get().when();
            next.get().work().run();
        }
        now = end;
    }
}
