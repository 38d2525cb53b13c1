package dev.sluice.kube.client;

import java.time.Duration;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Counts calls, as `controller_clientset_k8s_request_total` shows them.
///
/// Bounded: once [#LIMIT] series exist, calls of new ones are counted without namespace and name.
public final class CallCounts implements Consumer<Call> {
    /// The most series with a name.
    public static final int LIMIT = 5_000;

    /// @param status the HTTP status; 0 where no answer came
    public record Series(String kind, String namespace, String name, String verb, int status)
            implements Comparable<Series> {
        private static final Comparator<Series> ORDER = Comparator.comparing(Series::kind)
                .thenComparing(Series::namespace)
                .thenComparing(Series::name)
                .thenComparing(Series::verb)
                .thenComparingInt(Series::status);

        @Override
        public int compareTo(Series other) {
            return ORDER.compare(this, other);
        }
    }

    private final TreeMap<Series, Long> counts = new TreeMap<>();
    private Duration throttled = Duration.ZERO;
    private long throttledCalls;

    @Override
    public synchronized void accept(Call call) {
        var series = new Series(call.kind(), call.namespace(), call.name(), call.verb(), call.status());
        if (counts.size() >= LIMIT && !counts.containsKey(series)) {
            series = new Series(call.kind(), "", "", call.verb(), call.status());
        }
        counts.merge(series, 1L, Long::sum);
        if (call.throttled().isPositive()) {
            throttledCalls++;
            throttled = throttled.plus(call.throttled());
        }
    }

    public synchronized SortedMap<Series, Long> counts() {
        return new TreeMap<>(counts);
    }

    /// Calls of one verb on one kind with one status, over all objects.
    public synchronized long count(String verb, String kind, int status) {
        return counts.entrySet().stream()
                .filter(entry -> entry.getKey().verb().equals(verb)
                        && entry.getKey().kind().equals(kind)
                        && entry.getKey().status() == status)
                .mapToLong(entry -> entry.getValue())
                .sum();
    }

    /// How long calls were held back by our own rate limit, in all.
    public synchronized Duration throttled() {
        return throttled;
    }

    public synchronized long throttledCalls() {
        return throttledCalls;
    }
}
