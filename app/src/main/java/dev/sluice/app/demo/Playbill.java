package dev.sluice.app.demo;

import dev.sluice.app.Style;
import dev.sluice.app.Style.Tone;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What is said, and what was measured: the story's text, figures beside it, the table at the end and what did not
/// hold.
///
/// Nothing is wider than [#WIDTH] nor than the terminal: where that is narrower, figures go below what they belong to,
/// and the table gives up its least important column, the number of requests. What is said is the same for the same
/// seed, and figures are only right of the bar
/// that sets them off, and in the table.
final class Playbill {
    /// Columns of the narrowest terminal that is still common, but for the last one, in which some break the line.
    static final int WIDTH = 79;

    /// Before the figures.
    private static final int TEXT = 47;
    private static final int NARROWEST = 40;
    /// Where the figures begin that have no room beside their text.
    private static final int BELOW = 5;
    private static final int CELLS = 10;
    private static final Pattern MOMENT = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z");
    /// A column of text begins behind two spaces; so far to the right at most.
    private static final int DEEPEST = 45;
    /// Below the name of the story.
    private static final String NARROW_ROW = "  %-10s %8s %10s %7s %9s";
    private static final String NARROWEST_ROW = "  %1$-10s %2$8s %4$7s %5$9s";
    private static final int NARROW = 50;

    private final PrintWriter out;
    private final Style style;
    private final boolean live;
    private final int width;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private final List<String> late = new ArrayList<>();
    private boolean unfinished;

    /// @param live whether a line may be written over while it becomes true
    /// @param columns of the terminal; as many as there may be where nobody knows
    Playbill(PrintWriter out, Style style, boolean live, int columns) {
        this.out = out;
        this.style = style;
        this.live = live;
        // The last one is left free, as some break the line in it.
        this.width = Math.clamp(columns - 1L, NARROWEST, WIDTH);
    }

    private boolean narrow() {
        return width < WIDTH;
    }

    /// One measured plateau, or a whole story.
    ///
    /// @param asked such as `v2 25 %`
    /// @param share 0 … 1, measured; empty for a whole story
    /// @param toZero from the first bad request until no more were made to the bad version
    record Row(
            String story,
            String asked,
            Optional<Double> share,
            long requests,
            long failed,
            Optional<Duration> toZero) {}

    boolean ascii() {
        return style.ascii();
    }

    /// A line above everything, or the title of a story.
    synchronized void title(String line) {
        for (var part : wrapped(line, width)) print(Tone.STRONG, part);
    }

    /// Text of the story; where it is too wide it goes on below, further in.
    synchronized void say(String text) {
        for (var line : wrapped(text, width)) print(Tone.PLAIN, line);
    }

    /// A line of the story, and figures beside it that are no part of it.
    synchronized void say(String line, String figures, boolean good) {
        print(line, figures, good);
        unfinished = false;
        out.println();
        out.flush();
    }

    /// The same line before its figures are final; only where somebody watches.
    synchronized void watch(String line, String figures) {
        if (!live) return;
        print(line, figures, true);
        out.flush();
        unfinished = true;
    }

    /// What a command prints, as it stands but for its width. Moments in time are left out: the story is to be the same
    /// whenever it is told.
    synchronized void quote(String command, String output) {
        print(Tone.STRONG, "   $ " + command);
        output.lines().map(line -> MOMENT.matcher(line).replaceAll("…")).forEach(line -> {
            var tone = line.startsWith("SLU-") ? Tone.WAITING : Tone.PLAIN;
            wrapped("   " + line, width).forEach(part -> print(tone, part));
        });
    }

    synchronized void row(Row row) {
        rows.add(row);
    }

    /// Notes what did not hold.
    synchronized void broken(String what) {
        broken.add(what);
        for (var line : wrapped("   ✖ " + what, width)) print(Tone.BAD, line);
    }

    /// Notes what held, but not as soon as it should: on a machine that is busy that may be the machine.
    synchronized void late(String what) {
        late.add(what);
        for (var line : wrapped("   ✖ late: " + what, width)) print(Tone.BAD, line);
    }

    /// The end of a run that was stopped.
    synchronized void stopped() {
        print(Tone.PLAIN, "");
        print(Tone.STRONG, "stopped; everything is put away");
    }

    synchronized List<Row> rows() {
        return List.copyOf(rows);
    }

    synchronized List<String> broken() {
        return List.copyOf(broken);
    }

    synchronized List<String> late() {
        return List.copyOf(late);
    }

    /// A share as a bar, in figures, and of how many requests.
    static String share(double share, long requests) {
        int eighths = (int) Math.round(share * CELLS * 8);
        var bar = new StringBuilder("█".repeat(eighths / 8));
        if (eighths % 8 > 0) bar.append((char) ('█' + 8 - eighths % 8));
        bar.append("·".repeat(CELLS - bar.length()));
        return "%s %8s %9s".formatted(bar, percent(share * 100), count(requests));
    }

    static String percent(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f %%" : "%.2f %%", value);
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    // The table

    /// Prints the table, and what came of it all.
    ///
    /// @param stories how many were played
    /// @param took from the first line to this one; told last, so that it is found at once
    synchronized void table(int stories, Duration took) {
        print(Tone.PLAIN, "");
        print(Tone.STRONG, cells("story", "asked", "measured", "requests", "failed", "bad → 0 %"));
        print(Tone.QUIET, "─".repeat(width));
        var before = "";
        for (var row : rows) {
            if (narrow() && !row.story.equals(before)) title(row.story);
            var line = cells(
                    row.story.equals(before) ? "" : row.story,
                    row.asked,
                    row.share.map(share -> percent(share * 100)).orElse(""),
                    count(row.requests),
                    count(row.failed),
                    row.toZero.map(Playbill::seconds).orElse(""));
            print(row.failed > 0 ? Tone.WAITING : row.share.isEmpty() ? Tone.QUIET : Tone.PLAIN, line);
            before = row.story;
        }
        print(Tone.QUIET, "─".repeat(width));
        if (rows.stream().anyMatch(row -> row.toZero.isPresent())) {
            var legend = "bad → 0 %: from the first failed request to the last that the bad version got";
            wrapped(legend, width).forEach(line -> print(Tone.QUIET, line));
        }
        conclude(stories);
        print(Tone.QUIET, String.format(Locale.ROOT, "  took %.0f s in all", took.toMillis() / 1e3));
    }

    private String cells(String story, String asked, String share, String requests, String failed, String toZero) {
        var row = narrow()
                ? (width < NARROW ? NARROWEST_ROW : NARROW_ROW).formatted(asked, share, requests, failed, toZero)
                : "%-30s %-10s %8s %10s %7s %9s".formatted(story, asked, share, requests, failed, toZero);
        return row.stripTrailing();
    }

    private void conclude(int stories) {
        long plateaus = rows.stream().filter(row -> row.share.isPresent()).count();
        var sums = rows.stream().filter(row -> row.share.isEmpty()).toList();
        var text = "%d %s, %d %s, %s requests"
                .formatted(
                        stories,
                        stories == 1 ? "story" : "stories",
                        plateaus,
                        plateaus == 1 ? "plateau" : "plateaus",
                        count(sums.stream().mapToLong(Row::requests).sum()));
        if (broken.isEmpty() && late.isEmpty()) {
            wrapped("✔ all holds: " + text, width).forEach(line -> print(Tone.GOOD, line));
            long failed = sums.stream().mapToLong(Row::failed).sum();
            if (failed > 0) {
                var told = "  " + count(failed) + " requests failed, all at the version that was bad";
                wrapped(told, width).forEach(line -> print(Tone.GOOD, line));
            }
            return;
        }
        wrapped("✖ does not hold: " + text, width).forEach(line -> print(Tone.BAD, line));
        for (var what : broken) wrapped("  ✖ " + what, width).forEach(line -> print(Tone.BAD, line));
        for (var what : late) wrapped("  ✖ late: " + what, width).forEach(line -> print(Tone.BAD, line));
    }

    // Lines

    private void print(Tone tone, String line) {
        clear();
        var text = plain(line);
        out.println(text.isEmpty() ? "" : style.paint(tone, text));
        out.flush();
    }

    /// Without the end of the line.
    private void print(String line, String figures, boolean good) {
        clear();
        if (narrow()) {
            wrapped(line, width).forEach(part -> print(Tone.PLAIN, part));
            out.print(" ".repeat(BELOW) + plain("│ ") + style.paint(good ? Tone.GOOD : Tone.BAD, plain(figures)));
            return;
        }
        var text = plain(line);
        int gap = Math.max(1, TEXT - text.codePointCount(0, text.length()));
        out.print(text + " ".repeat(gap) + plain("│ ") + style.paint(good ? Tone.GOOD : Tone.BAD, plain(figures)));
    }

    private void clear() {
        if (unfinished) out.print("\r\u001b[2K");
        unfinished = false;
    }

    private String plain(String text) {
        if (!style.ascii()) return text;
        return text.codePoints()
                .mapToObj(Character::toString)
                .map(Playbill::letters)
                .collect(Collectors.joining());
    }

    private static String letters(String icon) {
        return switch (icon) {
            case "→" -> "->";
            case "│" -> "|";
            case "─", "–" -> "-";
            case "✔" -> "ok";
            case "✖" -> "xx";
            case "█" -> "#";
            case "·" -> ".";
            case "…" -> "...";
            case String other -> other.codePointAt(0) < 128 ? other : "+";
        };
    }

    /// Lines of at most so many columns, broken at spaces; those that follow stand below the text of the first.
    static List<String> wrapped(String text, int width) {
        int leading = text.length() - text.stripLeading().length();
        // Half of a narrow line is left to the text.
        int column = text.lastIndexOf("  ", width < WIDTH ? Math.min(DEEPEST, width / 2) : DEEPEST);
        int indent = column > leading ? column + 2 : leading + 2;
        var lines = new ArrayList<String>();
        var rest = text.stripTrailing();
        while (rest.length() > width) {
            int at = rest.lastIndexOf(' ', width);
            if (at <= indent) at = rest.lastIndexOf(',', width - 1) + 1;
            if (at <= indent) at = width;
            lines.add(rest.substring(0, at).stripTrailing());
            rest = " ".repeat(indent) + rest.substring(at).strip();
        }
        lines.add(rest);
        return lines;
    }
}
