package dev.sluice.rollout.hash;

import dev.sluice.format.GoJson;
import dev.sluice.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A value in Go's memory. Structs, lists and maps are filled in place while reading, because a reading that stops half
/// way leaves behind what it had got.
sealed interface GoValue {
    /// A nil pointer, list or map.
    enum Nil implements GoValue {
        NIL
    }

    record Text(String value) implements GoValue {}

    record Int(long value) implements GoValue {}

    record Bool(boolean value) implements GoValue {}

    /// The text of a quantity, a time or an int-or-string: written as it stands, never empty.
    record Written(Json json) implements GoValue {}

    /// A time.
    record Time(Instant value) implements GoValue {
        /// Go's zero: the first of January of the year 1.
        static final Time ZERO = new Time(Instant.parse("0001-01-01T00:00:00Z"));
    }

    record Struct(String name, Map<String, GoValue> fields) implements GoValue {
        Struct(String name) {
            this(name, new TreeMap<>());
        }
    }

    record Items(List<GoValue> items) implements GoValue {
        Items() {
            this(new ArrayList<>());
        }
    }

    /// Keys in the order of their UTF-8 bytes, as Go writes them.
    record Entries(Map<String, GoValue> entries) implements GoValue {
        Entries() {
            this(new TreeMap<>(GoJson.BY_BYTES));
        }
    }

    /// What a variable of the type holds before anything is read into it.
    static GoValue zero(GoType type) {
        return switch (type) {
            case GoType.Pointer _, GoType.Items _, GoType.Entries _ -> Nil.NIL;
            case GoType.Struct(var name) -> new Struct(name);
            case GoType.Scalar scalar ->
                switch (scalar) {
                    case STRING -> new Text("");
                    case BOOL -> new Bool(false);
                    case INT32, INT64 -> new Int(0);
                };
            case GoType.Custom custom ->
                switch (custom) {
                    case QUANTITY -> new Written(Json.of("0"));
                    case INT_OR_STRING -> new Written(Json.of(0));
                    case TIME -> Time.ZERO;
                    case FIELDS_V1 -> new Written(Json.Null.VALUE);
                    case RAW -> Nil.NIL;
                };
        };
    }
}
