package dev.sluice.kube.rollout;

import dev.sluice.json.Json;
import dev.sluice.rollout.Action;
import dev.sluice.rollout.AnalysisSpec;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.Rollout;
import java.util.List;

/// Makes the AnalysisRun that a decision asks for out of its templates.
@FunctionalInterface
public interface AnalysisRunMaker {
    /// The manifest, or why there can be none.
    sealed interface Made {
        record Run(Json.Obj manifest) implements Made {}

        record Impossible(String why) implements Made {}
    }

    Made make(Seen seen, Action.StartAnalysis start);

    /// What would make it impossible, or end the run at once: all of it, and before the run is due. Templates that are
    /// named by the analysis itself and do not exist are the observer's to tell.
    ///
    /// @param source the Rollout as it was read
    /// @param path of the analysis in it, such as `spec.strategy.canary.steps[1].analysis`
    /// @param mustEnd whether the Rollout waits for the end of the run, as it does but for a background analysis
    default List<Problem> check(Rollout rollout, Json.Obj source, String path, AnalysisSpec analysis, boolean mustEnd) {
        return List.of();
    }
}
