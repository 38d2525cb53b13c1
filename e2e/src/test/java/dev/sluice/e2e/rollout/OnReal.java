package dev.sluice.e2e.rollout;

import dev.sluice.e2e.RealTier;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/// Scenarios that share a real API server with its own controllers and simulated nodes.
@Tag("real")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnReal {
    private Optional<Cluster> started = Optional.empty();

    @BeforeAll
    void start() throws Exception {
        started = Optional.of(Cluster.Real.start(RealTier.required(getClass())));
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
