package dev.sluice.json;

/// A JSONPath is malformed, or selects more than any reader wants.
public final class JsonPathException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JsonPathException(String message) {
        super(message);
    }
}
