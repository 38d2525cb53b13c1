package dev.sluice.e2e.rollout;

import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// Scenarios that share an embedded cluster.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnEmbedded {
    private Optional<Cluster> started = Optional.empty();

    @BeforeAll
    void start() throws Exception {
        started = Optional.of(Cluster.Embedded.start());
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
