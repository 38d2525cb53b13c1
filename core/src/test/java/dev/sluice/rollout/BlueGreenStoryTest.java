package dev.sluice.rollout;

import static dev.sluice.rollout.World.blueGreen;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BlueGreenStoryTest {
    @Test
    void theActiveServiceMovesOnceTheNewSideIsWhole() {
        var world = new World(blueGreen(true)).settle();
        assertThat(world.serves("web")).isEqualTo("v1");
        world.deploy("v2");
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.pods("v1")).as("the way back stays open").isEqualTo(10);
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v1")).isZero();
        assertThat(world.events)
                .startsWith(
                        "RolloutUpdated",
                        "NewReplicaSetCreated",
                        "ScalingReplicaSet",
                        "RolloutCompleted",
                        "SwitchService",
                        "RolloutUpdated",
                        "NewReplicaSetCreated",
                        "RolloutNotCompleted",
                        "ScalingReplicaSet",
                        "SwitchService",
                        "RolloutCompleted");
    }

    @Test
    void withoutAutoPromotionAHumanPromotes() {
        var world = new World(blueGreen(false)).settle();
        world.deploy("v2");
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.message()).isEqualTo("BlueGreenPause");
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.status.phase()).isEqualTo("Healthy");
    }

    @Test
    void theSideThatServesIsNeverMadeAPreview() {
        for (boolean window : new boolean[] {true, false}) {
            var world = new World(blueGreen(true, Optional.empty(), Optional.of(3))).settle();
            world.deploy("v2");
            assertThat(world.serves("web")).isEqualTo("v2");
            // Its pods are still up as long as its deadline is not looked at; then it is like any other new side.
            if (!window) world.pass(Duration.ofSeconds(31));
            world.hash = "v1";
            world.generation++;
            for (int ticks = 0; ticks < 30; ticks++) {
                var before = world.services.get("web");
                boolean moved = world.tick().actions().stream().anyMatch(Action.SwitchService.class::isInstance);
                // The next pass does not see the switch yet, as behind a cache that lags.
                if (moved) {
                    var after = world.services.put("web", before);
                    world.tick();
                    world.services.put("web", after);
                }
                assertThat(world.pods(world.serves("web"))).isEqualTo(10);
            }
            assertThat(world.serves("web")).isEqualTo("v1");
        }
    }

    @Test
    void theOldTemplateWithinTheDelayIsBackAtOnce() {
        var world = new World(blueGreen(false)).settle();
        world.deploy("v2");
        world.command(World.StatusEdit::resume).settle();
        world.deploy("v1");
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v1");
    }

    @Test
    void aVersionMadeInTheSameSecondIsToldApartByTheNumberThatItWasMadeWith() {
        var world = new World(blueGreen(false)).settle();
        world.deploy("v2");
        world.command(World.StatusEdit::resume).settle();
        world.createdAtOnce();
        world.deploy("v1");
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.replicaSets.get("v1").formerRevisions()).containsExactly(1);
        // The other way round it is no way back, so a human is waited for.
        world.pass(Duration.ofSeconds(31)).settle();
        world.deploy("v2");
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.message()).isEqualTo("BlueGreenPause");
    }

    @Test
    void anAbortBeforeTheSwitchKeepsTheActiveSide() {
        var world = new World(blueGreen(false)).settle();
        world.deploy("v2");
        world.command(s -> s.abort(true)).settle();
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.phase()).isEqualTo("Degraded");
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v2")).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
    }

    @Test
    void aBrokenNewSideNeverBecomesActive() {
        var world = new World(blueGreen(true)).settle();
        world.broken.add("v2");
        world.deploy("v2");
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.pods("v1")).isEqualTo(10);
    }

    @Test
    void aNewSideThatIsHeldGetsNoPodsWhenTheirNumberChanges() {
        var world = new World(blueGreen(true));
        world.replicas = Optional.of(3);
        world.settle();
        world.paused = true;
        world.deploy("v2");
        world.replicas = Optional.of(4);
        world.generation++;
        world.settle();
        assertThat(world.pods("v1")).isEqualTo(4);
        assertThat(world.pods("v2")).isZero();
        world.paused = false;
        world.generation++;
        world.settle();
        assertThat(world.pods("v2")).isEqualTo(4);
        assertThat(world.serves("web")).isEqualTo("v2");
    }
}
