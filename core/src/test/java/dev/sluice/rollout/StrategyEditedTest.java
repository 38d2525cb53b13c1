package dev.sluice.rollout;

import static dev.sluice.rollout.World.analysis;
import static dev.sluice.rollout.World.blueGreen;
import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.judged;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.rollout.RolloutStatus.BlueGreenStatus;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Another strategy in the middle of an update: nothing of the first one stays on record, or running.
class StrategyEditedTest {
    private static World watchedCanaryAtTwenty() {
        var world = new World(judged(routed(weight(20), pause()), analysis("errors")));
        world.replicas = Optional.of(5);
        world.settle().deploy("v2");
        assertThat(world.status.weights()).isPresent();
        assertThat(world.runs).extracting(run -> run.phase()).containsExactly(AnalysisPhase.RUNNING);
        return world;
    }

    @Test
    void theAnalysisAndTheWeightsOfACanaryEndAsItBecomesBlueGreen() {
        var world = watchedCanaryAtTwenty();
        world.strategy = blueGreen(false);
        world.routes = Optional.empty();
        world.services.clear();
        world.services.put("web", new Observation.ServiceSeen("web", "1", Optional.empty(), Optional.empty()));
        world.generation++;
        world.settle();
        assertThat(world.status.weights()).isEmpty();
        assertThat(world.status.currentStepIndex()).isEmpty();
        assertThat(world.status.backgroundRun()).isEmpty();
        assertThat(world.runs).allMatch(run -> run.phase().completed());
    }

    @Test
    void theWeightsOfACanaryEndAsItLosesItsRouter() {
        var world = watchedCanaryAtTwenty();
        world.strategy = canary(weight(20), pause());
        world.generation++;
        world.settle();
        assertThat(world.status.weights()).isEmpty();
        assertThat(world.runs).allMatch(run -> run.phase().completed());
    }

    @Test
    void theSelectorsOfBlueGreenAreOnRecordNoMoreAsItBecomesACanary() {
        var world = new World(blueGreen(true)).settle();
        assertThat(world.status.blueGreen().activeSelector()).isEqualTo("v1");
        world.strategy = canary(weight(20), pause());
        world.generation++;
        world.settle();
        assertThat(world.status.blueGreen()).isEqualTo(BlueGreenStatus.NONE);
        assertThat(world.status.phase()).isEqualTo("Healthy");
    }
}
