package dev.sluice.rollout;

import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// `spec` of a Rollout, decoded: nothing below this line is absent by accident.
///
/// @param replicas absent: 1 is written back, for an autoscaler needs it to be there
/// @param selector the structured selector, opaque here
/// @param template the pod template as stored; the core needs only its hash;
///     that of the workload, where it comes from one; empty where that cannot be told
/// @param rollbackWindow how many revisions back count as a fast rollback; 0: none
/// @param workloadRef where the template comes from, if not from the spec itself
public record RolloutSpec(
        Optional<Integer> replicas,
        Json.Obj selector,
        Json.Obj template,
        int minReadySeconds,
        Strategy strategy,
        int revisionHistoryLimit,
        boolean paused,
        Duration progressDeadline,
        boolean progressDeadlineAbort,
        Optional<Instant> restartAt,
        int rollbackWindow,
        Optional<WorkloadRef> workloadRef) {
    /// One with a template of its own.
    public RolloutSpec(
            Optional<Integer> replicas,
            Json.Obj selector,
            Json.Obj template,
            int minReadySeconds,
            Strategy strategy,
            int revisionHistoryLimit,
            boolean paused,
            Duration progressDeadline,
            boolean progressDeadlineAbort,
            Optional<Instant> restartAt,
            int rollbackWindow) {
        this(
                replicas,
                selector,
                template,
                minReadySeconds,
                strategy,
                revisionHistoryLimit,
                paused,
                progressDeadline,
                progressDeadlineAbort,
                restartAt,
                rollbackWindow,
                Optional.empty());
    }
}
