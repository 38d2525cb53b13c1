package dev.sluice.local;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/// A clock that moves only when told to: one thread, tasks in the order of (instant, order of asking).
///
/// A run is a function of what was asked for and in which order; nothing here reads a real clock. Not safe for use by
/// more than one thread, and says so.
public final class VirtualTime implements Time {
    /// Where a simulated world begins, so that transcripts of different days compare equal.
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final Comparator<Task> ORDER =
            Comparator.comparing((Task task) -> task.when).thenComparingLong(task -> task.sequence);

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(ORDER);
    private final Thread owner = Thread.currentThread();
    private Instant now = START;
    private long sequence;
    private long ran;
    private boolean running;

    private static final class Task implements Timer {
        private final Instant when;
        private final long sequence;
        private final Runnable work;
        private boolean cancelled;

        Task(Instant when, long sequence, Runnable work) {
            this.when = when;
            this.sequence = sequence;
            this.work = work;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    /// Too many tasks for the time allowed: something asks for itself again and again.
    public static final class Runaway extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        Runaway(long bound, Instant at) {
            super("more than " + bound + " tasks ran before the clock reached its aim; it stands at " + at
                    + ". Something schedules itself without end");
        }
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public Timer at(Instant when, Runnable work) {
        if (!Thread.currentThread().equals(owner)) {
            throw new IllegalStateException("virtual time belongs to " + owner + ", not to " + Thread.currentThread());
        }
        var task = new Task(when.isBefore(now) ? now : when, sequence++, work);
        tasks.add(task);
        return task;
    }

    /// Runs the next task, moving the clock to it.
    ///
    /// @return false when there is none
    public boolean step() {
        return step(Instant.MAX);
    }

    private boolean step(Instant end) {
        if (running) throw new IllegalStateException("a task must not move the clock it runs on");
        while (true) {
            var task = tasks.peek();
            if (task == null || task.when.isAfter(end)) return false;
            tasks.remove();
            if (task.cancelled) continue;
            now = task.when;
            ran++;
            running = true;
            try {
                task.work.run();
            } finally {
                running = false;
            }
            return true;
        }
    }

    /// Runs everything due up to and including `end`, then stands there. A task that throws ends the
    /// run with its error: in a simulation an error of ours must not be overlooked.
    ///
    /// @throws Runaway after `bound` tasks
    public void runUntil(Instant end, long bound) {
        for (long count = 0; step(end); count++) {
            if (count >= bound) throw new Runaway(bound, now);
        }
        if (now.isBefore(end)) now = end;
    }

    /// [#runUntil] for a span, with a bound of ten million tasks.
    public void run(Duration span) {
        runUntil(now.plus(span), 10_000_000);
    }

    /// Runs until the condition holds, looking after every task.
    ///
    /// @return whether it held before the span was over
    public boolean runUntil(BooleanSupplier condition, Duration span) {
        var end = now.plus(span);
        for (long count = 0; !condition.getAsBoolean(); count++) {
            if (count >= 10_000_000) throw new Runaway(count, now);
            if (!step(end)) {
                now = end;
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    /// Lets a task stand still until an instant while everything else goes on: a process that hangs
    /// between two of its steps, with one thread for all of the world. What is due at that very
    /// instant runs after the task has gone on.
    ///
    /// May be nested; the outer task then stands for as long as the inner one does.
    ///
    /// @throws IllegalStateException when no task runs
    /// @throws Runaway after ten million tasks
    public void stand(Instant until) {
        if (!running) throw new IllegalStateException("only a task can stand still");
        running = false;
        try {
            for (long count = 0; step(until.minusNanos(1)); count++) {
                if (count >= 10_000_000) throw new Runaway(count, now);
            }
        } finally {
            running = true;
        }
        if (now.isBefore(until)) now = until;
    }

    /// How many tasks ran so far.
    public long ran() {
        return ran;
    }

    /// How many tasks wait, cancelled ones included.
    public int waiting() {
        return tasks.size();
    }
}
