package dev.sluice.local.workload;

import static dev.sluice.local.workload.SimulatedCluster.replicaSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplicaSetTest {
    private final SimulatedCluster cluster = new SimulatedCluster();

    @AfterEach
    void nothingIsLeft() {
        cluster.close();
    }

    @Test
    void podsThatAreDeletedAreReplaced() {
        cluster.create(ResourceType.REPLICA_SETS, replicaSet("web", 3, "demo/web:v1"));
        cluster.until("three", () -> cluster.readyPods("web").size() == 3);
        var victim = Meta.name(cluster.pods("web").getFirst());

        cluster.delete(ResourceType.PODS, victim, "Background");
        cluster.until(
                "three others",
                () -> cluster.readyPods("web").size() == 3
                        && cluster.find(ResourceType.PODS, victim).isEmpty());

        assertThat(cluster.pods("web")).hasSize(3);
        assertThat(cluster.reasons("ReplicaSet", "web"))
                .containsOnly("SuccessfulCreate")
                .hasSize(4);
    }

    @Test
    void whoIsNotReadyGoesFirst() {
        cluster.create(ResourceType.REPLICA_SETS, replicaSet("web", 3, "demo/web:v1"));
        cluster.until("three", () -> cluster.readyPods("web").size() == 3);
        var good = names();
        // From here on new pods never become ready.
        cluster.patch(ResourceType.REPLICA_SETS, "web", SimulatedCluster.image("demo/web:v1-never-ready"));
        cluster.patch(ResourceType.REPLICA_SETS, "web", Json.obj("spec", Json.obj("replicas", 5)));
        cluster.until("five", () -> cluster.pods("web").size() == 5);
        cluster.run(Duration.ofSeconds(5));

        cluster.patch(ResourceType.REPLICA_SETS, "web", Json.obj("spec", Json.obj("replicas", 3)));
        cluster.until("three again", () -> cluster.pods("web").size() == 3);

        assertThat(names()).isEqualTo(good);
    }

    @Test
    void theYoungerGoesBeforeTheOlderAndTheCheapBeforeTheDear() {
        cluster.create(ResourceType.REPLICA_SETS, replicaSet("web", 1, "demo/web:v1"));
        cluster.until("one", () -> cluster.readyPods("web").size() == 1);
        var eldest = names();
        cluster.run(Duration.ofSeconds(10));
        cluster.patch(ResourceType.REPLICA_SETS, "web", Json.obj("spec", Json.obj("replicas", 3)));
        cluster.until("three", () -> cluster.readyPods("web").size() == 3);

        cluster.patch(ResourceType.REPLICA_SETS, "web", Json.obj("spec", Json.obj("replicas", 2)));
        cluster.until("two", () -> cluster.pods("web").size() == 2);
        assertThat(names()).containsAll(eldest);

        cluster.patch(
                ResourceType.PODS,
                eldest.iterator().next(),
                Json.obj(
                        "metadata",
                        Json.obj("annotations", Json.obj("controller.kubernetes.io/pod-deletion-cost", "-5"))));
        cluster.patch(ResourceType.REPLICA_SETS, "web", Json.obj("spec", Json.obj("replicas", 1)));
        cluster.until("one", () -> cluster.pods("web").size() == 1);
        assertThat(names()).doesNotContainAnyElementsOf(eldest);
    }

    @Test
    void aPodIsAvailableOnlyAfterItsMinimumOfReadySeconds() {
        cluster.create(
                ResourceType.REPLICA_SETS,
                replicaSet("web", 2, "demo/web:v1").withAt(List.of("spec", "minReadySeconds"), 20));
        cluster.until("ready", () -> status("readyReplicas") == 2);
        cluster.run(Duration.ofSeconds(10));
        assertThat(status("availableReplicas")).isZero();
        cluster.within(Duration.ofSeconds(12), "available", () -> status("availableReplicas") == 2);
    }

    @Test
    void anOrphanIsAdoptedAndAStrangerIsReleased() {
        cluster.create(
                ResourceType.PODS,
                SimulatedCluster.pod("loner", SimulatedCluster.podSpec("demo/web:v1"))
                        .withAt(List.of("metadata", "labels"), Json.obj("app", "web")));
        cluster.create(ResourceType.REPLICA_SETS, replicaSet("web", 2, "demo/web:v1"));
        cluster.until("two", () -> cluster.readyPods("web").size() == 2);
        assertThat(names()).contains("loner");
        assertThat(Meta.controller(cluster.get(ResourceType.PODS, "loner"))).isPresent();

        cluster.patch(
                ResourceType.PODS, "loner", Json.obj("metadata", Json.obj("labels", Json.obj("app", "elsewhere"))));
        cluster.until("replaced", () -> cluster.readyPods("web").size() == 2);
        assertThat(Meta.controller(cluster.get(ResourceType.PODS, "loner"))).isEmpty();
    }

    @Test
    void podsThatCannotBeMadeAreAConditionAndAreTriedAgain() {
        // Only the pod's own metadata is checked for this, not the template's.
        cluster.create(
                ResourceType.REPLICA_SETS,
                replicaSet("web", 1, "demo/web:v1")
                        .withAt(List.of("spec", "template", "metadata", "finalizers"), List.of("no slash")));
        cluster.until(
                "the condition",
                () -> cluster.condition(ResourceType.REPLICA_SETS, "web", "ReplicaFailure")
                        .isPresent());
        assertThat(cluster.reasons("ReplicaSet", "web")).contains("FailedCreate");

        cluster.patch(
                ResourceType.REPLICA_SETS,
                "web",
                Json.obj("spec", Json.obj("template", Json.obj("metadata", Json.obj("finalizers", List.of())))));
        cluster.until("one", () -> cluster.readyPods("web").size() == 1);
        cluster.until(
                "no condition",
                () -> cluster.condition(ResourceType.REPLICA_SETS, "web", "ReplicaFailure")
                        .isEmpty());
    }

    @Test
    void podsOfALongNameStillHaveNamesThatFit() {
        var name = "a".repeat(200);
        cluster.create(
                ResourceType.REPLICA_SETS,
                replicaSet(name, 1, "demo/web:v1")
                        .withAt(List.of("spec", "selector", "matchLabels"), Json.obj("app", "web"))
                        .withAt(List.of("spec", "template", "metadata", "labels"), Json.obj("app", "web")));
        cluster.until("one", () -> cluster.readyPods("web").size() == 1);
        assertThat(Meta.name(cluster.pods("web").getFirst())).hasSize(63);
    }

    @Test
    void whatOthersWroteIntoThePodsStatusStays() {
        cluster.create(ResourceType.REPLICA_SETS, replicaSet("web", 1, "demo/web:v1-slow-start-30s"));
        cluster.until("one", () -> cluster.pods("web").size() == 1);
        cluster.run(Duration.ofSeconds(2));
        var name = Meta.name(cluster.pods("web").getFirst());
        cluster.patchStatus(
                ResourceType.PODS,
                name,
                PatchType.STRATEGIC,
                Json.obj(
                        "status",
                        Json.obj("conditions", Json.arr(Json.obj("type", "example.com/warm", "status", "True")))));
        cluster.until("ready", () -> cluster.readyPods("web").size() == 1);
        assertThat(cluster.condition(ResourceType.PODS, name, "example.com/warm"))
                .isPresent();
    }

    private int status(String field) {
        return cluster.get(ResourceType.REPLICA_SETS, "web").at("status", field).integer(0);
    }

    private TreeSet<String> names() {
        var names = new TreeSet<String>();
        for (var pod : cluster.pods("web")) names.add(Meta.name(pod));
        return names;
    }
}
