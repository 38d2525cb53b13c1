package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.FakeCluster;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.VirtualTime;
import dev.sluice.rollout.Observation;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.ReplicaSet;
import dev.sluice.rollout.RolloutStatus;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two Deployments as the engine sees them.
class PairObserverTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeCluster cluster = new FakeCluster(time);
    private final Caches caches = new Caches(
            cluster, time, Optional.empty(), RolloutController.kindsOfDeployments(), ObjectCache.Options.standard(1));

    @BeforeEach
    void start() {
        caches.start();
        deployment("blue", "v1", 3);
        deployment("green", "v2", 1);
    }

    private static Json.Obj json(String text) {
        return Json.parse(text.replace('\'', '"')).obj();
    }

    private void deployment(String name, String version, int pods) {
        cluster.put(
                ResourceType.DEPLOYMENTS,
                FakeCluster.object(ResourceType.DEPLOYMENTS, "shop", name)
                        .with(
                                "spec",
                                json(
                                        "{'replicas': %d, 'template': {'metadata': {'labels': {'app': 'web', 'track': '%s'}},"
                                                        .formatted(pods, name)
                                                + " 'spec': {'containers': [{'name': 'web', 'image': 'web:" + version
                                                + "'}]}}}"))
                        .with(
                                "status",
                                json("{'replicas': %1$d, 'updatedReplicas': %1$d, 'availableReplicas': %1$d}"
                                        .formatted(pods))));
        time.settle();
    }

    private Observation pair(String spec, String status) {
        return pair("web", spec, status);
    }

    private Observation pair(String name, String spec, String status) {
        cluster.put(
                ResourceType.DEPLOYMENT_CANARIES,
                FakeCluster.object(ResourceType.DEPLOYMENT_CANARIES, "shop", name)
                        .with("spec", json(spec))
                        .with("status", json(status)));
        time.settle();
        return new PairObserver(caches)
                .observe(new Key("shop", name), time.now())
                .orElseThrow()
                .observation();
    }

    private static List<String> problems(Observation seen) {
        return seen.problems().stream().map(Problem::toString).toList();
    }

    /// What the spec says is known, so an abort can take it back; a slip in it leaves everything as it was recorded.
    @Test
    void anAnalysisThatIsMissingKeepsNoAbortFromGoingBack() {
        var steps = "'steps': [{'setWeight': 50}, {'analysis': {'templates': [{'templateName': 'errors'}]}}]";
        var recorded = "{'stable': 'blue', 'canary': 'green', 'serving': 'blue', 'abort': true}";
        var seen = pair("{'stable': 'blue', 'canary': 'green', 'replicas': 4, " + steps + "}", recorded);
        assertThat(problems(seen)).singleElement().asString().contains("AnalysisTemplate 'errors' not found");
        assertThat(seen.legible()).isTrue();
        assertThat(seen.stable()).map(ReplicaSet::name).hasValue("blue");
        var slip = pair("{'stable': 'blue', 'canary': 'green', 'replicas': 'four', " + steps + "}", recorded);
        assertThat(slip.legible()).isFalse();
        assertThat(slip.stable()).isEmpty();
    }

    @Test
    void aNewPairHasTheOneForStableAndTheOtherForNewest() {
        var seen = pair("{'stable': 'blue', 'canary': 'green', 'replicas': 4}", "{}");
        assertThat(seen.problems()).isEmpty();
        assertThat(seen.stable()).map(ReplicaSet::name).hasValue("blue");
        assertThat(seen.newest()).map(ReplicaSet::name).hasValue("green");
        assertThat(seen.rollout().spec().selector()).isEqualTo(json("{'matchLabels': {'app': 'web'}}"));
    }

    @Test
    void theNamesInTheStatusDecideWhoIsStableNotAHash() {
        var spec = "{'stable': 'blue', 'canary': 'green', 'replicas': 4}";
        var half = pair(spec, "{'stable': 'blue', 'canary': 'green', 'serving': 'blue', 'stableRS': 'edited'}");
        assertThat(half.stable()).map(ReplicaSet::name).hasValue("blue");
        var over = pair(spec, "{'stable': 'blue', 'canary': 'green', 'serving': 'green', 'stableRS': 'edited'}");
        assertThat(over.fullyPromoted()).isTrue();
        assertThat(over.stable()).map(ReplicaSet::name).hasValue("green");
        var swapped = pair(
                "{'stable': 'green', 'canary': 'blue', 'replicas': 4}",
                "{'stable': 'blue', 'canary': 'green', 'serving': 'green', 'abort': true}");
        assertThat(swapped.stable()).map(ReplicaSet::name).hasValue("green");
        assertThat(swapped.newest()).map(ReplicaSet::name).hasValue("blue");
        assertThat(swapped.status().abort()).isFalse();
    }

    @Test
    void theRunsThatCountAreRememberedBesideTheNameOfTheCanary() {
        var run = new RolloutStatus.RunStatus("web-1-2-0", AnalysisPhase.RUNNING, "");
        var json = json("{'stable': 'blue', 'canary': 'green', 'serving': 'blue',"
                + " 'analysis': {'currentStepAnalysisRunStatus': {'name': 'web-1-2-0', 'status': 'Running'}}}");
        var status = PairStatus.of(json);
        assertThat(status.canary()).isEqualTo("green");
        assertThat(status.common().stepRun()).contains(run);
        assertThat(PairStatus.of(status.encode())).isEqualTo(status);
        var seen = pair("{'stable': 'blue', 'canary': 'green', 'replicas': 4}", json.toString());
        assertThat(seen.status().stepRun()).contains(run);
    }

    @Test
    void aNewTemplateInTheCanaryBeginsAnewUntilItServes() {
        var spec = "{'stable': 'blue', 'canary': 'green', 'replicas': 4}";
        var before = pair(spec, "{}").podHash();
        deployment("green", "v3", 1);
        var after = pair(
                spec, "{'stable': 'blue', 'canary': 'green', 'serving': 'blue', 'currentPodHash': '" + before + "'}");
        assertThat(after.podHash())
                .isNotEqualTo(before)
                .isNotEqualTo(after.status().currentPodHash());
        var serves = pair(
                spec, "{'stable': 'blue', 'canary': 'green', 'serving': 'green', 'currentPodHash': '" + before + "'}");
        assertThat(serves.podHash()).isEqualTo(serves.status().currentPodHash());
    }

    @Test
    void podsOfAnOldTemplateOfTheCanaryAreNotAvailable() {
        cluster.put(
                ResourceType.DEPLOYMENTS,
                FakeCluster.object(ResourceType.DEPLOYMENTS, "shop", "green")
                        .with("spec", json("{'replicas': 4, 'template': {'metadata': {'labels': {'app': 'web'}}}}"))
                        .with("status", json("{'replicas': 4, 'updatedReplicas': 1, 'availableReplicas': 4}")));
        time.settle();
        var seen = pair("{'stable': 'blue', 'canary': 'green', 'replicas': 4}", "{}");
        assertThat(seen.newest()).map(ReplicaSet::available).hasValue(1);
    }

    @Test
    void aNewPodIsNotAvailableBecauseAnOldOneIs() {
        assertThat(green("{'replicas': 2, 'updatedReplicas': 1, 'availableReplicas': 1, 'unavailableReplicas': 1}"))
                .isEqualTo(new ReplicaSet.Pods(2, 0, 0, Optional.of(1)));
    }

    @Test
    void whatIsAboutToEndMayBeAnAvailablePod() {
        assertThat(green("{'replicas': 5, 'updatedReplicas': 1, 'availableReplicas': 4}"))
                .isEqualTo(new ReplicaSet.Pods(5, 0, 0, Optional.of(3)));
    }

    @Test
    void aMixtureThatMayLoseAllThatIsAvailableIsStillOne() {
        assertThat(green("{'replicas': 5, 'updatedReplicas': 1, 'availableReplicas': 2}"))
                .isEqualTo(new ReplicaSet.Pods(5, 0, 0, Optional.of(0)));
    }

    @Test
    void aDeploymentOfOneTemplateIsNoMixture() {
        assertThat(green("{'replicas': 4, 'updatedReplicas': 4, 'availableReplicas': 3, 'unavailableReplicas': 1}"))
                .isEqualTo(ReplicaSet.Pods.of(4, 0, 3));
    }

    @Test
    void aMixtureWithNothingAvailableHasNothingToSpare() {
        assertThat(green("{'replicas': 4, 'updatedReplicas': 1, 'unavailableReplicas': 4}"))
                .isEqualTo(ReplicaSet.Pods.of(4, 0, 0));
    }

    private ReplicaSet.Pods green(String status) {
        var ref = ResourceType.DEPLOYMENTS;
        cluster.put(
                ref,
                FakeCluster.object(ref, "shop", "green")
                        .with("spec", json("{'replicas': 4, 'template': {'metadata': {'labels': {'app': 'web'}}}}"))
                        .with("status", json(status)));
        time.settle();
        return pair("{'stable': 'blue', 'canary': 'green', 'replicas': 4}", "{}")
                .newest()
                .orElseThrow()
                .pods();
    }

    @Test
    void aCanaryThatIsNotThereLeavesEverythingToTheOther() {
        var seen = pair("{'stable': 'blue', 'canary': 'later', 'replicas': 4}", "{}");
        assertThat(seen.problems()).isEmpty();
        assertThat(seen.fullyPromoted()).isTrue();
        assertThat(seen.newest()).map(ReplicaSet::name).hasValue("blue");
        deployment("blue", "v1", 4);
        assertThat(problems(pair("{'stable': 'blue', 'canary': 'later', 'replicas': 4}", "{}")))
                .containsExactly("spec.canary: \"later\" Deployment not found; create it or name another");
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThat(problems(pair(
                        "{'stable': 'gone', 'canary': 'gone', 'trafficRouting': {}, 'steps': [{'setWeight': 101}]}",
                        "{}")))
                .containsExactly(
                        "spec.canary: \"gone\" must differ from stable; name two Deployments",
                        "spec.trafficRouting: {} is a field of Rollouts, a pair is split by its pods; remove it, or use a"
                                + " Rollout",
                        "spec.steps[0].setWeight: 101 is above the maximum 100; use 0 … 100",
                        "spec.stable: \"gone\" Deployment not found; create it or name another",
                        "spec.canary: \"gone\" Deployment not found; create it or name another");
    }

    @Test
    void whereReplicasAreLeftOutItIsWhatTheStableOneHadAndStaysThat() {
        var spec = "{'stable': 'blue', 'canary': 'green'}";
        assertThat(pair(spec, "{}").rollout().spec().replicas()).hasValue(3);
        var half = "{'stable': 'blue', 'canary': 'green', 'serving': 'blue', 'desiredReplicas': 3}";
        deployment("blue", "v1", 2);
        assertThat(pair(spec, half).rollout().spec().replicas()).as("half way").hasValue(3);
        var other = pair("{'stable': 'blue', 'canary': 'third'}", half);
        assertThat(other.rollout().spec().replicas())
                .as("another canary, half way")
                .hasValue(3);
        var over = "{'stable': 'blue', 'canary': 'green', 'serving': 'green', 'desiredReplicas': 3}";
        deployment("green", "v2", 5);
        assertThat(pair(spec, over).rollout().spec().replicas())
                .as("at its end")
                .hasValue(3);
        var swapped = pair("{'stable': 'green', 'canary': 'blue'}", over);
        assertThat(swapped.rollout().spec().replicas()).as("the next update").hasValue(5);
        var said = pair("{'stable': 'blue', 'canary': 'green', 'replicas': 7}", half);
        assertThat(said.rollout().spec().replicas()).as("what is said counts").hasValue(7);
    }

    @Test
    void nothingCannotBeTakenForANumber() {
        deployment("blue", "v1", 0);
        deployment("green", "v2", 0);
        assertThat(problems(pair("{'stable': 'blue', 'canary': 'green'}", "{}")))
                .containsExactly("spec.replicas: is left out, and blue has no pods whose number could be taken;"
                        + " say how many pods both Deployments shall have together");
    }

    @Test
    void theOneThatServesIsNotLeftBehind() {
        var status = "{'stable': 'blue', 'canary': 'green', 'serving': 'green', 'abort': true}";
        assertThat(problems(pair("{'stable': 'blue', 'canary': 'third', 'replicas': 4}", status)))
                .containsExactly("spec.stable: \"blue\" is not the Deployment that serves: green does, with 1 pods;"
                        + " name green stable; to give it up, scale it to 0 first");
        // What was known is kept while the spec is wrong.
        var seen = pair("{'stable': 'blue', 'canary': 'third', 'replicas': 4}", status);
        assertThat(seen.status().abort()).isTrue();
        deployment("green", "v2", 0);
        assertThat(pair("{'stable': 'blue', 'canary': 'third', 'replicas': 4}", status)
                        .problems())
                .isEmpty();
    }

    @Test
    void withoutAMemoryTheOneWithAllThePodsServes() {
        deployment("blue", "v1", 0);
        deployment("green", "v2", 4);
        var seen = pair("{'stable': 'blue', 'canary': 'green', 'replicas': 4}", "{}");
        assertThat(seen.problems()).isEmpty();
        assertThat(seen.fullyPromoted() || seen.stable().map(ReplicaSet::name).equals(Optional.of("green")))
                .isTrue();
    }

    @Test
    void aHashThatNoPodHasIsNotAskedFor() {
        var args = "'args': [{'name': 'hash', 'valueFrom': {'podTemplateHashValue': 'Latest'}}]";
        assertThat(problems(pair(
                        "{'stable': 'blue', 'canary': 'green', 'replicas': 4, 'steps': [{'analysis': {" + args + "}}]}",
                        "{}")))
                .anyMatch(problem ->
                        problem.startsWith("spec.steps[0].analysis.args[0].valueFrom.podTemplateHashValue:"));
    }

    @Test
    void theOlderOfTwoHasTheDeployment() {
        var first = pair("a", "{'stable': 'blue', 'canary': 'green', 'replicas': 4}", "{}");
        var second = pair("b", "{'stable': 'green', 'canary': 'third', 'replicas': 4}", "{}");
        assertThat(first.problems()).isEmpty();
        assertThat(problems(second))
                .containsExactly(
                        "spec.stable: \"green\" is sized by DeploymentCanary a already; delete one of the two");
    }

    @Test
    void aPairWithoutACommonLabelCanStandBehindNoService() {
        cluster.put(
                ResourceType.DEPLOYMENTS,
                FakeCluster.object(ResourceType.DEPLOYMENTS, "shop", "green")
                        .with("spec", json("{'replicas': 1, 'template': {'metadata': {'labels': {'app': 'other'}}}}")));
        time.settle();
        assertThat(problems(pair("{'stable': 'blue', 'canary': 'green', 'replicas': 4}", "{}")))
                .singleElement()
                .asString()
                .contains("has no pod label in common with blue");
    }
}
