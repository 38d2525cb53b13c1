package dev.sluice.local.traffic.promql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// The recent past of many series, scraped together at the same instants.
///
/// A series is kept as its changes: one that stands still costs nothing, and a thousand idle pods do. Between
/// two changes it has, as it had when scraped, one sample per scrape. A series that a scrape did not bring is
/// over from then on, as with Prometheus' staleness markers.
///
/// Bounded by `retention` scrapes and `maxSeries` series; series beyond that are dropped and counted.
final class SeriesStore {
    private static final double OVER = Double.longBitsToDouble(0x7ff0000000000002L);

    private final int retention;
    private final int maxSeries;
    private final long[] times;
    private long scrapes;
    private final Map<Labels, Series> series = new HashMap<>();
    private long dropped;

    SeriesStore(int retention, int maxSeries) {
        this.retention = retention;
        this.maxSeries = maxSeries;
        this.times = new long[retention];
    }

    /// The samples of one series, oldest first.
    ///
    /// @param overAt the scrapes that were the first without the series
    static final class Samples {
        private final Labels labels;
        private final long[] times;
        private final double[] values;
        private final long[] overAt;

        private Samples(Labels labels, long[] times, double[] values, long[] overAt) {
            this.labels = labels;
            this.times = times;
            this.values = values;
            this.overAt = overAt;
        }

        Labels labels() {
            return labels;
        }

        long time(int index) {
            return times[index];
        }

        double value(int index) {
            return values[index];
        }

        /// The index of the last sample at or before an instant, −1 where there is none.
        int lastAt(long time) {
            return last(times, time);
        }

        private static int last(long[] times, long time) {
            int found = Arrays.binarySearch(times, time);
            return found >= 0 ? found : -found - 2;
        }

        /// The index of the sample in force at an instant, −1 where there is none or the series is over.
        int inForceAt(long time, long lookback) {
            int index = lastAt(time);
            if (index < 0 || times[index] <= time - lookback) return -1;
            int over = last(overAt, time);
            return over >= 0 && overAt[over] > times[index] ? -1 : index;
        }
    }

    private static final class Series {
        private long[] scrape = new long[4];
        private double[] value = new double[4];
        private int size;
        private long last;

        void add(long at, double now) {
            if (size > 0 && last < at - 1) push(last + 1, OVER);
            if (size == 0 || !same(value[size - 1], now)) push(at, now);
            last = at;
        }

        private static boolean same(double one, double other) {
            return Double.doubleToRawLongBits(one) == Double.doubleToRawLongBits(other);
        }

        private void push(long at, double now) {
            if (size == scrape.length) {
                scrape = Arrays.copyOf(scrape, size * 2);
                value = Arrays.copyOf(value, size * 2);
            }
            scrape[size] = at;
            value[size++] = now;
        }

        /// Forgets what was before a scrape; the change in force then stays.
        void trim(long oldest) {
            // Seldom and by quarters, because it moves the rest.
            if (size < 64 || scrape[size / 4] > oldest) return;
            int keep = size / 4;
            System.arraycopy(scrape, keep, scrape, 0, size - keep);
            System.arraycopy(value, keep, value, 0, size - keep);
            size -= keep;
        }
    }

    /// Adds one scrape.
    ///
    /// @param at milliseconds since the epoch; a scrape not after the one before is left out
    synchronized void scrape(long at, Iterable<Registry> sources) {
        if (scrapes > 0 && at <= time(scrapes - 1)) return;
        long now = scrapes++;
        times[(int) (now % retention)] = at;
        for (var source : sources) source.collect((labels, value) -> add(labels, now, value));
        long oldest = oldest();
        series.values().removeIf(one -> one.last < oldest);
        series.values().forEach(one -> one.trim(oldest));
    }

    private void add(Labels labels, long now, double value) {
        var one = series.get(labels);
        if (one == null) {
            if (series.size() >= maxSeries) {
                dropped++;
                return;
            }
            one = new Series();
            series.put(labels, one);
        }
        one.add(now, value);
    }

    private long oldest() {
        return Math.max(0, scrapes - retention);
    }

    private long time(long scrape) {
        return times[(int) (scrape % retention)];
    }

    synchronized long dropped() {
        return dropped;
    }

    synchronized List<Labels> labels(Predicate<Labels> wanted) {
        return series.keySet().stream().filter(wanted).sorted().toList();
    }

    /// The samples of the series that match, after `from` until `to` inclusive.
    ///
    /// @throws PromQlException when there are more than `budget`
    synchronized List<Samples> select(Predicate<Labels> wanted, long from, long to, long budget)
            throws PromQlException {
        long first = oldest();
        while (first < scrapes && time(first) <= from) first++;
        long end = scrapes;
        while (end > first && time(end - 1) > to) end--;
        var found = new ArrayList<Samples>();
        for (var entry : series.entrySet()) {
            if (!wanted.test(entry.getKey())) continue;
            budget -= end - first;
            if (budget < 0) {
                throw PromQlException.execution(
                        "query processing would load too many samples into memory; ask for a shorter range");
            }
            var samples = samples(entry.getKey(), entry.getValue(), first, end);
            if (samples.times.length > 0) found.add(samples);
        }
        found.sort((one, other) -> one.labels.compareTo(other.labels));
        return found;
    }

    private Samples samples(Labels labels, Series one, long first, long end) {
        int room = (int) (end - first);
        var at = new long[room];
        var values = new double[room];
        var over = new ArrayList<Long>();
        int count = 0;
        int change = 0;
        for (long scrape = first; scrape < end; scrape++) {
            while (change + 1 < one.size && one.scrape[change + 1] <= scrape) change++;
            boolean known = one.size > 0 && one.scrape[change] <= scrape && scrape <= one.last;
            if (known && Double.doubleToRawLongBits(one.value[change]) != Double.doubleToRawLongBits(OVER)) {
                at[count] = time(scrape);
                values[count++] = one.value[change];
            } else if (count > 0 && (over.isEmpty() || at[count - 1] > over.getLast())) {
                over.add(time(scrape));
            }
        }
        return new Samples(
                labels,
                Arrays.copyOf(at, count),
                Arrays.copyOf(values, count),
                over.stream().mapToLong(Long::longValue).toArray());
    }
}
