package dev.sluice.rollout;

import static dev.sluice.rollout.World.blueGreen;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
}
