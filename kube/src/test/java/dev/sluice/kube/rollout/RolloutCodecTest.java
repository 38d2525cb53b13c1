package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.rollout.Additions;
import dev.sluice.rollout.AnalysisSpec;
import dev.sluice.rollout.PodMetadata;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.Step;
import dev.sluice.rollout.Strategy;
import dev.sluice.rollout.WorkloadRef;
import dev.sluice.traffic.GatewayApiRouter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RolloutCodecTest {
    private final RolloutCodec codec = new RolloutCodec(Map.of(GatewayApiRouter.NAME, new GatewayApiRouter()));

    private static Json.Obj rollout(String strategy) {
        return Json.parse("""
                {"metadata":{"name":"web","namespace":"shop","uid":"u","generation":3},
                 "spec":{"replicas":5,"selector":{"matchLabels":{"app":"web"}},
                   "template":{"metadata":{"labels":{"app":"web"}},
                               "spec":{"containers":[{"name":"web","image":"demo/web:v1"}]}},
                   "strategy":%s}}
                """.formatted(strategy)).obj();
    }

    @Test
    void aCanaryIsReadWholeWithItsDefaults() {
        var decoded = codec.decode(rollout("""
                {"canary":{"steps":[{"setWeight":20},{"pause":{}},{"pause":{"duration":"1h30m"}},
                                    {"pause":{"duration":10}}]}}
                """));
        assertThat(decoded.problems()).isEmpty();
        var canary = (Strategy.Canary) decoded.rollout().spec().strategy();
        assertThat(canary.steps())
                .containsExactly(
                        new Step.SetWeight(20),
                        new Step.Pause(Optional.empty()),
                        new Step.Pause(Optional.of(Duration.ofMinutes(90))),
                        new Step.Pause(Optional.of(Duration.ofSeconds(10))));
        assertThat(canary.maxSurge().ceil(10)).isEqualTo(3);
        assertThat(canary.maxUnavailable().floor(10)).isEqualTo(2);
        assertThat(decoded.rollout().spec().progressDeadline()).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void theStepHashIsArgos() {
        var decoded = codec.decode(rollout("{\"canary\":{\"steps\":[{\"setWeight\":50},{\"pause\":{}}]}}"));
        assertThat(decoded.rollout().spec().strategy().currentStepsHash()).isEqualTo("757f5f97b");
    }

    @Test
    void aStepMistypedIsToldWithTheOneThatIsMeant() {
        var decoded = codec.decode(rollout("{\"canary\":{\"steps\":[{\"setWieght\":50},{},{\"wait\":1}]}}"));
        assertThat(decoded.problems())
                .extracting(Problem::toString)
                .satisfiesExactly(
                        first -> assertThat(first)
                                .contains("steps[0]")
                                .contains(
                                        "must have one of setWeight, pause, analysis, setCanaryScale, and has setWieght")
                                .contains("write setWeight, which is probably meant")
                                .doesNotContain("experiment")
                                .doesNotContain("plugin"),
                        second -> assertThat(second)
                                .contains("steps[1]")
                                .contains("must have one of")
                                .doesNotContain("and has")
                                .contains("write one of them"),
                        third -> assertThat(third).contains("and has wait").contains("write one of them"));
    }

    @Test
    void everyProblemIsToldAtOnceWithPathValueExpectationAndRemedy() {
        var decoded = codec.decode(rollout("""
                {"canary":{"canaryService":"a","stableService":"a","maxSurge":0,"maxUnavailable":"0%",
                  "scaleDownDelaySeconds":5,
                  "steps":[{"setWeight":120},{"pause":{"duration":"1d"}},{},{"setWeight":1,"pause":{}},
                           {"setCanaryScale":{"replicas":1}},{"experiment":{}}]}}
                """));
        assertThat(decoded.problems())
                .extracting(Problem::path)
                .containsExactlyInAnyOrder(
                        "spec.strategy.canary.canaryService",
                        "spec.strategy.canary.maxUnavailable",
                        "spec.strategy.canary.scaleDownDelaySeconds",
                        "spec.strategy.canary.steps[0].setWeight",
                        "spec.strategy.canary.steps[1].pause.duration",
                        "spec.strategy.canary.steps[2]",
                        "spec.strategy.canary.steps[3]",
                        "spec.strategy.canary.steps[4].setCanaryScale",
                        "spec.strategy.canary.steps[5].experiment");
        assertThat(decoded.problems().toString())
                .contains("spec.strategy.canary.steps[0].setWeight: 120 is above the maximum 100; use 0 … 100");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | spec.strategy",
                "{\"canary\":{},\"blueGreen\":{\"activeService\":\"a\"}} | spec.strategy",
                "{\"blueGreen\":{}} | spec.strategy.blueGreen.activeService",
                "{\"blueGreen\":{\"activeService\":\"a\",\"previewService\":\"a\"}}"
                        + " | spec.strategy.blueGreen.previewService",
                "{\"canary\":\"fast\"} | spec.strategy.canary",
                "{\"canary\":{\"steps\":{}}} | spec.strategy.canary.steps",
                "{\"canary\":{\"maxSurge\":\"many\"}} | spec.strategy.canary.maxSurge",
                "{\"canary\":{\"dynamicStableScale\":true}} | spec.strategy.canary.dynamicStableScale",
                "{\"canary\":{\"trafficRouting\":{\"istio\":{}}}} | spec.strategy.canary.trafficRouting.istio",
                "{\"canary\":{\"analysis\":{}}} | spec.strategy.canary.analysis.templates",
                "{\"canary\":{\"replicaProgressThreshold\":{\"type\":\"Some\",\"value\":1}}}"
                        + " | spec.strategy.canary.replicaProgressThreshold.type",
                "{\"canary\":{\"replicaProgressThreshold\":{\"type\":\"Percent\",\"value\":101}}}"
                        + " | spec.strategy.canary.replicaProgressThreshold.value",
                "{\"canary\":{\"replicaProgressThreshold\":{\"type\":\"Pods\"}}}"
                        + " | spec.strategy.canary.replicaProgressThreshold.value",
                "{\"blueGreen\":{\"activeService\":\"a\",\"prePromotionAnalysis\":{}}}"
                        + " | spec.strategy.blueGreen.prePromotionAnalysis.templates",
                "{\"blueGreen\":{\"activeService\":\"a\",\"postPromotionAnalysis\":{\"templates\":[{}]}}}"
                        + " | spec.strategy.blueGreen.postPromotionAnalysis.templates[0].templateName"
            })
    void aWrongStrategyNamesItsField(String strategy, String path) {
        assertThat(codec.decode(rollout(strategy)).problems())
                .extracting(Problem::path)
                .contains(path);
    }

    @Test
    void theAnalysesOfBlueGreenAreRead() {
        var decoded = codec.decode(rollout("""
                {"blueGreen":{"activeService":"a",
                  "prePromotionAnalysis":{"templates":[{"templateName":"smoke"}]},
                  "postPromotionAnalysis":{"templates":[{"templateName":"errors","clusterScope":true}],
                    "args":[{"name":"service","value":"a"}]}}}
                """));
        assertThat(decoded.problems()).isEmpty();
        assertThat(decoded.rollout().spec().strategy()).isInstanceOfSatisfying(Strategy.BlueGreen.class, blueGreen -> {
            assertThat(blueGreen.prePromotionAnalysis().orElseThrow().templates())
                    .containsExactly(new AnalysisSpec.TemplateRef("smoke", false));
            assertThat(blueGreen.postPromotionAnalysis().orElseThrow().templates())
                    .containsExactly(new AnalysisSpec.TemplateRef("errors", true));
        });
    }

    @Test
    void whatIsAddedToPodsIsReadOfBothStrategies() {
        var canary = codec.decode(rollout("""
                {"canary":{"canaryMetadata":{"labels":{"role":"new","empty":""},"annotations":{"a.b/c":"any thing"}},
                  "stableMetadata":{"labels":{"role":"stable"}},
                  "antiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":{"weight":7}}}}
                """));
        assertThat(canary.problems()).isEmpty();
        assertThat(canary.notes()).isEmpty();
        assertThat(canary.rollout().spec().strategy().additions())
                .isEqualTo(new Additions(
                        PodMetadata.of(Map.of("role", "new", "empty", ""), Map.of("a.b/c", "any thing")),
                        PodMetadata.of(Map.of("role", "stable"), Map.of()),
                        Optional.of(new Additions.AntiAffinity(OptionalInt.of(7)))));
        var blueGreen = codec.decode(rollout("""
                {"blueGreen":{"activeService":"web","previewMetadata":{"labels":{"role":"new"}},
                  "activeMetadata":{"annotations":{"note":"active"}},
                  "antiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{}}}}
                """));
        assertThat(blueGreen.problems()).isEmpty();
        assertThat(blueGreen.notes()).isEmpty();
        assertThat(blueGreen.rollout().spec().strategy().additions())
                .isEqualTo(new Additions(
                        PodMetadata.of(Map.of("role", "new"), Map.of()),
                        PodMetadata.of(Map.of(), Map.of("note", "active")),
                        Optional.of(new Additions.AntiAffinity(OptionalInt.empty()))));
    }

    /// It would be refused in a pod template, in the middle of an update.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'canaryMetadata':{'labels':{'a b':'x'}} | canaryMetadata.labels.a b: \"x\" has no name",
                "'canaryMetadata':{'labels':{'No.Domain/a':'x'}} | canaryMetadata.labels.No.Domain/a: \"x\" has no name",
                "'canaryMetadata':{'labels':{'a':'b c'}} | canaryMetadata.labels.a: \"b c\" is no value",
                "'canaryMetadata':{'labels':{'a':1}} | canaryMetadata.labels.a: 1 must be a string",
                "'canaryMetadata':{'labels':[]} | canaryMetadata.labels: [] must be an object",
                "'stableMetadata':{'annotations':{'a':true}} | stableMetadata.annotations.a: true must be a string",
                "'stableMetadata':{'labels':{'app':'other'}} | changes labels that spec.selector asks for",
                "'stableMetadata':{'labels':{'rollouts-pod-template-hash':'x'}} | tells revisions apart",
                "'antiAffinity':{} | antiAffinity: {} must have one of preferredDuring",
                "'antiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':{'weight':1},"
                        + "'requiredDuringSchedulingIgnoredDuringExecution':{}} | must not have both preferredDuring",
                "'antiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':{}}"
                        + " | antiAffinity.preferredDuringSchedulingIgnoredDuringExecution.weight: is required",
                "'antiAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':{'weight':101}}"
                        + " | weight: 101 is above the maximum 100; use 1 … 100"
            })
    void whatCannotBeAddedToPodsIsRefused(String fields, String words) {
        var decoded = codec.decode(rollout("{\"canary\":{%s}}".formatted(fields.replace('\'', '"'))));
        assertThat(decoded.problems().toString()).contains(words);
    }

    @Test
    void aLabelThatTheSelectorAsksForMayBeSaidAgain() {
        var same = codec.decode(rollout("{\"canary\":{\"canaryMetadata\":{\"labels\":{\"app\":\"web\"}}}}"));
        assertThat(same.problems()).isEmpty();
    }

    @Test
    void aSelectorMustMatchTheTemplate() {
        var wrong = rollout("{\"canary\":{}}")
                .withAt(List.of("spec", "selector"), Json.obj("matchLabels", Json.obj("app", "other")));
        assertThat(codec.decode(wrong).problems().toString()).contains("does not match spec.template.metadata.labels");
        var none = wrong.withoutAt(List.of("spec", "selector"));
        assertThat(codec.decode(none).problems().toString()).contains("spec.selector: is required");
    }

    private static Json.Obj referring(String spec) {
        return Json.parse("{\"metadata\":{\"name\":\"web\"},\"spec\":{\"strategy\":{\"canary\":{}}," + spec + "}}")
                .obj();
    }

    @Test
    void aReferenceToAWorkloadIsReadAndNeedsNeitherTemplateNorSelector() {
        var decoded = codec.decode(referring("""
                "template":{"metadata":{},"spec":{"containers":[]}},
                "workloadRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"old","scaleDown":"progressively"}"""));
        assertThat(decoded.problems()).isEmpty();
        assertThat(decoded.notes()).isEmpty();
        assertThat(decoded.rollout().spec().workloadRef())
                .contains(new WorkloadRef("Deployment", "old", WorkloadRef.ScaleDown.PROGRESSIVELY));
        assertThat(decoded.rollout().spec().template()).isEqualTo(Json.Obj.EMPTY);
    }

    @Test
    void whatIsBorrowedIsCheckedAsIfItWereTheRolloutsOwn() {
        var ref = "\"workloadRef\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"old\"}";
        var template = rollout("{}").at("spec", "template").obj();
        var selector = Json.obj("matchLabels", Json.obj("app", "web"));
        var borrowed = new Workload.Borrowed("Deployment old", template, selector);
        var spec = codec.decode(referring(ref), Optional.of(borrowed)).rollout().spec();
        assertThat(spec.template()).isEqualTo(template);
        assertThat(spec.selector()).isEqualTo(selector);

        var own = referring(ref + ",\"selector\":{\"matchLabels\":{\"app\":\"shop\"}}");
        assertThat(codec.decode(own, Optional.of(borrowed)).problems())
                .extracting(Problem::toString)
                .singleElement()
                .asString()
                .startsWith("spec.selector: ")
                .contains("does not match the pod labels of Deployment old {\"app\":\"web\"}");
        var empty = new Workload.Borrowed("Deployment old", template.without("spec"), selector);
        assertThat(codec.decode(referring(ref), Optional.of(empty)).problems())
                .extracting(Problem::expectation)
                .containsExactly("refers to a template without containers");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'apiVersion':'apps/v1','kind':'StatefulSet','name':'db'} |"
                        + " spec.workloadRef.kind: \"StatefulSet\" workload of type apps/StatefulSet is not supported;"
                        + " refer to a Deployment or a ReplicaSet of apps/v1, or to a PodTemplate of v1",
                "{'apiVersion':'v1','kind':'Deployment','name':'a'} |"
                        + " spec.workloadRef.kind: \"Deployment\" workload of type /Deployment is not supported;"
                        + " refer to a Deployment or a ReplicaSet of apps/v1, or to a PodTemplate of v1",
                "{'apiVersion':'v1','kind':'PodTemplate'} |"
                        + " spec.workloadRef.name: is required; name the workload that has the template",
                "{'apiVersion':'v1','name':'a'} | spec.workloadRef.kind: is required;"
                        + " refer to a Deployment or a ReplicaSet of apps/v1, or to a PodTemplate of v1",
                "{'apiVersion':'apps/v1','kind':'Deployment','name':'a','scaleDown':'soon'} |"
                        + " spec.workloadRef.scaleDown: \"soon\" is none of its modes;"
                        + " use never, onsuccess or progressively"
            })
    void aWrongReferenceNamesItsField(String ref, String problem) {
        assertThat(codec.decode(referring("\"workloadRef\":" + ref.replace('\'', '"')))
                        .problems())
                .extracting(Problem::toString)
                .containsExactly(problem);
    }

    @Test
    void aTemplateBesideAReferenceIsRefused() {
        var decoded = codec.decode(referring("""
                "template":{"metadata":{"annotations":{"a":"b"}}},
                "workloadRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"old"}"""));
        assertThat(decoded.problems())
                .extracting(Problem::toString)
                .containsExactly("spec.template: {\"metadata\":{\"annotations\":{\"a\":\"b\"}}} must be empty beside"
                        + " workloadRef; remove one of the two");
    }

    @Test
    void whatIsNotScaledIsToldToTheAuthor() {
        var decoded = codec.decode(referring("""
                "workloadRef":{"apiVersion":"v1","kind":"PodTemplate","name":"old","scaleDown":"onsuccess"}"""));
        assertThat(decoded.problems()).isEmpty();
        assertThat(decoded.notes())
                .extracting(Note::text)
                .containsExactly("spec.workloadRef.scaleDown is not acted on for a PodTemplate: only a Deployment is"
                        + " scaled");
    }

    @Test
    void anythingAtAllIsDecodedWithoutAnException() {
        for (var spec : List.of("null", "[]", "3", "{\"strategy\":[]}", "{\"replicas\":\"x\",\"template\":7}")) {
            var decoded = codec.decode(Json.obj("spec", Json.parse(spec)));
            assertThat(decoded.problems()).isNotEmpty();
        }
    }

    @Test
    void aStatusSurvivesTheRoundTripAndUnknownFieldsAreNotTouched() {
        var status = Json.parse("""
                {"abort":true,"abortedAt":"2026-01-01T00:00:00Z","currentPodHash":"abc","currentStepIndex":0,
                 "observedGeneration":"3","workloadObservedGeneration":"7","HPAReplicas":4,"replicas":4,"stableRS":"def","controllerPause":true,
                 "pauseConditions":[{"reason":"CanaryPauseStep","startTime":"2026-01-01T00:00:00Z"}],
                 "conditions":[{"type":"Progressing","status":"True","reason":"R","message":"m",
                   "lastUpdateTime":"2026-01-01T00:00:00Z","lastTransitionTime":"2026-01-01T00:00:00Z"}],
                 "canary":{"weights":{"canary":{"weight":20,"serviceName":"c","podTemplateHash":"abc"},
                   "stable":{"weight":80,"serviceName":"s","podTemplateHash":"def"},"verified":true}},
                 "duration":{"rolloutStartedAt":"2026-01-01T00:00:00Z","manualPauseStartedAt":"2026-01-01T00:05:00Z",
                   "totalManualPauseDurationSeconds":30},
                 "blueGreen":{"activeSelector":"def",
                   "prePromotionAnalysisRunStatus":{"name":"r-pre","status":"Successful"},
                   "postPromotionAnalysisRunStatus":{"name":"r-post","status":"Failed","message":"why"}}}
                """).obj();
        assertThat(StatusCodec.encode(StatusCodec.decode(status))).isEqualTo(status);
        var newer = StatusCodec.decode(status.with("somethingNew", 1));
        assertThat(MergePatch.diff(StatusCodec.encode(newer), StatusCodec.encode(newer)))
                .isEqualTo(Json.Obj.EMPTY);
    }
}
