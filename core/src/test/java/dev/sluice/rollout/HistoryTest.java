package dev.sluice.rollout;

import static dev.sluice.rollout.World.canary;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Which revisions are forgotten.
///
/// @see "Argo Rollouts spec B27"
class HistoryTest {
    @Test
    void ofRevisionsMadeInTheSameSecondTheFirstGoesFirst() {
        var world = new World(canary());
        world.historyLimit = 1;
        world.settle();
        // Their names would have it the other way round.
        world.hash = "v9";
        world.generation++;
        world.settle();
        world.hash = "v2";
        world.generation++;
        for (int ticks = 0; world.pods("v2") == 0; ticks++) {
            assertThat(ticks).isLessThan(50);
            world.tick();
        }
        world.createdAtOnce();
        world.settle();
        assertThat(world.replicaSets.keySet()).containsExactlyInAnyOrder("v9", "v2");
    }
}
