package dev.sluice.kube.rollout;

import dev.sluice.json.Json;
import dev.sluice.rollout.Action;

/// Makes the AnalysisRun that a decision asks for out of its templates.
@FunctionalInterface
public interface AnalysisRunMaker {
    /// The manifest, or why there can be none.
    sealed interface Made {
        record Run(Json.Obj manifest) implements Made {}

        record Impossible(String why) implements Made {}
    }

    Made make(Seen seen, Action.StartAnalysis start);
}
