package dev.sluice.local.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.local.VirtualTime;
import dev.sluice.local.api.ApiServer;
import dev.sluice.local.api.DirectGateway;
import dev.sluice.local.pod.PodRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Controllers whose network loses, delays and repeats come to the same end as others.
class BadWeatherTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void theEndIsTheSameAsInGoodWeather(long seed) {
        var time = new VirtualTime();
        var server = new ApiServer(time, seed);
        var user = new DirectGateway(server, "spec");
        var calm = time.now().plus(Duration.ofMinutes(2));
        var network = new UnreliableGateway(
                new DirectGateway(server, "controllers"), time, new Seed(seed).of("weather"), calm);
        var settings =
                new Controllers.Settings(new Seed(seed), PodRuntime.VIRTUAL, PodTiming.USUAL, List.of("node-1"), 64);
        try (var controllers = Controllers.start(network, time, settings)) {
            create(user, ResourceType.SERVICES, SimulatedCluster.service("web"));
            create(user, ResourceType.DEPLOYMENTS, SimulatedCluster.deployment("web", 5, "demo/web:v1"));
            create(user, ResourceType.DEPLOYMENTS, SimulatedCluster.deployment("old", 3, "demo/web:v1"));
            create(
                    user,
                    ResourceType.JOBS,
                    SimulatedCluster.job(
                            "check",
                            "demo/job:run-2s",
                            Json.obj("parallelism", 3, "completions", 7, "backoffLimit", 50)));
            time.run(Duration.ofSeconds(20));
            user.send(new Request.Patch(
                    ObjectRef.of(ResourceType.DEPLOYMENTS, "default", "web"),
                    PatchType.MERGE,
                    SimulatedCluster.image("demo/web:v2")));
            time.run(Duration.ofSeconds(20));
            user.send(new Request.Delete(
                    ObjectRef.of(ResourceType.DEPLOYMENTS, "default", "old"),
                    Optional.empty(),
                    Optional.empty(),
                    "Foreground"));
            time.run(Duration.ofMinutes(20));

            assertThat(network.faults()).isGreaterThan(50);
            assertThat(controllers.errors()).isZero();
            assertThat(items(user, ResourceType.DEPLOYMENTS)).hasSize(1);
            var web = items(user, ResourceType.DEPLOYMENTS).getFirst().at("status");
            assertThat(List.of(web.at("replicas"), web.at("updatedReplicas"), web.at("availableReplicas")))
                    .containsOnly(Json.of(5));
            var job = items(user, ResourceType.JOBS).getFirst();
            assertThat(Conditions.isTrue(job, "Complete")).isTrue();
            assertThat(job.at("status", "succeeded").integer(0)).isEqualTo(7);
            var pods = items(user, ResourceType.PODS);
            assertThat(pods.stream().filter(pod -> !Pods.finished(pod))).hasSize(5);
            assertThat(pods.stream().filter(Pods::finished))
                    .hasSize(7)
                    .allSatisfy(pod -> assertThat(Meta.finalizers(pod)).isEmpty());
            assertThat(controllers.addressesTaken()).isEqualTo(5);
            var endpoints = items(user, ResourceType.ENDPOINT_SLICES).stream()
                    .flatMap(slice -> slice.at("endpoints").items().stream())
                    .filter(endpoint -> endpoint.at("conditions", "ready").bool(false))
                    .toList();
            assertThat(endpoints).hasSize(5);
        }
    }

    private static void create(Gateway user, ResourceType type, Json.Obj object) {
        SimulatedCluster.done(user.send(new Request.Create(ObjectRef.of(type, object), object)));
    }

    private static List<Json> items(Gateway user, ResourceType type) {
        return SimulatedCluster.done(user.send(new Request.List(Selection.all(type))))
                .at("items")
                .items();
    }
}
