package dev.sluice.rollout;

import static dev.sluice.rollout.World.following;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A third version while the second is a canary with traffic: it begins with none.
class NextCanaryTest {
    private static final Strategy.Canary STEPS = routed(weight(5), pause(), weight(60), pause());

    private static World atSixty(Strategy.Canary strategy) {
        var world = new World(strategy).settle().deploy("v2").command(World.StatusEdit::resume);
        world.settle();
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(60);
        assertThat(world.serves("web-canary")).isEqualTo("v2");
        return world;
    }

    private static void neverAheadOfItsStep(World world) {
        world.afterEachWrite = () -> {
            if (world.serves("web-canary").equals("v3")) {
                assertThat(world.routes.orElseThrow().canary()).isLessThanOrEqualTo(5);
            }
        };
    }

    @Test
    void theCanaryServiceMovesOnceNoWeightIsOnIt() {
        var world = atSixty(STEPS);
        neverAheadOfItsStep(world);
        world.deploy("v3");
        assertThat(world.serves("web-canary")).isEqualTo("v3");
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(5);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void itWaitsUntilTheDataPlaneSendsNothingToIt() {
        var world = atSixty(STEPS);
        world.hash = "v3";
        world.generation++;
        world.routerLags = true;
        for (int i = 0; i < 20; i++) world.tick();
        assertThat(world.available("v3")).isPositive();
        assertThat(world.serves("web-canary")).isEqualTo("v2");
        assertThat(world.pods("v2")).isPositive();
        assertThat(world.tick().awaiting()).map(Because::code).contains("WeightFirst");
        world.routerLags = false;
        neverAheadOfItsStep(world);
        world.settle();
        assertThat(world.serves("web-canary")).isEqualTo("v3");
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(5);
    }

    /// A scale of nothing leaves the pod that traffic goes to; once none goes there, the pod ends, and none may go.
    @Test
    void aCanaryThatIsAboutToHaveNoPodsGetsNoWeightBack() {
        var nothing = new Step.SetCanaryScale(new Step.Scale.ByReplicas(0));
        var world = new World(routed(weight(60), nothing, pause())).settle().deploy("v2");
        assertThat(world.pods("v2")).isEqualTo(1);
        world.without("canaryService", "web-canary").settle();
        assertThat(world.routes.orElseThrow().canary()).isZero();
        world.afterEachWrite = () -> {
            if (world.replicaSets.get("v2").replicas() == 0) {
                assertThat(world.routes.orElseThrow().canary()).isZero();
            }
        };
        world.withAgain("web-canary");
        var late = world.replicaSets.get("v2").pods();
        for (int i = 0; i < 10; i++) {
            world.tick();
            // Its status has not caught up.
            world.seen("v2", world.replicaSets.get("v2").replicas(), late.available());
        }
    }

    /// Its pods are there from an earlier attempt, so that nothing else holds the Service back.
    @Test
    void aTemplateWhosePodsAreStillUpTakesOverNoWeightEither() {
        var world =
                atSixty(STEPS).deploy("v3").command(World.StatusEdit::resume).settle();
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(60);
        world.hash = "v2";
        world.generation++;
        world.seen("v2", 6, 6);
        world.afterEachWrite = () -> {
            if (world.serves("web-canary").equals("v2")) {
                assertThat(world.routes.orElseThrow().canary()).isLessThanOrEqualTo(5);
            }
        };
        world.settle();
        assertThat(world.serves("web-canary")).isEqualTo("v2");
    }

    @Test
    void aStableSideThatGaveUpPodsHasThemBackBeforeItGetsTheTraffic() {
        var world = atSixty(following(STEPS, Optional.empty(), 0));
        assertThat(world.pods("v1")).isEqualTo(4);
        world.startUp = Duration.ofSeconds(5);
        world.afterEachWrite = () -> assertThat(world.available("v1") * 10)
                .isGreaterThanOrEqualTo(world.routes.orElseThrow().stable() / 10 * 10);
        world.hash = "v3";
        world.generation++;
        for (int i = 0; i < 100; i++) world.tick();
        assertThat(world.serves("web-canary")).isEqualTo("v3");
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(5);
    }
}
