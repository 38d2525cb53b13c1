package dev.sluice.kube.rollout;

import dev.sluice.cluster.ResourceType;
import java.util.Set;

/// Which of the objects that a cluster has are this controller's: several controllers may share one, each with an id,
/// and an object's label says whose it is. An object whose label changes leaves one and enters the other.
///
/// @param selector of the objects that are looked at; empty for all
/// @see "Argo Rollouts spec G3"
public record Instance(String selector) {
    /// Labelled or not: for who only looks.
    public static final Instance ANY = new Instance("");

    /// What somebody else made, such as Services and ReplicaSets, is found by who names or owns it.
    private static final Set<ResourceType> LABELLED = Set.of(
            ResourceType.ROLLOUTS,
            ResourceType.DEPLOYMENT_CANARIES,
            ResourceType.ANALYSIS_RUNS,
            ResourceType.ANALYSIS_TEMPLATES,
            ResourceType.CLUSTER_ANALYSIS_TEMPLATES,
            ResourceType.EXPERIMENTS);

    /// @param id a label's value; empty for the controller of the objects without the label
    public static Instance of(String id) {
        return new Instance(id.isEmpty() ? "!" + Names.INSTANCE_ID : Names.INSTANCE_ID + "=" + id);
    }

    /// The label selector for a kind; empty where it does not matter whose an object is.
    String labels(ResourceType type) {
        return LABELLED.contains(type) ? selector : "";
    }
}
