package dev.sluice.rollout;

import static dev.sluice.rollout.World.blueGreen;
import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.routed;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.rollout.Observation.ServiceSeen;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A strategy is edited so that it does not name a Service any more: nobody who still uses it is left without pods, or
/// given pods that are not for everybody.
class FormerServicesTest {
    private static World of(Strategy strategy) {
        var world = new World(strategy);
        world.replicas = Optional.of(4);
        return world;
    }

    /// The same in which no Service that once served ever selects a revision without pods.
    private static World watched(World world) {
        world.afterEachWrite = () -> world.services
                .keySet()
                .forEach(name -> assertThat(reached(world, name))
                        .as("pods that %s reaches after %s", name, world.log)
                        .isPositive());
        return world;
    }

    private static int reached(World world, String service) {
        return world.serves(service).isEmpty()
                ? world.available("v1") + world.available("v2") + world.available("v3")
                : world.available(world.serves(service));
    }

    private static boolean managed(World world, String service) {
        return world.services.get(service).managedBy().isPresent();
    }

    @Test
    void anActiveServiceServesOnWhenTheStrategyBecomesABasicCanary() {
        var world = of(blueGreen(true)).deploy("v1");
        assertThat(world.serves("web")).isEqualTo("v1");
        watched(world).edit(canary(weight(25), pause(1)));
        assertThat(world.serves("web")).isEmpty();
        assertThat(managed(world, "web")).isFalse();
        world.deploy("v2").pass(Duration.ofMinutes(10)).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.pods("v1")).isZero();
        assertThat(reached(world, "web")).isEqualTo(4);
    }

    @Test
    void theReleaseIsTold() {
        var world = of(blueGreen(true)).deploy("v1").edit(canary());
        assertThat(world.events).contains("ServiceReleased");
        assertThat(world.log).contains("ReleaseService (FormerService)");
    }

    @Test
    void whatHasPodsForASmallShareOnlyIsReachedOnceItHasNoMore() {
        var world = of(blueGreen(false)).deploy("v1").deploy("v2");
        assertThat(world.pods("v2")).isEqualTo(4);
        watched(world);
        var then = world.afterEachWrite;
        world.afterEachWrite = () -> {
            then.run();
            if (world.serves("web").isEmpty()) assertThat(world.pods("v2")).isEqualTo(1);
        };
        world.edit(canary(weight(25), pause()));
        assertThat(world.serves("web")).isEmpty();
        assertThat(world.pods("v1")).isEqualTo(3);
        assertThat(world.pods("v2")).isEqualTo(1);
    }

    @Test
    void bothServicesServeOnWhenTheRouterIsTakenOutOfTheSpecAtAWeight() {
        var world = of(routed(weight(25), pause())).deploy("v1").deploy("v2");
        assertThat(world.serves("web-canary")).isEqualTo("v2");
        watched(world).edit(canary(weight(25), pause(1)));
        world.pass(Duration.ofMinutes(10)).settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.pods("v1")).isZero();
        assertThat(reached(world, "web-stable")).isEqualTo(4);
        assertThat(reached(world, "web-canary")).isEqualTo(4);
    }

    @Test
    void aServiceGoesWithTheStableRevisionWhileARouterSharesTheTraffic() {
        var world = of(blueGreen(true)).deploy("v1").deploy("v2");
        world.services.put("web-stable", new ServiceSeen("web-stable", "1", Optional.empty(), Optional.empty()));
        world.services.put("web-canary", new ServiceSeen("web-canary", "1", Optional.empty(), Optional.empty()));
        world.routes = Optional.of(new Observation.Routes(0, 100, Optional.of(true)));
        watched(world).edit(routed(weight(25), pause()));
        // The replaced revision is up until its delay is over.
        assertThat(world.serves("web")).isEqualTo("v2");
        world.pass(Duration.ofMinutes(1)).settle();
        assertThat(world.serves("web")).isEmpty();
    }

    @Test
    void anUpdateThatHasFailedIsNotReachedThroughAServiceThatIsNotNamedAnyMore() {
        var preview = blueGreen(false, Optional.of("web-preview"), Optional.empty());
        var world = of(preview).deploy("v1").deploy("v2").command(status -> status.abort(true));
        world.settle();
        assertThat(world.serves("web-preview")).isEqualTo("v2");
        watched(world).edit(blueGreen(false));
        assertThat(world.serves("web-preview")).isEqualTo("v1");
        world.pass(Duration.ofMinutes(1)).settle();
        assertThat(world.pods("v2")).isZero();
        assertThat(world.serves("web-preview")).isEqualTo("v1");
        world.deploy("v1");
        assertThat(world.serves("web-preview")).isEmpty();
    }

    @Test
    void aCanaryWhoseAnalysisFailsGetsNothingByARelease() {
        var judged = World.judged(canary(weight(25), pause()), World.analysis("errors"));
        var world = of(judged).deploy("v1").deploy("v2");
        world.services.put("web-old", new ServiceSeen("web-old", "1", Optional.of("v1"), Optional.of("web")));
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "too many errors");
        world.afterEachWrite = () -> {
            if (world.serves("web-old").isEmpty()) assertThat(world.pods("v2")).isZero();
        };
        world.settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.serves("web-old")).isEmpty();
    }

    @Test
    void aServiceThatReachesNobodyIsPointedAtTheStableRevisionThoughItIsPaused() {
        var world = of(blueGreen(true)).deploy("v1");
        world.services.put("web-old", new ServiceSeen("web-old", "1", Optional.of("gone"), Optional.of("web")));
        world.paused = true;
        world.settle();
        assertThat(world.serves("web-old")).isEmpty();
    }

    @Test
    void aPauseByHandHoldsAServiceWhereItIs() {
        var world = of(blueGreen(true)).deploy("v1");
        world.paused = true;
        world.edit(canary(weight(25), pause()));
        assertThat(world.serves("web")).isEqualTo("v1");
        world.paused = false;
        world.settle();
        assertThat(world.serves("web")).isEmpty();
    }

    private static World madeAgain(Strategy strategy) {
        var world = of(strategy);
        world.services.replaceAll((name, _) -> new ServiceSeen(name, "1", Optional.of("gone"), Optional.of("web")));
        return world;
    }

    @Test
    void aRolloutThatIsMadeAgainServesWithItsFirstPodsAndWaitsForNobody() {
        var world = madeAgain(blueGreen(false));
        world.afterEachWrite = () -> {
            if (world.available("v1") > 0) assertThat(reached(world, "web")).isPositive();
        };
        world.deploy("v1");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.log).contains("ReleaseService (LeftBehind)");
    }

    @Test
    void theServicesOfACanaryThatIsMadeAgainReachAllPodsUntilTheFirstDeploymentIsWhole() {
        var world = madeAgain(routed(weight(25), pause()));
        world.afterEachWrite = () -> {
            if (world.serves("web-stable").equals("v1"))
                assertThat(world.available("v1")).isEqualTo(4);
        };
        world.deploy("v1");
        assertThat(world.serves("web-stable")).isEqualTo("v1");
    }

    @Test
    void whatARolloutHasDeployedIsNotLeftBehind() {
        var world = of(blueGreen(false)).deploy("v1").deploy("v2");
        assertThat(world.log).doesNotContain("ReleaseService (LeftBehind)");
        assertThat(world.status.phase()).isEqualTo("Paused");
    }

    @Test
    void aRolloutThatIsGoneLetsItsServicesGoOnceItIsNotMadeAgainSoon() {
        var world = of(blueGreen(true)).deploy("v1");
        var rollout = world.observe().rollout();
        var left = world.services.get("web");
        var early = RolloutEngine.decide(Observation.missing(world.now, rollout, world.now, List.of(left)));
        assertThat(early.moves()).isEmpty();
        assertThat(early.wakeAt()).contains(world.now.plus(FormerServices.GRACE));
        assertThat(early.awaiting().map(Because::code)).contains("RolloutMissing");
        var due = world.now.plus(FormerServices.GRACE);
        var late = RolloutEngine.decide(Observation.missing(due, rollout, world.now, List.of(left)));
        assertThat(late.actions()).containsExactly(new Action.ReleaseService(left));
        assertThat(late.status()).isEqualTo(rollout.status());
    }

    @Test
    void aServiceOfAnotherRolloutIsNotTouched() {
        var world = of(blueGreen(true)).deploy("v1");
        world.services.put("shop", new ServiceSeen("shop", "1", Optional.of("gone"), Optional.of("shop")));
        world.edit(canary());
        assertThat(world.serves("shop")).isEqualTo("gone");
    }
}
