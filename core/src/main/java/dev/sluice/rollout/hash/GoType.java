package dev.sluice.rollout.hash;

/// A Go type, as far as it decides how a value is read and written.
sealed interface GoType {
    enum Scalar implements GoType {
        STRING,
        BOOL,
        INT32,
        INT64
    }

    /// Types that read and write themselves. Go counts them as structs, never empty, and a value they refuse stops the
    /// reading of the whole object.
    enum Custom implements GoType {
        QUANTITY,
        INT_OR_STRING,
        TIME,
        FIELDS_V1,
        /// `json.RawMessage`: any JSON, kept; a byte list to Go, hence empty when absent.
        RAW
    }

    record Struct(String name) implements GoType {}

    record Pointer(GoType to) implements GoType {}

    record Items(GoType of) implements GoType {}

    record Entries(GoType of) implements GoType {}

    /// Reads the notation of the tables: `*int32`, `[]Container`, `{}string`.
    static GoType parse(String text) {
        if (text.startsWith("*")) return new Pointer(parse(text.substring(1)));
        if (text.startsWith("[]")) return new Items(parse(text.substring(2)));
        if (text.startsWith("{}")) return new Entries(parse(text.substring(2)));
        return switch (text) {
            case "string" -> Scalar.STRING;
            case "bool" -> Scalar.BOOL;
            case "int32" -> Scalar.INT32;
            case "int64" -> Scalar.INT64;
            case "Quantity" -> Custom.QUANTITY;
            case "IntOrString" -> Custom.INT_OR_STRING;
            case "Time" -> Custom.TIME;
            case "Raw" -> Custom.FIELDS_V1;
            case "RawJson" -> Custom.RAW;
            default -> new Struct(text);
        };
    }
}
