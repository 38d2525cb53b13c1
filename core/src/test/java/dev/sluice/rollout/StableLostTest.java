package dev.sluice.rollout;

import static dev.sluice.rollout.World.blueGreen;
import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import org.junit.jupiter.api.Test;

/// Somebody deletes the stable ReplicaSet in the middle of an update: users are served by what there is, and that there
/// is no way back is said, not settled by promoting what nobody has judged.
class StableLostTest {
    private static final String LOSS = "the ReplicaSet of the stable revision (v1) does not exist any more: everybody"
            + " is served by what there is of revision 2, and there is nothing to go back to";

    private static World paused(Strategy strategy) {
        var world = new World(strategy).settle().deploy("v2");
        assertThat(world.status.phase()).isEqualTo("Paused");
        return world;
    }

    private static World lose(World world, String version) {
        world.replicaSets.remove(version);
        world.podsCome();
        return world.settle();
    }

    private static String headline(World world) {
        return Headline.of(world.observe().rollout(), world.now).toString();
    }

    @Test
    void theCanaryGrowsSoThatUsersAreServedAndIsNotPromoted() {
        var world = lose(paused(canary(weight(20), pause(), weight(40), pause())), "v1");
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.status.currentStepIndex()).contains(1);
        assertThat(world.status.paused(RolloutStatus.PauseReason.CANARY_STEP)).isTrue();
    }

    @Test
    void itIsSaidInPhaseConditionEventHeadlineAndGuard() {
        var world = lose(paused(canary(weight(20), pause(), weight(40), pause())), "v1");
        assertThat(world.status.phase()).isEqualTo("Degraded");
        assertThat(world.status.message()).isEqualTo("StableReplicaSetMissing: " + LOSS);
        assertThat(world.status.condition("StableLost").orElseThrow().message()).isEqualTo(LOSS);
        assertThat(world.events.stream().filter("StableReplicaSetMissing"::equals))
                .hasSize(1);
        assertThat(RolloutEngine.decide(world.observe()).awaiting())
                .contains(new Because("StableReplicaSetMissing", LOSS));
        assertThat(headline(world))
                .isEqualTo("No way back at 20 % – the ReplicaSet of the stable revision was deleted; everybody is on"
                        + " revision 2 (10 of 10 pods available). Next: 40 %. → promote | undo");
    }

    @Test
    void anAbortIsRefusedWithTheReasonAndChangesNothingWhereItIsWrittenAllTheSame() {
        var world = lose(paused(canary(weight(20), pause())), "v1");
        assertThat(UserAct.ABORT.permission(world.observe().rollout()).denial())
                .contains("the ReplicaSet of the stable revision was deleted: there is nothing to go back to; undo puts"
                        + " an earlier revision into the spec");
        world.command(status -> status.abort(true)).settle();
        assertThat(world.status.abort()).isFalse();
        assertThat(world.events).contains("AbortRefused");
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.status.currentStepIndex()).contains(1);
    }

    @Test
    void aHumansPromoteGoesOnAndEndsIt() {
        var world = lose(paused(canary(weight(20), pause())), "v1");
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v2");
        assertThat(world.status.condition("StableLost")).isEmpty();
    }

    @Test
    void behindARouterBothServicesReachWhatThereIs() {
        var world = lose(paused(routed(weight(50), pause(), weight(10), pause())), "v1");
        assertThat(world.serves("web-stable")).isEqualTo("v2");
        assertThat(world.serves("web-canary")).isEqualTo("v2");
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.status.stableRS()).isEqualTo("v1");
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.status.currentStepIndex()).as("its steps go on").contains(3);
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
    }

    @Test
    void evenWhilePausedByHandNobodyIsLeftAtAServiceWithoutPods() {
        var world = paused(routed(weight(50), pause()));
        world.paused = true;
        world.generation++;
        lose(world.settle(), "v1");
        assertThat(world.serves("web-stable")).isEqualTo("v2");
        assertThat(world.pods("v2")).as("but nothing grows").isEqualTo(5);
    }

    @Test
    void anAnalysisThatFailsIsOnRecordAndTakesNothingAway() {
        var errors = World.analysis("errors");
        var world =
                new World(routed(weight(50), new Step.Analyse(errors))).settle().deploy("v2");
        lose(world, "v1");
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "errors 0.3");
        world.settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.serves("web-stable")).isEqualTo("v2");
        assertThat(headline(world)).startsWith("No way back").endsWith("→ wait | retry | undo");
    }

    @Test
    void afterAnAbortItIsServedByTheOnlyOneThereIs() {
        var world = paused(routed(weight(50), pause()));
        world.command(status -> status.abort(true)).settle();
        world.pass(java.time.Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v2")).isZero();
        lose(world, "v1");
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.serves("web-stable")).isEqualTo("v2");
    }

    @Test
    void anEarlierRevisionTakesOverOnceItIsWhole() {
        var world = new World(routed(weight(50), pause())).settle();
        world.deploy("v2").command(World.StatusEdit::resume).settle();
        world.deploy("v3");
        lose(world, "v2");
        assertThat(world.serves("web-stable")).isEqualTo("v3");
        world.startUp = java.time.Duration.ofSeconds(3);
        world.afterEachWrite =
                () -> assertThat(world.available(world.serves("web-stable"))).isPositive();
        world.hash = "v1";
        world.generation++;
        for (int i = 0; i < 60; i++) world.tick();
        world.settle();
        assertThat(world.serves("web-stable")).isEqualTo("v1");
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.status.condition("StableLost")).isPresent();
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v1");
    }

    @Test
    void theLostTemplateInTheSpecMakesItAgain() {
        var world = lose(paused(routed(weight(50), pause())), "v1").deploy("v1");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.serves("web-stable")).isEqualTo("v1");
        assertThat(world.status.condition("StableLost")).isEmpty();
    }

    @Test
    void theActiveServiceGoesToThePreviewWhichIsPromotedByAHumanOnly() {
        var world = lose(paused(blueGreen(false)), "v1");
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.status.message()).startsWith("StableReplicaSetMissing: ");
        assertThat(world.status.paused(RolloutStatus.PauseReason.BLUE_GREEN)).isTrue();
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v2");
    }

    @Test
    void anotherNumberOfReplicasWhileItIsBeingDeletedHoldsNothingElse() {
        var world = paused(canary(weight(20), pause(), weight(40), pause())).deleting("v1");
        world.replicas = java.util.Optional.of(12);
        world.generation++;
        world.settle();
        assertThat(world.pods("v2")).isEqualTo(12);
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.status.currentStepIndex()).contains(3);
    }

    @Test
    void aFurtherRevisionIsNamedInWhatIsSaid() {
        var world = lose(paused(canary(weight(20), pause())), "v1").deploy("v3");
        assertThat(world.status.condition("StableLost").orElseThrow().message())
                .contains("what there is of revision 3");
        assertThat(world.status.message()).contains("what there is of revision 3");
    }
}
