package dev.sluice.local.workload;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Keeps as many pods of a template as a ReplicaSet asks for, and counts them in its status.
final class ReplicaSetController {
    /// Pods made or deleted in one pass; the rest follows in the next.
    private static final int BURST = 500;

    private static final Duration SETTLE = Duration.ofMillis(10);

    private final World world;
    private final Cache sets;
    private final Cache pods;
    private final Cache.Index podsByController;
    private final Events events;
    private final Worker worker;
    /// How many pods were named for a set; a name is drawn from the seed, the set and this.
    private final Map<Key, Integer> named = new TreeMap<>();

    ReplicaSetController(World world) {
        this.world = world;
        this.sets = world.cache(ResourceType.REPLICA_SETS);
        this.pods = world.cache(ResourceType.PODS);
        this.podsByController = pods.index(pod -> List.of(Meta.controllerUid(pod)));
        this.events = new Events(world, "replicaset-controller");
        this.worker = new Worker("replicaset", world.time(), SETTLE, this::reconcile);
        sets.listen((before, after) -> {
            worker.add(Key.of(after.or(() -> before).orElseThrow()));
            if (after.isEmpty()) forget(Key.of(before.orElseThrow()));
        });
        pods.listen((before, after) -> {
            before.ifPresent(this::podChanged);
            after.ifPresent(this::podChanged);
        });
    }

    Worker worker() {
        return worker;
    }

    private void podChanged(Json.Obj pod) {
        var controller = Meta.controller(pod);
        if (controller.isPresent()) {
            if (controller.get().at("kind").string("").equals("ReplicaSet")) {
                worker.add(
                        new Key(Meta.namespace(pod), controller.get().at("name").string("")));
            }
            return;
        }
        // An orphan: whoever selects it may adopt it.
        for (var set : sets.in(Meta.namespace(pod))) {
            if (selector(set).filter(selector -> selector.matches(pod)).isPresent()) worker.add(Key.of(set));
        }
    }

    private synchronized void forget(Key key) {
        named.remove(key);
    }

    private synchronized int next(Key key) {
        return named.merge(key, 1, Integer::sum);
    }

    private static Optional<LabelSelector> selector(Json set) {
        try {
            var selector = LabelSelector.of(set.at("spec", "selector"));
            return selector.requirements().isEmpty() ? Optional.empty() : Optional.of(selector);
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private Outcome reconcile(Key key) {
        var found = sets.get(key);
        if (found.isEmpty() || !sets.synced() || !pods.synced()) return unsynced();
        var set = found.get();
        var selector = selector(set);
        if (selector.isEmpty()) return Outcome.settled();
        var orphans = podsByController.get("").stream()
                .filter(pod -> Meta.namespace(pod).equals(key.namespace()));
        var candidates = java.util.stream.Stream.concat(podsByController.get(Meta.uid(set)).stream(), orphans)
                .filter(pod -> Pods.active(pod))
                .toList();
        var claim = Claim.of(
                world, ResourceType.REPLICA_SETS, set, ResourceType.PODS, selector.get(), candidates, Pods::active);
        if (claim.outcome().failed()) return claim.outcome();
        var trouble = Meta.deleting(set) ? Trouble.NONE : manage(set, claim.mine());
        // Counted anew: what was just made or deleted is already in the cache.
        var mine = podsByController.get(Meta.uid(set)).stream()
                .filter(Pods::active)
                .filter(selector.get()::matches)
                .toList();
        var now = world.now();
        var status = status(set, mine, trouble, now);
        var written = Outcome.of(world.updateStatus(ResourceType.REPLICA_SETS, set, status));
        if (trouble.failed()) return new Outcome.Failed(trouble.message);
        return written.and(Outcome.at(wake(set, mine, now)));
    }

    private Outcome unsynced() {
        return sets.synced() && pods.synced()
                ? Outcome.settled()
                : new Outcome.Again(world.now().plus(Duration.ofMillis(20)));
    }

    private record Trouble(String reason, String message) {
        static final Trouble NONE = new Trouble("", "");

        boolean failed() {
            return !reason.isEmpty();
        }
    }

    private Trouble manage(Json.Obj set, List<Json.Obj> mine) {
        int wanted = set.at("spec", "replicas").integer(1);
        if (mine.size() < wanted) return create(set, Math.min(BURST, wanted - mine.size()));
        if (mine.size() == wanted) return Trouble.NONE;
        return delete(
                set,
                mine.stream()
                        .sorted(Pods.LEAST_MISSED)
                        .limit(Math.min(BURST, mine.size() - wanted))
                        .toList());
    }

    private Trouble create(Json.Obj set, int count) {
        for (int made = 0; made < count; ) {
            var draw = String.valueOf(next(Key.of(set)));
            var name = world.seed().name(Meta.name(set) + "-", "pod", Meta.namespace(set), Meta.name(set), draw);
            var reply = world.create(
                    ResourceType.PODS, Pods.of(set.at("spec", "template"), ResourceType.REPLICA_SETS, set, name));
            switch (reply) {
                case Reply.Done _ -> {
                    made++;
                    events.normal(ResourceType.REPLICA_SETS, set, "SuccessfulCreate", "Created pod: " + name);
                }
                // The name is taken: the next draw has another.
                case Reply.Refused refused when refused.alreadyExists() -> {}
                case Reply.Refused refused -> {
                    // A namespace on its way out takes no new pods, and need not be told so.
                    if (refused.message().contains("being terminated")) return Trouble.NONE;
                    events.warning(
                            ResourceType.REPLICA_SETS, set, "FailedCreate", "Error creating: " + refused.message());
                    return new Trouble("FailedCreate", refused.message());
                }
                case Reply.Lost(var _, var why) -> {
                    return new Trouble("FailedCreate", why);
                }
            }
        }
        return Trouble.NONE;
    }

    private Trouble delete(Json.Obj set, List<Json.Obj> surplus) {
        for (var pod : surplus) {
            var reply = world.delete(ResourceType.PODS, pod, "Background");
            if (reply instanceof Reply.Refused refused && refused.notFound()) continue;
            if (Outcome.of(reply) instanceof Outcome.Failed(var why)) {
                events.warning(
                        ResourceType.REPLICA_SETS,
                        set,
                        "FailedDelete",
                        "Error deleting: " + Meta.name(pod) + ": " + why);
                return new Trouble("FailedDelete", why);
            }
            events.normal(ResourceType.REPLICA_SETS, set, "SuccessfulDelete", "Deleted pod: " + Meta.name(pod));
        }
        return Trouble.NONE;
    }

    private Json.Obj status(Json.Obj set, List<Json.Obj> mine, Trouble trouble, Instant now) {
        int minReady = set.at("spec", "minReadySeconds").integer(0);
        var templateLabels = LabelSelector.of(
                set.at("spec", "template", "metadata", "labels").strings());
        long labelled = mine.stream().filter(templateLabels::matches).count();
        long ready = mine.stream().filter(Pods::ready).count();
        long available = mine.stream()
                .filter(pod -> Pods.availableFrom(pod, minReady)
                        .filter(from -> !from.isAfter(now))
                        .isPresent())
                .count();
        var before = set.at("status");
        var status = new LinkedHashMap<>(before.fields());
        status.put("replicas", Json.of(mine.size()));
        count(status, "fullyLabeledReplicas", labelled);
        count(status, "readyReplicas", ready);
        count(status, "availableReplicas", available);
        status.put("observedGeneration", Json.of(Meta.generation(set)));
        var conditions = before.at("conditions");
        if (trouble.failed()) {
            conditions = Conditions.with(
                    conditions,
                    Conditions.condition(conditions, "ReplicaFailure", true, trouble.reason, trouble.message, now));
        } else {
            conditions = Conditions.without(conditions, "ReplicaFailure");
        }
        if (conditions.items().isEmpty()) status.remove("conditions");
        else status.put("conditions", conditions);
        return new Json.Obj(status);
    }

    /// Zero is left out, as Kubernetes' own types have it.
    static void count(Map<String, Json> status, String field, long count) {
        if (count == 0) status.remove(field);
        else status.put(field, Json.of(count));
    }

    /// When the next pod becomes available by time alone.
    ///
    /// @param counted when those that are available were counted; the write since then may have taken longer
    private static Optional<Instant> wake(Json set, List<Json.Obj> mine, Instant counted) {
        int minReady = set.at("spec", "minReadySeconds").integer(0);
        if (minReady == 0) return Optional.empty();
        return mine.stream()
                .flatMap(pod -> Pods.availableFrom(pod, minReady).stream())
                .filter(from -> from.isAfter(counted))
                .min(Instant::compareTo);
    }
}
