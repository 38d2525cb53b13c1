package dev.sluice.rollout;

import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.limited;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CanaryStoryTest {
    @Test
    void theFirstDeploymentIsWholeAtOnce() {
        var world = new World(canary(weight(20), pause())).settle();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.status.currentStepIndex()).contains(2);
        assertThat(world.events)
                .containsExactly(
                        "RolloutUpdated",
                        "NewReplicaSetCreated",
                        "RolloutNotCompleted",
                        "ScalingReplicaSet",
                        "RolloutCompleted");
    }

    @Test
    void absentReplicasAreWrittenBackAsOne() {
        var world = new World(canary());
        world.replicas = Optional.empty();
        world.settle();
        assertThat(world.replicas).contains(1);
        assertThat(world.pods("v1")).isEqualTo(1);
    }

    @Test
    void theShareOfPodsFollowsTheWeightAndAPauseWaitsForAHuman() {
        var world = new World(canary(weight(20), pause(), weight(50), pause(60))).settle();
        world.deploy("v2");
        assertThat(world.pods("v2")).isEqualTo(2);
        assertThat(world.pods("v1")).isEqualTo(8);
        assertThat(world.status.phase()).isEqualTo("Paused");
        assertThat(world.status.message()).isEqualTo("CanaryPauseStep");
        assertThat(world.status.controllerPause()).isTrue();

        world.pass(Duration.ofHours(5)).settle();
        assertThat(world.status.currentStepIndex()).contains(1);

        world.command(World.StatusEdit::resume).settle();
        assertThat(world.pods("v2")).isEqualTo(5);
        assertThat(world.status.currentStepIndex()).contains(3);

        world.pass(Duration.ofSeconds(61)).settle();
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.pods("v1")).isZero();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v2");
    }

    @Test
    void abortAndRetryTellTheirStoryInArgosOrder() {
        var world = new World(canary(weight(50), pause())).settle();
        world.deploy("v2");
        world.command(s -> s.abort(true)).settle();
        assertThat(world.status.phase()).isEqualTo("Degraded");
        assertThat(world.status.message()).isEqualTo("RolloutAborted: Rollout aborted update to revision 2");
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
        assertThat(world.status.currentStepIndex()).contains(0);

        world.command(s -> s.abort(false)).settle();
        assertThat(world.status.phase()).isEqualTo("Paused");
        assertThat(world.status.abortedAt()).isEmpty();
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(distinctInARow(world.events))
                .containsExactly(
                        "RolloutUpdated",
                        "NewReplicaSetCreated",
                        "RolloutNotCompleted",
                        "ScalingReplicaSet",
                        "RolloutCompleted",
                        "RolloutUpdated",
                        "NewReplicaSetCreated",
                        "RolloutNotCompleted",
                        "ScalingReplicaSet",
                        "RolloutStepCompleted",
                        "RolloutPaused",
                        "ScalingReplicaSet",
                        "RolloutAborted",
                        "ScalingReplicaSet",
                        "RolloutStepCompleted",
                        "RolloutPaused",
                        "RolloutStepCompleted",
                        "RolloutResumed",
                        "ScalingReplicaSet",
                        "RolloutCompleted");
    }

    private static List<String> distinctInARow(List<String> events) {
        var out = new java.util.ArrayList<String>();
        for (var event : events) if (out.isEmpty() || !out.getLast().equals(event)) out.add(event);
        return out;
    }

    /// Found by seed 762: the pods waited for the weight to leave, and the weight for the pods to be as many as asked.
    @Test
    void aStepMayTakeWeightAwayAgain() {
        var world = new World(routed(weight(80), pause(), weight(10), pause())).settle();
        world.deploy("v2");
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(80);
        assertThat(world.pods("v2")).isEqualTo(8);
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(10);
        assertThat(world.pods("v2")).isEqualTo(1);
        assertThat(world.status.currentStepIndex()).contains(3);
    }

    /// Found by seed 762: the weight of a step that a human had skipped was set while the next one's pods came up.
    @Test
    void aSkippedStepsWeightIsNotMadeUpFor() {
        var world = new World(routed(weight(80), pause(), weight(10), pause())).settle();
        world.broken.add("v2");
        world.deploy("v2");
        assertThat(world.pods("v2")).isEqualTo(8);
        assertThat(world.routes.orElseThrow().canary()).isZero();
        world.broken.clear();
        world.podsCome();
        world.services.put(
                "web-canary", new Observation.ServiceSeen("web-canary", "1", Optional.of("v2"), Optional.of("web")));
        world.command(s -> s.index(2));
        for (int i = 0; i < 20; i++) {
            world.tick();
            assertThat(world.routes.orElseThrow().canary()).isLessThanOrEqualTo(10);
        }
    }

    /// Found by seed 13207: the step waited for ever for the last pod to go, which the router still sent requests to.
    @Test
    void aScaleOfNothingLeavesThePodThatServesAndTheStepsGoOn() {
        var none = new Step.SetCanaryScale(new Step.Scale.ByWeight(0));
        var world = new World(routed(weight(80), none, pause(), weight(10), pause())).settle();
        world.deploy("v2");
        assertThat(world.pods("v2")).isEqualTo(1);
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(80);
        assertThat(world.status.currentStepIndex()).contains(2);
    }

    /// Found by seed 577: with no room beside the pod of the revision before, a canary of no pods counted as reached.
    @Test
    void aStepIsNotPassedWhilePodsOfARevisionInBetweenTakeTheRoom() {
        var world = new World(limited(canary(weight(57), pause()), 1, 0));
        world.replicas = Optional.of(4);
        world.settle();
        world.broken.add("v2");
        world.broken.add("v3");
        world.deploy("v2");
        assertThat(world.pods("v2")).isEqualTo(1);
        world.deploy("v3");
        assertThat(world.pods("v2")).isZero();
        assertThat(world.pods("v3")).isEqualTo(1);
        assertThat(world.status.currentStepIndex()).contains(0);
    }

    /// Found by seed 151: two passes within one lag each took a pod away against the same availability.
    @Test
    void podsOnTheirWayOutAreNotCountedWhenOldRevisionsDrain() {
        var world = new World(limited(canary(weight(50), pause()), 1, 1));
        world.replicas = Optional.of(4);
        world.settle().deploy("v2").deploy("v3");
        // Three have to stay: two stable ones, and the one that the revision in between keeps when its second is gone.
        world.seen("v1", 2, 2).seen("v3", 2, 0).seen("v2", 1, 2);
        assertThat(RolloutEngine.decide(world.observe()).actions()).isEmpty();
        // With that one more there is one to spare.
        world.seen("v2", 2, 2);
        assertThat(RolloutEngine.decide(world.observe()).actions())
                .containsExactly(new Action.Scale(world.replicaSets.get("v2"), 1, 4, Optional.empty()));
    }

    @Test
    void aNewTemplateInMidUpdateStartsAnew() {
        var world = new World(canary(weight(30), pause())).settle();
        world.deploy("v2");
        world.deploy("v3");
        assertThat(world.pods("v2")).isZero();
        assertThat(world.pods("v3")).isEqualTo(3);
        assertThat(world.pods("v1")).isEqualTo(7);
        assertThat(world.status.currentStepIndex()).contains(1);
    }

    @Test
    void theStableTemplateAgainSkipsAllSteps() {
        var world = new World(canary(weight(30), pause())).settle();
        world.deploy("v2");
        world.deploy("v1");
        assertThat(world.events).contains("SkipSteps");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
        assertThat(world.revision).isEqualTo(3);
    }

    @Test
    void aBrokenCanaryStopsAtItsFirstStepAndTheDeadlineSaysSo() {
        var world = new World(canary(weight(20), pause())).settle();
        world.broken.add("v2");
        world.deploy("v2");
        assertThat(world.status.currentStepIndex()).contains(0);
        assertThat(world.pods("v1")).isGreaterThanOrEqualTo(8);
        world.pass(Duration.ofMinutes(11)).settle();
        assertThat(world.status.phase()).isEqualTo("Degraded");
        assertThat(world.status.message())
                .isEqualTo("ProgressDeadlineExceeded: ReplicaSet \"web-v2\" has timed out progressing.");
    }

    @Test
    void theDeadlineAbortsWhereThatIsAskedFor() {
        var world = new World(canary(weight(20), pause())).settle();
        world.progressDeadlineAbort = true;
        world.broken.add("v2");
        world.deploy("v2");
        world.pass(Duration.ofMinutes(11)).settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void theDeadlineEndsAFullPromotionThatDoesNotGetOn() {
        for (var strategy : List.of(canary(weight(20), pause()), routed(weight(20), pause()), World.blueGreen(true))) {
            var world = new World(strategy).settle();
            world.progressDeadlineAbort = true;
            world.broken.add("v2");
            world.deploy("v2");
            world.command(World.StatusEdit::promoteFull).settle();
            world.pass(Duration.ofMinutes(11)).settle();
            assertThat(world.status.abort()).as("%s", strategy).isTrue();
            assertThat(world.status.promoteFull()).isFalse();
            assertThat(world.status.stableRS()).isEqualTo("v1");
            // And that is that, until somebody says otherwise.
            world.pass(Duration.ofMinutes(11)).settle();
            assertThat(world.status.phase()).isEqualTo("Degraded");
        }
    }

    @Test
    void aWeightOnTheLastPodOfAScaleToNothingDoesNotSwing() {
        var nothing = new Step.SetCanaryScale(new Step.Scale.ByReplicas(0));
        var world = new World(routed(weight(50), nothing, weight(60), pause())).settle();
        world.hash = "v2";
        world.generation++;
        for (int ticks = 0; ticks < 50 && world.routes.orElseThrow().canary() != 60; ticks++) world.tick();
        assertThat(world.status.currentStepIndex()).contains(2);
        world.routes = Optional.of(new Observation.Routes(60, 40, Optional.of(false)));
        assertThat(RolloutEngine.decide(world.observe()).actions()).noneMatch(Action.SetTraffic.class::isInstance);
    }

    @Test
    void whatHasFailedGetsNoMoreWeightInThePassThatLearnsOfIt() {
        var steps = routed(weight(20), weight(50), pause());
        var world = new World(World.judged(steps, World.analysis("errors"))).settle();
        world.hash = "v2";
        world.generation++;
        // The pods of the second step are there, its weight is the next thing to be asked for.
        for (int ticks = 0; ticks < 50 && world.pods("v2") != 5; ticks++) world.tick();
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(20);
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "too many errors");
        var decision = world.tick();
        assertThat(decision.status().abort()).isTrue();
        assertThat(decision.actions()).noneMatch(Action.SetTraffic.class::isInstance);
        world.tick();
        assertThat(world.routes.orElseThrow().canary()).isZero();
    }

    @Test
    void anAbortOfNothingIsTakenBackWithAWord() {
        var world = new World(canary(weight(20), pause())).settle();
        world.command(s -> s.abort(true));
        var decision = world.tick();
        assertThat(decision.status().abort()).isFalse();
        assertThat(decision.awaiting().map(Because::code)).contains("NothingToAbort");
        assertThat(world.settle().status.phase()).isEqualTo("Healthy");
    }

    @Test
    void pausedBeforeTheUpdateNothingMoves() {
        var world = new World(canary(weight(20), pause())).settle();
        world.paused = true;
        world.deploy("v2");
        assertThat(world.pods("v2")).isZero();
        assertThat(world.status.phase()).isEqualTo("Paused");
        assertThat(world.status.message()).isEqualTo("manually paused");
        world.paused = false;
        world.generation++;
        world.settle();
        assertThat(world.pods("v2")).isEqualTo(2);
    }

    @Test
    void promotingFullySkipsEverything() {
        var world = new World(routed(weight(20), pause(), weight(50), pause())).settle();
        world.deploy("v2");
        world.command(World.StatusEdit::promoteFull).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.promoteFull()).isFalse();
        assertThat(world.status.stableRS()).isEqualTo("v2");
        assertThat(world.serves("web-stable")).isEqualTo("v2");
        assertThat(world.routes.orElseThrow().canary()).isZero();
    }

    @Test
    void behindARouterPodsComeBeforeTrafficAndTheStableSideStaysWhole() {
        var world = new World(routed(weight(20), pause())).settle();
        world.log.clear();
        world.deploy("v2");
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isEqualTo(2);
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(20);
        assertThat(world.status.weights().orElseThrow().verified()).contains(true);
        assertThat(world.log.indexOf("SetTraffic (StepReached)"))
                .isGreaterThan(world.log.indexOf("Scale (CanaryShare)"));
    }

    @Test
    void afterAnAbortTrafficLeavesAtOnceAndPodsWhenTheDelayIsOver() {
        var world = new World(routed(weight(50), pause())).settle();
        world.deploy("v2");
        world.command(s -> s.abort(true)).settle();
        assertThat(world.routes.orElseThrow().canary()).isZero();
        assertThat(world.pods("v2")).isEqualTo(5);
        assertThat(world.replicaSets.get("v2").scaleDownDeadline()).isPresent();
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v2")).isZero();
        assertThat(world.serves("web-canary")).isEqualTo("v1");
    }

    @Test
    void aCanaryThatLosesItsPodsLosesItsTraffic() {
        var world = new World(routed(weight(50), pause())).settle();
        world.deploy("v2");
        world.broken.add("v2");
        world.settle();
        assertThat(world.routes.orElseThrow().canary()).isZero();
    }

    @Test
    void aChangedSizeKeepsTheWeight() {
        var world = new World(canary(weight(20), pause())).settle();
        world.deploy("v2");
        world.replicas = Optional.of(20);
        world.generation++;
        world.settle();
        assertThat(world.pods("v2")).isEqualTo(4);
        assertThat(world.pods("v1")).isEqualTo(16);
        assertThat(world.status.phase()).isEqualTo("Paused");
    }

    @Test
    void anAnalysisGoesOnWithItsVerdictOrAborts() {
        var analysis = World.analysis("errors");
        var world = new World(canary(weight(50), new Step.Analyse(analysis))).settle();
        world.deploy("v2");
        assertThat(world.status.currentStepIndex()).contains(1);
        assertThat(world.runs).hasSize(1);
        var run = world.runs.getFirst().name();
        assertThat(run).isEqualTo("web-v2-2-1");

        world.verdict(run, AnalysisPhase.FAILED, "metric \"errors\" assessed Failed");
        world.settle();
        assertThat(world.status.message())
                .isEqualTo("RolloutAborted: Rollout aborted update to revision 2: Step-based analysis phase"
                        + " error/failed: metric \"errors\" assessed Failed");
        assertThat(world.pods("v1")).isEqualTo(10);

        world.command(s -> s.abort(false)).settle();
        assertThat(world.runs).extracting(r -> r.name()).contains("web-v2-2-1.1");
        world.verdict("web-v2-2-1.1", AnalysisPhase.SUCCESSFUL, "");
        world.settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
    }

    @Test
    void withoutAVerdictTheRolloutPausesAndAHumansResumeMeasuresAgain() {
        var analysis = World.analysis("errors");
        var world = new World(canary(weight(50), new Step.Analyse(analysis))).settle();
        world.deploy("v2");
        world.verdict("web-v2-2-1", AnalysisPhase.INCONCLUSIVE, "");
        world.settle();
        assertThat(world.status.message()).isEqualTo("InconclusiveAnalysisRun");
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.runs).extracting(r -> r.name()).contains("web-v2-2-1.1");
        assertThat(world.status.phase()).isEqualTo("Progressing");
    }

    @Test
    void anInvalidSpecTouchesNothingAndRecovers() {
        var world = new World(canary(weight(20), pause())).settle();
        world.problems = List.of(
                new Problem("spec.strategy.canary.steps[0].setWeight", "120", "is above the maximum 100", "lower it"));
        world.hash = "v2";
        world.generation++;
        world.settle();
        assertThat(world.status.phase()).isEqualTo("Degraded");
        assertThat(world.status.message()).startsWith("InvalidSpec: The Rollout \"web\" is invalid: spec.strategy");
        assertThat(world.replicaSets).hasSize(1);
        world.problems = List.of();
        world.generation++;
        world.settle();
        assertThat(world.status.condition("InvalidSpec")).isEmpty();
        assertThat(world.pods("v2")).isEqualTo(2);
    }

    @Test
    void aStepDownDoesNotSendTheRestToAStableSideWithoutPods() {
        var world = new World(routed(weight(50), pause(), weight(20), pause()));
        world.replicas = Optional.of(1);
        world.settle().deploy("v2");
        world.broken.add("v1");
        world.seen("v1", 1, 0).podsCome();
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(50);
        world.broken.clear();
        world.podsCome();
        world.settle();
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(20);
    }

    @Test
    void aReleaseOfNoPodsIsOverAtOnceAndHasAllOfThemLater() {
        var world = new World(routed(weight(20), pause(1), weight(60)));
        world.replicas = Optional.of(2);
        world.settle();
        world.replicas = Optional.of(0);
        world.generation++;
        world.settle();
        world.progressDeadlineAbort = true;
        world.deploy("v2").pass(Duration.ofMinutes(11)).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v2");
        world.replicas = Optional.of(2);
        world.generation++;
        world.settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.available("v2")).isEqualTo(2);
        assertThat(world.serves("web-stable")).isEqualTo("v2");
    }
}
