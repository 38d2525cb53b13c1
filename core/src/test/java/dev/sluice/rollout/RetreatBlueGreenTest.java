package dev.sluice.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rollout.Observation.ServiceSeen;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Blue-green on the way back: the active Service goes to the stable side, or stays there, whatever has become of it.
class RetreatBlueGreenTest {
    private static final Problem ANOTHERS = new Problem(
            "spec.strategy.blueGreen.previewService", "\"web-preview\"", "is managed by another Rollout", "rename it");

    private static Strategy.BlueGreen withPreview() {
        return World.blueGreen(false, Optional.of("web-preview"), Optional.empty());
    }

    private static World previewed() {
        var world = new World(withPreview()).settle().deploy("v2");
        assertThat(world.status.message()).isEqualTo("BlueGreenPause");
        return world;
    }

    private static void isBack(World world) {
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.status.abort()).isTrue();
        assertThat(world.serves("web")).isEqualTo("v1");
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v2")).isZero();
        assertThat(world.pods("v1")).isEqualTo(10);
    }

    @Test
    void anotherRolloutsPreviewServiceIsLeftAlone() {
        var world = previewed();
        world.services.put("web-preview", new ServiceSeen("web-preview", "1", Optional.of("a1"), Optional.of("shop")));
        world.problems = List.of(ANOTHERS);
        world.command(status -> status.abort(true)).settle();
        assertThat(world.serves("web-preview")).isEqualTo("a1");
        isBack(world);
    }

    @Test
    void anotherRolloutsActiveServiceIsLeftAlone() {
        var world = previewed();
        world.services.put("web", new ServiceSeen("web", "1", Optional.of("a1"), Optional.of("shop")));
        world.problems = List.of(ANOTHERS);
        world.command(status -> status.abort(true)).settle();
        assertThat(world.serves("web")).isEqualTo("a1");
        assertThat(world.status.stableRS()).isEqualTo("v1");
    }

    @Test
    void anAbortWithoutTheActiveServicePromotesNothing() {
        var world = previewed().without("activeService", "web");
        world.command(status -> status.abort(true)).settle();
        assertThat(world.status.abort()).isTrue();
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.status.condition("Progressing").orElseThrow().reason()).isEqualTo("RolloutAborted");
        world.withAgain("web").settle();
        isBack(world);
    }

    @Test
    void anActiveServiceThatIsReplacedDoesNotUndoAnAbort() {
        var world = previewed().command(status -> status.abort(true)).settle();
        world.services.put("web", new ServiceSeen("web", "9", Optional.empty(), Optional.empty()));
        world.settle();
        isBack(world);
    }

    /// Argo takes the Service that selects no revision for a first deployment's, and promotes unjudged.
    @Test
    void anActiveServiceThatIsReplacedPromotesNothing() {
        var world = previewed();
        world.services.put("web", new ServiceSeen("web", "9", Optional.empty(), Optional.empty()));
        world.settle();
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.status.message()).isEqualTo("BlueGreenPause");
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.serves("web")).isEqualTo("v2");
    }

    @Test
    void anActiveServiceThatIsReplacedMakesNoPreviewWhole() {
        var world = new World(World.blueGreen(false, Optional.of("web-preview"), Optional.of(1)))
                .settle()
                .deploy("v2");
        world.services.put("web", new ServiceSeen("web", "9", Optional.empty(), Optional.empty()));
        world.afterEachWrite = () -> assertThat(world.pods("v2")).isEqualTo(1);
        world.settle();
        assertThat(world.serves("web")).isEqualTo("v1");
    }

    @Test
    void anActiveServiceThatIsReplacedGoesToNobodyWhereTheStableSideHasNoPod() {
        var world = previewed();
        world.broken.add("v1");
        world.podsCome();
        world.services.put("web", new ServiceSeen("web", "9", Optional.empty(), Optional.empty()));
        for (int i = 0; i < 5; i++) world.tick();
        assertThat(world.serves("web")).isEmpty();
        world.broken.clear();
        world.settle();
        assertThat(world.serves("web")).isEqualTo("v1");
    }

    @Test
    void anActiveServiceThatIsReplacedGoesBackAlsoWhileTheRolloutIsPausedByHand() {
        var world = previewed();
        world.paused = true;
        world.services.put("web", new ServiceSeen("web", "9", Optional.empty(), Optional.empty()));
        world.settle();
        assertThat(world.serves("web")).isEqualTo("v1");
    }

    @Test
    void theStableSideTakesOverAgainWhereTheActiveServiceHadMoved() {
        var world = previewed().command(World.StatusEdit::resume);
        while (!world.serves("web").equals("v2")) world.tick();
        assertThat(world.status.stableRS()).isEqualTo("v1");
        world.problems = List.of(ANOTHERS);
        world.command(status -> status.abort(true)).settle();
        isBack(world);
    }

    @Test
    void aPromotionThatIsAskedForBesidesIsNoWayBack() {
        var world = previewed();
        world.problems = List.of(ANOTHERS);
        world.command(status -> status.abort(true)).settle();
        world.command(World.StatusEdit::promoteFull).settle();
        isBack(world);
    }

    @Test
    void aRestartThatABudgetRefusesDoesNotHoldAnAbort() {
        var world = previewed().command(World.StatusEdit::resume);
        while (!world.serves("web").equals("v2")) world.tick();
        world.evictionsRefused = true;
        world.restartAt = Optional.of(world.now);
        world.generation++;
        world.command(status -> status.abort(true)).pass(Duration.ofSeconds(1));
        for (int i = 0; i < 20; i++) world.tick();
        assertThat(world.serves("web")).isEqualTo("v1");
        world.pass(Duration.ofSeconds(31));
        for (int i = 0; i < 20; i++) world.tick();
        assertThat(world.pods("v2")).isZero();
    }
}
