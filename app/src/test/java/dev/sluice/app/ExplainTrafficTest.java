package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.controller.Definitions;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.rollout.AnalysisRunMaker;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.RolloutController;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.VirtualTime;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.Time;
import dev.sluice.spi.TrafficRouter;
import dev.sluice.traffic.GatewayApiRouter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// Faults staged on the embedded cluster under the real controller; the command names each.
class ExplainTrafficTest {
    private static final String SHOP = "default";
    private static final Json.Obj ROUTING = Json.obj(
            "canaryService",
            "web-canary",
            "stableService",
            "web-stable",
            "trafficRouting",
            Json.obj("plugins", Json.obj(GatewayApiRouter.NAME, Json.obj("httpRoute", "web"))));

    private final VirtualTime time = new VirtualTime();
    private final LocalCluster cluster = LocalCluster.builder(time).seed(6).start();
    private boolean controllerLives = true;
    private String err = "";

    @AfterEach
    void close() {
        cluster.close();
    }

    private record Answer(int exit, List<String> codes, Json document) {
        String evidence(String code) {
            return document.at("findings").items().stream()
                    .filter(finding -> finding.at("code").string("").endsWith(code))
                    .map(finding -> finding.at("evidence").string(""))
                    .findFirst()
                    .orElse("(no " + code + " in " + document + ")");
        }
    }

    private Answer explain(String... words) {
        var all = new ArrayList<>(List.of("--traffic", "--json"));
        all.addAll(List.of(words));
        var out = new ByteArrayOutputStream();
        int exit = run(out, false, all);
        var document = exit == 0 || exit == 8 ? Json.parse(out.toByteArray()) : Json.Obj.EMPTY;
        var codes = document.at("findings").items().stream()
                .map(finding -> finding.at("code").string("").substring(4))
                .distinct()
                .sorted()
                .toList();
        return new Answer(exit, codes, document);
    }

    private int run(ByteArrayOutputStream out, boolean ascii, List<String> words) {
        var errors = new ByteArrayOutputStream();
        var place = new ExplainCommand.Place(
                cluster.gateway("user"),
                SHOP,
                ascii,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8),
                () -> {});
        int exit = new CommandLine(new ExplainCommand(_ -> place, _ -> 99)).execute(words.toArray(String[]::new));
        err = errors.toString(StandardCharsets.UTF_8);
        return exit;
    }

    // ── the world ────────────────────────────────────────────────────────────────────────────────────────────────

    private void controller() {
        Map<String, TrafficRouter> routers = Map.of(GatewayApiRouter.NAME, new GatewayApiRouter());
        var gateway = cluster.gateway("sluice");
        var life = new Time() {
            @Override
            public Instant now() {
                return time.now();
            }

            @Override
            public Timer at(Instant when, Runnable task) {
                return time.at(when, () -> {
                    if (controllerLives) task.run();
                });
            }
        };
        var caches = new Caches(
                gateway, life, Optional.empty(), RolloutController.kinds(routers), ObjectCache.Options.standard(1));
        var controller = new RolloutController(
                gateway,
                life,
                caches,
                routers,
                (_, _) -> new AnalysisRunMaker.Made.Impossible("no analysis here"),
                (_, _, _, _) -> {},
                RolloutEngine::decide);
        controller.queue().whenReady(() -> life.at(life.now().plusMillis(5), controller::step));
        caches.start();
    }

    private void create(ResourceType type, String name, Json.Obj manifest) {
        var whole = Bench.manifest(type, SHOP, name, manifest);
        var reply = cluster.gateway("user").send(new Request.Create(ObjectRef.of(type, SHOP, name), whole));
        assertThat(reply).as(name).isInstanceOf(Reply.Done.class);
    }

    private void patch(ObjectRef ref, Json.Obj body) {
        var reply = cluster.gateway("user").send(new Request.Patch(ref, PatchType.MERGE, body));
        assertThat(reply).as(ref.toString()).isInstanceOf(Reply.Done.class);
    }

    private static ObjectRef ref(ResourceType type, String name) {
        return ObjectRef.of(type, SHOP, name);
    }

    private void service(String name, Json.Obj selector) {
        var ports = List.of(Json.obj("port", 80, "targetPort", 8080));
        create(ResourceType.SERVICES, name, Json.obj("spec", Json.obj("selector", selector, "ports", ports)));
    }

    private static Json.Obj template(String image, Json.Obj labels) {
        var container = Json.obj(
                "name", "web", "image", "demo/web:" + image, "ports", List.of(Json.obj("containerPort", 8080)));
        return Json.obj("metadata", Json.obj("labels", labels), "spec", Json.obj("containers", List.of(container)));
    }

    private static Json.Obj template(String image) {
        return template(image, Json.obj("app", "web"));
    }

    private static Json split() {
        return Json.obj(
                "backendRefs",
                List.of(
                        Json.obj("name", "web-stable", "port", 80, "weight", 100),
                        Json.obj("name", "web-canary", "port", 80, "weight", 0)));
    }

    private void rollout(String name, Json.Obj strategy) {
        create(
                ResourceType.ROLLOUTS,
                name,
                Json.obj(
                        "spec",
                        Json.obj(
                                "replicas",
                                4,
                                "selector",
                                Json.obj("matchLabels", Json.obj("app", "web")),
                                "template",
                                template("v1"),
                                "strategy",
                                strategy)));
    }

    private void routed(Json... steps) {
        service("web-stable", Json.obj("app", "web"));
        service("web-canary", Json.obj("app", "web"));
        create(
                ResourceType.HTTP_ROUTES,
                "web",
                Json.obj("spec", Json.obj("parentRefs", List.of(Json.obj("name", "edge")), "rules", List.of(split()))));
        verdict("True", "Accepted", "");
        rollout("web", Json.obj("canary", ROUTING.with("steps", List.of(steps))));
        controller();
        settle();
    }

    /// What the gateway says of the route.
    private void verdict(String status, String reason, String message) {
        var condition = Json.obj(
                "type",
                "Accepted",
                "status",
                status,
                // Of whatever the controller is going to write.
                "observedGeneration",
                1000,
                "reason",
                reason,
                "message",
                message,
                "lastTransitionTime",
                "2026-01-01T00:00:00Z");
        var parent = Json.obj(
                "controllerName",
                "demo.sluice.dev/gateway",
                "parentRef",
                Json.obj("name", "edge"),
                "conditions",
                List.of(condition));
        patch(
                ref(ResourceType.HTTP_ROUTES, "web").sub("status"),
                Json.obj("status", Json.obj("parents", List.of(parent))));
    }

    private void basic(Json... steps) {
        service("web", Json.obj("app", "web"));
        rollout("web", Json.obj("canary", Json.obj("steps", List.of(steps))));
        controller();
        settle();
    }

    private void settle() {
        time.run(Duration.ofMinutes(2));
    }

    private void image(String image) {
        patch(ref(ResourceType.ROLLOUTS, "web"), Json.obj("spec", Json.obj("template", template(image))));
        settle();
    }

    private static Json weight(int weight) {
        return Json.obj("setWeight", weight);
    }

    private static Json pause() {
        return Json.obj("pause", Json.Obj.EMPTY);
    }

    private Json read(ResourceType type, String name) {
        return cluster.gateway("user")
                .send(new Request.Get(ref(type, name)))
                .answer()
                .orElseThrow();
    }

    // ── the faults ───────────────────────────────────────────────────────────────────────────────────────────────

    @Test
    void anInvalidSpecHidesNoTraffic() {
        routed(weight(25), pause());
        image("v2");
        var whole = explain("web");
        assertThat(whole.document().at("invalid").isNull()).isTrue();
        patch(
                ref(ResourceType.ROLLOUTS, "web"),
                Json.obj(
                        "spec",
                        Json.obj(
                                "strategy",
                                Json.obj("canary", Json.obj("steps", List.of(Json.obj("setWieght", 50)))))));
        settle();
        var answer = explain("web");
        assertThat(answer.exit()).as(err).isEqualTo(whole.exit());
        assertThat(answer.document().at("hops").items())
                .hasSameSizeAs(whole.document().at("hops").items());
        assertThat(answer.document().at("reachPercent"))
                .isEqualTo(whole.document().at("reachPercent"));
        assertThat(answer.document().at("askedPercent"))
                .isEqualTo(whole.document().at("askedPercent"));
        assertThat(answer.evidence("T011")).contains("the spec is invalid, so the weight stays where it was");
        assertThat(answer.document().at("invalid").string(""))
                .contains("steps[0]")
                .contains("setWeight");
        var out = new ByteArrayOutputStream();
        run(out, false, List.of("--traffic", "web"));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .startsWith("note  the spec is invalid, so no controller acts on it: spec.strategy.canary.steps[0]")
                .contains("\n1 ✔ ")
                .contains("Result: ");
    }

    @Test
    void anInvalidSpecHidesNoFaultEither() {
        routed(weight(25), pause());
        image("v2");
        controllerLives = false;
        patch(
                ref(ResourceType.ROLLOUTS, "web"),
                Json.parse("{\"spec\":{\"strategy\":{\"canary\":{\"steps\":[{\"wait\":1}]}}}}")
                        .obj());
        patch(ref(ResourceType.HTTP_ROUTES, "web"), Json.obj("spec", Json.obj("rules", List.of(split()))));
        settle();
        var answer = explain("web");
        assertThat(answer.document().at("invalid").string("")).contains("steps[0]");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T004");
        assertThat(answer.exit()).isEqualTo(8);
    }

    @Test
    void aSpecWithoutATemplateHasNoVersionToFollow() {
        routed(weight(25), pause());
        patch(
                ref(ResourceType.ROLLOUTS, "web"),
                Json.obj("spec", Json.obj("template", Json.obj("spec", Json.obj("containers", List.of())))));
        settle();
        var answer = explain("web");
        assertThat(answer.exit()).isEqualTo(1);
        assertThat(err).contains("the rollout is invalid").contains("containers");
    }

    @Test
    void aCanaryAtItsPauseHasNoFault() {
        routed(weight(25), pause());
        image("v2");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T011");
        assertThat(answer.exit()).isZero();
        assertThat(answer.document().at("reachPercent"))
                .isEqualTo(answer.document().at("askedPercent"));
    }

    @Test
    void aSelectorEditedByHand() {
        routed(weight(25), pause());
        image("v2");
        controllerLives = false;
        var old = read(ResourceType.ROLLOUTS, "web").at("status", "stableRS");
        patch(
                ref(ResourceType.SERVICES, "web-canary"),
                Json.obj("spec", Json.obj("selector", Json.obj(Names.HASH, old))));
        settle();
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T001");
        assertThat(answer.evidence("T001")).contains("is v1", "not v2");
        assertThat(answer.exit()).isEqualTo(8);
    }

    @Test
    void aPausedRolloutMakesNoPods() {
        routed(weight(25), pause());
        patch(ref(ResourceType.ROLLOUTS, "web"), Json.obj("spec", Json.obj("paused", true)));
        image("v2");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T002");
        assertThat(answer.evidence("T002")).contains("spec.paused is true");
    }

    @Test
    void aSpecThatTheControllerRefusesMakesNoPods() {
        routed(weight(25), pause());
        var narrow = Json.obj("spec", Json.obj("selector", Json.obj("version", "v1")));
        patch(ref(ResourceType.SERVICES, "web-canary"), narrow);
        image("v2");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T001", "T002");
        assertThat(answer.evidence("T002"))
                .contains("the controller refuses the spec: ", "web-canary")
                .doesNotContain("is it running");
    }

    @Test
    void anImageThatIsNeverReady() {
        basic(weight(25), pause());
        image("v2-never-ready");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T003");
        assertThat(answer.evidence("T003")).contains("readiness probe");
    }

    @Test
    void anImageThatDoesNotExist() {
        routed(weight(25), pause());
        image("missing");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T003");
        assertThat(answer.evidence("T003")).containsAnyOf("ImagePullBackOff", "ErrImagePull");
    }

    @Test
    void anImageThatCrashes() {
        basic(weight(25), pause());
        image("v2-crash");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T003");
        assertThat(answer.evidence("T003")).contains("CrashLoopBackOff");
    }

    @Test
    void weightsEditedByHand() {
        routed(weight(25), pause());
        image("v2");
        controllerLives = false;
        patch(ref(ResourceType.HTTP_ROUTES, "web"), Json.obj("spec", Json.obj("rules", List.of(split()))));
        settle();
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T004");
        assertThat(answer.evidence("T004")).contains("web-canary 0", "asked for 25 of 100");
    }

    @Test
    void aRouteThatItsParentRefuses() {
        routed(weight(25), pause());
        image("v2");
        verdict("False", "NoMatchingParent", "no listener");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T005");
        assertThat(answer.evidence("T005")).contains("NoMatchingParent");
    }

    @Test
    void aRouteThatIsAttachedToNoGateway() {
        routed(weight(25), pause());
        image("v2");
        patch(ref(ResourceType.HTTP_ROUTES, "web"), Json.obj("spec", Json.obj("parentRefs", List.of())));
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T005");
        assertThat(answer.evidence("T005")).contains("spec.parentRefs is empty");
        assertThat(answer.document().at("reachPercent").asLong()).contains(0L);
    }

    @Test
    void anEarlierRule() {
        routed(weight(25), pause());
        var api = Json.obj(
                "matches",
                List.of(Json.obj("path", Json.obj("type", "PathPrefix", "value", "/api"))),
                "backendRefs",
                List.of(Json.obj("name", "web-stable", "port", 80)));
        patch(ref(ResourceType.HTTP_ROUTES, "web"), Json.obj("spec", Json.obj("rules", List.of(api, split()))));
        image("v2");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T006", "T011");
        assertThat(answer.evidence("T006")).contains("\"/api\" has only web-stable");
    }

    @Test
    void aWrongTargetPort() {
        routed(weight(25), pause());
        image("v2");
        patch(
                ref(ResourceType.SERVICES, "web-canary"),
                Json.obj("spec", Json.obj("ports", List.of(Json.obj("port", 80, "targetPort", 9090)))));
        settle();
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T010", "T011");
        assertThat(answer.document().at("reachPercent").asLong()).contains(0L);
    }

    @Test
    void aStepAtWeightZeroIsNoFault() {
        routed(weight(0), pause(), weight(50));
        image("v2");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T011");
        assertThat(answer.evidence("T011")).contains("weight asked for is 0");
    }

    @Test
    void aRatioThatFourPodsCannotExpress() {
        basic(weight(5), pause());
        image("v2");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T009", "T011");
        assertThat(answer.exit()).isEqualTo(8);
    }

    @Test
    void twoRolloutsOnOneService() {
        routed(weight(25), pause());
        image("v2");
        controllerLives = false;
        rollout("shop", Json.obj("canary", ROUTING.with("steps", List.of(weight(10)))));
        settle();
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T012");
        assertThat(answer.evidence("T012")).contains("Service web-canary", "HTTPRoute web");
    }

    @Test
    void aBlueGreenThatWaitsToBePromoted() {
        service("web", Json.obj("app", "web"));
        rollout("web", Json.obj("blueGreen", Json.obj("activeService", "web", "autoPromotionEnabled", false)));
        controller();
        settle();
        image("v2");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T011");
        assertThat(answer.exit()).isZero();
    }

    @Test
    void aServiceAndTwoDeploymentsWithAllOfIt() {
        service("web", Json.obj("app", "web", "version", "v1"));
        for (var version : List.of("v1", "v2")) {
            var labels = Json.obj("app", "web", "version", version);
            create(
                    ResourceType.DEPLOYMENTS,
                    "web-" + version,
                    Json.obj(
                            "spec",
                            Json.obj(
                                    "replicas",
                                    version.equals("v1") ? 3 : 0,
                                    "selector",
                                    Json.obj("matchLabels", labels),
                                    "template",
                                    template(version, labels))));
        }
        settle();
        var answer = explain("--service", "web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T001", "T002");
        patch(
                ref(ResourceType.DEPLOYMENTS, "web-v2"),
                Json.obj(
                        "spec",
                        Json.obj(
                                "replicas",
                                1,
                                "template",
                                template("missing", Json.obj("app", "web", "version", "v2")))));
        settle();
        assertThat(explain("--service", "web").codes()).containsExactly("T001", "T003");
    }

    @Test
    void aServiceOnV1AndADeploymentWithoutReplicasAndAPodThatDoesNotRun() {
        service("web", Json.obj("app", "web", "version", "v1"));
        for (var version : List.of("v1", "v2")) {
            var labels = Json.obj("app", "web", "version", version);
            create(
                    ResourceType.DEPLOYMENTS,
                    "web-" + version,
                    Json.obj(
                            "spec",
                            Json.obj(
                                    "replicas",
                                    version.equals("v1") ? 3 : 0,
                                    "selector",
                                    Json.obj("matchLabels", labels),
                                    "template",
                                    template(version, labels))));
        }
        byHand("web-try", "missing", Json.obj("app", "web", "version", "v2"));
        settle();
        var answer = explain("--service", "web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T001", "T002", "T003");
        assertThat(answer.evidence("T001")).contains("version=v1 is v1");
        assertThat(answer.evidence("T002")).contains("v2 has 0 replicas");
        assertThat(answer.evidence("T003")).contains("ImagePullBackOff");
    }

    /// A pod that no controller owns.
    private void byHand(String name, String image, Json.Obj labels) {
        var pod = template(image, labels)
                .withAt(List.of("metadata", "name"), name)
                .withAt(List.of("metadata", "namespace"), SHOP)
                .with("apiVersion", "v1")
                .with("kind", "Pod");
        var reply = cluster.gateway("user").send(new Request.Create(ref(ResourceType.PODS, name), pod));
        assertThat(reply).as(name).isInstanceOf(Reply.Done.class);
    }

    // ── clients that are held, metrics that measure nothing, the way from outside ────────────────────────────────

    @Test
    void aServiceWithStickySessions() {
        basic(weight(25), pause());
        image("v2");
        patch(ref(ResourceType.SERVICES, "web"), Json.obj("spec", Json.obj("sessionAffinity", "ClientIP")));
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T007", "T011");
        assertThat(answer.evidence("T007")).contains("ClientIP", "10800 s", "stays on v1");
        assertThat(answer.exit()).isEqualTo(8);
    }

    @Test
    void anAnalysisWhoseQueryHasAWrongLabel() {
        Definitions.apply(cluster.gateway("admin"));
        basic(weight(25), pause());
        image("v2");
        var rollout = read(ResourceType.ROLLOUTS, "web");
        var hash = rollout.at("status", "currentPodHash").string("");
        analysed(rollout, hash, "[]", "[]", "[]");
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T011", "T013");
        assertThat(answer.evidence("T013"))
                .contains("metric error-rate: each of its 3 measurements is empty ([])", "1 ready pod of v2")
                .contains("app=\"wbe\" where v2 has app=\"web\"");
        assertThat(answer.exit()).isEqualTo(8);
    }

    @Test
    void anAnalysisThatMeasuresIsNoCause() {
        Definitions.apply(cluster.gateway("admin"));
        basic(weight(25), pause());
        image("v2");
        var rollout = read(ResourceType.ROLLOUTS, "web");
        analysed(rollout, rollout.at("status", "currentPodHash").string(""), "[NaN]", "[0.002]");
        assertThat(explain("web").codes()).containsExactly("T011");
    }

    /// A run of the Rollout's with these measurements.
    private void analysed(Json rollout, String hash, String... values) {
        var metric = Json.obj(
                "name",
                "error-rate",
                "provider",
                Json.obj("prometheus", Json.obj("address", "http://prometheus", "query", "up")));
        var owner = Json.obj(
                "apiVersion",
                "argoproj.io/v1alpha1",
                "kind",
                "Rollout",
                "name",
                "web",
                "uid",
                rollout.at("metadata", "uid"));
        var run = Json.obj(
                "apiVersion",
                "argoproj.io/v1alpha1",
                "kind",
                "AnalysisRun",
                "metadata",
                Json.obj(
                        "name",
                        "web-2",
                        "namespace",
                        SHOP,
                        "labels",
                        Json.obj(Names.HASH, hash),
                        "ownerReferences",
                        List.of(owner)),
                "spec",
                Json.obj("metrics", List.of(metric)));
        var ref = ref(ResourceType.ANALYSIS_RUNS, "web-2");
        assertThat(cluster.gateway("user").send(new Request.Create(ref, run))).isInstanceOf(Reply.Done.class);
        var measurements = new ArrayList<Json>();
        for (var value : values) {
            measurements.add(Json.obj(
                    "phase",
                    "Successful",
                    "value",
                    value,
                    "startedAt",
                    "2026-01-01T00:00:00Z",
                    "finishedAt",
                    "2026-01-01T00:00:00Z"));
        }
        var result = Json.obj(
                "name",
                "error-rate",
                "phase",
                "Running",
                "measurements",
                measurements,
                "metadata",
                Json.obj("ResolvedPrometheusQuery", "sum(rate(http_requests_total{app=\"wbe\"}[2s]))"));
        // An AnalysisRun has no status of its own to be written to.
        patch(ref, Json.obj("status", Json.obj("phase", "Running", "metricResults", List.of(result))));
    }

    @Test
    void aLoadBalancerThatNobodyHasGivenAnAddress() {
        basic(weight(25), pause());
        image("v2");
        patch(ref(ResourceType.SERVICES, "web"), Json.obj("spec", Json.obj("type", "LoadBalancer")));
        var answer = explain("web");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T011", "T014");
        assertThat(answer.evidence("T014")).contains("status.loadBalancer.ingress is empty");
        patch(
                ref(ResourceType.SERVICES, "web").sub("status"),
                Json.obj(
                        "status", Json.obj("loadBalancer", Json.obj("ingress", List.of(Json.obj("ip", "192.0.2.7"))))));
        assertThat(explain("web").codes()).containsExactly("T011");
    }

    // ── two Deployments ──────────────────────────────────────────────────────────────────────────────────────────

    private void deployment(String name, String image, int pods) {
        var labels = Json.obj("app", "web", "track", name);
        create(
                ResourceType.DEPLOYMENTS,
                name,
                Json.obj(
                        "spec",
                        Json.obj(
                                "replicas",
                                pods,
                                "selector",
                                Json.obj("matchLabels", labels),
                                "template",
                                template(image, labels))));
    }

    /// blue serves with four pods, green is to get a quarter of them.
    private void pair(Json.Obj selector, String image) {
        Definitions.apply(cluster.gateway("admin"));
        service("web", selector);
        deployment("blue", "v1", 4);
        deployment("green", image, 0);
        var gateway = cluster.gateway("sluice");
        var caches = new Caches(
                gateway,
                time,
                Optional.empty(),
                RolloutController.kindsOfDeployments(),
                ObjectCache.Options.standard(1));
        var controller = RolloutController.ofDeployments(
                gateway,
                time,
                caches,
                (_, _) -> new AnalysisRunMaker.Made.Impossible("no analysis here"),
                (_, _, _, _) -> {},
                RolloutEngine::decide);
        controller.queue().whenReady(() -> time.at(time.now().plusMillis(5), controller::step));
        caches.start();
        settle();
        create(
                ResourceType.DEPLOYMENT_CANARIES,
                "pair",
                Json.obj(
                        "spec",
                        Json.obj(
                                "stable",
                                "blue",
                                "canary",
                                "green",
                                "replicas",
                                4,
                                "steps",
                                List.of(weight(25), pause()))));
        settle();
    }

    @Test
    void twoDeploymentsAtAPauseHaveNoFault() {
        pair(Json.obj("app", "web"), "v2");
        var answer = explain("dc/pair");
        assertThat(answer.codes()).as(answer.document().pretty()).containsExactly("T011");
        assertThat(answer.exit()).isZero();
        assertThat(answer.document().at("subject").string("")).isEqualTo("DeploymentCanary default/pair");
        assertThat(answer.document().at("reachPercent").asLong()).contains(25L);
        assertThat(answer.document().at("findings").at(0).at("remedy").string(""))
                .startsWith("sluice promote dc/pair");
    }

    @Test
    void twoDeploymentsBehindAServiceOfTheOldOne() {
        pair(Json.obj("app", "web", "track", "blue"), "v2-never-ready");
        var answer = explain("dc", "pair");
        assertThat(answer.codes()).as(answer.document().pretty()).contains("T001", "T003");
        assertThat(answer.evidence("T001")).contains("track=blue is v1");
        assertThat(answer.document().at("findings").at(0).at("remedy").string(""))
                .contains("patch service web", "\"track\":null");
        assertThat(answer.exit()).isEqualTo(8);
    }

    @Test
    void aCanaryDeploymentThatIsNotThere() {
        pair(Json.obj("app", "web"), "v2");
        var gone = cluster.gateway("user")
                .send(new Request.Delete(
                        ref(ResourceType.DEPLOYMENTS, "green"), Optional.empty(), Optional.empty(), "Background"));
        assertThat(gone).isInstanceOf(Reply.Done.class);
        settle();
        var answer = explain("dc/pair");
        assertThat(answer.codes())
                .as(answer.document().pretty())
                .contains("T002")
                .doesNotContain("T001");
        assertThat(answer.evidence("T002")).contains("does not exist");
    }

    @Test
    void aStableDeploymentThatIsNotThereIsSaidBeforeAnythingElse() {
        pair(Json.obj("app", "web"), "v2");
        var gone = cluster.gateway("user")
                .send(new Request.Delete(
                        ref(ResourceType.DEPLOYMENTS, "blue"), Optional.empty(), Optional.empty(), "Background"));
        assertThat(gone).isInstanceOf(Reply.Done.class);
        settle();
        assertThat(explain("dc/pair").exit()).isEqualTo(1);
        assertThat(err).contains("spec.stable: \"blue\" Deployment not found");
    }

    // ── the command ──────────────────────────────────────────────────────────────────────────────────────────────

    @Test
    void theTextNumbersHopsAndEndsWithTheResult() {
        basic(weight(25), pause());
        image("v2-never-ready");
        var out = new ByteArrayOutputStream();
        assertThat(run(out, true, List.of("--traffic", "rollout/web"))).isEqualTo(8);
        var text = out.toString(StandardCharsets.UTF_8);
        assertThat(text)
                .contains("1 ok Service web", "xx Pods of v2-never-ready", "SLU-T003", "          do    ")
                .endsWith("Result: asked 25 %, can reach v2-never-ready: 0 %.\n");
        assertThat(text.chars()).as("ascii").allMatch(c -> c < 128);
    }

    @Test
    void whatDoesNotExistEndsWithSeven() {
        assertThat(explain("nothing").exit()).isEqualTo(7);
        assertThat(err).contains("SLU-A002", "rollout default/nothing");
        assertThat(explain().exit()).isEqualTo(2);
        var pods = cluster.gateway("user").send(new Request.List(Selection.in(ResourceType.PODS, SHOP)));
        assertThat(pods).isInstanceOf(Reply.Done.class);
    }
}
