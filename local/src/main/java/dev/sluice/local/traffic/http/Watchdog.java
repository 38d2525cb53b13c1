package dev.sluice.local.traffic.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends what a socket cannot end by itself: reads have a timeout, writes have none. One thread for any number
/// of connections.
public final class Watchdog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Watchdog.class);

    private final Set<Wire> wires = ConcurrentHashMap.newKeySet();
    private final CopyOnWriteArrayList<Runnable> rounds = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /// @param every how often it looks; the precision of write timeouts
    public Watchdog(Duration every) {
        thread = Thread.ofVirtual().name("watchdog").start(() -> run(every));
    }

    /// Runs a task on every round; it must be short.
    public void onRound(Runnable task) {
        rounds.add(task);
    }

    void watch(Wire wire) {
        wires.add(wire);
    }

    void forget(Wire wire) {
        wires.remove(wire);
    }

    /// Connections now open, of all listeners and pools that share this watchdog.
    public int connections() {
        return wires.size();
    }

    private void run(Duration every) {
        try {
            while (!closed.await(every.toNanos(), TimeUnit.NANOSECONDS)) {
                long now = System.nanoTime();
                for (var wire : wires) {
                    if (wire.lateAt(now)) wire.close();
                }
                for (var round : rounds) round(round);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void round(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException bug) {
            log.error("watchdog round failed", bug);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        for (var wire : wires) wire.close();
    }
}
