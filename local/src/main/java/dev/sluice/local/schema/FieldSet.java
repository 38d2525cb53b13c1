package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A set of paths into an object: what a manager owns. Immutable; a tree of path elements in the encoding of
/// `fieldsV1`: `f:name` a field, `k:{…}` a list item by its keys, `v:…` a set item by its value.
///
/// @see "Kubernetes: server-side apply, FieldsV1"
@SuppressWarnings("ReferenceEquality") // sets made from one another share what is the same
final class FieldSet {
    static final FieldSet EMPTY = new FieldSet(false, new TreeMap<>());
    static final FieldSet LEAF = new FieldSet(true, new TreeMap<>());
    /// Sets by the very tree that was read or written: nearly every write finds what the last one left.
    private static final AtomicReferenceArray<Known> KNOWN = new AtomicReferenceArray<>(1024);

    private record Known(Json.Obj json, FieldSet set) {}

    private final boolean member;
    private final Map<String, FieldSet> children;
    private volatile Json.@Nullable Obj json;

    FieldSet(boolean member, Map<String, FieldSet> children) {
        this.member = member;
        this.children = children;
    }

    /// Whether the path that leads here is in the set.
    boolean member() {
        return member;
    }

    /// What lies below, in the order of the encoding.
    Map<String, FieldSet> children() {
        return children;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other == this
                || (other instanceof FieldSet set && member == set.member && children.equals(set.children));
    }

    @Override
    public int hashCode() {
        return children.hashCode() * 31 + Boolean.hashCode(member);
    }

    @Override
    public String toString() {
        return json().text();
    }

    boolean isEmpty() {
        return !member && children.isEmpty();
    }

    FieldSet child(String element) {
        return children.getOrDefault(element, EMPTY);
    }

    /// Reads `fieldsV1`.
    static FieldSet of(Json fields) {
        if (!(fields instanceof Json.Obj object) || object.isEmpty()) return LEAF;
        var known = KNOWN.get(place(object));
        if (known != null && known.json == object) return known.set;
        var set = read(object);
        KNOWN.set(place(object), new Known(object, set));
        return set;
    }

    private static int place(Json.Obj json) {
        int hash = System.identityHashCode(json);
        return (hash ^ (hash >>> 10)) & (KNOWN.length() - 1);
    }

    private static FieldSet read(Json fields) {
        var children = new TreeMap<String, FieldSet>();
        boolean self = false;
        for (var entry : fields.fields().entrySet()) {
            if (entry.getKey().equals(".")) self = true;
            else children.put(entry.getKey(), read(entry.getValue()));
        }
        return children.isEmpty() ? LEAF : new FieldSet(self, children);
    }

    /// Writes `fieldsV1`.
    Json.Obj json() {
        var written = json;
        if (written == null) {
            written = write();
            json = written;
            if (!children.isEmpty()) KNOWN.set(place(written), new Known(written, this));
        }
        return written;
    }

    private Json.Obj write() {
        var fields = new LinkedHashMap<String, Json>();
        if (member && !children.isEmpty()) fields.put(".", Json.Obj.EMPTY);
        children.forEach((element, below) -> fields.put(element, below.json()));
        return new Json.Obj(fields);
    }

    FieldSet union(FieldSet other) {
        if (other.isEmpty() || other == this) return this;
        if (isEmpty()) return other;
        TreeMap<String, FieldSet> all = null;
        for (var entry : other.children.entrySet()) {
            var mine = children.get(entry.getKey());
            var both = mine == null ? entry.getValue() : mine.union(entry.getValue());
            if (both == mine) continue;
            if (all == null) all = new TreeMap<>(children);
            all.put(entry.getKey(), both);
        }
        if (all == null && (member || !other.member)) return this;
        return new FieldSet(member || other.member, all == null ? children : all);
    }

    /// The paths here that are not in `other`; paths below a path in `other` stay.
    FieldSet minus(FieldSet other) {
        if (other.isEmpty()) return this;
        TreeMap<String, FieldSet> left = null;
        for (var entry : other.children.entrySet()) {
            var mine = children.get(entry.getKey());
            if (mine == null) continue;
            var rest = mine.minus(entry.getValue());
            if (rest == mine) continue;
            if (left == null) left = new TreeMap<>(children);
            if (rest.isEmpty()) left.remove(entry.getKey());
            else left.put(entry.getKey(), rest);
        }
        if (left == null && !(member && other.member)) return this;
        return made(member && !other.member, left == null ? children : left);
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
    ///
    /// Comparing two objects looks at far more paths than it adds: what lies below is hung into the
    /// tree with the first path that is added there.
    static final class Builder {
        private final @Nullable Builder parent;
        private final String element;
        private boolean attached;
        private boolean member;
        private final TreeMap<String, Builder> children = new TreeMap<>();

        Builder() {
            this(null, "");
        }

        private Builder(@Nullable Builder parent, String element) {
            this.parent = parent;
            this.element = element;
        }

        Builder at(String below) {
            var known = children.get(below);
            return known == null ? new Builder(this, below) : known;
        }

        void add() {
            member = true;
            attach();
        }

        private void attach() {
            if (attached) return;
            attached = true;
            if (parent == null) return;
            parent.attach();
            if (parent.children.put(element, this) != null) throw new IllegalStateException("built twice: " + element);
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
