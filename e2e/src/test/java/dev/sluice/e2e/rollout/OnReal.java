package dev.sluice.e2e.rollout;

import dev.sluice.e2e.RealTier;
import org.junit.jupiter.api.Tag;

/// Scenarios that share a real API server with its own controllers and simulated nodes.
@Tag("real")
abstract class OnReal extends OnCluster {
    @Override
    Cluster open() throws Exception {
        return Cluster.Real.start(RealTier.required(getClass()));
    }
}
