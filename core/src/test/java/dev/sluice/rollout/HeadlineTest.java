package dev.sluice.rollout;

import static dev.sluice.rollout.World.canary;
import static dev.sluice.rollout.World.pause;
import static dev.sluice.rollout.World.weight;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The sentence that every surface shows, told over the life of a Rollout.
class HeadlineTest {
    private static Headline of(World world) {
        return Headline.of(world.observe().rollout(), world.now);
    }

    private static List<String> allowed(World world) {
        return UserAct.allowed(world.observe().rollout()).stream()
                .map(UserAct::toString)
                .toList();
    }

    private static String denial(World world, UserAct act) {
        return act.permission(world.observe().rollout()).denial().orElse("allowed");
    }

    /// Revision 2 of ten pods, at the pause behind 20 %.
    private static World pausedAt20() {
        return new World(canary(weight(20), pause(), weight(40), pause(60)))
                .settle()
                .deploy("v2");
    }

    @Test
    void whatNobodyHasSeenYetSaysSo() {
        assertThat(of(new World(canary())).toString()).isEqualTo("Not begun – no controller has seen it yet.");
    }

    @Test
    void aSettledRolloutIsHealthyAndMayBeRestarted() {
        var world = new World(canary(weight(20), pause())).settle();
        assertThat(of(world).toString())
                .isEqualTo("Healthy – all traffic is on revision 1 (10 of 10 pods available). → restart");
        assertThat(allowed(world)).containsExactly("restart", "pause");
    }

    @Test
    void aPauseWithoutDurationWaitsForYou() {
        var world = pausedAt20();
        world.pass(Duration.ofMinutes(200));
        assertThat(of(world).toString())
                .isEqualTo("Paused at 20 % – waiting for you (3h20m). Next: 40 %. → promote | abort");
        assertThat(of(world).brief()).isEqualTo("waiting for you (3h20m), next 40 %");
        assertThat(allowed(world)).containsExactly("promote", "promote --full", "abort", "undo", "restart", "pause");
    }

    @Test
    void aPauseWithDurationGoesOnByItself() {
        var world = pausedAt20();
        world.command(status -> status.resume()).settle();
        assertThat(of(world).state()).isEqualTo("Paused at 40 %");
        assertThat(of(world).why()).startsWith("goes on by itself in ");
        assertThat(of(world).next()).contains("100 %");
        assertThat(of(world).acts()).containsExactly("wait", "promote", "abort");
    }

    @Test
    void aStepThatWaitsForPodsSaysHowManyThereAre() {
        var world = new World(canary(weight(50), pause())).settle();
        world.broken.add("v2");
        world.deploy("v2");
        assertThat(of(world).toString())
                .startsWith("Going to 50 % – ")
                .contains(" of 10 pods available")
                .contains("Next: a pause for you. → wait | abort");
    }

    @Test
    void anAnalysisIsNamedWithItsPhase() {
        var check = new Step.Analyse(World.analysis("errors"));
        var world = new World(canary(weight(50), check)).settle().deploy("v2");
        assertThat(of(world).toString())
                .isEqualTo(
                        "Checking at 50 %% – analysis %s is running. Next: 100 %%. → wait | promote (skips the check) | abort"
                                .formatted(world.runs.getFirst().name()));
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "errors 0.3, limit 0.01");
        world.settle();
        assertThat(of(world).toString())
                .startsWith("Rolled back – all traffic is on the stable version, which is healthy;"
                        + " the spec still asks for revision 2 (")
                .contains("errors 0.3, limit 0.01")
                .endsWith("→ retry | undo");
    }

    @Test
    void anAbortIsARollbackThatCanBeRetriedOrUndone() {
        var world = pausedAt20().command(status -> status.abort(true)).settle();
        assertThat(of(world).toString())
                .isEqualTo("Rolled back – all traffic is on the stable version, which is healthy; the spec still asks"
                        + " for revision 2. → retry | undo");
        assertThat(denial(world, UserAct.PROMOTE))
                .isEqualTo("it is aborted; promote has no effect on an aborted rollout");
        assertThat(denial(world, UserAct.ABORT)).isEqualTo("it is aborted");
        assertThat(denial(world, UserAct.RETRY)).isEqualTo("allowed");
        assertThat(Headline.askedWeight(world.observe().rollout())).contains(0);
    }

    @Test
    void aCommandIsNotJudgedByTheStatusBeforeIt() {
        var world = pausedAt20();
        world.command(status -> status.abort(true));
        assertThat(of(world).toString())
                .isEqualTo("Rolling back – the controller has not begun yet. Next: all traffic back on the stable"
                        + " version. → wait");
        assertThat(Headline.phase(world.observe().rollout()).phase()).isEqualTo("Progressing");
        world.settle();
        assertThat(Headline.phase(world.observe().rollout()).phase()).isEqualTo("Degraded");
        world.command(status -> status.abort(false));
        assertThat(of(world).toString()).isEqualTo("Told to go on – waiting for the retry to begin. → wait");
        world.settle().command(status -> status.resume());
        assertThat(of(world).toString()).isEqualTo("Told to go on – waiting for rollout to unpause. → wait");
    }

    @Test
    void aPauseByHandIsEndedByResume() {
        var world = pausedAt20();
        world.paused = true;
        world.generation++;
        world.settle();
        assertThat(of(world).toString())
                .isEqualTo("Paused by hand at 20 % – nothing moves until it is resumed. Next: 40 %. → resume | abort");
        assertThat(denial(world, UserAct.PAUSE)).isEqualTo("it is paused by hand");
    }

    @Test
    void anUnseenSpecIsNotJudgedByAnOldStatus() {
        var world = pausedAt20().command(status -> status.abort(true)).settle();
        world.generation++;
        assertThat(of(world).state()).isEqualTo("Changed");
        assertThat(Headline.phase(world.observe().rollout()))
                .isEqualTo(new Headline.Phase("Progressing", "waiting for rollout spec update to be observed"));
    }

    @Test
    void anInvalidSpecNamesTheField() {
        var world = new World(canary()).settle();
        world.problems = List.of(new Problem("spec.strategy.canary.maxSurge", "-1", "is below 0", "use 0 or more"));
        world.generation++;
        world.tick();
        assertThat(of(world).toString())
                .startsWith("Invalid – nothing moves until the spec is corrected: ")
                .contains("spec.strategy.canary.maxSurge: -1 is below 0; use 0 or more")
                .endsWith("→ correct the spec");
    }

    @Test
    void ofManyProblemsTheFirstIsToldWholeAndTheOthersAreCounted() {
        var world = new World(canary()).settle();
        var surge = new Problem("spec.strategy.canary.maxSurge", "-1", "is below 0", "use 0 or more");
        var weight = new Problem("spec.strategy.canary.steps[0].setWeight", "120", "is above 100", "use 0 to 100");
        world.problems = List.of(surge, weight, weight);
        world.generation++;
        world.tick();
        assertThat(of(world).sentence())
                .isEqualTo("Invalid – nothing moves until the spec is corrected: spec.strategy.canary.maxSurge: -1"
                        + " is below 0; use 0 or more (and 2 more).");
    }

    @Test
    void aValueThatReadsLikeOurOwnWordsIsToldWhole() {
        var world = new World(canary()).settle();
        var surge = new Problem("spec.a", "\"1 (and 3 more: \\\"x\"", "is no number", "use one");
        world.problems = List.of(surge, surge);
        world.generation++;
        world.tick();
        assertThat(of(world).why()).endsWith(": " + surge + " (and 1 more)");
    }

    @Test
    void aProblemThatIsTooLongEndsBehindAWordAndWithoutAFullStop() {
        var world = new World(canary()).settle();
        world.problems = List.of(new Problem(
                "spec.a", "", "is one word beside another ".repeat(20).strip(), "x"));
        world.generation++;
        world.tick();
        assertThat(of(world).sentence()).endsWith(" word…").hasSizeLessThan(220);
    }

    @Test
    void zeroPodsServeNobody() {
        var world = new World(canary());
        world.replicas = Optional.of(0);
        world.settle();
        assertThat(of(world).sentence()).isEqualTo("Healthy – scaled to 0 pods, so that nothing serves.");
    }

    @Test
    void whereNoPodIsAvailableNoTrafficIsAnywhere() {
        var world = new World(canary(weight(20), pause())).settle();
        world.broken.add("v1");
        world.podsCome();
        world.tick();
        assertThat(of(world).toString()).isEqualTo("Down – none of 10 pods is available. → wait");
    }

    @Test
    void podsThatRunWhileTheSpecIsInvalidAreCounted() {
        var world = pausedAt20();
        world.problems = List.of(new Problem("spec.strategy.canary.maxSurge", "-1", "is below 0", "use 0 or more"));
        world.generation++;
        world.broken.add("v1");
        world.podsCome();
        world.tick();
        assertThat(world.status.condition("InvalidSpec")).isPresent();
        assertThat(world.status)
                .extracting(RolloutStatus::replicas, RolloutStatus::updatedReplicas, RolloutStatus::availableReplicas)
                .containsExactly(10, 2, 2);
    }

    @Test
    void podsThatComeWhileTheSpecIsInvalidHaveComeInTime() {
        var world = new World(canary(weight(50), pause())).settle();
        world.broken.add("v2");
        world.deploy("v2");
        world.problems = List.of(new Problem("spec.strategy.canary.maxSurge", "-1", "is below 0", "use 0 or more"));
        world.generation++;
        world.tick();
        world.pass(Duration.ofMinutes(9)).broken.clear();
        world.podsCome();
        var then = world.now;
        world.tick();
        assertThat(world.status.condition("Progressing").orElseThrow().lastUpdate())
                .isEqualTo(then);
    }

    private static World restarted(World world) {
        world.pass(Duration.ofMinutes(1));
        world.restartAt = Optional.of(world.now);
        world.generation++;
        world.pass(Duration.ofSeconds(1));
        world.startUp = Duration.ofMinutes(1);
        world.tick();
        world.tick();
        return world;
    }

    @Test
    void aRestartWhosePodsAreMissingSaysThatFirst() {
        var world = new World(canary()).settle();
        world.restartAt = Optional.of(world.now);
        world.generation++;
        world.evictionsRefused = true;
        world.pass(Duration.ofSeconds(1)).tick();
        assertThat(of(world).toString())
                .isEqualTo("Restarting – the old pods are being replaced (10 of 10 pods available). → wait");
        world.evictionsRefused = false;
        assertThat(of(restarted(new World(canary()).settle())).sentence())
                .matches("Restarting – \\d of 10 pods are not available\\.");
    }

    @Test
    void aRestartInMidUpdateDoesNotHideTheUpdate() {
        var world = new World(canary(weight(50), pause())).settle();
        world.broken.add("v2");
        world.deploy("v2");
        restarted(world);
        assertThat(of(world).toString())
                .matches(
                        "Going to 50 % and restarting – \\d of 10 pods available. Next: a pause for you. → wait \\| abort");
        world.pass(Duration.ofMinutes(11));
        world.tick();
        world.pass(Duration.ofMinutes(11));
        world.tick();
        assertThat(of(world).sentence()).startsWith("Stuck at 50 % and restarting – no progress within 10m, ");
    }

    @Test
    void aRestartDoesNotHideAFailedAnalysis() {
        var check = new Step.Analyse(new AnalysisSpec(
                List.of(new AnalysisSpec.TemplateRef("errors", false)), dev.sluice.json.Json.Obj.EMPTY));
        var world = new World(canary(weight(50), check)).settle().deploy("v2");
        restarted(world);
        assertThat(of(world).state()).isEqualTo("Checking at 50 % and restarting");
        world.verdict(world.runs.getFirst().name(), AnalysisPhase.FAILED, "errors 0.3, limit 0.01");
        world.tick();
        world.tick();
        assertThat(of(world).sentence()).contains("errors 0.3, limit 0.01").doesNotContain("Restarting");
    }

    @Test
    void aPreviewWaitsForYou() {
        var world = new World(World.blueGreen(false)).settle().deploy("v2");
        assertThat(of(world).toString())
                .startsWith("Preview ready – waiting for you (")
                .endsWith("Next: the active Service switches to revision 2. → promote | abort");
        assertThat(Headline.askedWeight(world.observe().rollout())).isEqualTo(Optional.empty());
        assertThat(denial(world, UserAct.RETRY)).isEqualTo("it is not aborted; there is nothing to run again");
    }

    /// As after a promotion of the step whose pods never came.
    @Test
    void aPauseOverPodsThatAreNotAvailableOffersTheAbortFirst() {
        var world = pausedAt20();
        world.broken.add("v2");
        world.seen("v2", 2, 0);
        world.settle();
        assertThat(of(world).toString())
                .isEqualTo("Paused at 20 % – 2 of 10 pods are not available; waiting for you (7s). Next: 40 %."
                        + " → abort | promote");
    }

    @Test
    void aRolloutWithoutProgressIsStuck() {
        var world = new World(canary(weight(50), pause())).settle();
        world.broken.add("v2");
        world.deploy("v2");
        world.pass(Duration.ofMinutes(11)).settle();
        assertThat(of(world).toString())
                .startsWith("Stuck at 50 % – no progress within 10m, ")
                .endsWith("→ abort | undo");
    }
}
