package dev.sluice.local.traffic.promql;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/// Counters and histograms of one process, by name and labels. Safe for many threads.
///
/// @see "Prometheus: exposition formats, text-based format 0.0.4"
public final class Registry {
    private final int maxSeries;
    private final Map<Labels, Counter> counters = new ConcurrentHashMap<>();
    private final Map<Labels, Histogram> histograms = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();

    /// @param maxSeries instruments kept at most; what is counted under further labels is lost and counted as
    ///     such
    public Registry(int maxSeries) {
        this.maxSeries = maxSeries;
    }

    /// Takes the samples of a scrape.
    public interface Sink {
        void sample(Labels series, double value);
    }

    /// A number that only grows.
    public static final class Counter {
        private final LongAdder value = new LongAdder();

        public void increment() {
            value.increment();
        }

        public long value() {
            return value.sum();
        }
    }

    /// Observations in cumulative buckets.
    public static final class Histogram {
        private final double[] bounds;
        private final Labels[] bucketSeries;
        private final Labels sumSeries;
        private final Labels countSeries;
        private final LongAdder[] counts;
        private final DoubleAdder sum = new DoubleAdder();

        private Histogram(Labels series, double[] bounds) {
            this.bounds = bounds.clone();
            var name = series.get(Labels.NAME);
            counts = new LongAdder[bounds.length + 1];
            bucketSeries = new Labels[bounds.length + 1];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = new LongAdder();
                var bound = i < bounds.length ? Numbers.text(bounds[i]) : "+Inf";
                bucketSeries[i] = series.with("le", bound).with(Labels.NAME, name + "_bucket");
            }
            sumSeries = series.with(Labels.NAME, name + "_sum");
            countSeries = series.with(Labels.NAME, name + "_count");
        }

        public void observe(double value) {
            int bucket = 0;
            while (bucket < bounds.length && value > bounds[bucket]) bucket++;
            counts[bucket].increment();
            sum.add(value);
        }

        private void collect(Sink sink) {
            long below = 0;
            for (int i = 0; i < counts.length; i++) {
                below += counts[i].sum();
                sink.sample(bucketSeries[i], (double) below);
            }
            sink.sample(sumSeries, sum.sum());
            sink.sample(countSeries, (double) below);
        }
    }

    public Counter counter(String name, Labels labels) {
        var series = labels.with(Labels.NAME, name);
        var known = counters.get(series);
        if (known != null) return known;
        if (full()) return new Counter();
        return counters.computeIfAbsent(series, _ -> new Counter());
    }

    /// @param bounds upper bounds of the buckets, ascending, without infinity
    public Histogram histogram(String name, Labels labels, double... bounds) {
        var series = labels.with(Labels.NAME, name);
        var known = histograms.get(series);
        if (known != null) return known;
        if (full()) return new Histogram(series, bounds);
        return histograms.computeIfAbsent(series, s -> new Histogram(s, bounds));
    }

    private boolean full() {
        if (counters.size() + histograms.size() < maxSeries) return false;
        refused.increment();
        return true;
    }

    /// How often an instrument was asked for beyond the bound.
    public long refused() {
        return refused.sum();
    }

    /// Gives every sample, in no particular order.
    public void collect(Sink sink) {
        counters.forEach((series, counter) -> sink.sample(series, (double) counter.value()));
        histograms.values().forEach(histogram -> histogram.collect(sink));
    }

    /// The text format, sorted.
    public String text() {
        var families = new TreeMap<String, String>();
        counters.keySet().forEach(series -> families.put(series.get(Labels.NAME), "counter"));
        histograms.keySet().forEach(series -> families.put(series.get(Labels.NAME), "histogram"));
        var samples = new TreeMap<String, TreeMap<Labels, String>>();
        counters.forEach((series, counter) -> samples.computeIfAbsent(series.get(Labels.NAME), _ -> new TreeMap<>())
                .put(series, series + " " + counter.value() + "\n"));
        histograms.forEach((series, histogram) -> {
            var lines = new StringBuilder();
            histogram.collect((sample, value) ->
                    lines.append(sample).append(' ').append(Numbers.text(value)).append('\n'));
            samples.computeIfAbsent(series.get(Labels.NAME), _ -> new TreeMap<>())
                    .put(series, lines.toString());
        });
        var text = new StringBuilder();
        families.forEach((name, type) -> {
            text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
            samples.getOrDefault(name, new TreeMap<>()).values().forEach(text::append);
        });
        return text.toString();
    }
}
