package dev.sluice.app.simulate;

import dev.sluice.analysis.AnalysisAction;
import dev.sluice.analysis.AnalysisDecision;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Journal;
import dev.sluice.kube.rollout.Key;
import dev.sluice.kube.rollout.Names;
import dev.sluice.rollout.Action;
import dev.sluice.rollout.Because;
import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Observation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/// Why each write of one life of the controller was made: the invariant `Explained`.
///
/// Whatever reached the cluster is compared with the pass that sent it:
///
/// - a write of the executor needs a move of that decision, with its reason, in the journal;
/// - a status that steers what comes next (abort, pauses, step, stable side) needs words: an event, a
///   guard, a move, a message or condition in the same write, or another spec that it is about; one
///   that only counts is its own reason;
/// - a collision of names needs the end of the pass that the journal tells;
/// - an AnalysisRun's verdict needs its own message, and those of its metrics and measurements;
/// - what no pass sent has no reason. Leases are not asked for one: they say who holds them.
final class Reasons {
    /// Fields of a status that later decisions follow; the others tell what was seen, as `restartedAt`
    /// does: that no pod is older.
    private static final Set<String> STEERING = Set.of(
            "abort",
            "abortedAt",
            "pauseConditions",
            "controllerPause",
            "currentStepIndex",
            "currentStepHash",
            "stableRS",
            "serving",
            "promoteFull");
    private static final Set<String> BAD = Set.of("Failed", "Error", "Inconclusive");

    private final Consumer<String> unexplained;
    /// Passes under way: one of another worker may run while a write of the outer one is slow.
    private final Deque<Pass> passes = new ArrayDeque<>();

    /// @param unexplained told of each write without a reason
    Reasons(Consumer<String> unexplained) {
        this.unexplained = unexplained;
    }

    private record Write(Request request, Json answer) {}

    private static final class Pass {
        private final List<Write> writes = new ArrayList<>();
        private Optional<Observation> seen = Optional.empty();
        private Optional<Decision> decision = Optional.empty();
        private Optional<AnalysisDecision> analysis = Optional.empty();
    }

    /// The same engine, heard.
    Function<Observation, Decision> heard(Function<Observation, Decision> engine) {
        return seen -> {
            var decision = engine.apply(seen);
            for (var move : decision.moves()) {
                if (blank(move.because())) unexplained.accept("no reason for " + move.action());
            }
            passes.getLast().seen = Optional.of(seen);
            passes.getLast().decision = Optional.of(decision);
            return decision;
        };
    }

    /// The same engine of analyses, heard.
    <T> Function<T, AnalysisDecision> heardAnalysing(Function<T, AnalysisDecision> engine) {
        return seen -> {
            var decision = engine.apply(seen);
            passes.getLast().analysis = Optional.of(decision);
            return decision;
        };
    }

    /// One step of a control loop.
    ///
    /// @param journal of that loop, oldest first
    void during(Runnable step, Function<Key, List<Journal.Entry>> journal) {
        passes.addLast(new Pass());
        try {
            step.run();
        } finally {
            var pass = passes.removeLast();
            for (var write : pass.writes) {
                missing(pass, write, journal)
                        .ifPresent(what -> unexplained.accept(text(write.request()) + ": " + what));
            }
        }
    }

    /// The cluster, with every write to it noted.
    Gateway noting(Gateway server) {
        return new Gateway() {
            @Override
            public Reply send(Request request) {
                var reply = server.send(request);
                if (request.writes() && reply instanceof Reply.Done(var answer)) note(request, answer);
                return reply;
            }

            @Override
            public Watch watch(Selection selection, String version, Consumer<WatchEvent> listener) {
                return server.watch(selection, version, listener);
            }
        };
    }

    private void note(Request request, Json answer) {
        if (target(request).type().equals(ResourceType.LEASES)) return;
        if (passes.isEmpty()) unexplained.accept(text(request) + ": no pass wrote it");
        else passes.getLast().writes.add(new Write(request, answer));
    }

    // ── what is missing ──────────────────────────────────────────────────────────────────────────────────────────

    private static Optional<String> missing(Pass pass, Write write, Function<Key, List<Journal.Entry>> journal) {
        if (pass.analysis.isPresent()) return missingIn(pass.analysis.get(), write);
        if (pass.decision.isEmpty()) return Optional.of("nothing was decided");
        var decision = pass.decision.get();
        var rollout = pass.seen.orElseThrow().rollout();
        var entries = journal.apply(new Key(rollout.namespace(), rollout.name()));
        if (entries.isEmpty() || !tells(entries.getLast(), decision))
            return Optional.of("the journal does not tell it");
        if (write.request() instanceof Request.Patch(var ref, var _, var body)
                && ref.subresource().equals("status")) {
            return missingIn(
                    decision, entries.getLast().outcome(), body.at("status").obj());
        }
        var move = decision.moves().stream()
                .filter(candidate -> carries(candidate.action(), write.request()))
                .findFirst();
        if (move.isEmpty()) return Optional.of("no move of the decision is this write");
        return blank(move.get().because()) ? Optional.of("its move has no reason") : Optional.empty();
    }

    /// Passes that do nothing and wait for the same as the one before are not told again.
    private static boolean tells(Journal.Entry entry, Decision decision) {
        boolean idle = decision.moves().isEmpty() && decision.statusEvents().isEmpty();
        return entry.decision().equals(decision)
                || idle && entry.decision().awaiting().equals(decision.awaiting());
    }

    private static Optional<String> missingIn(Decision decision, String outcome, Json.Obj status) {
        var changed = status.fields().keySet();
        if (changed.contains("collisionCount")) {
            boolean told = !outcome.isBlank() && !outcome.equals("done");
            return told ? Optional.empty() : Optional.of("the journal does not tell of the collision");
        }
        var steering = Stream.concat(
                        changed.stream().filter(STEERING::contains),
                        status.at("blueGreen").obj().fields().keySet().stream()
                                .filter("scaleUpPreviewCheckPoint"::equals))
                .toList();
        // A new template or new steps are their author's word; what went before them is over.
        boolean anew = changed.contains("currentPodHash") || changed.contains("currentStepHash");
        boolean words = anew
                || !decision.moves().isEmpty()
                || decision.statusEvents().stream()
                        .anyMatch(event -> !event.message().isBlank())
                || decision.awaiting().filter(guard -> !blank(guard)).isPresent()
                || !status.at("message").string("").isBlank()
                || !status.at("conditions").items().isEmpty();
        return steering.isEmpty() || words
                ? Optional.empty()
                : Optional.of("nothing says why " + steering + " changed");
    }

    private static Optional<String> missingIn(AnalysisDecision decision, Write write) {
        return switch (write.request()) {
            case Request.Patch(var _, var _, var body) ->
                wordless(body.at("status"), write.answer().at("status"), decision);
            case Request.Delete(var ref, var _, var _, var _, var _) ->
                decision.moves().stream()
                                .anyMatch(move -> move.action() instanceof AnalysisAction.Delete(var run)
                                        && run.name().equals(ref.name())
                                        && !move.because().isBlank())
                        ? Optional.empty()
                        : Optional.of("no move says why it is deleted");
            case Request.Create _, Request.Replace _, Request.Get _, Request.List _ ->
                Optional.of("not what an analysis writes");
        };
    }

    private static Optional<String> wordless(Json changed, Json status, AnalysisDecision decision) {
        var phase = changed.at("phase").string("");
        if (BAD.contains(phase) && status.at("message").string("").isBlank()) {
            return Optional.of("it is " + phase + " and does not say why");
        }
        boolean ended = BAD.contains(phase) || phase.equals("Successful");
        if (ended && decision.events().isEmpty()) return Optional.of("it is " + phase + " and nobody was told");
        for (var result : changed.at("metricResults").items()) {
            var verdict = result.at("phase").string("");
            var measurements = result.at("measurements").items();
            boolean measured = measurements.stream()
                    .anyMatch(
                            measurement -> BAD.contains(measurement.at("phase").string("")));
            if (BAD.contains(verdict)
                    && !measured
                    && result.at("message").string("").isBlank()) {
                return Optional.of("metric %s is %s and does not say why"
                        .formatted(result.at("name").string(""), verdict));
            }
            for (var measurement : measurements) {
                boolean error = measurement.at("phase").string("").equals("Error");
                if (error && measurement.at("message").string("").isBlank()) {
                    return Optional.of("a measurement is an error and does not say which");
                }
            }
        }
        return Optional.empty();
    }

    // ── which write is which move ────────────────────────────────────────────────────────────────────────────────

    private static boolean carries(Action action, Request request) {
        return switch (action) {
            case Action.SetReplicas(var replicas) ->
                ours(request).at("spec", "replicas").integer(-1) == replicas;
            case Action.SetRevision(var revision) ->
                ours(request)
                        .at("metadata", "annotations", Names.REVISION)
                        .string("")
                        .equals(Integer.toString(revision));
            case Action.SetWorkloadGeneration(var generation) ->
                ours(request)
                        .at("metadata", "annotations", Names.WORKLOAD_GENERATION)
                        .string("")
                        .equals(Long.toString(generation));
            case Action.ScaleWorkload(var workload, var replicas) ->
                patch(request, ResourceType.DEPLOYMENTS, workload.name())
                                .at("spec", "replicas")
                                .integer(-1)
                        == replicas;
            case Action.CreateReplicaSet create -> creates(request, ResourceType.REPLICA_SETS, create.name());
            case Action.Scale scale -> {
                var name = scale.target().name();
                var set = patch(request, ResourceType.REPLICA_SETS, name).at("spec", "replicas");
                var deployment = patch(request, ResourceType.DEPLOYMENTS, name).at("spec", "replicas");
                yield set.integer(-1) == scale.replicas() || deployment.integer(-1) == scale.replicas();
            }
            case Action.NumberReplicaSet(var target, var revision) ->
                patch(request, ResourceType.REPLICA_SETS, target.name())
                        .at("metadata", "annotations", Names.REVISION)
                        .string("")
                        .equals(Integer.toString(revision));
            case Action.SyncReplicaSet(var target, var minReadySeconds, var _, var _) ->
                patch(request, ResourceType.REPLICA_SETS, target.name())
                                .at("spec", "minReadySeconds")
                                .integer(-1)
                        == minReadySeconds;
            case Action.DeleteReplicaSet(var target) -> deletes(request, ResourceType.REPLICA_SETS, target.name());
            case Action.SwitchService(var service, var hash) ->
                patch(request, ResourceType.SERVICES, service.name())
                        .at("spec", "selector", Names.HASH)
                        .string("")
                        .equals(hash);
            case Action.ReleaseService(var service) ->
                patch(request, ResourceType.SERVICES, service.name())
                        .at("spec", "selector")
                        .obj()
                        .has(Names.HASH);
            case Action.SetTraffic _ ->
                request instanceof Request.Patch(var ref, var _, var _)
                        && ref.type().equals(ResourceType.HTTP_ROUTES);
            case Action.StartAnalysis start -> creates(request, ResourceType.ANALYSIS_RUNS, start.name());
            case Action.TerminateAnalysis(var run) ->
                patch(request, ResourceType.ANALYSIS_RUNS, run.name())
                        .at("spec", "terminate")
                        .bool(false);
            case Action.DeleteAnalysis(var run) -> deletes(request, ResourceType.ANALYSIS_RUNS, run.name());
            case Action.SetMetadata(var target, var _) ->
                patch(request, ResourceType.REPLICA_SETS, target.name())
                        .at("spec", "template")
                        .obj()
                        .has("metadata");
            case Action.ConfirmMetadata(var target) -> {
                var body = patch(request, ResourceType.REPLICA_SETS, target.name());
                yield body.at("spec").isNull()
                        && body.at("metadata", "annotations").obj().has(Names.EPHEMERAL_METADATA);
            }
            case Action.UpdatePod(var pod) ->
                !patch(request, ResourceType.PODS, pod.name()).isEmpty();
            case Action.EvictPod(var pod) -> creates(request, ResourceType.PODS, pod.name());
        };
    }

    /// What is written to a Rollout or a pair itself.
    private static Json.Obj ours(Request request) {
        boolean driven = request instanceof Request.Patch(var ref, var _, var _)
                && (ref.type().equals(ResourceType.ROLLOUTS) || ref.type().equals(ResourceType.DEPLOYMENT_CANARIES));
        return driven && request instanceof Request.Patch(var _, var _, var body) ? body.obj() : Json.Obj.EMPTY;
    }

    private static Json.Obj patch(Request request, ResourceType type, String name) {
        return request instanceof Request.Patch(var ref, var _, var body)
                        && ref.type().equals(type)
                        && ref.name().equals(name)
                ? body.obj()
                : Json.Obj.EMPTY;
    }

    private static boolean creates(Request request, ResourceType type, String name) {
        return request instanceof Request.Create(var ref, var _)
                && ref.type().equals(type)
                && ref.name().equals(name);
    }

    private static boolean deletes(Request request, ResourceType type, String name) {
        return request instanceof Request.Delete delete
                && delete.ref().type().equals(type)
                && delete.ref().name().equals(name);
    }

    private static boolean blank(Because because) {
        return because.code().isBlank() || because.sentence().isBlank();
    }

    private static ObjectRef target(Request request) {
        return switch (request) {
            case Request.Get(var ref) -> ref;
            case Request.Create(var ref, var _) -> ref;
            case Request.Patch(var ref, var _, var _) -> ref;
            case Request.Replace(var ref, var _) -> ref;
            case Request.Delete delete -> delete.ref();
            case Request.List(var selection) -> ObjectRef.of(selection.type(), "", "");
        };
    }

    private static String text(Request request) {
        return request.verb() + " " + target(request);
    }
}
