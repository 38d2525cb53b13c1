package dev.sluice.kube.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.json.Json;
import dev.sluice.rollout.Observation.AnalysisKind;
import dev.sluice.rollout.Observation.AnalysisRunSeen;
import java.time.Instant;
import java.util.Optional;

/// AnalysisRuns, as far as their owner looks at them.
final class AnalysisRunCodec {
    private AnalysisRunCodec() {}

    /// Empty for a run that says of itself no kind we know: it is not one of ours.
    static Optional<AnalysisRunSeen> decode(Json.Obj run) {
        var metadata = run.at("metadata");
        var labels = metadata.at("labels");
        return AnalysisKind.of(labels.at(Names.ROLLOUT_TYPE).string(""))
                .map(kind -> new AnalysisRunSeen(
                        metadata.at("name").string(""),
                        metadata.at("resourceVersion").string(""),
                        kind,
                        labels.at(Names.HASH).string(""),
                        labels.at(Names.STEP_INDEX)
                                .asString()
                                .filter(text -> text.matches("[0-9]{1,6}"))
                                .map(Integer::parseInt),
                        AnalysisPhase.of(run.at("status", "phase").string("")).orElse(AnalysisPhase.PENDING),
                        run.at("status", "message").string(""),
                        run.at("spec", "terminate").bool(false),
                        metadata.at("creationTimestamp")
                                .asString()
                                .flatMap(Fields::instant)
                                .orElse(Instant.EPOCH)));
    }
}
