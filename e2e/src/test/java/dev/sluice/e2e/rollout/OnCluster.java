package dev.sluice.e2e.rollout;

import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// Scenarios that share a cluster.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnCluster {
    private Optional<Cluster> started = Optional.empty();

    /// Starts the cluster that they share.
    abstract Cluster open() throws Exception;

    @BeforeAll
    void start() throws Exception {
        started = Optional.of(open());
        Scene.define(started.get());
    }

    @AfterAll
    void stop() {
        started.ifPresent(Cluster::close);
    }

    public Cluster cluster() {
        return started.orElseThrow();
    }
}
