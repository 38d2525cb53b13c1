package dev.sluice.analysis;

import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// How the API writes what records hold: times in whole seconds, absent instead of empty.
final class Wire {
    private Wire() {}

    /// Times are stored in whole seconds (`metav1.Time`); cutting them at once keeps a status equal to what will be
    /// read back.
    static Instant seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS);
    }

    static Optional<Instant> time(Json value) {
        return value.asString().flatMap(text -> {
            try {
                return Optional.of(seconds(Rfc3339.instant(text)));
            } catch (DateTimeException none) {
                return Optional.empty();
            }
        });
    }

    /// The fields of an object that are not among those we know.
    static Json.Obj unknown(Json source, List<String> known) {
        var rest = new LinkedHashMap<>(source.fields());
        known.forEach(rest::remove);
        return new Json.Obj(rest);
    }

    /// Collects the fields of one object.
    static final class Fields {
        private final LinkedHashMap<String, Json> fields = new LinkedHashMap<>();

        Fields put(String name, Json value) {
            fields.put(name, value);
            return this;
        }

        Fields text(String name, String value) {
            if (!value.isEmpty()) fields.put(name, Json.of(value));
            return this;
        }

        Fields number(String name, int value) {
            if (value != 0) fields.put(name, Json.of(value));
            return this;
        }

        Fields flag(String name, boolean value) {
            if (value) fields.put(name, Json.of(true));
            return this;
        }

        Fields time(String name, Optional<Instant> value) {
            value.ifPresent(at -> fields.put(name, Json.of(at.toString())));
            return this;
        }

        Fields rest(Json.Obj unknown) {
            unknown.fields().forEach(fields::putIfAbsent);
            return this;
        }

        Json.Obj object() {
            return new Json.Obj(fields);
        }
    }
}
