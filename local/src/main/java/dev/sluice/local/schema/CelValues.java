package dev.sluice.local.schema;

import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.sluice.format.GoDuration;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// JSON as CEL sees it. Views, not copies: a rule at the root of a large object that looks at one field reads one
/// field.
final class CelValues {
    /// Words that CEL keeps for itself; a field of that name is written `__word__`.
    private static final Set<String> RESERVED = Set.of(
            "true",
            "false",
            "null",
            "in",
            "as",
            "break",
            "const",
            "continue",
            "else",
            "for",
            "function",
            "if",
            "import",
            "let",
            "loop",
            "package",
            "namespace",
            "return",
            "var",
            "void",
            "while");

    private CelValues() {}

    static Object of(@Nullable Schema schema, Json value) {
        return switch (value) {
            case Json.Obj object -> new Fields(schema, object);
            case Json.Arr(var items) -> new Items(schema instanceof Schema.Arr type ? type.items() : null, items);
            case Json.Str(var text) -> text(schema, text);
            case Json.Int(var number) ->
                schema instanceof Schema.Numeric type && !type.integer() ? (Object) (double) number : (Object) number;
            case Json.Dec(var number) ->
                schema instanceof Schema.Numeric type && type.integer() ? (Object) (long) number : (Object) number;
            case Json.Bool(var bool) -> bool;
            case Json.Null _ -> NullValue.NULL_VALUE;
        };
    }

    private static Object text(@Nullable Schema schema, String text) {
        if (!(schema instanceof Schema.Text type)) return text;
        return switch (type.format()) {
            case "date-time" -> OffsetDateTime.parse(text).toInstant();
            case "date" -> LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            case "duration" -> GoDuration.parse(text).orElse(Duration.ZERO);
            case "byte" -> CelByteString.of(Base64.getDecoder().decode(text));
            default -> text;
        };
    }

    /// The name of a node's type, which stands for its value in messages.
    static String typeName(Schema schema) {
        return switch (schema) {
            case Schema.Obj _, Schema.Ref _ -> "object";
            case Schema.Arr _ -> "array";
            case Schema.Text _ -> "string";
            case Schema.Numeric type -> type.integer() ? "integer" : "number";
            case Schema.Bool _ -> "boolean";
            case Schema.IntOrString _, Schema.Any _ -> "";
        };
    }

    /// The identifier by which a field is reached; empty where it cannot be.
    static Optional<String> escape(String field) {
        if (RESERVED.contains(field)) return Optional.of("__" + field + "__");
        boolean reachable = !field.isEmpty()
                && !Character.isDigit(field.charAt(0))
                && field.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "_./-".indexOf(c) >= 0));
        if (!reachable) return Optional.empty();
        return Optional.of(field.replace("__", "__underscores__")
                .replace(".", "__dot__")
                .replace("-", "__dash__")
                .replace("/", "__slash__"));
    }

    private static String unescape(String identifier) {
        if (!identifier.contains("__")) return identifier;
        if (identifier.startsWith("__") && identifier.endsWith("__") && identifier.length() > 4) {
            var word = identifier.substring(2, identifier.length() - 2);
            if (RESERVED.contains(word)) return word;
        }
        return identifier
                .replace("__slash__", "/")
                .replace("__dash__", "-")
                .replace("__dot__", ".")
                .replace("__underscores__", "__");
    }

    /// An object: a struct where fields are declared, else a map. What is `null` counts as not set.
    private static final class Fields extends AbstractMap<String, Object> {
        private final @Nullable Schema schema;
        private final Json.Obj object;
        private final boolean struct;

        Fields(@Nullable Schema schema, Json.Obj object) {
            this.schema = schema;
            this.object = object;
            this.struct = schema != null
                    && schema.target() instanceof Schema.Obj type
                    && !type.fields().isEmpty();
        }

        private @Nullable Schema child(String name) {
            return schema != null && schema.target() instanceof Schema.Obj type ? type.child(name) : null;
        }

        private @Nullable Json field(Object key) {
            if (!(key instanceof String name)) return null;
            var value = object.fields().get(struct ? unescape(name) : name);
            return value == null || (struct && value.isNull()) ? null : value;
        }

        @Override
        public boolean containsKey(Object key) {
            return field(key) != null;
        }

        @Override
        public @Nullable Object get(Object key) {
            var value = field(key);
            return value == null ? null : of(child(struct ? unescape((String) key) : (String) key), value);
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            Map<String, Object> all = new LinkedHashMap<>();
            object.fields().forEach((name, value) -> {
                if (struct && value.isNull()) return;
                var key = struct ? escape(name) : Optional.of(name);
                key.ifPresent(known -> all.put(known, of(child(name), value)));
            });
            return all.entrySet();
        }
    }

    /// An array.
    private static final class Items extends AbstractList<Object> {
        private final @Nullable Schema type;
        private final List<Json> items;

        Items(@Nullable Schema type, List<Json> items) {
            this.type = type;
            this.items = items;
        }

        @Override
        public Object get(int index) {
            return of(type, items.get(index));
        }

        @Override
        public int size() {
            return items.size();
        }
    }
}
