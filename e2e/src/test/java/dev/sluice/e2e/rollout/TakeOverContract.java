package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.rollout.hash.PodTemplateHash;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What an Argo Rollouts controller has begun goes on from where it stands: no pod is replaced, no step is repeated, no
/// ReplicaSet and no AnalysisRun is made twice, and nothing is written that Argo would not write.
interface TakeOverContract {
    Cluster cluster();

    @Test
    default void aCanaryThatWaitsForAPersonGoesOnWaitingAndThenToTheNextStep() throws IOException {
        try (var taken = new TakeOver(cluster(), "takepaused", Snapshot.of("canary-paused"))) {
            taken.looked().hasKeptAll();
            saysThatTheWeightsAreServed(taken);

            var scene = taken.scene();
            scene.withDataPlane().status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.at(3).reaches("Paused", "CanaryPauseStep").weighs(40, 60).pods("v2", 3);
            taken.hasKeptItsPods();
        }
    }

    /// It is all that was written. Argo's plugin for the Gateway API does not look at what the data plane has taken up,
    /// so that this field of the status is absent.
    private static void saysThatTheWeightsAreServed(TakeOver taken) {
        assertThat(taken.written()).containsExactly("patch rollouts/web:status");
        assertThat(taken.writes().getFirst().body().at("status"))
                .isEqualTo(Json.parse("{\"canary\": {\"weights\": {\"verified\": true}}}"));
    }

    @Test
    default void aTimedPauseEndsWhenItsRestIsOver() throws IOException {
        try (var taken = new TakeOver(cluster(), "taketimed", Snapshot.of("canary-timed"))) {
            taken.looked();
            // The whole pause is of five minutes, longer than this waits.
            taken.scene().at(2).reaches("Paused", "CanaryPauseStep");
            var since = Instant.parse(
                    taken.before().at("pauseConditions").at(0).at("startTime").string(""));
            assertThat(taken.writes().getFirst().at()).isAfterOrEqualTo(since.plusSeconds(300));
            assertThat(taken.written())
                    .as("but for the next pause there is nothing to do")
                    .allMatch(write -> write.equals("patch rollouts/web:status") || write.startsWith("tell "));
            taken.hasKeptAll();
        }
    }

    @Test
    default void podsThatWaitForTheirDeadlineGoWhenItIsOver() throws IOException {
        try (var taken = new TakeOver(cluster(), "takedelayed", Snapshot.of("bluegreen-promoted"))) {
            var scene = taken.scene();
            var deadline = Instant.parse(scene.set("v1")
                    .at("metadata", "annotations", Names.SCALE_DOWN_DEADLINE)
                    .string(""));
            scene.pods("v1", 0).pods("v2", 2).reaches("Healthy", "");
            scene.selects("active", "v2").selects("preview", "v2");
            var scaled = taken.first("patch replicasets/web-6cb9c4958f", 0, "spec", "replicas");
            assertThat(scaled.at()).isAfterOrEqualTo(deadline);
            assertThat(taken.writes().getFirst())
                    .as("nothing was written before")
                    .isEqualTo(scaled);
            taken.hasKeptItsSets();
        }
    }

    @Test
    default void anAnalysisRunThatIsUnderWayIsTheOneThatIsJudged() throws Exception {
        try (var site = new Site("{\"errors\": 1}");
                var taken = new TakeOver(cluster(), "takeanalysed", Snapshot.of("canary-analysed", site))) {
            var scene = taken.scene();
            scene.analysed("Successful").at(2).reaches("Paused", "CanaryPauseStep");
            assertThat(taken.written()).doesNotContain("create analysisruns/web-55bb45d7d-2-1");
            var measured =
                    scene.analysisRun().at("status", "metricResults").at(0).at("measurements");
            assertThat(measured.items()).hasSize(3);
            assertThat(measured.at(0).at("value").string("")).isEqualTo("4");
            taken.hasKeptAll();
        }
    }

    @Test
    default void anAnalysisRunThatFailsAfterwardsTakesTheUpdateBack() throws Exception {
        try (var site = new Site("{\"errors\": 7}");
                var taken = new TakeOver(cluster(), "takefailed", Snapshot.of("canary-analysed", site))) {
            taken.scene().analysed("Failed").reaches("Degraded", "RolloutAborted");
            taken.scene().pods("v1", 2).pods("v2", 0);
            taken.hasKeptItsSets();
        }
    }

    @Test
    default void anAnalysisRunThatHasEndedMeanwhileIsTheVerdict() throws Exception {
        try (var site = new Site("{\"errors\": 7}");
                var taken = new TakeOver(cluster(), "takejudged", Snapshot.of("canary-analysis-ended", site))) {
            taken.scene().at(2).reaches("Paused", "CanaryPauseStep");
            taken.scene().analysed("Successful");
            taken.hasKeptAll();
        }
    }

    @Test
    default void anAbortedUpdateStaysAbortedAndCanBeRetried() throws IOException {
        try (var taken = new TakeOver(cluster(), "takeaborted", Snapshot.of("canary-aborted"))) {
            taken.isLeftAlone();
            assertThat(taken.scene().status()).isEqualTo(taken.before());

            taken.scene().status(Json.obj("abort", false));
            taken.scene()
                    .at(1)
                    .reaches("Paused", "CanaryPauseStep")
                    .pods("v2", 1)
                    .pods("v1", 1);
            taken.hasKeptItsSets();
        }
    }

    @Test
    default void aRevisionWhoseHashCollidedKeepsItsReplicaSet() throws IOException {
        try (var taken = new TakeOver(cluster(), "takecollided", Snapshot.of("canary-collided"))) {
            taken.isLeftAlone();

            var scene = taken.scene();
            scene.image("v3").pods("v3", 1).pods("v2", 0).reaches("Paused", "CanaryPauseStep");
            assertThat(scene.set("v3").at("metadata", "labels", Names.HASH).string(""))
                    .as("further revisions have the count in their hash")
                    .isEqualTo(PodTemplateHash.of(scene.spec().at("template"), Optional.of(1)));
        }
    }

    /// The libraries that Argo was built with before hashed a template otherwise: it is found by what it says.
    @Test
    default void aRevisionOfAnOlderControllerKeepsItsReplicaSet() throws IOException {
        try (var taken = new TakeOver(cluster(), "takeolder", Snapshot.ofOlder("canary-older"))) {
            taken.isLeftAlone();

            var scene = taken.scene();
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.reaches("Healthy", "").pods("v2", 2).pods("v1", 0);
            taken.hasKeptItsSets();
        }
    }

    @Test
    default void aBlueGreenRolloutAtRestIsNotWrittenTo() throws IOException {
        try (var taken = new TakeOver(cluster(), "takebluegreen", Snapshot.of("bluegreen-healthy"))) {
            taken.isLeftAlone();
            assertThat(taken.scene().status()).isEqualTo(taken.before());
        }
    }

    @Test
    default void aCanaryAtRestIsNotWrittenToButForWhatItsRouteServes() throws IOException {
        try (var taken = new TakeOver(cluster(), "takecanary", Snapshot.of("canary-healthy"))) {
            taken.looked().hasKeptAll();
            saysThatTheWeightsAreServed(taken);
        }
    }
}
