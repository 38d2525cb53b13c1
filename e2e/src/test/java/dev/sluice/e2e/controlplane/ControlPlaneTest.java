package dev.sluice.e2e.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.e2e.RealTier;
import dev.sluice.json.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The control plane is real enough to trust, its pods keep what `stages.yaml` promises, and nothing is left of it.
@Tag("real")
class ControlPlaneTest {
    private static final Duration SOON = Duration.ofMinutes(1);
    private static Optional<ControlPlane> started = Optional.empty();

    @BeforeAll
    static void start() throws Exception {
        started = Optional.of(ControlPlane.start(RealTier.required(ControlPlaneTest.class)));
    }

    @AfterAll
    static void closingLeavesNoProcessAndNoFile() {
        started.ifPresent(plane -> {
            var processes = plane.processes();
            plane.close();
            assertThat(processes).hasSize(6);
            for (var process : processes) assertThat(process.onExit()).succeedsWithin(SOON);
            assertThat(plane.logs().getParent()).doesNotExist();
        });
    }

    @Test
    void aDeploymentOfThreeBecomesAvailableAndGoes() throws Exception {
        namespace("shop");
        var web = "/apis/apps/v1/namespaces/shop/deployments/web";
        post("/apis/apps/v1/namespaces/shop/deployments", """
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
                  "replicas": 3,
                  "selector": {"matchLabels": {"app": "web"}},
                  "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "web", "image": "example.test/web:1"}]}}}}
                """);

        await("web available", web, it -> it.at("status", "availableReplicas").integer(0) == 3);
        assertThat(get("/api/v1/namespaces/shop/pods").at("items").items())
                .hasSize(3)
                .allMatch(pod -> pod.at("status", "podIP").string("").startsWith("10.244."));

        assertThat(plane().send("DELETE", web, Optional.empty()).statusCode()).isEqualTo(200);
        await(
                "no pods",
                "/api/v1/namespaces/shop/pods",
                it -> it.at("items").items().isEmpty());
    }

    @Test
    void podsBecomeReadyWhenTheirProbesAndGatesLetThem() throws Exception {
        namespace("probes");
        pod("probes", "plain", """
                {"containers": [{"name": "c", "image": "example.test/c:1"}]}
                """);
        pod("probes", "slow", """
                {"containers": [{"name": "c", "image": "example.test/c:1",
                  "readinessProbe": {"httpGet": {"port": 80}, "initialDelaySeconds": 3}}]}
                """);
        pod("probes", "never", """
                {"containers": [{"name": "c", "image": "example.test/c:1",
                  "readinessProbe": {"exec": {"command": ["false"]}}}]}
                """);
        pod("probes", "gated", """
                {"containers": [{"name": "c", "image": "example.test/c:1"}],
                 "readinessGates": [{"conditionType": "example.test/open"}]}
                """);

        await("plain ready", path("probes", "plain"), it -> isTrue(it, "Ready"));
        await("slow ready", path("probes", "slow"), it -> isTrue(it, "Ready"));
        var slow = get(path("probes", "slow"));
        var running = slow.at("status", "containerStatuses").at(0).at("state", "running", "startedAt");
        assertThat(Duration.between(
                        instant(running), instant(condition(slow, "Ready").at("lastTransitionTime"))))
                .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(30));

        var gated = get(path("probes", "gated"));
        assertThat(isTrue(gated, "ContainersReady")).isTrue();
        assertThat(condition(gated, "Ready").at("reason").string("")).isEqualTo("ReadinessGatesNotReady");
        gate("True");
        await("gate open", path("probes", "gated"), it -> isTrue(it, "Ready"));
        gate("False");
        await("gate shut", path("probes", "gated"), it -> !isTrue(it, "Ready"));

        var never = get(path("probes", "never"));
        assertThat(never.at("status", "phase").string("")).isEqualTo("Running");
        assertThat(isTrue(never, "Ready")).isFalse();
    }

    @Test
    void podsFailAsTheirCommandAndImageSay() throws Exception {
        namespace("trouble");
        pod("trouble", "crash", """
                {"containers": [{"name": "c", "image": "example.test/c:1", "command": ["sh", "-c", "exit 3"]}]}
                """);
        pod("trouble", "image", """
                {"containers": [{"name": "c", "image": "registry.invalid/c:1"}]}
                """);

        await("crash loop", path("trouble", "crash"), it -> waitsFor(it, "CrashLoopBackOff"));
        var crashed =
                get(path("trouble", "crash")).at("status", "containerStatuses").at(0);
        assertThat(crashed.at("restartCount").integer(0)).isPositive();
        assertThat(crashed.at("lastState", "terminated", "exitCode").integer(0)).isEqualTo(3);
        await("image missing", path("trouble", "image"), it -> waitsFor(it, "ImagePullBackOff"));
    }

    @Test
    void jobsEndWithTheCodeOfTheirCommand() throws Exception {
        namespace("jobs");
        job("good", "sleep 1");
        job("bad", "sleep 1; exit 1");

        await("good complete", "/apis/batch/v1/namespaces/jobs/jobs/good", it -> isTrue(it, "Complete"));
        await("bad failed", "/apis/batch/v1/namespaces/jobs/jobs/bad", it -> isTrue(it, "Failed"));
    }

    @Test
    void aDeletedPodBecomesTerminalBeforeItGoes() throws Exception {
        namespace("gone");
        post("/api/v1/namespaces/gone/pods", """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "held", "finalizers": ["example.test/hold"]},
                 "spec": {"containers": [{"name": "c", "image": "example.test/c:1"}]}}
                """);
        var held = path("gone", "held");
        await("held ready", held, it -> isTrue(it, "Ready"));

        assertThat(plane().send("DELETE", held, Optional.empty()).statusCode()).isEqualTo(200);
        await("held failed", held, it -> it.at("status", "phase").string("").equals("Failed") && !isTrue(it, "Ready"));
        var release = Json.obj("metadata", Json.obj("finalizers", Json.arr()));
        plane().send("PATCH", held, Optional.of(release.text()));

        await("held gone", held, it -> it.at("code").integer(0) == 404);
    }

    @Test
    void theApiServerComesBackWithWhatItKnew() throws Exception {
        namespace("kept");

        plane().killApiServer();
        assertThat(plane().processes()).hasSize(5);
        plane().restartApiServer();

        assertThat(get("/api/v1/namespaces/kept").at("metadata", "name").string(""))
                .isEqualTo("kept");
    }

    @Test
    void aUserMayDoWhatRbacGrantsAndIsAudited() throws Exception {
        var config = plane().kubeconfig(User.user("somebody"));
        assertThat(Files.readString(config)).contains(plane().url().toString());
        try (var client = HttpClient.newBuilder()
                .sslContext(plane().sslContext(User.user("somebody")))
                .build()) {
            var request = HttpRequest.newBuilder(plane().url().resolve("/api/v1/nodes"))
                    .timeout(SOON)
                    .build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("User \\\"somebody\\\" cannot list resource \\\"nodes\\\"");
        }
        plane().await(
                        "somebody in the audit log",
                        SOON,
                        () -> Files.readString(plane().auditLog()).contains("\"username\":\"somebody\""));
    }

    @Test
    void kubectlAcceptsTheKubeconfig() throws Exception {
        var kubectl = new ProcessBuilder(List.of(
                        plane().binaries().program("kubectl").toString(),
                        "--kubeconfig=" + plane().kubeconfig(User.ADMIN),
                        "version"))
                .redirectErrorStream(true)
                .start();
        var said = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kubectl.waitFor()).as(said).isZero();
        assertThat(said).containsPattern("Server Version: v[1-9]");
    }

    private static ControlPlane plane() {
        return started.orElseThrow();
    }

    private static void namespace(String name) throws Exception {
        post("/api/v1/namespaces", """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "%s"}}
                """.formatted(name));
        // Pods made directly, not by a controller that tries again, need it at once.
        await(
                "service account",
                "/api/v1/namespaces/" + name + "/serviceaccounts/default",
                it -> it.at("kind").string("").equals("ServiceAccount"));
    }

    private static void pod(String namespace, String name, String spec) throws Exception {
        post("/api/v1/namespaces/" + namespace + "/pods", """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s"}, "spec": %s}
                """.formatted(name, spec));
    }

    private static void job(String name, String script) throws Exception {
        post("/apis/batch/v1/namespaces/jobs/jobs", """
                {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "%s"}, "spec": {
                  "backoffLimit": 0,
                  "template": {"spec": {"restartPolicy": "Never", "containers": [
                    {"name": "c", "image": "example.test/c:1", "command": ["sh", "-c", "%s"]}]}}}}
                """.formatted(name, script));
    }

    /// Conditions are a list: a merge patch would replace kubelet's too, so they are sent along.
    private static void gate(String status) throws Exception {
        var pod = get(path("probes", "gated"));
        var others = pod.at("status", "conditions").items().stream()
                .filter(it -> !it.at("type").string("").equals("example.test/open"));
        var own = Json.obj("type", "example.test/open", "status", status);
        var conditions = Json.of(Stream.concat(others, Stream.of(own)).toList());
        var patch = Json.obj("status", Json.obj("conditions", conditions));
        var answer = plane().send("PATCH", path("probes", "gated") + "/status", Optional.of(patch.text()));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private static String path(String namespace, String pod) {
        return "/api/v1/namespaces/" + namespace + "/pods/" + pod;
    }

    private static void post(String path, String body) throws Exception {
        var answer = plane().send("POST", path, Optional.of(body));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private static Json get(String path) throws IOException, InterruptedException {
        return Json.parse(plane().send("GET", path, Optional.empty()).body());
    }

    private static void await(String what, String path, Predicate<Json> condition) throws Exception {
        plane().await(what, SOON, () -> condition.test(get(path)));
    }

    private static Json condition(Json object, String type) {
        return object.at("status", "conditions").items().stream()
                .filter(it -> it.at("type").string("").equals(type))
                .findFirst()
                .orElse(Json.Null.VALUE);
    }

    private static boolean isTrue(Json object, String type) {
        return condition(object, type).at("status").string("").equals("True");
    }

    private static boolean waitsFor(Json pod, String reason) {
        return pod.at("status", "containerStatuses")
                .at(0)
                .at("state", "waiting", "reason")
                .string("")
                .equals(reason);
    }

    private static Instant instant(Json time) {
        return Instant.parse(time.string(""));
    }
}
