package dev.sluice.app.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What is said, and what was measured: the story's text, figures beside it, the table at the end and what did not
/// hold.
final class Playbill {
    private static final int TEXT = 84;

    private final PrintWriter out;
    private final List<String> text = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    Playbill(PrintWriter out) {
        this.out = out;
    }

    /// One measured plateau, or a whole story.
    ///
    /// @param asked per cent of the requests for the new version; empty for the sum of a story
    /// @param share 0 … 1, measured
    /// @param toZero from the first bad request until no more were made to the bad version
    record Row(
            String story,
            String what,
            Optional<Double> asked,
            Optional<Double> share,
            long requests,
            long failed,
            Optional<Duration> toZero) {}

    /// A line of the story.
    void say(String line) {
        say(line, "");
    }

    /// A line of the story, and figures beside it that are no part of it.
    synchronized void say(String line, String figures) {
        text.add(line);
        if (figures.isEmpty()) out.println(line);
        else out.println(line + " ".repeat(Math.max(1, TEXT - line.codePointCount(0, line.length()))) + "│ " + figures);
        out.flush();
    }

    synchronized void row(Row row) {
        rows.add(row);
    }

    /// Notes what did not hold.
    synchronized void broken(String what) {
        broken.add(what);
        out.println("  ✖ " + what);
        out.flush();
    }

    /// The story's text without figures.
    synchronized List<String> text() {
        return List.copyOf(text);
    }

    synchronized List<Row> rows() {
        return List.copyOf(rows);
    }

    synchronized List<String> broken() {
        return List.copyOf(broken);
    }

    /// Prints the table.
    synchronized void table() {
        var format = "%-31s %-10s %7s %9s %9s %7s  %s%n";
        out.println();
        out.printf(Locale.ROOT, format, "story", "what", "asked", "measured", "requests", "failed", "first bad → 0 %");
        out.println("─".repeat(98));
        var before = "";
        for (var row : rows) {
            out.printf(
                    Locale.ROOT,
                    format,
                    row.story.equals(before) ? "" : row.story,
                    row.what,
                    row.asked.map(Playbill::percent).orElse("–"),
                    row.share.map(share -> percent(share * 100)).orElse("–"),
                    String.format(Locale.ROOT, "%,d", row.requests),
                    String.format(Locale.ROOT, "%,d", row.failed),
                    row.toZero.map(Playbill::seconds).orElse("–"));
            before = row.story;
        }
        out.println("─".repeat(98));
        if (broken.isEmpty()) {
            out.println("all holds");
        } else {
            out.println("does not hold:");
            broken.forEach(what -> out.println("  ✖ " + what));
        }
        out.flush();
    }

    static String percent(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f %%" : "%.2f %%", value);
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }
}
