package dev.sluice.app.rollout;

import dev.sluice.app.Screen;

/// Labels and what belongs to them, broken where words end and never in one: terminals do not look.
final class Page {
    private static final int LABEL = 13;
    /// Below that, what is behind a time goes below it.
    private static final int NARROW = 80;

    private final StringBuilder text = new StringBuilder();
    private final int columns;
    private String last = "";

    /// @param columns of whoever looks; as many as there may be where nobody knows
    Page(int columns) {
        this.columns = columns;
    }

    void line(String line) {
        text.append(Screen.wrap(line, columns, "")).append('\n');
    }

    /// @param label such as `waits for`; empty for one more of the same
    void entry(String label, String entry) {
        text.append(label)
                .append(" ".repeat(LABEL - label.length()))
                .append(indented(entry, LABEL))
                .append('\n');
    }

    /// What was at a moment. Two writes may have one reason: it is told once.
    void past(String at, String entry) {
        if (last.equals(at + entry)) return;
        last = at + entry;
        var head = "  " + at + "  ";
        boolean below = columns < NARROW && Screen.width(head + entry) > columns;
        int indent = below ? 4 : head.length();
        text.append(below ? "  " + at + "\n" + " ".repeat(indent) : head)
                .append(indented(entry, indent))
                .append('\n');
    }

    private String indented(String entry, int indent) {
        return Screen.wrap(entry, columns - indent, "").replace("\n", "\n" + " ".repeat(indent));
    }

    String text() {
        return text.toString();
    }
}
