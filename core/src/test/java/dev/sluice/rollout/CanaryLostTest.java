package dev.sluice.rollout;

import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Somebody deletes the ReplicaSet of the canary while the router sends to it: nothing is left on what reaches nobody.
class CanaryLostTest {
    private static World at50() {
        return new World(routed(weight(50), pause())).settle().deploy("v2");
    }

    private static World lose(World world) {
        world.replicaSets.remove("v2");
        world.podsCome();
        return world;
    }

    private static int canaryWeight(World world) {
        return world.routes.orElseThrow().canary();
    }

    @Test
    void theFirstPassTakesTheWeightAwayAndMakesTheReplicaSetAnew() {
        var actions = RolloutEngine.decide(lose(at50()).observe()).actions();
        assertThat(actions.getFirst()).isEqualTo(new Action.SetTraffic(0, 100));
        assertThat(actions).anyMatch(Action.CreateReplicaSet.class::isInstance);
    }

    @Test
    void itGetsItsWeightBackOnceItsPodsAreUp() {
        var world = lose(at50()).settle();
        assertThat(canaryWeight(world)).isEqualTo(50);
        assertThat(world.pods("v2")).isEqualTo(5);
        assertThat(world.status.message()).isEqualTo("CanaryPauseStep");
    }

    @Test
    void theWeightIsGoneAlsoWhereTheReplicaSetIsRefused() {
        var world = at50();
        world.refused = Optional.of("403 Forbidden: exceeded quota");
        lose(world).settle();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
    }

    @Test
    void aFurtherRevisionThatHasPodsWaitsUntilTheWeightIsOff() {
        var world = new World(routed(weight(50), pause())).settle().deploy("v2");
        world.command(World.StatusEdit::promoteFull).settle();
        world.hash = "v3";
        world.generation++;
        while (canaryWeight(world) == 0) world.tick();
        assertThat(world.available("v1")).as("it was replaced just now").isPositive();
        world.replicaSets.remove("v3");
        world.podsCome();
        world.hash = "v1";
        world.generation++;
        world.afterEachWrite = () -> {
            if (world.serves("web-canary").equals("v1")
                    && world.status.currentStepIndex().orElse(0) == 0) {
                assertThat(canaryWeight(world)).isZero();
            }
        };
        for (int i = 0; i < 3; i++) world.tick();
        assertThat(canaryWeight(world)).isZero();
        assertThat(world.serves("web-canary")).isEqualTo("v1");
    }

    @Test
    void theWeightIsGoneAlsoWhereTheSpecIsInvalid() {
        var world = at50();
        world.problems = List.of(new Problem("spec.selector", "{}", "does not match the template", "correct it"));
        world.legible = false;
        lose(world).settle();
        assertThat(canaryWeight(world)).isZero();
    }
}
