package dev.sluice.rollout;

import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is invalid goes no further; but nobody is left where requests are lost, and the way back stays open.
class RetreatTest {
    private static final Problem TEMPLATE = new Problem(
            "spec.strategy.canary.steps[3].analysis.templates[0].templateName",
            "\"errors\"",
            "AnalysisTemplate 'errors' not found",
            "create it or name another");

    private static final Problem ILLEGIBLE =
            new Problem("spec.replicas", "\"ten\"", "must be an integer", "use 0 or more");

    private static World at50() {
        var world = new World(routed(weight(50), pause(), weight(80), pause()))
                .settle()
                .deploy("v2");
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(50);
        return world;
    }

    private static int canaryWeight(World world) {
        return world.routes.orElseThrow().canary();
    }

    @Test
    void whereTheCanaryServiceIsGoneNothingIsSentToItAnyMore() {
        var world = at50().without("canaryService", "web-canary");
        world.log.clear();
        var decision = world.tick();
        assertThat(world.log).containsExactly("SetTraffic (CanaryServiceGone)");
        assertThat(decision.moves().getFirst().because().sentence())
                .isEqualTo("Service web-canary does not exist and the router sends 50 to it: all traffic to the stable"
                        + " side");
        world.settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.status.weights().orElseThrow().canary().weight()).isZero();
        assertThat(world.status.phase()).isEqualTo("Degraded");
        assertThat(world.status.message())
                .startsWith("InvalidSpec: The Rollout \"web\" is invalid: spec.strategy.canary.canaryService:"
                        + " \"web-canary\" service \"web-canary\" not found");
        assertThat(world.pods("v2")).as("nothing else moves").isEqualTo(5);
        assertThat(world.events.stream().filter("InvalidSpec"::equals)).hasSize(1);
    }

    @Test
    void whenItComesBackTheRolloutGoesOnFromItsStep() {
        var world = at50().without("canaryService", "web-canary").settle().withAgain("web-canary");
        world.log.clear();
        world.settle();
        assertThat(world.log)
                .as("the Service first, then the weight")
                .containsExactly("SwitchService (CanaryService)", "SetTraffic (StepReached)");
        assertThat(canaryWeight(world)).isEqualTo(50);
        assertThat(world.status.currentStepIndex()).contains(1);
        assertThat(world.status.message()).isEqualTo("CanaryPauseStep");
        assertThat(world.status.condition("InvalidSpec")).isEmpty();
    }

    @Test
    void noTrafficIsMovedToAStableSideThatServesNobody() {
        var world = at50();
        world.broken.add("v1");
        world.podsCome();
        world.without("canaryService", "web-canary").settle();
        assertThat(canaryWeight(world)).isEqualTo(50);
        world.broken.clear();
        world.podsCome();
        world.services.remove("web-stable");
        world.settle();
        assertThat(canaryWeight(world))
                .as("nor to a Service that is not there either")
                .isEqualTo(50);
    }

    @Test
    void anAbortGoesAllTheWayBackThoughTheCanaryServiceIsGone() {
        var world = at50().without("canaryService", "web-canary");
        world.command(status -> status.abort(true)).settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.status.condition("Progressing").orElseThrow().reason()).isEqualTo("RolloutAborted");
        assertThat(world.status.message()).startsWith("InvalidSpec: ");
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v2")).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);

        world.withAgain("web-canary").settle();
        assertThat(world.status.message()).isEqualTo("RolloutAborted: Rollout aborted update to revision 2");
        assertThat(world.status.abortedAt()).isPresent();
    }

    @Test
    void withoutARouterAnAbortTakesThePodsBack() {
        var world = new World(canary(weight(50), pause())).settle().deploy("v2");
        world.problems = List.of(TEMPLATE);
        world.command(status -> status.abort(true)).settle();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void whereTheSpecCannotBeReadAnAbortTakesTheTrafficBackAndNoPods() {
        var world = at50();
        world.problems = List.of(new Problem("spec.replicas", "\"ten\"", "must be an integer", "use 0 or more"));
        world.legible = false;
        world.replicas = Optional.empty();
        world.generation++;
        world.command(status -> status.abort(true)).settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isEqualTo(5);
        assertThat(world.replicas).as("no default is written over a mistake").isEmpty();
    }

    @Test
    void anInvalidSpecAloneMovesNothing() {
        var world = at50();
        world.problems = List.of(TEMPLATE);
        world.command(World.StatusEdit::resume);
        world.log.clear();
        world.settle();
        assertThat(world.log).isEmpty();
        assertThat(canaryWeight(world)).isEqualTo(50);
    }

    @Test
    void anotherTemplateInAnInvalidSpecDoesNotForgetTheAbort() {
        var world = at50();
        world.hash = "v3";
        world.generation++;
        world.problems = List.of(TEMPLATE);
        world.command(status -> status.abort(true)).settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.replicaSets).doesNotContainKey("v3");
    }

    private static World checkedAt50() {
        var check = new Step.Analyse(World.analysis("errors"));
        return new World(routed(weight(50), check)).settle().deploy("v2");
    }

    @Test
    void anAnalysisThatFailsMeanwhileAborts() {
        var world = checkedAt50();
        world.problems = List.of(TEMPLATE);
        world.settle();
        assertThat(canaryWeight(world)).isEqualTo(50);
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "errors 0.3");
        world.settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.status.condition("Progressing").orElseThrow().message())
                .contains("errors 0.3");
    }

    /// On the way to 50 %, with a deadline that aborts.
    private static World stuckAt20() {
        var world = new World(routed(weight(20), weight(50), pause())).settle();
        world.progressDeadlineAbort = true;
        world.hash = "v2";
        world.generation++;
        while (canaryWeight(world) != 20) world.tick();
        world.broken.add("v2");
        return world;
    }

    @Test
    void aDeadlineThatAbortsDoesSoMeanwhile() {
        var world = stuckAt20();
        world.problems = List.of(TEMPLATE);
        world.settle();
        assertThat(world.status.abort()).isFalse();
        world.pass(Duration.ofMinutes(11)).settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(canaryWeight(world)).isZero();
    }

    @Test
    void anotherRolloutsServiceIsLeftAlone() {
        var world = at50().command(status -> status.abort(true));
        world.services.put(
                "web-canary", new Observation.ServiceSeen("web-canary", "1", Optional.of("v2"), Optional.of("shop")));
        world.problems = List.of(new Problem(
                "spec.strategy.canary.canaryService", "\"web-canary\"", "is managed by another Rollout", "rename it"));
        world.settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.serves("web-canary")).isEqualTo("v2");
    }

    @Test
    void whatAPersonCanDoIsAbortAndTheHeadlineFollows() {
        var world = at50().without("canaryService", "web-canary").settle();
        var rollout = world.observe().rollout();
        assertThat(UserAct.ABORT.permission(rollout).denial()).isEmpty();
        assertThat(UserAct.PROMOTE.permission(rollout).allowed()).isFalse();
        assertThat(Headline.of(rollout, world.now).toString())
                .startsWith("Invalid – nothing moves until the spec is corrected: ")
                .endsWith("→ correct the spec | abort | undo");
        world.command(status -> status.abort(true)).settle();
        assertThat(Headline.of(world.observe().rollout(), world.now).toString())
                .startsWith("Rolled back – all traffic is on the stable version; beyond that nothing moves until the"
                        + " spec is corrected: ");
    }

    @Test
    void aSideThatFollowsTheWeightGoesAllTheWayBackThoughTheCanaryServiceIsGone() {
        var steps = World.following(routed(weight(20), weight(60), pause()), Optional.empty(), 0);
        var world = new World(steps).settle().deploy("v2");
        assertThat(canaryWeight(world)).isEqualTo(60);
        assertThat(world.pods("v1")).isEqualTo(4);
        world.without("canaryService", "web-canary");
        world.command(status -> status.abort(true)).settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void stepsThatCameWithTheMistakeDoNotHoldAnAbort() {
        var world = new World(canary(weight(50), pause())).settle().deploy("v2");
        var misspelt = World.analysis("erors");
        world.strategy = canary(weight(50), pause(), new Step.Analyse(misspelt));
        world.generation++;
        world.problems = List.of(TEMPLATE);
        world.command(status -> status.abort(true)).settle();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();

        world.problems = List.of();
        world.settle();
        assertThat(world.status.abort()).as("a template that comes is no retry").isTrue();
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void whereTheSpecCannotBeReadAFailedAnalysisTakesTheTrafficBackAndIsOnRecord() {
        var world = checkedAt50();
        world.problems = List.of(ILLEGIBLE);
        world.legible = false;
        world.replicas = Optional.empty();
        world.generation++;
        world.settle();
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "errors 0.3");
        world.settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.pods("v2")).isEqualTo(5);
        assertThat(world.status.abort()).isTrue();
        assertThat(world.status.abortedAt()).isPresent();
        assertThat(world.status.condition("Progressing").orElseThrow().message())
                .isEqualTo("Rollout aborted update to revision 2: Step-based analysis phase error/failed: errors 0.3");
        assertThat(world.events.stream().filter("RolloutAborted"::equals)).hasSize(1);

        world.command(status -> status.abort(false)).settle();
        assertThat(world.status.abort())
                .as("a retry is not undone by the old verdict")
                .isFalse();
    }

    @Test
    void whereTheSpecCannotBeReadADeadlineThatAbortsIsOnRecord() {
        var world = stuckAt20();
        world.problems = List.of(ILLEGIBLE);
        world.legible = false;
        world.settle();
        world.pass(Duration.ofMinutes(11)).settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.status.abortedAt()).isPresent();
        assertThat(world.events.stream().filter("RolloutAborted"::equals)).hasSize(1);
    }

    @Test
    void aFullPromotionThatIsAskedForAfterTheAbortIsNoWayBack() {
        var world = at50();
        world.problems = List.of(TEMPLATE);
        world.command(status -> status.abort(true)).settle();
        world.command(World.StatusEdit::promoteFull).settle();
        world.problems = List.of();
        world.settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(canaryWeight(world)).isZero();
    }

    @Test
    void theWindowInWhichStepsAreSkippedDoesNotUndoAnAbort() {
        var world = new World(canary(weight(50), pause()));
        world.rollbackWindow = 3;
        world.settle().deploy("v2").command(World.StatusEdit::resume).settle();
        assertThat(world.status.stableRS()).isEqualTo("v2");
        world.startUp = Duration.ofSeconds(5);
        world.hash = "v1";
        world.generation++;
        while (world.pods("v1") == 0) world.tick();
        world.problems = List.of(TEMPLATE);
        world.command(status -> status.abort(true));
        for (int i = 0; i < 50; i++) world.tick();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.status.stableRS()).isEqualTo("v2");
        assertThat(world.pods("v1")).isZero();
    }

    @Test
    void nothingIsEvictedOnTheWayBack() {
        var world = at50();
        world.problems = List.of(TEMPLATE);
        world.restartAt = Optional.of(world.now);
        world.pass(Duration.ofSeconds(1)).command(status -> status.abort(true));
        world.log.clear();
        world.settle();
        assertThat(world.log).noneMatch(line -> line.startsWith("EvictPod"));
        assertThat(canaryWeight(world)).isZero();
    }

    @Test
    void anAbortIsRefusedWhereThereIsNothingToGoBackTo() {
        var world = at50();
        world.problems = List.of(TEMPLATE);
        world.replicaSets.remove("v1");
        world.podsCome();
        world.settle();
        assertThat(UserAct.ABORT.permission(world.observe().rollout()).allowed())
                .isFalse();
        world.command(status -> status.abort(true)).settle();
        assertThat(world.status.abort()).isFalse();
        assertThat(world.status.abortedAt()).isEmpty();
        assertThat(world.events).contains("AbortRefused");
        assertThat(canaryWeight(world)).isEqualTo(50);
    }

    @Test
    void withoutARouterAnAbortIsRefusedWhereTheSpecDoesNotTellTheSizes() {
        var world = new World(canary(weight(50), pause())).settle().deploy("v2");
        world.problems = List.of(ILLEGIBLE);
        world.legible = false;
        world.replicas = Optional.empty();
        world.generation++;
        world.settle();
        var rollout = world.observe().rollout();
        assertThat(UserAct.ABORT.permission(rollout).denial())
                .contains("the spec does not tell how many pods each revision shall have; correct it first");
        assertThat(Headline.of(rollout, world.now).acts()).doesNotContain("abort");

        world.command(status -> status.abort(true)).settle();
        assertThat(Headline.of(world.observe().rollout(), world.now).toString())
                .as("one that is written all the same")
                .startsWith("Aborted – it goes back once the spec is corrected: ");
        world.problems = List.of();
        world.legible = true;
        world.replicas = Optional.of(10);
        world.generation++;
        world.settle();
        assertThat(world.pods("v2")).isZero();
        assertThat(world.status.condition("AbortHeld")).isEmpty();
    }

    @Test
    void withoutARouterAnAbortIsRefusedWhereTheSpecAsksForYetAnotherRevision() {
        var world = new World(canary(weight(50), pause())).settle().deploy("v2");
        world.problems = List.of(TEMPLATE);
        world.hash = "v3";
        world.generation++;
        world.settle();
        assertThat(UserAct.ABORT.permission(world.observe().rollout()).denial())
                .contains("the spec asks for another revision than the one that is under way, and is invalid; correct"
                        + " it first");
        world.hash = "v2";
        world.generation++;
        world.settle();
        assertThat(UserAct.ABORT.permission(world.observe().rollout()).allowed())
                .isTrue();
    }

    /// Who pauses by hand and asks for another number of replicas gets that once it is resumed; an abort comes first.
    @Test
    void anotherNumberOfReplicasWhilePausedByHandDoesNotHoldAnAbort() {
        var world = at50();
        world.paused = true;
        world.replicas = Optional.of(12);
        world.generation++;
        world.settle();
        world.command(status -> status.abort(true)).settle();
        assertThat(canaryWeight(world)).isZero();
    }
}
