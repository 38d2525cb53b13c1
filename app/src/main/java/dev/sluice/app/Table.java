package dev.sluice.app;

import java.util.ArrayList;
import java.util.List;

/// Columns as wide as their widest cell, two spaces apart; nothing behind the last cell of a line that has something.
public final class Table {
    /// Room that a sentence needs at least.
    private static final int LEAST = 24;
    /// Where it begins that has not got it.
    private static final int BELOW = 4;

    private final List<List<Cell>> rows = new ArrayList<>();

    /// A cell, and how its text is painted: colour does not count as width.
    public record Cell(String text, Style.Tone tone) {
        public static Cell of(Object text) {
            return new Cell(String.valueOf(text), Style.Tone.PLAIN);
        }
    }

    public Table row(Object... cells) {
        var row = new ArrayList<Cell>();
        for (var cell : cells) row.add(cell instanceof Cell ready ? ready : Cell.of(cell));
        rows.add(row);
        return this;
    }

    public String text(Style style) {
        return text(style, Integer.MAX_VALUE);
    }

    /// The same with the last column broken where words end; where it has no room it goes below the others.
    ///
    /// @param room columns of whoever looks
    public String text(Style style, int room) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        var widths = new int[columns];
        for (var row : rows) {
            for (int i = 0; i < row.size(); i++)
                widths[i] = Math.max(widths[i], width(row.get(i).text()));
        }
        int before = 0;
        for (int i = 0; i < columns - 1; i++) before += widths[i] + 2;
        var out = new StringBuilder();
        for (var row : rows) {
            int last = row.size() - 1;
            while (last > 0 && row.get(last).text().isEmpty()) last--;
            for (int i = 0; i <= last; i++) {
                var cell = row.get(i);
                boolean breaks = i == columns - 1 && before + width(cell.text()) > room;
                if (breaks) broken(cell, style, before, room, out);
                else out.append(style.paint(cell.tone(), cell.text()));
                if (i < last) out.append(" ".repeat(widths[i] - width(cell.text()) + 2));
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static void broken(Cell cell, Style style, int before, int room, StringBuilder out) {
        boolean below = room - before < LEAST;
        int indent = below ? BELOW : before;
        while (below && !out.isEmpty() && out.charAt(out.length() - 1) == ' ') out.setLength(out.length() - 1);
        var lines = Screen.wrap(cell.text(), room - indent, "").split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (i > 0 || below) out.append('\n').append(" ".repeat(indent));
            out.append(style.paint(cell.tone(), lines[i]));
        }
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
