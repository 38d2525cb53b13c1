package dev.sluice.kube;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Calls of foreign code, one at a time and in their order, by whichever thread is there.
///
/// Add under one's own lock, where the order is decided; [#run] without it.
final class Serial {
    private static final Logger LOG = LoggerFactory.getLogger(Serial.class);

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean running;

    synchronized void add(Runnable task) {
        tasks.add(task);
    }

    void run() {
        while (true) {
            Runnable first;
            synchronized (this) {
                if (running || tasks.isEmpty()) return;
                running = true;
                first = tasks.removeFirst();
            }
            try {
                first.run();
            } catch (RuntimeException ours) {
                LOG.error("a listener crashed", ours);
            } finally {
                synchronized (this) {
                    running = false;
                }
            }
        }
    }
}
