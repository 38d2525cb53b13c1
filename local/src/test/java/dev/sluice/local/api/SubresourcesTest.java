package dev.sluice.local.api;

import static dev.sluice.local.api.Cluster.DEPLOYMENTS;
import static dev.sluice.local.api.Cluster.PODS;
import static dev.sluice.local.api.Cluster.ROLLOUTS;
import static dev.sluice.local.api.Cluster.deployment;
import static dev.sluice.local.api.Cluster.pod;
import static dev.sluice.local.api.Cluster.rollout;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `scale`, `eviction`, `binding`, `log`, and what there is not.
class SubresourcesTest {
    private final Cluster cluster = new Cluster();

    private void ready(String name) {
        cluster.merge(
                PODS + "/" + name + "/status",
                Json.obj(
                        "status",
                        Json.obj(
                                "phase",
                                "Running",
                                "conditions",
                                Json.arr(Json.obj("type", "Ready", "status", "True")))));
    }

    @Test
    void aDeploymentHasAScale() {
        var made = cluster.made(DEPLOYMENTS, deployment("web", 3));
        var scale = cluster.get(DEPLOYMENTS + "/web/scale").json();
        assertThat(scale.at("kind").string("")).isEqualTo("Scale");
        assertThat(scale.at("spec", "replicas").integer(0)).isEqualTo(3);
        assertThat(scale.at("status", "selector").string("")).isEqualTo("app=web");
        assertThat(scale.at("metadata", "resourceVersion")).isEqualTo(made.at("metadata", "resourceVersion"));
    }

    @Test
    void aScaleIsPutAndPatched() {
        cluster.made(DEPLOYMENTS, deployment("web", 3));
        var scale = cluster.get(DEPLOYMENTS + "/web/scale").json();
        cluster.put(DEPLOYMENTS + "/web/scale", scale.withAt(List.of("spec", "replicas"), 5));
        assertThat(cluster.get(DEPLOYMENTS + "/web")
                        .json()
                        .at("spec", "replicas")
                        .integer(0))
                .isEqualTo(5);
        assertThat(cluster.put(DEPLOYMENTS + "/web/scale", scale).code())
                .as("stale")
                .isEqualTo(409);
        cluster.merge(DEPLOYMENTS + "/web/scale", Json.obj("spec", Json.obj("replicas", 2)));
        var now = cluster.get(DEPLOYMENTS + "/web").json();
        assertThat(now.at("spec", "replicas").integer(0)).isEqualTo(2);
        assertThat(Metadata.generation(now)).isEqualTo(3);
    }

    @Test
    void theScaleOfACustomResourceFollowsItsPaths() {
        cluster.made(ROLLOUTS, rollout("web", 3));
        cluster.merge(ROLLOUTS + "/web/status", Json.obj("status", Json.obj("HPAReplicas", 2, "selector", "app=web")));
        var scale = cluster.get(ROLLOUTS + "/web/scale").json();
        assertThat(scale.at("status")).isEqualTo(Json.obj("replicas", 2, "selector", "app=web"));
        cluster.merge(ROLLOUTS + "/web/scale", Json.obj("spec", Json.obj("replicas", 7)));
        assertThat(cluster.get(ROLLOUTS + "/web").json().at("spec", "replicas").integer(0))
                .isEqualTo(7);
    }

    @Test
    void anEvictionThatABudgetForbidsIsToBeTriedLater() {
        cluster.made(
                "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
                Json.obj(
                        "metadata",
                        Json.obj("name", "web"),
                        "spec",
                        Json.obj("minAvailable", 1, "selector", Json.obj("matchLabels", Json.obj("app", "web")))));
        cluster.made(PODS, pod("one", "n1"));
        cluster.made(PODS, pod("two", "n1"));
        ready("one");
        var refused = cluster.post(PODS + "/one/eviction", Json.obj("metadata", Json.obj("name", "one")));
        assertThat(refused.code()).isEqualTo(429);
        assertThat(refused.json().at("details", "causes").at(0).at("message").string(""))
                .isEqualTo("The disruption budget web needs 1 healthy pods and has 1 currently");
        ready("two");
        assertThat(cluster.post(PODS + "/one/eviction", Json.obj("metadata", Json.obj("name", "one")))
                        .code())
                .isEqualTo(201);
        assertThat(Metadata.deleting(cluster.get(PODS + "/one").json())).isTrue();
    }

    @Test
    void aPodIsBoundOnce() {
        cluster.made(PODS, pod("web", ""));
        var binding = Json.obj("target", Json.obj("kind", "Node", "name", "n1"));
        assertThat(cluster.post(PODS + "/web/binding", binding).code()).isEqualTo(201);
        assertThat(cluster.get(PODS + "/web").json().at("spec", "nodeName").string(""))
                .isEqualTo("n1");
        assertThat(cluster.post(PODS + "/web/binding", binding).code()).isEqualTo(409);
    }

    @ParameterizedTest
    @CsvSource({"exec, exec", "attach, attach", "portforward, port-forward"})
    void whatNoPodHereHasIsSaidWithWhatToDoInstead(String part, String word) {
        cluster.made(PODS, pod("web", "n1"));
        var early = cluster.post(PODS + "/web/" + part, Json.Obj.EMPTY);
        assertThat(early.code()).isEqualTo(501);
        assertThat(early.json().at("message").string(""))
                .isEqualTo("the local cluster has no " + word
                        + "; once the pod runs, ask it at its own address, port 8080");
        cluster.merge(PODS + "/web/status", Json.obj("status", Json.obj("podIP", "127.64.0.3")));
        // kubectl asks with GET first, then with POST.
        var status = cluster.get(PODS + "/web/" + part + "?container=web").json();
        assertThat(status.at("kind").string("")).isEqualTo("Status");
        assertThat(status.at("code").integer(0)).isEqualTo(501);
        assertThat(status.at("message").string(""))
                .isEqualTo("the local cluster has no " + word
                        + "; ask the pod at its own address: curl http://127.64.0.3:8080");
        assertThat(cluster.get(PODS + "/none/" + part).code()).isEqualTo(404);
    }

    @Test
    void logsComeFromWhoRunsThePods() {
        cluster.made(PODS, pod("web", "n1"));
        var waiting = cluster.get(PODS + "/web/log");
        assertThat(waiting.json().at("message").string(""))
                .isEqualTo("container \"web\" in pod \"web\" is waiting to start: ContainerCreating");
        var asked = new java.util.ArrayList<PodLogs.Query>();
        cluster.server.logsFrom(query -> {
            asked.add(query);
            return Optional.of((out, patience) -> out.write('x'));
        });
        assertThat(cluster.get(PODS + "/web/log?follow=true&tailLines=3").body())
                .isInstanceOf(ApiResponse.Body.Log.class);
        assertThat(asked.getFirst().container()).isEqualTo("web");
        assertThat(asked.getFirst().follow()).isTrue();
        assertThat(asked.getFirst().tailLines()).hasValue(3);
        assertThat(cluster.get(PODS + "/web/log?container=nope")
                        .json()
                        .at("message")
                        .string(""))
                .isEqualTo("container nope is not valid for pod web");
    }
}
