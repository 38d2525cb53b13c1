package dev.sluice.rollout;

import static dev.sluice.rollout.World.blueGreen;
import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A template that the API server refuses: it is said what is wrong, and the way back does not depend on it.
class RefusedTest {
    private static final String ANSWER = "422 Invalid: restartPolicy: must be Always";

    /// v2 at 50 %, and v3 refused.
    private static World at50() {
        return refusing(new World(routed(weight(50), pause(), weight(80), pause()))
                .settle()
                .deploy("v2"));
    }

    private static World refusing(World world) {
        world.refused = Optional.of(ANSWER);
        world.events.clear();
        world.log.clear();
        return world.deploy("v3");
    }

    private static World abort(World world) {
        return world.command(status -> status.abort(true)).settle();
    }

    private static int canaryWeight(World world) {
        return world.routes.orElseThrow().canary();
    }

    private static Condition progressing(World world) {
        return world.status.condition("Progressing").orElseThrow();
    }

    private static String headline(World world) {
        return Headline.of(world.observe().rollout(), world.now).toString();
    }

    @Test
    void itIsSaidWhatIsWrongAndTheUpdateBeforeStaysWhereItIs() {
        var world = at50();
        assertThat(progressing(world).status()).isEqualTo("False");
        assertThat(progressing(world).reason()).isEqualTo("ReplicaSetCreateError");
        assertThat(progressing(world).message()).isEqualTo("Failed to create new replica set \"web-v3\": " + ANSWER);
        assertThat(world.status.phase()).isEqualTo("Degraded");
        assertThat(world.status.observedGeneration()).isEqualTo(Long.toString(world.generation));
        assertThat(world.events).containsOnly("ReplicaSetCreateError");
        assertThat(world.log).isEmpty();
        assertThat(world.revision).isEqualTo(2);
        assertThat(canaryWeight(world)).isEqualTo(50);
        assertThat(headline(world))
                .isEqualTo("Refused – the update before stays where it is; the API server refuses the ReplicaSet of"
                        + " the new template: " + ANSWER + ". → correct the template | abort | undo");
        assertThat(UserAct.PROMOTE.permission(world.observe().rollout()).allowed())
                .isFalse();
    }

    @Test
    void theReasonOfTheConditionTellsItWhateverThePhaseSays() {
        var world = at50();
        var draft = new StatusDraft(world.status);
        // As Argo leaves it.
        draft.phase = "Paused";
        draft.message = "CanaryPauseStep";
        assertThat(draft.freeze().refused()).contains(ANSWER);
        draft.conditions.removeIf(c -> c.type().equals("Progressing"));
        draft.phase = "Progressing";
        draft.message = world.status.message();
        assertThat(draft.freeze().refused()).isEmpty();
    }

    @Test
    void anAnswerOfSeveralPartsIsToldWhole() {
        var world = new World(routed(weight(50), pause())).settle();
        world.refused = Optional.of("422 Invalid: [spec.a: \"x\": no, spec.b: \"y\": no]");
        world.deploy("v2");
        assertThat(world.status.refused()).isEqualTo(world.refused);
        assertThat(abort(at50()).status.refused()).contains(ANSWER);
    }

    @Test
    void anotherAnswerReplacesTheOneBefore() {
        var world = at50();
        world.refused = Optional.of("403 Forbidden: exceeded quota");
        world.settle();
        assertThat(progressing(world).message()).endsWith("exceeded quota");
        assertThat(world.status.message()).endsWith("exceeded quota");
    }

    @Test
    void anAbortTakesTrafficAndPodsBack() {
        var world = abort(at50());
        assertThat(canaryWeight(world)).isZero();
        assertThat(progressing(world).reason()).isEqualTo("RolloutAborted");
        assertThat(progressing(world).message()).isEqualTo("Rollout aborted update to revision 2");
        assertThat(world.status.message()).startsWith("ReplicaSetCreateError: ");
        assertThat(world.events.stream().filter("RolloutAborted"::equals)).hasSize(1);
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v2")).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(headline(world))
                .startsWith("Rolled back – all traffic is on the stable version; the API server refuses")
                .endsWith("→ correct the template | undo");
    }

    @Test
    void aTemplateThatIsAcceptedThenStartsAnew() {
        var world = abort(at50());
        world.refused = Optional.empty();
        world.deploy("v4");
        assertThat(world.status.abort()).isFalse();
        assertThat(canaryWeight(world)).isEqualTo(50);
        assertThat(world.serves("web-canary")).isEqualTo("v4");
        assertThat(world.status.message()).isEqualTo("CanaryPauseStep");
    }

    @Test
    void theTemplateBeforeGoesOnFromItsStep() {
        var world = at50();
        world.refused = Optional.empty();
        world.deploy("v2");
        assertThat(world.status.currentStepIndex()).contains(1);
        assertThat(canaryWeight(world)).isEqualTo(50);
        assertThat(world.status.message()).isEqualTo("CanaryPauseStep");
        assertThat(progressing(world).reason()).isEqualTo("RolloutPaused");
    }

    @Test
    void whatWasAbortedStaysAbortedWhenItIsAskedForAgain() {
        var world = abort(at50());
        world.refused = Optional.empty();
        world.deploy("v2");
        assertThat(world.status.abort()).isTrue();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.status.message()).isEqualTo("RolloutAborted: Rollout aborted update to revision 2");
    }

    @Test
    void anAnalysisThatFailsMeanwhileAborts() {
        var check = new Step.Analyse(World.analysis("errors"));
        var world = refusing(new World(routed(weight(50), check)).settle().deploy("v2"));
        assertThat(canaryWeight(world)).isEqualTo(50);
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "errors 0.3");
        world.settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(canaryWeight(world)).isZero();
        assertThat(progressing(world).message()).contains("errors 0.3");
    }

    @Test
    void aDeadlineThatAbortsDoesSoMeanwhile() {
        var world = new World(routed(weight(20), weight(50), pause())).settle();
        world.progressDeadlineAbort = true;
        world.hash = "v2";
        world.generation++;
        while (canaryWeight(world) != 20) world.tick();
        world.broken.add("v2");
        refusing(world);
        assertThat(world.status.abort()).isFalse();
        world.pass(Duration.ofMinutes(11)).settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(canaryWeight(world)).isZero();
    }

    @Test
    void theTrafficGoesBeforeTheNextReplicaSetIsTried() {
        var world = at50();
        world.command(status -> status.abort(true));
        var decision = RolloutEngine.decide(world.observe());
        assertThat(decision.actions().getFirst()).isEqualTo(new Action.SetTraffic(0, 100));
        assertThat(decision.actions()).anyMatch(Action.CreateReplicaSet.class::isInstance);
    }

    @Test
    void aSideThatFollowsTheWeightGrowsFirst() {
        var steps = World.following(routed(weight(20), weight(60), pause()), Optional.empty(), 0);
        var world = refusing(new World(steps).settle().deploy("v2"));
        assertThat(canaryWeight(world)).isEqualTo(60);
        assertThat(world.pods("v1")).isLessThan(10);
        abort(world);
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
    }

    @Test
    void withoutARouterAnAbortTakesThePodsBack() {
        var world =
                abort(refusing(new World(canary(weight(50), pause())).settle().deploy("v2")));
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void everybodyIsBackOnTheStableSideOfBlueGreen() {
        var judged = new World(blueGreen(true));
        judged.settle();
        judged.hash = "v2";
        judged.generation++;
        // Switched over, and not yet promoted.
        while (!judged.serves("web").equals("v2")) judged.tick();
        var world = refusing(judged);
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.status.stableRS()).isEqualTo("v1");
        abort(world);
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(headline(world)).startsWith("Rolled back – ");
    }

    private static World resize(World world, int replicas) {
        world.replicas = Optional.of(replicas);
        world.generation++;
        return world.settle();
    }

    @Test
    void whatServesGrowsAndShrinksWithTheSpec() {
        var world = refusing(new World(routed(weight(50), pause())).settle());
        assertThat(resize(world, 14).pods("v1")).isEqualTo(14);
        assertThat(resize(world, 3).pods("v1")).isEqualTo(3);
        assertThat(world.events).doesNotContain("RolloutNotCompleted");
        assertThat(world.status.condition("Available").orElseThrow().isTrue()).isTrue();
        assertThat(world.status.message()).startsWith("ReplicaSetCreateError: ");
    }

    @Test
    void bothSidesOfTheUpdateBeforeKeepTheirShare() {
        var world = refusing(new World(canary(weight(50), pause())).settle().deploy("v2"));
        resize(world, 20);
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isEqualTo(10);
        resize(world, 4);
        assertThat(world.pods("v1")).isEqualTo(2);
        assertThat(world.pods("v2")).isEqualTo(2);
    }

    @Test
    void behindARouterTheSizeAloneChanges() {
        var world = resize(at50(), 20);
        assertThat(world.pods("v1")).isEqualTo(20);
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(canaryWeight(world)).isEqualTo(50);
        assertThat(world.status.currentStepIndex()).contains(1);
    }

    @Test
    void withOtherStepsNobodyKnowsTheShareOfTheUpdateBefore() {
        var world = at50();
        world.strategy = routed(weight(90), pause());
        resize(world, 20);
        assertThat(world.pods("v2")).isEqualTo(5);
        assertThat(world.pods("v1")).isEqualTo(10);
    }

    @Test
    void blueGreenServesWithAsManyAsTheSpecAsksFor() {
        var world = resize(refusing(new World(blueGreen(false)).settle()), 14);
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.pods("v1")).isEqualTo(14);
    }

    @Test
    void whatIsPausedByHandKeepsItsSize() {
        var world = refusing(new World(routed(weight(50), pause())).settle());
        world.paused = true;
        assertThat(resize(world, 14).pods("v1")).isEqualTo(10);
    }

    @Test
    void withNothingUnderWayThereIsNothingToAbort() {
        var world = refusing(new World(routed(weight(50), pause())).settle());
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.status.condition("Healthy").orElseThrow().isTrue()).isFalse();
        assertThat(headline(world))
                .isEqualTo("Refused – the API server refuses the ReplicaSet of the new template: " + ANSWER
                        + ". → correct the template | undo");
        world.refused = Optional.empty();
        world.deploy("v1");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(progressing(world).reason()).isEqualTo("NewReplicaSetAvailable");
        assertThat(world.status.condition("Completed").orElseThrow().isTrue()).isTrue();
    }

    @Test
    void theFirstRevisionOfAllMayBeRefusedToo() {
        var world = new World(routed(weight(50), pause()));
        world.refused = Optional.of(ANSWER);
        world.settle();
        assertThat(headline(world))
                .isEqualTo("Refused – the API server refuses the ReplicaSet of the new template: " + ANSWER
                        + ". → correct the template");
        world.refused = Optional.empty();
        world.deploy("v2");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v2");
    }
}
