package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.FakeCluster;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.VirtualTime;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.TrafficRouter;
import dev.sluice.traffic.GatewayApiRouter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is said of a manifest in which nothing is wrong.
class NoteTest {
    private static final Map<String, TrafficRouter> ROUTERS = Map.of(GatewayApiRouter.NAME, new GatewayApiRouter());

    private static Json.Obj json(String text) {
        return Json.parse(text.replace('\'', '"')).obj();
    }

    private static Json.Obj rollout(String more, String strategy) {
        return json("""
                {'apiVersion': 'argoproj.io/v1alpha1', 'kind': 'Rollout', 'metadata': {'name': 'web'},
                 'spec': {'replicas': 2, 'selector': {'matchLabels': {'app': 'web'}},
                   'template': {'metadata': {'labels': {'app': 'web'}},
                                'spec': {'containers': [{'name': 'web', 'image': 'web:v1'}], 'unheardOf': 1}},
                   %s 'strategy': %s}}
                """.formatted(more, strategy));
    }

    private static List<String> notes(Json.Obj manifest) {
        var decoded = new RolloutCodec(ROUTERS).decode(manifest);
        assertThat(decoded.problems()).isEmpty();
        return decoded.notes().stream()
                .map(note -> note.kind().reason() + " " + note.text())
                .toList();
    }

    @Test
    void aSlipIsNamedWithItsPathAndTheNearestName() {
        assertThat(notes(rollout("'progresDeadlineSeconds': 5,", "{'canary': {'stpes': [{'setWeight': 5}]}}")))
                .containsExactly(
                        "UnknownField spec.progresDeadlineSeconds is no field of a Rollout and changes nothing;"
                                + " progressDeadlineSeconds is probably meant",
                        "UnknownField spec.strategy.canary.stpes is no field of a Rollout and changes nothing;"
                                + " steps is probably meant");
    }

    @Test
    void slipsAreFoundAsDeepAsTheManifestIsRead() {
        assertThat(notes(rollout("", """
                        {'canary': {'steps': [{'setWeight': 5, 'comment': 'x'}, {'pause': {'durration': '5m'}},
                          {'analysis': {'templates': [{'templateName': 'a', 'scope': 1}],
                            'args': [{'name': 'n', 'valu': 'v'}]}}]}}""")))
                .satisfiesExactly(
                        note -> assertThat(note).contains("spec.strategy.canary.steps[0].comment is no field"),
                        note -> assertThat(note).contains("steps[1].pause.durration", "duration is probably meant"),
                        note -> assertThat(note).contains("steps[2].analysis.templates[0].scope is no field"),
                        note -> assertThat(note)
                                .contains("steps[2].analysis.args[0].valu ", "value is probably meant"));
    }

    @Test
    void whatArgoKnowsIsNoSlip() {
        assertThat(notes(rollout("""
                        'minReadySeconds': 1, 'rollbackWindow': {'revisions': 3}, 'revisionHistoryLimit': 4, 'paused': true,
                        'progressDeadlineSeconds': 60, 'progressDeadlineAbort': true, 'restartAt': '2026-01-01T00:00:00Z',
                        """, """
                        {'canary': {'canaryService': 'c', 'stableService': 's', 'maxSurge': 1, 'maxUnavailable': 1,
                          'scaleDownDelaySeconds': 3, 'scaleDownDelayRevisionLimit': 2, 'abortScaleDownDelaySeconds': 4,
                          'dynamicStableScale': false, 'minPodsPerReplicaSet': 1,
                          'trafficRouting': {'maxTrafficWeight': 100, 'plugins':
                            {'argoproj-labs/gatewayAPI': {'httpRoute': 'web', 'namespace': 'shop'}}},
                          'analysis': {'startingStep': 1, 'templates': [{'templateName': 'a', 'clusterScope': true}],
                            'dryRun': [], 'measurementRetention': [], 'analysisRunMetadata': {'labels': {'a': 'b'}},
                            'args': [{'name': 'n', 'value': 'v'},
                              {'name': 'h', 'valueFrom': {'podTemplateHashValue': 'Latest'}},
                              {'name': 'f', 'valueFrom': {'fieldRef': {'fieldPath': 'metadata.name'}}}]},
                          'steps': [{'setWeight': 5}, {'pause': {'duration': 5}}, {'setCanaryScale': {'weight': 5}},
                            {'setCanaryScale': {'replicas': 1}}, {'setCanaryScale': {'matchTrafficWeight': true}}]}}"""))).isEmpty();
        assertThat(notes(rollout("", """
                        {'blueGreen': {'activeService': 'a', 'previewService': 'p', 'previewReplicaCount': 1,
                          'autoPromotionEnabled': true, 'autoPromotionSeconds': 3, 'maxUnavailable': 1,
                          'scaleDownDelaySeconds': 3, 'scaleDownDelayRevisionLimit': 2,
                          'abortScaleDownDelaySeconds': 4}}"""))).isEmpty();
    }

    @Test
    void whatThisVersionDoesNotActOnIsSaidInOtherWords() {
        assertThat(notes(rollout("'analysis': {'successfulRunHistoryLimit': 1},", "{'canary': {}}")))
                .containsExactly("NotActedOn spec.analysis is not acted on by this version; it is kept as it is");
    }

    @Test
    void ofAPairWhatNobodyKnowsIsRefused() {
        var pair = json("""
                {'metadata': {'name': 'pair'}, 'spec': {'stable': 'blue', 'canary': 'green', 'replicas': 4, 'paused': false,
                  'progressDeadlineSeconds': 9, 'progressDeadlineAbort': true, 'maxSurge': 1, 'maxUnavailable': 1,
                  'steps': [{'setWeight': 5}], 'analysis': {'templates': [{'templateName': 'a'}], 'dryRun': []},
                  'replica': 5}}""");
        var decoded = PairCodec.decode(pair);
        assertThat(decoded.problems())
                .extracting(Object::toString)
                .containsExactly("spec.replica: is no field of a DeploymentCanary; remove it");
        assertThat(decoded.notes()).isEmpty();
        var slip = json("{'spec': {'stable': 'blue', 'canary': 'green', 'stpes': [{'setWeight': 5}]}}");
        assertThat(PairCodec.decode(slip).problems())
                .extracting(Object::toString)
                .containsExactly("spec.stpes: is no field of a DeploymentCanary; write steps");
    }

    // ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────

    private final VirtualTime time = new VirtualTime();
    private final FakeCluster cluster = new FakeCluster(time);
    private final List<String> told = new ArrayList<>();

    private void controllers() {
        var kinds = new LinkedHashSet<>(RolloutController.kinds(Map.of()));
        kinds.addAll(RolloutController.kindsOfDeployments());
        var caches = new Caches(cluster, time, Optional.empty(), kinds, ObjectCache.Options.standard(1));
        AnalysisRunMaker none = (_, _) -> new AnalysisRunMaker.Made.Impossible("no analysis here");
        Events events = (_, warning, reason, message) -> {
            if (warning) told.add(reason + ": " + message);
        };
        for (var loop : List.of(
                new RolloutController(cluster, time, caches, Map.of(), none, events, RolloutEngine::decide),
                RolloutController.ofDeployments(cluster, time, caches, none, events, RolloutEngine::decide))) {
            loop.queue().whenReady(() -> time.at(time.now().plusMillis(5), loop::step));
        }
        caches.start();
        time.advance(Duration.ofSeconds(5));
    }

    private void put(ResourceType type, String name, long generation, Json spec) {
        var object = cluster.get(ObjectRef.of(type, "shop", name))
                .orElse(FakeCluster.object(type, "shop", name).withAt(List.of("metadata", "uid"), Json.of(name)));
        cluster.put(type, object.with("spec", spec).withAt(List.of("metadata", "generation"), Json.of(generation)));
        time.advance(Duration.ofSeconds(5));
    }

    @Test
    void oneEventTellsOfAllSlipsOnceForEachSpec() {
        controllers();
        var wrong = rollout("'uncertain': 1,", "{'canary': {'stpes': []}}").at("spec");
        put(ResourceType.ROLLOUTS, "web", 1, wrong);
        assertThat(told).singleElement().asString().startsWith("UnknownField: ").contains("uncertain", "stpes");
        var seen =
                cluster.get(ObjectRef.of(ResourceType.ROLLOUTS, "shop", "web")).orElseThrow();
        assertThat(seen.at("status", "observedGeneration").string("")).isEqualTo("1");
        assertThat(seen.at("spec", "strategy", "canary").obj().has("stpes"))
                .as("it survives")
                .isTrue();
        // Another look at the same spec is no news.
        cluster.put(ResourceType.ROLLOUTS, seen.withAt(List.of("metadata", "labels"), Json.obj("a", "b")));
        time.advance(Duration.ofSeconds(5));
        assertThat(told).hasSize(1);
        put(ResourceType.ROLLOUTS, "web", 2, wrong);
        assertThat(told).hasSize(2);
    }

    @Test
    void aManifestWithoutSlipsHasNoSuchEvent() {
        controllers();
        put(ResourceType.ROLLOUTS, "web", 1, rollout("", "{'canary': {}}").at("spec"));
        assertThat(told).isEmpty();
    }

    @Test
    void aSecondRolloutWithTheSameLabelsIsToldOnce() {
        controllers();
        var spec = rollout("", "{'canary': {}}").at("spec");
        put(ResourceType.ROLLOUTS, "web", 1, spec);
        put(ResourceType.ROLLOUTS, "cart", 1, spec);
        time.advance(Duration.ofMinutes(5));
        assertThat(told)
                .containsExactly("SharedLabels: spec.selector: fits the pods of rollout/web, too: a Service or an"
                        + " autoscaler takes all of them for one; give each a label of its own");
    }

    @Test
    void aDeploymentWithTheSameLabelsIsToldWhileItHasPods() {
        controllers();
        deployment("blue", 2);
        deployment("green", 0);
        put(ResourceType.ROLLOUTS, "web", 1, rollout("", "{'canary': {}}").at("spec"));
        assertThat(told).singleElement().asString().contains(" the pods of deployment/blue, too: ");
    }

    @Test
    void aSelectorThatIsWiderThanOursFitsOurPods() {
        var ours = rollout("", "{'canary': {}}");
        var wider = json("""
                {'metadata': {'name': 'all'}, 'spec': {'selector': {'matchExpressions': [{'key': 'app', 'operator': 'Exists'}]},
                  'template': {'metadata': {'labels': {'app': 'cart'}}}}}""");
        assertThat(Neighbours.note(ours, List.of(ours, wider), List.of())
                        .orElseThrow()
                        .text())
                .startsWith("spec.selector: the selector of rollout/all fits its pods, too: ");
        var other = wider.withAt(List.of("spec", "selector"), json("{'matchLabels': {'app': 'cart'}}"));
        assertThat(Neighbours.note(ours, List.of(ours, other), List.of())).isEmpty();
        var many = List.of("a", "b", "c", "d", "e").stream()
                .map(name -> ours.withAt(List.of("metadata", "name"), Json.of(name)))
                .toList();
        assertThat(Neighbours.note(ours, many, List.of()).orElseThrow().text())
                .contains("rollout/a, rollout/b, rollout/c and 2 more, too");
    }

    private void deployment(String name, int pods) {
        cluster.put(
                ResourceType.DEPLOYMENTS,
                FakeCluster.object(ResourceType.DEPLOYMENTS, "shop", name)
                        .with("spec", json("""
                        {'replicas': %d, 'template': {'metadata': {'labels': {'app': 'web', 'track': '%s'}}}}""".formatted(pods, name)))
                        .with(
                                "status",
                                json("{'replicas': %1$d, 'availableReplicas': %1$d, 'updatedReplicas': %1$d}"
                                        .formatted(pods))));
        time.advance(Duration.ofSeconds(5));
    }

    @Test
    void aPairThatShrinksTellsSo() {
        controllers();
        deployment("blue", 10);
        deployment("green", 0);
        put(
                ResourceType.DEPLOYMENT_CANARIES,
                "pair",
                1,
                json("{'stable': 'blue', 'canary': 'green', 'replicas': 4, 'steps': [{'pause': {}}]}"));
        assertThat(told)
                .first()
                .asString()
                .startsWith("ScalingDown: blue and green have 10 pods and shall have 4 together: 6 of them end.");
    }

    @Test
    void aPairWithoutReplicasKeepsWhatRuns() {
        controllers();
        deployment("blue", 10);
        deployment("green", 0);
        put(
                ResourceType.DEPLOYMENT_CANARIES,
                "pair",
                1,
                json("{'stable': 'blue', 'canary': 'green', 'steps': [{'setWeight': 20}, {'pause': {}}]}"));
        assertThat(told).isEmpty();
        var pair = cluster.get(ObjectRef.of(ResourceType.DEPLOYMENT_CANARIES, "shop", "pair"))
                .orElseThrow();
        assertThat(pair.at("status", "desiredReplicas").integer(0)).isEqualTo(10);
    }
}
