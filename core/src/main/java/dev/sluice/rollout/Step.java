package dev.sluice.rollout;

import dev.sluice.json.Json;
import java.time.Duration;
import java.util.Optional;

/// One entry of `spec.strategy.canary.steps`; exactly one kind each (API field by field in the spec, A3).
public sealed interface Step {
    /// Share of the traffic for the canary, 0 … the strategy's maximum weight.
    record SetWeight(int weight) implements Step {}

    /// Waits: for a time, or without one for a human.
    record Pause(Optional<Duration> duration) implements Step {}

    /// Sizes the canary apart from its traffic.
    record SetCanaryScale(Scale scale) implements Step {}

    /// Waits for the verdict of an AnalysisRun.
    ///
    /// @param analysis templates and arguments, as `spec.strategy.canary.steps[].analysis`
    record Analyse(AnalysisSpec analysis) implements Step {}

    /// Runs an Experiment and waits for its end.
    record RunExperiment(Json.Obj experiment) implements Step {}

    /// Sends requests with certain headers to the canary.
    record SetHeaderRoute(String name, Json.Obj route) implements Step {}

    /// Mirrors traffic to the canary.
    record SetMirrorRoute(String name, Json.Obj route) implements Step {}

    /// Hands over to a step plugin.
    record RunPlugin(String name, Json config) implements Step {}

    /// How large the canary is to be.
    sealed interface Scale {
        record ByWeight(int weight) implements Scale {}

        record ByReplicas(int replicas) implements Scale {}

        /// As large as its traffic asks for: the default again.
        record MatchTrafficWeight() implements Scale {}
    }

    /// The step in the words of the event `RolloutStepCompleted`.
    default String text() {
        return switch (this) {
            case SetWeight(var weight) -> "setWeight: " + weight;
            case Pause(var duration) ->
                duration.map(d -> "pause: " + dev.sluice.format.GoDuration.text(d))
                        .orElse("pause");
            case SetCanaryScale(Scale.ByWeight(var weight)) -> "setCanaryScale{weight: " + weight + "}";
            case SetCanaryScale(Scale.ByReplicas(var replicas)) -> "setCanaryScale{replicas: " + replicas + "}";
            case SetCanaryScale(Scale.MatchTrafficWeight()) -> "setCanaryScale{matchTrafficWeight: true}";
            case Analyse _ -> "analysis";
            case RunExperiment _ -> "experiment";
            case SetHeaderRoute header -> "setHeaderRoute: " + header.name();
            case SetMirrorRoute mirror -> "setMirrorRoute: " + mirror.name();
            case RunPlugin plugin -> "plugin: " + plugin.name();
        };
    }
}
