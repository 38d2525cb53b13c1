package dev.sluice.app.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// The production control loop keeps every invariant under every seed.
///
/// `-Dsluice.seeds=20000` runs as many as the issue of the day asks for; a failing seed prints the command that replays
/// it, event by event.
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("sluice.seeds", 200);
    private static final int FIRST = Integer.getInteger("sluice.firstSeed", 1);

    @Test
    void everySeedKeepsEveryInvariant() {
        var failures = new ConcurrentLinkedQueue<String>();
        long cpu = cpuNanos();
        LongStream.range(FIRST, FIRST + SEEDS).parallel().forEach(seed -> {
            var violations =
                    Simulation.check(seed, Simulation.Subject.PRODUCTION, false).violations();
            if (!violations.isEmpty()) {
                failures.add("seed %d: %s%n  replay: ./sluice simulate --seed %d".formatted(seed, violations, seed));
            }
        });
        System.out.printf(
                "simulation: %d seeds green, %.0f seeds per CPU-minute%n",
                SEEDS - failures.size(), SEEDS / ((cpuNanos() - cpu) / 60e9));
        assertThat(List.copyOf(failures)).isEmpty();
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        var once = Simulation.run(Scenario.of(42), Simulation.Subject.PRODUCTION, true);
        var again = Simulation.run(Scenario.of(42), Simulation.Subject.PRODUCTION, true);
        assertThat(once.transcript()).isEqualTo(again.transcript());
        assertThat(once.events()).isEqualTo(again.events());
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
