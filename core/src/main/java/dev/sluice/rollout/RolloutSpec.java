package dev.sluice.rollout;

import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// `spec` of a Rollout, decoded: nothing below this line is absent by accident.
///
/// @param replicas absent: 1 is written back, for an autoscaler needs it to be there
/// @param selector the structured selector, opaque here
/// @param template the pod template as stored; the core needs only its hash
/// @param rollbackWindow how many revisions back count as a fast rollback; 0: none
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
        int rollbackWindow) {}
