package dev.sluice.rollout;

import static dev.sluice.rollout.WorkloadRef.ScaleDown.NEVER;
import static dev.sluice.rollout.WorkloadRef.ScaleDown.ON_SUCCESS;
import static dev.sluice.rollout.WorkloadRef.ScaleDown.PROGRESSIVELY;
import static dev.sluice.rollout.World.blueGreen;
import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A Rollout whose template comes from a Deployment that serves until the Rollout does.
class WorkloadStoryTest {
    private static List<Integer> scales(Decision decision) {
        return decision.actions().stream()
                .flatMap(action ->
                        action instanceof Action.ScaleWorkload(var _, var replicas) ? Stream.of(replicas) : Stream.of())
                .toList();
    }

    /// What is done where so many pods of the first revision are ready.
    private static List<Integer> scales(World world, int ready) {
        world.seen("v1", 10, ready);
        return scales(RolloutEngine.decide(world.observe()));
    }

    /// The first revision has its ReplicaSet, and none of its pods is ready.
    private static World starting(World world) {
        world.startUp = Duration.ofHours(1);
        return world.settle();
    }

    @Test
    void theGenerationOfTheWorkloadIsPutOnRecordAndTheStatusFollows() {
        var world = new World(canary(weight(50), pause())).referring(NEVER, 3).settle();
        assertThat(world.workloadGeneration).isEqualTo("1");
        assertThat(world.status.workloadObservedGeneration()).isEqualTo("1");

        // A new image in the Deployment: no generation of the Rollout.
        world.scaledWorkload(3).hash = "v2";
        world.settle();
        assertThat(world.status.phase()).isEqualTo("Paused");
        assertThat(world.pods("v2")).isEqualTo(5);
        assertThat(world.workloadGeneration).isEqualTo("2");
        assertThat(world.status.workloadObservedGeneration()).isEqualTo("2");
    }

    @Test
    void theStatusIsOfTheNewGenerationOnceItsReplicaSetIsThere() {
        var world = new World(canary(weight(50), pause())).referring(NEVER, 3).settle();
        world.scaledWorkload(3).hash = "v2";
        world.tick();
        assertThat(world.workloadGeneration).isEqualTo("2");
        assertThat(world.status.workloadObservedGeneration())
                .as("what it says is of the update before")
                .isEqualTo("1");
        assertThat(Headline.phase(world.observe().rollout()))
                .isEqualTo(new Headline.Phase(
                        "Progressing", "waiting for rollout spec update to be observed for the reference workload"));
        assertThat(Headline.of(world.observe().rollout(), world.now).why())
                .isEqualTo("the controller has not yet seen the newest state of Deployment old");
    }

    @Test
    void aTemplateThatIsPutIntoTheRolloutEndsTheRecord() {
        var world = new World(canary()).referring(NEVER, 3).settle();
        world.workload = Optional.empty();
        world.workloadRef = Optional.empty();
        world.deploy("v2");
        assertThat(world.status.workloadObservedGeneration()).isEmpty();
        assertThat(Headline.phase(world.observe().rollout()).phase()).isEqualTo("Healthy");
    }

    @Test
    void aWorkloadIsLeftAloneUnlessItIsSaidThatItGivesWay() {
        var world = new World(canary()).referring(NEVER, 7).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.workloadPods()).isEqualTo(7);
    }

    static Stream<Strategy> strategies() {
        return Stream.of(canary(weight(20), pause()), blueGreen(true));
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void onSuccessItKeepsAllOfItsPodsUntilTheFirstRevisionIsHealthy(Strategy strategy) {
        var world = starting(new World(strategy).referring(ON_SUCCESS, 10));
        assertThat(world.workloadPods()).isEqualTo(10);
        assertThat(scales(world, 9)).isEmpty();
        world.pass(Duration.ofHours(2)).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.workloadPods()).isZero();
        assertThat(world.events).containsOnlyOnce("ScalingWorkload");
        assertThat(world.workloadGeneration)
                .as("our own scaling is a generation too")
                .isEqualTo("2");
        assertThat(world.status.workloadObservedGeneration()).isEqualTo("2");
    }

    @Test
    void itGoesOnlyWhenThatTheRolloutIsHealthyIsOnRecord() {
        var world = new World(canary()).referring(ON_SUCCESS, 10);
        Decision decision;
        boolean healthyBefore;
        do {
            healthyBefore = world.status.phase().equals("Healthy");
            decision = world.tick();
        } while (scales(decision).isEmpty());
        assertThat(healthyBefore).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, 9", "4, 6", "9, 1", "10, 0"})
    void progressivelyItMakesUpForThePodsThatAreNotReadyYet(int ready, String wanted) {
        var world = starting(new World(canary()).referring(PROGRESSIVELY, 10));
        assertThat(scales(world, ready)).isEqualTo(wanted.isEmpty() ? List.of() : List.of(Integer.parseInt(wanted)));
    }

    @Test
    void progressivelyItGoesWithoutAPodLessThanWereAskedFor() {
        var world = starting(new World(canary()).referring(PROGRESSIVELY, 10));
        for (int ready = 1; ready <= 10; ready++) {
            int serving = ready;
            world.seen("v1", 10, ready).afterEachWrite =
                    () -> assertThat(world.workloadPods() + serving).isGreaterThanOrEqualTo(10);
            world.tick();
            assertThat(world.workloadPods()).isEqualTo(10 - ready);
        }
        world.pass(Duration.ofHours(2)).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.workloadPods()).isZero();
    }

    @Test
    void readyPodsThatAreLostAreMadeUpForAndASmallWorkloadDoesNotGrow() {
        var world = starting(new World(canary()).referring(PROGRESSIVELY, 10));
        world.seen("v1", 10, 6).tick();
        assertThat(world.workloadPods()).isEqualTo(4);
        assertThat(scales(world, 2)).as("four of them are lost").containsExactly(8);

        var small = starting(new World(canary()).referring(PROGRESSIVELY, 3));
        assertThat(scales(small, 2)).as("it never had eight").isEmpty();
        assertThat(scales(small, 8)).containsExactly(2);
    }

    @Test
    void aWorkloadThatIsScaledUpLaterIsNotFought() {
        for (var mode : List.of(ON_SUCCESS, PROGRESSIVELY)) {
            var world = new World(canary()).referring(mode, 10).settle();
            assertThat(world.workloadPods()).isZero();
            world.deploy("v2").scaledWorkload(5).settle();
            assertThat(world.workloadPods()).isEqualTo(5);
            world.deploy("v1");
            assertThat(world.workloadPods()).as("its number is 3 now").isEqualTo(5);
        }
    }

    @Test
    void aRolloutThatShallHaveNoPodsTakesNothingOver() {
        for (var mode : List.of(ON_SUCCESS, PROGRESSIVELY)) {
            var world = new World(canary());
            world.replicas = Optional.of(0);
            world.referring(mode, 4).settle();
            assertThat(world.status.phase()).isEqualTo("Healthy");
            assertThat(world.workloadPods()).isEqualTo(4);
        }
    }

    @Test
    void aScalingThatIsRefusedHoldsUpNothingAndIsTriedAgain() {
        var world = new World(canary()).referring(ON_SUCCESS, 4);
        world.workloadRefuses = true;
        for (int i = 0; i < 20; i++) world.tick();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        var decision = world.tick();
        assertThat(scales(decision)).containsExactly(0);
        assertThat(decision.wakeAt()).contains(world.now.minusSeconds(1).plus(Pass.RECHECK));

        world.workloadRefuses = false;
        world.settle();
        assertThat(world.workloadPods()).isZero();
    }

    @Test
    void aWorkloadWhoseSizeIsNotOursOrThatIsOnItsWayOutIsNotScaled() {
        for (boolean deleting : new boolean[] {true, false}) {
            var world = new World(canary()).referring(ON_SUCCESS, 4);
            world.workload = Optional.of(new Observation.WorkloadSeen(
                    deleting ? "Deployment" : "PodTemplate",
                    "old",
                    "old-uid",
                    "1",
                    1,
                    deleting ? Optional.of(4) : Optional.empty(),
                    deleting,
                    true));
            world.settle();
            assertThat(world.log).doesNotContain("ScaleWorkload (WorkloadReplaced)");
        }
    }

    @Test
    void aWorkloadThatIsNotWatchedIsLookedAtNowAndThen() {
        var world = new World(canary()).referring(NEVER, 4).settle();
        assertThat(RolloutEngine.decide(world.observe()).wakeAt()).isEmpty();
        world.workload = world.workload.map(w -> new Observation.WorkloadSeen(
                w.kind(), w.name(), w.uid(), w.resourceVersion(), w.generation(), w.replicas(), false, false));
        assertThat(RolloutEngine.decide(world.observe()).wakeAt()).contains(world.now.plus(Pass.RECHECK));
    }

    @Test
    void aWorkloadThatIsGoneInMidUpdateLeavesTheWayBackOpen() {
        var world =
                new World(canary(weight(50), pause())).referring(ON_SUCCESS, 4).settle();
        world.scaledWorkload(0).hash = "v2";
        world.settle();
        assertThat(world.pods("v2")).isEqualTo(5);

        world.workload = Optional.empty();
        world.problems = List.of(new Problem("spec.workloadRef.name", "\"old\"", "not found", "create it"));
        world.settle();
        assertThat(world.status.phase()).isEqualTo("Degraded");
        assertThat(world.status.workloadObservedGeneration()).isEqualTo(world.workloadGeneration);
        assertThat(world.pods("v2")).isEqualTo(5);

        world.command(s -> s.abort(true)).settle();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
    }
}
