package dev.sluice.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.explain.TrafficObservation.Claim;
import dev.sluice.explain.TrafficObservation.GatewaySeen;
import dev.sluice.explain.TrafficObservation.MetricSeen;
import dev.sluice.explain.TrafficObservation.Pod;
import dev.sluice.explain.TrafficObservation.Port;
import dev.sluice.explain.TrafficObservation.Route;
import dev.sluice.explain.TrafficObservation.Sample;
import dev.sluice.explain.TrafficObservation.Service;
import dev.sluice.explain.TrafficObservation.ServicePort;
import dev.sluice.explain.TrafficObservation.Split;
import dev.sluice.explain.TrafficObservation.Subject;
import dev.sluice.explain.TrafficObservation.Version;
import dev.sluice.explain.TrafficObservation.Writer;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// One world in which 20 % reach v2 through a route, and one thing wrong with it in each spec.
class TrafficExplanationTest {
    private static final Split ROUTED = new Split.ByRoute("web-canary", "web-stable", List.of("shop/web"));
    private static final Split BY_PODS = new Split.ByPods(1, List.of());

    private Split split = ROUTED;
    private Optional<Asked> asked = Optional.of(new Asked(20, 100, Optional.empty()));
    private Optional<Integer> told = Optional.of(20);
    private int replicas = 4;
    private List<String> hints = List.of();
    private List<String> writers = List.of("sluice");
    private Version v2 = version("v2", 1);
    private final Version v1 = version("v1", 4);
    private final List<Service> services = new ArrayList<>(
            List.of(service("web-stable", Map.of("hash", "v1")), service("web-canary", Map.of("hash", "v2"))));
    private final List<Pod> pods = new ArrayList<>(
            List.of(pod("v1", 1, ""), pod("v1", 2, ""), pod("v1", 3, ""), pod("v1", 4, ""), pod("v2", 1, "")));
    private List<Json> rules = List.of(rule("/", 80, 20));
    private List<String> problems = List.of();
    private List<String> parents = List.of("shop/edge");
    private boolean reported = true;
    private List<Claim> others = List.of();
    private List<GatewaySeen> gateways = List.of();
    private List<MetricSeen> metrics = List.of();

    private static Version version(String name, int desired) {
        return new Version(
                name,
                name,
                "ReplicaSet web-" + name,
                Map.of("app", "web", "hash", name),
                List.of(),
                desired,
                Optional.empty(),
                List.of(new Port(8080, "http")));
    }

    private static Service service(String name, Map<String, String> selector) {
        var labels = new LinkedHashMap<String, String>();
        labels.put("app", "web");
        labels.putAll(selector);
        return new Service(
                name,
                "ClusterIP",
                labels,
                List.of(new ServicePort(80, "8080", "")),
                Optional.of(new Writer("kubectl-edit", "")),
                Optional.empty(),
                List.of());
    }

    private static Pod pod(String version, int number, String trouble) {
        return new Pod(
                "web-" + version + "-" + number,
                Map.of("app", "web", "hash", version),
                "web-" + version,
                trouble.isEmpty(),
                trouble);
    }

    private static Json rule(String path, int stable, int canary) {
        return Json.obj(
                "matches",
                List.of(Json.obj("path", Json.obj("type", "PathPrefix", "value", path))),
                "backendRefs",
                List.of(
                        Json.obj("name", "web-stable", "port", 80, "weight", stable),
                        Json.obj("name", "web-canary", "port", 80, "weight", canary)));
    }

    private static Json only(String path, String service) {
        return Json.obj(
                "matches",
                List.of(Json.obj("path", Json.obj("type", "PathPrefix", "value", path))),
                "backendRefs",
                List.of(Json.obj("name", service, "port", 80)));
    }

    private TrafficExplanation explain() {
        return TrafficExplanation.of(new TrafficObservation(
                "shop",
                new Subject(
                        "Rollout", "web", split, asked, told, replicas, List.of("web-v1", "web-v2"), hints, writers),
                v2,
                Optional.of(v1),
                services,
                pods,
                List.of(),
                gateways,
                List.of(new Route("shop/web", "", List.of(), parents, problems, reported, rules, Optional.empty())),
                others,
                metrics));
    }

    private List<String> codes() {
        return explain().findings().stream()
                .map(Finding::code)
                .map(code -> code.substring(4))
                .sorted()
                .distinct()
                .toList();
    }

    private Finding the(Cause cause) {
        return explain().findings().stream()
                .filter(finding -> finding.cause() == cause)
                .findFirst()
                .orElseThrow(() ->
                        new AssertionError(cause + " is not among " + explain().findings()));
    }

    @Test
    void aHealthyWayHasNoFindingsAndReachesWhatWasAsked() {
        assertThat(explain().findings()).isEmpty();
        assertThat(explain().reach()).isEqualTo(20);
        assertThat(explain().hops()).extracting(Hop::level).containsOnly(Level.OK);
    }

    @Test
    void aSelectorOnTheOldVersionIsNamedWithItsWriter() {
        services.set(1, service("web-canary", Map.of("hash", "v1")));
        assertThat(codes()).containsExactly("T001");
        assertThat(the(Cause.SELECTOR_ON_OLD_VERSION).evidence())
                .contains("hash=v1", "not v2", "changed by kubectl-edit");
        assertThat(explain().reach()).isZero();
    }

    @Test
    void aSelectorThatTakesBothVersionsIsNotNarrowed() {
        services.set(1, service("web-canary", Map.of()));
        assertThat(codes()).containsExactly("T001");
        assertThat(the(Cause.SELECTOR_ON_OLD_VERSION).level()).isEqualTo(Level.WARN);
    }

    @Test
    void noReplicasSayWhy() {
        v2 = version("v2", 0);
        pods.removeIf(pod -> pod.name().contains("v2"));
        hints = List.of("step 1 says setCanaryScale{replicas: 0}");
        assertThat(codes()).containsExactly("T002");
        assertThat(the(Cause.NO_REPLICAS).evidence()).contains("0 replicas", "setCanaryScale");
    }

    @Test
    void podsThatAreNotReadySayTheirReasonAndItsRemedy() {
        pods.set(4, pod("v2", 1, "ImagePullBackOff: shop:v2 not found"));
        assertThat(codes()).containsExactly("T003");
        var finding = the(Cause.PODS_NOT_READY);
        assertThat(finding.evidence()).contains("1 of 1 not ready", "ImagePullBackOff: shop:v2 not found");
        assertThat(finding.remedy()).contains("image");
        pods.set(4, pod("v2", 1, "CrashLoopBackOff"));
        assertThat(the(Cause.PODS_NOT_READY).remedy()).contains("logs web-v2-1 --previous");
        pods.set(4, pod("v2", 1, "Pending: Unschedulable: 0/1 nodes"));
        assertThat(the(Cause.PODS_NOT_READY).remedy()).contains("make room");
        pods.set(4, pod("v2", 1, "running, but its readiness probe fails"));
        assertThat(the(Cause.PODS_NOT_READY).remedy()).contains("readiness probe");
    }

    @Test
    void podsThatWereNeverMadeAreNotReadyEither() {
        pods.removeIf(pod -> pod.name().contains("v2"));
        assertThat(codes()).containsExactly("T003");
        assertThat(the(Cause.PODS_NOT_READY).evidence()).contains("wants 1, 0 exist");
    }

    @Test
    void otherWeightsThanAskedAreShownBesideThoseAsked() {
        rules = List.of(rule("/", 100, 0));
        assertThat(codes()).containsExactly("T004");
        assertThat(the(Cause.OTHER_WEIGHTS).evidence()).contains("web-canary 0", "asked for 20 of 100");
        rules = List.of(rule("/", 4, 1));
        assertThat(codes()).as("the same share on another scale").isEmpty();
    }

    @Test
    void aRouteWithoutBothServicesCannotCarryAWeight() {
        rules = List.of(only("/", "web-stable"));
        assertThat(codes()).containsExactly("T004");
        assertThat(explain().reach()).isZero();
    }

    @Test
    void aRouteThatIsNotAcceptedServesNobody() {
        problems = List.of("not Accepted by edge: NoMatchingListenerHostname");
        assertThat(codes()).containsExactly("T005");
        problems = List.of();
        reported = false;
        assertThat(codes()).containsExactly("T005");
        assertThat(the(Cause.ROUTE_NOT_IN_FORCE).evidence()).contains("no gateway has taken it", "shop/edge");
    }

    @Test
    void aRouteThatNamesNoGatewayTakesNoRequest() {
        parents = List.of();
        reported = false;
        assertThat(codes()).containsExactly("T005");
        assertThat(the(Cause.ROUTE_NOT_IN_FORCE).evidence()).contains("spec.parentRefs is empty");
        assertThat(explain().reach()).isZero();
        assertThat(explain().faulty()).isTrue();
    }

    @Test
    void aSelectorThatTheControllerWroteItselfIsNotToBeKeptFromIt() {
        services.set(1, written("web-canary", "sluice", Map.of("app", "web", "hash", "v1")));
        assertThat(the(Cause.SELECTOR_ON_OLD_VERSION).remedy())
                .startsWith("sluice why web")
                .doesNotContain("keep");
        services.set(1, written("web-canary", "helm", Map.of("app", "web", "hash", "v1")));
        assertThat(the(Cause.SELECTOR_ON_OLD_VERSION).remedy()).startsWith("keep helm from writing it");
    }

    @Test
    void aServiceOfTheUsersOwnIsTheirsToPatch() {
        split = BY_PODS;
        services.clear();
        services.add(written("web", "kubectl-edit", Map.of("app", "web", "hash", "v1")));
        assertThat(the(Cause.SELECTOR_ON_OLD_VERSION).remedy())
                .isEqualTo("kubectl -n shop patch service web -p '{\"spec\":{\"selector\":{\"hash\":null}}}'");
    }

    private static Service written(String name, String writer, Map<String, String> selector) {
        return new Service(
                name,
                "ClusterIP",
                new LinkedHashMap<>(selector),
                List.of(new ServicePort(80, "8080", "")),
                Optional.of(new Writer(writer, "")),
                Optional.empty(),
                List.of());
    }

    @Test
    void podsAreToldByTheirReplicaSetWhereLabelsDoNotTellThem() {
        split = BY_PODS;
        services.clear();
        services.add(service("web", Map.of()));
        asked = Optional.of(new Asked(20, 100, Optional.empty()));
        var labels = Map.of("app", "web");
        pods.replaceAll(pod -> new Pod(pod.name(), labels, pod.owner(), pod.ready(), pod.trouble()));
        v2 = new Version("v2", "v2", "Deployment v2", labels, List.of("web-v2"), 1, Optional.empty(), List.of());
        assertThat(explain().reach()).isEqualTo(20);
        assertThat(codes()).isEmpty();
    }

    @Test
    void anEarlierRuleCatchesSomeOrAll() {
        rules = List.of(only("/api", "web-stable"), rule("/", 80, 20));
        assertThat(codes()).containsExactly("T006");
        assertThat(the(Cause.EARLIER_RULE).evidence()).contains("\"/api\"", "only web-stable", "some requests");
        assertThat(explain().reach()).isEqualTo(20);
        rules = List.of(only("/", "web-stable"), rule("/", 80, 20));
        assertThat(the(Cause.EARLIER_RULE).evidence()).contains("all requests");
        assertThat(explain().reach()).isZero();
    }

    @Test
    void aLaterOrForeignRuleCatchesNothing() {
        rules = List.of(rule("/", 80, 20), only("/", "web-stable"));
        assertThat(codes()).isEmpty();
        rules = List.of(only("/docs", "docs"), rule("/", 80, 20));
        assertThat(codes()).isEmpty();
    }

    @Test
    void anEntryThatIsNotSplitIsNamed() {
        var root = service("web", Map.of());
        services.add(outside(root, List.of("192.0.2.7")));
        assertThat(codes()).containsExactly("T008");
        assertThat(the(Cause.OTHER_ENTRY).evidence()).contains("LoadBalancer", "20 % of v2");
    }

    @Test
    void aRatioThatPodsCannotExpressNamesTheFewestThatCan() {
        split = BY_PODS;
        services.clear();
        services.add(service("web", Map.of()));
        asked = Optional.of(new Asked(5, 100, Optional.empty()));
        assertThat(codes()).containsExactly("T009");
        assertThat(the(Cause.RATIO_TOO_COARSE).evidence()).contains("5 of 100", "1 of 5 pods (20.0 %)");
        assertThat(the(Cause.RATIO_TOO_COARSE).remedy()).contains("use 20 replicas");
    }

    @Test
    void aPortOnWhichNobodyListensIsAMismatch() {
        var canary = services.get(1);
        services.set(
                1,
                new Service(
                        canary.name(),
                        canary.type(),
                        canary.selector(),
                        List.of(new ServicePort(80, "9090", "")),
                        Optional.empty(),
                        Optional.empty(),
                        List.of()));
        assertThat(codes()).containsExactly("T010");
        assertThat(the(Cause.PORT_MISMATCH).evidence()).contains("targetPort 9090", "8080 http");
    }

    @Test
    void whatWasNotAskedForIsNoFault() {
        asked = Optional.of(new Asked(0, 100, Optional.of("the rollout is at step 1 of 2 (pause), before …")));
        told = Optional.of(0);
        rules = List.of(rule("/", 100, 0));
        assertThat(codes()).containsExactly("T011");
        assertThat(explain().faulty()).isFalse();
    }

    @Test
    void twoOwnersAreNamed() {
        others = List.of(new Claim("shop", List.of("web-canary"), List.of("shop/web"), Map.of("app", "shop")));
        assertThat(codes()).containsExactly("T012");
        assertThat(the(Cause.TWO_OWNERS).evidence()).contains("Service web-canary", "HTTPRoute web");
        others = List.of();
        writers = List.of("argo-rollouts", "sluice");
        assertThat(codes()).containsExactly("T012");
    }

    @Test
    void podsOfOthersBehindTheServiceTakeTraffic() {
        pods.add(new Pod("old-1", Map.of("app", "web", "hash", "v1"), "old", true, ""));
        assertThat(codes()).containsExactly("T012");
    }

    @Test
    void anActiveServiceOnTheOldVersionIsNamed() {
        split = new Split.BySwitch("web-stable", Optional.of("web-canary"));
        asked = Optional.of(new Asked(100, 100, Optional.empty()));
        assertThat(codes()).containsExactly("T001");
        assertThat(explain().reach()).isZero();
    }

    private static Service outside(Service root, List<String> addresses) {
        return new Service(
                root.name(),
                "LoadBalancer",
                root.selector(),
                root.ports(),
                Optional.empty(),
                Optional.empty(),
                addresses);
    }

    private static Service held(Service service, Optional<Long> affinity, String protocol) {
        return new Service(
                service.name(),
                service.type(),
                service.selector(),
                List.of(new ServicePort(80, "8080", protocol)),
                service.writer(),
                affinity,
                List.of());
    }

    @Test
    void aServiceThatKeepsClientsWithTheirPodsHoldsThemOnTheOldVersion() {
        split = BY_PODS;
        services.clear();
        services.add(held(service("web", Map.of()), Optional.of(10_800L), ""));
        assertThat(codes()).containsExactly("T007");
        var finding = the(Cause.HELD_ON_OLD_VERSION);
        assertThat(finding.level()).isEqualTo(Level.WARN);
        assertThat(finding.evidence()).contains("sessionAffinity ClientIP", "10800 s", "stays on v1");
        assertThat(finding.remedy())
                .isEqualTo("kubectl -n shop patch service web -p '{\"spec\":{\"sessionAffinity\":\"None\"}}'");
    }

    @Test
    void affinityWithinOneVersionHoldsNobodyOnAnother() {
        services.replaceAll(service -> held(service, Optional.of(10_800L), ""));
        assertThat(codes()).isEmpty();
    }

    @Test
    void aPortForLongConnectionsIsWorthKnowingAndNoFault() {
        split = BY_PODS;
        services.clear();
        services.add(held(service("web", Map.of()), Optional.empty(), "kubernetes.io/ws"));
        assertThat(codes()).containsExactly("T007");
        assertThat(the(Cause.HELD_ON_OLD_VERSION).evidence()).contains("shares out connections, not requests");
        assertThat(explain().faulty()).isFalse();
    }

    @Test
    void aRuleThatKeepsSessionsDividesNewOnesOnly() {
        var session = Json.obj("type", "Cookie", "absoluteTimeout", "1h");
        rules = List.of(rule("/", 80, 20).obj().with("sessionPersistence", session));
        assertThat(codes()).containsExactly("T007");
        assertThat(the(Cause.HELD_ON_OLD_VERSION).evidence()).contains("Cookie", "for 1h", "only new sessions");
        rules = List.of(rule("/", 80, 20), only("/docs", "docs").obj().with("sessionPersistence", session));
        assertThat(codes()).as("the session of another rule").isEmpty();
    }

    private static MetricSeen measured(String query, Sample... samples) {
        return new MetricSeen("web-2-1", "error-rate", List.of(samples), query);
    }

    private static Sample value(String text) {
        return new Sample(text, Optional.empty());
    }

    @Test
    void aMetricThatFindsNothingWhileTheVersionIsReachedIsToBlame() {
        metrics = List.of(measured("sum(rate(requests{hash=\"v3\"}[1m]))", value("[]"), value("[NaN]")));
        assertThat(codes()).containsExactly("T013");
        var finding = the(Cause.METRIC_MEASURES_NOTHING);
        assertThat(finding.where()).isEqualTo("AnalysisRun web-2-1");
        assertThat(finding.evidence())
                .contains("each of its 2 measurements is empty ([NaN])", "1 ready pod of v2", "20 %")
                .contains("hash=\"v3\" where v2 has hash=\"v2\"");
        assertThat(finding.remedy()).startsWith("correct the query");
        assertThat(explain().reach()).as("the traffic is as it should be").isEqualTo(20);
    }

    @Test
    void aQueryThatContradictsNoLabelIsShownWhole() {
        metrics = List.of(measured("sum(rate(requests{job=\"shop\"}[1m]))", value("[NaN]")));
        assertThat(the(Cause.METRIC_MEASURES_NOTHING).evidence())
                .contains("its only measurement is empty", "either nobody calls v2", "job=\"shop\"");
        metrics = List.of(measured("up{namespace=\"other\"}", value("[]")));
        assertThat(the(Cause.METRIC_MEASURES_NOTHING).evidence())
                .contains("namespace=\"other\" where v2 has namespace=\"shop\"");
    }

    @Test
    void aProviderThatDoesNotAnswerMeasuresNothingEither() {
        metrics = List.of(measured("", new Sample("", Optional.of("connection refused"))));
        assertThat(the(Cause.METRIC_MEASURES_NOTHING).evidence()).contains("is an error", "connection refused");
        assertThat(the(Cause.METRIC_MEASURES_NOTHING).remedy()).contains("describe analysisrun web-2-1");
    }

    @Test
    void aMetricThatOnceFoundSomethingIsRight() {
        metrics = List.of(
                measured("", value("[NaN]"), value("[0.01]")),
                // Of a verdict that is no number there is no value.
                measured("", value("")));
        assertThat(codes()).isEmpty();
    }

    @Test
    void aMetricWithoutTrafficFindsNothingForGoodReason() {
        metrics = List.of(measured("", value("[]")));
        services.set(1, service("web-canary", Map.of("hash", "v1")));
        assertThat(codes()).containsExactly("T001");
    }

    @Test
    void aLoadBalancerWithoutAnAddressLetsNobodyIn() {
        split = BY_PODS;
        services.clear();
        services.add(outside(service("web", Map.of()), List.of()));
        assertThat(codes()).containsExactly("T014");
        assertThat(the(Cause.OUTER_WAY).evidence()).contains("status.loadBalancer.ingress is empty");
        services.set(0, outside(service("web", Map.of()), List.of("192.0.2.7")));
        assertThat(codes()).isEmpty();
    }

    @Test
    void aGatewayWithAnotherAddressThanAskedForIsNotWhereNamesLead() {
        gateways = List.of(new GatewaySeen(
                "shop/edge", "http/80", Optional.of(true), "", List.of("192.0.2.1"), List.of("192.0.2.9")));
        assertThat(codes()).containsExactly("T014");
        assertThat(the(Cause.OUTER_WAY).evidence()).contains("asks for 192.0.2.1 and has 192.0.2.9");
        gateways = List.of(new GatewaySeen("shop/edge", "http/80", Optional.of(true), "", List.of(), List.of()));
        assertThat(codes()).as("where it asks for none, its own words count").isEmpty();
    }

    @Test
    void podsStartedByHandAreLookedAtThoughTheirOwnerHasNoReplicas() {
        v2 = version("v2", 0);
        services.set(1, service("web-canary", Map.of("hash", "v1")));
        pods.set(4, pod("v2", 1, "ImagePullBackOff: shop:v2 not found"));
        assertThat(codes()).containsExactly("T001", "T002", "T003");
    }

    @Test
    void allOfTheAbove() {
        v2 = version("v2", 2);
        services.set(1, service("web-canary", Map.of("hash", "v1")));
        pods.set(4, pod("v2", 1, "ImagePullBackOff"));
        rules = List.of(only("/", "web-stable"), rule("/", 100, 0));
        problems = List.of("not Accepted by edge");
        others = List.of(new Claim("shop", List.of("web-canary"), List.of(), Map.of("app", "shop")));
        assertThat(codes()).containsExactly("T001", "T003", "T004", "T005", "T006", "T012");
        v2 = version("v2", 0);
        pods.remove(4);
        assertThat(codes()).contains("T001", "T002");
        assertThat(explain().reach()).isZero();
    }
}
