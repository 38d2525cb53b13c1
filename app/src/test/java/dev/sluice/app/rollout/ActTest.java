package dev.sluice.app.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Bench;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Each act writes exactly what Argo's kubectl plugin writes, says its words, and refuses what makes no sense.
class ActTest {
    private final Bench bench = new Bench().pausedCanary();

    private void status(String json) {
        bench.status(
                ObjectRef.of(ResourceType.ROLLOUTS, "shop", "web"),
                Json.parse(json).obj());
    }

    @Test
    void promoteEndsAPause() {
        var ended = bench.run("promote", "web");
        assertThat(ended).isEqualTo(new Bench.Ended(0, "rollout 'web' promoted\n", ""));
        assertThat(bench.written()).containsExactly("web/status MERGE {\"status\":{\"pauseConditions\":null}}");
    }

    @Test
    void aDryRunSaysWhatWouldBeWrittenAndWritesNothing() {
        for (var words : new String[][] {
            {"promote", "web", "--dry-run"}, {"promote", "--dry-run", "web"}, {"promote", "--dry-run=client", "web"}
        }) {
            var ended = bench.run(words);
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.out())
                    .startsWith("rollout 'web' promoted (dry run)\n  now    Paused at 20 %")
                    .endsWith("  write  rollouts/web/status {\"status\":{\"pauseConditions\":null}}\n");
            assertThat(bench.written()).isEmpty();
        }
        assertThat(bench.run("undo", "web", "--dry-run").out())
                .startsWith("rollout 'web' undo to revision 1 (demo:blue) (dry run)\n");
        assertThat(bench.written()).isEmpty();
        assertThat(bench.run("set", "image", "web", "app=demo:v3", "--dry-run").out())
                .startsWith("rollout 'web' image updated (dry run)\n");
        assertThat(bench.written()).isEmpty();
        assertThat(bench.run("retry", "web", "--dry-run").code())
                .as("what would be refused")
                .isEqualTo(6);
        assertThat(bench.run("promote", "web", "--dry-run=server").code()).isEqualTo(2);
    }

    @Test
    void aReasonIsKeptAsAnEvent() {
        assertThat(bench.run("promote", "web", "--full", "--reason", "hotfix 17")
                        .code())
                .isZero();
        var events = bench.list(ResourceType.EVENTS);
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.at("reason").string("")).isEqualTo("PromoteFullRequested");
            assertThat(event.at("message").string("")).isEqualTo("promote --full: hotfix 17");
            assertThat(event.at("involvedObject", "name").string("")).isEqualTo("web");
            assertThat(event.at("involvedObject", "uid"))
                    .isEqualTo(bench.read(ResourceType.ROLLOUTS, "web").at("metadata", "uid"));
        });
    }

    @Test
    void anActTellsAMachineHowItIsAfterwards() {
        assertThat(bench.run("pause", "web", "-o", "name").out()).isEqualTo("rollout.argoproj.io/web\n");
        var ended = bench.run("abort", "web", "-o", "json");
        assertThat(Json.parse(ended.out()).at("name").string("")).isEqualTo("web");
        assertThat(bench.run("retry", "web", "-o", "jsonpath={.name} {.step}/{.steps}")
                        .code())
                .as("text between braces is not supported, and said to be")
                .isEqualTo(2);
        assertThat(bench.run("retry", "web", "-o", "jsonpath={.name}").out()).isEqualTo("web\n");
    }

    @Test
    void promoteWithoutAPauseSkipsTheStep() {
        status("{\"pauseConditions\":null,\"controllerPause\":null,\"currentStepIndex\":2,\"phase\":\"Progressing\"}");
        bench.run("promote", "rollout", "web");
        assertThat(bench.written())
                .containsExactly("web/status MERGE {\"status\":{\"pauseConditions\":null,\"currentStepIndex\":3}}");
    }

    @Test
    void promoteAfterAnInconclusiveAnalysisGoesOnBehindIt() {
        status("""
                {"pauseConditions":[{"reason":"InconclusiveAnalysisRun","startTime":"2025-12-31T23:00:00Z"}],
                 "canary":{"currentStepAnalysisRunStatus":{"name":"a","status":"Inconclusive"}}}
                """);
        bench.run("promote", "rollout/web");
        assertThat(bench.written())
                .containsExactly("web/status MERGE {\"status\":{\"pauseConditions\":null,\"controllerPause\":false,"
                        + "\"currentStepIndex\":2}}");
    }

    @Test
    void promoteEndsAPauseByHandToo() {
        assertThat(bench.run("pause", "web").out()).isEqualTo("rollout 'web' paused\n");
        assertThat(bench.written()).containsExactly("web MERGE {\"spec\":{\"paused\":true}}");
        bench.run("promote", "web");
        assertThat(bench.written())
                .containsExactly(
                        "web/status MERGE {\"status\":{\"pauseConditions\":null}}",
                        "web MERGE {\"spec\":{\"paused\":false}}");
    }

    @Test
    void resumeSkipsNothing() {
        bench.run("pause", "web");
        assertThat(bench.run("resume", "web").out()).isEqualTo("rollout 'web' resumed\n");
        assertThat(bench.written()).containsExactly("web MERGE {\"spec\":{\"paused\":false}}");
    }

    @Test
    void promoteFullSkipsEverything() {
        assertThat(bench.run("promote", "web", "--full").out()).isEqualTo("rollout 'web' fully promoted\n");
        assertThat(bench.written()).containsExactly("web/status MERGE {\"status\":{\"promoteFull\":true}}");
    }

    @Test
    void abortAndRetry() {
        assertThat(bench.run("abort", "web").out()).isEqualTo("rollout 'web' aborted\n");
        assertThat(bench.written()).containsExactly("web/status MERGE {\"status\":{\"abort\":true}}");
        assertThat(bench.run("retry", "rollout", "web").out()).isEqualTo("rollout 'web' retried\n");
        assertThat(bench.written()).containsExactly("web/status MERGE {\"status\":{\"abort\":false}}");
    }

    @Test
    void theWayBackIsOpenThoughTheSpecIsInvalid() {
        status("{\"phase\":\"Degraded\",\"conditions\":[{\"type\":\"InvalidSpec\",\"status\":\"True\","
                + "\"reason\":\"InvalidSpec\",\"message\":\"service \\\"web-canary\\\" not found\"}]}");
        assertThat(bench.run("promote", "web", "--full").code()).isEqualTo(6);
        assertThat(bench.run("abort", "web").out()).isEqualTo("rollout 'web' aborted\n");
        assertThat(bench.written()).containsExactly("web/status MERGE {\"status\":{\"abort\":true}}");
    }

    @Test
    void withoutAStableReplicaSetAnAbortIsRefusedWithTheReason() {
        status("{\"phase\":\"Degraded\",\"conditions\":[{\"type\":\"StableLost\",\"status\":\"True\","
                + "\"reason\":\"StableReplicaSetMissing\",\"message\":\"gone\"}]}");
        var ended = bench.run("abort", "web");
        assertThat(ended.code()).isEqualTo(6);
        assertThat(ended.err())
                .contains("the ReplicaSet of the stable revision was deleted: there is nothing to go back to")
                .contains("No way back at 20 % – ", "sluice promote web", "sluice undo web");
        assertThat(bench.written()).isEmpty();
    }

    @Test
    void aPairOfDeploymentsIsCommandedLikeARollout() {
        bench.pausedPair();
        assertThat(bench.run("promote", "dc/pair"))
                .isEqualTo(new Bench.Ended(0, "deploymentcanary 'pair' promoted\n", ""));
        assertThat(bench.written()).containsExactly("pair/status MERGE {\"status\":{\"pauseConditions\":null}}");
        bench.run("abort", "deploymentcanary", "pair");
        assertThat(bench.written()).containsExactly("pair/status MERGE {\"status\":{\"abort\":true}}");
        assertThat(bench.run("undo", "dc/pair").err()).contains("the Deployments of a DeploymentCanary are yours");
        assertThat(bench.run("promote", "dc/other").err()).contains("there is no deploymentcanary shop/other");
    }

    @Test
    void whatMakesNoSenseIsRefusedBeforeItIsWritten() {
        bench.run("abort", "web");
        var ended = bench.run("promote", "web");
        assertThat(ended.code()).isEqualTo(6);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).isEqualTo("""
                error SLU-A003  cannot promote rollout shop/web
                  why   it is aborted; promote has no effect on an aborted rollout
                        Rolling back – the controller has not begun yet. Next: all traffic back on the stable version.
                  do    sluice retry web     run the newest revision again
                        sluice undo web     put an earlier revision back into the spec
                """);
        assertThat(bench.written()).isEmpty();
    }

    @Test
    void restartAtATime() {
        assertThat(bench.run("restart", "--help").out()).contains("as many at once as may be");
        assertThat(bench.run("restart", "web", "--in", "10s").out()).isEqualTo("rollout 'web' restarts in 10s\n");
        assertThat(bench.written()).containsExactly("web MERGE {\"spec\":{\"restartAt\":\"2026-01-01T02:00:10Z\"}}");
    }

    @Test
    void undoPutsTheTemplateOfTheRevisionBeforeIntoTheSpec() {
        assertThat(bench.run("undo", "web").out()).isEqualTo("rollout 'web' undo to revision 1 (demo:blue)\n");
        assertThat(bench.written())
                .singleElement()
                .asString()
                .startsWith("web JSON [{\"op\":\"replace\",\"path\":\"/spec/template\"");
        var template = bench.read(ResourceType.ROLLOUTS, "web").at("spec", "template");
        assertThat(template.at("spec", "containers").at(0).at("image").string(""))
                .isEqualTo("demo:blue");
        assertThat(template.at("metadata", "labels").strings()).containsOnlyKeys("app");
    }

    /// The canary's template stands in a workload.
    private void referring(ResourceType kind) {
        var template = bench.read(ResourceType.ROLLOUTS, "web").at("spec", "template");
        var spec = Json.obj(
                "replicas", 1, "selector", Json.obj("matchLabels", Json.obj("app", "web")), "template", template);
        var fields = kind.equals(ResourceType.POD_TEMPLATES) ? Json.obj("template", template) : Json.obj("spec", spec);
        bench.create(kind, "shop", Bench.manifest(kind, "shop", "holder", fields));
        var ref = Json.obj("apiVersion", kind.apiVersion(), "kind", kind.kind(), "name", "holder");
        bench.patch(
                ResourceType.ROLLOUTS,
                "web",
                Json.obj("spec", Json.obj("template", Json.Null.VALUE, "workloadRef", ref)));
    }

    @Test
    void undoAndSetImageChangeTheDeploymentThatTheTemplateComesFrom() {
        referring(ResourceType.DEPLOYMENTS);
        assertThat(bench.run("set", "image", "web", "app=demo:v3").out()).isEqualTo("rollout 'web' image updated\n");
        assertThat(bench.written())
                .singleElement()
                .asString()
                .startsWith("holder JSON ")
                .contains("/spec/template/spec/containers/0/image");
        assertThat(bench.run("undo", "web").out()).isEqualTo("rollout 'web' undo to revision 1 (demo:blue)\n");
        assertThat(bench.written())
                .singleElement()
                .asString()
                .startsWith("holder JSON [{\"op\":\"replace\",\"path\":\"/spec/template\"");
        assertThat(bench.read(ResourceType.ROLLOUTS, "web")
                        .at("spec", "template")
                        .isNull())
                .isTrue();
    }

    @Test
    void aTemplateThatCannotBeChangedFromHereIsOneClearError() {
        referring(ResourceType.POD_TEMPLATES);
        for (var words : new String[][] {{"undo", "web"}, {"set", "image", "web", "app=demo:v3"}}) {
            var ended = bench.run(words);
            assertThat(ended.code()).isEqualTo(6);
            assertThat(ended.err())
                    .contains("SLU-A013", "takes its template from PodTemplate holder", "change it there");
            assertThat(bench.written()).isEmpty();
        }
    }

    @Test
    void whatTheControllerHasNotSeenOfTheWorkloadIsToldAsThat() {
        referring(ResourceType.DEPLOYMENTS);
        status("{\"observedGeneration\":\"2\",\"workloadObservedGeneration\":\"1\",\"phase\":\"Healthy\","
                + "\"message\":null,\"pauseConditions\":null,\"controllerPause\":null,\"stableRS\":\"new\"}");
        assertThat(bench.run("status", "web", "--watch=false", "--compat", "argo")
                        .out())
                .isEqualTo("Healthy\n");
        bench.run("set", "image", "web", "app=demo:v3");
        assertThat(bench.run("status", "web", "--watch=false", "--compat", "argo")
                        .out())
                .isEqualTo("Progressing - waiting for rollout spec update to be observed for the reference workload\n");
    }

    /// Revision 2 was given up, 3 is on its way: who takes it back means what serves.
    @Test
    void undoInMidUpdateGoesBackToTheStableRevisionNotToOneThatWasGivenUp() {
        var uid = bench.read(ResourceType.ROLLOUTS, "web").at("metadata", "uid").string("");
        bench.revision(uid, "third", 3, 0, "demo:red");
        assertThat(bench.run("undo", "web").out()).isEqualTo("rollout 'web' undo to revision 1 (demo:blue)\n");
    }

    /// The API server completes the template of a ReplicaSet, not that of a Rollout.
    @Test
    void undoOfAnUpdateThatIsThroughGoesToTheRevisionBeforeIt() {
        status("{\"phase\":\"Healthy\",\"message\":null,\"pauseConditions\":null,\"controllerPause\":null,"
                + "\"stableRS\":\"new\",\"currentStepIndex\":4,\"updatedReplicas\":5}");
        assertThat(bench.read(ResourceType.REPLICA_SETS, "web-new").at("spec", "template", "spec"))
                .isNotEqualTo(bench.read(ResourceType.ROLLOUTS, "web").at("spec", "template", "spec"));
        assertThat(bench.run("undo", "web", "--to-revision", "2"))
                .isEqualTo(new Bench.Ended(0, "skipped rollback (current template already matches revision 2)\n", ""));
        assertThat(bench.run("undo", "web").out()).isEqualTo("rollout 'web' undo to revision 1 (demo:blue)\n");
        assertThat(bench.run("undo", "web").out())
                .as("not seen by the controller yet: back to what serves")
                .isEqualTo("rollout 'web' undo to revision 2 (demo:green)\n");
    }

    /// The new template stands in the spec, and no ReplicaSet has it.
    @Test
    void undoBeforeTheControllerHasSeenTheNewTemplateGoesBackToWhatServes() {
        status("{\"phase\":\"Healthy\",\"message\":null,\"pauseConditions\":null,\"controllerPause\":null,"
                + "\"stableRS\":\"new\",\"currentStepIndex\":4,\"updatedReplicas\":5}");
        bench.run("set", "image", "web", "app=demo:v3");
        assertThat(bench.run("undo", "web").out()).isEqualTo("rollout 'web' undo to revision 2 (demo:green)\n");
    }

    @Test
    void undoToTheRevisionThatIsThereSkips() {
        var ended = bench.run("undo", "web", "--to-revision", "1");
        assertThat(ended.out()).isEqualTo("rollout 'web' undo to revision 1 (demo:blue)\n");
        ended = bench.run("undo", "web", "--to-revision", "1");
        assertThat(ended)
                .isEqualTo(new Bench.Ended(0, "skipped rollback (current template already matches revision 1)\n", ""));
        assertThat(bench.written()).isEmpty();
    }

    @Test
    void undoToARevisionThatIsNotThereNamesThoseThatAre() {
        var ended = bench.run("undo", "web", "--to-revision", "9");
        assertThat(ended.code()).isEqualTo(7);
        assertThat(ended.err()).isEqualTo("""
                error SLU-A005  rollout shop/web has no revision 9
                  why   there are: 2 (demo:green), 1 (demo:blue)
                """);
    }

    @Test
    void undoDoesNotFightTheToolThatFollowsGit() {
        var source = Json.obj(
                "metadata",
                Json.obj(
                        "annotations",
                        Json.obj("argocd.argoproj.io/tracking-id", "shop:argoproj.io/Rollout:shop/web")));
        assertThat(UndoCommand.owner(source)).contains("Argo CD application shop");
        assertThat(UndoCommand.owner(Json.obj("metadata", Json.Obj.EMPTY))).isEmpty();
    }

    @Test
    void setImageChangesOneContainerWhereItStands() {
        assertThat(bench.run("set", "image", "web", "app=demo:v3").out()).isEqualTo("rollout 'web' image updated\n");
        assertThat(bench.written())
                .containsExactly("web JSON [{\"op\":\"test\",\"path\":\"/spec/template/spec/containers/0/name\","
                        + "\"value\":\"app\"},{\"op\":\"add\",\"path\":\"/spec/template/spec/containers/0/image\","
                        + "\"value\":\"demo:v3\"}]");
    }

    @Test
    void setImageQuotesAsArgosPluginWhereThatIsAskedFor() {
        assertThat(bench.run("set", "image", "web", "app=demo:v3", "--compat", "argo")
                        .out())
                .isEqualTo("rollout \"web\" image updated\n");
        assertThat(bench.run("set", "image", "web", "app=demo:v3").out()).isEqualTo("rollout 'web' image unchanged\n");
        assertThat(bench.run("set", "image", "--help").out()).doesNotContain("[ROLLOUT");
    }

    @Test
    void setImageWarnsOfAFieldThatNobodyKnows() {
        bench.patch(
                ResourceType.ROLLOUTS,
                "web",
                Json.parse("{\"spec\":{\"strategy\":{\"canary\":{\"stpes\":[],\"steps\":null}}}}")
                        .obj());
        var warning =
                "warning: rollout shop/web: spec.strategy.canary.stpes is no field of a Rollout and changes nothing;"
                        + " steps is probably meant\n";
        assertThat(bench.run("set", "image", "web", "app=demo:v3", "--dry-run").err())
                .isEqualTo(warning);
        assertThat(bench.run("set", "image", "web", "app=demo:v3").err()).isEqualTo(warning);
    }

    @Test
    void setImageWithAStarMeansAllContainers() {
        bench.run("set", "image", "rollout/web", "*=demo:v4");
        var spec = bench.read(ResourceType.ROLLOUTS, "web").at("spec", "template", "spec");
        assertThat(spec.at("containers").at(0).at("image").string("")).isEqualTo("demo:v4");
        assertThat(spec.at("initContainers").at(0).at("image").string("")).isEqualTo("demo:v4");
    }

    @Test
    void anUnknownContainerIsRefusedWithThoseThereAre() {
        var ended = bench.run("set", "image", "web", "ap=demo:v3");
        assertThat(ended.code()).isEqualTo(7);
        assertThat(ended.err()).isEqualTo("""
                error SLU-A006  cannot set images of rollout shop/web: there is no container "ap"
                  why   its containers are app, warm
                  do    app=demo:v3     is probably meant
                """);
        assertThat(bench.written()).isEmpty();
    }

    @Test
    void anUnknownRolloutIsAnsweredWithTheNearest() {
        var ended = bench.run("abort", "wep");
        assertThat(ended.code()).isEqualTo(7);
        assertThat(ended.err()).isEqualTo("""
                error SLU-A002  there is no rollout shop/wep
                  why   namespace shop has web
                  do    sluice get web -n shop     is probably meant
                """);
    }

    @Test
    void aLostAnswerIsNoSuccess() {
        bench.answerWith(new Reply.Lost("connection refused"));
        var ended = bench.run("abort", "web");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .startsWith("error SLU-X002  cannot read rollout shop/web: the API server did not answer\n");
    }

    @Test
    void whoIsForbiddenIsToldBySevenAndTheServersWords() {
        bench.answerWith(new Reply.Refused(403, "Forbidden", "anna may not", Optional.empty()));
        var ended = bench.run("abort", "web");
        assertThat(ended.code()).isEqualTo(7);
        assertThat(ended.err()).contains("SLU-A004").contains("anna may not");
    }
}
