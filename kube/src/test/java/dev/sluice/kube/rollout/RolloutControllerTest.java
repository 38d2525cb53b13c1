package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.kube.FakeCluster;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.Tally;
import dev.sluice.kube.VirtualTime;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.TrafficRouter;
import dev.sluice.traffic.GatewayApiRouter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The control loop against objects: what is read of them, and what becomes of a decision.
class RolloutControllerTest {
    private static final Map<String, TrafficRouter> ROUTERS = Map.of(GatewayApiRouter.NAME, new GatewayApiRouter());
    private static final ObjectRef ROLLOUT = ObjectRef.of(ResourceType.ROLLOUTS, "shop", "web");
    private static final ObjectRef ROUTE = ObjectRef.of(ResourceType.HTTP_ROUTES, "shop", "web");

    private final VirtualTime time = new VirtualTime();
    private final List<String> told = new ArrayList<>();
    private final FakeCluster cluster = new FakeCluster(time);
    private final Caches caches = new Caches(
            cluster, time, Optional.empty(), RolloutController.kinds(ROUTERS), ObjectCache.Options.standard(1));
    private final RolloutController controller = new RolloutController(
            cluster,
            time,
            caches,
            ROUTERS,
            (_, _) -> new AnalysisRunMaker.Made.Impossible("there are no analyses here"),
            (_, warning, reason, message) -> told.add((warning ? "! " : "") + reason + ": " + message),
            RolloutEngine::decide);

    @BeforeEach
    void start() {
        service("web-canary");
        service("web-stable");
        cluster.put(
                ResourceType.HTTP_ROUTES,
                FakeCluster.object(ResourceType.HTTP_ROUTES, "shop", "web").with("spec", json("""
                                {'rules': [{'backendRefs': [{'name': 'web-stable', 'weight': 100},
                                                            {'name': 'web-canary', 'weight': 0}]}]}""")));
        rollout("v1");
        caches.start();
        settle();
    }

    private static Json.Obj json(String text) {
        return Json.parse(text.replace('\'', '"')).obj();
    }

    private void service(String name) {
        cluster.put(
                ResourceType.SERVICES,
                FakeCluster.object(ResourceType.SERVICES, "shop", name)
                        .with("spec", json("{'selector': {'app': 'web'}}")));
    }

    private void rollout(String version) {
        var old = cluster.get(ROLLOUT);
        var spec = json("""
                {'replicas': 4, 'selector': {'matchLabels': {'app': 'web'}},
                 'template': {'metadata': {'labels': {'app': 'web'}},
                              'spec': {'containers': [{'name': 'web', 'image': 'web:%s'}]}},
                 'strategy': {'canary': {'canaryService': 'web-canary', 'stableService': 'web-stable',
                    'steps': [{'setWeight': 50}, {'pause': {}}],
                    'trafficRouting': {'plugins': {'argoproj-labs/gatewayAPI': {'httpRoute': 'web'}}}}}}""".formatted(version));
        cluster.put(
                ResourceType.ROLLOUTS,
                old.orElseGet(() -> FakeCluster.object(ResourceType.ROLLOUTS, "shop", "web"))
                        .with("spec", spec));
    }

    /// The controller and the ReplicaSets' own, in turn, until nothing is due within the next minute.
    private void settle() {
        for (int round = 0; round < 60; round++) {
            for (int passes = 0; controller.step(); passes++) {
                assertThat(passes).as("a pass that asks for itself").isLessThan(100);
            }
            for (var set : cluster.list(Selection.in(ResourceType.REPLICA_SETS, "shop"))) {
                int pods = set.at("spec", "replicas").integer(0);
                var status = Json.obj("replicas", pods, "readyReplicas", pods, "availableReplicas", pods);
                if (!set.at("status").equals(status)) {
                    cluster.put(ResourceType.REPLICA_SETS, set.with("status", status));
                }
            }
            time.advance(Duration.ofSeconds(1));
        }
    }

    private List<Integer> weights() {
        return cluster
                .get(ROUTE)
                .orElseThrow()
                .at("spec", "rules")
                .items()
                .getFirst()
                .at("backendRefs")
                .items()
                .stream()
                .map(ref -> ref.at("weight").integer(-1))
                .toList();
    }

    private Json status() {
        return cluster.get(ROLLOUT).orElseThrow().at("status");
    }

    private int pods(String version) {
        return cluster.list(Selection.in(ResourceType.REPLICA_SETS, "shop")).stream()
                .filter(set -> set.at("spec", "template").text().contains("web:" + version))
                .mapToInt(set -> set.at("spec", "replicas").integer(0))
                .sum();
    }

    private void command(String status) {
        cluster.put(
                ResourceType.ROLLOUTS,
                cluster.get(ROLLOUT).orElseThrow().with("status", MergePatch.apply(status(), json(status))));
    }

    @Test
    void aCanaryServiceThatIsDeletedInMidUpdateLosesItsWeightAtOnce() {
        rollout("v2");
        settle();
        assertThat(weights()).containsExactly(50, 50);
        assertThat(status().at("phase").string("")).isEqualTo("Paused");

        cluster.remove(ObjectRef.of(ResourceType.SERVICES, "shop", "web-canary"));
        time.settle();
        controller.step();
        assertThat(weights()).as("in the first pass").containsExactly(100, 0);
        settle();
        assertThat(status().at("message").string(""))
                .contains("spec.strategy.canary.canaryService: \"web-canary\" service \"web-canary\" not found");
        assertThat(pods("v2")).isEqualTo(2);

        service("web-canary");
        settle();
        assertThat(weights()).containsExactly(50, 50);
        assertThat(status().at("phase").string("")).isEqualTo("Paused");
        assertThat(status().at("currentStepIndex").integer(-1)).isEqualTo(1);
    }

    @Test
    void passesAndEventsAreCountedUntilTheRolloutIsGoneForAWhile() {
        rollout("v2");
        settle();
        var web = controller.tally().series().get(new Key("shop", "web"));
        assertThat(web.passes()).isPositive();
        assertThat(web.failed()).isZero();
        assertThat(web.told()).containsEntry(new Tally.Told(false, "RolloutPaused"), 1L);

        cluster.remove(ROLLOUT);
        settle();
        time.advance(Tally.LINGERS);
        assertThat(controller.tally().series()).isEmpty();
    }

    @Test
    void anAbortGoesBackThoughTheCanaryServiceIsGone() {
        rollout("v2");
        settle();
        cluster.remove(ObjectRef.of(ResourceType.SERVICES, "shop", "web-canary"));
        settle();
        command("{'abort': true}");
        settle();
        assertThat(weights()).containsExactly(100, 0);
        assertThat(pods("v1")).isEqualTo(4);
        assertThat(pods("v2")).isZero();
        assertThat(status().at("abortedAt").isNull()).isFalse();
    }

    @Test
    void anAbortTakesTheWeightBackThoughTheSpecHasBecomeUnreadable() {
        rollout("v2");
        settle();
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        cluster.put(ResourceType.ROLLOUTS, rollout.withAt(List.of("spec", "replicas"), "four"));
        settle();
        assertThat(weights()).containsExactly(50, 50);
        command("{'abort': true}");
        settle();
        assertThat(weights()).containsExactly(100, 0);
        assertThat(pods("v2")).as("how many there shall be is not known").isEqualTo(2);
    }

    @Test
    void aRouteOfAnotherNamespaceWakesTheRolloutThatNamesItAndNoOther() {
        var route = ObjectRef.of(ResourceType.HTTP_ROUTES, "platform", "entry");
        cluster.put(
                ResourceType.HTTP_ROUTES,
                FakeCluster.object(ResourceType.HTTP_ROUTES, "platform", "entry")
                        .with("spec", cluster.get(ROUTE).orElseThrow().at("spec")));
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        var config = List.of("spec", "strategy", "canary", "trafficRouting", "plugins", GatewayApiRouter.NAME);
        cluster.put(
                ResourceType.ROLLOUTS, rollout.withAt(config, json("{'httpRoute': 'entry', 'namespace': 'platform'}")));
        settle();
        assertThat(controller.step()).as("nothing is due").isFalse();

        var seen = cluster.get(route).orElseThrow();
        cluster.put(
                ResourceType.HTTP_ROUTES,
                seen.with("status", json("{'parents': [{'conditions': [{'type': 'Accepted', 'status': 'True'}]}]}")));
        time.settle();
        assertThat(controller.step()).as("a look at the route").isTrue();
        settle();

        // Once it names another route, this one is none of its business.
        cluster.put(
                ResourceType.ROLLOUTS, cluster.get(ROLLOUT).orElseThrow().withAt(config, json("{'httpRoute': 'web'}")));
        settle();
        cluster.put(ResourceType.HTTP_ROUTES, cluster.get(route).orElseThrow().with("status", Json.Obj.EMPTY));
        time.settle();
        assertThat(controller.step()).isFalse();
    }

    /// The pods of the one ReplicaSet there is, all of them ready.
    private void readyPods() {
        var set = cluster.list(Selection.in(ResourceType.REPLICA_SETS, "shop")).getFirst();
        for (int i = 1; i <= 4; i++) {
            cluster.put(
                    ResourceType.PODS,
                    FakeCluster.object(ResourceType.PODS, "shop", "web-" + i, "app", "web")
                            .withAt(
                                    List.of("metadata", "ownerReferences"),
                                    Json.of(List.of(Json.obj("uid", set.at("metadata", "uid")))))
                            .with("status", json("{'conditions': [{'type': 'Ready', 'status': 'True'}]}")));
        }
    }

    private static final Selection PODS = Selection.in(ResourceType.PODS, "shop");

    private long lists() {
        return cluster.requests.stream()
                .filter(request -> request instanceof Request.List(var selection)
                        && selection.type().equals(ResourceType.PODS))
                .count();
    }

    private void stableMetadata(String labels) {
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        cluster.put(
                ResourceType.ROLLOUTS,
                rollout.withAt(
                        List.of("spec", "strategy", "canary", "stableMetadata"), Json.obj("labels", json(labels))));
    }

    @Test
    void metadataReachesTemplateAndPodsAndThenNobodyListsThemAnyMore() {
        readyPods();
        var hash = newest().at("metadata", "labels", Names.HASH);
        stableMetadata("{'role': 'stable'}");
        settle();
        assertThat(newest().at("spec", "template", "metadata", "labels", "role").string(""))
                .isEqualTo("stable");
        assertThat(newest().at("metadata", "labels", Names.HASH)).isEqualTo(hash);
        assertThat(cluster.list(PODS))
                .hasSize(4)
                .allMatch(pod -> pod.at("metadata", "labels", "role").string("").equals("stable"));
        long lists = lists();
        long writes = writes();
        settle();
        assertThat(lists()).isEqualTo(lists);
        assertThat(writes()).isEqualTo(writes);

        stableMetadata("{}");
        settle();
        assertThat(cluster.list(PODS))
                .allMatch(pod -> pod.at("metadata", "labels").strings().equals(Map.of("app", "web")));
        assertThat(newest().at("metadata", "annotations").text()).doesNotContain("ephemeral");
    }

    @ParameterizedTest
    @CsvSource({"403, Forbidden, true", "409, Conflict, false", "404, NotFound, false", "500, InternalError, false"})
    void aPodThatCannotBeChangedHoldsUpNothingAndIsTriedAgain(int code, String reason, boolean told) {
        readyPods();
        cluster.refuse = request -> request instanceof Request.Patch(var ref, var _, var _)
                        && ref.type().equals(ResourceType.PODS)
                        && ref.name().equals("web-2")
                ? Optional.of(new Reply.Refused(code, reason, "anna may not", Optional.empty()))
                : Optional.empty();
        stableMetadata("{'role': 'stable'}");
        rollout("v1");
        stableMetadata("{'role': 'stable'}");
        settle();
        assertThat(cluster.list(PODS).stream()
                        .filter(pod -> pod.at("metadata", "labels").obj().has("role")))
                .hasSize(3);
        assertThat(status().at("observedGeneration").string(""))
                .isEqualTo(Long.toString(cluster.get(ROLLOUT)
                        .orElseThrow()
                        .at("metadata", "generation")
                        .asLong()
                        .orElse(0L)));
        assertThat(this.told.contains("! MetadataRefused: Pod web-2 cannot get its ephemeral metadata, which is tried"
                        + " again: 403 Forbidden: anna may not"))
                .isEqualTo(told);
        cluster.refuse = _ -> Optional.empty();
        settle();
        assertThat(cluster.list(PODS))
                .allMatch(pod -> pod.at("metadata", "labels").obj().has("role"));
    }

    private long evictions() {
        return cluster.requests.stream()
                .filter(request -> request instanceof Request.Create(var ref, var _)
                        && ref.subresource().equals("eviction"))
                .count();
    }

    @ParameterizedTest
    @CsvSource({"403, Forbidden", "500, InternalError", "429, TooManyRequests", "404, NotFound"})
    void anEvictionThatIsRefusedHoldsUpNothingAndIsTriedAgain(int code, String reason) {
        readyPods();
        cluster.refuse = request -> request instanceof Request.Create(var ref, var _)
                        && ref.subresource().equals("eviction")
                ? Optional.of(new Reply.Refused(code, reason, "anna may not", Optional.empty()))
                : Optional.empty();
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        var asked = time.now().minusSeconds(1).toString();
        cluster.put(ResourceType.ROLLOUTS, rollout.withAt(List.of("spec", "restartAt"), asked));
        settle();
        assertThat(status().at("message").string("")).isEqualTo("rollout is restarting");
        long tried = evictions();
        assertThat(tried).isPositive();
        settle();
        assertThat(evictions()).as("tried again").isGreaterThan(tried);
        // What a PodDisruptionBudget refuses passes by itself, and a pod that is gone needs no eviction.
        var warnings = told.stream().filter(event -> event.startsWith("! ")).distinct();
        if (code == 429 || code == 404) {
            assertThat(warnings).isEmpty();
        } else {
            assertThat(warnings)
                    .containsExactly("! EvictionRefused: Pod web-1 cannot be evicted, which is tried again: " + code
                            + " " + reason + ": anna may not");
        }
    }

    /// The answer to each creation of a ReplicaSet, from now on.
    private void creationsAreRefused(Reply.Refused answer) {
        cluster.refuse = request ->
                request instanceof Request.Create(var ref, var _) && ref.type().equals(ResourceType.REPLICA_SETS)
                        ? Optional.of(answer)
                        : Optional.empty();
    }

    private static Reply.Refused refusal(int code, String reason) {
        return new Reply.Refused(code, reason, "restartPolicy: must be Always", Optional.empty());
    }

    private Json progressing() {
        return status().at("conditions").items().stream()
                .filter(condition -> condition.at("type").string("").equals("Progressing"))
                .findFirst()
                .orElseThrow();
    }

    private long creations() {
        return cluster.requests.stream()
                .filter(request -> request instanceof Request.Create(var ref, var _)
                        && ref.type().equals(ResourceType.REPLICA_SETS))
                .count();
    }

    @ParameterizedTest
    @CsvSource({"422, Invalid", "403, Forbidden", "400, BadRequest"})
    void aReplicaSetThatIsRefusedIsToldAndTriedAgain(int code, String reason) {
        rollout("v2");
        settle();
        told.clear();
        creationsAreRefused(refusal(code, reason));
        rollout("v3");
        generation(7);
        settle();
        var message = "Failed to create new replica set \"" + refusedName() + "\": " + code + " " + reason
                + ": restartPolicy: must be Always";
        assertThat(progressing().at("status").string("")).isEqualTo("False");
        assertThat(progressing().at("reason").string("")).isEqualTo("ReplicaSetCreateError");
        assertThat(progressing().at("message").string("")).isEqualTo(message);
        assertThat(status().at("observedGeneration").string("")).isEqualTo("7");
        assertThat(status().at("phase").string("")).isEqualTo("Degraded");
        assertThat(status().at("message").string("")).isEqualTo("ReplicaSetCreateError: " + message);
        assertThat(told.stream().distinct()).containsExactly("! ReplicaSetCreateError: " + message);
        assertThat(weights()).as("the update before stays where it is").containsExactly(50, 50);

        long tried = creations();
        var written = status();
        settle();
        assertThat(creations()).as("tried again").isGreaterThan(tried);
        assertThat(creations()).as("with backoff").isLessThan(tried + 20);
        assertThat(status()).as("which changes nothing").isEqualTo(written);

        cluster.refuse = _ -> Optional.empty();
        settle();
        assertThat(pods("v3")).isEqualTo(2);
        assertThat(status().at("message").string("")).isEqualTo("CanaryPauseStep");
    }

    @Test
    void aRefusalThatRepeatsIsLoggedNowAndThenAndIsOneEntryOfTheJournal() {
        creationsAreRefused(refusal(422, "Invalid"));
        rollout("v2");
        try (var log = new Log()) {
            for (int minutes = 0; minutes < 5; minutes++) settle();
            assertThat(log.lines("a write failed: ")).hasSize(3);
            assertThat(log.lines("a write failed: ").getLast()).endsWith(" times more since this was said)");
            assertThat(log.lines("no ReplicaSet has the template")).isEmpty();
            creationsAreRefused(refusal(403, "Forbidden"));
            settle();
            assertThat(log.lines("a write failed: ").getLast())
                    .contains("Forbidden")
                    .doesNotContain(" times more ");
        }
        assertThat(creations()).as("tried meanwhile").isGreaterThan(20);
        assertThat(controller.journal().of(new Key("shop", "web")).stream()
                        .filter(entry -> entry.outcome().contains("422")))
                .hasSize(1);
    }

    private void strategy(String strategy) {
        cluster.put(
                ResourceType.ROLLOUTS,
                cluster.get(ROLLOUT).orElseThrow().withAt(List.of("spec", "strategy"), json(strategy)));
    }

    private Json.Obj managed(String service) {
        return cluster.get(ObjectRef.of(ResourceType.SERVICES, "shop", service)).orElseThrow();
    }

    private String serves(String service) {
        return managed(service).at("spec", "selector", Names.HASH).string("");
    }

    @Test
    void aServiceThatTheStrategyDoesNotNameAnyMoreReachesAllPodsOfItsOwnLabelsAgain() {
        assertThat(serves("web-stable")).isNotEmpty();
        strategy("{'canary': {'steps': [{'setWeight': 50}, {'pause': {}}]}}");
        settle();
        for (var service : List.of("web-stable", "web-canary")) {
            assertThat(managed(service).at("spec", "selector")).isEqualTo(json("{'app': 'web'}"));
            assertThat(managed(service)
                            .at("metadata", "annotations", Names.MANAGED_BY)
                            .isNull())
                    .isTrue();
        }
        assertThat(told)
                .contains("ServiceReleased: Released service 'web-stable' from '"
                        + status().at("stableRS").string("") + "'");
    }

    @Test
    void aServiceIsNotTakenForUnnamedWhileTheSpecCannotBeRead() {
        var before = serves("web-stable");
        strategy("{'canary': {'steps': [{'setWeight': 'half'}]}}");
        settle();
        assertThat(serves("web-stable")).isEqualTo(before);
    }

    private Json.Obj newest() {
        var hash = status().at("currentPodHash").string("");
        return cluster.get(ObjectRef.of(ResourceType.REPLICA_SETS, "shop", "web-" + hash))
                .orElseThrow();
    }

    @Test
    void minReadySecondsAndAnnotationsOfALiveRolloutReachItsNewestReplicaSet() {
        var revision = newest().at("metadata", "annotations", Names.REVISION);
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        for (var name : List.of(Names.LAST_APPLIED, Names.DESIRED_REPLICAS, Names.REVISION_HISTORY, Names.NOTIFIED)) {
            rollout = rollout.withAt(List.of("metadata", "annotations", name), "not for it");
        }
        cluster.put(
                ResourceType.ROLLOUTS,
                rollout.withAt(List.of("metadata", "annotations", "team"), "shop")
                        .withAt(List.of("spec", "minReadySeconds"), 7));
        settle();
        assertThat(newest().at("spec", "minReadySeconds").integer(0)).isEqualTo(7);
        var annotations = newest().at("metadata", "annotations");
        assertThat(annotations.at("team").string("")).isEqualTo("shop");
        assertThat(annotations.at(Names.REVISION)).isEqualTo(revision);
        assertThat(annotations.text()).doesNotContain("not for it");
        long writes = writes();
        settle();
        assertThat(writes()).as("it is said once").isEqualTo(writes);
    }

    private static final List<String> SERVICES = List.of("web-stable", "web-canary");

    private void after(int seconds) {
        for (int second = 0; second < seconds; second++) {
            for (int passes = 0; controller.step(); passes++) assertThat(passes).isLessThan(100);
            time.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void theServicesOfARolloutThatIsDeletedAreLetGoAWhileLater() {
        cluster.remove(ROLLOUT);
        after(5);
        assertThat(SERVICES).noneMatch(service -> serves(service).isEmpty());
        after(10);
        assertThat(SERVICES).allMatch(service -> serves(service).isEmpty());
        assertThat(managed("web-stable").at("spec", "selector")).isEqualTo(json("{'app': 'web'}"));
        assertThat(managed("web-stable")
                        .at("metadata", "annotations", Names.MANAGED_BY)
                        .isNull())
                .isTrue();
        long writes = writes();
        after(60);
        assertThat(writes()).isEqualTo(writes);
    }

    @Test
    void theServicesOfARolloutThatIsReplacedAreNotTouchedInBetween() {
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        cluster.remove(ROLLOUT);
        after(5);
        cluster.put(ResourceType.ROLLOUTS, rollout);
        settle();
        assertThat(SERVICES).noneMatch(service -> serves(service).isEmpty());
        assertThat(told).noneMatch(event -> event.startsWith("ServiceReleased"));
    }

    @Test
    void aServiceIsNotLetGoWhileItCannotBeToldWhetherItsRolloutExists() {
        cluster.refuse =
                request -> request instanceof Request.Get ? Optional.of(refusal(403, "Forbidden")) : Optional.empty();
        cluster.remove(ROLLOUT);
        after(60);
        assertThat(SERVICES).noneMatch(service -> serves(service).isEmpty());
        cluster.refuse = _ -> Optional.empty();
        after(30);
        assertThat(SERVICES).allMatch(service -> serves(service).isEmpty());
    }

    @Test
    void whatWasLeftBehindWhileNobodyLookedIsLetGoByTheNextController() {
        service("shop");
        var ref = ObjectRef.of(ResourceType.SERVICES, "shop", "shop");
        cluster.put(
                ResourceType.SERVICES,
                cluster.get(ref)
                        .orElseThrow()
                        .withAt(List.of("metadata", "annotations", Names.MANAGED_BY), "gone")
                        .withAt(List.of("spec", "selector", Names.HASH), "abc"));
        settle();
        assertThat(serves("shop")).isEmpty();
    }

    @Test
    void aRolloutOfAnotherNameTakesTheServicesOfOneThatIsGone() {
        var old = cluster.get(ROLLOUT).orElseThrow();
        cluster.remove(ROLLOUT);
        var renamed = FakeCluster.object(ResourceType.ROLLOUTS, "shop", "shop").with("spec", old.at("spec"));
        cluster.put(ResourceType.ROLLOUTS, renamed);
        settle();
        assertThat(SERVICES)
                .allMatch(service -> managed(service)
                        .at("metadata", "annotations", Names.MANAGED_BY)
                        .string("")
                        .equals("shop"));
    }

    private long writes() {
        return cluster.requests.stream().filter(Request::writes).count();
    }

    private void generation(int number) {
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        cluster.put(ResourceType.ROLLOUTS, rollout.withAt(List.of("metadata", "generation"), number));
    }

    private String refusedName() {
        return cluster.requests.stream()
                .filter(Request.Create.class::isInstance)
                .map(request -> ((Request.Create) request).ref())
                .filter(ref -> ref.type().equals(ResourceType.REPLICA_SETS))
                .map(ObjectRef::name)
                .reduce("", (_, last) -> last);
    }

    /// That the server is broken passes by itself: the way back does not wait for it all the same.
    @ParameterizedTest
    @CsvSource({"422, Invalid, true", "500, InternalError, false"})
    void anAbortGoesBackThoughTheNextReplicaSetCannotBeMade(int code, String reason, boolean forGood) {
        rollout("v2");
        settle();
        creationsAreRefused(refusal(code, reason));
        rollout("v3");
        settle();
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        cluster.put(ResourceType.ROLLOUTS, rollout.withAt(List.of("status", "abort"), true));
        settle();
        assertThat(weights()).containsExactly(100, 0);
        assertThat(pods("v1")).isEqualTo(4);
        assertThat(pods("v2")).isZero();
        assertThat(status().at("message").string("").startsWith("ReplicaSetCreateError: "))
                .isEqualTo(forGood);
        if (!forGood) return;
        assertThat(progressing().at("reason").string("")).isEqualTo("RolloutAborted");
        assertThat(status().at("abortedAt").string("")).isNotEmpty();
        assertThat(told.stream().filter(event -> event.startsWith("! RolloutAborted")))
                .hasSize(1);

        cluster.refuse = _ -> Optional.empty();
        settle();
        assertThat(status().at("abort").bool(false))
                .as("the new one begins anew")
                .isFalse();
        assertThat(weights()).containsExactly(50, 50);
    }

    /// One pass by hand over what the caches show.
    private List<String> made() {
        var seen = new RolloutObserver(caches, cluster, ROUTERS)
                .observe(new Key("shop", "web"), time.now())
                .orElseThrow();
        var made = new ArrayList<String>();
        new Executor(
                        cluster,
                        (_, _, _, _) -> {},
                        (_, _) -> new AnalysisRunMaker.Made.Impossible("there are no analyses here"))
                .run(
                        seen,
                        RolloutEngine.decide(seen.observation()),
                        move -> made.add(move.action().getClass().getSimpleName()));
        return made;
    }

    @ParameterizedTest
    @CsvSource({"500, InternalError", "409, Conflict", "422, Invalid"})
    void onlyMovesThatWereMadeAreTold(int code, String reason) {
        rollout("v2");
        time.settle();
        creationsAreRefused(refusal(code, reason));
        assertThat(made()).isEmpty();
        assertThat(made()).as("tried again").isEmpty();
        cluster.refuse = _ -> Optional.empty();
        assertThat(made()).startsWith("CreateReplicaSet");
    }

    @Test
    void anEvictionThatIsRefusedIsNotToldAsMade() {
        readyPods();
        cluster.refuse = request -> request instanceof Request.Create(var ref, var _)
                        && ref.subresource().equals("eviction")
                ? Optional.of(new Reply.Refused(429, "TooManyRequests", "not now", Optional.empty()))
                : Optional.empty();
        var rollout = cluster.get(ROLLOUT).orElseThrow();
        var asked = time.now().minusSeconds(1).toString();
        cluster.put(ResourceType.ROLLOUTS, rollout.withAt(List.of("spec", "restartAt"), asked));
        time.settle();
        long before = evictions();
        assertThat(made()).isEmpty();
        assertThat(evictions()).as("it was tried").isGreaterThan(before);
    }

    @Test
    void weightsOnARouteThatNobodyReportsOnAreToldAndHoldUpNothing() {
        rollout("v2");
        settle();
        assertThat(weights()).containsExactly(50, 50);
        assertThat(status().at("phase").string("")).isEqualTo("Paused");
        assertThat(told)
                .contains("! RouteUnreported: No gateway has reported on HTTPRoute shop/web: whether it serves the"
                        + " weights cannot be told, and the rollout does not wait for it");
    }

    @Test
    void weightsOnARouteThatAGatewayReportsOnAreNotWarnedOf() {
        var route = cluster.get(ROUTE).orElseThrow();
        cluster.put(
                ResourceType.HTTP_ROUTES,
                route.with("status", json("{'parents': [{'conditions': [{'type': 'Accepted', 'status': 'True'}]}]}")));
        rollout("v2");
        settle();
        assertThat(weights()).containsExactly(50, 50);
        assertThat(told).noneMatch(event -> event.contains("RouteUnreported"));
    }
}
