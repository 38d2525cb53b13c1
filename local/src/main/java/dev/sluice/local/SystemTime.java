package dev.sluice.local;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The system's clock: one thread waits, each task runs on a virtual thread of its own. After [#close] nothing starts.
public final class SystemTime implements Time, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SystemTime.class);
    private static final int NEW = 0;
    private static final int STARTED = 1;
    private static final int CANCELLED = 2;

    private final ScheduledThreadPoolExecutor alarm = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("sluice-time").factory());
    private final AtomicInteger running = new AtomicInteger();

    public SystemTime() {
        alarm.setRemoveOnCancelPolicy(true);
        alarm.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public Timer at(Instant when, Runnable task) {
        var once = new AtomicInteger(NEW);
        Runnable start = () -> {
            if (once.compareAndSet(NEW, STARTED)) run(task);
        };
        long nanos = Math.max(0, saturated(Duration.between(now(), when)));
        if (alarm.isShutdown()) return () -> {};
        if (nanos == 0) {
            start.run();
            return () -> once.compareAndSet(NEW, CANCELLED);
        }
        try {
            var waiting = alarm.schedule(start, nanos, TimeUnit.NANOSECONDS);
            return () -> {
                if (once.compareAndSet(NEW, CANCELLED)) waiting.cancel(false);
            };
        } catch (java.util.concurrent.RejectedExecutionException closedMeanwhile) {
            return () -> {};
        }
    }

    private void run(Runnable task) {
        running.incrementAndGet();
        Thread.ofVirtual().name("sluice-task").start(() -> {
            try {
                task.run();
            } catch (Throwable error) {
                LOG.error("a task ended with an error; the others go on", error);
            } finally {
                running.decrementAndGet();
            }
        });
    }

    private static long saturated(Duration duration) {
        return duration.compareTo(Duration.ofDays(36_500)) > 0 ? Long.MAX_VALUE / 4 : duration.toNanos();
    }

    /// How many tasks are running at this moment.
    public int running() {
        return running.get();
    }

    @Override
    public void close() {
        alarm.shutdownNow();
    }
}
