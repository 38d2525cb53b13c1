package dev.sluice.local.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.SystemTime;
import dev.sluice.local.traffic.http.Watchdog;
import dev.sluice.local.traffic.load.LoadGenerator;
import dev.sluice.local.traffic.load.LoadPlan;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The first two stories of the mission with nothing but Kubernetes' own objects: controllers, kubelet, real
/// pods, real requests.
@Timeout(120)
class WholeClusterTest {
    private final SystemTime time = new SystemTime();
    private final RealPods pods = new RealPods();
    private final LocalCluster cluster =
            LocalCluster.builder(time).seed(7).runtime(pods).start();
    private final Gateway api = cluster.gateway("test");
    private final TrafficPlane plane;
    private final Watchdog watchdog = new Watchdog(Duration.ofMillis(10));

    WholeClusterTest() throws Exception {
        plane = TrafficPlane.start(TrafficPlane.Settings.DEFAULT, pods, cluster.gateway("system:data-plane"), time);
    }

    @AfterEach
    void close() {
        plane.close();
        cluster.close();
        pods.close();
        watchdog.close();
        time.close();
    }

    private void eventually(BooleanSupplier condition) throws InterruptedException {
        var met = new CountDownLatch(1);
        watchdog.onRound(() -> {
            if (met.getCount() > 0 && condition.getAsBoolean()) met.countDown();
        });
        assertThat(met.await(60, TimeUnit.SECONDS))
                .as("the condition was met in time")
                .isTrue();
    }

    private void create(ResourceType type, String name, Json.Obj spec) {
        var reply = api.send(new Request.Create(
                ObjectRef.of(type, "default", name),
                Json.obj(
                        "apiVersion", type.apiVersion(),
                        "kind", type.kind(),
                        "metadata", Json.obj("name", name, "namespace", "default"),
                        "spec", spec)));
        assertThat(reply).isInstanceOf(Reply.Done.class);
    }

    private void deployment(String name, int replicas, Map<String, String> labels, String image) {
        var container = Json.obj("name", "web", "image", image, "ports", List.of(Json.obj("containerPort", 8080)));
        create(
                ResourceType.DEPLOYMENTS,
                name,
                Json.obj(
                        "replicas", replicas,
                        "selector", Json.obj("matchLabels", labels),
                        "template",
                                Json.obj(
                                        "metadata", Json.obj("labels", labels),
                                        "spec", Json.obj("containers", List.of(container)))));
    }

    private void service(String name, Map<String, String> selector) {
        create(
                ResourceType.SERVICES,
                name,
                Json.obj("selector", selector, "ports", List.of(Json.obj("port", 80, "targetPort", 8080))));
    }

    private void patch(ResourceType type, String name, Json.Obj spec) {
        var reply = api.send(
                new Request.Patch(ObjectRef.of(type, "default", name), PatchType.MERGE, Json.obj("spec", spec)));
        assertThat(reply).isInstanceOf(Reply.Done.class);
    }

    private InetSocketAddress listening(String service, int endpoints) throws InterruptedException {
        eventually(() -> plane.endpoints("default", service, 80).size() == endpoints
                && plane.service("default", service, 80).isPresent());
        return plane.service("default", service, 80).orElseThrow();
    }

    /// Waits until a version answers this share of 400 requests in a row.
    private void untilShare(LoadGenerator load, String version, double share) throws InterruptedException {
        var start = new AtomicReference<>(load.report());
        eventually(() -> {
            var now = load.report();
            if (now.requests() < start.get().requests() + 400) return false;
            return Math.abs(now.since(start.getAndSet(now)).share(version) - share) < 0.01;
        });
    }

    @Test
    void theShareFollowsTheNumberOfPodsAndNoRequestFails() throws Exception {
        deployment("a", 3, Map.of("app", "website", "service", "discounts", "d", "a"), "demo/web:v1");
        deployment("b", 1, Map.of("app", "website", "service", "discounts", "d", "b"), "demo/web:v2");
        service("discounts", Map.of("app", "website", "service", "discounts"));
        var at = listening("discounts", 4);
        try (var load = LoadGenerator.start(LoadPlan.closed(at, "/", 8), time)) {
            untilShare(load, "v2", 0.25);
            patch(ResourceType.DEPLOYMENTS, "b", Json.obj("replicas", 2));
            patch(ResourceType.DEPLOYMENTS, "a", Json.obj("replicas", 2));
            untilShare(load, "v2", 0.5);
            patch(ResourceType.DEPLOYMENTS, "b", Json.obj("replicas", 4));
            listening("discounts", 6);
            patch(ResourceType.DEPLOYMENTS, "a", Json.obj("replicas", 0));
            untilShare(load, "v2", 1);
            var report = load.stop();
            assertThat(report.failed()).as(report.firstFailures().toString()).isZero();
        }
        assertThat(cluster.errors()).isZero();
    }

    @Test
    void aSelectorMovesEverybodyAndBackAndNoRequestFails() throws Exception {
        deployment("old", 2, Map.of("app", "biz1", "zone", "prod", "version", "4.1"), "demo/web:4.1");
        deployment("new", 2, Map.of("app", "biz1", "zone", "prod", "version", "4.2"), "demo/web:4.2");
        service("biz1", Map.of("app", "biz1", "zone", "prod"));
        var at = listening("biz1", 4);
        try (var load = LoadGenerator.start(LoadPlan.closed(at, "/", 8), time)) {
            untilShare(load, "4.2", 0.5);
            patch(ResourceType.SERVICES, "biz1", Json.obj("selector", Json.obj("version", "4.2")));
            untilShare(load, "4.2", 1);
            patch(ResourceType.SERVICES, "biz1", Json.obj("selector", Json.obj("version", "4.1")));
            untilShare(load, "4.1", 1);
            var report = load.stop();
            assertThat(report.failed()).as(report.firstFailures().toString()).isZero();
        }
    }

    @Test
    void aRollingUpdateLosesNoRequest() throws Exception {
        deployment("web", 3, Map.of("app", "web"), "demo/web:v1");
        service("web", Map.of("app", "web"));
        var at = listening("web", 3);
        try (var load = LoadGenerator.start(LoadPlan.closed(at, "/", 8), time)) {
            untilShare(load, "v1", 1);
            var container =
                    Json.obj("name", "web", "image", "demo/web:v2", "ports", List.of(Json.obj("containerPort", 8080)));
            patch(
                    ResourceType.DEPLOYMENTS,
                    "web",
                    Json.obj("template", Json.obj("spec", Json.obj("containers", List.of(container)))));
            untilShare(load, "v2", 1);
            eventually(() -> pods.running() == 3);
            var report = load.stop();
            assertThat(report.failed()).as(report.firstFailures().toString()).isZero();
        }
    }

    private void smokeTest(String name, String version, String within) {
        var container = Json.obj(
                "name",
                "ask",
                "image",
                "demo/smoke:1",
                "env",
                List.of(
                        Json.obj("name", "SLUICE_ASK", "value", "http://web.default.svc/"),
                        Json.obj("name", "SLUICE_ASK_VERSION", "value", version),
                        Json.obj("name", "SLUICE_ASK_TIMES", "value", "3"),
                        Json.obj("name", "SLUICE_ASK_WITHIN", "value", within)));
        var template = Json.obj("spec", Json.obj("restartPolicy", "Never", "containers", List.of(container)));
        create(ResourceType.JOBS, name, Json.obj("backoffLimit", 0, "template", template));
    }

    private boolean job(String name, String condition) {
        var job = api.send(new Request.Get(ObjectRef.of(ResourceType.JOBS, "default", name)))
                .answer()
                .orElseThrow();
        return job.at("status", "conditions").items().stream()
                .anyMatch(each -> each.at("type").string("").equals(condition)
                        && each.at("status").string("").equals("True"));
    }

    @Test
    void aSmokeTestThatAsksTheServiceEndsWellOnlyWhereTheVersionItExpectsAnswers() throws Exception {
        deployment("web", 2, Map.of("app", "web"), "demo/web:v2");
        service("web", Map.of("app", "web"));
        listening("web", 2);
        smokeTest("good", "v2", "60s");
        smokeTest("bad", "v3", "500ms");
        eventually(() -> job("good", "Complete") && job("bad", "Failed"));
    }
}
