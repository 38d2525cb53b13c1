package dev.sluice.local.schema;

import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.ListType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Objects seen as sets of owned fields: which fields an object has, how two differ, how they merge,
/// what is left of one without some fields.
///
/// Three shapes matter. A *leaf* is owned as a whole: scalars, atomic lists and objects, and `null`. A
/// *map* is an object owned field by field. A *list of items* is owned item by item, by keys or by
/// value. A value without a schema counts as a map when it is an object and as a leaf otherwise.
///
/// @see "structured-merge-diff describes the behaviour that this follows"
final class Ownership {
    private Ownership() {}

    private enum Shape {
        LEAF,
        MAP,
        ITEMS
    }

    private static Shape shape(@Nullable Schema schema, Json value) {
        return switch (value) {
            case Json.Obj _ ->
                schema != null && schema.target() instanceof Schema.Obj type && type.atomic() ? Shape.LEAF : Shape.MAP;
            case Json.Arr _ ->
                schema != null && schema.target() instanceof Schema.Arr type && type.listType() != ListType.ATOMIC
                        ? Shape.ITEMS
                        : Shape.LEAF;
            default -> Shape.LEAF;
        };
    }

    private static @Nullable Schema field(@Nullable Schema schema, String name) {
        return schema != null && schema.target() instanceof Schema.Obj type ? type.child(name) : null;
    }

    private static Schema.Arr list(@Nullable Schema schema) {
        return (Schema.Arr) Objects.requireNonNull(schema).target();
    }

    /// The path element of a list item; `null` where it has none of the keys.
    private static @Nullable String element(Schema.Arr list, Json item) {
        if (list.listType() == ListType.SET) return "v:" + item.text();
        if (list.keys().size() == 1 && item.at(list.keys().getFirst()) instanceof Json.Str value) {
            return "k:{" + new Json.Str(list.keys().getFirst()).text() + ":" + value.text() + "}";
        }
        var keys = new TreeMap<String, Json>();
        for (var key : list.keys()) {
            var value = item.obj().fields().get(key);
            if (value == null || value.isNull()) {
                value = list.items().target() instanceof Schema.Obj type
                        ? Optional.ofNullable(type.fields().get(key))
                                .flatMap(Schema.Field::byDefault)
                                .map(Schema.Default::value)
                                .orElse(null)
                        : null;
            }
            if (value != null) keys.put(key, value);
        }
        return keys.isEmpty() ? null : "k:" + new Json.Obj(new LinkedHashMap<>(keys)).text();
    }

    private static SequencedItems items(Schema.Arr list, Json value) {
        var items = new SequencedItems();
        for (var item : value.items()) {
            var element = element(list, item);
            if (element != null) items.add(element, item);
        }
        return items;
    }

    /// Items by path element, in order; of duplicates the first.
    private static final class SequencedItems {
        private final Map<String, Json> byElement = new LinkedHashMap<>();

        void add(String element, Json item) {
            byElement.putIfAbsent(element, item);
        }

        List<String> elements() {
            return List.copyOf(byElement.keySet());
        }

        @Nullable
        Json get(String element) {
            return byElement.get(element);
        }

        boolean has(String element) {
            return byElement.containsKey(element);
        }
    }

    /// What keeps a configuration from being applied: fields that nobody declared, values of another
    /// type, list items that cannot be told apart.
    static List<String> obstacles(Schema schema, Json value) {
        var obstacles = new ArrayList<String>();
        obstacles(schema, value, "", obstacles);
        return obstacles;
    }

    private static void obstacles(@Nullable Schema schema, Json value, String path, List<String> out) {
        if (schema == null || value.isNull()) return;
        switch (schema.target()) {
            case Schema.Obj type -> {
                if (!(value instanceof Json.Obj(var fields))) {
                    out.add(path + ": expected map, got " + goValue(value));
                    return;
                }
                fields.forEach((name, field) -> {
                    var child = type.child(name);
                    if (child == null && !type.open()) out.add(path + "." + name + ": field not declared in schema");
                    else obstacles(child, field, path + "." + name, out);
                });
            }
            case Schema.Arr type -> {
                if (!(value instanceof Json.Arr(var items))) {
                    out.add(path + ": expected list, got " + goValue(value));
                    return;
                }
                var seen = new LinkedHashSet<String>();
                for (int i = 0; i < items.size(); i++) {
                    var item = items.get(i);
                    var step = "[" + i + "]";
                    if (type.listType() != ListType.ATOMIC) {
                        var element = element(type, item);
                        if (element == null) {
                            out.add(path + ": element " + i + ": associative list with keys has an element that omits"
                                    + " all key fields " + Json.of(type.keys()).text()
                                    + " (and doesn't have default values for any key fields)");
                            continue;
                        }
                        step = FieldSet.shown(element);
                        if (!seen.add(element)) out.add(path + ": duplicate entries for key " + step);
                    }
                    obstacles(type.items(), item, path + step, out);
                }
            }
            case Schema.Numeric _
            when !(value instanceof Json.Num) ->
                out.add(path + ": expected numeric (int or float), got " + goType(value));
            case Schema.Bool _
            when !(value instanceof Json.Bool) -> out.add(path + ": expected boolean, got " + goValue(value));
            default -> {}
        }
    }

    private static String goType(Json value) {
        return switch (value) {
            case Json.Str _ -> "string";
            case Json.Bool _ -> "bool";
            case Json.Obj _ -> "map[string]interface {}";
            case Json.Arr _ -> "[]interface {}";
            case Json.Int _ -> "int64";
            case Json.Dec _ -> "float64";
            case Json.Null _ -> "nil";
        };
    }

    private static String goValue(Json value) {
        return "&{" + value.string(value.text()) + "}";
    }

    /// The fields that an applied configuration claims.
    static FieldSet fields(@Nullable Schema schema, Json value) {
        var builder = new FieldSet.Builder();
        fields(schema, value, builder);
        return builder.build();
    }

    private static void fields(@Nullable Schema schema, Json value, FieldSet.Builder out) {
        switch (shape(schema, value)) {
            case LEAF -> out.add();
            case MAP ->
                value.fields().forEach((name, field) -> {
                    var child = out.at("f:" + name);
                    fields(field(schema, name), field, child);
                    boolean declared = schema != null
                            && schema.target() instanceof Schema.Obj type
                            && type.fields().containsKey(name);
                    if (!declared || (field instanceof Json.Obj object && object.isEmpty())) child.add();
                });
            case ITEMS -> {
                var list = list(schema);
                var items = items(list, value);
                for (var element : items.elements()) {
                    var child = out.at(element);
                    fields(list.items(), Objects.requireNonNull(items.get(element)), child);
                    child.add();
                }
            }
        }
    }

    /// How two objects differ.
    record Comparison(FieldSet added, FieldSet modified, FieldSet removed) {
        static Comparison of(Schema schema, Json old, Json now) {
            var added = new FieldSet.Builder();
            var modified = new FieldSet.Builder();
            var removed = new FieldSet.Builder();
            compare(schema, old, now, added, modified, removed);
            return new Comparison(added.build(), modified.build(), removed.build());
        }

        Comparison without(FieldSet ignored) {
            return new Comparison(added.without(ignored), modified.without(ignored), removed.without(ignored));
        }

        FieldSet changed() {
            return modified.union(added);
        }
    }

    private static void compare(
            @Nullable Schema schema,
            @Nullable Json old,
            @Nullable Json now,
            FieldSet.Builder added,
            FieldSet.Builder modified,
            FieldSet.Builder removed) {
        if (old == null && now == null) return;
        if (old != null && old.equals(now)) return;
        if (old == null) {
            everything(schema, Objects.requireNonNull(now), added);
            return;
        }
        if (now == null) {
            everything(schema, old, removed);
            return;
        }
        if (now.isNull() && shape(schema, old) != Shape.LEAF) {
            // Emptied, but still named: what was below it went, it did not.
            compare(schema, old, old instanceof Json.Obj ? Json.Obj.EMPTY : Json.Arr.EMPTY, added, modified, removed);
            return;
        }
        var shape = shape(schema, now);
        if (old.isNull() && shape != Shape.LEAF) {
            // Named before, and only now filled.
            compare(schema, now instanceof Json.Obj ? Json.Obj.EMPTY : Json.Arr.EMPTY, now, added, modified, removed);
            return;
        }
        boolean bothEmpty = Pruning.isZero(old) && Pruning.isZero(now);
        if (shape == Shape.LEAF || shape != shape(schema, old) || bothEmpty) {
            // A value that changed its shape is removed in one and added in the other.
            modified.add();
            if (!bothEmpty && !(shape == Shape.LEAF && shape(schema, old) == Shape.LEAF)) {
                everything(schema, old, removed);
                everything(schema, now, added);
            }
            return;
        }
        if (shape == Shape.MAP) {
            old.fields().forEach((name, before) -> {
                var after = now.fields().get(name);
                if (!before.equals(after)) field(schema, name, before, after, added, modified, removed);
            });
            now.fields().forEach((name, after) -> {
                if (!old.fields().containsKey(name)) field(schema, name, null, after, added, modified, removed);
            });
            return;
        }
        var list = list(schema);
        var before = items(list, old);
        var after = items(list, now);
        var elements = new LinkedHashSet<>(before.elements());
        elements.addAll(after.elements());
        for (var element : elements) {
            compare(
                    list.items(),
                    before.get(element),
                    after.get(element),
                    added.at(element),
                    modified.at(element),
                    removed.at(element));
        }
    }

    private static void field(
            @Nullable Schema schema,
            String name,
            @Nullable Json old,
            @Nullable Json now,
            FieldSet.Builder added,
            FieldSet.Builder modified,
            FieldSet.Builder removed) {
        var element = "f:" + name;
        compare(field(schema, name), old, now, added.at(element), modified.at(element), removed.at(element));
    }

    /// A value that is there on one side only: itself and everything below it.
    private static void everything(@Nullable Schema schema, Json value, FieldSet.Builder out) {
        out.add();
        switch (shape(schema, value)) {
            case LEAF -> {}
            case MAP ->
                value.fields().forEach((name, field) -> everything(field(schema, name), field, out.at("f:" + name)));
            case ITEMS -> {
                var list = list(schema);
                var items = items(list, value);
                for (var element : items.elements()) {
                    everything(list.items(), Objects.requireNonNull(items.get(element)), out.at(element));
                }
            }
        }
    }

    /// `live` with what `applied` says laid over it.
    static Json merge(@Nullable Schema schema, Json live, Json applied) {
        // Saying nothing about a map or a list leaves it to those who do.
        if (applied.isNull() && shape(schema, live) != Shape.LEAF) return live;
        var shape = shape(schema, applied);
        if (shape == Shape.LEAF || shape != shape(schema, live)) return applied;
        if (shape == Shape.MAP) {
            var fields = new LinkedHashMap<>(live.fields());
            applied.fields().forEach((name, value) -> {
                var old = fields.get(name);
                fields.put(name, old == null ? value : merge(field(schema, name), old, value));
            });
            return new Json.Obj(fields);
        }
        return mergeItems(list(schema), live, applied);
    }

    /// Applied items keep the applied order; items only the object has keep their place between them.
    private static Json mergeItems(Schema.Arr list, Json live, Json applied) {
        var left = items(list, live);
        var right = items(list, applied);
        var lefts = left.elements();
        var rights = right.elements();
        var shared = new ArrayList<>(rights.stream().filter(left::has).toList());
        var done = new LinkedHashSet<String>();
        var merged = new ArrayList<Json>();
        int l = 0;
        int r = 0;
        while (l < lefts.size() || r < rights.size()) {
            if (l < lefts.size()) {
                var element = lefts.get(l);
                boolean alsoApplied = right.has(element);
                if (!alsoApplied) {
                    merged.add(Objects.requireNonNull(left.get(element)));
                    l++;
                    continue;
                }
                boolean outOfTurn = done.contains(element)
                        || (!shared.isEmpty() && !shared.getFirst().equals(element));
                if (outOfTurn) {
                    l++;
                    continue;
                }
            }
            if (r < rights.size()) {
                var element = rights.get(r++);
                done.add(element);
                var mine = Objects.requireNonNull(right.get(element));
                var theirs = left.get(element);
                merged.add(theirs == null ? mine : merge(list.items(), theirs, mine));
                if (!shared.isEmpty() && shared.getFirst().equals(element)) shared.removeFirst();
            }
        }
        return new Json.Arr(merged);
    }

    /// `value` without the fields of a set.
    ///
    /// @param trace leave a `null` where nothing is left of an object or list that is not in the set itself, so
    ///     that it
    ///     still counts as a field; else it goes too
    static Json remove(@Nullable Schema schema, Json value, FieldSet gone, boolean trace) {
        if (gone.children().isEmpty()) return value;
        return switch (shape(schema, value)) {
            case LEAF -> value;
            case MAP -> {
                var fields = new LinkedHashMap<String, Json>();
                value.fields().forEach((name, field) -> {
                    var below = gone.child("f:" + name);
                    if (below.member()) return;
                    var left = remove(field(schema, name), field, below, trace);
                    if (trace || !left.isNull() || field.isNull()) fields.put(name, left);
                });
                yield fields.isEmpty() && !value.fields().isEmpty() ? Json.Null.VALUE : new Json.Obj(fields);
            }
            case ITEMS -> {
                var list = list(schema);
                var items = new ArrayList<Json>();
                for (var item : value.items()) {
                    var element = element(list, item);
                    var below = element == null ? FieldSet.EMPTY : gone.child(element);
                    if (below.member()) continue;
                    var left = remove(list.items(), item, below, trace);
                    if (!left.isNull()) items.add(left);
                }
                yield items.isEmpty() && !value.items().isEmpty() ? Json.Null.VALUE : new Json.Arr(items);
            }
        };
    }
}
