package dev.sluice.json;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// JSON merge patch (RFC 7396): the form in which a status is written, so that fields others set are left alone.
public final class MergePatch {
    private static final int FEW = 8;

    private MergePatch() {}

    /// `target` after `patch`: `null` removes, objects merge, everything else replaces.
    public static Json apply(Json target, Json patch) {
        if (!(patch instanceof Json.Obj(var changes))) return patch;
        if (changes.size() > FEW) return applyMany(target, changes);
        // Of a small patch most of the object is left; what is not named is shared with it.
        var patched = target.obj();
        for (var change : changes.entrySet()) {
            var name = change.getKey();
            var value = change.getValue();
            patched = value.isNull() ? patched.without(name) : patched.with(name, apply(patched.at(name), value));
        }
        return patched;
    }

    private static Json applyMany(Json target, SequencedMap<String, Json> changes) {
        var fields = new LinkedHashMap<>(target.fields());
        changes.forEach((name, change) -> {
            if (change.isNull()) fields.remove(name);
            else fields.put(name, apply(fields.getOrDefault(name, Json.Null.VALUE), change));
        });
        return new Json.Obj(fields);
    }

    /// The smallest patch that turns `from` into `to`; the empty object when they are equal.
    ///
    /// Holds an explicit `null` for each field that `to` lacks. A value `null` inside `to` cannot be
    /// expressed by a merge patch and counts as absent.
    public static Json.Obj diff(Json.Obj from, Json.Obj to) {
        var patch = new LinkedHashMap<String, Json>();
        from.fields().forEach((name, old) -> {
            if (to.at(name).isNull() && !old.isNull()) patch.put(name, Json.Null.VALUE);
        });
        to.fields().forEach((name, wanted) -> {
            var old = from.at(name);
            if (wanted.isNull() || wanted.equals(old)) return;
            if (wanted instanceof Json.Obj child && old instanceof Json.Obj before) {
                var inner = diff(before, child);
                if (!inner.isEmpty()) patch.put(name, inner);
            } else {
                patch.put(name, wanted);
            }
        });
        return new Json.Obj(patch);
    }
}
