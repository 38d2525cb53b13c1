package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a rollout does, the same on every cluster: whole stories, and [ArgoRows].
interface RolloutContract extends ArgoRows {
    @Test
    @Rows({"M07", "M12", "M22", "M34"})
    default void aCanaryPausesIsPromotedAndEndsWhole() {
        try (var scene = Scene.on(cluster(), "promoted")) {
            var steps = List.of(Json.obj("setWeight", 25), Json.obj("pause", Json.Obj.EMPTY));
            scene.rollout(4, Json.obj("canary", Json.obj("steps", steps)));
            scene.reaches("Healthy", "").pods("v1", 4);

            scene.image("v2");
            scene.reaches("Paused", "CanaryPauseStep").pods("v2", 1).pods("v1", 3);
            assertThat(scene.status().at("currentStepIndex").integer(-1)).isEqualTo(1);

            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.reaches("Healthy", "").pods("v2", 4).pods("v1", 0);
            assertThat(scene.status().at("duration", "completionStatus").string(""))
                    .isEqualTo("Promoted");
            assertThat(scene.reasons(reasons -> reasons.size() >= 8))
                    .contains("NewReplicaSetCreated", "RolloutStepCompleted", "RolloutPaused", "RolloutCompleted");
        }
    }

    @Test
    @Rows("M11")
    default void anAbortBringsEverybodyBackAndARetryGoesOn() {
        try (var scene = Scene.on(cluster(), "aborted")) {
            var steps = List.of(Json.obj("setWeight", 50), Json.obj("pause", Json.Obj.EMPTY));
            scene.rollout(2, Json.obj("canary", Json.obj("steps", steps)));
            scene.reaches("Healthy", "");
            scene.image("v2");
            scene.reaches("Paused", "CanaryPauseStep");

            scene.status(Json.obj("abort", true));
            scene.reaches("Degraded", "RolloutAborted").pods("v1", 2).pods("v2", 0);

            scene.status(Json.obj("abort", false));
            scene.reaches("Paused", "CanaryPauseStep").pods("v2", 1);
        }
    }

    /// The pods of the first version are there before they are stable pods of an update, and the canary's before they
    /// are stable ones.
    @Test
    @Rows("M25")
    default void podsHaveTheMetadataOfTheirSideAndKeepTheirRevision() {
        try (var scene = Scene.on(cluster(), "metadata")) {
            var strategy = Json.obj(
                    "steps",
                    List.of(Json.obj("setWeight", 50), Json.obj("pause", Json.Obj.EMPTY)),
                    "canaryMetadata",
                    Json.obj("labels", Json.obj("role", "canary"), "annotations", Json.obj("note", "new")),
                    "stableMetadata",
                    Json.obj("labels", Json.obj("role", "stable")));
            scene.rollout(2, Json.obj("canary", strategy));
            scene.reaches("Healthy", "").labelled("v1", "role", "stable");
            scene.image("v2");
            scene.reaches("Paused", "CanaryPauseStep").labelled("v2", "role", "canary");
            scene.labelled("v1", "role", "stable");
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.reaches("Healthy", "").pods("v2", 2).labelled("v2", "role", "stable");

            scene.spec(Json.obj("strategy", Json.obj("canary", Json.obj("stableMetadata", Json.Null.VALUE))));
            scene.labelled("v2", "role", "").reaches("Healthy", "").pods("v2", 2);
            scene.image("v1");
            scene.reaches("Paused", "CanaryPauseStep").labelled("v1", "role", "canary");
        }
    }

    @Test
    @Rows("M30")
    default void theNewestKeepsOffTheNodesOfTheStableOneDuringAnUpdate() {
        try (var scene = Scene.on(cluster(), "apart")) {
            var preference = Json.obj("preferredDuringSchedulingIgnoredDuringExecution", Json.obj("weight", 50));
            scene.service("web");
            scene.rollout(
                    1,
                    Json.obj(
                            "blueGreen",
                            Json.obj(
                                    "activeService",
                                    "web",
                                    "autoPromotionEnabled",
                                    false,
                                    "antiAffinity",
                                    preference)));
            scene.reaches("Healthy", "").apart("v1", 0);
            scene.image("v2");
            scene.reaches("Paused", "BlueGreenPause").apart("v2", 50).apart("v1", 0);
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.reaches("Healthy", "").selects("web", "v2").apart("v2", 0);
        }
    }

    @Test
    @Rows("M27")
    default void blueGreenSwitchesOnceAndIsBackAtOnce() {
        try (var scene = Scene.on(cluster(), "bluegreen")) {
            scene.service("web");
            scene.rollout(2, Json.obj("blueGreen", Json.obj("activeService", "web")));
            scene.reaches("Healthy", "").selects("web", "v1");
            scene.image("v2");
            scene.reaches("Healthy", "").selects("web", "v2").pods("v1", 2);
            scene.image("v1");
            scene.reaches("Healthy", "").selects("web", "v1");
        }
    }

    @Test
    @Rows("M28")
    default void aNewSideIsJudgedBeforeEverybodyIsSentToItAndWhileItServes() throws Exception {
        try (var scene = Scene.on(cluster(), "promotionanalysis");
                var site = new Site("{\"errors\": 1}")) {
            scene.service("web").template(errors(site));
            var judged = Scene.analysis().at("analysis");
            scene.rollout(
                    1,
                    Json.obj(
                            "blueGreen",
                            Json.obj(
                                    "activeService", "web",
                                    "prePromotionAnalysis", judged,
                                    "postPromotionAnalysis", judged)));
            scene.reaches("Healthy", "").selects("web", "v1");
            scene.image("v2");
            scene.reaches("Healthy", "").selects("web", "v2");
            var blueGreen = scene.status().at("blueGreen");
            assertThat(blueGreen.at("prePromotionAnalysisRunStatus", "status").string(""))
                    .isEqualTo("Successful");
            assertThat(blueGreen.at("postPromotionAnalysisRunStatus", "name").string(""))
                    .endsWith("-2-post");

            site.answers("{\"errors\": 7}");
            scene.image("v3");
            scene.reaches("Degraded", "RolloutAborted").selects("web", "v2");
            assertThat(scene.status().at("message").string("")).contains("pre-promotion analysis");
        }
    }

    @Test
    @Rows("M03")
    default void anInvalidSpecSaysEverythingThatIsWrongAndRecovers() {
        try (var scene = Scene.on(cluster(), "invalid")) {
            var wrong = List.of(Json.obj("setWeight", 120), Json.obj("pause", Json.obj("duration", "1d")));
            scene.rollout(1, Json.obj("canary", Json.obj("steps", wrong)));
            scene.reaches("Degraded", "InvalidSpec");
            assertThat(scene.status().at("message").string(""))
                    .contains("steps[0].setWeight: 120 is above the maximum 100")
                    .contains("steps[1].pause.duration");
            scene.spec(Json.obj("strategy", Json.obj("canary", Json.obj("steps", List.of()))));
            scene.reaches("Healthy", "");
        }
    }

    @Test
    default void twoDeploymentsOfTheUserTradePlacesStepByStep() {
        try (var scene = Scene.on(cluster(), "pair")) {
            scene.deployment("blue", "v1", 4).deployment("green", "v2", 0);
            scene.has("blue", 4);

            scene.pair("blue", "green", 4, List.of(Json.obj("setWeight", 25), Json.obj("pause", Json.Obj.EMPTY)));
            scene.reaches("Paused", "CanaryPauseStep").has("green", 1).has("blue", 3);
            assertThat(scene.status().at("serving").string("")).isEqualTo("blue");
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.reaches("Healthy", "").has("green", 4).has("blue", 0);
            assertThat(scene.status().at("serving").string("")).isEqualTo("green");
            assertThat(scene.reasons(reasons -> reasons.contains("RolloutCompleted")))
                    .contains("ScalingReplicaSet", "RolloutStepCompleted", "RolloutPaused");

            // What serves is rolled by Kubernetes; the next version goes into the other one.
            scene.deployment("green", Json.obj("minReadySeconds", 1)).reaches("Healthy", "");
            scene.spec(Json.obj("stable", "green", "canary", "blue"));
            scene.reaches("Paused", "CanaryPauseStep").has("green", 3).has("blue", 1);
            scene.status(Json.obj("promoteFull", true));
            scene.reaches("Healthy", "").has("blue", 4).has("green", 0);

            // An old one that is deleted is not missed.
            scene.withoutDeployment("green").spec(Json.obj("replicas", 2));
            scene.reaches("Healthy", "").has("blue", 2);
        }
    }

    @Test
    default void anAbortedPairGoesBackAndACanaryThatIsDeletedLeavesEverythingToTheOther() {
        try (var scene = Scene.on(cluster(), "pairback")) {
            scene.deployment("blue", "v1", 2).deployment("green", "v2", 1);
            scene.pair("blue", "green", 2, List.of(Json.obj("setWeight", 50), Json.obj("pause", Json.Obj.EMPTY)));
            scene.reaches("Paused", "CanaryPauseStep").has("green", 1).has("blue", 1);
            scene.status(Json.obj("abort", true));
            scene.reaches("Degraded", "RolloutAborted").has("blue", 2).has("green", 0);
            scene.status(Json.obj("abort", false));
            scene.reaches("Paused", "CanaryPauseStep").has("green", 1).has("blue", 1);
            scene.withoutDeployment("green").has("blue", 2).reaches("Degraded", "InvalidSpec");
            scene.spec(Json.obj("stable", "gone"));
            scene.reaches("Degraded", "InvalidSpec").has("blue", 2);
        }
    }

    @Test
    @Rows("M24")
    default void aRestartReplacesTheOnlyPodWhileAnotherServes() {
        try (var scene = Scene.on(cluster(), "restarted")) {
            scene.service("web");
            scene.rollout(1, Json.obj("blueGreen", Json.obj("activeService", "web")));
            scene.reaches("Healthy", "").selects("web", "v1").pods("v1", 1);
            var old = scene.podNames();

            // Creation times are whole seconds: what was made in this one is not older.
            var at =
                    Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.SECONDS).toString();
            scene.spec(Json.obj("restartAt", at));
            scene.tells("from 1 to 2").tells("from 2 to 1");
            scene.reaches("Healthy", "").pods("v1", 1);
            assertThat(scene.status().at("restartedAt").string("")).isEqualTo(at);
            assertThat(scene.podNames()).hasSize(1).doesNotContainAnyElementsOf(old);
        }
    }

    @Test
    default void aStableReplicaSetThatIsDeletedIsNotReplacedByAPromotion() {
        try (var scene = Scene.on(cluster(), "stablelost")) {
            var steps = List.of(Json.obj("setWeight", 50), Json.obj("pause", Json.Obj.EMPTY));
            scene.rollout(2, Json.obj("canary", Json.obj("steps", steps)));
            scene.reaches("Healthy", "");
            var stable = scene.status().at("stableRS").string("");
            scene.image("v2");
            scene.reaches("Paused", "CanaryPauseStep");

            scene.withoutReplicaSet("v1")
                    .reaches("Degraded", "StableReplicaSetMissing")
                    .pods("v2", 2);
            assertThat(scene.status().at("stableRS").string("")).isEqualTo(stable);
            scene.status(Json.obj("abort", true));
            assertThat(scene.reasons(reasons -> reasons.contains("AbortRefused")))
                    .contains("StableReplicaSetMissing");
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.reaches("Healthy", "").pods("v2", 2);
        }
    }

    @Test
    default void aTemplateThatIsRefusedSaysSoAndDoesNotCloseTheWayBack() {
        try (var scene = Scene.on(cluster(), "refused")) {
            var steps = List.of(Json.obj("setWeight", 50), Json.obj("pause", Json.Obj.EMPTY));
            scene.rollout(2, Json.obj("canary", Json.obj("steps", steps)));
            scene.reaches("Healthy", "");
            scene.image("v2");
            scene.reaches("Paused", "CanaryPauseStep").pods("v2", 1);

            scene.spec(restartPolicy("Never"));
            scene.reaches("Degraded", "ReplicaSetCreateError").pods("v1", 1).pods("v2", 1);
            assertThat(scene.status().at("message").string(""))
                    .contains("422 Invalid: ReplicaSet.apps \"web-")
                    .contains("spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: "
                            + "\"Always\"");
            assertThat(scene.reasons(reasons -> reasons.contains("ReplicaSetCreateError")))
                    .contains("ReplicaSetCreateError");

            scene.status(Json.obj("abort", true)).pods("v1", 2).pods("v2", 0);

            scene.spec(restartPolicy("Always")).image("v3");
            scene.reaches("Paused", "CanaryPauseStep").pods("v1", 1).pods("v3", 1);
        }
    }

    private static Json.Obj restartPolicy(String policy) {
        return Json.obj("template", Json.obj("spec", Json.obj("restartPolicy", policy)));
    }

    @Test
    @Rows("M06")
    default void aChangedSizeIsFollowed() {
        try (var scene = Scene.on(cluster(), "resized")) {
            scene.rollout(1, Json.obj("canary", Json.Obj.EMPTY));
            scene.reaches("Healthy", "").pods("v1", 1);
            scene.spec(Json.obj("replicas", 3));
            scene.reaches("Healthy", "").pods("v1", 3);
        }
    }

    @Test
    @Rows({"M08", "M12"})
    default void aCanaryByWeightOnAnHttpRouteGoesToTheEnd() {
        try (var scene = Scene.on(cluster(), "routed")) {
            var pause = Json.obj("pause", Json.Obj.EMPTY);
            var steps = List.of(Json.obj("setWeight", 25), pause, Json.obj("setWeight", 60), pause);
            scene.route().rollout(4, Scene.routed(steps));
            scene.served(100, 0).reaches("Healthy", "").selects("stable", "v1").selects("canary", "v1");

            scene.image("v2");
            scene.weighs(75, 25);
            assertThat(scene.status().at("currentStepIndex").integer(-1))
                    .as("before the data plane has taken it up")
                    .isZero();
            scene.served(75, 25).reaches("Paused", "CanaryPauseStep");
            scene.selects("stable", "v1").selects("canary", "v2").pods("v1", 4).pods("v2", 1);

            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.served(40, 60).reaches("Paused", "CanaryPauseStep").pods("v2", 3);

            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.served(0, 100).selects("stable", "v2").served(100, 0);
            scene.reaches("Healthy", "").pods("v2", 4);
        }
    }

    @Test
    @Rows("M11")
    default void anAbortTakesTheWeightOfTheRouteBack() {
        try (var scene = Scene.on(cluster(), "routedback")) {
            var steps = List.of(Json.obj("setWeight", 50), Json.obj("pause", Json.Obj.EMPTY));
            scene.route().rollout(2, Scene.routed(steps));
            scene.served(100, 0).reaches("Healthy", "");
            scene.image("v2");
            scene.served(50, 50).reaches("Paused", "CanaryPauseStep");

            scene.status(Json.obj("abort", true));
            scene.served(100, 0).reaches("Degraded", "RolloutAborted").selects("stable", "v1");
            scene.pods("v1", 2);
        }
    }

    @Test
    @Rows("M13")
    default void anAnalysisStepWhoseJobEndsWellLetsTheRolloutGoOn() {
        try (var scene = Scene.on(cluster(), "jobpasses")) {
            scene.template(Scene.job("sleep 1; exit 0"));
            scene.rollout(2, ArgoRows.canary(Json.obj("setWeight", 50), Scene.analysis()));
            scene.reaches("Healthy", "");
            scene.image("v2");
            scene.analysed("Successful").reaches("Healthy", "").pods("v2", 2).pods("v1", 0);
        }
    }

    @Test
    @Rows("M13")
    default void anAnalysisStepWhoseJobFailsGoesBack() {
        try (var scene = Scene.on(cluster(), "jobfails")) {
            scene.template(Scene.job("exit 1"));
            scene.rollout(2, ArgoRows.canary(Json.obj("setWeight", 50), Scene.analysis()));
            scene.reaches("Healthy", "");
            scene.image("v2");
            scene.analysed("Failed")
                    .reaches("Degraded", "RolloutAborted")
                    .pods("v1", 2)
                    .pods("v2", 0);
            assertThat(scene.reasons(reasons -> reasons.contains("RolloutAborted")))
                    .contains("AnalysisRunFailed");
        }
    }

    @Test
    @Rows("M13")
    default void anAnalysisStepAsksAWebServerAndItsAnswerDecides() throws Exception {
        try (var scene = Scene.on(cluster(), "webmetric");
                var site = new Site("{\"errors\": 1}")) {
            scene.template(errors(site));
            scene.rollout(2, ArgoRows.canary(Json.obj("setWeight", 50), Scene.analysis()));
            scene.reaches("Healthy", "");
            scene.image("v2");
            scene.analysed("Successful").reaches("Healthy", "").pods("v2", 2);

            site.answers("{\"errors\": 7}");
            scene.image("v3");
            scene.reaches("Degraded", "RolloutAborted").pods("v2", 2).pods("v3", 0);
        }
    }

    @Test
    @Rows("M26")
    default void aRolloutTakesOverFromADeploymentOnceItIsHealthyAndFollowsItsTemplate() {
        try (var scene = Scene.on(cluster(), "refsuccess")) {
            scene.deployment("old", "v1", 3).has("old", 3);
            scene.rolloutOf(
                    "old", "onsuccess", 3, List.of(Json.obj("setWeight", 34), Json.obj("pause", Json.Obj.EMPTY)));
            scene.reaches("Healthy", "").pods("v1", 3).has("old", 0).hasSeen("old");
            assertThat(scene.spec().obj().has("template")).isFalse();
            assertThat(scene.spec().obj().has("selector")).isFalse();
            assertThat(scene.reasons(reasons -> reasons.contains("ScalingWorkload")))
                    .doesNotContain("SharedLabels");

            scene.image("old", "v2");
            scene.reaches("Paused", "CanaryPauseStep")
                    .pods("v2", 1)
                    .pods("v1", 2)
                    .hasSeen("old");
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.reaches("Healthy", "").pods("v2", 3).pods("v1", 0);

            // What scales it up later is not fought.
            scene.deployment("old", Json.obj("replicas", 1)).has("old", 1).hasSeen("old");
            scene.reaches("Healthy", "").has("old", 1);
        }
    }

    @Test
    @Rows("M26")
    default void aDeploymentGivesWayPodByPodAndThereAreNeverFewerThanBefore() {
        try (var scene = Scene.on(cluster(), "refprogress")) {
            scene.deployment("old", "v1", 4).has("old", 4);
            scene.rolloutOf("old", "progressively", 4, List.of());
            for (long serving = scene.serving(); !scene.hasNone("old"); serving = scene.serving()) {
                assertThat(serving).isGreaterThanOrEqualTo(4);
            }
            scene.reaches("Healthy", "").pods("v1", 4).has("old", 0).hasSeen("old");
        }
    }

    @Test
    @Rows("M26")
    default void aDeploymentThatShallNeverGiveWayIsLeftAlone() {
        try (var scene = Scene.on(cluster(), "refnever")) {
            scene.deployment("old", "v1", 2).has("old", 2);
            scene.rolloutOf("old", "never", 2, List.of());
            scene.reaches("Healthy", "").pods("v1", 2).has("old", 2);
            scene.image("old", "v2");
            scene.pods("v2", 2).reaches("Healthy", "").has("old", 2).hasSeen("old");
        }
    }

    @Test
    @Rows("M26")
    default void aWorkloadThatIsMissingIsToldAndTheRolloutGoesOnWhenItIsCreated() {
        try (var scene = Scene.on(cluster(), "refmissing")) {
            scene.rolloutOf("old", "never", 1, List.of());
            scene.reaches("Degraded", "InvalidSpec");
            assertThat(scene.status().at("message").string("")).contains("Deployment \"old\" not found; create it");
            scene.deployment("old", "v1", 0);
            scene.reaches("Healthy", "").pods("v1", 1);
        }
    }

    @Test
    @Rows("M26")
    default void aPodTemplateGivesItsTemplateToo() {
        try (var scene = Scene.on(cluster(), "refpodtemplate")) {
            scene.rolloutOfPodTemplate("old", 2).reaches("Healthy", "").pods("v1", 2);
        }
    }

    /// Fewer than five of them are good.
    private static Json.Obj errors(Site site) {
        return Json.obj(
                "name",
                "check",
                "successCondition",
                "result < 5",
                "provider",
                Json.obj("web", Json.obj("url", site.url(), "jsonPath", "{$.errors}")));
    }
}
