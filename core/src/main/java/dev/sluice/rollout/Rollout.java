package dev.sluice.rollout;

import java.time.Instant;

/// One Rollout as it was read, or what is driven like one.
///
/// @param kind what the user calls it, and what its two sides are
/// @param revision of the annotation `rollout.argoproj.io/revision`, 0 where it has none yet
/// @param workloadGeneration the annotation `rollout.argoproj.io/workload-generation`, empty where it has none
public record Rollout(
        Kind kind,
        String namespace,
        String name,
        String uid,
        String resourceVersion,
        long generation,
        Instant created,
        boolean deleting,
        int revision,
        String workloadGeneration,
        RolloutSpec spec,
        RolloutStatus status) {
    /// One that refers to no workload.
    public Rollout(
            Kind kind,
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
        this(kind, namespace, name, uid, resourceVersion, generation, created, deleting, revision, "", spec, status);
    }

    /// What is driven: it decides words, never moves.
    public enum Kind {
        /// `argoproj.io` Rollout: its sides are ReplicaSets that are made for it.
        ROLLOUT("Rollout", "ReplicaSet"),
        /// `sluice.dev` DeploymentCanary: its sides are two Deployments of the user, seen as ReplicaSets are.
        DEPLOYMENT_CANARY("DeploymentCanary", "Deployment");

        private final String word;
        private final String side;

        Kind(String word, String side) {
            this.word = word;
            this.side = side;
        }

        /// The kind of a side, as messages name it.
        public String side() {
            return side;
        }

        /// The kind, as messages name it.
        @Override
        public String toString() {
            return word;
        }
    }

    /// `spec.replicas`, with the API's default of 1.
    public int replicas() {
        return spec.replicas().orElse(1);
    }

    /// The name of the ReplicaSet of a revision.
    public String replicaSetName(String hash) {
        return name + "-" + hash;
    }
}
