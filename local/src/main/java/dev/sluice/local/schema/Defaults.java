package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Fills in what the API server fills in.
///
/// Plain defaults are data: `types.txt` and the `default` of custom resources. Those that depend on
/// other fields are in [BuiltInDefaults].
@SuppressWarnings("ReferenceEquality") // the same tree means that nothing changed, and saves comparing
public final class Defaults {
    private Defaults() {}

    /// An object with every default in place; the same object when nothing was missing. Idempotent.
    ///
    /// @param object as [Pruning#prune] leaves it
    public static Json.Obj apply(KindSchema kind, Json.Obj object) {
        return apply(kind, object, Json.Obj.EMPTY);
    }

    /// [#apply(KindSchema, Json.Obj)] of an object made from one that has its defaults: what both share has them. Of
    /// custom kinds all is looked at, since their schema may have changed meanwhile.
    public static Json.Obj apply(KindSchema kind, Json.Obj object, Json.Obj known) {
        return kind.builtIn() ? builtIn(kind.root(), object, known) : custom(kind.schema(), object);
    }

    /// First the plain defaults of a type, then what follows from them, then the values below, which
    /// may be defaults themselves.
    private static Json.Obj builtIn(Schema schema, Json.Obj object, Json known) {
        if (object == known) return object;
        var type = (Schema.Obj) schema.target();
        var here = object;
        if (!type.fields().isEmpty()) {
            here = plain(type, here, false);
            if (schema instanceof Schema.Ref ref) here = BuiltInDefaults.apply(ref.name(), here);
        }
        LinkedHashMap<String, Json> changed = null;
        for (var entry : here.fields().entrySet()) {
            var child = type.child(entry.getKey());
            if (child == null) continue;
            var value = entry.getValue();
            var filled = builtInValue(child, value, known.at(entry.getKey()));
            if (filled != value) {
                if (changed == null) changed = new LinkedHashMap<>(here.fields());
                changed.put(entry.getKey(), filled);
            }
        }
        return changed == null ? here : new Json.Obj(changed);
    }

    private static Json builtInValue(Schema schema, Json value, Json known) {
        if (value == known) return value;
        if (value instanceof Json.Obj object && schema.target() instanceof Schema.Obj) {
            return builtIn(schema, object, known);
        }
        if (value instanceof Json.Arr(var items) && schema instanceof Schema.Arr list) {
            List<Json> changed = null;
            for (int i = 0; i < items.size(); i++) {
                var filled = builtInValue(list.items(), items.get(i), known.at(i));
                if (filled != items.get(i)) {
                    if (changed == null) changed = new ArrayList<>(items);
                    changed.set(i, filled);
                }
            }
            return changed == null ? value : new Json.Arr(changed);
        }
        return value;
    }

    private static Json.Obj plain(Schema.Obj type, Json.Obj object, boolean custom) {
        LinkedHashMap<String, Json> changed = null;
        for (var entry : type.fields().entrySet()) {
            var field = entry.getValue();
            if (field.byDefault().isEmpty()) continue;
            var name = entry.getKey();
            var value = field.byDefault().get().value();
            if (!missing(field, object.fields().get(name), custom)) continue;
            if (!custom && field.presence() == Schema.Presence.UNLESS_ZERO && Pruning.isZero(value)) continue;
            if (changed == null) changed = new LinkedHashMap<>(object.fields());
            changed.put(name, value);
        }
        if (custom) {
            for (var entry : object.fields().entrySet()) {
                // What is null but may not be, and has no default, counts as not given.
                if (!entry.getValue().isNull()) continue;
                var child = type.child(entry.getKey());
                if (child == null || child.traits().nullable() || child instanceof Schema.Any) continue;
                if (changed == null) changed = new LinkedHashMap<>(object.fields());
                changed.remove(entry.getKey(), Json.Null.VALUE);
            }
        }
        return changed == null ? object : new Json.Obj(changed);
    }

    private static boolean missing(Schema.Field field, @Nullable Json value, boolean custom) {
        if (value == null) return true;
        if (custom) return value.isNull() && !field.schema().traits().nullable();
        return value.isNull() || (!field.pointer() && Pruning.isZero(value));
    }

    /// A value of a custom resource with the defaults below it.
    static Json custom(Schema schema, Json value) {
        return customValue(schema, value);
    }

    private static Json.Obj custom(Schema.Obj type, Json.Obj object) {
        var here = plain(type, object, true);
        LinkedHashMap<String, Json> changed = null;
        for (var entry : here.fields().entrySet()) {
            var child = type.child(entry.getKey());
            if (child == null || child instanceof Schema.Ref) continue;
            var filled = customValue(child, entry.getValue());
            if (filled != entry.getValue()) {
                if (changed == null) changed = new LinkedHashMap<>(here.fields());
                changed.put(entry.getKey(), filled);
            }
        }
        return changed == null ? here : new Json.Obj(changed);
    }

    private static Json customValue(Schema schema, Json value) {
        if (value instanceof Json.Obj object && schema instanceof Schema.Obj type) return custom(type, object);
        if (value instanceof Json.Arr(var items) && schema instanceof Schema.Arr list) {
            List<Json> changed = null;
            for (int i = 0; i < items.size(); i++) {
                var filled = customValue(list.items(), items.get(i));
                if (filled != items.get(i)) {
                    if (changed == null) changed = new ArrayList<>(items);
                    changed.set(i, filled);
                }
            }
            return changed == null ? value : new Json.Arr(changed);
        }
        return value;
    }
}
