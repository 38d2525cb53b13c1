package dev.sluice.rollout;

import static dev.sluice.rollout.World.blueGreen;
import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// `status.duration`.
///
/// @see "Argo Rollouts spec B26"
class AttemptTest {
    private static Attempt attempt(World world) {
        return world.status.attempt().orElseThrow();
    }

    @Test
    void theFirstRevisionIsAnAttemptThatEndsWithItsPods() {
        var world = new World(canary(weight(50), pause()));
        world.broken.add("v1");
        world.settle();
        assertThat(attempt(world).underWay()).isTrue();
        world.broken.clear();
        world.podsCome();
        world.settle();
        assertThat(attempt(world).end()).isEqualTo("Promoted");
        assertThat(attempt(world).finishedAt()).isPresent();
    }

    @Test
    void timeInWhichAPersonIsWaitedForIsCountedApart() {
        var world = new World(canary(weight(50), pause(), weight(75), pause(60))).settle();
        world.deploy("v2");
        var started = attempt(world).startedAt();
        assertThat(attempt(world).pausedAt()).isPresent();
        world.pass(Duration.ofMinutes(5)).command(World.StatusEdit::resume).settle();
        assertThat(attempt(world).pausedAt())
                .as("a pause that ends by itself is none")
                .isEmpty();
        assertThat(attempt(world).paused()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
        world.pass(Duration.ofMinutes(2)).settle();
        assertThat(attempt(world).end()).isEqualTo("Promoted");
        assertThat(attempt(world).startedAt()).isEqualTo(started);
        assertThat(attempt(world).paused()).isLessThan(Duration.ofMinutes(6));
    }

    @Test
    void anAbortEndsItAndARetryIsAnotherOne() {
        var world = new World(canary(weight(50), pause())).settle();
        world.deploy("v2");
        var first = attempt(world).startedAt();
        world.command(status -> status.abort(true)).settle();
        assertThat(attempt(world).end()).isEqualTo("Aborted");
        world.pass(Duration.ofMinutes(1)).command(status -> status.abort(false)).settle();
        assertThat(attempt(world).underWay()).isTrue();
        assertThat(attempt(world).startedAt()).isAfter(first);
    }

    @Test
    void aFullPromotionIsAFastOne() {
        var world = new World(canary(weight(50), pause())).settle();
        world.deploy("v2");
        world.command(World.StatusEdit::promoteFull).settle();
        assertThat(attempt(world).end()).isEqualTo("FastPromoted");
    }

    @Test
    void aTemplateThatIsTakenBackEndsTheAttemptThatItBelongsTo() {
        var world = new World(canary(weight(50), pause())).settle();
        world.deploy("v2");
        var started = attempt(world).startedAt();
        world.pass(Duration.ofMinutes(1)).deploy("v1");
        assertThat(attempt(world).end()).isEqualTo("FastRolledBack");
        assertThat(attempt(world).startedAt()).isEqualTo(started);
    }

    @Test
    void anotherTemplateInMidUpdateIsAnAttemptOfItsOwn() {
        var world = new World(canary(weight(50), pause())).settle();
        world.deploy("v2");
        var started = attempt(world).startedAt();
        world.pass(Duration.ofMinutes(1)).deploy("v3");
        assertThat(attempt(world).startedAt()).isAfter(started);
    }

    @Test
    void anOlderRevisionThatGoesThroughTheStepsIsRolledBackTo() {
        var world = new World(canary(weight(50))).settle();
        world.deploy("v2");
        world.pass(Duration.ofMinutes(1)).deploy("v1");
        assertThat(attempt(world).end()).isEqualTo("RolledBack");
    }

    @Test
    void aPreviewThatWaitsForAPersonDoesSo() {
        var world = new World(blueGreen(false)).settle();
        world.deploy("v2");
        assertThat(attempt(world).pausedAt()).isPresent();
        world.command(World.StatusEdit::resume).settle();
        assertThat(attempt(world).end()).isEqualTo("Promoted");
    }
}
