package dev.sluice.rollout;

import java.time.Instant;
import java.util.Optional;

/// A ReplicaSet owned by the Rollout: the few numbers that decide.
///
/// @param hash label `rollouts-pod-template-hash`
/// @param revision annotation `rollout.argoproj.io/revision`, 0 where it has none
/// @param desiredAtScale annotation `rollout.argoproj.io/desired-replicas`: `spec.replicas` when it was last scaled
/// @param replicas `spec.replicas`
/// @param current `status.replicas`: pods that exist
/// @param ready pods ready
/// @param available pods ready for `minReadySeconds`
/// @param observed whether its controller has seen the newest spec; else the numbers of pods are of an older one
/// @param scaleDownDeadline annotation `scale-down-deadline`
public record ReplicaSet(
        String name,
        String uid,
        String resourceVersion,
        String hash,
        Instant created,
        boolean deleting,
        int revision,
        Optional<Integer> desiredAtScale,
        int minReadySeconds,
        int replicas,
        int current,
        int ready,
        int available,
        boolean observed,
        Optional<Instant> scaleDownDeadline) {
    /// Available pods that stay when the pending change of size is done.
    public int kept() {
        return Math.min(available, replicas);
    }
}
