package dev.sluice.kube.analysis;

import dev.sluice.analysis.Arguments;
import dev.sluice.analysis.Templates;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.AnalysisRunMaker;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.ReplicaSetCodec;
import dev.sluice.kube.rollout.Seen;
import dev.sluice.rollout.Action;
import dev.sluice.rollout.AnalysisSpec;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.Rollout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Makes AnalysisRuns out of the templates that the caches hold, of the Rollout's namespace and of the cluster.
///
/// What stands in its way is found by [#check] as soon as the Rollout is looked at, long before its step is reached.
///
/// @see "Argo Rollouts spec B11, C6"
public final class TemplatesAnalysisRunMaker implements AnalysisRunMaker {
    private final Caches caches;
    private final List<String> providers;
    private final String instance;

    /// @param caches with both kinds of templates; cluster-wide ones may be missing where one namespace is served
    /// @param providers the names of the metric providers there are; empty where that is not known
    /// @param instance the controller's instance id, for the label; empty for none
    public TemplatesAnalysisRunMaker(Caches caches, List<String> providers, String instance) {
        this.caches = caches;
        this.providers = List.copyOf(providers);
        this.instance = instance;
    }

    @Override
    public Made make(Seen seen, Action.StartAnalysis start) {
        var rollout = seen.observation().rollout();
        var block = start.analysis().source();
        return switch (Arguments.ofRollout(
                block.at("args"), seen.source(), rollout.status().stableRS(), start.hash())) {
            case Arguments.Resolved.Wrong(var message) -> new Made.Impossible(message);
            case Arguments.Resolved.Fine(var arguments) ->
                switch (Templates.plan(
                        refs(start.analysis()), ref -> template(rollout.namespace(), ref), arguments, block)) {
                    case Templates.Plan.Refused(var messages) -> new Made.Impossible(String.join("; ", messages));
                    case Templates.Plan.Spec(var spec) -> new Made.Run(manifest(rollout, start, spec));
                };
        };
    }

    private static List<Templates.Ref> refs(AnalysisSpec analysis) {
        return analysis.templates().stream()
                .map(ref -> new Templates.Ref(ref.name(), ref.clusterScope()))
                .toList();
    }

    private Optional<Json.Obj> template(String namespace, Templates.Ref ref) {
        var type = ref.clusterScope() ? ResourceType.CLUSTER_ANALYSIS_TEMPLATES : ResourceType.ANALYSIS_TEMPLATES;
        if (!caches.has(type)) return Optional.empty();
        return caches.of(type)
                .get(ref.clusterScope() ? "" : namespace, ref.name())
                .map(template -> template.at("spec").obj());
    }

    /// Labels in an order in which the last one wins: what the Rollout selects pods by is on its runs as it is.
    private Json.Obj manifest(Rollout rollout, Action.StartAnalysis start, Json.Obj spec) {
        var given = start.analysis().source().at("analysisRunMetadata");
        var labels = new LinkedHashMap<String, String>();
        labels.put(Names.HASH, start.hash());
        labels.put(Names.ROLLOUT_TYPE, start.kind().toString());
        start.stepIndex().ifPresent(index -> labels.put(Names.STEP_INDEX, Integer.toString(index)));
        labels.putAll(given.at("labels").strings());
        labels.putAll(rollout.spec().selector().at("matchLabels").strings());
        // Whatever a spec says: a run that is another controller's is never seen again by the one that waits for it.
        if (instance.isEmpty()) labels.remove(Names.INSTANCE_ID);
        else labels.put(Names.INSTANCE_ID, instance);
        var annotations = new LinkedHashMap<String, String>();
        annotations.put(Names.REVISION, Integer.toString(start.revision()));
        annotations.putAll(given.at("annotations").strings());
        return Json.obj(
                "apiVersion",
                ResourceType.ANALYSIS_RUNS.apiVersion(),
                "kind",
                ResourceType.ANALYSIS_RUNS.kind(),
                "metadata",
                Json.obj(
                        "name", start.name(),
                        "namespace", rollout.namespace(),
                        "labels", labels,
                        "annotations", annotations,
                        "ownerReferences", List.of(ReplicaSetCodec.owner(rollout))),
                "spec",
                spec);
    }

    @Override
    public List<Problem> check(Rollout rollout, Json.Obj source, String path, AnalysisSpec analysis, boolean mustEnd) {
        var problems = new ArrayList<Problem>();
        var resolved = arguments(rollout, source, path, analysis, problems);
        var refs = refs(analysis);
        var missing = Templates.missing(refs, ref -> template(rollout.namespace(), ref));
        for (var ref : missing) {
            if (refs.contains(ref)) continue;
            problems.add(templates(
                    path,
                    analysis,
                    "lead to %s '%s', which is not found"
                            .formatted(ref.clusterScope() ? "ClusterAnalysisTemplate" : "AnalysisTemplate", ref.name()),
                    "create it or name another"));
        }
        // What templates say together cannot be judged while one is missing.
        if (!missing.isEmpty() || refs.isEmpty()) return problems;
        switch (Templates.plan(refs, ref -> template(rollout.namespace(), ref), resolved, analysis.source())) {
            case Templates.Plan.Refused(var messages) -> {
                for (var message : messages) {
                    problems.add(templates(path, analysis, message, "correct the templates or args"));
                }
            }
            case Templates.Plan.Spec(var spec) -> {
                for (var message : Templates.check(spec, mustEnd, providers)) {
                    problems.add(templates(path, analysis, message, "correct the templates or args"));
                }
            }
        }
        return problems;
    }

    private static Problem templates(String path, AnalysisSpec analysis, String expectation, String remedy) {
        var names = analysis.templates().stream()
                .map(AnalysisSpec.TemplateRef::name)
                .toList();
        return new Problem(path + ".templates", Json.of(names).text(), expectation, remedy);
    }

    /// Each argument by itself, so that each mistake is told with its place. One that cannot be resolved now counts as
    /// given: that it has no value is told here.
    private static Arguments arguments(
            Rollout rollout, Json.Obj source, String path, AnalysisSpec analysis, List<Problem> problems) {
        var all = new ArrayList<Arguments.Argument>();
        var items = analysis.source().at("args").items();
        for (int i = 0; i < items.size(); i++) {
            switch (Arguments.ofRollout(
                    Json.arr(items.get(i)),
                    source,
                    rollout.status().stableRS(),
                    rollout.status().currentPodHash())) {
                case Arguments.Resolved.Fine(var fine) -> all.addAll(fine.all());
                case Arguments.Resolved.Wrong(var message) -> {
                    if (!later(items.get(i))) {
                        problems.add(new Problem(
                                "%s.args[%d]".formatted(path, i),
                                items.get(i).text(),
                                message,
                                "use value, podTemplateHashValue Stable or Latest, or a fieldPath that exists"));
                    }
                    all.add(new Arguments.Argument(
                            items.get(i).at("name").string(""), Optional.of(""), Json.Obj.EMPTY));
                }
            }
        }
        return new Arguments(all);
    }

    /// What is in the status may come when it is time, such as the reason of a pause.
    private static boolean later(Json argument) {
        return argument.at("valueFrom", "fieldRef", "fieldPath").string("").startsWith("status.");
    }
}
