package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A set of paths into an object: what a manager owns. Immutable; a tree of path elements in the encoding of
/// `fieldsV1`: `f:name` a field, `k:{…}` a list item by its keys, `v:…` a set item by its value.
///
/// @param member whether the path that leads here is in the set
/// @param children what lies below, in the order of the encoding
/// @see "Kubernetes: server-side apply, FieldsV1"
record FieldSet(boolean member, Map<String, FieldSet> children) {
    static final FieldSet EMPTY = new FieldSet(false, Map.of());
    static final FieldSet LEAF = new FieldSet(true, Map.of());

    boolean isEmpty() {
        return !member && children.isEmpty();
    }

    FieldSet child(String element) {
        return children.getOrDefault(element, EMPTY);
    }

    /// Reads `fieldsV1`.
    static FieldSet of(Json fields) {
        var children = new TreeMap<String, FieldSet>();
        boolean self = false;
        for (var entry : fields.fields().entrySet()) {
            if (entry.getKey().equals(".")) self = true;
            else children.put(entry.getKey(), of(entry.getValue()));
        }
        return children.isEmpty() ? LEAF : new FieldSet(self, children);
    }

    /// Writes `fieldsV1`.
    Json.Obj json() {
        var fields = new LinkedHashMap<String, Json>();
        if (member && !children.isEmpty()) fields.put(".", Json.Obj.EMPTY);
        children.forEach((element, below) -> fields.put(element, below.json()));
        return new Json.Obj(fields);
    }

    FieldSet union(FieldSet other) {
        if (other.isEmpty()) return this;
        if (isEmpty()) return other;
        var all = new TreeMap<>(children);
        other.children.forEach((element, below) -> all.merge(element, below, FieldSet::union));
        return new FieldSet(member || other.member, all);
    }

    /// The paths here that are not in `other`; paths below a path in `other` stay.
    FieldSet minus(FieldSet other) {
        if (other.isEmpty()) return this;
        var left = new TreeMap<String, FieldSet>();
        children.forEach((element, below) -> {
            var rest = below.minus(other.child(element));
            if (!rest.isEmpty()) left.put(element, rest);
        });
        return made(member && !other.member, left);
    }

    /// The paths here that are neither in `other` nor below a path in it.
    FieldSet without(FieldSet other) {
        if (other.isEmpty()) return this;
        if (other.member) return EMPTY;
        var left = new TreeMap<String, FieldSet>();
        children.forEach((element, below) -> {
            var rest = below.without(other.child(element));
            if (!rest.isEmpty()) left.put(element, rest);
        });
        return made(member, left);
    }

    FieldSet intersect(FieldSet other) {
        if (isEmpty() || other.isEmpty()) return EMPTY;
        var both = new TreeMap<String, FieldSet>();
        children.forEach((element, below) -> {
            var common = below.intersect(other.child(element));
            if (!common.isEmpty()) both.put(element, common);
        });
        return made(member && other.member, both);
    }

    private static FieldSet made(boolean member, Map<String, FieldSet> children) {
        if (children.isEmpty()) return member ? LEAF : EMPTY;
        return new FieldSet(member, children);
    }

    /// This with every declared field that has something below it as a member too.
    FieldSet withNamedFields(@Nullable Schema schema) {
        if (children.isEmpty()) return this;
        var all = new TreeMap<String, FieldSet>();
        children.forEach((element, below) -> {
            var inner = below.withNamedFields(childSchema(schema, element));
            boolean named = element.startsWith("f:")
                    && schema != null
                    && schema.target() instanceof Schema.Obj type
                    && type.fields().containsKey(element.substring(2));
            all.put(element, named && !inner.member ? new FieldSet(true, inner.children) : inner);
        });
        return new FieldSet(member, all);
    }

    static @Nullable Schema childSchema(@Nullable Schema schema, String element) {
        if (schema == null) return null;
        return switch (schema.target()) {
            case Schema.Obj type when element.startsWith("f:") -> type.child(element.substring(2));
            case Schema.Arr type -> type.items();
            default -> null;
        };
    }

    /// Every path, as kubectl shows it: `.spec.template.spec.containers[name="web"].image`.
    List<String> paths() {
        var paths = new ArrayList<String>();
        paths("", paths::add);
        return paths;
    }

    /// At each level first what is itself in the set, then what lies below: the order of the API server's
    /// messages.
    private void paths(String here, Consumer<String> out) {
        children.forEach((element, below) -> {
            if (below.member) out.accept(here + shown(element));
        });
        children.forEach((element, below) -> below.paths(here + shown(element), out));
    }

    static String shown(String element) {
        var text = element.substring(2);
        return switch (element.charAt(0)) {
            case 'f' -> "." + text;
            case 'k' -> {
                var keys = new ArrayList<String>();
                Json.parse(text).fields().forEach((name, value) -> keys.add(name + "=" + value.text()));
                yield "[" + String.join(",", keys) + "]";
            }
            case 'v' -> "[=" + text + "]";
            default -> "[" + text + "]";
        };
    }

    /// Builds a set path by path.
    static final class Builder {
        private boolean member;
        private final TreeMap<String, Builder> children = new TreeMap<>();

        Builder at(String element) {
            return children.computeIfAbsent(element, _ -> new Builder());
        }

        void add() {
            member = true;
        }

        FieldSet build() {
            if (children.isEmpty()) return member ? LEAF : EMPTY;
            var built = new TreeMap<String, FieldSet>();
            children.forEach((element, builder) -> {
                var below = builder.build();
                if (!below.isEmpty()) built.put(element, below);
            });
            return made(member, built);
        }
    }
}
