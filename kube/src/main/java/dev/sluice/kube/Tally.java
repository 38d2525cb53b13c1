package dev.sluice.kube;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What became of the passes over each object: how long they took, how many failed, and which events were told.
///
/// Bounded: an object that is gone is kept for [#LINGERS], so that its last counts are still collected once, and no
/// more than [#LIMIT] objects are counted one by one; what is beyond is not counted.
///
/// @param <K> an object's key
/// @see "Argo Rollouts spec F2"
public final class Tally<K extends Comparable<K>> {
    /// Upper bounds of the buckets: those of `rollout_reconcile`.
    public static final List<Duration> BOUNDS = List.of(
            Duration.ofMillis(10),
            Duration.ofMillis(150),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1));

    /// Two collections at the usual interval of 30 s, and a little.
    public static final Duration LINGERS = Duration.ofSeconds(65);

    /// The most objects.
    public static final int LIMIT = 10_000;

    /// An event as it is counted.
    public record Told(boolean warning, String reason) implements Comparable<Told> {
        @Override
        public int compareTo(Told other) {
            int byReason = reason.compareTo(other.reason);
            return byReason != 0 ? byReason : Boolean.compare(warning, other.warning);
        }
    }

    /// @param within for each of [#BOUNDS] how many passes took at most so long
    /// @param passes all of them
    /// @param took all of them together
    /// @param failed those that failed
    /// @param told how often each event was told
    public record Series(List<Long> within, long passes, Duration took, long failed, Map<Told, Long> told) {}

    private static final class Counts {
        private final long[] within = new long[BOUNDS.size()];
        private long passes;
        private Duration took = Duration.ZERO;
        private long failed;
        private final TreeMap<Told, Long> told = new TreeMap<>();

        Series series() {
            var copy = new ArrayList<Long>();
            for (long count : within) copy.add(count);
            return new Series(List.copyOf(copy), passes, took, failed, new TreeMap<>(told));
        }
    }

    private final Time time;
    private final Map<K, Counts> counts = new HashMap<>();
    /// Those that are gone, and since when, the longest first.
    private final LinkedHashMap<K, Instant> gone = new LinkedHashMap<>();

    public Tally(Time time) {
        this.time = time;
    }

    /// A pass over an object that is there has ended.
    public synchronized void passed(K key, Duration took, boolean failed) {
        gone.remove(key);
        sweep();
        if (!counts.containsKey(key) && counts.size() >= LIMIT) return;
        var of = counts.computeIfAbsent(key, _ -> new Counts());
        of.passes++;
        of.took = of.took.plus(took);
        if (failed) of.failed++;
        for (int i = of.within.length - 1; i >= 0 && took.compareTo(BOUNDS.get(i)) <= 0; i--) of.within[i]++;
    }

    /// An event was told about an object.
    public synchronized void told(K key, boolean warning, String reason) {
        if (!counts.containsKey(key) && counts.size() >= LIMIT) return;
        counts.computeIfAbsent(key, _ -> new Counts()).told.merge(new Told(warning, reason), 1L, Long::sum);
    }

    /// An object is not there any more.
    public synchronized void gone(K key) {
        if (counts.containsKey(key)) gone.putIfAbsent(key, time.now());
        sweep();
    }

    /// The counts of every object, those included that are gone since a moment.
    public synchronized Map<K, Series> series() {
        sweep();
        var series = new TreeMap<K, Series>();
        counts.forEach((key, of) -> series.put(key, of.series()));
        return series;
    }

    private void sweep() {
        var before = time.now().minus(LINGERS);
        var all = gone.entrySet().iterator();
        while (all.hasNext()) {
            var first = all.next();
            if (first.getValue().isAfter(before)) return;
            counts.remove(first.getKey());
            all.remove();
        }
    }
}
