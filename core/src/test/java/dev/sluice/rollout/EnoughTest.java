package dev.sluice.rollout;

import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `replicaProgressThreshold`: a step counts as reached with fewer pods than it asks for.
///
/// @see "Argo Rollouts spec A2, B14, B19"
class EnoughTest {
    @ParameterizedTest
    @CsvSource({"10, 50, 5", "3, 50, 2", "1, 1, 1", "0, 80, 0", "10, 100, 10"})
    void aPercentageIsRoundedUp(int wanted, int percent, int enough) {
        assertThat(new Strategy.Enough.Percent(percent).of(wanted)).isEqualTo(enough);
    }

    @ParameterizedTest
    @CsvSource({"10, 4, 4", "3, 4, 3", "0, 4, 0"})
    void aNumberOfPodsIsNeverMoreThanAreWanted(int wanted, int pods, int enough) {
        assertThat(new Strategy.Enough.Pods(pods).of(wanted)).isEqualTo(enough);
    }

    @Test
    void aStepIsReachedWithEnoughOfItsPods() {
        var steps = routed(weight(40), pause());
        for (var threshold : new Strategy.Enough[] {new Strategy.Enough.Percent(75), new Strategy.Enough.Pods(3)}) {
            var world = new World(World.enough(steps, threshold)).settle();
            world.startUp = Duration.ofHours(1);
            world.deploy("v2");
            assertThat(world.pods("v2")).isEqualTo(4);
            world.seen("v2", 4, 2);
            world.tick();
            assertThat(world.status.currentStepIndex()).as("two are not enough").contains(0);
            for (int ticks = 0; ticks < 6; ticks++) {
                world.seen("v2", 4, 3);
                world.tick();
            }
            assertThat(world.routes.orElseThrow().canary()).isEqualTo(40);
            assertThat(world.status.currentStepIndex()).contains(1);
        }
    }

    @Test
    void withoutOneAStepWantsAllOfThem() {
        var world = new World(canary(weight(40), pause())).settle();
        world.startUp = Duration.ofHours(1);
        world.deploy("v2");
        int wanted = world.pods("v2");
        for (int ticks = 0; ticks < 6; ticks++) {
            world.seen("v2", wanted, wanted - 1);
            world.tick();
        }
        assertThat(world.status.currentStepIndex()).contains(0);
    }
}
