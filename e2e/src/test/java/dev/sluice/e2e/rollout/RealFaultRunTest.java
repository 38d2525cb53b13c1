package dev.sluice.e2e.rollout;

import dev.sluice.e2e.RealTier;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/// On a real API server, which is killed and is away for a minute.
@Tag("real")
class RealFaultRunTest implements FaultRunContract {
    private static final Duration AWAY = Duration.ofSeconds(60);
    private static Optional<Cluster.Real> started = Optional.empty();

    @BeforeAll
    static void start() throws Exception {
        started = Optional.of(Cluster.Real.start(RealTier.required(RealFaultRunTest.class)));
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

    @Override
    public void outage() throws Exception {
        var plane = started.orElseThrow().plane();
        plane.killApiServer();
        // Not a wait for something to happen: its length is what is tested.
        for (var end = Instant.now().plus(AWAY); Instant.now().isBefore(end); ) {
            LockSupport.parkNanos(100_000_000);
        }
        plane.restartApiServer();
    }
}
