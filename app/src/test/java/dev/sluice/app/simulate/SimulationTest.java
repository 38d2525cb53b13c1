package dev.sluice.app.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// The production control loop keeps every invariant under every seed.
///
/// `-Dsluice.seeds=20000` runs as many as CI does; a failing seed prints the command that replays
/// it, event by event.
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("sluice.seeds", 300);
    private static final int FIRST = Integer.getInteger("sluice.firstSeed", 1);

    /// Runs the seeds once. This module runs a failed test again, for its sockets' sake; a seed would only take as long
    /// again to say the same.
    private static final class Ran {
        static final Seeds ALL = new Seeds(FIRST, SEEDS, Simulation.Subject.PRODUCTION);

        static {
            var before = Seeds.cpu();
            ALL.run(System.out::println);
            System.out.println(ALL.summary(Seeds.cpu().minus(before)));
        }
    }

    @Test
    void everySeedKeepsEveryInvariant() {
        assertThat(Ran.ALL.failures()).isEmpty();
        assertThat(Ran.ALL.green()).isEqualTo(SEEDS);
    }

    @Test
    void aSeedThatBreaksAnInvariantSaysHowToSeeItAgain() {
        var stuck = new Seeds(1, 1, Simulation.Subject.deciding(_ -> {
            throw new IllegalStateException("a controller that decides nothing");
        }));
        stuck.run(_ -> {});
        assertThat(stuck.green()).isZero();
        assertThat(stuck.failures()).singleElement().asString().contains("Quiescent", "./sluice simulate --seed 1");
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        var once = Simulation.run(Scenario.of(42), Simulation.Subject.PRODUCTION, true);
        var again = Simulation.run(Scenario.of(42), Simulation.Subject.PRODUCTION, true);
        assertThat(once.transcript()).isEqualTo(again.transcript());
        assertThat(once.events()).isEqualTo(again.events());
    }
}
