package dev.sluice.kube.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.rollout.Action;
import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Observation;
import dev.sluice.rollout.PodMetadata;
import dev.sluice.rollout.ReplicaSet;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.TrafficRouter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Carries out a decision: the only thing that writes.
///
/// Each write holds the uid and resourceVersion it was decided on, or the one that an earlier write of this same pass
/// got. When the world has moved, or a write fails, the pass stops: it never merges and never decides. Dying between
/// any two writes leaves a state from which the next pass goes on, for each write is idempotent under its precondition.
/// Events are told after the write they speak of. An eviction, a write of ephemeral metadata, and the size of a
/// workload
/// that the template comes from, may be refused without holding up the rest: nothing in a pass depends on them, and
/// what
/// refuses them may do so for as long as it likes. A ReplicaSet that is refused for good ends the pass like any write
/// that fails; but that is written down first, for a person has to act.
public final class Executor {
    /// What takes the revision and the Rollout's name off a Service.
    private static final Json.Obj RELEASED = Json.obj(
            "metadata", Json.obj("annotations", Json.obj(Names.MANAGED_BY, Json.Null.VALUE)),
            "spec", Json.obj("selector", Json.obj(Names.HASH, Json.Null.VALUE)));

    private final Gateway gateway;
    private final Events events;
    private final AnalysisRunMaker analysis;

    public Executor(Gateway gateway, Events events, AnalysisRunMaker analysis) {
        this.gateway = gateway;
        this.events = events;
        this.analysis = analysis;
    }

    /// @param written is told of each move as soon as it is done; of one that was refused or not reached never
    Outcome run(Seen seen, Decision decision, Consumer<Decision.Move> written) {
        return new Run(seen, written).all(decision);
    }

    private final class Run {
        private final Seen seen;
        private final Consumer<Decision.Move> written;
        private final Rollout rollout;
        private final ObjectRef self;
        /// Versions that our own writes of this pass have made.
        private final Map<ObjectRef, String> versions = new LinkedHashMap<>();
        /// Moves that were not made and hold up nothing, whatever refused them.
        private int letGo;
        /// What is to be told of them, by the reason of the Event: of several evictions that were refused the first,
        /// for mostly they have one cause.
        private final Map<String, String> regrets = new LinkedHashMap<>();
        /// What the server said of a ReplicaSet that it will not accept as it is.
        private Optional<String> uncreated = Optional.empty();

        Run(Seen seen, Consumer<Decision.Move> written) {
            this.seen = seen;
            this.written = written;
            this.rollout = seen.observation().rollout();
            this.self = ObjectRef.of(Names.type(rollout.kind()), rollout.namespace(), rollout.name());
        }

        Outcome all(Decision decision) {
            for (var move : decision.moves()) {
                int letGoBefore = letGo;
                var outcome = write(move.action());
                if (uncreated.isPresent()) {
                    var concluded = conclude(RolloutEngine.refused(seen.observation(), uncreated.get()));
                    return concluded instanceof Outcome.Complete ? outcome : concluded;
                }
                if (!(outcome instanceof Outcome.Complete)) return outcome;
                if (letGo > letGoBefore) continue;
                written.accept(move);
                tell(move.events());
            }
            // In the same words each time that it is tried, which makes one Event with a count.
            regrets.forEach((reason, what) -> events.event(seen.source(), true, reason, what));
            return conclude(decision);
        }

        private Outcome conclude(Decision decision) {
            var outcome = status(decision);
            if (outcome instanceof Outcome.Complete) {
                note(decision);
                tell(decision.statusEvents());
            }
            return outcome;
        }

        /// Tells once, when a spec is seen for the first time, what its author should know.
        private void note(Decision decision) {
            var generation = Long.toString(rollout.generation());
            boolean first = !rollout.status().observedGeneration().equals(generation)
                    && decision.status().observedGeneration().equals(generation);
            if (!first) return;
            for (var kind : Note.Kind.values()) {
                var notes = seen.notes().stream()
                        .filter(note -> note.kind() == kind && kind.told())
                        .toList();
                if (!notes.isEmpty()) events.event(seen.source(), true, kind.reason(), Note.message(notes));
            }
        }

        private void tell(List<Decision.Event> told) {
            for (var event : told) events.event(seen.source(), event.warning(), event.reason(), event.message());
        }

        private Outcome write(Action action) {
            return switch (action) {
                case Action.SetReplicas(var replicas) ->
                    patch(
                            self,
                            rollout.resourceVersion(),
                            rollout.uid(),
                            Json.obj("spec", Json.obj("replicas", replicas)));
                case Action.SetRevision(var revision) ->
                    patch(
                            self,
                            rollout.resourceVersion(),
                            rollout.uid(),
                            annotations(Map.of(Names.REVISION, Json.of(Integer.toString(revision)))));
                case Action.SetWorkloadGeneration(var generation) ->
                    patch(
                            self,
                            rollout.resourceVersion(),
                            rollout.uid(),
                            annotations(Map.of(Names.WORKLOAD_GENERATION, Json.of(Long.toString(generation)))));
                case Action.ScaleWorkload(var workload, var replicas) -> scaleWorkload(workload, replicas);
                case Action.CreateReplicaSet create -> create(create);
                case Action.Scale scale -> scale(scale);
                case Action.NumberReplicaSet(var target, var revision) ->
                    patch(
                            ref(ResourceType.REPLICA_SETS, target.name()),
                            target.resourceVersion(),
                            target.uid(),
                            numbered(target, revision));
                case Action.SyncReplicaSet(var target, var minReadySeconds, var annotations, var apart) ->
                    patch(
                            ref(ResourceType.REPLICA_SETS, target.name()),
                            target.resourceVersion(),
                            target.uid(),
                            Json.obj(
                                    "metadata",
                                    Json.obj("annotations", annotations),
                                    "spec",
                                    PodTemplates.affinityPatch(source(target), apart)
                                            .with("minReadySeconds", minReadySeconds)));
                case Action.SetMetadata(var target, var wanted) -> setMetadata(target, wanted);
                case Action.ConfirmMetadata(var target) ->
                    metadata(
                            ref(ResourceType.REPLICA_SETS, target.name()),
                            target.resourceVersion(),
                            target.uid(),
                            PodTemplates.confirm(source(target)));
                case Action.UpdatePod(var pod) ->
                    metadata(
                            ref(ResourceType.PODS, pod.name()),
                            pod.resourceVersion(),
                            pod.uid(),
                            PodTemplates.patch(pod));
                case Action.DeleteReplicaSet(var target) ->
                    delete(ref(ResourceType.REPLICA_SETS, target.name()), target.uid(), target.resourceVersion());
                case Action.SwitchService(var service, var hash) -> switchService(service, hash);
                case Action.ReleaseService(var service) ->
                    patch(ref(ResourceType.SERVICES, service.name()), service.resourceVersion(), "", RELEASED);
                case Action.SetTraffic(var canary, var stable) -> route(canary, stable);
                case Action.StartAnalysis start -> start(start);
                case Action.TerminateAnalysis(var run) ->
                    patch(
                            ref(ResourceType.ANALYSIS_RUNS, run.name()),
                            run.resourceVersion(),
                            "",
                            Json.obj("spec", Json.obj("terminate", true)));
                case Action.DeleteAnalysis(var run) ->
                    delete(ref(ResourceType.ANALYSIS_RUNS, run.name()), "", run.resourceVersion());
                case Action.EvictPod(var pod) -> evict(pod.name(), pod.uid());
            };
        }

        private ObjectRef ref(ResourceType type, String name) {
            return ObjectRef.of(type, rollout.namespace(), name);
        }

        private static Json.Obj annotations(Map<String, Json> changes) {
            return Json.obj("metadata", Json.obj("annotations", changes));
        }

        private static Json.Obj numbered(ReplicaSet target, int revision) {
            var changes = new LinkedHashMap<String, Json>();
            changes.put(Names.REVISION, Json.of(Integer.toString(revision)));
            var former =
                    target.revisionsBeforeNext().stream().map(String::valueOf).toList();
            if (!former.isEmpty()) changes.put(Names.REVISION_HISTORY, Json.of(String.join(",", former)));
            return annotations(changes);
        }

        private Outcome scale(Action.Scale scale) {
            return switch (rollout.kind()) {
                case ROLLOUT -> scaleReplicaSet(scale);
                // A Deployment is its user's: nothing but its size is ours to change.
                case DEPLOYMENT_CANARY ->
                    patch(
                            ref(ResourceType.DEPLOYMENTS, scale.target().name()),
                            scale.target().resourceVersion(),
                            scale.target().uid(),
                            Json.obj("spec", Json.obj("replicas", scale.replicas())));
            };
        }

        /// The rollout does not depend on it. What has moved is looked at again; all else somebody has to put right.
        private Outcome scaleWorkload(Observation.WorkloadSeen workload, int replicas) {
            var outcome = patch(
                    ref(ResourceType.DEPLOYMENTS, workload.name()),
                    workload.resourceVersion(),
                    workload.uid(),
                    Json.obj("spec", Json.obj("replicas", replicas)));
            if (outcome instanceof Outcome.Complete) return outcome;
            letGo++;
            if (outcome instanceof Outcome.Stopped(var what, var _)) {
                regrets.putIfAbsent(
                        "WorkloadScaleRefused",
                        "%s cannot be scaled to %d, which is tried again: %s".formatted(workload, replicas, what));
            }
            return new Outcome.Complete();
        }

        private Outcome scaleReplicaSet(Action.Scale scale) {
            var changes = new LinkedHashMap<String, Json>();
            changes.put(Names.DESIRED_REPLICAS, Json.of(Integer.toString(scale.desired())));
            if (!scale.deadline().equals(scale.target().scaleDownDeadline())) {
                changes.put(
                        Names.SCALE_DOWN_DEADLINE,
                        scale.deadline()
                                .map(deadline -> Json.of(StatusCodec.text(deadline)))
                                .orElse(Json.Null.VALUE));
            }
            return patch(
                    ref(ResourceType.REPLICA_SETS, scale.target().name()),
                    scale.target().resourceVersion(),
                    scale.target().uid(),
                    annotations(changes).with("spec", Json.obj("replicas", scale.replicas())));
        }

        private Outcome create(Action.CreateReplicaSet create) {
            var ref = ref(ResourceType.REPLICA_SETS, create.name());
            var manifest = ReplicaSetCodec.manifest(rollout, seen.source(), create);
            var reply = gateway.send(new Request.Create(ref, manifest));
            if (reply instanceof Reply.Refused refused && refused.alreadyExists()) {
                // Ours, from a pass whose answer was lost; reading it puts it into the cache.
                var there = gateway.send(new Request.Get(ref)).answer();
                if (there.isEmpty()) return new Outcome.Stopped("reading " + ref, Optional.empty());
                if (ownedByUs(there.get())) return new Outcome.Complete();
                return collided();
            }
            if (reply instanceof Reply.Refused refused && forGood(refused)) {
                uncreated = Optional.of("%d %s: %s".formatted(refused.code(), refused.reason(), refused.message()));
            }
            return note(ref, reply);
        }

        /// Whether the same request will be refused again until a person has changed something. Not so where the server
        /// is busy or broken, does not know us, or has lost sight of the namespace.
        private static boolean forGood(Reply.Refused refused) {
            return switch (refused.code()) {
                case 401, 404, 408, 409, 429 -> false;
                default -> refused.code() >= 400 && refused.code() < 500;
            };
        }

        private boolean ownedByUs(Json.Obj object) {
            return object.at("metadata", "ownerReferences").items().stream()
                    .anyMatch(owner -> owner.at("uid").string("").equals(rollout.uid())
                            && owner.at("controller").bool(false));
        }

        /// Somebody else's ReplicaSet has the name: the count changes the hash, and the hash the name.
        private Outcome collided() {
            int count = rollout.status().collisionCount().orElse(0) + 1;
            var outcome = patch(
                    self.sub("status"),
                    rollout.resourceVersion(),
                    rollout.uid(),
                    Json.obj("status", Json.obj("collisionCount", count)));
            return outcome instanceof Outcome.Complete
                    ? new Outcome.Moved("the ReplicaSet's name is taken; the next has another hash")
                    : outcome;
        }

        private Outcome switchService(Observation.ServiceSeen service, String hash) {
            var body = Json.obj("spec", Json.obj("selector", Json.obj(Names.HASH, hash)));
            if (service.managedBy().isEmpty()) {
                body = body.with("metadata", Json.obj("annotations", Json.obj(Names.MANAGED_BY, rollout.name())));
            }
            return patch(ref(ResourceType.SERVICES, service.name()), service.resourceVersion(), "", body);
        }

        private Outcome route(int canary, int stable) {
            for (var routing : seen.routings()) {
                var edits = routing.router().write(routing.route(), seen.routed(), canary, stable);
                for (var edit : edits) {
                    var outcome = patch(
                            edit.ref(),
                            edit.from().at("metadata", "resourceVersion").string(""),
                            "",
                            MergePatch.diff(edit.from(), edit.to()));
                    if (!(outcome instanceof Outcome.Complete)) return outcome;
                }
                if (!edits.isEmpty()) noteUnreported(routing);
            }
            return new Outcome.Complete();
        }

        /// Where no data plane reports, nothing can be waited for, and the rollout goes on as it would with a router
        /// that never does. But a route that nobody has taken up sends nothing to the canary, whatever it says.
        private void noteUnreported(Seen.Routing routing) {
            var router = routing.router();
            boolean silent = router.capabilities().contains(TrafficRouter.Capability.VERIFY)
                    && router.read(routing.route(), seen.routed())
                            instanceof TrafficRouter.Reading.Weights(var _, var _, var served)
                    && served.isEmpty();
            if (!silent) return;
            var routes = router.reads(routing.route()).stream()
                    .map(ref -> ref.type().kind() + " " + ref.namespace() + "/" + ref.name())
                    .collect(Collectors.joining(", "));
            events.event(
                    seen.source(),
                    true,
                    "RouteUnreported",
                    "No gateway has reported on " + routes + ": whether it serves the weights cannot be told, and the"
                            + " rollout does not wait for it");
        }

        private Outcome start(Action.StartAnalysis start) {
            var ref = ref(ResourceType.ANALYSIS_RUNS, start.name());
            return switch (analysis.make(seen, start)) {
                case AnalysisRunMaker.Made.Run(var manifest) -> {
                    var reply = gateway.send(new Request.Create(ref, manifest));
                    if (reply instanceof Reply.Refused refused && refused.alreadyExists()) {
                        var there = gateway.send(new Request.Get(ref)).answer();
                        yield there.filter(this::ownedByUs).isPresent()
                                ? new Outcome.Complete()
                                : new Outcome.Stopped(ref + " exists and is not ours", Optional.empty());
                    }
                    yield note(ref, reply);
                }
                case AnalysisRunMaker.Made.Impossible(var why) ->
                    new Outcome.Stopped("cannot make " + ref + ": " + why, Optional.empty());
            };
        }

        private Outcome evict(String pod, String uid) {
            var ref = ref(ResourceType.PODS, pod);
            var body = Json.obj(
                    "apiVersion",
                    "policy/v1",
                    "kind",
                    "Eviction",
                    "metadata",
                    Json.obj("name", pod, "namespace", rollout.namespace()),
                    "deleteOptions",
                    Json.obj("preconditions", Json.obj("uid", uid)));
            var reply = gateway.send(new Request.Create(ref.sub("eviction"), body));
            if (!(reply instanceof Reply.Refused refused) || refused.conflict())
                return note(ref.sub("eviction"), reply);
            letGo++;
            // 429: a PodDisruptionBudget says not now; 404: it has gone by itself. Whatever else it is, somebody has to
            // put it right: a role without pods/eviction, a webhook, two PodDisruptionBudgets for one pod.
            if (refused.code() != 429 && !refused.notFound()) {
                regrets.putIfAbsent(
                        "EvictionRefused",
                        "Pod %s cannot be evicted, which is tried again: %d %s: %s"
                                .formatted(pod, refused.code(), refused.reason(), refused.message()));
            }
            return new Outcome.Complete();
        }

        /// Ephemeral metadata of a ReplicaSet or of a pod. One that has moved, is gone or did not answer is
        /// looked at again by a later pass; whatever else it is, somebody has to put it right: a role without
        /// pods/patch, a webhook.
        private Outcome metadata(ObjectRef ref, String version, String uid, Json.Obj body) {
            var reply = send(ref, version, uid, body);
            if (reply instanceof Reply.Done) return note(ref, reply);
            letGo++;
            if (reply instanceof Reply.Refused refused && forGood(refused)) {
                regrets.putIfAbsent(
                        "MetadataRefused",
                        "%s %s cannot get its ephemeral metadata, which is tried again: %d %s: %s"
                                .formatted(
                                        ref.type().kind(),
                                        ref.name(),
                                        refused.code(),
                                        refused.reason(),
                                        refused.message()));
            }
            return new Outcome.Complete();
        }

        private Outcome setMetadata(ReplicaSet target, PodMetadata wanted) {
            var ref = ref(ResourceType.REPLICA_SETS, target.name());
            // One that this pass has written already may have been given pods by it.
            boolean podless = target.podless() && !versions.containsKey(ref);
            var body = PodTemplates.replace(source(target), wanted, podless);
            return metadata(ref, target.resourceVersion(), target.uid(), body);
        }

        private Json source(ReplicaSet target) {
            return seen.replicaSets().getOrDefault(target.name(), Json.Obj.EMPTY);
        }

        private Outcome delete(ObjectRef ref, String uid, String version) {
            var reply = gateway.send(new Request.Delete(
                    ref,
                    Optional.of(uid).filter(id -> !id.isEmpty()),
                    Optional.of(versions.getOrDefault(ref, version)),
                    "Background"));
            if (reply instanceof Reply.Refused refused && refused.notFound()) return new Outcome.Complete();
            return note(ref, reply);
        }

        /// The status as the difference to the one that was read, so that fields of others are left alone.
        private Outcome status(Decision decision) {
            var difference = switch (rollout.kind()) {
                case ROLLOUT ->
                    MergePatch.diff(StatusCodec.encode(rollout.status()), StatusCodec.encode(decision.status()));
                case DEPLOYMENT_CANARY ->
                    MergePatch.diff(
                            PairStatus.of(seen.source().at("status")).encode(),
                            PairStatus.after(seen, decision.status()).encode());
            };
            if (difference.isEmpty()) return new Outcome.Complete();
            return patch(self.sub("status"), rollout.resourceVersion(), rollout.uid(), Json.obj("status", difference));
        }

        private Outcome patch(ObjectRef ref, String version, String uid, Json.Obj body) {
            return note(ref, send(ref, version, uid, body));
        }

        private Reply send(ObjectRef ref, String version, String uid, Json.Obj body) {
            var object = new ObjectRef(ref.type(), ref.namespace(), ref.name(), "");
            var metadata = body.at("metadata").obj();
            metadata = metadata.with("resourceVersion", versions.getOrDefault(object, version));
            if (!uid.isEmpty()) metadata = metadata.with("uid", uid);
            return gateway.send(new Request.Patch(ref, PatchType.MERGE, body.with("metadata", metadata)));
        }

        private Outcome note(ObjectRef ref, Reply reply) {
            return switch (reply) {
                case Reply.Done(var object) -> {
                    var version = object.at("metadata", "resourceVersion").string("");
                    if (!version.isEmpty()) {
                        versions.put(new ObjectRef(ref.type(), ref.namespace(), ref.name(), ""), version);
                    }
                    yield new Outcome.Complete();
                }
                case Reply.Refused refused
                when refused.conflict() || refused.notFound() -> new Outcome.Moved(ref + ": " + refused.message());
                case Reply.Refused refused ->
                    new Outcome.Stopped(
                            "%s: %d %s: %s".formatted(ref, refused.code(), refused.reason(), refused.message()),
                            refused.retryAfter());
                case Reply.Lost(var _, var why) -> new Outcome.Stopped(ref + ": no answer: " + why, Optional.empty());
            };
        }
    }
}
