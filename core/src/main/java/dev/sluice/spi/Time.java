package dev.sluice.spi;

import java.time.Instant;

/// The clock and the timer of the edge; `core` never sees it, it is told `now`.
///
/// Production: the system clock and virtual threads. Simulation: one thread and a queue ordered by instant, so that a
/// run is a function of its seed.
public interface Time {
    Instant now();

    /// Runs a task at an instant, or as soon as possible where that has passed. Tasks may run at once with each other
    /// in production; a task that throws is reported and harms no other.
    Timer at(Instant when, Runnable task);

    /// Runs a task as soon as possible, off the caller's stack.
    default Timer soon(Runnable task) {
        return at(now(), task);
    }

    /// A task not yet run.
    interface Timer {
        /// Makes sure that the task does not start any more; no effect where it has.
        void cancel();
    }
}
