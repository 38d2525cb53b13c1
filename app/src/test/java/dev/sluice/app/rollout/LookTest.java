package dev.sluice.app.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Api;
import dev.sluice.app.Bench;
import dev.sluice.app.Clusters;
import dev.sluice.app.Main;
import dev.sluice.app.Style;
import dev.sluice.app.Terminal;
import dev.sluice.app.World;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

                Traffic   stable ████████████████████░░░░░ canary   asked 20   actual 20 by pods
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
    void aNarrowTerminalHasTheSameInShorterLines() {
        var report = Report.read(new Api(bench), "shop", "web", bench.time.now());
        assertThat(View.ours(report, new Style(false, false), 60)).startsWith("""
                web   shop   Canary   revision 2 over 1
                Paused at 20 % – waiting for you (3h). Next: 40 %. → promote
                | abort

                Traffic   stable █████████████████████████████░░░░░░░ canary
                          asked 20   actual 20 by pods
                Steps     ✔ 20 %  ▶ pause  · 40 %  · pause 10s
                Pods      desired 5   current 5   updated 1   ready 5
                          available 5
                """);
    }

    @Test
    void getShowsAPairOfDeployments() {
        bench.pausedPair();
        assertThat(bench.run("get", "dc/pair").out()).isEqualTo("""
                pair   shop   DeploymentCanary   green over blue
                Paused at 25 % – waiting for you (5h). Next: 100 %. → promote | abort

                Traffic   stable ███████████████████░░░░░░ canary   asked 25   actual 25 by pods
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
    void withoutAServiceNothingIsSaidOfTheTraffic() {
        bench.delete(ResourceType.SERVICES, "web");
        assertThat(bench.run("get", "web").out())
                .contains("Traffic   asked 20   actual –   no Service selects its pods\n");
        var weight = Json.parse(bench.run("get", "web", "-o", "json").out()).at("weight");
        assertThat(weight.text()).isEqualTo("{\"asked\":20,\"by\":\"pods\",\"service\":false}");
    }

    @Test
    void aHealthyRolloutHasAFullBarOfTheStableVersion() {
        status("{\"phase\":\"Healthy\",\"message\":null,\"pauseConditions\":null,\"controllerPause\":null,"
                + "\"stableRS\":\"new\",\"currentStepIndex\":4,\"updatedReplicas\":5}");
        assertThat(bench.run("get", "web").out())
                .contains("Traffic   stable ████████████████████████████████████████   100 % by pods\n");
    }

    /// Revision 2 has a fifth of the traffic, though revision 3 is the newest, none of whose pods comes.
    private void overtaken(String more) {
        var uid = bench.read(ResourceType.ROLLOUTS, "web").at("metadata", "uid").string("");
        bench.revision(uid, "third", 3, 0, "demo:red");
        status("{\"currentPodHash\":\"third\",\"currentStepIndex\":0,\"pauseConditions\":null,"
                + "\"controllerPause\":null,\"message\":null," + more + "}");
    }

    @Test
    void theShareOfAnUpdateThatWasOvertakenIsShown() {
        overtaken("\"phase\":\"Progressing\",\"updatedReplicas\":1");
        assertThat(bench.run("get", "web").out())
                .contains("▒▒▒▒▒▒▒▒ canary\n          asked 20   actual 0 by pods   revision 2: 20\n");
        var weight = Json.parse(bench.run("get", "web", "-o", "json").out()).at("weight");
        assertThat(weight.at("others").text()).isEqualTo("[{\"revision\":2,\"actual\":20}]");
    }

    @Test
    void anAbortIsNotDoneWhileAnUpdateThatWasOvertakenHasPods() {
        overtaken("\"abort\":true,\"phase\":\"Degraded\",\"updatedReplicas\":1");
        assertThat(bench.run("get", "web").out())
                .contains("Rolling back – 1 pod of the new version and 1 pod of revision 2 are still up.");
        status("{\"updatedReplicas\":0}");
        assertThat(bench.run("get", "web").out()).contains("Rolling back – 1 pod of revision 2 is still up.");
        assertThat(bench.run("why", "web").out()).contains("1 pod of revision 2 is still up");
    }

    @Test
    void podsAreCountedAsPeopleCount() {
        status("{\"phase\":\"Healthy\",\"message\":null,\"pauseConditions\":null,\"controllerPause\":null,"
                + "\"stableRS\":\"new\",\"currentStepIndex\":4,\"updatedReplicas\":5,\"availableReplicas\":6}");
        assertThat(bench.run("get", "web").out())
                .contains("Healthy – all traffic is on revision 2 (6 pods available, 5 asked for).");
        status("{\"phase\":\"Degraded\",\"stableRS\":\"old\",\"availableReplicas\":4,\"conditions\":["
                + "{\"type\":\"Progressing\",\"status\":\"False\",\"reason\":\"ProgressDeadlineExceeded\","
                + "\"message\":\"late\"}]}");
        assertThat(bench.run("get", "web").out()).contains("1 pod is missing (4 of 5 pods available)");
    }

    @Test
    void anUpdateThatWasTakenBackOverARouterHasAllOfTheTraffic() {
        var route = Json.parse("""
                {"spec":{"strategy":{"canary":{"canaryService":"c","stableService":"s",
                  "trafficRouting":{"plugins":{"argoproj-labs/gatewayAPI":{"httpRoute":"web"}}}}}}}""").obj();
        bench.patch(ResourceType.ROLLOUTS, "web", route);
        status("{\"observedGeneration\":\"2\",\"phase\":\"Healthy\",\"message\":null,\"pauseConditions\":null,"
                + "\"controllerPause\":null,\"currentPodHash\":\"old\",\"stableRS\":\"old\",\"currentStepIndex\":4,"
                + "\"canary\":{\"weights\":{\"canary\":{\"weight\":0,\"serviceName\":\"c\",\"podTemplateHash\":\"new\"},"
                + "\"stable\":{\"weight\":100,\"serviceName\":\"s\",\"podTemplateHash\":\"old\"}}}}");
        var weight = Json.parse(bench.run("get", "web", "-o", "json").out()).at("weight");
        assertThat(weight.text()).isEqualTo("{\"asked\":100,\"actual\":100,\"by\":\"router\"}");
        assertThat(bench.run("get", "web").out()).contains("100 %\n");
    }

    @Test
    void anInvalidSpecShowsItsProblemsInsteadOfSteps() {
        bench.patch(ResourceType.ROLLOUTS, "web", Json.parse("""
                {"spec":{"strategy":{"canary":{"steps":[{"setWeight":120},{"pause":{"duration":"soon"}}]}}}}""").obj());
        status("{\"observedGeneration\":\"2\",\"phase\":\"Degraded\",\"conditions\":[{\"type\":\"InvalidSpec\","
                + "\"status\":\"True\",\"reason\":\"InvalidSpec\",\"message\":\"steps\"}]}");
        var out = bench.run("get", "web").out();
        assertThat(out)
                .contains("Problems  spec.strategy.canary.steps[0].setWeight: 120 is above the maximum 100")
                .contains("          spec.strategy.canary.steps[1].pause.duration: \"soon\" must be seconds")
                .doesNotContain("Steps", "Traffic", "100y");
        assertThat(bench.run("list").out()).contains("Canary    –     –       5/5");
        var document = Json.parse(bench.run("get", "web", "-o", "json").out());
        assertThat(document.at("problems").items()).hasSize(2);
        assertThat(document.at("weight").isNull()).isTrue();
    }

    @Test
    void aFieldThatNobodyKnowsIsNoted() {
        bench.patch(
                ResourceType.ROLLOUTS,
                "web",
                Json.parse("{\"spec\":{\"strategy\":{\"canary\":{\"stpes\":[],\"steps\":null}},\"analysis\":{}}}")
                        .obj());
        assertThat(bench.run("get", "web").out())
                .contains("          spec.strategy.canary.stpes is no field of a Rollout and changes\n")
                .contains("            nothing; steps is probably meant\n")
                .contains("spec.analysis is not acted on by this version");
        var document = Json.parse(bench.run("get", "web", "-o", "json").out());
        assertThat(document.at("notes").items()).hasSize(2);
        assertThat(bench.run("why", "web").out()).contains("note         spec.", "stpes");
    }

    @Test
    void aDeploymentWithTheSameLabelsIsNoted() {
        var note = "fits the pods of deployment/old, too";
        assertThat(bench.run("get", "web").out()).doesNotContain("Note ");
        bench.create(ResourceType.DEPLOYMENTS, "shop", Json.parse("""
                {"metadata":{"name":"old"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},
                  "spec":{"containers":[{"name":"web","image":"demo:old"}]}}}}""").obj());
        assertThat(bench.run("get", "web").out()).contains("Note      spec.selector: " + note);
        assertThat(bench.run("why", "web").out()).contains("note         spec.selector: " + note);
        assertThat(bench.run("explain", "--traffic", "web").out()).startsWith("note  spec.selector: " + note);
        var document = bench.run("explain", "--traffic", "web", "-o", "json").out();
        assertThat(Json.parse(document).at("notes").items()).hasSize(1);
    }

    @Test
    void whoeverWaitsOrListsIsWarnedOfAFieldThatNobodyKnows() {
        bench.patch(
                ResourceType.ROLLOUTS,
                "web",
                Json.parse("{\"spec\":{\"strategy\":{\"canary\":{\"stpes\":[]}},\"replcas\":2,\"analysis\":{}}}")
                        .obj());
        var warning = "warning: rollout shop/web: spec.replcas is no field of a Rollout and changes nothing"
                + " (and 1 more: sluice get)\n";
        status("{\"observedGeneration\":\"2\"}");
        assertThat(bench.run("status", "web", "--watch=false", "--compat", "argo"))
                .isEqualTo(new Bench.Ended(0, "Paused - CanaryPauseStep\n", warning));
        assertThat(bench.run("status", "web").err()).startsWith(warning + "error SLU-A010");
        var list = bench.run("list");
        assertThat(list.out()).startsWith("NAME ").doesNotContain("replcas");
        assertThat(list.err()).isEqualTo(warning);
        assertThat(bench.run("list", "-o", "json").err()).isEmpty();
    }

    @Test
    void whoeverWaitsForAnInvalidSpecIsToldEachProblemOnceAndOnALineOfItsOwn() {
        bench.patch(ResourceType.ROLLOUTS, "web", Json.parse("""
                {"spec":{"strategy":{"canary":{"steps":[{"setWeight":120},{"setWieght":30}]}}}}""").obj());
        status("{\"observedGeneration\":\"2\",\"phase\":\"Degraded\",\"pauseConditions\":null,"
                + "\"conditions\":[{\"type\":\"InvalidSpec\",\"status\":\"True\",\"reason\":\"InvalidSpec\","
                + "\"message\":\"The Rollout \\\"web\\\" is invalid: first; use less (and 1 more: second)\"}]}");
        assertThat(bench.run("status", "web").err()).isEqualTo("""
                error SLU-A009  rollout shop/web is degraded
                  why   Invalid – nothing moves until the spec is corrected: first; use less (and 1 more).
                        spec.strategy.canary.steps[0].setWeight: 120 is above the maximum 100; use 0 … 100
                        spec.strategy.canary.steps[1]: {"setWieght":30} must have one of setWeight, pause, analysis, \
                setCanaryScale, and has setWieght; write setWeight, which is probably meant
                  do    correct the rollout and apply it again
                        sluice abort web
                        sluice undo web
                """);
        assertThat(bench.run("get", "web").out()).doesNotContain("Note ");
    }

    @Test
    void theCauseOfAnAbortIsToldOnce() {
        var cause = "metric \\\"errors\\\" assessed Failed due to failed (2) > failureLimit (1)";
        status(("{\"abort\":true,\"phase\":\"Degraded\",\"pauseConditions\":null,\"updatedReplicas\":0,"
                        + "\"message\":\"RolloutAborted: Rollout aborted update to revision 2: %1$s\",\"conditions\":["
                        + "{\"type\":\"Progressing\",\"status\":\"False\",\"reason\":\"RolloutAborted\","
                        + "\"message\":\"Rollout aborted update to revision 2: %1$s\"}]}")
                .formatted(cause));
        bench.patch(
                ResourceType.REPLICA_SETS,
                "web-new",
                Json.parse("{\"spec\":{\"replicas\":0}}").obj());
        bench.status(
                ObjectRef.of(ResourceType.REPLICA_SETS, "shop", "web-new"),
                Json.parse("{\"replicas\":0,\"readyReplicas\":null,\"availableReplicas\":null}")
                        .obj());
        var ended = bench.run("status", "web");
        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.out()).isEqualTo("Rolled back – Degraded\n");
        assertThat(ended.err()).isEqualTo("""
                error SLU-A009  rollout shop/web is degraded
                  why   Rolled back – all traffic is on the stable version, which is healthy; the spec still asks for \
                revision 2 (metric "errors" assessed Failed due to failed (2) > failureLimit (1)).
                  do    sluice retry web
                        sluice undo web
                """);
        assertThat(bench.run("status", "web", "--until", "degraded").out()).contains("RolloutAborted");
    }

    @Test
    void manyWarningsLeaveTheListInSight() {
        for (int i = 0; i < 7; i++) {
            bench.create(
                    ResourceType.ROLLOUTS,
                    "shop",
                    Json.parse("{\"metadata\":{\"name\":\"bad-%d\"},\"spec\":{\"replcas\":2}}".formatted(i))
                            .obj());
        }
        assertThat(bench.run("list").err().lines())
                .hasSize(6)
                .last()
                .isEqualTo("warning: and 2 more; -o json has them all");
    }

    @Test
    void withoutAnyAvailablePodThereIsNoBar() {
        status("{\"phase\":\"Healthy\",\"message\":null,\"pauseConditions\":null,\"controllerPause\":null,"
                + "\"stableRS\":\"new\",\"currentStepIndex\":4,\"updatedReplicas\":0,\"availableReplicas\":0}");
        for (var set : List.of("web-old", "web-new")) {
            bench.patch(
                    ResourceType.REPLICA_SETS,
                    set,
                    Json.parse("{\"spec\":{\"replicas\":0}}").obj());
            bench.status(
                    ObjectRef.of(ResourceType.REPLICA_SETS, "shop", set),
                    Json.parse("{\"replicas\":0,\"readyReplicas\":null,\"availableReplicas\":null}")
                            .obj());
        }
        assertThat(bench.run("get", "web").out())
                .contains("Traffic   asked 100   actual –   no pod is available\n")
                .doesNotContain("█");
        var weight = Json.parse(bench.run("get", "web", "-o", "json").out()).at("weight");
        assertThat(weight.text()).isEqualTo("{\"asked\":100,\"by\":\"pods\",\"service\":true}");
    }

    @Test
    void aPairWithoutItsCanaryHasNoUpdatedPods() {
        bench.pausedPair();
        bench.delete(ResourceType.DEPLOYMENTS, "green");
        bench.status(
                ObjectRef.of(ResourceType.DEPLOYMENT_CANARIES, "shop", "pair"),
                Json.parse("{\"currentPodHash\":\"old\",\"replicas\":3,\"updatedReplicas\":3,\"readyReplicas\":3,"
                                + "\"availableReplicas\":3}")
                        .obj());
        assertThat(bench.run("get", "dc/pair").out())
                .contains("Pods      desired 4   current 3   updated 0   ready 3   available 3\n");
        assertThat(Json.parse(bench.run("get", "dc/pair", "-o", "json").out())
                        .at("replicas", "updated")
                        .integer(-1))
                .isZero();
    }

    @Test
    void anImageThatCannotBePulledIsTheCause() {
        bench.patch(ResourceType.PODS, "web-new-1", "status", Json.parse("""
                {"status":{"phase":"Pending","conditions":null,"containerStatuses":[{"name":"app","ready":false,
                  "restartCount":0,"state":{"waiting":{"reason":"ErrImagePull","message":"demo:green: not found"}}}]}}""").obj());
        var out = bench.run("get", "web").out();
        assertThat(out)
                .contains("; 1 pod of web-new: ErrImagePull: demo:green: not found.")
                .contains("\nNot ready 1 pod of web-new: ErrImagePull: demo:green: not found\n");
        var document = Json.parse(bench.run("get", "web", "-o", "json").out());
        assertThat(document.at("notReady").at(0).at("trouble").string("")).startsWith("ErrImagePull");
        assertThat(bench.run("status", "web").err()).contains("ErrImagePull: demo:green: not found");
    }

    @Test
    void aContainerThatEndsAgainAndAgainSaysHowItEnded() {
        bench.patch(ResourceType.PODS, "web-new-1", "status", Json.parse("""
                {"status":{"conditions":null,"containerStatuses":[{"name":"app","ready":false,"restartCount":3,
                  "state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s restarting"}},
                  "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}}""").obj());
        assertThat(bench.run("get", "web").out())
                .contains("; 1 pod of web-new: CrashLoopBackOff, last ended with code 137 (OOMKilled). Next: 40 %.");
    }

    @Test
    void aPairThatIsOverHasOneVersion() {
        bench.pausedPair();
        bench.status(
                ObjectRef.of(ResourceType.DEPLOYMENT_CANARIES, "shop", "pair"),
                Json.parse("{\"serving\":\"green\"}").obj());
        assertThat(bench.run("get", "dc/pair").out())
                .startsWith("pair   shop   DeploymentCanary   green\n")
                .contains("demo:green (stable)")
                .doesNotContain("(canary)");
    }

    @Test
    void aPairBeforeItsFirstPassCallsTheOldOneStable() {
        bench.pausedPair();
        bench.status(
                ObjectRef.of(ResourceType.DEPLOYMENT_CANARIES, "shop", "pair"),
                Json.parse("{\"serving\":null}").obj());
        assertThat(bench.run("get", "dc/pair").out()).contains("demo:blue (stable)", "demo:green (canary)");
    }

    @Test
    void listHasPairsBesideRollouts() {
        bench.pausedPair();
        assertThat(bench.run("list").out().lines().toList())
                .hasSize(3)
                .anyMatch(line -> line.startsWith("web "))
                .anyMatch(line -> line.startsWith("dc/pair  DeploymentCanary  1/2"));
        assertThat(bench.run("list", "rollouts").out()).contains("web").doesNotContain("pair");
        assertThat(bench.run("list", "--compat", "argo").out()).contains("web").doesNotContain("pair");
        assertThat(bench.run("list", "-o", "name").out())
                .isEqualTo("deploymentcanary.sluice.dev/pair\nrollout.argoproj.io/web\n");
        var items = Json.parse(bench.run("list", "-o", "json").out()).at("items");
        assertThat(items.at(0).at("resource").string("")).isEqualTo("deploymentcanary.sluice.dev/pair");
    }

    @Test
    void aNameThatOnlyTheOtherKindHasIsHintedAsItIsTyped() {
        bench.pausedPair();
        for (var verb : List.of("get", "promote", "status", "why", "abort")) {
            var ended = bench.run(verb, "pair");
            assertThat(ended.code()).as(verb).isEqualTo(7);
            assertThat(ended.err()).as(verb).contains("sluice get dc/pair -n shop     so it is typed");
        }
        assertThat(bench.run("get", "pairr").err()).contains("sluice get dc/pair -n shop     is probably meant");
        assertThat(bench.run("get", "dc/web").err()).contains("sluice get web -n shop     so it is typed");
        assertThat(bench.run("get", "dc/nope").err()).contains("why   namespace shop has dc/pair\n");
        assertThat(bench.run("get", "nope").err()).contains("why   namespace shop has web\n");
    }

    @Test
    void aGoalThatCanNeverBeIsRefusedWithTheRange() {
        var step = bench.run("status", "web", "--until", "step=9");
        assertThat(step.code()).isEqualTo(2);
        assertThat(step.err()).contains("step=9 can never be: rollout web has 4 steps", "step=0 … step=4");
        var weight = bench.run("status", "web", "--until", "weight=200");
        assertThat(weight.code()).isEqualTo(2);
        assertThat(weight.err()).contains("weight=0 … weight=100");
        assertThat(bench.run("get", "web", "-w", "--until", "step=9").code()).isEqualTo(2);
        assertThat(bench.run("get", "web", "--until", "step=1").err()).contains("--until needs --watch");
    }

    @Test
    @Timeout(60)
    void whoWaitsForAPauseWhileNothingIsUnderWayIsToldSo() {
        status("{\"phase\":\"Healthy\",\"message\":null,\"pauseConditions\":null,\"controllerPause\":null,"
                + "\"stableRS\":\"new\",\"currentStepIndex\":4,\"updatedReplicas\":5}");
        var ended = bench.run("status", "web", "--until", "paused");
        assertThat(ended.code()).isEqualTo(9);
        assertThat(ended.err())
                .startsWith("error SLU-A014  rollout shop/web does not get there: nothing is under way\n"
                        + "  why   Healthy – all traffic is on revision 2");
        assertThat(bench.run("status", "web", "--until", "paused", "--watch=false")
                        .code())
                .isEqualTo(9);
        var watched = bench.run("get", "web", "-w", "--until", "paused");
        assertThat(watched.code()).isEqualTo(9);
        assertThat(watched.err()).contains("nothing is under way");
        assertThat(bench.run("status", "web", "--until", "step=4").code()).isZero();
        assertThat(bench.run("status", "web", "--until", "paused,healthy").code())
                .isZero();
        assertThat(bench.run("get", "web", "-w", "--until", "degraded", "--timeout", "0")
                        .code())
                .as("that may come without an update")
                .isEqualTo(4);
        bench.run("set", "image", "web", "app=demo:v3");
        assertThat(bench.run("status", "web", "--until", "paused", "--watch=false")
                        .code())
                .as("the controller has not seen it yet")
                .isEqualTo(4);
    }

    @Test
    @Timeout(60)
    void watchingEndsWhenNobodyReadsAnyMore() {
        var broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        var out = new PrintStream(broken, true, StandardCharsets.UTF_8);
        Clusters clusters = _ -> new Clusters.Session(bench, "shop", () -> "", () -> {});
        var world = new World(new Terminal(out, out, Map.of(), false), clusters, bench.time::now);
        assertThat(Main.run(world, "get", "web", "-w")).isZero();
        assertThat(Main.run(world, "list", "-w")).isZero();
    }

    @Test
    void watchingGoesOnAtAPauseUntilItsTimeIsOver() {
        var ended = bench.run("get", "web", "-w", "--timeout", "0");
        assertThat(ended.code()).as("it has waited for nothing").isZero();
        assertThat(ended.out()).startsWith("web   shop");
        assertThat(bench.run("get", "web", "-w", "--until", "paused").code()).isZero();
        assertThat(bench.run("get", "web", "-w", "--until", "healthy").code()).isEqualTo(5);
        assertThat(bench.run("get", "web", "-w", "--until", "weight=40", "--timeout", "0")
                        .code())
                .isEqualTo(5);
    }

    @Test
    void aPathThatLeadsNowhereSaysWhereTheFieldsAre() {
        var ended = bench.run("get", "web", "-o", "jsonpath={.status.phase}");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .startsWith("error SLU-A001  -o jsonpath: nothing in the document is at {.status.phase}\n"
                        + "  why   its fields are apiVersion, kind, name");
        assertThat(bench.run("get", "web", "-o", "jsonpath={.notReady[*].owner}")
                        .code())
                .as("a selection may be empty")
                .isZero();
        assertThat(bench.run("get", "web", "-o", "jsonpath={.phase}")).isEqualTo(new Bench.Ended(0, "Paused\n", ""));
        ended = bench.run("pause", "web", "-o", "jsonpath={.status.phase}");
        assertThat(ended.code()).as("it is done").isZero();
        assertThat(ended.err()).startsWith("done, but -o jsonpath: nothing").contains("its fields are apiVersion");
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
        var err = bench.run("status", "web", "--ascii").err();
        assertThat(err.chars().allMatch(c -> c < 128)).as(err).isTrue();
        assertThat(err).contains("why   Paused at 20 % - waiting for you");
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
