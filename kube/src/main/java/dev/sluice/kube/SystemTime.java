package dev.sluice.kube;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The production clock: wall time that runs at the monotonic rate, and one virtual thread per task.
///
/// Instants are wall time, because they are written into objects that others read; yet durations between two calls must
/// be those of the monotonic clock, because leadership is decided by them. So: the monotonic clock leads, a wall clock
/// that is ahead is followed at once (a machine that was suspended has really lost that time), one that is behind by up
/// to [#TOLERATED_STEP] is ignored, and only a greater step back is followed, with a warning.
public final class SystemTime implements Time, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SystemTime.class);

    /// The greatest step back of the wall clock that this clock does not follow.
    public static final Duration TOLERATED_STEP = Duration.ofSeconds(1);

    /// Timers look at the clock at least this often, so that one that is hours away notices a wall clock that was set.
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

    private final Supplier<Instant> wall;
    private final LongSupplier nanos;
    private final ScheduledThreadPoolExecutor alarm;
    private final Object anchorLock = new Object();
    private Instant anchor;
    private long anchorNanos;

    public SystemTime() {
        this(Instant::now, System::nanoTime);
    }

    SystemTime(Supplier<Instant> wall, LongSupplier nanos) {
        this.wall = wall;
        this.nanos = nanos;
        this.anchor = wall.get();
        this.anchorNanos = nanos.getAsLong();
        this.alarm = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("sluice-alarm").factory());
        alarm.setRemoveOnCancelPolicy(true);
        alarm.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Instant now() {
        synchronized (anchorLock) {
            var monotonic = anchor.plusNanos(nanos.getAsLong() - anchorNanos);
            var shown = wall.get();
            var ahead = Duration.between(shown, monotonic);
            if (!ahead.isNegative() && ahead.compareTo(TOLERATED_STEP) <= 0) return monotonic;
            if (!ahead.isNegative()) LOG.warn("the wall clock was set back by {}; following it", ahead);
            anchor = shown;
            anchorNanos = nanos.getAsLong();
            return shown;
        }
    }

    @Override
    public Timer at(Instant when, Runnable task) {
        var alarmed = new Alarmed(when, task);
        alarmed.arm();
        return alarmed;
    }

    @Override
    public Timer soon(Runnable task) {
        var alarmed = new Alarmed(Instant.MIN, task);
        alarmed.start();
        return alarmed;
    }

    /// Forgets every timer; tasks that run go on. Later timers do not fire.
    @Override
    public void close() {
        alarm.shutdownNow();
    }

    private final class Alarmed implements Timer, Runnable {
        private final Instant when;
        private final Runnable task;
        private final AtomicBoolean over = new AtomicBoolean();
        private final AtomicReference<java.util.concurrent.Future<?>> sleep = new AtomicReference<>();

        Alarmed(Instant when, Runnable task) {
            this.when = when;
            this.task = task;
        }

        void arm() {
            var left = Duration.between(now(), when);
            if (!left.isPositive()) {
                start();
                return;
            }
            var nap = left.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : left;
            try {
                sleep.set(alarm.schedule(this, nap.toNanos(), TimeUnit.NANOSECONDS));
            } catch (RejectedExecutionException closed) {
                over.set(true);
            }
            // A cancel that came between its look at `sleep` and our setting of it:
            if (over.get()) cancelSleep();
        }

        @Override
        public void run() {
            if (!over.get()) arm();
        }

        void start() {
            if (!over.compareAndSet(false, true)) return;
            Thread.ofVirtual().name("sluice-task").start(() -> {
                try {
                    task.run();
                } catch (Throwable harmsNoOther) {
                    LOG.error("a timed task failed", harmsNoOther);
                }
            });
        }

        @Override
        public void cancel() {
            if (over.compareAndSet(false, true)) cancelSleep();
        }

        private void cancelSleep() {
            var pending = sleep.get();
            if (pending != null) pending.cancel(false);
        }
    }
}
