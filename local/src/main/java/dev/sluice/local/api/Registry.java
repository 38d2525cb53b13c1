package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The kinds served at this moment: an immutable table, replaced as a whole when a definition comes or goes.
final class Registry {
    /// By group, then version, then plural; in the order in which discovery shows them.
    private final Map<String, Map<String, Map<String, Served>>> table;

    private Registry(Collection<Served> kinds) {
        var groups = new LinkedHashMap<String, Map<String, Map<String, Served>>>();
        for (var kind : kinds) {
            groups.computeIfAbsent(kind.type().group(), _ -> new LinkedHashMap<>())
                    .computeIfAbsent(kind.type().version(), _ -> new TreeMap<>())
                    .put(kind.type().plural(), kind);
        }
        table = groups;
    }

    static Registry of(Collection<Served> kinds) {
        return new Registry(kinds);
    }

    Optional<Served> find(String group, String version, String plural) {
        var versions = table.get(group);
        var kinds = versions == null ? null : versions.get(version);
        return Optional.ofNullable(kinds == null ? null : kinds.get(plural));
    }

    boolean serves(String group, String version) {
        return versions(group).containsKey(version);
    }

    Optional<Served> find(ResourceType type) {
        return find(type.group(), type.version(), type.plural());
    }

    Map<String, Map<String, Map<String, Served>>> groups() {
        return table;
    }

    Map<String, Map<String, Served>> versions(String group) {
        return table.getOrDefault(group, Map.of());
    }

    List<Served> kinds() {
        var all = new ArrayList<Served>();
        table.values().forEach(versions -> versions.values().forEach(kinds -> all.addAll(kinds.values())));
        return all;
    }

    /// This table with the versions of one kind replaced by others, or by none.
    Registry with(String group, String plural, Collection<Served> versions) {
        var all = new ArrayList<Served>();
        for (var kind : kinds()) {
            if (!kind.type().group().equals(group) || !kind.type().plural().equals(plural)) all.add(kind);
        }
        all.addAll(versions);
        return new Registry(all);
    }
}
