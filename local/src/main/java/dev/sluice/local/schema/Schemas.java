package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// The kinds an API server knows: the built-in ones and those of CustomResourceDefinitions. Immutable.
public final class Schemas {
    private final SequencedMap<Key, KindSchema> kinds;

    private record Key(String group, String version, String kind) {}

    private Schemas(SequencedMap<Key, KindSchema> kinds) {
        this.kinds = Collections.unmodifiableSequencedMap(kinds);
    }

    private static final class Holder {
        static final Schemas BUILT_IN = load();

        private static Schemas load() {
            var kinds = new LinkedHashMap<Key, KindSchema>();
            for (var kind : TypeTable.builtIn().kinds()) {
                kinds.put(new Key(kind.group(), kind.version(), kind.kind()), kind);
            }
            return new Schemas(kinds);
        }
    }

    /// The built-in kinds alone.
    public static Schemas builtIn() {
        return Holder.BUILT_IN;
    }

    /// The schema of a kind.
    ///
    /// @param group empty for the core group
    public Optional<KindSchema> find(String group, String version, String kind) {
        return Optional.ofNullable(kinds.get(new Key(group, version, kind)));
    }

    /// The schema for an object's own `apiVersion` and `kind`.
    public Optional<KindSchema> find(Json object) {
        var apiVersion = object.at("apiVersion").string("");
        int slash = apiVersion.indexOf('/');
        return find(
                slash < 0 ? "" : apiVersion.substring(0, slash),
                apiVersion.substring(slash + 1),
                object.at("kind").string(""));
    }

    /// All kinds: the built-in ones in the order of their table, then custom ones as they were added.
    public List<KindSchema> all() {
        return List.copyOf(kinds.values());
    }

    /// These and the kinds of a CustomResourceDefinition, one for each served version, in place of what an older
    /// state of the same definition said.
    ///
    /// @param crd a definition that [Validation] found nothing wrong with
    public Schemas with(Json.Obj crd) {
        var changed = new LinkedHashMap<>(without(crd).kinds);
        for (var kind : CrdSchema.kinds(crd)) changed.put(new Key(kind.group(), kind.version(), kind.kind()), kind);
        return new Schemas(changed);
    }

    /// These without the kinds of a CustomResourceDefinition.
    public Schemas without(Json crd) {
        var name = crd.at("metadata", "name");
        var gone = new ArrayList<Key>();
        for (Map.Entry<Key, KindSchema> entry : kinds.entrySet()) {
            var own = entry.getValue().crd();
            if (own.isPresent() && own.get().at("metadata", "name").equals(name)) gone.add(entry.getKey());
        }
        if (gone.isEmpty()) return this;
        var changed = new LinkedHashMap<>(kinds);
        changed.keySet().removeAll(gone);
        return new Schemas(changed);
    }
}
