package dev.sluice.kube;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the passes of one [WorkQueue], at most `size` at once.
///
/// There are no waiting threads: a key that becomes ready starts a task through [Time], which in production is a
/// virtual thread and under virtual time the next event of the one thread. So both run this same code.
public final class Workers<K> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

    /// One pass over one key.
    public interface Pass<K> {
        /// @return true when the key's backoff starts afresh, false to run it again after its backoff
        boolean over(K key);
    }

    private final WorkQueue<K> queue;
    private final Time time;
    private final int size;
    private final Pass<K> pass;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition resting = lock.newCondition();
    private int active;
    private long crashes;
    private boolean stopped;

    /// Starts to work off a queue.
    public Workers(WorkQueue<K> queue, Time time, int size, Pass<K> pass) {
        if (size < 1) throw new IllegalArgumentException("workers: " + size + " is below 1");
        this.queue = queue;
        this.time = time;
        this.size = size;
        this.pass = pass;
        queue.whenReady(this::wake);
        for (int i = 0; i < Math.min(size, queue.depth()); i++) wake();
    }

    /// Starts one more task unless all are busy. A busy one looks for the next key before it ends, so none is missed.
    private void wake() {
        lock.lock();
        try {
            if (stopped || active == size) return;
            active++;
        } finally {
            lock.unlock();
        }
        time.soon(this::work);
    }

    /// One key per task: under virtual time other events get their turn between two passes.
    private void work() {
        boolean stop;
        lock.lock();
        try {
            stop = stopped;
        } finally {
            lock.unlock();
        }
        var key = stop ? Optional.<K>empty() : queue.poll();
        key.ifPresent(this::run);
        lock.lock();
        try {
            active--;
            if (active == 0) resting.signalAll();
        } finally {
            lock.unlock();
        }
        // Only now, when this worker no longer counts as busy: a key that became ready before is seen here,
        // one that becomes ready later wakes a worker itself.
        if (queue.depth() > 0) wake();
    }

    private void run(K key) {
        try {
            if (pass.over(key)) queue.forget(key);
            else queue.retry(key);
        } catch (RuntimeException | Error ours) {
            LOG.error("the pass over {} crashed; it runs again after its backoff", key, ours);
            lock.lock();
            try {
                crashes++;
            } finally {
                lock.unlock();
            }
            queue.retry(key);
        } finally {
            queue.done(key);
        }
    }

    /// Passes that ended in an exception, ever.
    public long crashes() {
        lock.lock();
        try {
            return crashes;
        } finally {
            lock.unlock();
        }
    }

    /// Starts no more passes and closes the queue; those under way go on.
    @Override
    public void close() {
        lock.lock();
        try {
            stopped = true;
        } finally {
            lock.unlock();
        }
        queue.close();
    }

    /// No pass is under way.
    public boolean resting() {
        lock.lock();
        try {
            return active == 0;
        } finally {
            lock.unlock();
        }
    }

    /// Closes, then waits for the passes under way. Not for use under virtual time, which cannot wait.
    ///
    /// @return false when some still ran after `patience`
    public boolean drain(Duration patience) throws InterruptedException {
        close();
        lock.lock();
        try {
            long left = patience.toNanos();
            while (active > 0) {
                if (left <= 0) return false;
                left = resting.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
