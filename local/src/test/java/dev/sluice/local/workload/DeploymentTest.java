package dev.sluice.local.workload;

import static dev.sluice.local.workload.SimulatedCluster.deployment;
import static dev.sluice.local.workload.SimulatedCluster.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeploymentTest {
    private final SimulatedCluster cluster = new SimulatedCluster();

    @AfterEach
    void nothingIsLeft() {
        cluster.close();
    }

    @Test
    void threePodsBecomeAvailable() {
        cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 3, "demo/web:v1"));

        cluster.until("complete", () -> complete("web", 3));

        var status = cluster.get(ResourceType.DEPLOYMENTS, "web").at("status");
        assertThat(status.at("readyReplicas").integer(0)).isEqualTo(3);
        assertThat(status.at("unavailableReplicas").isNull()).isTrue();
        assertThat(condition("Available").at("reason").string("")).isEqualTo("MinimumReplicasAvailable");
        assertThat(condition("Progressing").at("reason").string("")).isEqualTo("NewReplicaSetAvailable");
        assertThat(cluster.get(ResourceType.DEPLOYMENTS, "web")
                        .at("metadata", "annotations", DeploymentController.REVISION)
                        .string(""))
                .isEqualTo("1");
        assertThat(Meta.generation(cluster.get(ResourceType.DEPLOYMENTS, "web")))
                .as("nobody wanted anything else meanwhile")
                .isEqualTo(1);
        assertThat(cluster.reasons("Deployment", "web")).containsExactly("ScalingReplicaSet");
        var set = cluster.list(ResourceType.REPLICA_SETS).getFirst();
        assertThat(Meta.name(set)).isEqualTo("web-" + Meta.labels(set).get("pod-template-hash"));
        assertThat(cluster.pods("web")).allSatisfy(pod -> {
            assertThat(Meta.name(pod)).matches(Meta.name(set) + "-[a-z0-9]{5}");
            assertThat(pod.at("status", "podIP").string("")).startsWith("127.64.");
        });
    }

    @Test
    void aRollingUpdateKeepsWhatItPromises() {
        cluster.create(
                ResourceType.DEPLOYMENTS,
                deployment("web", 10, "demo/web:v1")
                        .withAt(
                                List.of("spec", "strategy"),
                                Json.obj(
                                        "type",
                                        "RollingUpdate",
                                        "rollingUpdate",
                                        Json.obj("maxSurge", 2, "maxUnavailable", "20%"))));
        cluster.until("complete", () -> complete("web", 10));

        cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v2"));
        cluster.until("rolled out", () -> {
            // Seen after every task of the simulation.
            assertThat(cluster.readyPods("web")).hasSizeGreaterThanOrEqualTo(8);
            assertThat(cluster.pods("web").stream().filter(Pods::active)).hasSizeLessThanOrEqualTo(12);
            return complete("web", 10);
        });

        assertThat(cluster.readyPods("web"))
                .allSatisfy(pod -> assertThat(PodImage.of(pod)).isEqualTo("demo/web:v2"));
    }

    @Test
    void aTemplateThatReturnsIsARollbackToItsSet() {
        cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 2, "demo/web:v1"));
        cluster.until("complete", () -> complete("web", 2));
        var first = Meta.name(cluster.list(ResourceType.REPLICA_SETS).getFirst());
        cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v2"));
        cluster.until("v2", () -> complete("web", 2));

        cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v1"));
        cluster.until("v1 again", () -> complete("web", 2));

        assertThat(cluster.list(ResourceType.REPLICA_SETS)).hasSize(2);
        var set = cluster.get(ResourceType.REPLICA_SETS, first);
        assertThat(set.at("spec", "replicas").integer(0)).isEqualTo(2);
        assertThat(Meta.annotation(set, DeploymentController.REVISION)).contains("3");
        assertThat(Meta.annotation(set, "deployment.kubernetes.io/revision-history"))
                .contains("1");
    }

    @Test
    void recreateLetsTheOldPodsGoBeforeTheNewOnesCome() {
        cluster.create(
                ResourceType.DEPLOYMENTS,
                deployment("web", 3, "demo/web:v1").withAt(List.of("spec", "strategy"), Json.obj("type", "Recreate")));
        cluster.until("complete", () -> complete("web", 3));

        cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v2"));
        cluster.until("rolled out", () -> {
            // A pod whose containers have ended runs no more, though its object may linger.
            var images = cluster.pods("web").stream()
                    .filter(pod -> !Pods.finished(pod))
                    .map(PodImage::of)
                    .distinct()
                    .toList();
            assertThat(images).hasSizeLessThanOrEqualTo(1);
            return complete("web", 3) && images.equals(List.of("demo/web:v2"));
        });
    }

    @Test
    void aPausedDeploymentScalesButDoesNotRollOut() {
        cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 2, "demo/web:v1"));
        cluster.until("complete", () -> complete("web", 2));
        cluster.patch(ResourceType.DEPLOYMENTS, "web", Json.obj("spec", Json.obj("paused", true)));
        cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v2"));
        cluster.patch(ResourceType.DEPLOYMENTS, "web", Json.obj("spec", Json.obj("replicas", 4)));

        cluster.until("four pods", () -> cluster.readyPods("web").size() == 4);
        cluster.run(Duration.ofMinutes(1));

        assertThat(cluster.list(ResourceType.REPLICA_SETS)).hasSize(1);
        assertThat(condition("Progressing").at("reason").string("")).isEqualTo("DeploymentPaused");

        cluster.patch(ResourceType.DEPLOYMENTS, "web", Json.obj("spec", Json.obj("paused", false)));
        cluster.until("v2", () -> complete("web", 4));
        assertThat(cluster.readyPods("web"))
                .allSatisfy(pod -> assertThat(PodImage.of(pod)).isEqualTo("demo/web:v2"));
    }

    @Test
    void aRolloutThatDoesNotMoveExceedsItsDeadline() {
        cluster.create(
                ResourceType.DEPLOYMENTS,
                deployment("web", 2, "demo/web:v1").withAt(List.of("spec", "progressDeadlineSeconds"), 60));
        cluster.until("complete", () -> complete("web", 2));

        cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v2-never-ready"));
        cluster.within(
                Duration.ofSeconds(90),
                "the deadline is over",
                () -> condition("Progressing").at("reason").string("").equals("ProgressDeadlineExceeded"));

        assertThat(condition("Progressing").at("status").string("")).isEqualTo("False");
        assertThat(condition("Available").at("status").string("")).isEqualTo("True");
        assertThat(cluster.readyPods("web")).hasSize(2);
    }

    @Test
    void aNewSizeInMidRolloutIsSharedInProportion() {
        cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 10, "demo/web:v1"));
        cluster.until("complete", () -> complete("web", 10));
        cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v2-never-ready"));
        cluster.run(Duration.ofSeconds(20));

        cluster.patch(ResourceType.DEPLOYMENTS, "web", Json.obj("spec", Json.obj("replicas", 20)));
        cluster.run(Duration.ofSeconds(20));

        var sizes = cluster.list(ResourceType.REPLICA_SETS).stream()
                .map(set -> set.at("spec", "replicas").integer(0))
                .sorted()
                .toList();
        // 8 old and 5 new of 13 become 25: each keeps its share.
        assertThat(sizes).containsExactly(10, 15);
        assertThat(cluster.readyPods("web")).hasSize(15);
    }

    @Test
    void onlySoManyOldSetsAreKept() {
        cluster.create(
                ResourceType.DEPLOYMENTS,
                deployment("web", 1, "demo/web:v1").withAt(List.of("spec", "revisionHistoryLimit"), 2));
        for (int version = 2; version <= 5; version++) {
            cluster.until("complete", () -> complete("web", 1));
            cluster.patch(ResourceType.DEPLOYMENTS, "web", image("demo/web:v" + version));
        }
        cluster.until("complete", () -> complete("web", 1));
        cluster.run(Duration.ofSeconds(5));
        assertThat(cluster.list(ResourceType.REPLICA_SETS)).hasSize(3);
    }

    @Test
    void oldSetsOfPlainReplicaSetsAreAdopted() {
        cluster.create(
                ResourceType.REPLICA_SETS,
                SimulatedCluster.replicaSet("web", 2, "demo/web:v1")
                        .withAt(List.of("metadata", "labels"), Json.obj("app", "web")));
        cluster.until("two pods", () -> cluster.readyPods("web").size() == 2);
        cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 2, "demo/web:v1"));
        cluster.until("complete", () -> complete("web", 2));
        assertThat(cluster.list(ResourceType.REPLICA_SETS)).hasSize(1);
    }

    private Json condition(String type) {
        return cluster.condition(ResourceType.DEPLOYMENTS, "web", type).orElse(Json.Null.VALUE);
    }

    private boolean complete(String name, int replicas) {
        var deployment = cluster.get(ResourceType.DEPLOYMENTS, name);
        var status = deployment.at("status");
        return status.at("observedGeneration").asLong().orElse(0L) == Meta.generation(deployment)
                && status.at("updatedReplicas").integer(0) == replicas
                && status.at("replicas").integer(0) == replicas
                && status.at("availableReplicas").integer(0) == replicas;
    }
}
