package dev.sluice.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.local.workload.PodTiming;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// The same cluster on the system's clock and over HTTP.
class LocalClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final PodTiming QUICK = PodTiming.USUAL
            .withStart(Duration.ofMillis(5), Duration.ofMillis(50))
            .withStop(Duration.ofMillis(1), Duration.ofMillis(20));

    @Test
    void aDeploymentComesRollsAndGoesInRealTime() throws Exception {
        try (var time = new SystemTime();
                var cluster = LocalCluster.builder(time).timing(QUICK).start()) {
            var gateway = cluster.gateway("spec");
            var image = "demo/web:v1-drain-10ms";
            create(gateway, deployment(20, image));
            await(gateway, ResourceType.DEPLOYMENTS, web -> complete(web, 20));
            gateway.send(new Request.Patch(
                    ObjectRef.of(ResourceType.DEPLOYMENTS, "default", "web"),
                    dev.sluice.cluster.PatchType.MERGE,
                    Json.obj("spec", deployment(20, "demo/web:v2-drain-10ms").at("spec"))));
            await(gateway, ResourceType.DEPLOYMENTS, web -> complete(web, 20));
            gateway.send(new Request.Delete(
                    ObjectRef.of(ResourceType.DEPLOYMENTS, "default", "web"),
                    java.util.Optional.empty(),
                    java.util.Optional.empty(),
                    "Foreground"));
            awaitGone(gateway, ResourceType.DEPLOYMENTS);
            assertThat(gateway.send(new Request.List(Selection.in(ResourceType.PODS, "default")))
                            .answer()
                            .orElseThrow()
                            .at("items")
                            .items())
                    .isEmpty();
            assertThat(cluster.errors()).isZero();
        }
    }

    @Test
    void theLogOfAPodIsReadOverHttp() throws Exception {
        try (var time = new SystemTime();
                var cluster = LocalCluster.builder(time).timing(QUICK).start()) {
            var gateway = cluster.gateway("spec");
            var base = cluster.serve(0).uri();
            var spec = Json.obj("containers", Json.arr(Json.obj("name", "web", "image", "demo/web:v7-run-1s-exit-0")))
                    .with("restartPolicy", "Never");
            var pod = Json.obj(
                    "apiVersion",
                    "v1",
                    "kind",
                    "Pod",
                    "metadata",
                    Json.obj("name", "web", "namespace", "default"),
                    "spec",
                    spec);
            gateway.send(new Request.Create(ObjectRef.of(ResourceType.PODS, "default", "web"), pod));
            await(
                    gateway,
                    ResourceType.PODS,
                    p -> p.at("status", "phase").string("").equals("Running"));
            // Follows until the container ends.
            var log = get(base.resolve("/api/v1/namespaces/default/pods/web/log?follow=true"));
            assertThat(log).contains("starting version v7").contains("ended with code 0");
            assertThat(get(base.resolve("/api/v1/namespaces/default/pods/web/log?tailLines=1")))
                    .isEqualTo("ended with code 0\n");
        }
    }

    @Test
    void aClosedClusterLeavesNothingBehind() throws Exception {
        var time = new SystemTime();
        var cluster = LocalCluster.builder(time).timing(QUICK).start();
        var gateway = cluster.gateway("spec");
        create(gateway, deployment(5, "demo/web:v1"));
        await(gateway, ResourceType.DEPLOYMENTS, web -> complete(web, 5));
        cluster.close();
        cluster.close();
        assertThat(cluster.addressesTaken()).isZero();
        time.close();
    }

    private static void create(Gateway gateway, Json.Obj deployment) {
        var reply = gateway.send(new Request.Create(ObjectRef.of(ResourceType.DEPLOYMENTS, deployment), deployment));
        assertThat(reply.answer()).as(reply.toString()).isPresent();
    }

    private static boolean complete(Json web, int replicas) {
        var status = web.at("status");
        return web.at("metadata", "generation").equals(status.at("observedGeneration"))
                && List.of("replicas", "updatedReplicas", "availableReplicas").stream()
                        .allMatch(field -> status.at(field).integer(0) == replicas);
    }

    /// Waits until some object of a kind is as wanted.
    private static void await(Gateway gateway, ResourceType type, Predicate<Json> wanted) throws Exception {
        follow(gateway, type, event -> switch (event) {
            case WatchEvent.Added(var object) -> wanted.test(object);
            case WatchEvent.Modified(var object) -> wanted.test(object);
            case WatchEvent.Deleted _, WatchEvent.Bookmark _, WatchEvent.Closed _ -> false;
        });
    }

    private static void awaitGone(Gateway gateway, ResourceType type) throws Exception {
        var list = gateway.send(new Request.List(Selection.all(type))).answer().orElseThrow();
        if (list.at("items").items().isEmpty()) return;
        follow(gateway, type, event -> event instanceof WatchEvent.Deleted);
    }

    private static void follow(Gateway gateway, ResourceType type, Predicate<WatchEvent> wanted) throws Exception {
        var seen = new CountDownLatch(1);
        try (var _ = gateway.watch(Selection.all(type), "", event -> {
            if (wanted.test(event)) seen.countDown();
        })) {
            assertThat(seen.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private static String get(URI uri) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private static Json.Obj deployment(int replicas, String image) {
        return Json.obj(
                "apiVersion",
                "apps/v1",
                "kind",
                "Deployment",
                "metadata",
                Json.obj("name", "web", "namespace", "default"),
                "spec",
                Json.obj(
                        "replicas", replicas,
                        "selector", Json.obj("matchLabels", Json.obj("app", "web")),
                        "template",
                                Json.obj(
                                        "metadata", Json.obj("labels", Json.obj("app", "web")),
                                        "spec",
                                                Json.obj(
                                                        "containers",
                                                        Json.arr(Json.obj("name", "web", "image", image))))));
    }
}
