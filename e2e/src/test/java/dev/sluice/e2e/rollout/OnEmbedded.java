package dev.sluice.e2e.rollout;

/// Scenarios that share an embedded cluster.
abstract class OnEmbedded extends OnCluster {
    @Override
    Cluster open() throws Exception {
        return Cluster.Embedded.start();
    }
}
