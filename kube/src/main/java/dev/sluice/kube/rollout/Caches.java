package dev.sluice.kube.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.kube.LearningGateway;
import dev.sluice.kube.ObjectCache;
import dev.sluice.spi.Time;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The local copies that observations are made from, one for each kind that is looked at.
public final class Caches implements AutoCloseable {
    private final Gateway gateway;
    private final Time time;
    private final Optional<String> namespace;
    private final Instance instance;
    private final ObjectCache.Options options;
    /// Replaced whole when a kind joins, for it is read without a lock.
    private volatile Map<ResourceType, ObjectCache> caches = Map.of();

    private final Map<ResourceType, Lack> lacks = new ConcurrentHashMap<>();
    /// Those of kinds that are about to join.
    private final Map<ResourceType, ObjectCache> joining = new ConcurrentHashMap<>();

    private final Optional<Caches> workloads;
    private final List<Consumer<ResourceType>> followers = new CopyOnWriteArrayList<>();

    /// Of every controller's objects.
    ///
    /// @param namespace one namespace, or empty for the whole cluster
    /// @param types every kind that an observation or a router may ask for
    public Caches(
            Gateway gateway,
            Time time,
            Optional<String> namespace,
            SequencedCollection<ResourceType> types,
            ObjectCache.Options options) {
        this(gateway, time, namespace, Instance.ANY, types, options);
    }

    /// @param namespace one namespace, or empty for the whole cluster
    /// @param instance whose objects
    /// @param types every kind that an observation or a router may ask for
    public Caches(
            Gateway gateway,
            Time time,
            Optional<String> namespace,
            Instance instance,
            SequencedCollection<ResourceType> types,
            ObjectCache.Options options) {
        this(
                gateway,
                time,
                namespace,
                instance,
                types,
                options,
                Optional.of(new Caches(gateway, time, namespace, Instance.ANY, List.of(), options, Optional.empty())));
    }

    private Caches(
            Gateway gateway,
            Time time,
            Optional<String> namespace,
            Instance instance,
            SequencedCollection<ResourceType> types,
            ObjectCache.Options options,
            Optional<Caches> workloads) {
        this.instance = instance;
        this.gateway = gateway;
        this.time = time;
        this.namespace = namespace;
        this.options = options;
        this.workloads = workloads;
        var held = new LinkedHashMap<ResourceType, ObjectCache>();
        for (var type : types) held.put(type, cache(type));
        caches = Collections.unmodifiableMap(held);
    }

    private ObjectCache cache(ResourceType type) {
        var selection = new Selection(type, type.namespaced() ? namespace : Optional.empty(), labels(type));
        return new ObjectCache(gateway, time, selection, options);
    }

    /// Other people's ReplicaSets are most of a cluster's; ours carry the hash.
    private String labels(ResourceType type) {
        return type.equals(ResourceType.REPLICA_SETS) && workloads.isPresent() ? Names.HASH : instance.labels(type);
    }

    /// Whole copies of the kinds that templates are taken from. None is held until a Rollout refers to one, and
    /// nothing waits for them.
    ///
    /// @throws IllegalStateException of these copies themselves
    public Caches workloads() {
        return workloads.orElseThrow(() -> new IllegalStateException("these are the workloads"));
    }

    /// @throws IllegalArgumentException for a kind that is not held
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

    /// Says why a kind is not held, in place of what was said before.
    public void lacks(ResourceType type, Lack why) {
        if (!has(type)) lacks.put(type, why);
    }

    /// Why a kind is not held; empty for one that is.
    public Optional<Lack> lack(ResourceType type) {
        return has(type) ? Optional.empty() : Optional.of(lacks.getOrDefault(type, new Lack.Either()));
    }

    /// Holds a kind that was lacking, as soon as its copy is complete: until then nothing has to wait for it.
    ///
    /// @param joined is run once, when it is held
    public void join(ResourceType type, Runnable joined) {
        if (has(type)) return;
        var cache = cache(type);
        if (joining.putIfAbsent(type, cache) != null) return;
        cache.whenSynced(() -> {
            synchronized (this) {
                if (joining.remove(type) == null) return;
                var held = new LinkedHashMap<>(caches);
                held.put(type, cache);
                caches = Collections.unmodifiableMap(held);
                lacks.remove(type);
            }
            joined.run();
        });
        cache.start();
    }

    /// Is told of each kind that [#follow] has made joined.
    void whenJoined(Consumer<ResourceType> follower) {
        followers.add(follower);
    }

    /// Holds a kind that somebody has begun to look at, as soon as its copy is complete.
    void follow(ResourceType type) {
        join(type, () -> followers.forEach(follower -> follower.accept(type)));
    }

    /// A gateway whose answers these caches learn from.
    public Gateway learning(Gateway server) {
        return new LearningGateway(server, this::all);
    }

    private List<ObjectCache> all() {
        return Stream.concat(caches.values().stream(), workloads.stream().flatMap(these -> these.all().stream()))
                .toList();
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
    public synchronized void close() {
        joining.values().forEach(ObjectCache::close);
        joining.clear();
        caches.values().forEach(ObjectCache::close);
        workloads.ifPresent(Caches::close);
    }
}
