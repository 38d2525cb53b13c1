package dev.sluice.local.schema;

import dev.sluice.format.Quantity;
import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.Field;
import dev.sluice.local.schema.Schema.Presence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Drops what a kind does not have, and brings the rest into the form in which the server stores it.
@SuppressWarnings("ReferenceEquality") // the same tree means that nothing changed, and saves comparing
public final class Pruning {
    private Pruning() {}

    /// An object as it is after the server has read it and before it fills in defaults.
    ///
    /// Custom resources lose unknown fields. Built-in kinds take the round trip through Go's types:
    /// unknown fields go, zero values go or come as each field has it, fields stand in the order of the
    /// type, and quantities and times are written in their one canonical way. Idempotent.
    public static Json.Obj prune(KindSchema kind, Json.Obj object) {
        return prune(kind, object, Json.Obj.EMPTY);
    }

    /// [#prune(KindSchema, Json.Obj)] of an object made from one that was pruned: what both share is not looked at
    /// again. Of custom kinds all is, since their schema may have changed meanwhile.
    public static Json.Obj prune(KindSchema kind, Json.Obj object, Json.Obj known) {
        if (!kind.builtIn()) return open(kind.schema(), object);
        boolean secret = kind.kind().equals("Secret") && kind.group().isEmpty();
        return canonical(kind.schema(), secret ? BuiltInDefaults.secret(object) : object, known);
    }

    /// The paths of fields the kind does not have, such as `spec.template.spec.containers[0].imagee`,
    /// in the order in which they stand in the object.
    public static List<String> unknownFields(KindSchema kind, Json.Obj object) {
        return unknownFields(kind, object, Json.Obj.EMPTY);
    }

    /// [#unknownFields(KindSchema, Json.Obj)] of an object made from one that was pruned, see [#prune].
    public static List<String> unknownFields(KindSchema kind, Json.Obj object, Json.Obj known) {
        var unknown = new ArrayList<String>();
        unknown(kind.schema(), object, Path.ROOT, unknown, kind.builtIn() ? known : Json.Null.VALUE);
        return unknown;
    }

    private static void unknown(Schema schema, Json value, Path path, List<String> unknown, Json known) {
        if (value == known) return;
        switch (schema.target()) {
            case Schema.Obj type
            when value instanceof Json.Obj(var fields) ->
                fields.forEach((name, field) -> {
                    var child = type.child(name);
                    if (child != null) {
                        var old = known.at(name);
                        if (field != old && isTree(field)) unknown(child, field, path.child(name), unknown, old);
                    } else if (!type.open()) unknown.add(path.child(name).toString());
                });
            case Schema.Arr type
            when value instanceof Json.Arr(var items) -> {
                for (int i = 0; i < items.size(); i++) {
                    unknown(type.items(), items.get(i), path.item(i), unknown, known.at(i));
                }
            }
            default -> {}
        }
    }

    private static boolean isTree(Json value) {
        return value instanceof Json.Obj || value instanceof Json.Arr;
    }

    private static Json.Obj open(Schema.Obj type, Json.Obj object) {
        LinkedHashMap<String, Json> changed = null;
        for (var entry : object.fields().entrySet()) {
            var name = entry.getKey();
            var value = entry.getValue();
            var child = type.child(name);
            if (child == null) {
                if (type.open()) continue;
                if (changed == null) changed = new LinkedHashMap<>(object.fields());
                changed.remove(name);
                continue;
            }
            var kept = child instanceof Schema.Ref metadata && value instanceof Json.Obj given
                    ? canonical(metadata.target(), given, Json.Null.VALUE)
                    : open(child, value);
            if (kept != value) {
                if (changed == null) changed = new LinkedHashMap<>(object.fields());
                changed.put(name, kept);
            }
        }
        return changed == null ? object : new Json.Obj(changed);
    }

    private static Json open(Schema schema, Json value) {
        return switch (schema) {
            case Schema.Obj type when value instanceof Json.Obj object -> open(type, object);
            case Schema.Arr type
            when value instanceof Json.Arr(var items) -> {
                List<Json> changed = null;
                for (int i = 0; i < items.size(); i++) {
                    var kept = open(type.items(), items.get(i));
                    if (kept != items.get(i)) {
                        if (changed == null) changed = new ArrayList<>(items);
                        changed.set(i, kept);
                    }
                }
                yield changed == null ? value : new Json.Arr(changed);
            }
            default -> value;
        };
    }

    private static Json.Obj canonical(Schema.Obj type, Json.Obj object, Json known) {
        // What the server itself begins with is stored empty, and filled by the first write after.
        if (object == known && !object.isEmpty()) return object;
        if (type.values().isPresent()) {
            var values = type.values().get();
            var sorted = new TreeMap<String, Json>();
            object.fields().forEach((name, value) -> sorted.put(name, canonical(values, value, true, known.at(name))));
            return same(sorted, object) ? object : new Json.Obj(new LinkedHashMap<>(sorted));
        }
        // Most objects stand in the order of their type already: then one walk along both tells, and little is copied.
        var here = object;
        var given = object.fields().entrySet().iterator();
        var next = given.hasNext() ? given.next() : null;
        for (var entry : type.fields().entrySet()) {
            if (next != null && next.getKey().equals(entry.getKey())) {
                var kept = canonical(entry.getValue(), next.getValue(), known.at(next.getKey()));
                if (kept == null) return rebuilt(type, object, known);
                if (kept != next.getValue()) here = here.with(next.getKey(), kept);
                next = given.hasNext() ? given.next() : null;
            } else if (entry.getValue().presence() == Presence.ALWAYS) {
                return rebuilt(type, object, known);
            }
        }
        return next == null ? here : rebuilt(type, object, known);
    }

    private static Json.Obj rebuilt(Schema.Obj type, Json.Obj object, Json known) {
        var fields = new LinkedHashMap<String, Json>();
        type.fields().forEach((name, field) -> {
            var kept = canonical(field, object.fields().get(name), known.at(name));
            if (kept != null) fields.put(name, kept);
        });
        return fields.size() == object.fields().size() && same(fields, object) ? object : new Json.Obj(fields);
    }

    /// Equal and in the same order: then the old tree can stay, and with it everything that points to it.
    private static boolean same(Map<String, Json> fields, Json.Obj object) {
        var old = object.fields().entrySet().iterator();
        for (var entry : fields.entrySet()) {
            var before = old.next();
            if (before.getValue() != entry.getValue() || !before.getKey().equals(entry.getKey())) return false;
        }
        return true;
    }

    private static @Nullable Json canonical(Field field, @Nullable Json value, Json known) {
        if (value == null || value.isNull()) return field.presence() == Presence.ALWAYS ? zero(field) : null;
        var kept = canonical(field.schema(), value, false, known);
        return field.presence() == Presence.UNLESS_ZERO && isZero(kept) ? null : kept;
    }

    private static Json canonical(Schema schema, Json value, boolean item, Json known) {
        if (value.isNull() && item) return zero(schema, false);
        if (value == known && !(value instanceof Json.Obj)) return value;
        return switch (schema.target()) {
            case Schema.Obj type when value instanceof Json.Obj object -> canonical(type, object, known);
            case Schema.Arr type
            when value instanceof Json.Arr(var items) -> {
                List<Json> changed = null;
                for (int i = 0; i < items.size(); i++) {
                    var kept = canonical(type.items(), items.get(i), true, known.at(i));
                    if (kept != items.get(i)) {
                        if (changed == null) changed = new ArrayList<>(items);
                        changed.set(i, kept);
                    }
                }
                yield changed == null ? value : new Json.Arr(changed);
            }
            case Schema.Text type when type.format().equals("quantity") -> quantity(value);
            case Schema.Text type when type.format().equals("date-time") -> Timestamps.seconds(value);
            case Schema.Text type when type.format().equals("micro-time") -> Timestamps.micros(value);
            default -> value;
        };
    }

    /// The text of a quantity given as string or number; the value as it is where it is none.
    private static Json quantity(Json value) {
        var given = value instanceof Json.Num number ? number.text() : value.string("");
        try {
            var text = Quantity.parse(given).text();
            return value instanceof Json.Str && text.equals(given) ? value : new Json.Str(text);
        } catch (IllegalArgumentException none) {
            return value;
        }
    }

    private static Json zero(Field field) {
        return zero(field.schema(), field.pointer());
    }

    /// What Go's encoder writes for a value that was never set.
    private static Json zero(Schema schema, boolean pointer) {
        if (pointer) return Json.Null.VALUE;
        return switch (schema.target()) {
            case Schema.Obj type ->
                type.values().isPresent() ? Json.Null.VALUE : canonical(type, Json.Obj.EMPTY, Json.Null.VALUE);
            case Schema.Arr _, Schema.Any _ -> Json.Null.VALUE;
            case Schema.Text type ->
                TypeTable.isTime(type)
                        ? Json.Null.VALUE
                        : new Json.Str(type.format().equals("quantity") ? "0" : "");
            case Schema.Numeric _, Schema.IntOrString _ -> new Json.Int(0);
            case Schema.Bool _ -> new Json.Bool(false);
            case Schema.Ref ref -> throw new IllegalStateException("a reference to a reference: " + ref);
        };
    }

    static boolean isZero(Json value) {
        return switch (value) {
            case Json.Obj object -> object.isEmpty();
            case Json.Arr(var items) -> items.isEmpty();
            case Json.Str(var text) -> text.isEmpty();
            case Json.Int(var number) -> number == 0;
            case Json.Dec(var number) -> number == 0;
            case Json.Bool(var bool) -> !bool;
            case Json.Null _ -> true;
        };
    }
}
