package dev.sluice.app;

import java.util.ArrayList;
import java.util.List;

/// Columns as wide as their widest cell, two spaces apart; nothing behind the last cell of a line that has something.
public final class Table {
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
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        var widths = new int[columns];
        for (var row : rows) {
            for (int i = 0; i < row.size(); i++)
                widths[i] = Math.max(widths[i], width(row.get(i).text()));
        }
        var out = new StringBuilder();
        for (var row : rows) {
            int last = row.size() - 1;
            while (last > 0 && row.get(last).text().isEmpty()) last--;
            for (int i = 0; i <= last; i++) {
                var cell = row.get(i);
                out.append(style.paint(cell.tone(), cell.text()));
                if (i < last) out.append(" ".repeat(widths[i] - width(cell.text()) + 2));
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }
}
