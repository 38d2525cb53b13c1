package dev.sluice.local.workload;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Moves a Deployment from one pod template to the next, one ReplicaSet per template.
///
/// ```
///   sets of mine ─► new set (made, or an old one with the same template: that is a rollback)
///        │
///        ├─ paused, or only the size changed ─► scale in proportion
///        ├─ Recreate                         ─► old to 0, wait for their pods to go, new up
///        └─ RollingUpdate                    ─► new up as far as the surge allows, else old down as far as is promised
///        └─ status, conditions, history
/// ```
final class DeploymentController {
    static final String REVISION = "deployment.kubernetes.io/revision";
    private static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
    private static final String MAX = "deployment.kubernetes.io/max-replicas";
    private static final String HISTORY = "deployment.kubernetes.io/revision-history";
    /// Annotations of a Deployment that its sets do not inherit.
    private static final Set<String> OWN_ANNOTATIONS =
            new TreeSet<>(List.of(REVISION, DESIRED, MAX, HISTORY, "kubectl.kubernetes.io/last-applied-configuration"));

    private static final Duration SETTLE = Duration.ofMillis(10);
    private static final int NO_DEADLINE = Integer.MAX_VALUE;

    private final World world;
    private final Cache deployments;
    private final Cache sets;
    private final Cache pods;
    private final Cache.Index setsByController;
    private final Cache.Index podsByController;
    private final Events events;
    private final Worker worker;

    DeploymentController(World world) {
        this.world = world;
        this.deployments = world.cache(ResourceType.DEPLOYMENTS);
        this.sets = world.cache(ResourceType.REPLICA_SETS);
        this.pods = world.cache(ResourceType.PODS);
        this.setsByController = sets.index(set -> List.of(Meta.controllerUid(set)));
        this.podsByController = pods.index(pod -> List.of(Meta.controllerUid(pod)));
        this.events = new Events(world, "deployment-controller");
        this.worker = new Worker("deployment", world.time(), SETTLE, this::reconcile);
        deployments.listen(
                (before, after) -> worker.add(Key.of(after.or(() -> before).orElseThrow())));
        sets.listen((before, after) -> {
            before.ifPresent(this::setChanged);
            after.ifPresent(this::setChanged);
        });
        // Recreate waits for the last old pod to have gone.
        pods.listen((before, after) -> {
            if (after.isEmpty()) before.ifPresent(this::podGone);
        });
    }

    Worker worker() {
        return worker;
    }

    private void setChanged(Json.Obj set) {
        var controller = Meta.controller(set);
        if (controller.isPresent()) {
            if (controller.get().at("kind").string("").equals("Deployment")) {
                worker.add(
                        new Key(Meta.namespace(set), controller.get().at("name").string("")));
            }
            return;
        }
        for (var deployment : deployments.in(Meta.namespace(set))) {
            if (selector(deployment).filter(s -> s.matches(set)).isPresent()) worker.add(Key.of(deployment));
        }
    }

    private void podGone(Json.Obj pod) {
        Meta.controller(pod)
                .filter(owner -> owner.at("kind").string("").equals("ReplicaSet"))
                .flatMap(owner ->
                        sets.get(new Key(Meta.namespace(pod), owner.at("name").string(""))))
                .ifPresent(this::setChanged);
    }

    private static Optional<LabelSelector> selector(Json deployment) {
        try {
            var selector = LabelSelector.of(deployment.at("spec", "selector"));
            return selector.requirements().isEmpty() ? Optional.empty() : Optional.of(selector);
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private Outcome reconcile(Key key) {
        if (!deployments.synced() || !sets.synced() || !pods.synced()) {
            return new Outcome.Again(world.now().plus(Duration.ofMillis(20)));
        }
        var found = deployments.get(key);
        if (found.isEmpty()) return Outcome.settled();
        var deployment = found.get();
        var selector = selector(deployment);
        if (selector.isEmpty()) {
            events.warning(
                    ResourceType.DEPLOYMENTS,
                    deployment,
                    "SelectingAll",
                    "This deployment is selecting all pods. A non-empty selector is required.");
            return Outcome.settled();
        }
        var orphans = setsByController.get("").stream()
                .filter(set -> Meta.namespace(set).equals(key.namespace()));
        var candidates = Stream.concat(setsByController.get(Meta.uid(deployment)).stream(), orphans)
                .toList();
        var claim = Claim.of(
                world,
                ResourceType.DEPLOYMENTS,
                deployment,
                ResourceType.REPLICA_SETS,
                selector.get(),
                candidates,
                set -> !Meta.deleting(set));
        if (claim.outcome().failed()) return claim.outcome();
        var pass = new Pass(deployment, claim.mine());
        return Meta.deleting(deployment) ? pass.status() : pass.run();
    }

    /// One look at one Deployment; holds what it has seen and written so far.
    private final class Pass {
        private Json.Obj deployment;
        private final List<Json.Obj> all;
        private final int replicas;
        private final RollingUpdate.Room room;
        private final Json strategy;
        private Optional<Json.Obj> fresh;
        private Optional<Json.Obj> progress = Optional.empty();

        Pass(Json.Obj deployment, List<Json.Obj> mine) {
            this.deployment = deployment;
            this.all = new ArrayList<>(mine);
            this.all.sort(Meta.BY_AGE);
            this.replicas = deployment.at("spec", "replicas").integer(1);
            this.strategy = deployment.at("spec", "strategy");
            this.room = RollingUpdate.Room.of(strategy, replicas);
            var template = deployment.at("spec", "template");
            this.fresh = all.stream()
                    .filter(set -> Template.same(set.at("spec", "template"), template))
                    .findFirst();
        }

        private Outcome run() {
            var outcome = moved();
            return outcome.failed() ? outcome : outcome.and(status());
        }

        private Outcome moved() {
            boolean paused = deployment.at("spec", "paused").bool(false);
            boolean recreate = strategy.at("type").string("").equals("Recreate");
            if (paused || sizeChanged() && !recreate) {
                var kept = fresh.isPresent() ? keepFresh() : Outcome.settled();
                return kept.failed() ? kept : scaleInProportion();
            }
            if (recreate) {
                var emptied = scaleAll(old(), 0);
                if (emptied.failed()) return emptied;
                if (oldPodsLeft()) return fresh.isPresent() ? keepFresh() : Outcome.settled();
            }
            var made = fresh.isPresent() ? keepFresh() : makeFresh();
            if (made.failed()) return made;
            if (fresh.isEmpty()) return made;
            var set = fresh.get();
            if (recreate) return scale(set, replicas).and(trimHistory());
            int wanted = RollingUpdate.grow(
                    numbers(set), all.stream().map(this::numbers).toList(), replicas, room);
            if (wanted(set) > replicas) wanted = replicas;
            // One direction at a time: what grows must be seen before anything may shrink.
            if (wanted != wanted(set)) return scale(set, wanted);
            var outcome = Outcome.settled();
            var old = old().stream().filter(o -> wanted(o) > 0).toList();
            var smaller = RollingUpdate.shrink(old.stream().map(this::numbers).toList(), numbers(set), replicas, room);
            for (int i = 0; i < old.size(); i++) {
                outcome = outcome.and(scale(old.get(i), smaller.get(i).wanted()));
            }
            return outcome.and(trimHistory());
        }

        private List<Json.Obj> old() {
            return all.stream()
                    .filter(set ->
                            fresh.filter(f -> Meta.uid(f).equals(Meta.uid(set))).isEmpty())
                    .toList();
        }

        private RollingUpdate.Set numbers(Json set) {
            return new RollingUpdate.Set(
                    Meta.name(set),
                    wanted(set),
                    set.at("status", "availableReplicas").integer(0));
        }

        private boolean oldPodsLeft() {
            return old().stream()
                    .flatMap(set -> podsByController.get(Meta.uid(set)).stream())
                    .anyMatch(pod -> !Pods.finished(pod));
        }

        /// Whether some set was last scaled for another size of the Deployment.
        private boolean sizeChanged() {
            return all.stream()
                    .filter(set -> wanted(set) > 0)
                    .anyMatch(set -> Meta.annotation(set, DESIRED)
                            .filter(text -> !text.equals(String.valueOf(replicas)))
                            .isPresent());
        }

        private Outcome scaleInProportion() {
            var active = all.stream().filter(set -> wanted(set) > 0).toList();
            // Only one set has pods, or none: it simply gets the new size.
            var only = active.size() == 1
                    ? Optional.of(active.getFirst())
                    : active.isEmpty()
                            ? fresh.or(() -> all.reversed().stream().findFirst())
                            : Optional.<Json.Obj>empty();
            if (only.isPresent()) return scale(only.get(), replicas);
            // The rollout is through, only remains of old sets are left.
            if (fresh.filter(set -> wanted(set) == replicas
                            && set.at("status", "availableReplicas").integer(0) == replicas)
                    .isPresent()) {
                return scaleAll(old(), 0);
            }
            int before = active.stream()
                    .flatMap(set -> Meta.annotation(set, MAX).stream())
                    .filter(text -> text.matches("[0-9]{1,9}"))
                    .mapToInt(Integer::parseInt)
                    .max()
                    .orElse(replicas + room.surge());
            var spread = RollingUpdate.spread(active.stream().map(this::numbers).toList(), before, replicas, room);
            Outcome outcome = Outcome.settled();
            for (var wanted : spread) {
                var set = active.stream()
                        .filter(one -> Meta.name(one).equals(wanted.name()))
                        .findFirst();
                if (set.isPresent()) outcome = outcome.and(scale(set.get(), wanted.wanted()));
            }
            return outcome;
        }

        private Outcome scaleAll(List<Json.Obj> some, int to) {
            Outcome outcome = Outcome.settled();
            for (var set : some) if (wanted(set) != to) outcome = outcome.and(scale(set, to));
            return outcome;
        }

        /// Writes the size of a set, and for which size of the Deployment that was right.
        private Outcome scale(Json.Obj set, int to) {
            int from = wanted(set);
            var scaled = annotated(
                            set,
                            Map.of(DESIRED, String.valueOf(replicas), MAX, String.valueOf(replicas + room.surge())))
                    .withAt(List.of("spec", "replicas"), to);
            if (scaled.equals(set)) return Outcome.settled();
            var reply = world.update(ResourceType.REPLICA_SETS, set, scaled);
            reply.answer().ifPresent(answer -> {
                replace(answer);
                if (from != to) {
                    events.normal(
                            ResourceType.DEPLOYMENTS,
                            deployment,
                            "ScalingReplicaSet",
                            "Scaled " + (to > from ? "up" : "down") + " replica set " + Meta.name(set) + " from " + from
                                    + " to " + to);
                }
            });
            return Outcome.of(reply);
        }

        private void replace(Json.Obj set) {
            all.replaceAll(old -> Meta.uid(old).equals(Meta.uid(set)) ? set : old);
            if (fresh.filter(f -> Meta.uid(f).equals(Meta.uid(set))).isPresent()) fresh = Optional.of(set);
        }

        private long newestRevision(List<Json.Obj> some) {
            return some.stream().mapToLong(DeploymentController::revision).max().orElse(0);
        }

        /// The set of the template in force takes the highest revision, the Deployment's annotations, and tells the
        /// Deployment its number. So a rollback gives an old set a new number.
        private Outcome keepFresh() {
            var set = fresh.orElseThrow();
            long next = newestRevision(old()) + 1;
            long revision = Math.max(revision(set), next);
            var wanted = annotated(set, inherited(set, revision));
            int minReady = deployment.at("spec", "minReadySeconds").integer(0);
            if (set.at("spec", "minReadySeconds").integer(0) != minReady) {
                wanted = wanted.withAt(List.of("spec", "minReadySeconds"), minReady);
            }
            if (!wanted.equals(set)) {
                var reply = world.update(ResourceType.REPLICA_SETS, set, wanted);
                if (reply.answer().isEmpty()) return Outcome.of(reply);
                replace(reply.answer().get());
            }
            if (progressing().isEmpty() && deadline() != NO_DEADLINE) {
                progress = Optional.of(
                        progressing(true, "FoundNewReplicaSet", "Found new replica set \"" + Meta.name(set) + "\""));
            }
            return tellRevision(revision);
        }

        private Map<String, String> inherited(Json set, long revision) {
            var annotations = new LinkedHashMap<String, String>();
            deployment.at("metadata", "annotations").strings().forEach((name, value) -> {
                if (!OWN_ANNOTATIONS.contains(name)) annotations.put(name, value);
            });
            var before = Meta.annotation(set, REVISION);
            if (before.isPresent() && !before.get().equals(String.valueOf(revision))) {
                var past = Meta.annotation(set, HISTORY).filter(text -> text.length() < 1000);
                annotations.put(
                        HISTORY, past.map(text -> text + "," + before.get()).orElse(before.get()));
            }
            annotations.put(REVISION, String.valueOf(revision));
            return annotations;
        }

        private Outcome tellRevision(long revision) {
            var wanted = annotated(deployment, Map.of(REVISION, String.valueOf(revision)));
            if (wanted.equals(deployment)) return Outcome.settled();
            // As the real controller: the annotation goes with the status, and the generation stays.
            var reply = world.updateAnnotations(ResourceType.DEPLOYMENTS, deployment, wanted);
            reply.answer().ifPresent(answer -> deployment = answer);
            return Outcome.of(reply);
        }

        private Outcome makeFresh() {
            var template = deployment.at("spec", "template").obj();
            int collisions = deployment.at("status", "collisionCount").integer(0);
            var hash = Template.hash(template, collisions);
            var name = Meta.name(deployment) + "-" + hash;
            long revision = newestRevision(all) + 1;
            var labels = template.at("metadata", "labels").obj().with(Template.LABEL, hash);
            var spec = Json.obj("replicas", 0);
            int minReady = deployment.at("spec", "minReadySeconds").integer(0);
            if (minReady > 0) spec = spec.with("minReadySeconds", minReady);
            spec = spec.with(
                            "selector",
                            deployment
                                    .at("spec", "selector")
                                    .obj()
                                    .withAt(List.of("matchLabels", Template.LABEL), hash))
                    .with("template", template.withAt(List.of("metadata", "labels"), labels));
            var set = Json.obj(
                    "apiVersion",
                    "apps/v1",
                    "kind",
                    "ReplicaSet",
                    "metadata",
                    Json.obj(
                            "name",
                            name,
                            "namespace",
                            Meta.namespace(deployment),
                            "labels",
                            labels,
                            "ownerReferences",
                            Json.arr(Meta.ownerReference(ResourceType.DEPLOYMENTS, deployment))),
                    "spec",
                    spec);
            var annotations = inherited(set, revision);
            annotations.put(DESIRED, String.valueOf(replicas));
            annotations.put(MAX, String.valueOf(replicas + room.surge()));
            set = annotated(set, annotations);
            int first = strategy.at("type").string("").equals("Recreate")
                    ? replicas
                    : RollingUpdate.grow(
                            new RollingUpdate.Set(name, 0, 0),
                            all.stream().map(this::numbers).toList(),
                            replicas,
                            room);
            set = set.withAt(List.of("spec", "replicas"), first);
            var reply = world.create(ResourceType.REPLICA_SETS, set);
            switch (reply) {
                case Reply.Done(var answer) -> {
                    fresh = Optional.of(answer);
                    all.add(answer);
                    events.normal(
                            ResourceType.DEPLOYMENTS,
                            deployment,
                            "ScalingReplicaSet",
                            "Scaled up replica set " + name + " from 0 to " + first);
                    progress = Optional.of(
                            progressing(true, "NewReplicaSetCreated", "Created new replica set \"" + name + "\""));
                    return tellRevision(revision);
                }
                case Reply.Refused refused
                when refused.alreadyExists() -> {
                    return collided(name, collisions);
                }
                case Reply.Refused refused -> {
                    if (refused.message().contains("being terminated")) return Outcome.settled();
                    progress = Optional.of(progressing(false, "ReplicaSetCreateError", refused.message()));
                    events.warning(
                            ResourceType.DEPLOYMENTS,
                            deployment,
                            "ReplicaSetCreateError",
                            "Failed to create new replica set \"" + name + "\": " + refused.message());
                    var written = status();
                    return written.failed() ? written : Outcome.of(reply);
                }
                case Reply.Lost _ -> {
                    return Outcome.of(reply);
                }
            }
        }

        /// Someone else's set has the name: the hash is drawn anew, unless it is ours and just not seen yet.
        private Outcome collided(String name, int collisions) {
            var holder = world.get(
                    dev.sluice.cluster.ObjectRef.of(ResourceType.REPLICA_SETS, Meta.namespace(deployment), name));
            if (holder.answer()
                    .filter(set -> Meta.controlledBy(set, deployment))
                    .isPresent()) {
                return new Outcome.Failed("replica set " + name + " exists and has not been seen yet");
            }
            var status = deployment.at("status").obj().with("collisionCount", collisions + 1);
            var reply = world.updateStatus(ResourceType.DEPLOYMENTS, deployment, status);
            var outcome = Outcome.of(reply);
            return outcome.failed() ? outcome : new Outcome.Failed("the name " + name + " is taken by another");
        }

        private Outcome trimHistory() {
            int limit = deployment.at("spec", "revisionHistoryLimit").integer(10);
            var idle = old().stream()
                    .filter(set -> !Meta.deleting(set)
                            && wanted(set) == 0
                            && set.at("status", "replicas").integer(0) == 0
                            && set.at("status", "observedGeneration").asLong().orElse(0L) >= Meta.generation(set))
                    .sorted(Comparator.comparingLong(DeploymentController::revision)
                            .thenComparing(Meta.BY_AGE))
                    .toList();
            Outcome outcome = Outcome.settled();
            for (var set : idle.subList(0, Math.max(0, idle.size() - limit))) {
                outcome = outcome.and(Outcome.of(world.delete(ResourceType.REPLICA_SETS, set, "Background")));
            }
            return outcome;
        }

        // --- status ---

        private int sum(String field) {
            return all.stream()
                    .mapToInt(set -> set.at("status", field).integer(0))
                    .sum();
        }

        private int freshStatus(String field) {
            return fresh.map(set -> set.at("status", field).integer(0)).orElse(0);
        }

        private Optional<Json> progressing() {
            return Conditions.find(deployment.at("status", "conditions"), "Progressing");
        }

        private Json.Obj progressing(boolean holds, String reason, String message) {
            return timed(Conditions.condition(
                    deployment.at("status", "conditions"), "Progressing", holds, reason, message, world.now()));
        }

        /// With `lastUpdateTime`: now where anything but the times changed.
        private Json.Obj timed(Json.Obj condition) {
            var before = Conditions.find(
                    deployment.at("status", "conditions"), condition.at("type").string(""));
            boolean same = before.filter(old -> old.at("status").equals(condition.at("status"))
                            && old.at("reason").equals(condition.at("reason"))
                            && old.at("message").equals(condition.at("message")))
                    .isPresent();
            var updated = before.filter(_ -> same)
                    .flatMap(old -> old.at("lastUpdateTime").asString())
                    .orElse(Meta.stamp(world.now()));
            return condition.with("lastUpdateTime", updated);
        }

        private int deadline() {
            return deployment.at("spec", "progressDeadlineSeconds").integer(600);
        }

        private Outcome status() {
            int total = sum("replicas");
            int updated = freshStatus("replicas");
            int available = sum("availableReplicas");
            int wantedTotal =
                    all.stream().mapToInt(DeploymentController::wanted).sum();
            var before = deployment.at("status");
            var status = new LinkedHashMap<>(before.fields());
            status.put("observedGeneration", Json.of(Meta.generation(deployment)));
            ReplicaSetController.count(status, "replicas", total);
            ReplicaSetController.count(status, "updatedReplicas", updated);
            ReplicaSetController.count(status, "readyReplicas", sum("readyReplicas"));
            ReplicaSetController.count(status, "availableReplicas", available);
            ReplicaSetController.count(status, "unavailableReplicas", Math.max(0, wantedTotal - available));
            Json conditions = before.at("conditions");
            if (progress.isPresent()) conditions = Conditions.with(conditions, progress.get());
            boolean enough = available >= replicas - room.unavailable();
            conditions = Conditions.with(
                    conditions,
                    timed(Conditions.condition(
                            before.at("conditions"),
                            "Available",
                            enough,
                            enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                            enough
                                    ? "Deployment has minimum availability."
                                    : "Deployment does not have minimum availability.",
                            world.now())));
            conditions = failures(conditions);
            Optional<Instant> wake = Optional.empty();
            if (deadline() == NO_DEADLINE) {
                conditions = Conditions.without(conditions, "Progressing");
            } else {
                var verdict = verdict(conditions, total, updated, available);
                if (verdict.isPresent()) conditions = Conditions.with(conditions, verdict.get());
                wake = overdue(conditions);
            }
            status.put("conditions", conditions);
            var reply = world.updateStatus(ResourceType.DEPLOYMENTS, deployment, new Json.Obj(status));
            return Outcome.of(reply).and(Outcome.at(wake));
        }

        /// What a set could not do, the Deployment shows.
        private Json failures(Json conditions) {
            var failing = Stream.concat(fresh.stream(), old().stream())
                    .flatMap(set -> Conditions.find(set.at("status", "conditions"), "ReplicaFailure").stream())
                    .findFirst();
            if (failing.isEmpty()) return Conditions.without(conditions, "ReplicaFailure");
            return Conditions.with(
                    conditions,
                    timed(Conditions.condition(
                            deployment.at("status", "conditions"),
                            "ReplicaFailure",
                            true,
                            failing.get().at("reason").string(""),
                            failing.get().at("message").string(""),
                            world.now())));
        }

        private Optional<Json.Obj> verdict(Json conditions, int total, int updated, int available) {
            var named = fresh.map(set -> "ReplicaSet \"" + Meta.name(set) + "\"")
                    .orElse("Deployment \"" + Meta.name(deployment) + "\"");
            var current = Conditions.find(conditions, "Progressing");
            var reason = current.map(c -> c.at("reason").string("")).orElse("");
            boolean paused = deployment.at("spec", "paused").bool(false);
            if (paused) {
                return reason.equals("DeploymentPaused")
                        ? Optional.empty()
                        : Optional.of(condition("Unknown", "DeploymentPaused", "Deployment is paused"));
            }
            if (reason.equals("DeploymentPaused")) {
                return Optional.of(condition("Unknown", "DeploymentResumed", "Deployment is resumed"));
            }
            boolean complete = updated == replicas
                    && total == replicas
                    && available == replicas
                    && fresh.filter(set -> wanted(set) == replicas).isPresent();
            if (complete) {
                return Optional.of(
                        progressing(true, "NewReplicaSetAvailable", named + " has successfully progressed."));
            }
            var before = deployment.at("status");
            int beforeOld = before.at("replicas").integer(0)
                    - before.at("updatedReplicas").integer(0);
            boolean moved = updated > before.at("updatedReplicas").integer(0)
                    || total - updated < beforeOld
                    || sum("readyReplicas") > before.at("readyReplicas").integer(0)
                    || available > before.at("availableReplicas").integer(0);
            if (moved) {
                var condition = progressing(true, "ReplicaSetUpdated", named + " is progressing.");
                // The deadline counts from the last move, whether or not the words changed.
                return Optional.of(condition.with("lastUpdateTime", Meta.stamp(world.now())));
            }
            if (reason.equals("NewReplicaSetAvailable") || reason.equals("ProgressDeadlineExceeded")) {
                return Optional.empty();
            }
            var since = current.flatMap(c -> Meta.instant(c.at("lastUpdateTime")));
            boolean late = since.filter(
                            last -> last.plus(Duration.ofSeconds(deadline())).isBefore(world.now()))
                    .isPresent();
            return late
                    ? Optional.of(progressing(false, "ProgressDeadlineExceeded", named + " has timed out progressing."))
                    : Optional.empty();
        }

        private Json.Obj condition(String status, String reason, String message) {
            return timed(Conditions.condition(
                            deployment.at("status", "conditions"), "Progressing", true, reason, message, world.now())
                    .with("status", status));
        }

        /// When the deadline will have passed, unless something moves.
        private Optional<Instant> overdue(Json conditions) {
            var current = Conditions.find(conditions, "Progressing");
            var reason = current.map(c -> c.at("reason").string("")).orElse("");
            if (Set.of("NewReplicaSetAvailable", "ProgressDeadlineExceeded", "DeploymentPaused")
                    .contains(reason)) return Optional.empty();
            return current.flatMap(c -> Meta.instant(c.at("lastUpdateTime")))
                    .map(last -> last.plus(Duration.ofSeconds(deadline() + 1L)));
        }
    }

    private static int wanted(Json set) {
        return set.at("spec", "replicas").integer(1);
    }

    private static long revision(Json set) {
        return Meta.annotation(set, REVISION)
                .filter(text -> text.matches("[0-9]{1,18}"))
                .map(Long::parseLong)
                .orElse(0L);
    }

    private static Json.Obj annotated(Json.Obj object, Map<String, String> annotations) {
        var merged = object.at("metadata", "annotations").obj();
        for (var annotation : new java.util.TreeMap<>(annotations).entrySet()) {
            if (!merged.at(annotation.getKey()).string("").equals(annotation.getValue())
                    || !merged.has(annotation.getKey())) {
                merged = merged.with(annotation.getKey(), annotation.getValue());
            }
        }
        return merged.equals(object.at("metadata", "annotations").obj())
                ? object
                : object.withAt(List.of("metadata", "annotations"), merged);
    }
}
