package dev.sluice.local.traffic;

import static dev.sluice.local.traffic.TinyCluster.backend;
import static dev.sluice.local.traffic.TinyCluster.rule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.pod.PodRuntime;
import dev.sluice.local.traffic.http.Body;
import dev.sluice.local.traffic.http.Headers;
import dev.sluice.local.traffic.http.HttpRequest;
import dev.sluice.local.traffic.load.LoadGenerator;
import dev.sluice.local.traffic.load.LoadPlan;
import dev.sluice.local.traffic.load.LoadReport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TrafficPlaneTest {
    private final TinyCluster cluster = new TinyCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static boolean endedWith(TinyCluster.Running pod, int code) {
        return pod.process().state() instanceof PodRuntime.State.Exited exited && exited.code() == code;
    }

    // Pods

    @Test
    void aPodSaysWhoItIsInTextJsonAndHtml() throws Exception {
        var pod = cluster.pod("web-1", "demo/web:v2-blue");
        var at = new InetSocketAddress(pod.address(), 8080);
        var text = cluster.get(at, "/");
        assertThat(text.status()).isEqualTo(200);
        assertThat(text.headers().first("X-Version")).contains("v2-blue");
        assertThat(text.headers().first("X-Pod")).contains("web-1");
        assertThat(text.bodyText()).isEqualTo("v2-blue blue web-1 ok\n");
        var json =
                Json.parse(cluster.get(at, "/x", "Accept", "application/json").bodyText());
        assertThat(json.at("colour").string("")).isEqualTo("blue");
        assertThat(cluster.get(at, "/", "Accept", "text/html").bodyText()).contains("<h1>version v2-blue</h1>");
        assertThat(cluster.get(at, "/healthz").status()).isEqualTo(200);
        assertThat(cluster.get(at, "/metrics").bodyText())
                .contains("http_requests_total{app=\"web\",code=\"200\",namespace=\"shop\",pod=\"web-1\","
                        + "version=\"v2-blue\"} 3\n")
                .contains("code=\"500\"")
                .contains("http_request_duration_seconds_bucket{");
        assertThat(pod.log().lines()).anySatisfy(line -> assertThat(line.text()).startsWith("GET / 200 "));
    }

    @Test
    void errorsComeAtTheRateAskedForAndFromTheSeed() throws Exception {
        var pod = cluster.pod("web-1", "demo/web:v2-error-20");
        var at = new InetSocketAddress(pod.address(), 8080);
        int errors = 0;
        for (int i = 0; i < 1000; i++) {
            if (cluster.get(at, "/").status() == 500) errors++;
        }
        assertThat(errors).isBetween(140, 260);
    }

    @Test
    void aPodThatIsNeverReadyAnswers503AndOneThatCrashesIsGone() throws Exception {
        var never = cluster.start("never", "demo/web:v2-never-ready");
        assertThat(cluster.get(new InetSocketAddress(never.address(), 8080), "/healthz")
                        .status())
                .isEqualTo(503);
        assertThat(cluster.get(new InetSocketAddress(never.address(), 8080), "/")
                        .status())
                .isEqualTo(503);
        assertThat(never.process().state()).isEqualTo(new PodRuntime.State.Starting());
        var crash = cluster.start("crash", "demo/web:v2-crash");
        cluster.eventually(() -> endedWith(crash, 1));
        assertThatThrownBy(() -> new Socket(crash.address(), 8080).close()).isInstanceOf(IOException.class);
    }

    @Test
    void aPodWhosePortIsTakenEndsAndSaysSo() throws Exception {
        var first = cluster.pod("first", "demo/web:v1");
        var second = cluster.start("second", "demo/web:v1", first.address(), 8080);
        assertThat(second.process().state()).isInstanceOfSatisfying(PodRuntime.State.Exited.class, exited -> {
            assertThat(exited.code()).isEqualTo(1);
            assertThat(exited.message()).contains(first.address() + ":8080");
        });
        first.process().kill();
        var third = cluster.start("third", "demo/web:v1", first.address(), 8080);
        cluster.eventually(third::serving);
    }

    @Test
    void aLeakingPodIsKilledAtItsLimit() throws Exception {
        var pod = cluster.pod("web-1", "demo/web:v1-leak-64Mi");
        var at = new InetSocketAddress(pod.address(), 8080);
        assertThat(cluster.get(at, "/").status()).isEqualTo(200);
        assertThat(cluster.get(at, "/").status()).isEqualTo(200);
        try (var load = LoadGenerator.start(LoadPlan.closed(at, "/", 1).times(1), cluster.time)) {
            assertThat(finished(load).failed()).isEqualTo(1);
        }
        assertThat(pod.process().state())
                .isInstanceOfSatisfying(
                        PodRuntime.State.Exited.class,
                        exited -> assertThat(exited.reason()).isEqualTo("OOMKilled"));
    }

    @Test
    void aDrainedPodAnswersWhatItHasAndEndsWithZero() throws Exception {
        var pod = cluster.pod("web-1", "demo/web:v1-latency-200ms-drain-0s");
        var at = new InetSocketAddress(pod.address(), 8080);
        try (var load = LoadGenerator.start(LoadPlan.closed(at, "/", 4).times(4), cluster.time)) {
            cluster.eventually(() -> load.connections() == 4);
            pod.process().drain(Duration.ofSeconds(10));
            var report = load.stop();
            assertThat(report.requests()).isEqualTo(4);
            assertThat(report.failed()).as(report.firstFailures().toString()).isZero();
        }
        cluster.eventually(() -> endedWith(pod, 0));
        assertThat(cluster.pods.running()).isZero();
    }

    @Test
    void aDrainedPodThatWasToRunToAnEndIsCutOff() throws Exception {
        var pod = cluster.pod("job-1", "demo/job:v1-run-60s-exit-0-drain-0s");
        pod.process().drain(Duration.ofSeconds(10));
        cluster.eventually(() -> endedWith(pod, 143));
    }

    // Services

    @Test
    void threePodsOfV1AndOneOfV2GiveV2ExactlyAQuarter() throws Exception {
        var one = cluster.pod("a-1", "demo/web:v1");
        var two = cluster.pod("a-2", "demo/web:v1");
        var three = cluster.pod("a-3", "demo/web:v1");
        var four = cluster.pod("b-1", "demo/web:v2");
        cluster.service("discounts", one, two, three, four);
        assertThat(cluster.versions(cluster.at("discounts"), 400)).isEqualTo(Map.of("v1", 300, "v2", 100));
        try (var load = LoadGenerator.start(
                LoadPlan.closed(cluster.at("discounts"), "/", 16).times(8000), cluster.time)) {
            var report = finished(load);
            assertThat(report.failed()).isZero();
            assertThat(report.share("v2")).isEqualTo(0.25);
        }
        var shares = cluster.plane.shares(60).at("backends").at(0);
        assertThat(shares.at("service").string("")).isEqualTo("discounts");
        assertThat(shares.at("versions").at(1).at("counts", "requests").integer(0))
                .isEqualTo(2100);
        assertThat(shares.at("versions").at(1).at("counts", "share").text()).isEqualTo("0.25");
    }

    private LoadReport finished(LoadGenerator load) throws InterruptedException {
        assertThat(load.await(Duration.ofSeconds(60))).isTrue();
        return load.stop();
    }

    @Test
    void noRequestFailsWhilePodsComeAndGo() throws Exception {
        var stay = cluster.pod("stay", "demo/web:v1");
        var leaving = cluster.pod("leaving-0", "demo/web:v1-drain-100ms");
        cluster.service("web", stay, leaving);
        try (var load = LoadGenerator.start(LoadPlan.closed(cluster.at("web"), "/", 16), cluster.time)) {
            for (int round = 1; round <= 12; round++) {
                long before = load.report().requests();
                var next = cluster.pod("leaving-" + round, "demo/web:v2-drain-100ms");
                cluster.endpoints("web", stay, leaving, next);
                cluster.eventually(() -> load.report().requests() > before + 300);
                // As a kubelet does it: the endpoints hear of it, then the process.
                cluster.endpoints("web", stay, next);
                leaving.process().drain(Duration.ofSeconds(10));
                var gone = leaving;
                cluster.eventually(() -> gone.process().state() instanceof PodRuntime.State.Exited);
                leaving = next;
            }
            var report = load.stop();
            assertThat(report.requests()).isGreaterThan(3600);
            assertThat(report.failed()).as(report.firstFailures().toString()).isZero();
        }
    }

    @Test
    void aPodThatIsEndingServesWhileNoneIsReady() throws Exception {
        var pod = cluster.pod("last", "demo/web:v1");
        cluster.service("web", pod);
        cluster.slice("web", List.of(TinyCluster.endpoint(pod, false, true, true)));
        assertThat(cluster.versions(cluster.at("web"), 5)).isEqualTo(Map.of("v1", 5));
        cluster.slice("web", List.of(TinyCluster.endpoint(pod, false, false, true)));
        cluster.eventually(() -> cluster.plane.endpoints("shop", "web", 80).isEmpty());
        var none = cluster.get(cluster.at("web"), "/");
        assertThat(none.status()).isEqualTo(503);
        assertThat(none.bodyText()).contains("shop/web has no ready endpoints");
    }

    @Test
    void anEndpointThatRefusesIsPassedOverForEveryMethod() throws Exception {
        var alive = cluster.pod("alive", "demo/web:v1");
        var dead = cluster.pod("dead", "demo/web:v2");
        cluster.service("web", alive, dead);
        dead.process().kill();
        var at = cluster.at("web");
        for (int i = 0; i < 20; i++) {
            var post = cluster.send(at, HttpRequest.post("/order", "web", Body.of("once")));
            assertThat(post.headers().first("X-Version")).contains("v1");
        }
    }

    @Test
    void aRequestOfWhichBytesWereSentIsNeverRepeated() throws Exception {
        var one = cluster.pod("one", "demo/web:v1-latency-1m");
        var two = cluster.pod("two", "demo/web:v2-latency-1m");
        cluster.service("web", one, two);
        try (var load =
                LoadGenerator.start(LoadPlan.closed(cluster.at("web"), "/", 1).times(1), cluster.time)) {
            cluster.eventually(
                    () -> cluster.plane.shares(60).at("backends").items().isEmpty() && load.connections() == 1);
            // Whichever has it is killed with the request in its hands.
            cluster.eventually(() -> connectionsOf(one) + connectionsOf(two) == 1);
            one.process().kill();
            two.process().kill();
            var report = load.stop();
            assertThat(report.reasons()).isEqualTo(Map.of("http-502", 1L));
        }
    }

    private int connectionsOf(TinyCluster.Running pod) {
        return ((RealPod) pod.process()).connections();
    }

    @Test
    void aServiceThatIsDeletedStopsListeningAndHeadlessOnesNeverStart() throws Exception {
        var pod = cluster.pod("one", "demo/web:v1");
        cluster.service("web", pod);
        var at = cluster.at("web");
        cluster.api.send(new Request.Delete(
                ObjectRef.of(ResourceType.SERVICES, "shop", "web"),
                Optional.empty(),
                Optional.empty(),
                "Background",
                Optional.empty()));
        cluster.eventually(() -> {
            try (var _ = new Socket(at.getAddress(), at.getPort())) {
                return false;
            } catch (IOException refused) {
                return true;
            }
        });
        assertThat(cluster.plane.service("shop", "web", 80)).isEmpty();
    }

    // Gateway

    @Test
    void tenToNinetyByWeightIsExactWithAnyNumberOfPods() throws Exception {
        var stable = cluster.pod("s", "demo/web:v1");
        var canaryOne = cluster.pod("c-1", "demo/web:v2");
        var canaryTwo = cluster.pod("c-2", "demo/web:v2");
        cluster.service("stable", stable);
        cluster.service("canary", canaryOne, canaryTwo);
        cluster.gateway();
        cluster.route("web", rule(backend("stable", 90), backend("canary", 10)));
        var at = cluster.plane.gateway();
        assertThat(cluster.versions(at, 100)).isEqualTo(Map.of("v1", 90, "v2", 10));
        try (var load = LoadGenerator.start(LoadPlan.closed(at, "/", 16).times(6000), cluster.time)) {
            var report = finished(load);
            assertThat(report.failed()).isZero();
            assertThat(report.share("v2")).isEqualTo(0.1);
        }
        cluster.route("web", rule(backend("stable", 1), backend("canary", 2)));
        assertThat(cluster.versions(at, 300)).isEqualTo(Map.of("v1", 100, "v2", 200));
        cluster.route("web", rule(backend("stable", 0), backend("canary", 100)));
        assertThat(cluster.versions(at, 50)).isEqualTo(Map.of("v2", 50));
    }

    @Test
    void noRequestFailsWhileWeightsMove() throws Exception {
        cluster.service("stable", cluster.pod("s", "demo/web:v1"));
        cluster.service("canary", cluster.pod("c", "demo/web:v2"));
        cluster.gateway();
        cluster.route("web", rule(backend("stable", 100), backend("canary", 0)));
        try (var load = LoadGenerator.start(LoadPlan.closed(cluster.plane.gateway(), "/", 16), cluster.time)) {
            for (int weight : List.of(5, 25, 50, 75, 100, 0)) {
                cluster.route("web", rule(backend("stable", 100 - weight), backend("canary", weight)));
                var start = load.report();
                cluster.eventually(() -> load.report().requests() > start.requests() + 2000);
                var during = load.report().since(start);
                assertThat(during.share("v2")).isBetween(weight / 100.0 - 0.015, weight / 100.0 + 0.015);
            }
            var report = load.stop();
            assertThat(report.failed()).as(report.firstFailures().toString()).isZero();
        }
    }

    @Test
    void theStatusSaysWhatIsServed() throws Exception {
        cluster.service("stable", cluster.pod("s", "demo/web:v1"));
        cluster.gateway();
        var fine = cluster.route("web", rule(backend("stable", 1)))
                .at("status", "parents")
                .at(0);
        assertThat(fine.at("controllerName").string("")).isEqualTo(HttpGateway.CONTROLLER);
        assertThat(fine.at("parentRef", "name").string("")).isEqualTo("edge");
        assertThat(condition(fine, "Accepted")).isEqualTo("True Accepted");
        assertThat(condition(fine, "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        var missing = cluster.route("web", rule(backend("stable", 1), backend("nowhere", 1)))
                .at("status", "parents")
                .at(0);
        assertThat(condition(missing, "Accepted")).isEqualTo("True Accepted");
        assertThat(condition(missing, "ResolvedRefs")).isEqualTo("False BackendNotFound");
        var odd = cluster.route(
                        "web",
                        Json.obj(
                                "filters", List.of(Json.obj("type", "ExtensionRef")),
                                "backendRefs", List.of(backend("stable", 1))))
                .at("status", "parents")
                .at(0);
        assertThat(condition(odd, "Accepted")).isEqualTo("False UnsupportedValue");
        cluster.eventually(() -> cluster.get(ObjectRef.of(ResourceType.GATEWAYS, "shop", "edge"))
                .at("status", "addresses")
                .at(0)
                .at("value")
                .string("")
                .equals("127.0.0.1"));
    }

    private static String condition(Json parent, String type) {
        return parent.at("conditions").items().stream()
                .filter(condition -> condition.at("type").string("").equals(type))
                .map(condition -> condition.at("status").string("") + " "
                        + condition.at("reason").string(""))
                .findFirst()
                .orElse("");
    }

    @Test
    void emptyMissingAndWeightlessBackendsAnswerAsTheSpecificationSays() throws Exception {
        cluster.service("stable", cluster.pod("s", "demo/web:v1"));
        cluster.service("empty");
        cluster.gateway();
        var at = cluster.plane.gateway();
        assertThat(cluster.get(at, "/").status()).isEqualTo(404);
        cluster.route("web", rule(backend("stable", 1), backend("empty", 1)));
        assertThat(List.of(cluster.get(at, "/").status(), cluster.get(at, "/").status()))
                .containsExactlyInAnyOrder(200, 503);
        cluster.route("web", rule(backend("stable", 1), backend("missing", 1)));
        assertThat(List.of(cluster.get(at, "/").status(), cluster.get(at, "/").status()))
                .containsExactlyInAnyOrder(200, 500);
        cluster.route("web", rule(backend("stable", 0)));
        assertThat(cluster.get(at, "/").status()).isEqualTo(500);
    }

    @Test
    void theMoreSpecificMatchWins() throws Exception {
        for (var name : List.of("root", "api", "exact", "beta", "regex", "two", "post", "query")) {
            cluster.service(name, cluster.pod(name, "demo/web:" + name));
        }
        cluster.gateway();
        cluster.route(
                "web",
                rule(backend("root", 1)),
                matching("api", Json.obj("path", Json.obj("type", "PathPrefix", "value", "/api"))),
                matching("exact", Json.obj("path", Json.obj("type", "Exact", "value", "/api/v1"))),
                matching("post", Json.obj("path", Json.obj("type", "PathPrefix", "value", "/api"), "method", "POST")),
                matching("beta", Json.obj("headers", List.of(Json.obj("name", "X-User", "value", "beta")))),
                matching(
                        "regex",
                        Json.obj(
                                "headers",
                                List.of(Json.obj(
                                        "type", "RegularExpression", "name", "User-Agent", "value", ".*Test.*")))),
                matching(
                        "two",
                        Json.obj(
                                "headers",
                                List.of(
                                        Json.obj("name", "X-User", "value", "beta"),
                                        Json.obj("name", "X-Zone", "value", "eu")))),
                matching("query", Json.obj("queryParams", List.of(Json.obj("name", "try", "value", "new")))));
        var at = cluster.plane.gateway();
        assertThat(version(at, "/")).isEqualTo("root");
        assertThat(version(at, "/apis")).isEqualTo("root");
        assertThat(version(at, "/api")).isEqualTo("api");
        assertThat(version(at, "/api/v1/x")).isEqualTo("api");
        assertThat(version(at, "/api/v1")).isEqualTo("exact");
        assertThat(version(at, "/", "X-User", "beta")).isEqualTo("beta");
        assertThat(version(at, "/", "x-user", "beta", "X-Zone", "eu")).isEqualTo("two");
        assertThat(version(at, "/", "X-User", "betamax")).isEqualTo("root");
        assertThat(version(at, "/", "User-Agent", "a Test b")).isEqualTo("regex");
        assertThat(version(at, "/?a=1&try=new")).isEqualTo("query");
        assertThat(version(at, "/api", "X-User", "beta"))
                .as("a path outweighs a header")
                .isEqualTo("api");
        var post = cluster.send(at, HttpRequest.post("/api", "web.example", Body.of("x")));
        assertThat(post.headers().first("X-Version")).contains("post");
    }

    private String version(InetSocketAddress at, String target, String... headers) {
        return cluster.get(at, target, headers).headers().first("X-Version", "none");
    }

    private static Json matching(String service, Json match) {
        return Json.obj("matches", List.of(match), "backendRefs", List.of(backend(service, 1)));
    }

    @Test
    void hostNamesSeparateRoutesAndFiltersChangeWhatPasses() throws Exception {
        cluster.service("one", cluster.pod("one", "demo/web:one"));
        cluster.service("two", cluster.pod("two", "demo/web:two"));
        cluster.gateway();
        cluster.route("any", rule(backend("one", 1)));
        cluster.routeOf(
                "wild",
                Json.obj(
                        "parentRefs", List.of(Json.obj("name", "edge")),
                        "hostnames", List.of("*.example"),
                        "rules",
                                List.of(Json.obj(
                                        "backendRefs", List.of(backend("two", 1)),
                                        "filters",
                                                List.of(
                                                        Json.obj(
                                                                "type",
                                                                "ResponseHeaderModifier",
                                                                "responseHeaderModifier",
                                                                Json.obj(
                                                                        "set",
                                                                                List.of(Json.obj(
                                                                                        "name", "X-Via",
                                                                                        "value", "edge")),
                                                                        "remove", List.of("X-Colour"))),
                                                        Json.obj(
                                                                "type",
                                                                "RequestMirror",
                                                                "requestMirror",
                                                                Json.obj("backendRef", backend("one", 1))))))));
        var at = cluster.plane.gateway();
        var wild = cluster.get(at, "/");
        assertThat(wild.headers().first("X-Version")).contains("two");
        assertThat(wild.headers().first("X-Via")).contains("edge");
        assertThat(wild.headers().has("X-Colour")).isFalse();
        cluster.eventually(() -> cluster.plane.shares(60).at("backends").items().stream()
                .anyMatch(backend -> backend.at("entry").string("").equals("mirror")
                        && backend.at("service").string("").equals("one")));
        var other = cluster.send(at, HttpRequest.get("/", "elsewhere.org:8080"));
        assertThat(other.headers().first("X-Version")).contains("one");
    }

    @Test
    void hopByHopHeadersEndAtTheGateway() throws Exception {
        cluster.service("one", cluster.pod("one", "demo/web:one"));
        var response = cluster.send(
                cluster.at("one"),
                new HttpRequest(
                        "GET",
                        "/",
                        Headers.of("Host", "w", "Connection", "X-Secret", "X-Secret", "1", "TE", "trailers"),
                        Body.NONE,
                        "",
                        true));
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers().has("Connection")).isFalse();
    }

    // Numbers

    @Test
    void thePrometheusEndpointKnowsTheErrorRateOfTheCanary() throws Exception {
        cluster.close();
        try (var fast =
                new TinyCluster(new TrafficPlane.Settings(0, 0, Duration.ofMillis(20), Duration.ofSeconds(60)))) {
            fast.service("stable", fast.pod("s", "demo/web:v1"));
            fast.service("canary", fast.pod("c", "demo/web:v2-error"));
            fast.gateway();
            fast.route("web", rule(backend("stable", 50), backend("canary", 50)));
            try (var load = LoadGenerator.start(LoadPlan.open(fast.plane.gateway(), "/", 200), fast.time)) {
                var query = "/api/v1/query?query="
                        + URLEncoder.encode(
                                "sum(rate(gateway_requests_total{service='canary',code=~'5..'}[2s]))"
                                        + " / sum(rate(gateway_requests_total{service='canary'}[2s]))",
                                StandardCharsets.UTF_8);
                fast.eventually(() -> {
                    var answer =
                            Json.parse(fast.get(fast.plane.metrics(), query).bodyText());
                    return answer.at("data", "result")
                            .at(0)
                            .at("value")
                            .at(1)
                            .string("")
                            .equals("1");
                });
                var pods = fast.get(
                        fast.plane.metrics(), "/api/v1/query?query=count(http_requests_total%7Bcode%3D%22200%22%7D)");
                assertThat(pods.bodyText()).contains("\"2\"");
                load.stop();
            }
            assertThat(fast.get(fast.plane.metrics(), "/metrics").bodyText())
                    .contains(
                            "gateway_request_duration_seconds_bucket{le=\"0.005\",namespace=\"shop\",route=\"shop/web\"");
            assertThat(fast.get(fast.plane.metrics(), "/shares?window=30").status())
                    .isEqualTo(200);
            assertThat(fast.get(fast.plane.metrics(), "/nothing").status()).isEqualTo(404);
        }
    }

    @Test
    void aTakenPortIsNamedAndLeavesNothingOpen() {
        var taken = cluster.plane.gateway().getPort();
        assertThatThrownBy(() -> TrafficPlane.start(
                        TrafficPlane.Settings.DEFAULT.withPorts(taken, 0), cluster.pods, cluster.api, cluster.time))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + taken);
    }

    @Test
    void closingLeavesNoSocket() throws Exception {
        cluster.service("web", cluster.pod("one", "demo/web:v1"));
        cluster.gateway();
        var all = List.of(cluster.plane.gateway(), cluster.plane.metrics(), cluster.at("web"));
        assertThat(cluster.versions(cluster.at("web"), 3)).isEqualTo(Map.of("v1", 3));
        cluster.close();
        for (var address : all) {
            assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()).close())
                    .isInstanceOf(IOException.class);
        }
    }
}
