package dev.sluice.local.schema;

import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.Constraint;
import dev.sluice.local.schema.Schema.Default;
import dev.sluice.local.schema.Schema.Field;
import dev.sluice.local.schema.Schema.ListType;
import dev.sluice.local.schema.Schema.Patch;
import dev.sluice.local.schema.Schema.Presence;
import dev.sluice.local.schema.Schema.Traits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The types of the built-in kinds, read from `types.txt`, whose head explains the notation.
///
/// Lines are split when the table is loaded and parsed when a type is first used: an embedded cluster
/// that never sees an Ingress never pays for one.
final class TypeTable {
    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1";
    private static final String CORE = "io.k8s.api.core.v1";

    private final Map<String, Line> lines;
    private final Map<String, Schema.Ref> refs;
    private final List<KindSchema> kinds;

    private record Line(String section, String groupVersion, boolean kind, boolean atomic, String fields) {}

    private TypeTable(String text) {
        lines = new LinkedHashMap<>();
        refs = new LinkedHashMap<>();
        kinds = new ArrayList<>();
        read(text);
    }

    private static final class Holder {
        static final TypeTable BUILT_IN = new TypeTable(resource());
    }

    static TypeTable builtIn() {
        return Holder.BUILT_IN;
    }

    private static String resource() {
        try (var in = TypeTable.class.getResourceAsStream("types.txt")) {
            if (in == null) throw new IllegalStateException("types.txt is not on the class path");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /// The built-in kinds in the order of the table.
    List<KindSchema> kinds() {
        return kinds;
    }

    Schema.Ref objectMeta() {
        return known(META + ".ObjectMeta");
    }

    /// A type by its full name.
    Optional<Schema.Ref> find(String name) {
        return Optional.ofNullable(refs.get(name));
    }

    private Schema.Ref known(String name) {
        var ref = refs.get(name);
        if (ref == null) throw new IllegalStateException("types.txt has no " + name);
        return ref;
    }

    private void read(String text) {
        var section = "";
        var groupVersion = "";
        for (var line : (Iterable<String>) text.lines()::iterator) {
            if (line.isBlank() || line.startsWith("#")) continue;
            if (line.startsWith("[")) {
                int end = line.indexOf(']');
                section = line.substring(1, end);
                groupVersion = line.substring(end + 1).strip();
                continue;
            }
            int colon = line.indexOf(':');
            var head = line.substring(0, colon).split(" ", -1);
            boolean kind = head[0].startsWith("*");
            var name = section + "." + (kind ? head[0].substring(1) : head[0]);
            lines.put(
                    name,
                    new Line(
                            section,
                            groupVersion,
                            kind,
                            head.length > 1,
                            line.substring(colon + 1).strip()));
            refs.put(name, new Schema.Ref(name, () -> type(name)));
        }
        lines.forEach((name, line) -> {
            if (line.kind) kinds.add(kind(name, line));
        });
    }

    private KindSchema kind(String name, Line line) {
        int slash = line.groupVersion.indexOf('/');
        var group = slash < 0 ? "" : line.groupVersion.substring(0, slash);
        var version = line.groupVersion.substring(slash + 1);
        var kind = name.substring(line.section.length() + 1);
        return new KindSchema(group, version, kind, known(name), name, Optional.empty());
    }

    private Schema.Obj type(String name) {
        var line = lines.get(name);
        if (line == null) throw new IllegalStateException("types.txt has no " + name);
        SequencedMap<String, Field> fields = new LinkedHashMap<>();
        var required = new LinkedHashSet<String>();
        if (line.kind) {
            var text = new Field(
                    new Schema.Text(Traits.NONE, ""), Presence.WHEN_SET, true, false, Optional.empty(), Patch.NONE);
            fields.put("kind", text);
            fields.put("apiVersion", text);
        }
        if (!line.fields.isEmpty()) {
            for (var field : line.fields.split(", ", -1)) field(line, field, fields, required);
        }
        return new Schema.Obj(Traits.NONE, fields, Optional.empty(), required, false, false, line.atomic);
    }

    /// Reads `name[!|~]:[*]type attribute…`.
    private void field(Line line, String text, Map<String, Field> fields, Set<String> required) {
        var words = text.split(" ", -1);
        int colon = words[0].indexOf(':');
        var name = words[0].substring(0, colon);
        var type = words[0].substring(colon + 1);
        boolean always = name.endsWith("!");
        boolean omitZero = name.endsWith("~");
        if (always || omitZero) name = name.substring(0, name.length() - 1);
        boolean pointer = type.startsWith("*");
        if (pointer) type = type.substring(1);
        var attributes = Attributes.of(words);
        var schema = schema(line, type, attributes);
        boolean struct = !pointer && isStruct(schema);
        var presence =
                always || (struct && !omitZero) ? Presence.ALWAYS : pointer ? Presence.WHEN_SET : Presence.UNLESS_ZERO;
        if (attributes.required) required.add(name);
        fields.put(
                name,
                new Field(
                        schema, presence, pointer, attributes.filled, attributes.byDefault(schema), attributes.patch));
    }

    static boolean isTime(Schema schema) {
        return schema instanceof Schema.Text text
                && (text.format().equals("date-time") || text.format().equals("micro-time"));
    }

    /// Structs are never empty to Go's encoder, whatever is in them.
    private static boolean isStruct(Schema schema) {
        return schema instanceof Schema.Ref
                || schema instanceof Schema.IntOrString
                || isTime(schema)
                || (schema instanceof Schema.Text text && text.format().equals("quantity"));
    }

    private Schema schema(Line line, String type, Attributes attributes) {
        if (type.startsWith("[]")) {
            var items = schema(line, type.substring(2), Attributes.NONE);
            return new Schema.Arr(Traits.NONE, items, attributes.listType, attributes.keys);
        }
        if (type.startsWith("map<")) {
            var values = schema(line, type.substring(4, type.length() - 1), Attributes.NONE);
            return new Schema.Obj(
                    Traits.NONE,
                    new LinkedHashMap<>(),
                    Optional.of(values),
                    new LinkedHashSet<>(),
                    false,
                    false,
                    attributes.atomic);
        }
        var traits = attributes.traits();
        return switch (type) {
            case "string" -> new Schema.Text(traits, "");
            case "bytes" -> new Schema.Text(traits, "byte");
            case "Time" -> new Schema.Text(traits, "date-time");
            case "MicroTime" -> new Schema.Text(traits, "micro-time");
            case "Quantity" -> new Schema.Text(traits, "quantity");
            case "bool" -> new Schema.Bool(traits);
            case "int32", "int64" -> new Schema.Numeric(traits, true, type);
            case "double" -> new Schema.Numeric(traits, false, type);
            case "IntOrString" -> new Schema.IntOrString(traits);
            case "any" -> Schema.Any.PLAIN;
            case String name -> named(line.section, name);
        };
    }

    private Schema.Ref named(String section, String name) {
        for (var prefix : List.of(section, CORE, META)) {
            var ref = refs.get(prefix + "." + name);
            if (ref != null) return ref;
        }
        throw new IllegalStateException("types.txt: no type " + name + ", wanted in " + section);
    }

    /// What stands behind a field's type.
    private record Attributes(
            boolean required,
            boolean filled,
            ListType listType,
            List<String> keys,
            boolean atomic,
            Patch patch,
            @Nullable String defaultText,
            boolean published,
            Constraint constraint) {
        static final Attributes NONE = new Attributes(
                false, false, ListType.ATOMIC, List.of(), false, Patch.NONE, null, false, Constraint.NONE);

        static Attributes of(String[] words) {
            if (words.length == 1) return NONE;
            boolean required = false;
            boolean filled = false;
            var listType = ListType.ATOMIC;
            List<String> keys = List.of();
            boolean atomic = false;
            boolean merge = false;
            boolean retain = false;
            var mergeKey = "";
            String defaultText = null;
            boolean published = false;
            var values = Optional.<List<Json>>empty();
            var minimum = Optional.<Double>empty();
            var maximum = Optional.<Double>empty();
            for (int i = 1; i < words.length; i++) {
                var word = words[i];
                int open = word.indexOf('(');
                var inside = open > 0 ? word.substring(open + 1, word.length() - 1) : "";
                switch (open > 0 ? word.substring(0, open) : word) {
                    case "req", "req?" -> {
                        required = true;
                        filled = word.equals("req");
                    }
                    case "set" -> listType = ListType.SET;
                    case "map" -> {
                        listType = ListType.MAP;
                        keys = List.of(inside.split("\\+", -1));
                    }
                    case "atomic" -> atomic = true;
                    case "merge" -> {
                        merge = true;
                        mergeKey = inside;
                    }
                    case "retain" -> retain = true;
                    case "enum" ->
                        values = Optional.of(
                                Json.arr((Object[]) inside.split("\\|", -1)).items());
                    case "min" -> minimum = Optional.of(Double.parseDouble(inside));
                    case "port" -> {
                        minimum = Optional.of(1.0);
                        maximum = Optional.of(65535.0);
                    }
                    case String other -> {
                        published = other.startsWith("=");
                        if (!published && !other.startsWith(":=")) {
                            throw new IllegalStateException("types.txt: what is " + other + " in " + words[0]);
                        }
                        defaultText = other.substring(published ? 1 : 2);
                    }
                }
            }
            var patch = merge || retain ? new Patch(merge, mergeKey, retain) : Patch.NONE;
            var constraint = Constraint.of(values, minimum, maximum);
            return new Attributes(required, filled, listType, keys, atomic, patch, defaultText, published, constraint);
        }

        Traits traits() {
            return constraint.equals(Constraint.NONE)
                    ? Traits.NONE
                    : new Traits(false, Schema.Rules.NONE, constraint, "");
        }

        Optional<Default> byDefault(Schema schema) {
            if (defaultText == null) return Optional.empty();
            Json value = switch (schema) {
                case Schema.Text _ -> new Json.Str(defaultText.equals("\"\"") ? "" : defaultText);
                case Schema.IntOrString _ ->
                    defaultText.endsWith("%") ? new Json.Str(defaultText) : Json.parse(defaultText);
                default -> Json.parse(defaultText);
            };
            return Optional.of(new Default(value, published));
        }
    }
}
