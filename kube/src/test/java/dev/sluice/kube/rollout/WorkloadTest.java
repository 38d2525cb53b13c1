package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.kube.FakeCluster;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.VirtualTime;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.rollout.hash.PodTemplateHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A Rollout that takes its template from a workload, by the control loop: what is read, and what is written to whom.
class WorkloadTest {
    private static final ObjectRef ROLLOUT = ObjectRef.of(ResourceType.ROLLOUTS, "shop", "web");
    private static final ObjectRef OLD = ObjectRef.of(ResourceType.DEPLOYMENTS, "shop", "old");
    private static final Json.Obj POD_LABELS = Json.obj("app", "web");

    private final VirtualTime time = new VirtualTime();
    private final List<String> told = new ArrayList<>();
    private final FakeCluster cluster = new FakeCluster(time);
    private final Caches caches = new Caches(
            cluster, time, Optional.empty(), RolloutController.kinds(Map.of()), ObjectCache.Options.standard(1));
    private final RolloutController controller = new RolloutController(
            cluster,
            time,
            caches,
            Map.of(),
            (_, _) -> new AnalysisRunMaker.Made.Impossible("there are no analyses here"),
            (_, warning, reason, message) -> told.add((warning ? "! " : "") + reason + ": " + message),
            RolloutEngine::decide);

    private static Json.Obj json(String text) {
        return Json.parse(text.replace('\'', '"')).obj();
    }

    private static Json.Obj template(String version) {
        return json("""
                {'metadata': {'labels': {'app': 'web'}},
                 'spec': {'containers': [{'name': 'web', 'image': 'web:%s'}], 'restartPolicy': 'Always'}}""".formatted(version));
    }

    /// The workload as somebody applies it: each time it is of another generation.
    private void workload(ResourceType type, String version, int replicas) {
        var ref = ObjectRef.of(type, "shop", "old");
        var there = cluster.get(ref).orElseGet(() -> FakeCluster.object(type, "shop", "old"));
        long generation = there.at("metadata", "generation").asLong().orElse(0L);
        var next = there.withAt(List.of("metadata", "generation"), generation + 1);
        var spec = Json.obj(
                "replicas", replicas, "selector", Json.obj("matchLabels", POD_LABELS), "template", template(version));
        cluster.put(
                type,
                type.equals(ResourceType.POD_TEMPLATES)
                        ? next.with("template", template(version))
                        : next.with("spec", spec));
    }

    private void rollout(ResourceType kind, String more) {
        cluster.put(
                ResourceType.ROLLOUTS,
                FakeCluster.object(ResourceType.ROLLOUTS, "shop", "web")
                        .withAt(List.of("metadata", "generation"), 1)
                        .with(
                                "spec",
                                json("""
                                {'replicas': 4, %s
                                 'strategy': {'canary': {'steps': [{'setWeight': 50}, {'pause': {}}]}}}""".formatted(more))
                                        .with(
                                                "workloadRef",
                                                Json.obj(
                                                        "apiVersion",
                                                        kind.apiVersion(),
                                                        "kind",
                                                        kind.kind(),
                                                        "name",
                                                        "old",
                                                        "scaleDown",
                                                        "onsuccess"))));
    }

    private void start() {
        caches.start();
        settle();
    }

    /// The controller, and ReplicaSets whose pods are there at once, until nothing is due within the next minute.
    private void settle() {
        for (int round = 0; round < 60; round++) {
            for (int passes = 0; controller.step(); passes++) {
                assertThat(passes).as("a pass that asks for itself").isLessThan(100);
            }
            for (var set : sets()) {
                int pods = set.at("spec", "replicas").integer(0);
                var status = Json.obj("replicas", pods, "readyReplicas", pods, "availableReplicas", pods);
                if (!set.at("status").equals(status)) {
                    cluster.put(ResourceType.REPLICA_SETS, set.with("status", status));
                }
            }
            time.advance(Duration.ofSeconds(1));
        }
    }

    private List<Json.Obj> sets() {
        return cluster.list(Selection.in(ResourceType.REPLICA_SETS, "shop").labelled(Names.HASH));
    }

    private int pods(String version) {
        return sets().stream()
                .filter(set -> set.at("spec", "template").text().contains("web:" + version))
                .mapToInt(set -> set.at("spec", "replicas").integer(0))
                .sum();
    }

    private Json.Obj rollout() {
        return cluster.get(ROLLOUT).orElseThrow();
    }

    private String phase() {
        return rollout().at("status", "phase").string("");
    }

    private String message() {
        return rollout().at("status", "message").string("");
    }

    private void refuse(Predicate<Request> what) {
        cluster.refuse = request -> what.test(request)
                ? Optional.of(new Reply.Refused(403, "Forbidden", "anna may not", Optional.empty()))
                : Optional.empty();
    }

    @Test
    void theTemplateIsTheDeploymentsAndNothingOfItIsWrittenIntoTheRollout() {
        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        rollout(ResourceType.DEPLOYMENTS, "");
        var spec = rollout().at("spec");
        start();
        assertThat(phase()).as(message()).isEqualTo("Healthy");
        assertThat(sets()).singleElement().satisfies(set -> {
            var hash = PodTemplateHash.of(template("v1"), Optional.empty());
            assertThat(set.at("metadata", "labels", Names.HASH).string("")).isEqualTo(hash);
            assertThat(set.at("spec", "selector"))
                    .isEqualTo(Json.obj("matchLabels", POD_LABELS.with(Names.HASH, hash)));
            assertThat(set.at("metadata", "annotations").obj().has(Names.WORKLOAD_GENERATION))
                    .isFalse();
        });
        assertThat(rollout().at("spec")).isEqualTo(spec);
        assertThat(rollout().at("status", "selector").string("")).isEqualTo("app=web");

        workload(ResourceType.DEPLOYMENTS, "v2", 0);
        settle();
        assertThat(phase()).isEqualTo("Paused");
        assertThat(pods("v1")).isEqualTo(2);
        assertThat(pods("v2")).isEqualTo(2);
        assertThat(rollout().at("spec")).isEqualTo(spec);
        var generation = cluster.get(OLD).orElseThrow().at("metadata", "generation");
        assertThat(rollout().at("metadata", "annotations", Names.WORKLOAD_GENERATION))
                .isEqualTo(rollout().at("status", "workloadObservedGeneration"))
                .isEqualTo(Json.of(generation.text()));
    }

    @Test
    void theDeploymentIsScaledToNothingAndNothingElseOfItIsChanged() {
        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        rollout(ResourceType.DEPLOYMENTS, "");
        var before = cluster.get(OLD).orElseThrow().at("spec").obj();
        start();
        assertThat(cluster.get(OLD).orElseThrow().at("spec").obj()).isEqualTo(before.with("replicas", 0));
        assertThat(told).containsOnlyOnce("ScalingWorkload: Scaled down Deployment old from 4 to 0");
    }

    @Test
    void aScalingThatIsRefusedIsToldHoldsUpNothingAndIsTriedAgain() {
        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        rollout(ResourceType.DEPLOYMENTS, "");
        refuse(request -> request instanceof Request.Patch(var ref, var _, var _) && ref.equals(OLD));
        start();
        assertThat(phase()).isEqualTo("Healthy");
        assertThat(told)
                .anySatisfy(event -> assertThat(event)
                        .startsWith("! WorkloadScaleRefused: Deployment old cannot be scaled to 0")
                        .contains("403 Forbidden: anna may not"))
                .noneMatch(event -> event.startsWith("ScalingWorkload"));

        refuse(_ -> false);
        settle();
        assertThat(cluster.get(OLD).orElseThrow().at("spec", "replicas").integer(-1))
                .isZero();
    }

    @Test
    void aWorkloadThatIsMissingIsToldAndTheRolloutGoesOnByItselfWhenItComes() {
        rollout(ResourceType.DEPLOYMENTS, "");
        start();
        assertThat(phase()).isEqualTo("Degraded");
        assertThat(message())
                .isEqualTo("InvalidSpec: The Rollout \"web\" is invalid: spec.workloadRef.name: \"old\" Deployment"
                        + " \"old\" not found; create it, or name another: the rollout goes on then");

        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        time.settle();
        assertThat(controller.step()).as("it is told at once").isTrue();
        settle();
        assertThat(phase()).isEqualTo("Healthy");
    }

    @Test
    void aWorkloadThatIsDeletedInMidUpdateLeavesTheWayBackOpen() {
        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        rollout(ResourceType.DEPLOYMENTS, "");
        start();
        workload(ResourceType.DEPLOYMENTS, "v2", 0);
        settle();
        cluster.remove(OLD);
        settle();
        assertThat(message()).contains("Deployment \"old\" not found").doesNotContain("more:");
        assertThat(pods("v2")).isEqualTo(2);

        cluster.put(ResourceType.ROLLOUTS, rollout().withAt(List.of("status", "abort"), true));
        settle();
        assertThat(pods("v1")).isEqualTo(4);
        assertThat(pods("v2")).isZero();
    }

    @Test
    void aReplicaSetAndAPodTemplateGiveTheirsToo() {
        for (var kind : List.of(ResourceType.REPLICA_SETS, ResourceType.POD_TEMPLATES)) {
            workload(kind, "v1", 1);
            rollout(
                    kind,
                    kind.equals(ResourceType.POD_TEMPLATES) ? "'selector': {'matchLabels': {'app': 'web'}}," : "");
            start();
            assertThat(phase()).as(kind + ": " + message()).isEqualTo("Healthy");
            workload(kind, "v2", 1);
            time.settle();
            assertThat(controller.step()).as("a change of a %s is told", kind).isTrue();
            settle();
            assertThat(phase()).isEqualTo("Paused");
            assertThat(cluster.get(ObjectRef.of(kind, "shop", "old"))
                            .orElseThrow()
                            .at("spec", "replicas"))
                    .as("only a Deployment is scaled")
                    .isNotEqualTo(Json.of(0));
            cluster.remove(ROLLOUT);
            sets().forEach(set -> cluster.remove(ObjectRef.of(ResourceType.REPLICA_SETS, set)));
            settle();
        }
    }

    @Test
    void aPodTemplateHasNoSelectorToGive() {
        workload(ResourceType.POD_TEMPLATES, "v1", 1);
        rollout(ResourceType.POD_TEMPLATES, "");
        start();
        assertThat(message()).contains("spec.selector: is required; select the pod labels of PodTemplate old");
    }

    @Test
    void aKindThatMayNotBeListedIsReadOneByOneAndNobodyElsesTrouble() {
        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        rollout(ResourceType.DEPLOYMENTS, "");
        var own = json("""
                {'replicas': 2, 'selector': {'matchLabels': {'app': 'own'}}, 'strategy': {'canary': {}},
                 'template': {'metadata': {'labels': {'app': 'own'}},
                              'spec': {'containers': [{'name': 'own', 'image': 'own:v1'}]}}}""");
        cluster.put(
                ResourceType.ROLLOUTS,
                FakeCluster.object(ResourceType.ROLLOUTS, "shop", "own").with("spec", own));
        refuse(request -> request instanceof Request.List(var selection)
                && selection.type().equals(ResourceType.DEPLOYMENTS));
        start();
        assertThat(cluster.get(ObjectRef.of(ResourceType.ROLLOUTS, "shop", "own"))
                        .orElseThrow()
                        .at("status", "phase")
                        .string(""))
                .isEqualTo("Healthy");
        assertThat(phase()).isEqualTo("Healthy");
        workload(ResourceType.DEPLOYMENTS, "v2", 0);
        settle();
        assertThat(phase()).as("looked at now and then").isEqualTo("Paused");
    }

    @Test
    void aWorkloadThatMayNotBeReadIsToldInTheServersWords() {
        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        rollout(ResourceType.DEPLOYMENTS, "");
        refuse(request -> switch (request) {
            case Request.List(var selection) -> selection.type().equals(ResourceType.DEPLOYMENTS);
            case Request.Get(var ref) -> ref.equals(OLD);
            case Request.Create _, Request.Patch _, Request.Replace _, Request.Delete _ -> false;
        });
        start();
        assertThat(message())
                .contains("Deployment \"old\" cannot be read: 403 Forbidden: anna may not; let the controller get, list"
                        + " and watch deployments.apps; it is tried again");
        refuse(_ -> false);
        settle();
        settle();
        assertThat(phase()).isEqualTo("Healthy");
    }

    @ParameterizedTest
    @ValueSource(strings = {"old", "other"})
    void onlyOtherDeploymentsOfTheSameLabelsAreNeighbours(String name) {
        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        rollout(ResourceType.DEPLOYMENTS, "");
        var deployment = cluster.get(OLD).orElseThrow().withAt(List.of("metadata", "name"), name);
        var note = Neighbours.note(
                Workload.filled(rollout(), new Workload(OLD, cluster.get(OLD).orElseThrow()).borrowed()),
                List.of(rollout()),
                List.of(deployment));
        assertThat(note.isPresent()).isEqualTo(name.equals("other"));
    }

    @Test
    void copiesThatAreHeldForPairsAreNotMadeTwice() {
        workload(ResourceType.DEPLOYMENTS, "v1", 4);
        rollout(ResourceType.DEPLOYMENTS, "");
        var kinds = new ArrayList<>(RolloutController.kinds(Map.of()));
        kinds.add(ResourceType.DEPLOYMENTS);
        var all = new Caches(cluster, time, Optional.empty(), kinds, ObjectCache.Options.standard(1));
        var observer = new RolloutObserver(all, all.learning(cluster), Map.of());
        all.start();
        time.settle();
        var seen = observer.observe(new Key("shop", "web"), time.now()).orElseThrow();
        assertThat(seen.observation().problems()).isEmpty();
        assertThat(seen.observation().workload().orElseThrow().watched()).isTrue();
        assertThat(observer.readers(OLD)).containsExactly(new Key("shop", "web"));
        assertThat(all.workloads().types()).isEmpty();
    }
}
