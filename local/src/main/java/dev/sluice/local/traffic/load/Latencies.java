package dev.sluice.local.traffic.load;

import java.time.Duration;
import java.util.Arrays;

/// Durations counted in logarithmic buckets of about 3 % width: a few kilobytes, however many there are.
public final class Latencies {
    private static final int FINE = 64;
    private static final int PER_DOUBLING = 32;
    private static final int BUCKETS = FINE + 31 * PER_DOUBLING;

    private final long[] counts;
    private long total;
    private long sum;
    private long longest;

    Latencies() {
        counts = new long[BUCKETS];
    }

    private Latencies(long[] counts, long total, long sum, long longest) {
        this.counts = counts;
        this.total = total;
        this.sum = sum;
        this.longest = longest;
    }

    void add(long nanos) {
        long micros = Math.max(0, nanos / 1000);
        counts[bucket(micros)]++;
        total++;
        sum += micros;
        longest = Math.max(longest, micros);
    }

    static int bucket(long micros) {
        if (micros < FINE) return (int) micros;
        int shift = 63 - Long.numberOfLeadingZeros(micros) - 5;
        return Math.min(BUCKETS - 1, FINE + (shift - 1) * PER_DOUBLING + (int) (micros >>> shift) - PER_DOUBLING);
    }

    /// The largest value of a bucket, microseconds.
    static long upper(int bucket) {
        if (bucket < FINE) return bucket;
        int shift = (bucket - FINE) / PER_DOUBLING + 1;
        int sub = PER_DOUBLING + (bucket - FINE) % PER_DOUBLING;
        return ((sub + 1L) << shift) - 1;
    }

    Latencies copy() {
        return new Latencies(counts.clone(), total, sum, longest);
    }

    /// What came after an earlier copy. The longest is that of the whole time.
    Latencies minus(Latencies earlier) {
        var difference = counts.clone();
        for (int i = 0; i < difference.length; i++) difference[i] -= earlier.counts[i];
        return new Latencies(difference, total - earlier.total, sum - earlier.sum, longest);
    }

    Latencies plus(Latencies other) {
        var both = counts.clone();
        for (int i = 0; i < both.length; i++) both[i] += other.counts[i];
        return new Latencies(both, total + other.total, sum + other.sum, Math.max(longest, other.longest));
    }

    public long count() {
        return total;
    }

    /// The value that a share of all does not exceed, up to the width of a bucket; zero where there is none.
    ///
    /// @param share 0 … 1, such as 0.99
    public Duration quantile(double share) {
        long rank = (long) Math.ceil(Math.clamp(share, 0, 1) * total);
        long below = 0;
        for (int i = 0; i < counts.length; i++) {
            below += counts[i];
            if (below >= Math.max(1, rank)) return Duration.ofNanos(1000 * Math.min(upper(i), longest));
        }
        return Duration.ZERO;
    }

    public Duration mean() {
        return total == 0 ? Duration.ZERO : Duration.ofNanos(1000 * sum / total);
    }

    public Duration longest() {
        return Duration.ofNanos(1000 * longest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Latencies latencies
                && total == latencies.total
                && Arrays.equals(counts, latencies.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return total + " in p50 " + quantile(0.5).toMillis() + " ms, p99 "
                + quantile(0.99).toMillis() + " ms";
    }
}
