package dev.sluice.rollout;

import java.time.Instant;

/// One Rollout as it was read.
///
/// @param revision of the annotation `rollout.argoproj.io/revision`, 0 where it has none yet
public record Rollout(
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        long generation,
        Instant created,
        boolean deleting,
        int revision,
        RolloutSpec spec,
        RolloutStatus status) {
    /// `spec.replicas`, with the API's default of 1.
    public int replicas() {
        return spec.replicas().orElse(1);
    }

    /// The name of the ReplicaSet of a revision.
    public String replicaSetName(String hash) {
        return name + "-" + hash;
    }
}
