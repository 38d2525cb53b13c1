package dev.sluice.kube;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// How long something took, many times: a cumulative histogram as Prometheus shows it.
///
/// @param counts for each of [#BOUNDS] how many took at most so long
/// @param count all of them, those beyond the last bound included
/// @param sum of all
public record Distribution(List<Long> counts, long count, Duration sum) {
    /// Upper bounds of the buckets.
    public static final List<Duration> BOUNDS = List.of(
            Duration.ofNanos(100_000),
            Duration.ofMillis(1),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60));

    public Distribution {
        counts = List.copyOf(counts);
    }

    /// Collects durations; not safe for use by several threads at once, its owner locks.
    static final class Recorder {
        private final long[] within = new long[BOUNDS.size()];
        private long count;
        private Duration sum = Duration.ZERO;

        void record(Duration duration) {
            count++;
            sum = sum.plus(duration);
            for (int i = within.length - 1; i >= 0 && duration.compareTo(BOUNDS.get(i)) <= 0; i--) within[i]++;
        }

        Distribution snapshot() {
            return new Distribution(Arrays.stream(within).boxed().toList(), count, sum);
        }
    }
}
