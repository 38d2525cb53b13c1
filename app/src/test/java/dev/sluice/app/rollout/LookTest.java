package dev.sluice.app.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Bench;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import org.junit.jupiter.api.Test;

/// What is printed, to the letter.
class LookTest {
    private final Bench bench = new Bench().pausedCanary();

    private void status(String json) {
        bench.status(
                ObjectRef.of(ResourceType.ROLLOUTS, "shop", "web"),
                Json.parse(json).obj());
    }

    @Test
    void getShowsTheSentenceTheStepsAndTheTree() {
        assertThat(bench.run("get", "web").out()).isEqualTo("""
                web   shop   Canary   revision 2 over 1
                Paused at 20 % – waiting for you (3h). Next: 40 %. → promote | abort

                Traffic   ████████████████████████████████░░░░░░░░   asked 20   actual 20
                Steps     ✔ 20 %  ▶ pause  · 40 %  · pause 10s
                Pods      desired 5   current 5   updated 1   ready 5   available 5
                Images    demo:blue (stable)
                          demo:green (canary)

                NAME                  KIND        STATUS     AGE   INFO
                ⟳ web                 Rollout     ॥ Paused   120m
                ├──# revision:2
                │  └──⧉ web-new       ReplicaSet  ✔ Healthy  120m  canary
                │     └──□ web-new-1  Pod         ✔ Running  120m  ready:1/1
                └──# revision:1
                   └──⧉ web-old       ReplicaSet  ✔ Healthy  120m  stable
                      ├──□ web-old-1  Pod         ✔ Running  120m  ready:1/1
                      ├──□ web-old-2  Pod         ✔ Running  120m  ready:1/1,restarts:1
                      ├──□ web-old-3  Pod         ✔ Running  120m  ready:1/1,restarts:2
                      └──□ web-old-4  Pod         ✔ Running  120m  ready:1/1,restarts:3
                """);
    }

    @Test
    void getShowsAPairOfDeployments() {
        bench.pausedPair();
        assertThat(bench.run("get", "dc/pair").out()).isEqualTo("""
                pair   shop   DeploymentCanary   green over blue
                Paused at 25 % – waiting for you (5h). Next: 100 %. → promote | abort

                Traffic   ██████████████████████████████░░░░░░░░░░   asked 25   actual 25
                Steps     ✔ 25 %  ▶ pause
                Pods      desired 4   current 4   updated 1   ready 4   available 4
                Images    demo:blue (stable)
                          demo:green (canary)

                NAME        KIND              STATUS     AGE   INFO
                ⟳ pair      DeploymentCanary  ॥ Paused   120m
                ├──⧉ green  Deployment        ✔ Healthy  120m  canary
                └──⧉ blue   Deployment        ✔ Healthy  120m  stable
                """);
        assertThat(bench.run("list", "deploymentcanaries").out()).contains("pair", "1/2", "paused");
        assertThat(bench.run("why", "dc/pair").out()).startsWith("shop/pair   Paused at 25 %");
    }

    @Test
    void getInArgosForm() {
        assertThat(bench.run("get", "rollout", "web", "--compat", "argo").out()).startsWith("""
                Name:            web
                Namespace:       shop
                Status:          ॥ Paused
                Message:         CanaryPauseStep
                Strategy:        Canary
                  Step:          1/4
                  SetWeight:     20
                  ActualWeight:  20
                Images:          demo:blue (stable)
                                 demo:green (canary)
                Replicas:
                  Desired:       5
                  Current:       5
                  Updated:       1
                  Ready:         5
                  Available:     5

                NAME  \
                """);
    }

    @Test
    void asciiHasLettersOnly() {
        var out = bench.run("get", "web", "--ascii").out();
        assertThat(out.chars().allMatch(c -> c < 128)).as(out).isTrue();
        assertThat(out).contains("[||] Paused").contains("|--# revision:2").contains("-> promote | abort");
    }

    @Test
    void listHasTheSentenceLast() {
        assertThat(bench.run("list").out()).isEqualTo("""
                NAME  STRATEGY  STEP  WEIGHT  PODS  PHASE     HEADLINE
                web   Canary    1/4   20      5/5   ॥ Paused  paused at 20 %: waiting for you (3h), next 40 %
                """);
        assertThat(bench.run("list", "rollouts", "-A", "--compat", "argo").out())
                .isEqualTo("""
                NAMESPACE  NAME  STRATEGY  STATUS  STEP  SET-WEIGHT  READY  DESIRED  UP-TO-DATE  AVAILABLE
                shop       web   Canary    Paused  1/4   20          5/5    5        1           5
                """);
        assertThat(bench.run("list", "-o", "name").out()).isEqualTo("rollout.argoproj.io/web\n");
    }

    @Test
    void anEmptyListSaysSoOnStderr() {
        var ended = bench.run("list", "-n", "default");
        assertThat(ended).isEqualTo(new Bench.Ended(0, "", "No resources found.\n"));
    }

    @Test
    void machinesGetADocument() {
        var document = Json.parse(bench.run("get", "web", "-o", "json").out());
        assertThat(document.at("apiVersion").string("")).isEqualTo("cli.sluice.dev/v1");
        assertThat(document.at("headline").string("")).isEqualTo("Paused at 20 % – waiting for you (3h). Next: 40 %.");
        assertThat(document.at("weight", "asked").integer(-1)).isEqualTo(20);
        assertThat(document.at("allowedActions").text())
                .isEqualTo("[\"promote\",\"promote --full\",\"abort\",\"undo\",\"restart\",\"pause\"]");
        assertThat(document.at("deniedActions", "retry").string(""))
                .isEqualTo("it is not aborted; there is nothing to run again");
        assertThat(bench.run("get", "web", "-o", "yaml").out())
                .contains("weight:\n  asked: 20\n  actual: 20\n")
                .contains("revisions:\n- revision: 2\n  name: web-new\n");
    }

    @Test
    void aPauseForAPersonEndsTheWaitWithFive() {
        var ended = bench.run("status", "web");
        assertThat(ended.code()).isEqualTo(5);
        assertThat(ended.out()).isEqualTo("Paused at 20 % – Paused: CanaryPauseStep\n");
        assertThat(ended.err()).isEqualTo("""
                error SLU-A010  rollout shop/web waits for a person
                  why   Paused at 20 % – waiting for you (3h). Next: 40 %.
                  do    sluice promote web
                        sluice abort web
                """);
        assertThat(bench.run("status", "web", "--until", "paused,healthy").code())
                .isZero();
        assertThat(bench.run("status", "web", "--until", "weight=20").code()).isZero();
        assertThat(bench.run("status", "web", "--watch=false", "--compat", "argo"))
                .isEqualTo(new Bench.Ended(0, "Paused - CanaryPauseStep\n", ""));
    }

    @Test
    void aFailureEndsTheWaitWithThree() {
        status(
                "{\"phase\":\"Degraded\",\"message\":\"RolloutAborted: errors\",\"abort\":true,\"pauseConditions\":null}");
        var ended = bench.run("status", "web");
        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.err()).startsWith("error SLU-A009  rollout shop/web is degraded\n");
    }

    @Test
    void anOldFailureDoesNotEndTheWaitForTheNewRun() {
        status("{\"phase\":\"Degraded\",\"message\":\"RolloutAborted: errors\",\"abort\":true,\"pauseConditions\":null,"
                + "\"observedGeneration\":\"0\"}");
        var ended = bench.run("status", "web", "--watch=false");
        assertThat(ended)
                .isEqualTo(new Bench.Ended(
                        0, "Changed – Progressing: waiting for rollout spec update to be observed\n", ""));
    }

    @Test
    void aHealthyRolloutEndsTheWaitAtOnce() {
        status("{\"phase\":\"Healthy\",\"message\":null,\"pauseConditions\":null,\"controllerPause\":null,"
                + "\"stableRS\":\"new\",\"currentStepIndex\":4,\"updatedReplicas\":5}");
        assertThat(bench.run("status", "web", "--compat", "argo")).isEqualTo(new Bench.Ended(0, "Healthy\n", ""));
    }
}
