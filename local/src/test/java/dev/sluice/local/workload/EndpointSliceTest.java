package dev.sluice.local.workload;

import static dev.sluice.local.workload.SimulatedCluster.deployment;
import static dev.sluice.local.workload.SimulatedCluster.pod;
import static dev.sluice.local.workload.SimulatedCluster.podSpec;
import static dev.sluice.local.workload.SimulatedCluster.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EndpointSliceTest {
    private final SimulatedCluster cluster = new SimulatedCluster();

    @AfterEach
    void nothingIsLeft() {
        cluster.close();
    }

    @Test
    void aReadyPodIsAnEndpointWithItsOwnPort() {
        cluster.create(ResourceType.SERVICES, service("web"));
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1")));
        cluster.until("ready", () -> ready() == 1);
        var slice = slice();
        assertThat(slice.at("ports").at(0).at("port").integer(0)).isEqualTo(8080);
        assertThat(slice.at("ports").at(0).at("name").string("")).isEqualTo("http");
        assertThat(slice.at("metadata", "labels", "kubernetes.io/service-name").string(""))
                .isEqualTo("web");
        var endpoint = slice.at("endpoints").at(0);
        assertThat(endpoint.at("addresses").at(0))
                .isEqualTo(cluster.get(ResourceType.PODS, "web").at("status", "podIP"));
        assertThat(endpoint.at("targetRef", "name").string("")).isEqualTo("web");
        assertThat(endpoint.at("nodeName").string("")).isEqualTo("sluice-1");
    }

    @Test
    void anEndpointFollowsReadinessAndTermination() {
        cluster.create(ResourceType.SERVICES, service("web"));
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1-slow-start-5s-drain-5s")));
        cluster.until("known", () -> !endpoints().isEmpty());
        assertThat(conditions()).isEqualTo("ready=false serving=false terminating=false");
        cluster.until("ready", () -> ready() == 1);
        assertThat(conditions()).isEqualTo("ready=true serving=true terminating=false");
        cluster.delete(ResourceType.PODS, "web", "Background");
        cluster.within(Duration.ofMillis(50), "not ready", () -> ready() == 0);
        assertThat(conditions()).isEqualTo("ready=false serving=true terminating=true");
        cluster.until("gone", () -> endpoints().isEmpty());
    }

    @Test
    void trafficHasLeftBeforeThePodStopsAnswering() {
        cluster.create(ResourceType.SERVICES, service("web"));
        cluster.create(ResourceType.DEPLOYMENTS, deployment("web", 3, "demo/web:v1"));
        cluster.until("three", () -> ready() == 3);
        cluster.patch(ResourceType.DEPLOYMENTS, "web", SimulatedCluster.image("demo/web:v2"));
        cluster.within(Duration.ofSeconds(30), "rolled out", () -> {
            for (var endpoint : endpoints()) {
                if (!endpoint.at("conditions", "ready").bool(false)) continue;
                var pod = cluster.find(
                        ResourceType.PODS, endpoint.at("targetRef", "name").string(""));
                assertThat(pod).isPresent();
                assertThat(Pods.finished(pod.get())).isFalse();
            }
            return cluster.readyPods("web").stream()
                            .allMatch(pod -> PodImage.of(pod).endsWith("v2"))
                    && cluster.pods("web").size() == 3;
        });
    }

    @Test
    void aServiceWithNoPodsHasAnEmptySlice() {
        cluster.create(ResourceType.SERVICES, service("web"));
        cluster.until(
                "a slice", () -> !cluster.list(ResourceType.ENDPOINT_SLICES).isEmpty());
        assertThat(endpoints()).isEmpty();
    }

    @Test
    void podsThatNameThePortDifferentlyStandInSlicesOfTheirOwn() {
        cluster.create(ResourceType.SERVICES, service("web"));
        cluster.create(ResourceType.PODS, pod("web", podSpec("demo/web:v1")));
        var other = Json.parse(podSpec("demo/web:v1").text().replace("8080", "9090"))
                .obj();
        cluster.create(
                ResourceType.PODS, pod("other", other).withAt(List.of("metadata", "labels"), Json.obj("app", "web")));
        cluster.until("both", () -> ready() == 2);
        assertThat(cluster.list(ResourceType.ENDPOINT_SLICES)).hasSize(2);
    }

    @Test
    void aServiceThatGoesTakesItsSlicesWithIt() {
        cluster.create(ResourceType.SERVICES, service("web"));
        cluster.until(
                "a slice", () -> !cluster.list(ResourceType.ENDPOINT_SLICES).isEmpty());
        cluster.delete(ResourceType.SERVICES, "web", "Background");
        cluster.until("gone", () -> cluster.list(ResourceType.ENDPOINT_SLICES).isEmpty());
    }

    private Json slice() {
        return cluster.list(ResourceType.ENDPOINT_SLICES).getFirst();
    }

    private List<Json> endpoints() {
        return cluster.list(ResourceType.ENDPOINT_SLICES).stream()
                .flatMap(slice -> slice.at("endpoints").items().stream())
                .toList();
    }

    private long ready() {
        return endpoints().stream()
                .filter(endpoint -> endpoint.at("conditions", "ready").bool(false))
                .count();
    }

    private String conditions() {
        var conditions = endpoints().getFirst().at("conditions");
        return "ready=" + conditions.at("ready") + " serving=" + conditions.at("serving") + " terminating="
                + conditions.at("terminating");
    }
}
