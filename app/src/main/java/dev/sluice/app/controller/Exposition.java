package dev.sluice.app.controller;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Prometheus' text format, written line by line: a family's head, then its samples.
///
/// @see "Prometheus exposition formats, text 0.0.4"
final class Exposition {
    private final StringBuilder out = new StringBuilder();

    void gauge(String name, String help) {
        family(name, "gauge", help);
    }

    void counter(String name, String help) {
        family(name, "counter", help);
    }

    void histogram(String name, String help) {
        family(name, "histogram", help);
    }

    private void family(String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    /// @param labels names and values in turn
    void sample(String name, double value, String... labels) {
        out.append(name);
        var pairs = new ArrayList<String>();
        for (int i = 0; i < labels.length; i += 2) pairs.add(labels[i] + "=\"" + escaped(labels[i + 1]) + "\"");
        if (!pairs.isEmpty()) out.append('{').append(String.join(",", pairs)).append('}');
        out.append(' ');
        if (value == Math.rint(value) && Math.abs(value) < 1e15) out.append((long) value);
        else out.append(value);
        out.append('\n');
    }

    /// @param bounds upper ones of the buckets
    /// @param within for each of them how many values were at most so large
    void distribution(
            String name, List<Duration> bounds, List<Long> within, long count, Duration sum, String... labels) {
        for (int i = 0; i < bounds.size(); i++) {
            var bound = plain(seconds(bounds.get(i)));
            sample(name + "_bucket", (double) within.get(i), with(labels, "le", bound));
        }
        sample(name + "_bucket", (double) count, with(labels, "le", "+Inf"));
        sample(name + "_sum", seconds(sum), labels);
        sample(name + "_count", (double) count, labels);
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static String plain(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : BigDecimal.valueOf(value).toPlainString();
    }

    private static String[] with(String[] labels, String name, String value) {
        var all = new ArrayList<>(List.of(labels));
        all.add(name);
        all.add(value);
        return all.toArray(String[]::new);
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
