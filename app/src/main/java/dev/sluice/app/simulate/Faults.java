package dev.sluice.app.simulate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// What goes wrong between the controller and the API server, as chances for each request or event.
///
/// @param refused answered with 409, 429 or 500 and not done
/// @param lostBefore not done, and no answer
/// @param lostAfter done, and no answer
/// @param lag longest delay of an event; each watch keeps its order, different watches overtake each other
/// @param duplicate an event comes twice
/// @param cut a watch ends after an event
/// @param expired a cut watch cannot be resumed
/// @param outages when the metric system does not answer
/// @param deaths writes of the controller after which, or before which, it dies; counted over all its lives
/// @param deathInRetreat how long it stays away after it has died soon after its first abort; what it
///     knew of the failure must be in the cluster then
public record Faults(
        double refused,
        double lostBefore,
        double lostAfter,
        Duration lag,
        double duplicate,
        double cut,
        double expired,
        Outages outages,
        List<Death> deaths,
        Optional<Duration> deathInRetreat) {
    public static final Faults NONE =
            new Faults(0, 0, 0, Duration.ZERO, 0, 0, 0, Outages.NONE, List.of(), Optional.empty());

    public Faults {
        deaths = List.copyOf(deaths);
    }

    /// The end of a life.
    ///
    /// @param write how many writes it makes in that life
    /// @param applied whether the last of them reaches the server
    /// @param pause until it is started again
    public record Death(int write, boolean applied, Duration pause) {}

    /// Outages that come again and again.
    ///
    /// @param every from the beginning of one to that of the next; zero: there are none
    public record Outages(Duration every, Duration length) {
        static final Outages NONE = new Outages(Duration.ZERO, Duration.ZERO);

        /// Longest outage that a run with the default limits survives: four errors in a row, ten seconds apart.
        private static final Duration SURVIVED = Duration.ofSeconds(25);

        boolean at(Duration since) {
            return !every.isZero() && since.toNanos() % every.toNanos() < length.toNanos();
        }

        private static Outages draw(RandomGenerator random) {
            if (random.nextBoolean()) return NONE;
            var every = Duration.ofSeconds(random.nextInt(60, 400));
            return new Outages(every, Duration.ofSeconds(random.nextInt(1, random.nextBoolean() ? 25 : 200)));
        }

        private Outages survived() {
            return length.compareTo(SURVIVED) <= 0 ? this : new Outages(every, SURVIVED);
        }
    }

    static Faults draw(RandomGenerator random) {
        boolean calm = random.nextInt(5) == 0;
        var deaths = new ArrayList<Death>();
        for (int i = random.nextInt(4); i > 0; i--) {
            deaths.add(new Death(1 + random.nextInt(12), random.nextBoolean(), pause(random)));
        }
        var inRetreat = random.nextInt(3) == 0 ? Optional.of(pause(random)) : Optional.<Duration>empty();
        if (calm) {
            var lag = Duration.ofMillis(random.nextInt(50));
            return new Faults(0, 0, 0, lag, 0, 0, 0, Outages.NONE, deaths, inRetreat);
        }
        return new Faults(
                random.nextDouble(0.10),
                random.nextDouble(0.05),
                random.nextDouble(0.05),
                Duration.ofMillis(random.nextInt(3_000)),
                random.nextDouble(0.10),
                random.nextDouble(0.02),
                random.nextDouble(0.5),
                Outages.draw(random),
                deaths,
                inRetreat);
    }

    private static Duration pause(RandomGenerator random) {
        return Duration.ofMillis(random.nextInt(100, 20_000));
    }

    Faults withoutDeaths() {
        return new Faults(
                refused, lostBefore, lostAfter, lag, duplicate, cut, expired, outages, List.of(), Optional.empty());
    }

    boolean deadly() {
        return !deaths.isEmpty() || deathInRetreat.isPresent();
    }

    /// With outages that do not change the verdict: then the end does not depend on when they come.
    Faults withoutLongOutages() {
        return new Faults(
                refused,
                lostBefore,
                lostAfter,
                lag,
                duplicate,
                cut,
                expired,
                outages.survived(),
                deaths,
                deathInRetreat);
    }

    Optional<Death> death(int life) {
        return life < deaths.size() ? Optional.of(deaths.get(life)) : Optional.empty();
    }
}
