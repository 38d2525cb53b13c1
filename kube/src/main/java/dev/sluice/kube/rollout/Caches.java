package dev.sluice.kube.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.kube.LearningGateway;
import dev.sluice.kube.ObjectCache;
import dev.sluice.spi.Time;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedCollection;

/// The local copies that observations are made from, one for each kind that is looked at.
public final class Caches implements AutoCloseable {
    private final Map<ResourceType, ObjectCache> caches = new LinkedHashMap<>();

    /// @param namespace one namespace, or empty for the whole cluster
    /// @param types every kind that an observation or a router may ask for
    public Caches(
            Gateway gateway,
            Time time,
            Optional<String> namespace,
            SequencedCollection<ResourceType> types,
            ObjectCache.Options options) {
        for (var type : types) {
            var selection = new Selection(type, type.namespaced() ? namespace : Optional.empty(), labels(type));
            caches.put(type, new ObjectCache(gateway, time, selection, options));
        }
    }

    /// Other people's ReplicaSets are most of a cluster's; ours carry the hash.
    private static String labels(ResourceType type) {
        return type.equals(ResourceType.REPLICA_SETS) ? Names.HASH : "";
    }

    /// @throws IllegalArgumentException for a kind that was not asked for at the start
    public ObjectCache of(ResourceType type) {
        var cache = caches.get(type);
        if (cache == null) throw new IllegalArgumentException("no cache of " + type);
        return cache;
    }

    /// The kinds held, in the order in which they were asked for.
    public List<ResourceType> types() {
        return List.copyOf(caches.keySet());
    }

    public boolean has(ResourceType type) {
        return caches.containsKey(type);
    }

    /// A gateway whose answers these caches learn from.
    public Gateway learning(Gateway server) {
        return new LearningGateway(server, List.copyOf(caches.values()));
    }

    public void start() {
        caches.values().forEach(ObjectCache::start);
    }

    public boolean synced() {
        return caches.values().stream().allMatch(ObjectCache::synced);
    }

    /// What keeps copies from being current, one line for each.
    public List<String> troubles() {
        var troubles = new ArrayList<String>();
        caches.forEach((type, cache) -> cache.trouble().ifPresent(why -> troubles.add(type + ": " + why)));
        return troubles;
    }

    @Override
    public void close() {
        caches.values().forEach(ObjectCache::close);
    }
}
