package dev.sluice.strategy;

/// A canary behind a router: the weight is the router's, pods only have to carry it.
///
/// @see "Argo Rollouts spec B8"
public final class RoutedCanary {
    private RoutedCanary() {}

    /// Fewest pods that can carry a weight.
    ///
    /// @param weight 0 … maxWeight
    /// @param atLeast pods below which a side that serves at all is not scaled (`minPodsPerReplicaSet`)
    /// @return rounds up, so that a positive weight never gets zero pods
    public static int podsFor(int weight, int maxWeight, int replicas, int atLeast) {
        return atLeast(carrying(weight, maxWeight, replicas), atLeast, replicas);
    }

    /// Fewest pods of `replicas` that can carry a weight; a scale of a million times many pods is more than an int has.
    public static int carrying(int weight, int maxWeight, int replicas) {
        return (int) Math.ceilDiv((long) weight * replicas, (long) maxWeight);
    }

    /// `pods`, or as many as the strategy demands of a side that is not empty.
    public static int atLeast(int pods, int atLeast, int replicas) {
        return pods == 0 ? 0 : Math.max(pods, Math.min(atLeast, replicas));
    }
}
