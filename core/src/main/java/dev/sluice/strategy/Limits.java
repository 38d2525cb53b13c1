package dev.sluice.strategy;

import dev.sluice.format.IntOrPercent;

/// How far the number of pods may leave `spec.replicas` during an update.
///
/// @param surge pods above
/// @param unavailable pods below
public record Limits(int surge, int unavailable) {
    /// Surge rounds up, unavailable rounds down; both zero would stand still, so that unavailable becomes one.
    ///
    /// @see "Argo Rollouts spec A0.1, B7"
    public static Limits of(IntOrPercent maxSurge, IntOrPercent maxUnavailable, int replicas) {
        int surge = maxSurge.ceil(replicas);
        int unavailable = Math.min(maxUnavailable.floor(replicas), replicas);
        return new Limits(surge, surge == 0 && unavailable == 0 ? Math.min(1, replicas) : unavailable);
    }
}
