package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What a Rollout does as Argo's manifests and tools expect it, row by row; the same on every cluster.
///
/// What comes before these, the whole stories, is in [RolloutContract].
interface ArgoRows {
    Json.Obj PAUSE = Json.obj("pause", Json.Obj.EMPTY);

    Cluster cluster();

    private static Json.Obj weight(int weight) {
        return Json.obj("setWeight", weight);
    }

    static Json.Obj canary(Json.Obj... steps) {
        return Json.obj("canary", Json.obj("steps", List.of(steps)));
    }

    @Test
    @Rows({"M01", "M06"})
    default void aRolloutHasTheColumnsAndSubresourcesThatToolsReadAndASelectorThatStays() throws IOException {
        try (var scene = Scene.on(cluster(), "kinds")) {
            scene.rollout(1, canary()).reaches("Healthy", "");
            assertThat(scene.columns()).startsWith("Name", "Desired", "Current", "Up-to-date", "Available", "Age");

            scene.scaleTo(2).reaches("Healthy", "").pods("v1", 2);
            assertThat(scene.status().at("HPAReplicas").integer(0)).isEqualTo(2);
            assertThat(scene.status().at("selector").string("")).isEqualTo("app=web");

            assertThat(scene.refused(Json.obj("selector", Json.obj("matchLabels", Json.obj("app", "other")))))
                    .contains("selector");
        }
    }

    @Test
    @Rows("M06")
    default void replicasThatAreLeftOutAreWrittenBack() {
        try (var scene = Scene.on(cluster(), "defaulted")) {
            scene.rolloutOf(Json.obj("strategy", canary()));
            scene.reaches("Healthy", "").pods("v1", 1);
            assertThat(scene.rollout().at("spec", "replicas").integer(0)).isEqualTo(1);
        }
    }

    @Test
    @Rows({"M02", "M03"})
    default void aRolloutThatIsWrongHarmsNoOther() {
        try (var scene = Scene.on(cluster(), "isolated")) {
            scene.other("wrong", canary(weight(101)));
            scene.other("misspelt", Json.obj("canary", Json.obj("stpes", List.of(weight(20)))));
            scene.rollout(1, canary()).reaches("Healthy", "");
            scene.otherSays("wrong", "InvalidSpec: The Rollout \"wrong\" is invalid:");
        }
    }

    @Test
    @Rows("M04")
    default void hashesAreThoseOfArgo() {
        try (var scene = Scene.on(cluster(), "hashes")) {
            var container = Json.obj(
                    "name",
                    "canary-scaledowndelay",
                    "image",
                    "nginx:1.19-alpine",
                    "ports",
                    List.of(Json.obj("name", "http", "containerPort", 80, "protocol", "TCP")),
                    "resources",
                    Json.obj("requests", Json.obj("cpu", "5m", "memory", "16Mi")));
            var labels = Json.obj("app", "canary-scaledowndelay");
            scene.rolloutOf(Json.obj(
                    "replicas",
                    1,
                    "selector",
                    Json.obj("matchLabels", labels),
                    "template",
                    Json.obj(
                            "metadata", Json.obj("labels", labels),
                            "spec", Json.obj("containers", List.of(container))),
                    "strategy",
                    canary(weight(50), PAUSE)));
            scene.reaches("Healthy", "");
            assertThat(scene.status().at("currentPodHash").string("")).isEqualTo("674d8cf959");
            assertThat(scene.status().at("currentStepHash").string("")).isEqualTo("757f5f97b");
            assertThat(scene.replicaSetNames()).containsExactly("web-674d8cf959");
        }
    }

    /// The API server completes the template of a ReplicaSet and writes its quantities its own way.
    @Test
    @Rows({"M04", "M05"})
    default void aRevisionWhoseReplicaSetHasTheNameOfAnotherHashIsNotMadeAgain() {
        try (var scene = Scene.on(cluster(), "alike")) {
            scene.rolloutOf(Json.obj("replicas", 0, "strategy", canary())
                    .with("selector", Json.obj("matchLabels", Json.obj("app", "web")))
                    .with("template", Json.parse("""
                            {"metadata": {"labels": {"app": "web"}},
                             "spec": {
                               "hostNetwork": true,
                               "serviceAccountName": "web",
                               "initContainers": [{"name": "first", "image": "demo/init@sha256:%s"}],
                               "containers": [{
                                 "name": "web", "image": "demo/web",
                                 "ports": [{"containerPort": 80}],
                                 "env": [{"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                                         {"name": "CPU", "valueFrom": {"resourceFieldRef":
                                           {"resource": "limits.cpu"}}}],
                                 "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}},
                                 "readinessProbe": {"httpGet": {"port": 80}},
                                 "livenessProbe": {"grpc": {"port": 81}, "periodSeconds": 3},
                                 "lifecycle": {"preStop": {"httpGet": {"port": "http"}}},
                                 "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}],
                               "volumes": [
                                 {"name": "tmp"},
                                 {"name": "config", "configMap": {"name": "web"}},
                                 {"name": "secret", "secret": {"secretName": "web"}},
                                 {"name": "host", "hostPath": {"path": "/var/lib/web"}},
                                 {"name": "token", "projected": {"sources": [
                                   {"serviceAccountToken": {"path": "token"}},
                                   {"downwardAPI": {"items": [
                                     {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}}]}}]}}
                            """.formatted("0".repeat(64)))));
            scene.reaches("Healthy", "");
            var first = scene.status().at("currentPodHash").string("");

            scene.status(Json.obj("collisionCount", 3));
            scene.spec(Json.obj("revisionHistoryLimit", 4));
            scene.reaches("Healthy", "");
            assertThat(scene.status().at("currentPodHash").string("")).isEqualTo(first);
            assertThat(scene.replicaSetNames()).containsExactly("web-" + first);
        }
    }

    @Test
    @Rows("M05")
    default void revisionsAreNumberedAndTheOldestAreForgotten() {
        try (var scene = Scene.on(cluster(), "history")) {
            scene.rolloutOf(Json.obj("replicas", 1, "revisionHistoryLimit", 1, "strategy", canary()));
            scene.reaches("Healthy", "");
            for (var version : List.of("v2", "v3"))
                scene.image(version).pods(version, 1).reaches("Healthy", "");
            scene.without("v1");
            scene.image("v2").pods("v2", 1).reaches("Healthy", "");
            var annotations = scene.set("v2").at("metadata", "annotations");
            assertThat(annotations.at(Names.REVISION).string("")).isEqualTo("4");
            assertThat(annotations.at(Names.REVISION_HISTORY).string("")).isEqualTo("2");
            assertThat(scene.rollout()
                            .at("metadata", "annotations", Names.REVISION)
                            .string(""))
                    .isEqualTo("4");
        }
    }

    @Test
    @Rows("M05")
    default void aTemplateThatHasAReplicaSetGetsNoOther() {
        try (var scene = Scene.on(cluster(), "oneset")) {
            scene.rollout(1, canary()).reaches("Healthy", "");
            scene.image("v2").pods("v2", 1).reaches("Healthy", "");
            var names = scene.replicaSetNames();
            scene.image("v1").pods("v1", 1).reaches("Healthy", "");
            assertThat(scene.replicaSetNames()).isEqualTo(names);
        }
    }

    @Test
    @Rows("M08")
    default void aCanaryBehindARouterIsSizedByItselfWhereTheStepsSaySo() {
        try (var scene = Scene.on(cluster(), "sized")) {
            var three = Json.obj("setCanaryScale", Json.obj("replicas", 3));
            scene.route().rollout(4, Scene.routed(List.of(three, weight(25), PAUSE)));
            scene.served(100, 0).reaches("Healthy", "");
            scene.image("v2")
                    .served(75, 25)
                    .reaches("Paused", "CanaryPauseStep")
                    .pods("v2", 3)
                    .pods("v1", 4);
        }
    }

    @Test
    @Rows("M09")
    default void theStableSideHasThePodsOfItsWeightWhereItIsToFollowIt() {
        try (var scene = Scene.on(cluster(), "following")) {
            var strategy =
                    Scene.routed(List.of(weight(50), PAUSE)).withAt(List.of("canary", "dynamicStableScale"), true);
            scene.route().rollout(4, strategy);
            scene.served(100, 0).reaches("Healthy", "");
            scene.image("v2")
                    .served(50, 50)
                    .reaches("Paused", "CanaryPauseStep")
                    .pods("v2", 2)
                    .pods("v1", 2);
            scene.status(Json.obj("abort", true));
            scene.served(100, 0).pods("v1", 4).pods("v2", 0).reaches("Degraded", "RolloutAborted");
        }
    }

    @Test
    @Rows({"M10", "M11"})
    default void podsOutliveTheirTrafficByADelayThatAnAnnotationTells() {
        try (var scene = Scene.on(cluster(), "delayed")) {
            var strategy = Scene.routed(List.of(weight(50), PAUSE))
                    .withAt(List.of("canary", "abortScaleDownDelaySeconds"), 600);
            scene.route().rollout(2, strategy);
            scene.served(100, 0).reaches("Healthy", "");
            scene.image("v2").served(50, 50).reaches("Paused", "CanaryPauseStep");
            scene.status(Json.obj("abort", true));
            scene.served(100, 0)
                    .reaches("Degraded", "RolloutAborted")
                    .deadlined("v2")
                    .pods("v2", 1);
            scene.status(Json.obj("abort", false));
            scene.served(50, 50).reaches("Paused", "CanaryPauseStep");
            assertThat(scene.set("v2")
                            .at("metadata", "annotations", Names.SCALE_DOWN_DEADLINE)
                            .isNull())
                    .isTrue();
        }
    }

    @Test
    @Rows({"M18", "M22"})
    default void aPauseIsOnRecordAndWhoeverPromotesSkipsOrPausesIsFollowed() {
        try (var scene = Scene.on(cluster(), "commands")) {
            scene.rollout(2, canary(weight(50), PAUSE, weight(50), PAUSE)).reaches("Healthy", "");
            scene.image("v2").reaches("Paused", "CanaryPauseStep");
            var status = scene.status();
            assertThat(status.at("controllerPause").bool(false)).isTrue();
            assertThat(status.at("pauseConditions").at(0).at("reason").string(""))
                    .isEqualTo("CanaryPauseStep");

            // As the plugin promotes.
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE, "currentStepIndex", 2));
            scene.at(3).reaches("Paused", "CanaryPauseStep");

            scene.spec(Json.obj("paused", true)).reaches("Paused", "manually paused");
            scene.status(Json.obj("promoteFull", true));
            scene.spec(Json.obj("paused", false)).pods("v2", 2).pods("v1", 0).reaches("Healthy", "");
            assertThat(scene.status().at("promoteFull").bool(false)).isFalse();
        }
    }

    @Test
    @Rows("M19")
    default void backToTheStableTemplateSkipsTheSteps() {
        try (var scene = Scene.on(cluster(), "skipped")) {
            scene.rollout(2, canary(weight(50), PAUSE)).reaches("Healthy", "");
            scene.image("v2").reaches("Paused", "CanaryPauseStep");
            scene.image("v1").pods("v1", 2).pods("v2", 0).reaches("Healthy", "");
            scene.tells("Rollback to stable ReplicaSets");
            assertThat(scene.status().at("currentStepIndex").integer(-1)).isEqualTo(2);
        }
    }

    @Test
    @Rows("M20")
    default void withinTheRollbackWindowNothingIsWaitedFor() {
        try (var scene = Scene.on(cluster(), "window")) {
            var strategy = Scene.routed(List.of(weight(50), PAUSE));
            scene.route();
            scene.rolloutOf(Json.obj("replicas", 1, "rollbackWindow", Json.obj("revisions", 2), "strategy", strategy));
            scene.served(100, 0).reaches("Healthy", "");
            scene.image("v2").served(50, 50).reaches("Paused", "CanaryPauseStep");
            scene.status(Json.obj("promoteFull", true));
            scene.selects("stable", "v2").served(100, 0).reaches("Healthy", "");
            // No step holds it; v1 is up yet, as its delay is not over.
            scene.image("v1").selects("stable", "v1").served(100, 0).reaches("Healthy", "");
            assertThat(scene.reasons(reasons -> reasons.contains("SkipSteps"))).contains("SkipSteps");
        }
    }

    @Test
    @Rows("M21")
    default void anotherTemplateOrSizeInTheMiddleOfAnUpdateIsFollowed() {
        try (var scene = Scene.on(cluster(), "midway")) {
            scene.rollout(2, canary(weight(50), PAUSE)).reaches("Healthy", "");
            scene.image("v2").reaches("Paused", "CanaryPauseStep").pods("v2", 1);
            scene.image("v3").pods("v3", 1).pods("v2", 0).pods("v1", 1).reaches("Paused", "CanaryPauseStep");
            scene.spec(Json.obj("replicas", 4)).pods("v3", 2).pods("v1", 2).reaches("Paused", "CanaryPauseStep");
            // Other steps are an update of their own, with the same pods.
            scene.spec(Json.obj("strategy", canary(weight(25), PAUSE)))
                    .pods("v3", 1)
                    .pods("v1", 3);
            scene.reaches("Paused", "CanaryPauseStep");
        }
    }

    @Test
    @Rows("M23")
    default void anUpdateThatMakesNoProgressIsTakenBackWhereThatIsAskedFor() {
        try (var scene = Scene.on(cluster(), "deadline")) {
            scene.rolloutOf(Json.obj(
                    "replicas",
                    2,
                    "progressDeadlineSeconds",
                    3,
                    "progressDeadlineAbort",
                    true,
                    "strategy",
                    canary(weight(50), PAUSE)));
            scene.reaches("Healthy", "");
            scene.image(Scene.NEVER_READY).reaches("Degraded", "RolloutAborted").pods("v1", 2);
            assertThat(scene.status().at("message").string("")).endsWith("has timed out progressing.");
        }
    }

    @Test
    @Rows("M27")
    default void aPreviewIsSmallUntilItIsPromoted() {
        try (var scene = Scene.on(cluster(), "preview")) {
            scene.service("web").service("preview");
            scene.rollout(
                    2,
                    Json.obj(
                            "blueGreen",
                            Json.obj(
                                    "activeService",
                                    "web",
                                    "previewService",
                                    "preview",
                                    "previewReplicaCount",
                                    1,
                                    "autoPromotionEnabled",
                                    false)));
            scene.reaches("Healthy", "").selects("web", "v1").selects("preview", "v1");
            scene.image("v2")
                    .reaches("Paused", "BlueGreenPause")
                    .selects("preview", "v2")
                    .selects("web", "v1");
            scene.pods("v2", 1);
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.selects("web", "v2").pods("v2", 2).reaches("Healthy", "");
        }
    }

    @Test
    @Rows({"M29", "M35"})
    default void anotherStrategyLetsGoOfTheServicesThatItDoesNotName() {
        try (var scene = Scene.on(cluster(), "switched")) {
            scene.service("web");
            scene.rollout(1, Json.obj("blueGreen", Json.obj("activeService", "web")))
                    .reaches("Healthy", "");
            scene.selects("web", "v1");
            assertThat(scene.serviceNamed("web")
                            .at("metadata", "annotations", Names.MANAGED_BY)
                            .string(""))
                    .isEqualTo("web");
            scene.spec(Json.obj("strategy", canary(weight(50), PAUSE).with("blueGreen", Json.Null.VALUE)));
            scene.selectsAll("web").reaches("Healthy", "");
            scene.image("v2").reaches("Paused", "CanaryPauseStep");
        }
    }

    @Test
    @Rows("M32")
    default void conditionsTellWhatScriptsWaitFor() {
        try (var scene = Scene.on(cluster(), "conditions")) {
            scene.rollout(1, canary(weight(50), PAUSE)).reaches("Healthy", "");
            assertThat(scene.conditions())
                    .contains(
                            "Available=True AvailableReason",
                            "Healthy=True RolloutHealthy",
                            "Completed=True RolloutCompleted",
                            "Progressing=True NewReplicaSetAvailable",
                            "Paused=False RolloutPaused");
            scene.image("v2").reaches("Paused", "CanaryPauseStep");
            assertThat(scene.conditions())
                    .contains(
                            "Healthy=False RolloutHealthy",
                            "Completed=False RolloutCompleted",
                            "Progressing=Unknown RolloutPaused",
                            "Paused=True RolloutPaused");
            scene.status(Json.obj("abort", true)).reaches("Degraded", "RolloutAborted");
            assertThat(scene.conditions()).contains("Progressing=False RolloutAborted");
        }
    }

    @Test
    @Rows("M33")
    default void aCanaryThatIsAbortedAndTriedAgainTellsEverythingInArgosOrder() {
        try (var scene = Scene.on(cluster(), "told")) {
            scene.rollout(2, canary(weight(50), PAUSE)).reaches("Healthy", "");
            scene.image("v2").reaches("Paused", "CanaryPauseStep");
            scene.status(Json.obj("abort", true)).pods("v2", 0).pods("v1", 2).reaches("Degraded", "RolloutAborted");
            scene.status(Json.obj("abort", false)).reaches("Paused", "CanaryPauseStep");
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE))
                    .pods("v1", 0)
                    .reaches("Healthy", "");
            // Words that were said before, at the second try, make the count of their Event greater.
            scene.tellsInOrder(List.of(
                    "RolloutUpdated",
                    "NewReplicaSetCreated",
                    "RolloutNotCompleted",
                    "ScalingReplicaSet",
                    "RolloutCompleted",
                    "RolloutUpdated",
                    "NewReplicaSetCreated",
                    "RolloutNotCompleted",
                    "ScalingReplicaSet",
                    "RolloutStepCompleted",
                    "RolloutPaused",
                    "ScalingReplicaSet",
                    "RolloutAborted",
                    "RolloutStepCompleted",
                    "RolloutResumed",
                    "ScalingReplicaSet",
                    "RolloutCompleted"));
        }
    }

    @Test
    @Rows("M33")
    default void aBlueGreenUpdateTellsEverythingInArgosOrder() {
        try (var scene = Scene.on(cluster(), "toldblue")) {
            scene.service("web").rollout(1, Json.obj("blueGreen", Json.obj("activeService", "web")));
            scene.reaches("Healthy", "");
            scene.image("v2").selects("web", "v2").reaches("Healthy", "");
            scene.tellsInOrder(List.of(
                    "RolloutUpdated",
                    "NewReplicaSetCreated",
                    "ScalingReplicaSet",
                    "RolloutCompleted",
                    "SwitchService",
                    "RolloutUpdated",
                    "NewReplicaSetCreated",
                    "RolloutNotCompleted",
                    "ScalingReplicaSet",
                    "SwitchService",
                    "RolloutCompleted"));
        }
    }

    @Test
    @Rows("M01")
    default void theFiveKindsAreServed() {
        try (var scene = Scene.on(cluster(), "served")) {
            assertThat(Stream.of(
                                    ResourceType.ROLLOUTS,
                                    ResourceType.ANALYSIS_RUNS,
                                    ResourceType.ANALYSIS_TEMPLATES,
                                    ResourceType.CLUSTER_ANALYSIS_TEMPLATES,
                                    ResourceType.EXPERIMENTS)
                            .filter(scene::serves))
                    .hasSize(5);
        }
    }
}
