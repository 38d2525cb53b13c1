package dev.sluice.app.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisDecision;
import dev.sluice.analysis.AnalysisEngine;
import dev.sluice.analysis.AnalysisObservation;
import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.analysis.AnalysisRunStatus;
import dev.sluice.app.simulate.Simulation.Subject;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.rollout.Action;
import dev.sluice.rollout.Because;
import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Decision.Move;
import dev.sluice.rollout.Observation;
import dev.sluice.rollout.ReplicaSet;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.rollout.RolloutStatus;
import dev.sluice.rollout.Strategy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A simulator that finds nothing proves nothing: here are controllers with one deliberate mistake each.
class MutantsTest {
    private static final int SEEDS = 400;
    private static final Because PLANTED = Because.of("Planted", "a deliberate mistake");
    private static final Map<String, Integer> NEEDED = new TreeMap<>();
    /// Invariants that some mutant broke.
    private static final Set<String> FAILED = new TreeSet<>();

    /// @param invariants any of which may catch it
    /// @param alone whether nothing else may catch it: without those it would live
    record Mutant(String name, Subject subject, Set<String> invariants, boolean alone) {
        Mutant(String name, Subject subject, Set<String> invariants) {
            this(name, subject, invariants, false);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Mutant> mutants() {
        return Stream.of(
                mutant("weight before pods", MutantsTest::weightBeforePods, "NoTrafficToEmpty"),
                mutant(
                        "pods believed to be there",
                        seeing(MutantsTest::allAvailable),
                        "NoTrafficToEmpty",
                        "CapacityKept"),
                mutant("scale before drain", MutantsTest::scaleBeforeDrain, "NoTrafficToEmpty"),
                mutant("scale to zero for ever", MutantsTest::scaleForEver, "Quiescent"),
                mutant("weights that do not add up", MutantsTest::unevenWeights, "WeightsAddUp"),
                mutant("weight of a later step", MutantsTest::aheadOfStep, "NeverAheadOfStep"),
                mutant("old pods go first", MutantsTest::oldPodsFirst, "CapacityKept"),
                mutant("an abort overlooked", seeing(MutantsTest::withoutAbort), "RetreatIsMonotone", "Quiescent"),
                mutant("the canary grows again after an abort", MutantsTest::growAfterAbort, "RetreatIsMonotone"),
                mutant("a failed analysis passes", seeing(MutantsTest::allPassed), "FailedStaysOut"),
                mutant("a new side believed to be proven", seeing(MutantsTest::proven), "NeverAheadOfStep"),
                new Mutant(
                        "what failed is forgotten at a restart",
                        new Subject(MutantsTest::forgettingFailures, UnaryOperator.identity()),
                        Set.of("FailedStaysOut"),
                        true),
                new Mutant(
                        "a new attempt begun by itself",
                        new Subject(MutantsTest::tryingAgain, UnaryOperator.identity()),
                        Set.of("FailedStaysOut"),
                        true),
                mutant("moves without a reason", MutantsTest::unexplained, "Explained"),
                mutant("a step taken without a word", MutantsTest::silentSteps, "Explained"),
                new Mutant(
                        "a verdict without a word",
                        Subject.analysing(MutantsTest::silentVerdicts),
                        Set.of("Explained"),
                        true),
                new Mutant(
                        "a write that nobody decided",
                        new Subject(() -> RolloutEngine::decide, MarkingGateway::new),
                        Set.of("Explained"),
                        true),
                mutant("the active service too early", MutantsTest::switchEarly, "NoTrafficToEmpty", "CapacityKept"),
                mutant("a pass that asks for itself", MutantsTest::restless, "Quiescent"),
                mutant("a restart believed to be over", seeing(MutantsTest::noOldPods), "Quiescent"),
                mutant("a pair of which each is sized for itself", MutantsTest::pairOfTwoWholes, "WeightsAddUp"),
                mutant(
                        "a pair whose canary is believed to serve already",
                        seeing(MutantsTest::canaryServes),
                        "CapacityKept",
                        "NoTrafficToEmpty"),
                mutant("a pair that follows a failed canary", MutantsTest::pairFollowsFailure, "FailedStaysOut"),
                new Mutant(
                        "a pair that forgets which analysis counts",
                        new Subject(() -> RolloutEngine::decide, ForgetfulOfRuns::new),
                        Set.of("Quiescent")),
                new Mutant(
                        "memory that a death erases",
                        new Subject(MutantsTest::forgetful, UnaryOperator.identity()),
                        Set.of("CrashAgnostic")),
                new Mutant(
                        "a write dropped silently",
                        new Subject(() -> RolloutEngine::decide, DroppingGateway::new),
                        Set.of("Quiescent", "NoTrafficToEmpty", "CrashAgnostic")),
                new Mutant(
                        "stale reads acted on",
                        new Subject(MutantsTest::onePassBehind, UnversionedGateway::new),
                        Set.of(
                                "CapacityKept",
                                "NoTrafficToEmpty",
                                "NeverAheadOfStep",
                                "Quiescent",
                                "RetreatIsMonotone",
                                "CrashAgnostic",
                                "FailedStaysOut")),
                new Mutant(
                        "a deposed leader that goes on writing",
                        new Subject(
                                () -> RolloutEngine::decide,
                                UnaryOperator.identity(),
                                (server, _) -> server,
                                AnalysisEngine::decide),
                        Set.of("OneWriter")));
    }

    private static Mutant mutant(String name, Function<Observation, Decision> engine, String... invariants) {
        return new Mutant(name, Subject.deciding(engine), Set.of(invariants));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void eachIsCaught(Mutant mutant) {
        for (int seed = 1; seed <= SEEDS; seed++) {
            var caught = new TreeSet<String>();
            for (var violation : Simulation.check(seed, mutant.subject(), false).violations()) {
                caught.add(violation.invariant());
            }
            caught.retainAll(mutant.invariants());
            if (!caught.isEmpty()) {
                NEEDED.put(mutant.name(), seed);
                FAILED.addAll(caught);
                System.out.printf("mutant '%s' caught by %s, seeds needed: %d%n", mutant.name(), caught, seed);
                return;
            }
        }
        assertThat(mutant.name()).as("survived %d seeds", SEEDS).isEmpty();
    }

    static Stream<Mutant> mutantsOfOneInvariant() {
        return mutants().filter(Mutant::alone);
    }

    /// An invariant that is never the only one to see a mistake might as well not be there.
    @ParameterizedTest
    @MethodSource("mutantsOfOneInvariant")
    void someAreCaughtByNothingElse(Mutant mutant) {
        var caught = new TreeSet<String>();
        for (int seed = 1; seed <= 60; seed++) {
            for (var violation : Simulation.check(seed, mutant.subject(), false).violations()) {
                caught.add(violation.invariant());
            }
        }
        assertThat(caught).isNotEmpty().isSubsetOf(mutant.invariants());
    }

    @AfterAll
    static void everyInvariantHasFailedForSomeMutant() {
        System.out.printf("mutants killed: %d, seeds needed: %s%n", NEEDED.size(), NEEDED);
        // One mutant run alone proves nothing about the rest.
        if (NEEDED.size() == mutants().count()) assertThat(FAILED).containsAll(Invariants.NAMES);
    }

    @Test
    void productionSurvivesTheSameSeeds() {
        for (int seed = 1; seed <= 20; seed++) {
            assertThat(Simulation.check(seed, Subject.PRODUCTION, false).violations())
                    .isEmpty();
        }
    }

    // ── decisions spoiled ────────────────────────────────────────────────────────────────────────────────────────

    private static Decision with(Decision decision, UnaryOperator<List<Move>> change) {
        return new Decision(
                change.apply(new ArrayList<>(decision.moves())),
                decision.status(),
                decision.statusEvents(),
                decision.wakeAt(),
                decision.awaiting());
    }

    private static Decision and(Decision decision, Action action) {
        return with(decision, moves -> {
            moves.add(new Move(action, PLANTED, List.of()));
            return moves;
        });
    }

    private static boolean routed(Observation seen) {
        return seen.rollout().spec().strategy() instanceof Strategy.Canary canary && canary.routed();
    }

    private static boolean updating(Observation seen) {
        return seen.newest().isPresent() && seen.stable().isPresent() && !seen.fullyPromoted();
    }

    private static Decision weightBeforePods(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        boolean unready = updating(seen) && seen.newest().orElseThrow().available() == 0;
        boolean selected = seen.services().containsKey("web-canary");
        if (!routed(seen)
                || !unready
                || !selected
                || seen.routes().orElseThrow().canary() > 0) return decision;
        var service = seen.services().get("web-canary");
        var early = service.hash().equals(Optional.of(seen.podHash()))
                ? decision
                : and(decision, new Action.SwitchService(service, seen.podHash()));
        return and(early, new Action.SetTraffic(50, 50));
    }

    private static Decision scaleBeforeDrain(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        if (!routed(seen) || !seen.status().abort() || seen.newest().isEmpty() || seen.fullyPromoted()) return decision;
        var newest = seen.newest().get();
        return with(
                decision,
                moves -> new ArrayList<>(List.of(
                        new Move(new Action.Scale(newest, 0, seen.replicas(), Optional.empty()), PLANTED, List.of()))));
    }

    private static Decision scaleForEver(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        var empty = seen.others().stream().filter(rs -> rs.replicas() == 0).findFirst();
        if (empty.isEmpty()) return decision;
        var again = and(decision, new Action.Scale(empty.get(), 0, seen.replicas(), Optional.empty()));
        return wakingAt(again, seen.now().plusSeconds(20));
    }

    private static Decision wakingAt(Decision decision, Instant at) {
        return new Decision(
                decision.moves(), decision.status(), decision.statusEvents(), Optional.of(at), decision.awaiting());
    }

    private static Decision restless(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        int other = seen.rollout().revision() % 2 == 0 ? 1 : 2;
        return wakingAt(
                and(decision, new Action.SetRevision(seen.rollout().revision() + other)),
                seen.now().plusSeconds(20));
    }

    private static Decision unevenWeights(Observation seen) {
        return with(RolloutEngine.decide(seen), moves -> {
            moves.replaceAll(move -> move.action() instanceof Action.SetTraffic(var canary, var stable) && canary > 0
                    ? new Move(new Action.SetTraffic(canary, Math.max(0, stable - 1)), PLANTED, List.of())
                    : move);
            return moves;
        });
    }

    private static Decision aheadOfStep(Observation seen) {
        return with(RolloutEngine.decide(seen), moves -> {
            moves.replaceAll(move -> move.action() instanceof Action.SetTraffic(var canary, var _) && canary > 0
                    ? new Move(
                            new Action.SetTraffic(Math.min(100, canary + 7), Math.max(0, 93 - canary)),
                            PLANTED,
                            List.of())
                    : move);
            return moves;
        });
    }

    private static Decision oldPodsFirst(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        if (!updating(seen) || seen.status().abort()) return decision;
        var stable = seen.stable().orElseThrow();
        if (stable.replicas() == 0) return decision;
        return with(
                decision,
                moves -> new ArrayList<>(List.of(
                        new Move(new Action.Scale(stable, 0, seen.replicas(), Optional.empty()), PLANTED, List.of()))));
    }

    private static boolean pair(Observation seen) {
        return seen.rollout().kind() == Rollout.Kind.DEPLOYMENT_CANARY;
    }

    /// The canary gets what its weight asks for, and nothing is taken from the other.
    private static Decision pairOfTwoWholes(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        if (!pair(seen) || !updating(seen) || seen.status().abort()) return decision;
        return with(decision, moves -> {
            moves.replaceAll(move -> move.action() instanceof Action.Scale scale
                            && scale.target().hash().equals(seen.podHash())
                            && scale.replicas() > scale.target().replicas()
                    ? new Move(
                            new Action.Scale(scale.target(), seen.replicas() + 2, scale.desired(), scale.deadline()),
                            PLANTED,
                            List.of())
                    : move);
            return moves;
        });
    }

    /// Names alone do not say who serves.
    private static Observation canaryServes(Observation seen) {
        if (!pair(seen) || seen.newest().isEmpty()) return seen;
        return seeing(seen, seen.status().withSides(seen.podHash(), seen.podHash()));
    }

    /// After an abort the status forgets it: the Deployment is still there, and has pods again.
    private static Decision pairFollowsFailure(Observation seen) {
        return pair(seen) && failed(seen) ? begunAnew(seen) : RolloutEngine.decide(seen);
    }

    private static Decision growAfterAbort(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        if (seen.status().abortedAt().isEmpty() || seen.newest().isEmpty() || seen.fullyPromoted()) return decision;
        var newest = seen.newest().get();
        boolean scaled = decision.actions().stream().anyMatch(Action.Scale.class::isInstance);
        if (scaled || newest.replicas() > 0) return decision;
        return and(decision, new Action.Scale(newest, 1, seen.replicas(), Optional.empty()));
    }

    private static Decision unexplained(Observation seen) {
        return with(RolloutEngine.decide(seen), moves -> {
            moves.replaceAll(move -> new Move(move.action(), new Because("", ""), move.events()));
            return moves;
        });
    }

    private static Decision silentSteps(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        boolean steps =
                !decision.status().currentStepIndex().equals(seen.status().currentStepIndex());
        if (!steps || !decision.moves().isEmpty()) return decision;
        var status = withWordsOf(decision.status(), seen.status());
        return new Decision(List.of(), status, List.of(), Optional.of(seen.now()), Optional.empty());
    }

    private static AnalysisDecision silentVerdicts(AnalysisObservation seen) {
        var decision = AnalysisEngine.decide(seen);
        var status = decision.status();
        boolean ends = status.completed() && !seen.run().status().completed();
        if (!ends) return decision;
        var silent = new AnalysisRunStatus(
                status.phase(),
                "",
                status.metricResults(),
                status.startedAt(),
                status.completedAt(),
                status.runSummary(),
                status.dryRunSummary(),
                status.unknown());
        return new AnalysisDecision(decision.moves(), silent, decision.events(), decision.wakeAt());
    }

    private static Decision switchEarly(Observation seen) {
        var decision = RolloutEngine.decide(seen);
        if (!(seen.rollout().spec().strategy() instanceof Strategy.BlueGreen) || !updating(seen)) return decision;
        var active = seen.services().get("web");
        if (active == null || active.hash().equals(Optional.of(seen.podHash()))) return decision;
        boolean switches = decision.actions().stream().anyMatch(Action.SwitchService.class::isInstance);
        return switches ? decision : and(decision, new Action.SwitchService(active, seen.podHash()));
    }

    // ── observations spoiled ─────────────────────────────────────────────────────────────────────────────────────

    private static Function<Observation, Decision> seeing(UnaryOperator<Observation> lens) {
        return seen -> RolloutEngine.decide(lens.apply(seen));
    }

    private static Observation allAvailable(Observation seen) {
        var sets = seen.replicaSets().stream()
                .map(rs -> rs.withPods(ReplicaSet.Pods.of(rs.replicas(), rs.replicas(), rs.replicas()), true))
                .toList();
        return seen.with(seen.rollout(), sets, seen.runs());
    }

    /// A controller that does not know what failed in its former life, and begins that anew.
    private static Function<Observation, Decision> forgettingFailures() {
        var passes = new int[1];
        return seen -> passes[0]++ == 0 && failed(seen) ? begunAnew(seen) : RolloutEngine.decide(seen);
    }

    /// A controller that gives what failed a second chance, once, without being asked.
    private static Function<Observation, Decision> tryingAgain() {
        var tried = new TreeSet<String>();
        return seen -> {
            if (!failed(seen) || tried.contains(seen.podHash())) return RolloutEngine.decide(seen);
            var due = seen.status().abortedAt().orElseThrow().plusSeconds(45);
            if (seen.now().isBefore(due)) return wakingAt(RolloutEngine.decide(seen), due);
            tried.add(seen.podHash());
            return begunAnew(seen);
        };
    }

    private static boolean failed(Observation seen) {
        return seen.status().abort() && seen.status().abortedAt().isPresent() && !seen.fullyPromoted();
    }

    /// No move at all: only the status forgets.
    private static Decision begunAnew(Observation seen) {
        var status = notAborted(seen.status(), Optional.empty());
        return new Decision(
                List.of(),
                status,
                List.of(Decision.Event.normal("Retried", "tried again")),
                Optional.of(seen.now()),
                Optional.of(PLANTED));
    }

    private static Observation noOldPods(Observation seen) {
        return seen.withPods(List.of());
    }

    private static Observation withoutAbort(Observation seen) {
        var s = seen.status();
        if (s.abortedAt().isEmpty()) return seen;
        return seeing(seen, notAborted(s, s.abortedAt()));
    }

    /// The same of a Rollout with another status.
    private static Observation seeing(Observation seen, RolloutStatus status) {
        var r = seen.rollout();
        var rollout = new Rollout(
                r.kind(),
                r.namespace(),
                r.name(),
                r.uid(),
                r.resourceVersion(),
                r.generation(),
                r.created(),
                r.deleting(),
                r.revision(),
                r.spec(),
                status);
        return seen.with(rollout, seen.replicaSets(), seen.runs());
    }

    /// The same with the phase, message and conditions of another.
    private static RolloutStatus withWordsOf(RolloutStatus s, RolloutStatus words) {
        return with(s, s.abort(), s.abortedAt(), words);
    }

    private static RolloutStatus notAborted(RolloutStatus s, Optional<Instant> abortedAt) {
        return with(s, false, abortedAt, s);
    }

    private static RolloutStatus with(
            RolloutStatus s, boolean abort, Optional<Instant> abortedAt, RolloutStatus words) {
        return new RolloutStatus(
                abort,
                abortedAt,
                s.pauseConditions(),
                s.controllerPause(),
                s.currentPodHash(),
                s.currentStepHash(),
                s.currentStepIndex(),
                s.stableRS(),
                s.replicas(),
                s.updatedReplicas(),
                s.readyReplicas(),
                s.availableReplicas(),
                s.hpaReplicas(),
                s.selector(),
                s.collisionCount(),
                s.observedGeneration(),
                s.workloadObservedGeneration(),
                s.restartedAt(),
                s.promoteFull(),
                words.phase(),
                words.message(),
                words.conditions(),
                s.stepRun(),
                s.backgroundRun(),
                s.weights(),
                s.blueGreen(),
                s.attempt());
    }

    private static Observation allPassed(Observation seen) {
        return passed(seen, run -> run.phase() == AnalysisPhase.FAILED);
    }

    private static Observation proven(Observation seen) {
        return passed(seen, run -> run.kind() == Observation.AnalysisKind.PRE_PROMOTION);
    }

    private static Observation passed(Observation seen, Predicate<Observation.AnalysisRunSeen> these) {
        var runs = seen.runs().stream()
                .map(run -> !these.test(run)
                        ? run
                        : new Observation.AnalysisRunSeen(
                                run.name(),
                                run.resourceVersion(),
                                run.kind(),
                                run.hash(),
                                run.stepIndex(),
                                AnalysisPhase.SUCCESSFUL,
                                "",
                                run.terminating(),
                                run.created()))
                .toList();
        return seen.with(seen.rollout(), seen.replicaSets(), runs);
    }

    /// Decides on what it saw a pass ago.
    private static Function<Observation, Decision> onePassBehind() {
        var last = new ArrayList<Observation>();
        return seen -> {
            var stale = last.isEmpty() ? seen : last.getFirst();
            last.clear();
            last.add(seen);
            return wakingAt(RolloutEngine.decide(stale), seen.now().plusSeconds(5));
        };
    }

    /// Counts its passes in memory and goes wrong where the count begins anew in the middle of an update.
    private static Function<Observation, Decision> forgetful() {
        var passes = new int[1];
        return seen -> {
            boolean fresh = passes[0]++ == 0;
            var decision = RolloutEngine.decide(seen);
            boolean midway = updating(seen) && !seen.status().abort();
            if (!fresh || !midway) return decision;
            return with(decision, moves -> {
                moves.clear();
                moves.add(new Move(new Action.SetReplicas(seen.replicas() + 1), PLANTED, List.of()));
                return moves;
            });
        };
    }

    // ── gateways spoiled ─────────────────────────────────────────────────────────────────────────────────────────

    /// Says yes to scaling a ReplicaSet down and does not do it.
    record DroppingGateway(Gateway server) implements Gateway {
        @Override
        public Reply send(Request request) {
            boolean scales = request instanceof Request.Patch patch
                    && patch.ref().type().plural().equals("replicasets")
                    && patch.body().at("spec", "replicas").integer(1) == 0;
            return scales && request instanceof Request.Patch(var ref, var _, var _)
                    ? server.send(new Request.Get(ref))
                    : server.send(request);
        }

        @Override
        public Watch watch(Selection selection, String version, Consumer<WatchEvent> listener) {
            return server.watch(selection, version, listener);
        }
    }

    /// Marks each Service that it points elsewhere; harmless, but nobody decided it and nobody is told.
    record MarkingGateway(Gateway server) implements Gateway {
        @Override
        public Reply send(Request request) {
            var reply = server.send(request);
            if (request instanceof Request.Patch(var ref, var _, var _)
                    && ref.type().plural().equals("services")
                    && reply instanceof Reply.Done) {
                var mark = Json.obj("metadata", Json.obj("annotations", Json.obj("touched", "yes")));
                server.send(new Request.Patch(ref, PatchType.MERGE, mark));
            }
            return reply;
        }

        @Override
        public Watch watch(Selection selection, String version, Consumer<WatchEvent> listener) {
            return server.watch(selection, version, listener);
        }
    }

    /// Writes the status of a pair without the AnalysisRuns that count, as if a name hid them.
    record ForgetfulOfRuns(Gateway server) implements Gateway {
        @Override
        public Reply send(Request request) {
            return request instanceof Request.Patch(var ref, var type, var body)
                            && ref.type().plural().equals("deploymentcanaries")
                    ? server.send(new Request.Patch(ref, type, body.obj().withoutAt(List.of("status", "analysis"))))
                    : server.send(request);
        }

        @Override
        public Watch watch(Selection selection, String version, Consumer<WatchEvent> listener) {
            return server.watch(selection, version, listener);
        }
    }

    /// Forgets on which version a write was decided.
    record UnversionedGateway(Gateway server) implements Gateway {
        @Override
        public Reply send(Request request) {
            return request instanceof Request.Patch patch
                    ? server.send(new Request.Patch(
                            patch.ref(),
                            patch.type(),
                            patch.body().obj().withoutAt(List.of("metadata", "resourceVersion"))))
                    : server.send(request);
        }

        @Override
        public Watch watch(Selection selection, String version, Consumer<WatchEvent> listener) {
            return server.watch(selection, version, listener);
        }
    }
}
