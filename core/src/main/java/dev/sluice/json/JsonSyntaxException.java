package dev.sluice.json;

/// A text is not JSON: what was expected, and where (line and column count from 1).
public final class JsonSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JsonSyntaxException(String expected, int line, int column) {
        super("line %d, column %d: %s".formatted(line, column, expected));
    }
}
