package dev.sluice.local.workload;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/// Removes what nobody owns any more.
///
/// ```
///   owner deleted, Background   the owner goes at once; here each dependent is found to be without owner, and deleted
///   owner deleted, Foreground   finalizer foregroundDeletion: dependents first, then the owner
///   owner deleted, Orphan       finalizer orphan: dependents lose the reference, then the owner goes
/// ```
///
/// An object goes when *all* its owners have gone; while some are left, only the references to the others are removed.
/// What is not known (an owner of a kind that is not served, or that was not seen) is asked for before anything is
/// deleted.
final class OwnerCollector {
    private static final String FOREGROUND = "foregroundDeletion";
    private static final String ORPHAN = "orphan";
    private static final Duration SETTLE = Duration.ofMillis(5);
    private static final Duration UNSYNCED = Duration.ofMillis(50);

    private final World world;
    private final Kinds kinds;
    private final Map<String, Graph> graphs = new TreeMap<>();
    private final Worker worker;

    /// One kind: its objects, and by whom they are owned.
    private record Graph(ResourceType type, Cache cache, Cache.Index byOwner) {}

    OwnerCollector(World world, Kinds kinds) {
        this.world = world;
        this.kinds = kinds;
        this.worker = new Worker("owner-collector", world.time(), SETTLE, this::reconcile);
        for (var type : kinds.known()) follow(type);
        world.cache(ResourceType.CRDS)
                .listen((_, after) ->
                        after.flatMap(Kinds::defined).filter(kinds::add).ifPresent(this::follow));
    }

    Worker worker() {
        return worker;
    }

    private void follow(ResourceType type) {
        // Events have no owners, and are many.
        if (type.equals(ResourceType.EVENTS)) return;
        var cache = world.cache(type);
        var index = cache.index(object -> Meta.owners(object).stream()
                .map(owner -> owner.at("uid").string(""))
                .distinct()
                .toList());
        synchronized (graphs) {
            graphs.put(type.toString(), new Graph(type, cache, index));
        }
        cache.listen((before, after) -> changed(type, before, after));
    }

    private List<Graph> graphs() {
        synchronized (graphs) {
            return List.copyOf(graphs.values());
        }
    }

    /// Work is named by kind and object: `pods` `shop/web-1`.
    private static Key work(ResourceType type, Json object) {
        return new Key(type.toString(), Key.of(object).toString());
    }

    private void changed(ResourceType type, Optional<Json.Obj> before, Optional<Json.Obj> after) {
        if (after.isEmpty()) {
            var gone = before.orElseThrow();
            for (var graph : graphs()) {
                for (var dependent : graph.byOwner.get(Meta.uid(gone))) worker.add(work(graph.type, dependent));
            }
            // An owner that waits for its dependents may now go.
            wakeOwners(gone);
            return;
        }
        var object = after.get();
        boolean news = before.isEmpty()
                || !Meta.owners(before.get()).equals(Meta.owners(object))
                || Meta.deleting(before.get()) != Meta.deleting(object)
                || !Meta.finalizers(before.get()).equals(Meta.finalizers(object));
        if (!news) return;
        if (!Meta.owners(object).isEmpty() || waits(object)) worker.add(work(type, object));
        before.ifPresent(this::wakeOwners);
    }

    private void wakeOwners(Json object) {
        for (var owner : Meta.owners(object)) {
            owner(object, owner)
                    .filter(OwnerCollector::waits)
                    .ifPresent(waiting -> type(owner).ifPresent(type -> worker.add(work(type, waiting))));
        }
    }

    private static boolean waits(Json object) {
        return Meta.deleting(object)
                && (Meta.finalizers(object).contains(FOREGROUND)
                        || Meta.finalizers(object).contains(ORPHAN));
    }

    private Optional<ResourceType> type(Json owner) {
        return kinds.of(owner.at("apiVersion").string(""), owner.at("kind").string(""));
    }

    private Optional<Json.Obj> owner(Json object, Json reference) {
        return type(reference)
                .flatMap(type -> graph(type))
                .flatMap(graph -> graph.cache.get(
                        key(graph.type, object, reference), reference.at("uid").string("")));
    }

    private Optional<Graph> graph(ResourceType type) {
        synchronized (graphs) {
            return Optional.ofNullable(graphs.get(type.toString()));
        }
    }

    private static Key key(ResourceType type, Json object, Json reference) {
        return new Key(
                type.namespaced() ? Meta.namespace(object) : "",
                reference.at("name").string(""));
    }

    private Outcome reconcile(Key work) {
        Graph graph;
        synchronized (graphs) {
            graph = Objects.requireNonNull(graphs.get(work.namespace()), work.namespace());
        }
        int slash = work.name().indexOf('/');
        var key = slash < 0
                ? new Key("", work.name())
                : new Key(work.name().substring(0, slash), work.name().substring(slash + 1));
        var found = graph.cache.get(key);
        if (found.isEmpty()) return Outcome.settled();
        var object = found.get();
        if (waits(object)) return release(graph.type, object);
        if (Meta.deleting(object) || Meta.owners(object).isEmpty()) return Outcome.settled();
        return collect(graph.type, object);
    }

    private Outcome collect(ResourceType type, Json.Obj object) {
        var solid = new ArrayList<Json>();
        var dangling = new ArrayList<Json>();
        boolean ownerWaits = false;
        for (var reference : Meta.owners(object)) {
            var owner = owner(object, reference);
            if (owner.isEmpty()) {
                switch (exists(object, reference)) {
                    case YES -> solid.add(reference);
                    case NO -> dangling.add(reference);
                    case UNKNOWN -> {
                        return new Outcome.Again(world.now().plus(UNSYNCED));
                    }
                }
            } else if (Meta.deleting(owner.get())
                    && Meta.finalizers(owner.get()).contains(FOREGROUND)) {
                ownerWaits = true;
            } else {
                solid.add(reference);
            }
        }
        if (solid.size() == Meta.owners(object).size()) return Outcome.settled();
        if (!solid.isEmpty()) {
            if (dangling.isEmpty() && !ownerWaits) return Outcome.settled();
            return Outcome.of(world.update(type, object, object.withAt(List.of("metadata", "ownerReferences"), solid)));
        }
        // Its own dependents follow in the same order.
        var propagation = ownerWaits
                ? "Foreground"
                : Meta.finalizers(object).contains(ORPHAN)
                        ? "Orphan"
                        : Meta.finalizers(object).contains(FOREGROUND) ? "Foreground" : "Background";
        if (ownerWaits && !hasDependents(object)) propagation = "Background";
        return Outcome.of(world.delete(type, object, propagation));
    }

    private enum Existence {
        YES,
        NO,
        UNKNOWN
    }

    /// Asks the server: an owner that the cache does not know may be newer than the cache.
    private Existence exists(Json object, Json reference) {
        var type = type(reference);
        // Of a kind that nobody here knows: not ours to judge.
        if (type.isEmpty()) return Existence.YES;
        var graph = graph(type.get());
        if (graph.isEmpty()) return Existence.YES;
        if (!graph.get().cache.synced()) return Existence.UNKNOWN;
        var at = key(type.get(), object, reference);
        var reply = world.get(ObjectRef.of(type.get(), at.namespace(), at.name()));
        return switch (reply) {
            case Reply.Done(var owner) ->
                Meta.uid(owner).equals(reference.at("uid").string("")) ? Existence.YES : Existence.NO;
            case Reply.Refused refused -> refused.notFound() ? Existence.NO : Existence.UNKNOWN;
            case Reply.Lost _ -> Existence.UNKNOWN;
        };
    }

    private boolean hasDependents(Json object) {
        return graphs().stream().anyMatch(graph -> graph.byOwner.count(Meta.uid(object)) > 0);
    }

    /// Lets an owner go that waits for what it owns.
    private Outcome release(ResourceType type, Json.Obj owner) {
        Outcome outcome = Outcome.settled();
        boolean orphan = Meta.finalizers(owner).contains(ORPHAN);
        boolean blocked = false;
        for (var graph : graphs()) {
            if (!graph.cache.synced()) return new Outcome.Again(world.now().plus(UNSYNCED));
            for (var dependent : graph.byOwner.get(Meta.uid(owner))) {
                if (orphan) {
                    var others = Meta.owners(dependent).stream()
                            .filter(reference -> !reference.at("uid").string("").equals(Meta.uid(owner)))
                            .toList();
                    outcome = outcome.and(Outcome.of(world.update(
                            graph.type, dependent, dependent.withAt(List.of("metadata", "ownerReferences"), others))));
                } else {
                    blocked |= blocks(dependent, owner);
                    if (!Meta.deleting(dependent)) worker.add(work(graph.type, dependent));
                }
            }
        }
        if (outcome.failed() || blocked) return outcome;
        var free = Meta.withoutFinalizer(owner, orphan ? ORPHAN : FOREGROUND);
        return Outcome.of(world.update(type, owner, free));
    }

    private static boolean blocks(Json dependent, Json owner) {
        return Meta.owners(dependent).stream()
                .anyMatch(reference -> reference.at("uid").string("").equals(Meta.uid(owner))
                        && reference.at("blockOwnerDeletion").bool(false));
    }
}
