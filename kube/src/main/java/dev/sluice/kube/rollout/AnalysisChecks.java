package dev.sluice.kube.rollout;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.rollout.AnalysisSpec;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.Step;
import dev.sluice.rollout.Strategy;
import java.util.List;

/// What stands in the way of the analyses that a strategy asks for: templates that do not exist or make no run.
///
/// @param analysis tells what is wrong with templates that exist
record AnalysisChecks(Caches caches, AnalysisRunMaker analysis) {
    /// @param path of the strategy's fields in the manifest, such as `spec.strategy.canary`
    void check(Rollout rollout, Json.Obj source, String path, List<Problem> problems) {
        switch (rollout.spec().strategy()) {
            case Strategy.Canary canary -> {
                canary.analysis()
                        .ifPresent(background ->
                                check(rollout, source, path + ".analysis", background.analysis(), false, problems));
                for (int i = 0; i < canary.steps().size(); i++) {
                    if (canary.steps().get(i) instanceof Step.Analyse(var analysed)) {
                        check(rollout, source, path + ".steps[%d].analysis".formatted(i), analysed, true, problems);
                    }
                }
            }
            case Strategy.BlueGreen blueGreen -> {
                blueGreen
                        .prePromotionAnalysis()
                        .ifPresent(a -> check(rollout, source, path + ".prePromotionAnalysis", a, true, problems));
                blueGreen
                        .postPromotionAnalysis()
                        .ifPresent(a -> check(rollout, source, path + ".postPromotionAnalysis", a, true, problems));
            }
        }
    }

    private void check(
            Rollout rollout,
            Json.Obj source,
            String path,
            AnalysisSpec analysed,
            boolean mustEnd,
            List<Problem> problems) {
        for (int i = 0; i < analysed.templates().size(); i++) {
            var ref = analysed.templates().get(i);
            if (ref.name().isEmpty()) continue;
            var type = ref.clusterScope() ? ResourceType.CLUSTER_ANALYSIS_TEMPLATES : ResourceType.ANALYSIS_TEMPLATES;
            var namespace = ref.clusterScope() ? "" : rollout.namespace();
            if (!caches.has(type) || caches.of(type).get(namespace, ref.name()).isEmpty()) {
                problems.add(new Problem(
                        "%s.templates[%d].templateName".formatted(path, i),
                        "\"" + ref.name() + "\"",
                        "%s '%s' not found".formatted(type.kind(), ref.name()),
                        "create it or name another"));
            }
        }
        problems.addAll(analysis.check(rollout, source, path, analysed, mustEnd));
    }
}
