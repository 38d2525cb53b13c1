package dev.sluice.kube.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.FakeCluster;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.VirtualTime;
import dev.sluice.kube.rollout.AnalysisRunMaker.Made;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Key;
import dev.sluice.kube.rollout.RolloutController;
import dev.sluice.kube.rollout.RolloutObserver;
import dev.sluice.kube.rollout.Seen;
import dev.sluice.rollout.Action;
import dev.sluice.rollout.AnalysisSpec;
import dev.sluice.rollout.Observation.AnalysisKind;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.Step;
import dev.sluice.rollout.Strategy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TemplatesAnalysisRunMakerTest {
    private final VirtualTime time = new VirtualTime();
    private final FakeCluster cluster = new FakeCluster(time);
    private final Caches caches = new Caches(
            cluster, time, Optional.empty(), RolloutController.kinds(Map.of()), ObjectCache.Options.standard(1));
    private final TemplatesAnalysisRunMaker maker =
            new TemplatesAnalysisRunMaker(caches, List.of("prometheus", "web"), "blue");

    @BeforeEach
    void start() {
        caches.start();
        time.settle();
    }

    private static Json.Obj json(String text) {
        return Json.parse(text.replace('\'', '"')).obj();
    }

    private void template(String name, String spec) {
        cluster.put(
                ResourceType.ANALYSIS_TEMPLATES,
                FakeCluster.object(ResourceType.ANALYSIS_TEMPLATES, "shop", name)
                        .with("spec", json(spec)));
        time.settle();
    }

    private void clusterTemplate(String name, String spec) {
        var object = FakeCluster.object(ResourceType.CLUSTER_ANALYSIS_TEMPLATES, "", name)
                .with("spec", json(spec));
        cluster.put(ResourceType.CLUSTER_ANALYSIS_TEMPLATES, object.withoutAt(List.of("metadata", "namespace")));
        time.settle();
    }

    /// A Rollout with one analysis step, or with a background analysis.
    private Seen rollout(String analysis, boolean background) {
        var canary = background
                ? "{'analysis': " + analysis + ", 'steps': [{'setWeight': 20}]}"
                : "{'steps': [{'setWeight': 20}, {'analysis': " + analysis + "}]}";
        var rollout = json("{'metadata': {'namespace': 'shop', 'name': 'web', 'generation': 1,"
                + " 'labels': {'team': 'checkout'}},"
                + " 'spec': {'replicas': 5, 'selector': {'matchLabels': {'app': 'web'}},"
                + " 'template': {'metadata': {'labels': {'app': 'web'}},"
                + " 'spec': {'containers': [{'name': 'web', 'image': 'web:2'}]}},"
                + " 'strategy': {'canary': " + canary + "}},"
                + " 'status': {'stableRS': 'aaaa', 'currentPodHash': 'bbbb'}}");
        cluster.put(ResourceType.ROLLOUTS, rollout);
        time.settle();
        return new RolloutObserver(caches, cluster, Map.of(), maker)
                .observe(new Key("shop", "web"), time.now())
                .orElseThrow();
    }

    private static AnalysisSpec analysis(Seen seen) {
        var canary = (Strategy.Canary) seen.observation().rollout().spec().strategy();
        return canary.analysis()
                .map(Strategy.BackgroundAnalysis::analysis)
                .orElseGet(() -> ((Step.Analyse) canary.steps().get(1)).analysis());
    }

    private Made make(Seen seen) {
        return maker.make(
                seen,
                new Action.StartAnalysis("web-bbbb-2-1", AnalysisKind.STEP, analysis(seen), Optional.of(1), "bbbb", 2));
    }

    private List<String> problems(String analysis, boolean background) {
        return rollout(analysis, background).observation().problems().stream()
                .map(Problem::toString)
                .toList();
    }

    @Test
    void aRunIsTheControllersOwnWhateverItsLabelsSay() {
        template("up", "{'metrics': [{'name': 'up', 'provider': {'web': {}}}]}");
        var seen = rollout(
                "{'templates': [{'templateName': 'up'}], 'analysisRunMetadata': {'labels':"
                        + " {'argo-rollouts.argoproj.io/controller-instance-id': 'green'}}}",
                false);
        assertThat(label(make(seen))).isEqualTo("blue");
        var alone = new TemplatesAnalysisRunMaker(caches, List.of("web"), "");
        var start =
                new Action.StartAnalysis("web-bbbb-2-1", AnalysisKind.STEP, analysis(seen), Optional.of(1), "bbbb", 2);
        assertThat(label(alone.make(seen, start))).isEmpty();
    }

    private static String label(Made made) {
        return ((Made.Run) made)
                .manifest()
                .at("metadata", "labels", "argo-rollouts.argoproj.io/controller-instance-id")
                .string("");
    }

    @Test
    void aRunIsMadeOfItsTemplatesAndSaysWhatItIsOf() {
        clusterTemplate(
                "errors",
                "{'args': [{'name': 'service'}, {'name': 'hash'}, {'name': 'image'}, {'name': 'token', 'valueFrom':"
                        + " {'secretKeyRef': {'name': 'prom', 'key': 'token'}}}],"
                        + " 'metrics': [{'name': 'errors', 'provider': {'prometheus': {'query': 'errors{{args.hash}}'}}}]}");
        template(
                "all",
                "{'metrics': [{'name': 'up', 'count': 2, 'interval': '10s', 'provider': {'web': {}}}],"
                        + " 'templates': [{'templateName': 'errors', 'clusterScope': true}]}");
        var seen = rollout(
                "{'templates': [{'templateName': 'all'}], 'args': [{'name': 'service', 'value': 'web'},"
                        + " {'name': 'hash', 'valueFrom': {'podTemplateHashValue': 'Latest'}},"
                        + " {'name': 'image', 'valueFrom': {'fieldRef': {'fieldPath': 'spec.template.spec.containers[0].image'}}},"
                        + " {'name': 'unused', 'value': 'x'}],"
                        + " 'dryRun': [{'metricName': 'up'}],"
                        + " 'analysisRunMetadata': {'labels': {'app': 'lies', 'why': 'step'}, 'annotations': {'note': 'n'}}}",
                false);
        assertThat(seen.observation().problems()).isEmpty();
        assertThat(make(seen)).isEqualTo(new Made.Run(json("""
                {'apiVersion': 'argoproj.io/v1alpha1', 'kind': 'AnalysisRun',
                 'metadata': {
                  'name': 'web-bbbb-2-1', 'namespace': 'shop',
                  'labels': {'rollouts-pod-template-hash': 'bbbb', 'rollout-type': 'Step', 'step-index': '1',
                   'argo-rollouts.argoproj.io/controller-instance-id': 'blue', 'app': 'web', 'why': 'step'},
                  'annotations': {'rollout.argoproj.io/revision': '2', 'note': 'n'},
                  'ownerReferences': [{'apiVersion': 'argoproj.io/v1alpha1', 'kind': 'Rollout', 'name': 'web',
                   'uid': '%s', 'controller': true, 'blockOwnerDeletion': true}]},
                 'spec': {
                  'metrics': [
                   {'name': 'up', 'count': 2, 'interval': '10s', 'provider': {'web': {}}},
                   {'name': 'errors', 'provider': {'prometheus': {'query': 'errors{{args.hash}}'}}}],
                  'args': [{'name': 'service', 'value': 'web'}, {'name': 'hash', 'value': 'bbbb'},
                   {'name': 'image', 'value': 'web:2'},
                   {'name': 'token', 'valueFrom': {'secretKeyRef': {'name': 'prom', 'key': 'token'}}}],
                  'dryRun': [{'metricName': 'up'}]}}
                """.formatted(
                        seen.observation().rollout().uid()))));
    }

    @Test
    void aBackgroundRunHasNoStep() {
        template("a", "{'metrics': [{'name': 'm', 'interval': '10s', 'provider': {'web': {}}}]}");
        var seen = rollout("{'templates': [{'templateName': 'a'}]}", true);
        assertThat(seen.observation().problems()).isEmpty();
        var made = (Made.Run) maker.make(
                seen,
                new Action.StartAnalysis(
                        "web-bbbb-2", AnalysisKind.BACKGROUND, analysis(seen), Optional.empty(), "bbbb", 2));
        assertThat(made.manifest().at("metadata", "labels").strings())
                .containsEntry("rollout-type", "Background")
                .doesNotContainKey("step-index");
    }

    @Test
    void everyContradictionIsToldBeforeTheStepIsReached() {
        template(
                "a",
                "{'args': [{'name': 'host'}, {'name': 'port'}],"
                        + " 'metrics': [{'name': 'm', 'provider': {'web': {}}}, {'name': 'm', 'provider': {'web': {}}}]}");
        var at = "spec.strategy.canary.steps[1].analysis.templates: [\"a\"] ";
        var remedy = "; correct the templates or args";
        assertThat(problems("{'templates': [{'templateName': 'a'}]}", false))
                .containsExactly(
                        at + "two metrics have the same name 'm'" + remedy,
                        at + "args.host was not resolved" + remedy,
                        at + "args.port was not resolved" + remedy);
        assertThat(make(rollout("{'templates': [{'templateName': 'a'}]}", false)))
                .isEqualTo(new Made.Impossible("two metrics have the same name 'm'; args.host was not resolved;"
                        + " args.port was not resolved"));
    }

    @Test
    void metricsThatWouldEndTheRunAtOnceAreToldToo() {
        template(
                "a",
                "{'metrics': [{'name': 'm', 'count': 2, 'provider': {'web': {}}},"
                        + " {'name': 'n', 'provider': {}},"
                        + " {'name': 'o', 'provider': {'web': {'url': '{{args.nope}}'}}}],"
                        + " 'dryRun': [{'metricName': 'x'}]}");
        var at = "spec.strategy.canary.steps[1].analysis.templates: [\"a\"] ";
        var remedy = "; correct the templates or args";
        assertThat(problems("{'templates': [{'templateName': 'a'}]}", false))
                .containsExactly(
                        at + "failed to resolve {{args.nope}}" + remedy,
                        at + "metrics[0]: interval must be specified when count > 1" + remedy,
                        at + "metrics[1]: no provider specified" + remedy,
                        at + "dryRun[0]: Rule didn't match any metric name(s)" + remedy);
    }

    @Test
    void aConditionThatIsNoneIsToldWithItsPlaceBeforeTheStepIsReached() {
        template(
                "a",
                "{'args': [{'name': 'limit'}], 'metrics': [{'name': 'errors', 'successCondition': 'result[0] <',"
                        + " 'failureCondition': 'result[0] > {{args.limit}}', 'provider': {'prometheus': {}}}]}");
        var args = "'args': [{'name': 'limit', 'value': '%s'}]";
        var at = "spec.strategy.canary.steps[1].analysis.templates: [\"a\"] metrics[0]: metric 'errors': ";
        var remedy = "; correct the templates or args";
        assertThat(problems("{'templates': [{'templateName': 'a'}], " + args.formatted("0.05 &&") + "}", false))
                .containsExactly(
                        at + "successCondition \"result[0] <\" can judge nothing: unexpected token EOF (1:12:"
                                + " \"result[0] <^\")" + remedy,
                        at + "failureCondition \"result[0] > 0.05 &&\" can judge nothing: unexpected token EOF (1:20:"
                                + " \"result[0] > 0.05 &&^\")" + remedy);
        assertThat(problems("{'templates': [{'templateName': 'a'}], " + args.formatted("0.05") + "}", true))
                .singleElement()
                .asString()
                .startsWith("spec.strategy.canary.analysis.templates: [\"a\"] metrics[0]: metric 'errors':"
                        + " successCondition");
    }

    /// The reason of a pause is there when there is a pause.
    @Test
    void aConditionWithAnArgumentThatComesLaterIsNotJudgedBefore() {
        template(
                "a",
                "{'args': [{'name': 'x'}], 'metrics': [{'name': 'm', 'successCondition': 'result == {{args.x}}',"
                        + " 'provider': {'web': {}}}]}");
        assertThat(problems(
                        "{'templates': [{'templateName': 'a'}], 'args': [{'name': 'x', 'valueFrom': {'fieldRef':"
                                + " {'fieldPath': 'status.pauseConditions[0].reason'}}}]}",
                        false))
                .isEmpty();
    }

    @Test
    void aMetricWithoutAnEndIsForTheBackgroundOnly() {
        template("a", "{'metrics': [{'name': 'm', 'interval': '10s', 'provider': {'web': {}}}]}");
        assertThat(problems("{'templates': [{'templateName': 'a'}]}", false))
                .containsExactly(
                        "spec.strategy.canary.steps[1].analysis.templates: [\"a\"] metric 'm' runs indefinitely:"
                                + " it has an interval and no count; correct the templates or args");
        assertThat(problems("{'templates': [{'templateName': 'a'}]}", true)).isEmpty();
    }

    @Test
    void aProviderThatIsNotThereIsToldBeforeItIsAsked() {
        template("a", "{'metrics': [{'name': 'm', 'provider': {'promethius': {}}}]}");
        assertThat(problems("{'templates': [{'templateName': 'a'}]}", false))
                .containsExactly(
                        "spec.strategy.canary.steps[1].analysis.templates: [\"a\"] metric 'm': no metric provider"
                                + " is called 'promethius'; there are prometheus, web; correct the templates or args");
    }

    @Test
    void templatesThatAreMissingAreNamedWhereverTheyAre() {
        template("a", "{'templates': [{'templateName': 'deep', 'clusterScope': true}]}");
        assertThat(problems("{'templates': [{'templateName': 'a'}, {'templateName': 'gone'}]}", false))
                .containsExactly(
                        "spec.strategy.canary.steps[1].analysis.templates[1].templateName: \"gone\" AnalysisTemplate 'gone'"
                                + " not found; create it or name another",
                        "spec.strategy.canary.steps[1].analysis.templates: [\"a\",\"gone\"] lead to ClusterAnalysisTemplate"
                                + " 'deep', which is not found; create it or name another");
    }

    @Test
    void anArgumentThatLeadsNowhereIsToldWithItsPlace() {
        template(
                "a",
                "{'args': [{'name': 'x'}, {'name': 'y'}, {'name': 'z'}], 'metrics': [{'name': 'm', 'provider': {'web': {}}}]}");
        var analysis = "{'templates': [{'templateName': 'a'}], 'args': ["
                + "{'name': 'x', 'valueFrom': {'fieldRef': {'fieldPath': 'spec.nope'}}},"
                + "{'name': 'y', 'valueFrom': {'podTemplateHashValue': 'Newest'}},"
                + "{'name': 'z', 'valueFrom': {'fieldRef': {'fieldPath': 'status.pauseConditions[0].reason'}}}]}";
        assertThat(problems(analysis, false))
                .containsExactly(
                        "spec.strategy.canary.steps[1].analysis.args[0]: {\"name\":\"x\",\"valueFrom\":{\"fieldRef\":"
                                + "{\"fieldPath\":\"spec.nope\"}}} args.x was not resolved: fieldPath spec.nope does not lead to a"
                                + " value in the Rollout; use value, podTemplateHashValue Stable or Latest, or a fieldPath that exists",
                        "spec.strategy.canary.steps[1].analysis.args[1]: {\"name\":\"y\",\"valueFrom\":"
                                + "{\"podTemplateHashValue\":\"Newest\"}} args.y was not resolved: podTemplateHashValue Newest is"
                                + " neither Stable nor Latest; use value, podTemplateHashValue Stable or Latest, or a fieldPath that exists");
    }

    @Test
    void whatTheRolloutShowsGoesWhenTheTemplateIsCorrected() {
        template("a", "{'metrics': []}");
        var seen = rollout("{'templates': [{'templateName': 'a'}]}", false);
        assertThat(seen.observation().problems()).hasSize(1);
        var decision = dev.sluice.rollout.RolloutEngine.decide(seen.observation());
        assertThat(decision.status().message())
                .isEqualTo(
                        "InvalidSpec: The Rollout \"web\" is invalid: spec.strategy.canary.steps[1].analysis.templates:"
                                + " [\"a\"] no metrics specified; correct the templates or args");
        template("a", "{'metrics': [{'name': 'm', 'provider': {'web': {}}}]}");
        assertThat(problems("{'templates': [{'templateName': 'a'}]}", false)).isEmpty();
    }
}
