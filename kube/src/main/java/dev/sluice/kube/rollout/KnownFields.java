package dev.sluice.kube.rollout;

import java.util.List;
import java.util.Map;

/// The names that objects of a manifest may have, by the path of the object with `[]` for every index: all of Argo's,
/// whether this version acts on them or refuses them. What the pod template, selectors and configurations of routers
/// hold is not ours to know.
///
/// @see "Argo Rollouts spec A1 to A5"
final class KnownFields {
    private static final List<String> ROOT = List.of("apiVersion", "kind", "metadata", "spec", "status");
    private static final List<String> ANALYSIS =
            List.of("templates", "args", "dryRun", "measurementRetention", "analysisRunMetadata");
    private static final List<String> BACKGROUND =
            List.of("templates", "args", "dryRun", "measurementRetention", "analysisRunMetadata", "startingStep");
    private static final Map<String, List<String>> ROLLOUT = Map.ofEntries(
            Map.entry("", ROOT),
            Map.entry(
                    "spec",
                    List.of(
                            "replicas",
                            "selector",
                            "template",
                            "workloadRef",
                            "minReadySeconds",
                            "rollbackWindow",
                            "strategy",
                            "revisionHistoryLimit",
                            "paused",
                            "progressDeadlineSeconds",
                            "progressDeadlineAbort",
                            "restartAt",
                            "analysis")),
            Map.entry("spec.workloadRef", List.of("apiVersion", "kind", "name", "scaleDown")),
            Map.entry("spec.strategy", List.of("canary", "blueGreen")),
            Map.entry(
                    "spec.strategy.canary",
                    List.of(
                            "canaryService",
                            "stableService",
                            "steps",
                            "trafficRouting",
                            "maxSurge",
                            "maxUnavailable",
                            "analysis",
                            "antiAffinity",
                            "canaryMetadata",
                            "stableMetadata",
                            "scaleDownDelaySeconds",
                            "scaleDownDelayRevisionLimit",
                            "abortScaleDownDelaySeconds",
                            "dynamicStableScale",
                            "pingPong",
                            "minPodsPerReplicaSet",
                            "replicaProgressThreshold")),
            Map.entry("spec.strategy.canary.analysis", BACKGROUND),
            Map.entry("spec.strategy.canary.steps[]", RolloutCodec.STEP_KINDS),
            Map.entry("spec.strategy.canary.steps[].analysis", ANALYSIS),
            Map.entry(
                    "spec.strategy.blueGreen",
                    List.of(
                            "activeService",
                            "previewService",
                            "previewReplicaCount",
                            "autoPromotionEnabled",
                            "autoPromotionSeconds",
                            "maxUnavailable",
                            "scaleDownDelaySeconds",
                            "scaleDownDelayRevisionLimit",
                            "abortScaleDownDelaySeconds",
                            "prePromotionAnalysis",
                            "postPromotionAnalysis",
                            "antiAffinity",
                            "activeMetadata",
                            "previewMetadata")));

    /// Those of a DeploymentCanary are ours: whatever is read is known, and nothing else.
    private static final Map<String, List<String>> PAIR = Map.of(
            "",
            ROOT,
            "spec.analysis",
            BACKGROUND,
            "spec.steps[]",
            RolloutCodec.STEP_KINDS,
            "spec.steps[].analysis",
            ANALYSIS);

    private KnownFields() {}

    static Map<String, List<String>> ofRollouts() {
        return ROLLOUT;
    }

    static Map<String, List<String>> ofPairs() {
        return PAIR;
    }
}
