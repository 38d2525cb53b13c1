package dev.sluice.kube.rollout;

import dev.sluice.cluster.ResourceType;
import dev.sluice.rollout.Rollout;

/// Labels and annotations of the contract (spec, B4), and where its objects live.
public final class Names {
    public static final String HASH = "rollouts-pod-template-hash";
    public static final String REVISION = "rollout.argoproj.io/revision";
    public static final String REVISION_HISTORY = "rollout.argoproj.io/revision-history";
    public static final String WORKLOAD_GENERATION = "rollout.argoproj.io/workload-generation";
    public static final String DESIRED_REPLICAS = "rollout.argoproj.io/desired-replicas";
    public static final String SCALE_DOWN_DEADLINE = "scale-down-deadline";
    public static final String EPHEMERAL_METADATA = "rollout.argoproj.io/ephemeral-metadata";
    /// Beside the last: which pods have it, and what it stands in the place of. Of ours alone.
    static final String METADATA_PROGRESS = "sluice.dev/ephemeral-metadata-progress";

    public static final String MANAGED_BY = "argo-rollouts.argoproj.io/managed-by-rollouts";
    public static final String INSTANCE_ID = "argo-rollouts.argoproj.io/controller-instance-id";
    public static final String ROLLOUT_TYPE = "rollout-type";
    public static final String STEP_INDEX = "step-index";
    static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
    static final String NOTIFIED = "notified.notifications.argoproj.io";

    /// Where objects of a kind live.
    public static ResourceType type(Rollout.Kind kind) {
        return switch (kind) {
            case ROLLOUT -> ResourceType.ROLLOUTS;
            case DEPLOYMENT_CANARY -> ResourceType.DEPLOYMENT_CANARIES;
        };
    }

    private Names() {}
}
