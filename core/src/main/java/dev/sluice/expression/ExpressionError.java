package dev.sluice.expression;

/// Why an expression does not compile, or why its evaluation failed.
///
/// @param position offset in the source, in characters from 0
/// @param line     line of the source, from 1
/// @param column   column of that line, from 1
/// @param message  one line without the place, worded as the original words it: scripts and tests match on these texts
/// @param caret    the source line and, below it, a caret under the place
public record ExpressionError(int position, int line, int column, String message, String caret)
        implements Expression, Result {
    private static final int WIDEST = 120;
    /// Characters shown on either side of the place, in one line.
    private static final int NEAR = 40;

    static ExpressionError of(String source, Fault fault) {
        int position = Math.clamp(fault.position, 0, source.length());
        int start = source.lastIndexOf('\n', position - 1) + 1;
        int end = source.indexOf('\n', position);
        if (end < 0) end = source.length();
        int line = 1
                + (int) source.substring(0, start)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        // A machine-made line may be very long; the reader needs the neighbourhood of the place.
        int from = position - start > WIDEST ? position - WIDEST : start;
        var shown = source.substring(from, Math.min(end, from + 2 * WIDEST)).replace('\t', ' ');
        var caret = " | " + shown + "\n | " + ".".repeat(position - from) + "^";
        return new ExpressionError(position, line, position - start + 1, fault.words(), caret);
    }

    /// Message and place in one line: `unexpected token EOF (1:9: "result <^")`, the caret before the character at
    /// fault.
    String line(String source) {
        int from = Math.max(source.lastIndexOf('\n', position - 1) + 1, position - NEAR);
        int end = source.indexOf('\n', position);
        int to = Math.min(end < 0 ? source.length() : end, position + NEAR);
        return "%s (%d:%d: \"%s^%s\")"
                .formatted(message, line, column, source.substring(from, position), source.substring(position, to));
    }

    /// Message, place and caret, for a terminal.
    public String text() {
        return message + " (" + line + ":" + column + ")\n" + caret;
    }
}
