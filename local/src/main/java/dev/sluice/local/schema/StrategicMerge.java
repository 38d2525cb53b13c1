package dev.sluice.local.schema;

import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.Patch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Strategic merge patch: a merge patch that knows which lists are maps in disguise. Built-in kinds only.
///
/// Understands `$patch: replace|delete`, `$retainKeys`, `$setElementOrder/<list>` and
/// `$deleteFromPrimitiveList/<list>`.
///
/// @see "Kubernetes: strategic merge patch"
public final class StrategicMerge {
    private static final String DIRECTIVE = "$patch";
    private static final String RETAIN = "$retainKeys";
    private static final String ORDER = "$setElementOrder/";
    private static final String DELETE = "$deleteFromPrimitiveList/";

    private StrategicMerge() {}

    /// What became of a patch.
    public sealed interface Outcome {}

    /// The object after the patch; not pruned, defaulted or validated yet.
    public record Merged(Json.Obj object) implements Outcome {}

    /// The patch cannot be applied to any object, or not to this one.
    ///
    /// @param code the HTTP status to answer
    public record Refused(int code, String message) implements Outcome {}

    /// `live` after `patch`.
    public static Outcome apply(KindSchema kind, Json.Obj live, Json.Obj patch) {
        try {
            return new Merged(object(kind.schema(), live, patch));
        } catch (Refusal refusal) {
            return new Refused(refusal.code, refusal.text);
        }
    }

    private static Json.Obj object(Schema.@Nullable Obj type, Json.Obj original, Json.Obj patch) throws Refusal {
        var directive = patch.fields().get(DIRECTIVE);
        if (directive != null) {
            return switch (directive.string("")) {
                case "replace" -> stripped(patch.without(DIRECTIVE));
                case "delete" -> Json.Obj.EMPTY;
                default -> throw unknownDirective(directive, patch);
            };
        }
        var fields = new LinkedHashMap<>(original.fields());
        retain(fields, patch);
        var ordered = new LinkedHashSet<String>();
        for (var name : patch.fields().keySet()) {
            if (name.startsWith(ORDER)) ordered.add(name.substring(ORDER.length()));
        }
        for (var name : ordered) order(type, name, fields, patch);
        for (var entry : patch.fields().entrySet()) {
            var name = entry.getKey();
            if (name.equals(RETAIN) || name.startsWith(ORDER) || ordered.contains(name)) continue;
            if (name.startsWith(DELETE)) {
                deleteFrom(fields, name.substring(DELETE.length()), entry.getValue());
                continue;
            }
            field(type, name, fields, entry.getValue());
        }
        return new Json.Obj(fields);
    }

    private static void field(Schema.@Nullable Obj type, String name, Map<String, Json> fields, Json value)
            throws Refusal {
        if (value.isNull()) {
            fields.remove(name);
            return;
        }
        var old = fields.get(name);
        if (old instanceof Json.Obj before && value instanceof Json.Obj change) {
            fields.put(name, object(child(type, name), before, change));
        } else if (old instanceof Json.Arr before && value instanceof Json.Arr change) {
            var patch = patch(type, name);
            fields.put(name, patch.merge() ? list(child(type, name), patch, before, change) : stripped(change));
        } else {
            kept(value).ifPresentOrElse(kept -> fields.put(name, kept), () -> fields.remove(name));
        }
    }

    private static void retain(Map<String, Json> fields, Json.Obj patch) throws Refusal {
        var directive = patch.fields().get(RETAIN);
        if (directive == null) return;
        if (!(directive instanceof Json.Arr(var items))) {
            throw new Refusal(400, "The input is not a valid patch: $retainKeys must be a list of field names");
        }
        Set<String> retained = new LinkedHashSet<>();
        for (var item : items) item.asString().ifPresent(retained::add);
        for (var entry : patch.fields().entrySet()) {
            var name = entry.getKey();
            if (name.startsWith("$") || entry.getValue().isNull() || retained.contains(name)) continue;
            throw new Refusal(
                    400,
                    "The input is not a valid patch: the patch sets " + name + ", which is not among its"
                            + " $retainKeys " + directive.text());
        }
        fields.keySet().retainAll(retained);
    }

    /// A list whose order the patch dictates: first merged, then what the patch names stands in the
    /// patch's order, and what only the server knows keeps its place relative to it.
    private static void order(Schema.@Nullable Obj type, String name, Map<String, Json> fields, Json.Obj patch)
            throws Refusal {
        if (!(patch.at(ORDER + name) instanceof Json.Arr(var wanted))) {
            throw new Refusal(400, "The input is not a valid patch: $setElementOrder/" + name + " must be a list");
        }
        var strategy = patch(type, name);
        var old = fields.get(name);
        var change = patch.fields().get(name);
        if (change != null && change.isNull()) {
            fields.remove(name);
            return;
        }
        if (old == null && change == null) return;
        if (change instanceof Json.Arr(var items)) checkOrder(name, strategy, items, wanted);
        List<Json> before = old == null ? List.of() : old.items();
        List<Json> merged;
        if (change == null) {
            merged = before;
        } else if (!(old instanceof Json.Arr list)) {
            merged = stripped(change).items();
        } else if (!strategy.merge()) {
            fields.put(name, stripped(change));
            return;
        } else {
            merged = list(child(type, name), strategy, list, change).items();
        }
        fields.put(name, arranged(merged, wanted, before, strategy.key()));
    }

    private static void checkOrder(String name, Patch strategy, List<Json> items, List<Json> wanted) throws Refusal {
        int at = 0;
        for (var item : items) {
            if (item.obj().has(DIRECTIVE)) continue;
            int found = indexOf(wanted, item, strategy.key());
            if (found < at) {
                throw new Refusal(
                        400,
                        "The order in patch list:\n" + new Json.Arr(items).text()
                                + "\n doesn't match $setElementOrder list:\n" + new Json.Arr(wanted).text() + "\n of "
                                + name);
            }
            at = found;
        }
    }

    private static void deleteFrom(Map<String, Json> fields, String name, Json directive) throws Refusal {
        if (!(directive instanceof Json.Arr(var gone))) {
            throw new Refusal(400, "The input is not a valid patch: " + DELETE + name + " must be a list");
        }
        if (!(fields.get(name) instanceof Json.Arr(var items))) return;
        fields.put(
                name,
                new Json.Arr(items.stream().filter(item -> !gone.contains(item)).toList()));
    }

    private static Json.Arr list(Schema.@Nullable Obj item, Patch strategy, Json.Arr original, Json patch)
            throws Refusal {
        var changes = patch.items();
        if (strategy.key().isEmpty()) {
            var union = new LinkedHashSet<>(original.items());
            union.addAll(changes);
            return arranged(List.copyOf(union), changes, original.items(), "");
        }
        var key = strategy.key();
        var merged = new ArrayList<>(original.items());
        var plain = new ArrayList<Json>();
        boolean replace = false;
        for (var change : changes) {
            if (!(change instanceof Json.Obj object)) {
                throw new Refusal(
                        400,
                        "The input is not a valid patch: an item " + change.text() + " in a list merged by " + key);
            }
            var directive = object.fields().get(DIRECTIVE);
            if (directive == null) {
                plain.add(change);
                continue;
            }
            switch (directive.string("")) {
                case "delete" -> {
                    var value = keyOf(object, key);
                    merged.removeIf(old -> old.at(key).equals(value));
                }
                case "replace" -> replace = true;
                default -> throw unknownDirective(directive, object);
            }
        }
        if (replace) return stripped(new Json.Arr(plain));
        var order = List.copyOf(merged);
        for (var change : plain) {
            var value = keyOf(change.obj(), key);
            int found = -1;
            for (int i = 0; i < merged.size() && found < 0; i++) {
                if (merged.get(i).at(key).equals(value)) found = i;
            }
            if (found < 0) merged.add(stripped(change.obj()));
            else merged.set(found, object(item, merged.get(found).obj(), change.obj()));
        }
        return arranged(merged, plain, order, key);
    }

    private static Json keyOf(Json.Obj item, String key) throws Refusal {
        var value = item.fields().get(key);
        if (value == null) {
            throw new Refusal(500, "map: " + Words.go(item) + " does not contain declared merge key: " + key);
        }
        return value;
    }

    /// Puts what the patch names into the patch's order; the rest keeps the server's order and its
    /// place before the items that it preceded.
    private static Json.Arr arranged(List<Json> merged, List<Json> wanted, List<Json> server, String key) {
        var named = new ArrayList<Json>();
        var others = new ArrayList<Json>();
        for (var item : merged) (indexOf(wanted, item, key) >= 0 ? named : others).add(item);
        named.sort((a, b) -> Integer.compare(indexOf(wanted, a, key), indexOf(wanted, b, key)));
        var arranged = new ArrayList<Json>(merged.size());
        int i = 0;
        int j = 0;
        while (i < others.size() || j < named.size()) {
            boolean other =
                    j >= named.size() || (i < others.size() && precedes(server, others.get(i), named.get(j), key));
            arranged.add(other ? others.get(i++) : named.get(j++));
        }
        return new Json.Arr(arranged);
    }

    private static boolean precedes(List<Json> server, Json left, Json right, String key) {
        int l = indexOf(server, left, key);
        int r = indexOf(server, right, key);
        return l >= 0 && r >= 0 && l < r;
    }

    private static int indexOf(List<Json> list, Json item, String key) {
        if (key.isEmpty()) return list.indexOf(item);
        var value = item.at(key);
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i).at(key).equals(value)) return i;
        }
        return -1;
    }

    /// The value of a field that was not there, or had another type: the patch without its directives and nulls;
    /// empty when it is itself a directive.
    private static Optional<Json> kept(Json value) {
        if (value instanceof Json.Obj object) {
            if (object.has(DIRECTIVE)) return Optional.empty();
            return Optional.of(stripped(object));
        }
        return Optional.of(value instanceof Json.Arr list ? stripped(list) : value);
    }

    private static Json.Obj stripped(Json.Obj object) {
        var fields = new LinkedHashMap<String, Json>();
        object.fields().forEach((name, value) -> {
            if (value.isNull() || isDirective(name)) return;
            kept(value).ifPresent(kept -> fields.put(name, kept));
        });
        return new Json.Obj(fields);
    }

    private static Json.Arr stripped(Json list) {
        var items = new ArrayList<Json>();
        for (var item : list.items()) kept(item).ifPresent(items::add);
        return new Json.Arr(items);
    }

    /// `$ref` and `$schema` are fields of a JSON schema, so a dollar alone makes no directive.
    private static boolean isDirective(String name) {
        return name.equals(DIRECTIVE) || name.equals(RETAIN) || name.startsWith(ORDER) || name.startsWith(DELETE);
    }

    private static Schema.@Nullable Obj child(Schema.@Nullable Obj type, String name) {
        var child = type == null ? null : type.child(name);
        if (child == null) return null;
        var target = child.target();
        if (target instanceof Schema.Arr list) target = list.items().target();
        return target instanceof Schema.Obj object ? object : null;
    }

    private static Patch patch(Schema.@Nullable Obj type, String name) {
        var field = type == null ? null : type.fields().get(name);
        return field == null ? Patch.NONE : field.patch();
    }

    private static Refusal unknownDirective(Json directive, Json.Obj where) {
        return new Refusal(
                400,
                "unknown patch type: " + directive.text() + " in map: " + where.text()
                        + "; $patch is replace or delete");
    }

    /// Leaves the merge; never leaves this class.
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final int code;
        private final String text;

        Refusal(int code, String text) {
            super(text, null, false, false);
            this.code = code;
            this.text = text;
        }
    }
}
