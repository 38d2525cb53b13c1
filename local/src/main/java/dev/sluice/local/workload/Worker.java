package dev.sluice.local.workload;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs one controller: keys come in, each is reconciled by one task at a time, and again while it is not settled.
///
/// ```
///   add ──► waiting ──(settle)──► running ──► gone from the table
///              ▲                    │
///              └── added meanwhile, └── asked for a later look, or failed (5 ms, 10 ms, … 30 s)
/// ```
///
/// Level-triggered: however often a key is added while it waits, it runs once. Settling for some milliseconds turns a
/// burst of events into one look.
final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(5);
    private static final Duration LAST_BACKOFF = Duration.ofSeconds(30);
    private static final int TURNS = 50;
    private static final long TURN_MILLIS = 100;

    private final String name;
    private final Time time;
    private final Duration settle;
    private final Function<Key, Outcome> reconcile;
    private final Map<Key, Slot> slots = new TreeMap<>();
    private int running;
    private long errors;
    private boolean closed;

    private static final class Slot {
        private boolean running;
        private boolean dirty;
        private int failures;
        private Optional<Instant> due = Optional.empty();
        private Optional<Time.Timer> timer = Optional.empty();
    }

    Worker(String name, Time time, Duration settle, Function<Key, Outcome> reconcile) {
        this.name = name;
        this.time = time;
        this.settle = settle;
        this.reconcile = reconcile;
    }

    /// Asks for a look at a key.
    synchronized void add(Key key) {
        if (closed) return;
        var slot = slots.computeIfAbsent(key, _ -> new Slot());
        if (slot.running) slot.dirty = true;
        // A key that failed waits for its turn: an event must not turn backing off into hammering.
        else if (slot.failures == 0 || slot.due.isEmpty())
            arm(key, slot, time.now().plus(settle));
    }

    private void arm(Key key, Slot slot, Instant when) {
        if (slot.due.filter(due -> !due.isAfter(when)).isPresent()) return;
        slot.timer.ifPresent(Time.Timer::cancel);
        slot.due = Optional.of(when);
        slot.timer = Optional.of(time.at(when, () -> run(key, slot)));
    }

    private void run(Key key, Slot slot) {
        synchronized (this) {
            if (closed) return;
            slot.due = Optional.empty();
            slot.timer = Optional.empty();
            if (slot.running) {
                slot.dirty = true;
                return;
            }
            slot.running = true;
            slot.dirty = false;
            running++;
        }
        var outcome = attempt(key);
        synchronized (this) {
            running--;
            notifyAll();
            slot.running = false;
            if (closed) return;
            switch (outcome) {
                case Outcome.Settled() -> slot.failures = 0;
                case Outcome.Again(var when) -> {
                    slot.failures = 0;
                    arm(key, slot, when);
                }
                case Outcome.Failed(var why) -> {
                    var wait = FIRST_BACKOFF.multipliedBy(1L << Math.min(slot.failures++, 20));
                    if (slot.failures == 8) LOG.warn("{} {}: failed {} times, goes on trying: {}", name, key, 8, why);
                    arm(key, slot, time.now().plus(wait.compareTo(LAST_BACKOFF) < 0 ? wait : LAST_BACKOFF));
                }
            }
            if (slot.dirty && slot.failures == 0) arm(key, slot, time.now().plus(settle));
            slot.dirty = false;
            if (slot.due.isEmpty()) slots.remove(key);
        }
    }

    private Outcome attempt(Key key) {
        try {
            return reconcile.apply(key);
        } catch (RuntimeException | AssertionError | LinkageError ours) {
            LOG.error("{} {}: an error of ours; this pass is lost, the next is tried", name, key, ours);
            synchronized (this) {
                errors++;
            }
            return new Outcome.Failed(ours.toString());
        }
    }

    /// Passes that ended with an error of ours; must stay zero.
    synchronized long errors() {
        return errors;
    }

    /// Starts no more passes and waits, for some seconds at most, for those under way.
    @Override
    public synchronized void close() {
        if (closed) return;
        closed = true;
        slots.values().forEach(slot -> slot.timer.ifPresent(Time.Timer::cancel));
        slots.clear();
        for (int turn = 0; running > 0 && turn < TURNS; turn++) {
            try {
                wait(TURN_MILLIS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
