package dev.sluice.rollout;

import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// `dynamicStableScale`: the stable side has the pods that its share of the traffic needs, and no more.
///
/// Whatever happens, neither side ever has less than what its weight needs (spec B8, B10).
class DynamicStableScaleTest {
    private static final Duration SLOW = Duration.ofSeconds(4);

    private static World dynamic(Optional<Duration> abortDelay, int atLeast, Step... steps) {
        var world = new World(World.following(World.routed(steps), abortDelay, atLeast));
        world.startUp = SLOW;
        run(world);
        world.afterEachWrite = () -> bothCarryTheirWeight(world);
        return world;
    }

    private static World dynamic(Step... steps) {
        return dynamic(Optional.empty(), 0, steps);
    }

    private static void bothCarryTheirWeight(World world) {
        var routes = world.routes.orElseThrow();
        assertThat(available(world, "web-canary"))
                .as("canary at %s", routes)
                .isGreaterThanOrEqualTo(Math.ceilDiv(routes.canary() * 10, 100));
        assertThat(available(world, "web-stable"))
                .as("stable at %s", routes)
                .isGreaterThanOrEqualTo(routes.stable() * 10 / 100);
    }

    private static int available(World world, String service) {
        return world.available(world.serves(service));
    }

    /// Pods take longer than two quiet ticks.
    private static void run(World world) {
        for (int i = 0; i < 150; i++) world.tick();
        world.settle();
    }

    private static World deploy(World world, String version) {
        world.hash = version;
        world.generation++;
        run(world);
        return world;
    }

    private static int canary(World world) {
        return world.routes.orElseThrow().canary();
    }

    @Test
    void theStableSideShrinksAsItsTrafficDoes() {
        var world = deploy(dynamic(weight(20), pause(), weight(60), pause()), "v2");
        assertThat(canary(world)).isEqualTo(20);
        assertThat(world.pods("v2")).isEqualTo(2);
        assertThat(world.pods("v1")).isEqualTo(8);
        world.command(World.StatusEdit::resume);
        run(world);
        assertThat(canary(world)).isEqualTo(60);
        assertThat(world.pods("v2")).isEqualTo(6);
        assertThat(world.pods("v1")).isEqualTo(4);
    }

    @Test
    void atAllTheTrafficNothingIsLeftOfTheStableSide() {
        var world = deploy(dynamic(weight(100), pause()), "v2");
        assertThat(world.pods("v1")).isZero();
        assertThat(world.status.stableRS()).isEqualTo("v1");
        world.command(World.StatusEdit::resume);
        run(world);
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v2");
    }

    @Test
    void podsBelowWhichASideIsNotScaledAreKept() {
        var world = deploy(dynamic(Optional.empty(), 3, weight(90), pause()), "v2");
        assertThat(world.pods("v2")).isEqualTo(9);
        assertThat(world.pods("v1")).isEqualTo(3);
    }

    @Test
    void anAbortBringsTheStablePodsBackBeforeTheWeightStepByStep() {
        var world = deploy(dynamic(weight(20), weight(60), weight(100), pause()), "v2");
        assertThat(canary(world)).isEqualTo(100);
        assertThat(world.pods("v1")).isZero();
        var weights = new ArrayList<Integer>();
        world.afterEachWrite = () -> {
            bothCarryTheirWeight(world);
            if (weights.isEmpty() || weights.getLast() != canary(world)) weights.add(canary(world));
        };
        world.command(status -> status.abort(true));
        run(world);
        assertThat(weights).isEqualTo(List.of(100, 60, 20, 0));
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
        assertThat(world.status.phase()).isEqualTo("Degraded");
    }

    @Test
    void anAbortInMidwayGoesBackTheSameWay() {
        var world = deploy(dynamic(weight(20), weight(60), pause(), weight(80), pause()), "v2");
        world.command(status -> status.abort(true));
        run(world);
        assertThat(canary(world)).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void withADelayTheCanaryStaysUpUntilItIsOver() {
        var world = deploy(dynamic(Optional.of(Duration.ofMinutes(10)), 0, weight(20), weight(60), pause()), "v2");
        world.command(status -> status.abort(true));
        run(world);
        assertThat(canary(world)).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isEqualTo(6);
        world.pass(Duration.ofMinutes(11));
        run(world);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void stablePodsThatDoNotComeKeepTheWeightWhereItIsServed() {
        var world = deploy(dynamic(weight(60), pause()), "v2");
        world.startUp = Duration.ofDays(1);
        world.command(status -> status.abort(true));
        // Those that are there already have been there for long enough.
        world.pass(Duration.ofDays(2));
        for (int i = 0; i < 100; i++) world.tick();
        assertThat(canary(world)).isEqualTo(60);
        assertThat(world.available("v2")).isEqualTo(6);
        assertThat(world.pods("v1")).isEqualTo(10);
        world.startUp = SLOW;
        run(world);
        assertThat(canary(world)).isZero();
    }

    @Test
    void theStableTemplateAgainMovesTrafficOnlyAsFarAsItsPodsAreBack() {
        var world = deploy(dynamic(weight(60), pause()), "v2");
        deploy(world, "v1");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(canary(world)).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void promotingFullyMovesTheWeightWithThePods() {
        var world = deploy(dynamic(weight(20), pause(), weight(60), pause()), "v2");
        world.command(World.StatusEdit::promoteFull);
        run(world);
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.stableRS()).isEqualTo("v2");
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.pods("v1")).isZero();
    }

    /// Sizes that `minPodsPerReplicaSet` keeps alike are no step down: waiting for one would be for ever.
    @Test
    void podsBelowWhichASideIsNotScaledDoNotHoldAnAbort() {
        var world = deploy(dynamic(Optional.empty(), 2, weight(10), pause()), "v2");
        assertThat(world.pods("v2")).isEqualTo(2);
        world.command(status -> status.abort(true));
        run(world);
        assertThat(canary(world)).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void aStepDownWaitsForTheFirstStablePod() {
        var world = new World(
                World.following(World.routed(weight(100), pause(), weight(20), pause()), Optional.empty(), 0));
        world.replicas = Optional.of(1);
        world.startUp = SLOW;
        run(world);
        deploy(world, "v2");
        assertThat(world.pods("v1")).isZero();
        world.afterEachWrite = () -> {
            if (world.routes.orElseThrow().stable() > 0) {
                assertThat(available(world, "web-stable"))
                        .as("at %s", world.routes)
                        .isPositive();
            }
        };
        world.command(World.StatusEdit::resume);
        run(world);
        assertThat(canary(world)).isEqualTo(20);
    }
}
