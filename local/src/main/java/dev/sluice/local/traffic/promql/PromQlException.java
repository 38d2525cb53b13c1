package dev.sluice.local.traffic.promql;

/// A query that cannot be answered, in Prometheus' own terms.
public final class PromQlException extends Exception {
    private final String type;
    private final String why;

    private PromQlException(String type, String why) {
        super(why);
        this.type = type;
        this.why = why;
    }

    /// A query that is not well-formed.
    ///
    /// @param at offset of the character where it stops making sense
    static PromQlException parse(String query, int at, String why) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < Math.min(at, query.length()); i++) {
            column++;
            if (query.charAt(i) == '\n') {
                line++;
                column = 1;
            }
        }
        return new PromQlException("bad_data", line + ":" + column + ": parse error: " + why);
    }

    static PromQlException parameter(String name, String why) {
        return new PromQlException("bad_data", "invalid parameter \"" + name + "\": " + why);
    }

    static PromQlException execution(String why) {
        return new PromQlException("execution", why);
    }

    /// `bad_data` or `execution`.
    public String type() {
        return type;
    }

    public String why() {
        return why;
    }
}
