package dev.sluice.local.schema;

import dev.sluice.format.Quantity;
import dev.sluice.json.Json;
import java.util.Optional;

/// Whether an object of a built-in kind fits its types at all; one that does not is refused with HTTP 400 before
/// anything else looks at it.
@SuppressWarnings("ReferenceEquality") // the same tree as one that fits
public final class Decoding {
    private Decoding() {}

    /// The first value of the wrong type, in the words of Go's decoder:
    /// `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`.
    ///
    /// Custom resources always fit: their types are checked by [Validation], with HTTP 422. So are the
    /// types of their metadata here.
    public static Optional<String> problem(KindSchema kind, Json.Obj object) {
        return problem(kind, object, Json.Obj.EMPTY);
    }

    /// [#problem(KindSchema, Json.Obj)] of an object made from one that fits: what both share is not looked at again.
    public static Optional<String> problem(KindSchema kind, Json.Obj object, Json.Obj known) {
        try {
            if (kind.builtIn()) {
                object(kind.root(), object, "", known);
            } else {
                var metadata = object.at("metadata");
                // Decoded by itself, so its fields are named from there.
                if (metadata instanceof Json.Obj fields)
                    object(TypeTable.builtIn().objectMeta(), fields, "", known.at("metadata"));
                else if (!metadata.isNull())
                    throw new Mismatch("metadata must be an object, but is " + metadata.text());
            }
            return Optional.empty();
        } catch (Mismatch mismatch) {
            return Optional.of(mismatch.text);
        }
    }

    private static void object(Schema schema, Json.Obj object, String path, Json known) throws Mismatch {
        var type = (Schema.Obj) schema.target();
        var struct = schema instanceof Schema.Ref ref ? simple(ref.name()) : "";
        for (var entry : object.fields().entrySet()) {
            var child = type.child(entry.getKey());
            if (child == null) continue;
            var fit = known.at(entry.getKey());
            if (entry.getValue() == fit) continue;
            var below = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            value(child, entry.getValue(), struct, below, fit);
        }
    }

    private static void value(Schema schema, Json value, String struct, String path, Json known) throws Mismatch {
        if (value.isNull() || value == known) return;
        switch (schema.target()) {
            case Schema.Obj type
            when value instanceof Json.Obj object -> {
                if (type.values().isEmpty()) object(schema, object, path, known);
                // Go's decoder does not say which key of a map it was.
                else
                    for (var one : object.fields().entrySet()) {
                        value(type.values().get(), one.getValue(), struct, path, known.at(one.getKey()));
                    }
            }
            case Schema.Arr type
            when value instanceof Json.Arr(var items) -> {
                for (int i = 0; i < items.size(); i++) value(type.items(), items.get(i), struct, path, known.at(i));
            }
            case Schema.Text type -> text(type, value, struct, path);
            case Schema.Bool _ when value instanceof Json.Bool -> {}
            case Schema.Numeric type when value instanceof Json.Num number -> number(type, number, struct, path);
            case Schema.IntOrString _ when value instanceof Json.Str -> {}
            case Schema.IntOrString type
            when value instanceof Json.Num number -> {
                if (value.asInt().isEmpty()) {
                    throw new Mismatch("json: cannot unmarshal number " + number.text() + " into Go struct field "
                            + struct + "." + path + " of type " + goType(type));
                }
            }
            case Schema.Any _ -> {}
            case Schema other -> throw mismatch(other, schema, value, struct, path);
        }
    }

    private static void text(Schema.Text type, Json value, String struct, String path) throws Mismatch {
        switch (type.format()) {
            case "quantity" -> {
                var text = value instanceof Json.Num number ? number.text() : value.string("\0");
                try {
                    Quantity.parse(text);
                } catch (IllegalArgumentException none) {
                    throw new Mismatch("quantities must match the regular expression"
                            + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
                }
            }
            case "date-time", "micro-time" -> {
                if (!(value instanceof Json.Str(var text))) throw mismatch(type, type, value, struct, path);
                if (type.format().equals("micro-time") && Timestamps.isTime(text) && !Timestamps.isMicroTime(text)) {
                    var rest = text.substring(19);
                    throw new Mismatch("parsing time \"" + text + "\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot"
                            + " parse \"" + rest + "\" as \".000000\"");
                }
                if (!Timestamps.isTime(text)) {
                    throw new Mismatch("parsing time \"" + text + "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \""
                            + text + "\" as \"2006\"");
                }
            }
            case "byte" -> {
                if (!(value instanceof Json.Str(var text))) throw mismatch(type, type, value, struct, path);
                int wrong = firstIllegal(text);
                if (wrong >= 0) throw new Mismatch("illegal base64 data at input byte " + wrong);
            }
            default -> {
                if (!(value instanceof Json.Str)) throw mismatch(type, type, value, struct, path);
            }
        }
    }

    /// Where Go's decoder stops: at a foreign character, or at the last group of four when it is not
    /// whole; -1 when the text is base64.
    private static int firstIllegal(String base64) {
        int end = base64.length();
        while (end > 0 && end > base64.length() - 2 && base64.charAt(end - 1) == '=') end--;
        for (int i = 0; i < end; i++) {
            char c = base64.charAt(i);
            boolean legal =
                    (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
            if (!legal) return i;
        }
        return base64.length() % 4 == 0 ? -1 : base64.length() - base64.length() % 4;
    }

    private static void number(Schema.Numeric type, Json.Num number, String struct, String path) throws Mismatch {
        if (!type.integer()) return;
        boolean fits = number instanceof Json.Int(var value) && (type.format().equals("int64") || value == (int) value);
        if (!fits) {
            throw new Mismatch("json: cannot unmarshal number " + number.text() + " into Go struct field " + struct
                    + "." + path + " of type " + goType(type));
        }
    }

    private static Mismatch mismatch(Schema target, Schema declared, Json value, String struct, String path) {
        var kind = switch (value) {
            case Json.Obj _ -> "object";
            case Json.Arr _ -> "array";
            case Json.Str _ -> "string";
            case Json.Num _ -> "number";
            case Json.Bool _ -> "bool";
            case Json.Null _ -> "null";
        };
        var type = declared instanceof Schema.Ref ? goType(declared) : goType(target);
        return new Mismatch(
                "json: cannot unmarshal " + kind + " into Go struct field " + struct + "." + path + " of type " + type);
    }

    private static String goType(Schema schema) {
        return switch (schema) {
            case Schema.Ref ref -> {
                var parts = ref.name().split("\\.", -1);
                yield parts[parts.length - 2] + "." + parts[parts.length - 1];
            }
            case Schema.Obj type ->
                "map[string]" + type.values().map(Decoding::goType).orElse("interface {}");
            case Schema.Arr type -> "[]" + goType(type.items());
            case Schema.Text type ->
                switch (type.format()) {
                    case "date-time" -> "v1.Time";
                    case "micro-time" -> "v1.MicroTime";
                    case "quantity" -> "resource.Quantity";
                    case "byte" -> "[]uint8";
                    default -> "string";
                };
            case Schema.Numeric type -> type.integer() ? type.format() : "float64";
            case Schema.Bool _ -> "bool";
            case Schema.IntOrString _ -> "int32";
            case Schema.Any _ -> "interface {}";
        };
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /// Leaves the walk; never leaves this class.
    private static final class Mismatch extends Exception {
        private static final long serialVersionUID = 1L;
        private final String text;

        Mismatch(String text) {
            super(text, null, false, false);
            this.text = text;
        }
    }
}
