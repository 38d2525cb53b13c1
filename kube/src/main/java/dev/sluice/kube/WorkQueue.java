package dev.sluice.kube;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Keys that want a pass, each at most once, each by one worker at a time.
///
/// ```
///            addAt (earliest wins)             poll                done
///   waiting ───────────────────────► ready ─────────► processing ───────► (gone)
///                  add ──────────────► │ ◄── dirty: added while processing ──┘
/// ```
///
/// - A key that is ready is not queued twice; one that is being processed is marked and becomes ready again at `done`.
/// - Ready keys come out first in, first out; a key that runs again goes to the end, so that no key starves another.
/// - A key waits for the earliest of its wishes. An `add` now does not take a later wish back: what it asked for then
///   may not be due before (a pause that ends in ten minutes is still to end).
///
/// Steppable: [#poll] and [#done] never block, so a simulator may call them from its one thread; [Workers] does the
/// same on virtual threads. `whenReady` is called, without a lock held, each time that a key becomes ready.
///
/// Locking: one monitor, never held while foreign code runs. Hash tables are used for look-up only; every order that
/// can be seen is that of arrival or of time.
public final class WorkQueue<K> {
    private record Wish<K>(Instant when, long serial, K key) {}

    /// What the queue has done so far.
    ///
    /// @param depth keys that are ready
    /// @param waiting keys with a wish for later
    /// @param adds keys that became ready, ever
    /// @param retries calls of `retry`, ever
    /// @param latency from ready to `poll`
    /// @param work from `poll` to `done`
    public record Stats(
            int depth, int waiting, int processing, long adds, long retries, Distribution latency, Distribution work) {}

    private final Time time;
    private final Backoff backoff;

    private final ArrayDeque<K> ready = new ArrayDeque<>();
    private final Map<K, Instant> readySince = new HashMap<>();
    private final Map<K, Instant> processing = new HashMap<>();
    private final Set<K> dirty = new HashSet<>();
    private final TreeSet<Wish<K>> wishes =
            new TreeSet<>(Comparator.comparing((Wish<K> wish) -> wish.when()).thenComparingLong(Wish::serial));
    private final Map<K, Wish<K>> wishOf = new HashMap<>();
    private final Map<K, Integer> failures = new HashMap<>();
    private final Distribution.Recorder latency = new Distribution.Recorder();
    private final Distribution.Recorder work = new Distribution.Recorder();
    private Runnable whenReady = () -> {};
    private Time.@Nullable Timer alarm;
    private Instant alarmAt = Instant.MAX;
    private long serial;
    private long adds;
    private long retries;
    private boolean closed;

    public WorkQueue(Time time) {
        this(time, Backoff.WORK);
    }

    public WorkQueue(Time time, Backoff backoff) {
        this.time = time;
        this.backoff = backoff;
    }

    /// Sets what is called each time a key has become ready. Set it before the first key is added.
    public synchronized void whenReady(Runnable told) {
        whenReady = told;
    }

    /// Wants a pass as soon as possible.
    public void add(K key) {
        tell(addNow(key) ? 1 : 0);
    }

    /// Wants a pass at an instant; of several, the earliest stays.
    public void addAt(K key, Instant when) {
        if (!when.isAfter(time.now())) {
            add(key);
            return;
        }
        synchronized (this) {
            wish(key, when);
        }
    }

    /// Wants a pass after a while.
    public void addAfter(K key, Duration wait) {
        addAt(key, time.now().plus(wait));
    }

    /// Wants a pass after the key's own backoff, which doubles with each call until [#forget].
    public void retry(K key) {
        Duration wait;
        synchronized (this) {
            if (closed) return;
            retries++;
            wait = backoff.after(failures.merge(key, 1, Integer::sum));
        }
        addAfter(key, wait);
    }

    /// The key's pass went well: its next failure starts from the shortest backoff.
    public synchronized void forget(K key) {
        failures.remove(key);
    }

    /// Calls of [#retry] since the last [#forget].
    public synchronized int failures(K key) {
        return failures.getOrDefault(key, 0);
    }

    /// Takes the next ready key, if any. The caller owes a [#done].
    public Optional<K> poll() {
        K key;
        int others;
        synchronized (this) {
            int promoted = promoteDue();
            key = ready.poll();
            if (key == null) return Optional.empty();
            var now = time.now();
            var since = readySince.remove(key);
            if (since != null) latency.record(Duration.between(since, now));
            processing.put(key, now);
            others = Math.min(promoted, ready.size());
        }
        tell(others);
        return Optional.of(key);
    }

    /// The pass over a polled key is over; if the key was added meanwhile it is ready again.
    public void done(K key) {
        boolean again;
        synchronized (this) {
            var since = processing.remove(key);
            if (since == null) throw new IllegalStateException("done(" + key + ") without poll");
            work.record(Duration.between(since, time.now()));
            again = dirty.remove(key) && !closed && enqueue(key);
        }
        tell(again ? 1 : 0);
    }

    /// Takes no more keys, and forgets those that wait or are ready; passes under way may still be `done`.
    public synchronized void close() {
        closed = true;
        ready.clear();
        readySince.clear();
        dirty.clear();
        wishes.clear();
        wishOf.clear();
        failures.clear();
        rearm();
    }

    public synchronized Stats stats() {
        return new Stats(
                ready.size(), wishes.size(), processing.size(), adds, retries, latency.snapshot(), work.snapshot());
    }

    /// Keys that are ready.
    public synchronized int depth() {
        return ready.size();
    }

    /// Neither ready nor in process; wishes for later may exist.
    public synchronized boolean idle() {
        return ready.isEmpty() && processing.isEmpty();
    }

    private synchronized boolean addNow(K key) {
        if (closed) return false;
        if (processing.containsKey(key)) {
            dirty.add(key);
            return false;
        }
        return enqueue(key);
    }

    private boolean enqueue(K key) {
        if (readySince.containsKey(key)) return false;
        readySince.put(key, time.now());
        ready.add(key);
        adds++;
        return true;
    }

    private void wish(K key, Instant when) {
        if (closed) return;
        var old = wishOf.get(key);
        if (old != null && !when.isBefore(old.when())) return;
        if (old != null) wishes.remove(old);
        var wish = new Wish<>(when, serial++, key);
        wishOf.put(key, wish);
        wishes.add(wish);
        rearm();
    }

    /// @return how many keys became ready
    private synchronized int promoteDue() {
        var now = time.now();
        int promoted = 0;
        while (!wishes.isEmpty() && !wishes.getFirst().when().isAfter(now)) {
            var wish = wishes.removeFirst();
            wishOf.remove(wish.key());
            if (processing.containsKey(wish.key())) dirty.add(wish.key());
            else if (enqueue(wish.key())) promoted++;
        }
        rearm();
        return promoted;
    }

    /// One timer, for the earliest wish.
    private void rearm() {
        var next = wishes.isEmpty() ? Instant.MAX : wishes.getFirst().when();
        if (next.equals(alarmAt)) return;
        if (alarm != null) alarm.cancel();
        alarmAt = next;
        alarm = next.equals(Instant.MAX) ? null : time.at(next, () -> ring(next));
    }

    private void ring(Instant rung) {
        int promoted;
        synchronized (this) {
            if (alarmAt.equals(rung)) {
                alarm = null;
                alarmAt = Instant.MAX;
            }
            promoted = promoteDue();
        }
        tell(promoted);
    }

    private void tell(int becameReady) {
        if (becameReady == 0) return;
        Runnable told;
        synchronized (this) {
            told = whenReady;
        }
        for (int i = 0; i < becameReady; i++) told.run();
    }
}
