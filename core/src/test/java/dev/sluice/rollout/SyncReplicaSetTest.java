package dev.sluice.rollout;

import static dev.sluice.rollout.World.blueGreen;
import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What the spec says of the newest ReplicaSet besides template and size reaches it in every pass, not only when
/// it is made.
class SyncReplicaSetTest {
    private static int minReadySeconds(World world, String version) {
        return world.replicaSets.get(version).minReadySeconds();
    }

    private static void edit(World world, int minReadySeconds) {
        world.minReadySeconds = minReadySeconds;
        world.generation++;
        world.settle();
    }

    @Test
    void minReadySecondsOfALiveRolloutReachTheNewestReplicaSetOnce() {
        for (var strategy : new Strategy[] {canary(weight(20), pause()), blueGreen(false)}) {
            var world = new World(strategy).deploy("v1").deploy("v2");
            edit(world, 30);
            assertThat(minReadySeconds(world, "v2")).isEqualTo(30);
            assertThat(minReadySeconds(world, "v1"))
                    .as("the stable one is not made anew")
                    .isZero();
            assertThat(world.log.stream().filter("SyncReplicaSet (MinReadySeconds)"::equals))
                    .hasSize(1);
            edit(world, 0);
            assertThat(minReadySeconds(world, "v2")).isZero();
        }
    }

    @Test
    void aReplicaSetThatIsTheNewestAgainGetsWhatWasSaidMeanwhile() {
        var world = new World(canary()).deploy("v1").deploy("v2");
        edit(world, 30);
        world.deploy("v1");
        assertThat(minReadySeconds(world, "v1")).isEqualTo(30);
    }

    @Test
    void annotationsOfTheRolloutReachTheNewestReplicaSet() {
        var world = new World(canary()).deploy("v1");
        world.annotations.put("team", "shop");
        world.settle();
        assertThat(world.log).contains("SyncReplicaSet (Annotations)");
        assertThat(world.observe().unsynced()).isEmpty();
    }
}
