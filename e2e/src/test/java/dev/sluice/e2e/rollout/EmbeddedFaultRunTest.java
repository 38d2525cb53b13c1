package dev.sluice.e2e.rollout;

import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// On the embedded cluster.
class EmbeddedFaultRunTest implements FaultRunContract {
    private static Optional<Cluster> started = Optional.empty();

    @BeforeAll
    static void start() throws Exception {
        started = Optional.of(Cluster.Embedded.start());
        Scene.define(started.get());
    }

    @AfterAll
    static void stop() {
        started.ifPresent(Cluster::close);
    }

    @Override
    public Cluster cluster() {
        return started.orElseThrow();
    }
}
