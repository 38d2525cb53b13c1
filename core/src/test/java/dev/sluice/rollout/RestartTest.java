package dev.sluice.rollout;

import static dev.sluice.rollout.World.blueGreen;
import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.limited;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `spec.restartAt`: every pod is replaced, and nobody who is served notices.
class RestartTest {
    /// A user asks now; the pods that there are were made before.
    private static Instant restart(World world) {
        world.pass(Duration.ofMinutes(1));
        world.restartAt = Optional.of(world.now);
        world.generation++;
        world.pass(Duration.ofSeconds(1));
        return world.restartAt.get();
    }

    private static World slow(World world) {
        world.startUp = Duration.ofSeconds(5);
        return world;
    }

    private static World sized(Strategy strategy, int replicas) {
        var world = slow(new World(strategy));
        world.replicas = Optional.of(replicas);
        return settle(world);
    }

    /// Pods take longer than two ticks: quiet is when the pods have come, too.
    private static World settle(World world) {
        for (int i = 0; i < 300; i++) world.tick();
        return world.settle();
    }

    private static World updated(World world) {
        world.hash = "v2";
        world.generation++;
        return settle(world);
    }

    private static void everyPodIsYounger(World world, Instant restartAt) {
        for (var version : world.replicaSets.keySet()) {
            assertThat(world.created(version)).as(version).noneMatch(created -> created.isBefore(restartAt));
        }
        assertThat(world.status.restartedAt()).contains(restartAt);
    }

    /// Fewest available pods that a revision had after any write.
    private static List<Integer> watch(World world, String version) {
        var counts = new ArrayList<Integer>();
        world.afterEachWrite = () -> counts.add(world.available(version));
        return counts;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void behindARouterBothSidesOfACanaryKeepServing(int replicas) {
        var world = updated(sized(routed(weight(50), pause()), replicas));
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(50);
        int canary = world.pods("v2");
        world.afterEachWrite = () -> {
            int weight = world.routes.orElseThrow().canary();
            assertThat(weight).as("nothing takes the weight away either").isEqualTo(50);
            assertThat(world.available("v1")).as("stable").isPositive();
            assertThat(world.available("v2")).as("canary").isPositive();
        };
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(world.pods("v1")).isEqualTo(replicas);
        assertThat(world.pods("v2")).isEqualTo(canary);
        assertThat(world.status.message()).isEqualTo("CanaryPauseStep");
        assertThat(world.status.currentStepIndex()).contains(1);
    }

    /// The ReplicaSet was scaled down a moment ago; both pods are still seen.
    @Test
    void aPodThatItsReplicaSetIsAboutToEndPaysForNoOther() {
        var world = sized(limited(canary(), 1, 0), 1);
        restart(world);
        while (world.available("v1") < 2) world.tick();
        assertThat(RolloutEngine.decide(world.observe()).actions()).hasAtLeastOneElementOfType(Action.EvictPod.class);
        world.seen("v1", 1, 2);
        assertThat(RolloutEngine.decide(world.observe()).actions())
                .doesNotHaveAnyElementsOfTypes(Action.EvictPod.class);
    }

    /// Two pods are gone, and their ReplicaSet has not counted again.
    @Test
    void aPodThatIsNotListedAnyMoreIsNoReasonToDrainAnother() {
        var world = updated(sized(limited(canary(weight(40), pause()), 1, 1), 5));
        assertThat(world.pods("v1")).isEqualTo(3);
        restart(world);
        world.seen("v2", 4, 4).command(World.StatusEdit::promoteFull);
        assertThat(RolloutEngine.decide(world.observe()).actions())
                .filteredOn(action -> action instanceof Action.Scale(var set, var pods, var _, var _)
                        && set.hash().equals("v1")
                        && pods < 2)
                .isEmpty();
    }

    @Test
    void aRestartIsOverOnceTheCountsKnowIt() {
        var world = sized(canary(), 2);
        world.restartAt = Optional.of(World.START);
        world.generation++;
        world.pass(Duration.ofSeconds(1)).seen("v1", 2, 3);
        assertThat(RolloutEngine.decide(world.observe()).status().restartedAt()).isEmpty();
        world.seen("v1", 2, 2);
        assertThat(RolloutEngine.decide(world.observe()).status().restartedAt()).contains(World.START);
    }

    @Test
    void podsThatCannotBeListedAreNeitherOldNorNew() {
        var world = sized(canary(), 2);
        restart(world);
        var decision = RolloutEngine.decide(world.listing(List.of(Observation.PodSeen.UNKNOWN)));
        assertThat(decision.moves()).isEmpty();
        assertThat(decision.status().restartedAt()).isEmpty();
        assertThat(decision.awaiting()).map(Because::code).contains("PodsUnknown");
        assertThat(decision.wakeAt()).isPresent();
    }

    /// Made again by somebody, it selects the pods of all revisions.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void whileTheActiveServiceSelectsNoRevisionSomebodyServes(int replicas) {
        var world = sized(blueGreen(true), replicas);
        var active = watch(world, "v1");
        world.services.put("web", new Observation.ServiceSeen("web", "9", Optional.empty(), Optional.empty()));
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(active).isNotEmpty().allMatch(count -> count > 0);
        assertThat(world.serves("web")).isEqualTo("v1");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void theOnePodThatAScaleOfNothingLeavesToItsTrafficIsReplacedToo(int replicas) {
        var nothing = new Step.SetCanaryScale(new Step.Scale.ByReplicas(0));
        var world = updated(sized(routed(weight(50), nothing, pause()), replicas));
        assertThat(world.pods("v2")).isEqualTo(1);
        world.afterEachWrite = () -> assertThat(world.available("v2")).isPositive();
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(50);
        assertThat(world.pods("v2")).isEqualTo(1);
    }

    @Test
    void theSurplusOfTheCanaryDoesNotPayForTheLastStablePod() {
        var big = new Step.SetCanaryScale(new Step.Scale.ByReplicas(4));
        var world = updated(sized(limited(routed(big, weight(50), pause()), 1, 1), 1));
        assertThat(world.pods("v2")).isEqualTo(4);
        var stable = watch(world, "v1");
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(stable).isNotEmpty().noneMatch(count -> count == 0);
    }

    @Test
    void aCanaryOfManyPodsIsReplacedAsFarAsItsWeightAllows() {
        var world = updated(sized(limited(routed(weight(50), pause()), 1, 2), 10));
        var canary = watch(world, "v2");
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(canary).allMatch(count -> count >= 3).anyMatch(count -> count == 3);
    }

    @Test
    void inMidStepTheWeightWaitsAndTheStepGoesOnAfterwards() {
        var world = updated(sized(routed(weight(50), pause(), weight(80), pause()), 4));
        world.command(World.StatusEdit::resume);
        var restartAt = restart(world);
        world.afterEachWrite = () -> {
            assertThat(world.available("v1")).isPositive();
            assertThat(world.available("v2")).isPositive();
        };
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(80);
        assertThat(world.status.currentStepIndex()).contains(3);
    }

    /// A data plane that serves at once what it is told: which side is short of pods changes with each weight.
    @ParameterizedTest
    @CsvSource({"2, 0", "2, 2", "2, 6", "3, 0", "3, 2", "3, 6", "5, 2"})
    void inMidStepTheWeightDoesNotSwing(int replicas, int startUp) {
        for (int earlier = 0; earlier < 12; earlier++) {
            var world = new World(routed(weight(50), pause(), weight(20), pause()));
            world.replicas = Optional.of(replicas);
            settle(world);
            world.startUp = Duration.ofSeconds(startUp);
            world.hash = "v2";
            world.generation++;
            for (int i = 0; i < earlier; i++) world.tick();
            world.restartAt = Optional.of(world.now.minusMillis(1));
            world.generation++;
            world.log.clear();
            updated(world);
            assertThat(world.routes.orElseThrow().canary()).isEqualTo(50);
            assertThat(world.log)
                    .filteredOn(move -> move.startsWith("SetTraffic"))
                    .hasSizeLessThanOrEqualTo(1);
            world.command(World.StatusEdit::resume);
            settle(world);
            assertThat(world.routes.orElseThrow().canary()).isEqualTo(20);
            assertThat(world.log)
                    .filteredOn(move -> move.startsWith("SetTraffic"))
                    .hasSizeLessThanOrEqualTo(2);
        }
    }

    @ParameterizedTest(name = "{0} replicas, maxUnavailable {1}")
    @CsvSource({"1,0", "1,1", "2,0", "2,1", "3,0", "3,1", "4,0", "4,1"})
    void withoutARouterNoMoreAreMissingThanMayBe(int replicas, int unavailable) {
        var world = updated(sized(limited(canary(weight(50), pause()), 1, unavailable), replicas));
        int canary = world.pods("v2");
        int stable = world.pods("v1");
        world.afterEachWrite = () -> assertThat(world.available("v1") + world.available("v2"))
                .isGreaterThanOrEqualTo(Math.max(1, replicas - unavailable));
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(world.pods("v2")).isEqualTo(canary);
        assertThat(world.pods("v1")).isEqualTo(stable);
    }

    @ParameterizedTest(name = "{0} replicas, maxUnavailable {1}")
    @CsvSource({"1,0", "1,1", "3,0", "3,2"})
    void aRolloutThatIsNotUpdatedKeepsServing(int replicas, int unavailable) {
        var world = sized(limited(routed(weight(50), pause()), 1, unavailable), replicas);
        var counts = watch(world, "v1");
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(counts).allMatch(count -> count >= Math.max(1, replicas - unavailable));
        assertThat(world.pods("v1")).isEqualTo(replicas);
        assertThat(world.status.phase()).isEqualTo("Healthy");
    }

    /// Who has one pod, and allows none above it, has agreed to be without: nothing else could ever get on.
    @Test
    void theOnlyPodIsEvictedWhereNoneMayBeAddedBesideIt() {
        var world = sized(limited(canary(), 0, 1), 1);
        var counts = watch(world, "v1");
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(counts).contains(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void theActiveSideOfBlueGreenKeepsServingWhileThePreviewWaits(int replicas) {
        var world = updated(sized(blueGreen(false), replicas));
        assertThat(world.serves("web")).isEqualTo("v1");
        var active = watch(world, "v1");
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        int missing = replicas / 4;
        assertThat(active).isNotEmpty().allMatch(count -> count >= Math.max(1, replicas - missing));
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.pods("v1")).isEqualTo(replicas);
        assertThat(world.pods("v2")).isEqualTo(replicas);
        assertThat(world.status.message()).isEqualTo("BlueGreenPause");
        assertThat(world.status.condition("Available").orElseThrow().isTrue()).isTrue();
    }

    /// Pausing holds the number of pods: the restart says what it waits for, and goes on when it may.
    @Test
    void aRolloutThatIsPausedByHandGetsNoFurtherPod() {
        var world = sized(routed(weight(50), pause()), 1);
        world.paused = true;
        var counts = watch(world, "v1");
        var restartAt = restart(world);
        for (int i = 0; i < 50; i++) world.tick();
        assertThat(world.pods("v1")).isEqualTo(1);
        assertThat(world.created("v1")).allMatch(created -> created.isBefore(restartAt));
        world.paused = false;
        world.generation++;
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(counts).noneMatch(count -> count == 0);
    }

    @Test
    void aRestartSaysWhatItWaitsFor() {
        var world = sized(routed(weight(50), pause()), 1);
        var restartAt = restart(world);
        assertThat(RolloutEngine.decide(world.observe()).awaiting())
                .contains(new Because(
                        "Restarting",
                        "1 pod is older than %s; web-v1 has no pod to spare and gets one more first"
                                .formatted(restartAt)));
    }

    @Test
    void aCanaryThatServesNobodyIsReplacedAtOnce() {
        var world = updated(sized(
                limited(routed(new Step.SetCanaryScale(new Step.Scale.ByReplicas(1)), pause()), 1, 1), 4));
        assertThat(world.routes.orElseThrow().canary()).isZero();
        world.log.clear();
        var restartAt = restart(world);
        settle(world);
        everyPodIsYounger(world, restartAt);
        assertThat(world.log).noneMatch(line -> line.contains("RestartSurge"));
    }

    @Test
    void aRestartThatLiesAheadWaitsForItsTime() {
        var world = sized(canary(), 2);
        world.restartAt = Optional.of(world.now.plusSeconds(3_600));
        world.generation++;
        settle(world);
        assertThat(world.status.restartedAt()).isEmpty();
        assertThat(RolloutEngine.decide(world.observe()).wakeAt()).contains(world.restartAt.get());
        world.now = world.restartAt.get().plusSeconds(1);
        settle(world);
        everyPodIsYounger(world, world.restartAt.get());
    }

    /// Of an analysis, a person or the steps: a budget that refuses every eviction holds the restart and nothing else.
    /// Also what the restart has added, in vain, gives way.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void whereABudgetRefusesAFullPromotionComesToItsEnd(int replicas) {
        var step = weight(50);
        for (var strategy : List.of(
                limited(canary(step, pause()), 1, 1), limited(canary(step, pause()), 1, 0), routed(step, pause()))) {
            var world = refused(updated(sized(strategy, replicas)));
            for (int i = 0; i < 60; i++) world.tick();
            world.command(World.StatusEdit::promoteFull);
            for (int i = 0; i < 60; i++) world.tick();
            assertThat(world.status.stableRS()).isEqualTo("v2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void whereABudgetRefusesFewPodsTheStepsGoOn(int replicas) {
        var steps = new Step[] {weight(50), pause(), weight(80), pause()};
        for (var strategy : List.of(limited(canary(steps), 1, 0), limited(canary(steps), 2, 0), routed(steps))) {
            var world = refused(updated(sized(strategy, replicas)));
            for (int i = 0; i < 60; i++) world.tick();
            world.command(World.StatusEdit::resume);
            for (int i = 0; i < 60; i++) world.tick();
            assertThat(world.status.currentStepIndex()).contains(3);
        }
    }

    @Test
    void whereABudgetRefusesTheStepsGoOn() {
        var world = refused(updated(sized(routed(weight(50), pause(), weight(80), pause()), 10)));
        world.command(World.StatusEdit::resume);
        for (int i = 0; i < 100; i++) world.tick();
        assertThat(world.status.currentStepIndex()).contains(3);
        assertThat(world.routes.orElseThrow().canary()).isEqualTo(80);
        assertThat(world.status.restartedAt()).isEmpty();
        assertThat(RolloutEngine.decide(world.observe())
                        .awaiting()
                        .orElseThrow()
                        .code())
                .isEqualTo("Restarting");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 10})
    void whereABudgetRefusesAnAbortTakesEverythingBack(int replicas) {
        var world = refused(updated(sized(routed(weight(50), pause()), replicas)));
        abortTakesEverythingBack(world);
        assertThat(world.routes.orElseThrow().canary()).isZero();
    }

    @ParameterizedTest(name = "{0} replicas, maxUnavailable {1}")
    @CsvSource({"1,0", "2,0", "2,1", "10,0", "10,2"})
    void whereABudgetRefusesAnAbortWithoutARouterTakesEverythingBack(int replicas, int unavailable) {
        var world = refused(updated(sized(limited(canary(weight(50), pause()), 1, unavailable), replicas)));
        abortTakesEverythingBack(world);
    }

    private static void abortTakesEverythingBack(World world) {
        world.command(status -> status.abort(true));
        for (int i = 0; i < 100; i++) world.tick();
        world.pass(Duration.ofMinutes(1));
        for (int i = 0; i < 100; i++) world.tick();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void whereABudgetRefusesAFailedAnalysisAborts() {
        var errors = World.analysis("errors");
        var world = refused(updated(sized(routed(weight(50), new Step.Analyse(errors), pause()), 4)));
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "errors 0.3");
        for (int i = 0; i < 100; i++) world.tick();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.routes.orElseThrow().canary()).isZero();
    }

    @Test
    void whereABudgetRefusesACanaryThatBreaksLosesItsTraffic() {
        var world = refused(updated(sized(routed(weight(50), pause()), 4)));
        world.broken.add("v2");
        world.podsCome();
        for (int i = 0; i < 100; i++) world.tick();
        assertThat(world.routes.orElseThrow().canary()).isZero();
    }

    private static World refused(World world) {
        world.evictionsRefused = true;
        restart(world);
        for (int i = 0; i < 20; i++) world.tick();
        assertThat(world.log).anyMatch(line -> line.startsWith("EvictPod"));
        return world;
    }
}
