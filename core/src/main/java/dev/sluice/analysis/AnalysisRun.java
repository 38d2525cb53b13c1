package dev.sluice.analysis;

import dev.sluice.json.Json;
import java.util.Optional;

/// An AnalysisRun as it was read.
///
/// @param resourceVersion what a decision is made on
/// @param deleting whether it is on its way out
/// @param spec as it stands: metrics with `{{args.x}}` in them
/// @see "argoproj.io/v1alpha1: AnalysisRun"
public record AnalysisRun(
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        boolean deleting,
        Json.Obj spec,
        AnalysisRunStatus status) {

    public static AnalysisRun of(Json.Obj object) {
        var metadata = object.at("metadata");
        return new AnalysisRun(
                metadata.at("namespace").string(""),
                metadata.at("name").string(""),
                metadata.at("uid").string(""),
                metadata.at("resourceVersion").string(""),
                !metadata.at("deletionTimestamp").isNull(),
                object.at("spec").obj(),
                AnalysisRunStatus.of(object.at("status")));
    }

    public AnalysisRun with(AnalysisRunStatus newStatus) {
        return new AnalysisRun(namespace, name, uid, resourceVersion, deleting, spec, newStatus);
    }

    /// Whether somebody asked for its end.
    public boolean terminate() {
        return spec.at("terminate").bool(false);
    }

    public Arguments arguments() {
        return Arguments.of(spec.at("args"));
    }

    /// How long a run of this outcome is kept, in seconds; empty for ever.
    ///
    /// @see "argoproj.io/v1alpha1: AnalysisRun spec.ttlStrategy"
    Optional<Long> timeToLive() {
        var ttl = spec.at("ttlStrategy");
        var any = ttl.at("secondsAfterCompletion").asLong();
        return switch (status.phase().orElse(AnalysisPhase.PENDING)) {
            case SUCCESSFUL -> ttl.at("secondsAfterSuccess").asLong().or(() -> any);
            case FAILED -> ttl.at("secondsAfterFailure").asLong().or(() -> any);
            case ERROR, INCONCLUSIVE -> any;
            case PENDING, RUNNING -> Optional.empty();
        };
    }
}
