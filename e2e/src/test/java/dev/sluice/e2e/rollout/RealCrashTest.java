package dev.sluice.e2e.rollout;

import dev.sluice.e2e.RealTier;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/// On a real API server with its own controllers and simulated nodes.
@Tag("real")
class RealCrashTest implements CrashContract {
    private static Optional<Cluster> started = Optional.empty();

    @BeforeAll
    static void start() throws Exception {
        started = Optional.of(Cluster.Real.start(RealTier.required(RealCrashTest.class)));
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
