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

    @Test
    void everySeedKeepsEveryInvariant() {
        var seeds = new Seeds(FIRST, SEEDS, Simulation.Subject.PRODUCTION);
        var before = Seeds.cpu();
        seeds.run(System.out::println);
        System.out.println(seeds.summary(Seeds.cpu().minus(before)));
        assertThat(seeds.failures()).isEmpty();
        assertThat(seeds.green()).isEqualTo(SEEDS);
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
