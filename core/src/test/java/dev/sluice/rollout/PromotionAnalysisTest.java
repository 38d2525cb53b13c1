package dev.sluice.rollout;

import static dev.sluice.rollout.World.analysis;
import static dev.sluice.rollout.World.blueGreen;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Blue-green with a judgement before everybody goes to the new side, and one after.
///
/// @see "Argo Rollouts spec B11, B18"
class PromotionAnalysisTest {
    private static final Optional<AnalysisSpec> NO_ANALYSIS = Optional.empty();

    private static World judgedBefore(Strategy.BlueGreen blueGreen) {
        return new World(World.judged(blueGreen, Optional.of(analysis("smoke")), NO_ANALYSIS)).settle();
    }

    private static World judgedAfter() {
        return new World(World.judged(blueGreen(true), NO_ANALYSIS, Optional.of(analysis("errors")))).settle();
    }

    /// The last run ends so, and what that leads to.
    private static void ends(World world, AnalysisPhase phase, String message) {
        world.verdict(last(world), phase, message);
        world.settle();
    }

    private static String last(World world) {
        return world.runs.getLast().name();
    }

    @Test
    void theFirstRevisionIsJudgedByNobody() {
        var world = judgedBefore(blueGreen(true));
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.runs).isEmpty();
    }

    @Test
    void whereNoRevisionWasEverStableNoneIsJudged() {
        var both = World.judged(blueGreen(true), Optional.of(analysis("smoke")), Optional.of(analysis("errors")));
        var world = new World(both);
        world.hash = "v2";
        // It was aborted before it was stable, and the active Service selects it all the same.
        world.services.put("web", new Observation.ServiceSeen("web", "2", Optional.of("v1"), Optional.of("web")));
        world.settle();
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.status.stableRS()).isEqualTo("v2");
        assertThat(world.runs).isEmpty();
    }

    @Test
    void nobodyIsSentToANewSideThatHasNotProvenItself() {
        var world = judgedBefore(blueGreen(true));
        world.deploy("v2");
        assertThat(last(world)).isEqualTo("web-v2-2-pre");
        assertThat(world.runs.getLast().kind()).isEqualTo(Observation.AnalysisKind.PRE_PROMOTION);
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.message()).isEqualTo("active service cutover pending");
        assertThat(headline(world)).isEqualTo("Checking revision 2 – analysis web-v2-2-pre is running. → wait | abort");

        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.blueGreen().preRun().map(RolloutStatus.RunStatus::phase))
                .as("stays on record")
                .contains(AnalysisPhase.SUCCESSFUL);
        assertThat(world.events).contains("AnalysisRunPending", "AnalysisRunRunning", "AnalysisRunSuccessful");
    }

    @Test
    void aVerdictIsOnRecordAlsoWhereTheControllerDiedAfterItHadMovedEverybody() {
        var world = judgedBefore(blueGreen(true));
        world.deploy("v2");
        world.verdict(last(world), AnalysisPhase.SUCCESSFUL, "");
        world.services.put("web", new Observation.ServiceSeen("web", "9", Optional.of("v2"), Optional.of("web")));
        world.settle();
        assertThat(world.status.phase()).isEqualTo("Healthy");
        assertThat(world.status.blueGreen().preRun().map(RolloutStatus.RunStatus::phase))
                .as("a run that goes on would hold the deadline off for ever")
                .contains(AnalysisPhase.SUCCESSFUL);
        assertThat(world.events).contains("AnalysisRunSuccessful");
    }

    @Test
    void itIsNotBegunBeforeTheNewSideHasItsPods() {
        var world = judgedBefore(blueGreen(true));
        world.broken.add("v2");
        world.deploy("v2");
        assertThat(world.runs).isEmpty();
        world.broken.clear();
        world.podsCome();
        world.settle();
        assertThat(world.runs).hasSize(1);
    }

    @Test
    void aPreviewIsJudgedBeforeItGrows() {
        var world = judgedBefore(blueGreen(true, Optional.of("web-preview"), Optional.of(2)));
        world.deploy("v2");
        assertThat(world.runs).hasSize(1);
        assertThat(world.pods("v2")).isEqualTo(2);
        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.serves("web")).isEqualTo("v2");
    }

    @Test
    void aNewSideThatFailsNeverServes() {
        var world = judgedBefore(blueGreen(true));
        world.afterEachWrite = () -> assertThat(world.serves("web")).isEqualTo("v1");
        world.deploy("v2");
        ends(world, AnalysisPhase.FAILED, "smoke failed");
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.message())
                .isEqualTo("RolloutAborted: Rollout aborted update to revision 2: Blue/green pre-promotion analysis"
                        + " phase error/failed: smoke failed");
    }

    @Test
    void aHumanIsAskedOnlyAboutWhatHasProvenItself() {
        var world = judgedBefore(blueGreen(false));
        world.deploy("v2");
        assertThat(world.status.pauseConditions()).isEmpty();
        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.status.message()).isEqualTo("BlueGreenPause");
        assertThat(world.serves("web")).isEqualTo("v1");
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.serves("web")).isEqualTo("v2");
    }

    @Test
    void withoutAVerdictWhoeverResumesAsksForAnotherMeasurement() {
        var world = judgedBefore(blueGreen(false));
        world.deploy("v2");
        ends(world, AnalysisPhase.INCONCLUSIVE, "");
        assertThat(world.status.message()).isEqualTo("InconclusiveAnalysisRun");

        world.command(World.StatusEdit::resume).settle();
        assertThat(last(world)).isEqualTo("web-v2-2-pre.1");
        assertThat(world.serves("web")).as("that was no promotion").isEqualTo("v1");

        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.status.message()).isEqualTo("BlueGreenPause");
        assertThat(world.serves("web")).isEqualTo("v1");
        world.command(World.StatusEdit::resume).settle();
        assertThat(world.serves("web")).isEqualTo("v2");
    }

    @Test
    void aRetryIsJudgedAnew() {
        var world = judgedBefore(blueGreen(true));
        world.deploy("v2");
        ends(world, AnalysisPhase.FAILED, "");
        world.command(status -> status.abort(false)).settle();
        assertThat(last(world)).isEqualTo("web-v2-2-pre.1");
        assertThat(world.status.phase()).isEqualTo("Progressing");
        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.serves("web")).isEqualTo("v2");
    }

    @Test
    void aRetryWhosePodsAreGoneIsNotJudgedByTheVerdictBefore() {
        var world = judgedBefore(blueGreen(true));
        world.deploy("v2");
        ends(world, AnalysisPhase.FAILED, "");
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v2")).isZero();
        world.command(status -> status.abort(false)).settle();
        assertThat(last(world)).isEqualTo("web-v2-2-pre.1");
        assertThat(world.status.abort()).isFalse();
    }

    @Test
    void aFullPromotionWaitsForNoVerdict() {
        var world = judgedBefore(blueGreen(false));
        world.deploy("v2");
        world.command(World.StatusEdit::promoteFull).settle();
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.log).contains("TerminateAnalysis (AnalysisOutdated)");
    }

    @Test
    void theWayBackIsNotJudged() {
        var world = judgedBefore(blueGreen(true));
        world.deploy("v2");
        ends(world, AnalysisPhase.SUCCESSFUL, "");
        world.deploy("v1");
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.runs).hasSize(1);
    }

    @Test
    void aNewTemplateIsJudgedForItself() {
        var world = judgedBefore(blueGreen(true));
        world.deploy("v2");
        world.deploy("v3");
        assertThat(last(world)).isEqualTo("web-v3-3-pre");
        assertThat(world.runs.getFirst().phase().completed()).as("that of v2").isTrue();
        assertThat(world.serves("web")).isEqualTo("v1");
        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.serves("web")).isEqualTo("v3");
    }

    @Test
    void whileTheNewSideIsJudgedTheDeadlineDoesNotRun() {
        var world = judgedBefore(blueGreen(true));
        world.progressDeadlineAbort = true;
        world.deploy("v2");
        world.pass(Duration.ofHours(1)).settle();
        assertThat(world.status.abort()).isFalse();
        assertThat(world.status.phase()).isEqualTo("Progressing");
    }

    @Test
    void aNewSideThatServesIsStableOnlyWhenItHasProvenItself() {
        var world = judgedAfter();
        world.deploy("v2");
        assertThat(last(world)).isEqualTo("web-v2-2-post");
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.status.message()).isEqualTo("waiting for analysis to complete");
        assertThat(headline(world))
                .isEqualTo("Checking revision 2, which serves – analysis web-v2-2-post is running."
                        + " Next: revision 2 becomes the stable one. → wait | abort");
        world.pass(Duration.ofMinutes(5)).settle();
        assertThat(world.pods("v1")).as("the way back").isEqualTo(10);

        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.status.stableRS()).isEqualTo("v2");
        assertThat(world.status.phase()).isEqualTo("Healthy");
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v1")).isZero();
    }

    @Test
    void aNewSideThatFailsWhileItServesGivesEverybodyBackAtOnce() {
        var world = judgedAfter();
        world.deploy("v2");
        world.verdict(last(world), AnalysisPhase.FAILED, "too many errors");
        var decision = world.tick();
        assertThat(decision.actions()).anyMatch(Action.SwitchService.class::isInstance);
        world.settle();
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.message())
                .isEqualTo("RolloutAborted: Rollout aborted update to revision 2: Blue/green post-promotion analysis"
                        + " phase error/failed: too many errors");
        world.pass(Duration.ofSeconds(31)).settle();
        assertThat(world.pods("v2")).isZero();
    }

    @Test
    void aFailureThatTookEverybodyBackStandsAlsoWhereTheControllerDiedAfterwards() {
        var world = judgedAfter();
        world.deploy("v2");
        world.verdict(last(world), AnalysisPhase.FAILED, "too many errors");
        world.services.put("web", new Observation.ServiceSeen("web", "9", Optional.of("v1"), Optional.of("web")));
        var decision = world.tick();
        assertThat(decision.actions()).noneMatch(Action.SwitchService.class::isInstance);
        assertThat(decision.status().abort()).isTrue();
        world.settle();
        assertThat(world.serves("web")).isEqualTo("v1");
        assertThat(world.status.message()).endsWith("phase error/failed: too many errors");
    }

    @Test
    void asLongAsTheNewSideIsJudgedTheRevisionsBeforeTheStableOneStayUpToo() {
        var world = judgedAfter();
        world.deploy("v2");
        ends(world, AnalysisPhase.SUCCESSFUL, "");
        world.deploy("v3");
        world.pass(Duration.ofMinutes(5)).settle();
        assertThat(world.pods("v1")).isEqualTo(10);
        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.pods("v1")).isZero();
        assertThat(world.pods("v2")).isEqualTo(10);
    }

    private static String headline(World world) {
        return Headline.of(world.observe().rollout(), world.now).toString();
    }

    @Test
    void whatServesBeforeItsTimeProvesItselfAfterwards() {
        var world = judgedBefore(blueGreen(true));
        world.broken.add("v2");
        world.deploy("v2");
        world.replicaSets.remove("v1");
        world.broken.clear();
        world.podsCome();
        world.settle();
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.status.stableRS()).as("nobody has found it good yet").isEqualTo("v1");
        assertThat(last(world)).isEqualTo("web-v2-2-pre");
        ends(world, AnalysisPhase.SUCCESSFUL, "");
        assertThat(world.status.stableRS()).isEqualTo("v2");
        assertThat(world.status.phase()).isEqualTo("Healthy");
    }

    @Test
    void withTheStableSideDeletedAFailureIsOnRecordAndTakesNothingAway() {
        var world = judgedAfter();
        world.deploy("v2");
        world.replicaSets.remove("v1");
        world.settle();
        ends(world, AnalysisPhase.FAILED, "too many errors");
        assertThat(world.serves("web")).isEqualTo("v2");
        assertThat(world.pods("v2")).isEqualTo(10);
        assertThat(world.status.stableRS()).isEqualTo("v1");
        assertThat(world.runs).hasSize(1);
    }
}
