package dev.sluice.app.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Bench;
import dev.sluice.app.Clusters;
import dev.sluice.app.Main;
import dev.sluice.app.Terminal;
import dev.sluice.app.World;
import dev.sluice.app.controller.Definitions;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.analysis.TemplatesAnalysisRunMaker;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Key;
import dev.sluice.kube.rollout.RolloutController;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.VirtualTime;
import dev.sluice.rollout.Because;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.TrafficRouter;
import dev.sluice.traffic.GatewayApiRouter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Faults staged on the embedded cluster under the real control loops; the command names the cause of each, and never
/// another one than the controller does.
class WhyTest {
    private static final String SHOP = "default";

    private final VirtualTime time = new VirtualTime();
    private final LocalCluster cluster = LocalCluster.builder(time).seed(11).start();
    private final Map<ResourceType, Reply.Refused> refusals =
            new TreeMap<>(Comparator.comparing(ResourceType::toString));
    private RolloutController rollouts;
    private RolloutController pairs;
    private String out = "";
    private String err = "";

    @AfterEach
    void close() {
        cluster.close();
    }

    // ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────

    private record Answer(Json document) {
        String code() {
            return document.at("awaiting", "code").string("");
        }

        String sentence() {
            return document.at("awaiting", "sentence").string("");
        }

        String headline() {
            return document.at("headline").string("");
        }

        List<String> notReady() {
            return document.at("notReady").items().stream()
                    .map(one ->
                            one.at("pods").integer(0) + ": " + one.at("trouble").string(""))
                    .toList();
        }
    }

    /// What the command says, once it is known that the controller says the same.
    private Answer why(String subject) {
        assertThat(run("why", subject, "--json")).as(err).isZero();
        var answer = new Answer(Json.parse(out));
        var name = subject.substring(subject.indexOf('/') + 1);
        var decided = (subject.startsWith("dc/") ? pairs : rollouts)
                .journal()
                .of(new Key(SHOP, name))
                .getLast()
                .decision();
        assertThat(Optional.of(new Because(answer.code(), answer.sentence())))
                .as("what the controller waits for")
                .isEqualTo(Optional.of(decided.awaiting().orElse(new Because("", ""))));
        assertThat(answer.document().at("moves").items())
                .as("what is left to do in a settled world")
                .isEmpty();
        return answer;
    }

    /// What the command says while the controller waits for that.
    private Answer why(String subject, String code) {
        var answer = why(subject);
        assertThat(answer.code()).isEqualTo(code);
        return answer;
    }

    private int run(String... words) {
        var printed = new ByteArrayOutputStream();
        var errors = new ByteArrayOutputStream();
        var terminal = new Terminal(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8),
                Map.of("XDG_STATE_HOME", "/nowhere"),
                false);
        Clusters clusters = _ -> new Clusters.Session(new Refusing(), SHOP, () -> "", () -> {});
        int code = Main.run(new World(terminal, clusters, time::now), words);
        out = printed.toString(StandardCharsets.UTF_8);
        err = errors.toString(StandardCharsets.UTF_8);
        return code;
    }

    /// The cluster as a person sees it who may not read everything.
    private final class Refusing implements Gateway {
        private final Gateway server = cluster.gateway("anna");

        @Override
        public Reply send(Request request) {
            if (request instanceof Request.List(var selection) && refusals.containsKey(selection.type())) {
                return refusals.get(selection.type());
            }
            return server.send(request);
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            return server.watch(selection, resourceVersion, listener);
        }
    }

    // ── the world ────────────────────────────────────────────────────────────────────────────────────────────────

    private void controller() {
        Definitions.apply(cluster.gateway("admin"));
        Map<String, TrafficRouter> routers = Map.of(GatewayApiRouter.NAME, new GatewayApiRouter());
        var gateway = cluster.gateway("sluice");
        var kinds = new LinkedHashSet<>(RolloutController.kinds(routers));
        kinds.addAll(RolloutController.kindsOfDeployments());
        var caches = new Caches(gateway, time, Optional.empty(), kinds, ObjectCache.Options.standard(1));
        var runs = new TemplatesAnalysisRunMaker(caches, MetricProviders.installed(), "");
        rollouts =
                new RolloutController(gateway, time, caches, routers, runs, (_, _, _, _) -> {}, RolloutEngine::decide);
        pairs = RolloutController.ofDeployments(gateway, time, caches, runs, (_, _, _, _) -> {}, RolloutEngine::decide);
        for (var loop : List.of(rollouts, pairs)) {
            loop.queue().whenReady(() -> time.at(time.now().plusMillis(5), loop::step));
        }
        caches.start();
    }

    private void settle() {
        time.run(Duration.ofMinutes(2));
    }

    private static ObjectRef ref(ResourceType type, String name) {
        return ObjectRef.of(type, SHOP, name);
    }

    private void create(ResourceType type, String name, Json.Obj manifest) {
        done(new Request.Create(ref(type, name), Bench.manifest(type, SHOP, name, manifest)));
    }

    private void delete(ResourceType type, Json object) {
        done(new Request.Delete(ref(type, name(object)), Optional.empty(), Optional.empty(), "Background"));
    }

    private void done(Request request) {
        assertThat(cluster.gateway("anna").send(request)).as(request.toString()).isInstanceOf(Reply.Done.class);
    }

    private List<Json> list(ResourceType type) {
        return cluster.gateway("anna")
                .send(new Request.List(Selection.in(type, SHOP)))
                .answer()
                .orElseThrow()
                .at("items")
                .items();
    }

    private static String name(Json object) {
        return object.at("metadata", "name").string("");
    }

    private static Json.Obj template(String image) {
        return Json.parse("""
                {"metadata":{"labels":{"app":"web"}},
                 "spec":{"containers":[{"name":"app","image":"demo/web:%s","ports":[{"containerPort":8080}]}]}}
                """.formatted(image)).obj();
    }

    /// A Rollout of four pods.
    ///
    /// @param more fields of its spec
    private void rollout(String image, String strategy, String more) {
        var spec = Json.parse("""
                {"replicas":4,"selector":{"matchLabels":{"app":"web"}},"strategy":%s%s}
                """.formatted(strategy, more.isEmpty() ? "" : "," + more))
                .obj();
        create(ResourceType.ROLLOUTS, "web", Json.obj("spec", spec.with("template", template(image))));
    }

    private static String canary(String steps) {
        return "{\"canary\":{\"steps\":[" + steps + "]}}";
    }

    /// Four good pods of v1 under these steps.
    private void running(String steps) {
        controller();
        rollout("v1", canary(steps), "");
        settle();
    }

    /// The next image, and time for what comes of it.
    private void image(String image) {
        patch(Json.obj("template", template(image)));
    }

    private void patch(Json.Obj spec) {
        done(new Request.Patch(ref(ResourceType.ROLLOUTS, "web"), PatchType.MERGE, Json.obj("spec", spec)));
        settle();
    }

    private void told(String... words) {
        assertThat(run(words)).as(err).isZero();
        settle();
    }

    private void service(String name) {
        create(
                ResourceType.SERVICES,
                name,
                Json.parse("{\"spec\":{\"selector\":{\"app\":\"web\"},\"ports\":[{\"port\":80,\"targetPort\":8080}]}}")
                        .obj());
    }

    /// A Rollout behind an HTTPRoute that names these two Services.
    private void routed(String stable, String canary, String steps) {
        controller();
        service("web-stable");
        service("web-canary");
        service("other");
        create(
                ResourceType.HTTP_ROUTES,
                "web",
                Json.parse("""
                        {"spec":{"rules":[{"backendRefs":[{"name":"%s","port":80,"weight":100},
                                                          {"name":"%s","port":80,"weight":0}]}]}}
                        """.formatted(stable, canary)).obj());
        rollout("v1", """
                {"canary":{"stableService":"web-stable","canaryService":"web-canary",
                   "trafficRouting":{"plugins":{"%s":{"httpRoute":"web"}}},"steps":[%s]}}
                """.formatted(GatewayApiRouter.NAME, steps), "");
        settle();
    }

    private void analysisTemplate(String spec) {
        create(ResourceType.ANALYSIS_TEMPLATES, "errors", Json.obj("spec", Json.parse(spec)));
    }

    private static final String TO_A_PAUSE = "{\"setWeight\":25},{\"pause\":{}}";

    private static final String CHECK =
            "{\"setWeight\":25},{\"analysis\":{\"templates\":[{\"templateName\":\"errors\"}]}},{\"setWeight\":50}";

    private static final String METRIC = """
            {"metrics":[{"name":"errors","successCondition":"result < 1","count":1,
               "provider":{"web":{"url":"http://metrics.shop/errors","jsonPath":"{$.value}"}}}]}
            """;

    /// The verdict of the one run there is.
    private void verdict(String phase, String message) {
        measured(Json.obj("phase", phase, "message", message));
    }

    /// The status of the one run there is.
    private void measured(String status) {
        measured(Json.parse(status).obj());
    }

    private void measured(Json.Obj status) {
        var runs = list(ResourceType.ANALYSIS_RUNS);
        assertThat(runs).hasSize(1);
        var run = ref(ResourceType.ANALYSIS_RUNS, name(runs.getFirst()));
        done(new Request.Patch(run, PatchType.MERGE, Json.obj("status", status)));
        settle();
    }

    @Test
    void aProviderThatCannotBeReachedIsToldWhileItIsTriedAgain() {
        checked();
        measured("""
                {"phase":"Running","metricResults":[
                  {"name":"latency","phase":"Running","successful":1,"measurements":[
                    {"phase":"Successful","finishedAt":"2026-01-01T00:00:09Z","value":"1"}]},
                  {"name":"errors","phase":"Running","error":4,"measurements":[
                    {"phase":"Error","finishedAt":"2026-01-01T00:00:03Z","message":"an older one"},
                    {"phase":"Error","finishedAt":"2026-01-01T00:00:04Z","message":"cannot connect:\\n  refused"}]}]}
                """);
        var answer = why("web");
        assertThat(answer.headline()).startsWith("Checking").contains("metric errors: cannot connect: refused");
        assertThat(answer.document().at("checks").at(0).at("trouble").string(""))
                .isEqualTo("metric errors: cannot connect: refused");
        told("why", "web");
        assertThat(out).contains("measured     web-").contains(": ✔ 1,⚠ 4  metric errors: cannot connect: refused\n");
        told("get", "web");
        assertThat(out)
                .containsPattern("α web-.*AnalysisRun +◌ Running .*✔ 1,⚠ 4  metric errors: cannot connect: refused\n");
        assertThat(out).contains("; metric errors: cannot connect: refused");
    }

    @Test
    void aMeasurementThatIsGoodAgainHidesWhatWasBefore() {
        checked();
        measured("""
                {"phase":"Running","metricResults":[
                  {"name":"errors","phase":"Running","error":1,"successful":1,"measurements":[
                    {"phase":"Error","finishedAt":"2026-01-01T00:00:03Z","message":"cannot connect"},
                    {"phase":"Successful","finishedAt":"2026-01-01T00:00:04Z","value":"0"}]}]}
                """);
        assertThat(why("web").headline()).startsWith("Checking").doesNotContain("cannot connect");
        told("get", "web");
        assertThat(out).containsPattern("α web-.*✔ 1,⚠ 1\n");
    }

    @Test
    void aRunThatWasTerminatedIsNoSuccess() {
        checked();
        told("abort", "web");
        measured("""
                {"phase":"Successful","message":"Run Terminated","runSummary":{"count":1,"successful":1},
                 "metricResults":[
                  {"name":"errors","phase":"Successful","error":4,"successful":1,"failed":2,"inconclusive":3,
                   "measurements":[
                    {"phase":"Error","finishedAt":"2026-01-01T00:00:04Z","message":"cannot connect: refused"}]}]}
                """);
        told("get", "web");
        assertThat(out)
                .containsPattern(
                        "α web-.*• Terminated .*✔ 1,✖ 2,\\? 3,⚠ 4  Run Terminated; metric errors: cannot connect");
    }

    // ── waiting for a person ─────────────────────────────────────────────────────────────────────────────────────

    @Test
    void nothingIsWaitedForWhereAllIsWell() {
        running(TO_A_PAUSE);
        var answer = why("web");
        assertThat(answer.code()).isEmpty();
        assertThat(answer.headline()).startsWith("Healthy");
        assertThat(answer.notReady()).isEmpty();
    }

    @Test
    void aPauseWithoutDuration() {
        running(TO_A_PAUSE);
        image("v2");
        var answer = why("web", "Paused");
        assertThat(answer.sentence()).isEqualTo("step 2 pauses until it is promoted");
        assertThat(answer.headline()).startsWith("Paused at 25 % – waiting for you");
    }

    @Test
    void pausedByHandInTheMiddleOfAStep() {
        running("{\"setWeight\":25},{\"pause\":{\"duration\":\"10m\"}},{\"setWeight\":50}");
        image("v2");
        told("pause", "web");
        var answer = why("web", "PausedByHand");
        assertThat(answer.sentence()).contains("spec.paused", "resumed");
        assertThat(answer.headline()).startsWith("Paused by hand at 25 %");
    }

    @Test
    void aPreviewThatWaitsToBePromoted() {
        controller();
        service("web");
        rollout("v1", "{\"blueGreen\":{\"activeService\":\"web\",\"autoPromotionEnabled\":false}}", "");
        settle();
        image("v2");
        var answer = why("web", "Paused");
        assertThat(answer.sentence()).isEqualTo("the preview is ready and waits to be promoted");
    }

    // ── pods ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @Test
    void podsThatNeverBecomeReady() {
        running(TO_A_PAUSE);
        image("v2-never-ready");
        var answer = why("web", "Capacity");
        assertThat(answer.sentence()).startsWith("step 1 wants 1 canary").contains("canary has 0 available of 1");
        assertThat(answer.notReady()).containsExactly("1: running, but its readiness probe fails");
    }

    @Test
    void anImageThatCannotBePulled() {
        running("{\"setWeight\":50},{\"pause\":{}}");
        image("v2-missing");
        var answer = why("web", "Capacity");
        assertThat(answer.notReady()).singleElement().asString().contains("ImagePull", "demo/web:v2-missing");
        assertThat(run("why", "web")).isZero();
        assertThat(out).contains("waits for    Capacity: step 1", "not ready    ", "demo/web:v2-missing");
    }

    @Test
    void aFirstRevisionThatCrashes() {
        controller();
        rollout("v1-crash", canary("{\"setWeight\":25}"), "");
        settle();
        var answer = why("web", "Capacity");
        assertThat(answer.sentence()).endsWith("has 0 of 4 pods available");
        assertThat(answer.notReady())
                .isNotEmpty()
                .allSatisfy(trouble -> assertThat(trouble).contains("CrashLoopBackOff", "code 1"));
    }

    @Test
    void noProgressWithinTheDeadline() {
        controller();
        rollout("v1", canary(TO_A_PAUSE), "\"progressDeadlineSeconds\":30");
        settle();
        image("v2-never-ready");
        var answer = why("web");
        assertThat(answer.headline()).startsWith("Stuck at 25 % – no progress within 30s");
        assertThat(answer.code()).isEqualTo("Capacity");
        assertThat(answer.notReady()).containsExactly("1: running, but its readiness probe fails");
    }

    @Test
    void aDeadlineThatAborts() {
        controller();
        rollout("v1", canary(TO_A_PAUSE), "\"progressDeadlineSeconds\":30,\"progressDeadlineAbort\":true");
        settle();
        image("v2-never-ready");
        var answer = why("web", "Aborted");
        assertThat(answer.sentence()).contains("revision 2", "has timed out progressing", "retry");
    }

    private Json replicaSetOf(String image) {
        return list(ResourceType.REPLICA_SETS).stream()
                .filter(set -> set.at("spec", "template").text().contains("demo/web:" + image))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aStableReplicaSetThatWasDeleted() {
        routed("web-stable", "web-canary", "{\"setWeight\":50},{\"pause\":{}}");
        image("v2");
        var stable = replicaSetOf("v1");
        delete(ResourceType.REPLICA_SETS, stable);
        settle();
        var answer = why("web", "StableReplicaSetMissing");
        assertThat(answer.sentence()).endsWith("there is nothing to go back to");
        assertThat(answer.headline()).startsWith("No way back at 50 % – ");
    }

    @Test
    void aStableSideThatCannotTakeTheTrafficBack() {
        routed("web-stable", "web-canary", "{\"setWeight\":50},{\"pause\":{}}");
        image("v2");
        var stable = replicaSetOf("v1");
        done(new Request.Patch(
                ref(ResourceType.REPLICA_SETS, name(stable)),
                PatchType.STRATEGIC,
                Json.parse("{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"app\",\"image\":"
                                + "\"demo/web:v1-never-ready\"}]}}}}")
                        .obj()));
        for (var pod : list(ResourceType.PODS)) {
            if (pod.at("metadata", "ownerReferences")
                    .at(0)
                    .at("name")
                    .string("")
                    .equals(name(stable))) {
                delete(ResourceType.PODS, pod);
            }
        }
        settle();
        told("abort", "web");
        var answer = why("web", "StableCapacity");
        assertThat(answer.sentence())
                .isEqualTo(
                        "the router keeps 50 on the canary: the stable revision has 0 of the 1 available pods needed");
        assertThat(answer.notReady()).containsExactly("4: running, but its readiness probe fails");
    }

    // ── a spec that cannot be carried out ────────────────────────────────────────────────────────────────────────

    private void invalid(String... words) {
        var answer = why("web", "InvalidSpec");
        assertThat(answer.sentence()).contains(words);
        assertThat(answer.headline()).startsWith("Invalid");
    }

    @Test
    void aServiceThatIsMissing() {
        controller();
        rollout("v1", "{\"canary\":{\"canaryService\":\"web-next\"}}", "");
        settle();
        invalid("spec.strategy.canary.canaryService", "service \"web-next\" not found", "create it");
    }

    @Test
    void aStepThatIsNone() {
        running("{\"setWeight\":25},{\"setWeight\":250}");
        invalid("spec.strategy.canary.steps[1].setWeight", "250");
    }

    @Test
    void aRouteThatDoesNotNameTheServices() {
        routed("web-stable", "other", "{\"setWeight\":50}");
        invalid("httproutes/default/web", "no rule names both web-canary and web-stable", "list both");
    }

    @Test
    void anAnalysisTemplateThatIsMissing() {
        running(CHECK);
        invalid("spec.strategy.canary.steps[1].analysis.templates[0]", "AnalysisTemplate 'errors' not found");
    }

    @Test
    void aTemplateThatAsksAProviderThatThereIsNot() {
        controller();
        analysisTemplate("""
                {"metrics":[{"name":"errors","successCondition":"result < 1","count":1,
                   "provider":{"graphite":{"address":"http://graphite.shop","query":"errors"}}}]}
                """);
        rollout("v1", canary(CHECK), "");
        settle();
        invalid("no metric provider is called 'graphite'", "there are job, prometheus, web");
    }

    @Test
    void anArgumentWithoutAValue() {
        controller();
        analysisTemplate(METRIC.strip().replaceFirst("\\{", "{\"args\":[{\"name\":\"service\"}],"));
        rollout("v1", canary(CHECK), "");
        settle();
        invalid("spec.strategy.canary.steps[1].analysis.templates", "service");
    }

    // ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────

    private void checked() {
        controller();
        analysisTemplate(METRIC);
        rollout("v1", canary(CHECK), "");
        settle();
        image("v2");
    }

    @Test
    void anAnalysisWithoutAVerdictYet() {
        checked();
        var answer = why("web", "Analysis");
        assertThat(answer.sentence())
                .startsWith("step 2 waits for the verdict of web-")
                .endsWith("-2-1");
    }

    @Test
    void anAnalysisThatFailed() {
        checked();
        verdict("Failed", "Metric \"errors\" assessed Failed due to failed (1) > failureLimit (0)");
        var answer = why("web", "Aborted");
        assertThat(answer.sentence())
                .contains("revision 2", "Metric \"errors\" assessed Failed", "a retry, an undo or another template");
        assertThat(answer.headline()).startsWith("Rolled back").contains("Metric \"errors\" assessed Failed");
    }

    @Test
    void anAnalysisThatCameToNoVerdict() {
        checked();
        verdict("Inconclusive", "Metric \"errors\" assessed Inconclusive");
        var answer = why("web", "AnalysisInconclusive");
        assertThat(answer.sentence()).contains("Metric \"errors\" assessed Inconclusive", "promoted or aborted");
    }

    @Test
    void abortedByHand() {
        running(TO_A_PAUSE);
        image("v2");
        told("abort", "web");
        var answer = why("web", "Aborted");
        assertThat(answer.sentence())
                .isEqualTo("Rollout aborted update to revision 2, by hand; it waits for a retry, an undo or another"
                        + " template");
    }

    // ── two Deployments ──────────────────────────────────────────────────────────────────────────────────────────

    private void deployment(String name, String image) {
        create(
                ResourceType.DEPLOYMENTS,
                name,
                Json.parse("""
                {"spec":{"replicas":2,"selector":{"matchLabels":{"track":"%1$s"}},
                   "template":{"metadata":{"labels":{"app":"web","track":"%1$s"}},
                               "spec":{"containers":[{"name":"app","image":"demo/web:%2$s"}]}}}}
                """.formatted(name, image)).obj());
    }

    private void pair() {
        create(ResourceType.DEPLOYMENT_CANARIES, "pair", Json.parse("""
                        {"spec":{"stable":"blue","canary":"green","replicas":4,
                                 "steps":[{"setWeight":25},{"pause":{}}]}}
                        """).obj());
        settle();
    }

    @Test
    void aStableDeploymentThatIsMissing() {
        controller();
        deployment("green", "v2");
        pair();
        var answer = why("dc/pair", "InvalidSpec");
        assertThat(answer.sentence()).contains("spec.stable: \"blue\" Deployment not found", "create it");
    }

    @Test
    void aCanaryDeploymentWhosePodsAreNeverReady() {
        controller();
        deployment("blue", "v1");
        settle();
        deployment("green", "v2-never-ready");
        pair();
        var answer = why("dc/pair", "Capacity");
        assertThat(answer.notReady()).containsExactly("1: running, but its readiness probe fails");
    }

    // ── what a person may not read, or a cluster does not have ───────────────────────────────────────────────────

    @Test
    void kindsThatNeedNotBeThereMayBeRefused() {
        running(TO_A_PAUSE);
        image("v2");
        var kinds = Set.of(
                ResourceType.CLUSTER_ANALYSIS_TEMPLATES, ResourceType.HTTP_ROUTES, ResourceType.DEPLOYMENT_CANARIES);
        for (var code : List.of(403, 404)) {
            for (var kind : kinds) {
                var message = code == 403
                        ? "anna cannot list " + kind.plural()
                        : "the server could not find the requested resource";
                refusals.put(kind, new Reply.Refused(code, "Refused", message, Optional.empty()));
            }
            assertThat(why("web").code()).isEqualTo("Paused");
            if (code == 404) assertThat(err).isEmpty();
            else assertThat(err).contains("note: clusteranalysistemplates may not be read", "note: httproutes");
            assertThat(run("list")).isZero();
            assertThat(out).contains("web");
            if (code == 404) assertThat(err).isEmpty();
            else
                assertThat(err)
                        .contains("note: deploymentcanaries may not be read, so none are listed (anna cannot list");
        }
    }

    @Test
    void aKindThatMustBeThereIsMissedByName() {
        running(TO_A_PAUSE);
        refusals.put(
                ResourceType.REPLICA_SETS,
                new Reply.Refused(403, "Forbidden", "anna cannot list replicasets", Optional.empty()));
        assertThat(run("why", "web")).isEqualTo(1);
        assertThat(err).contains("SLU-X002", "anna cannot list replicasets");
    }
}
