package dev.sluice.app.simulate;

import java.time.Duration;
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
/// @param deaths writes of the controller after which, or before which, it dies; counted over all its lives
public record Faults(
        double refused,
        double lostBefore,
        double lostAfter,
        Duration lag,
        double duplicate,
        double cut,
        double expired,
        java.util.List<Death> deaths) {
    public static final Faults NONE = new Faults(0, 0, 0, Duration.ZERO, 0, 0, 0, java.util.List.of());

    public Faults {
        deaths = java.util.List.copyOf(deaths);
    }

    /// The end of a life.
    ///
    /// @param write how many writes it makes in that life
    /// @param applied whether the last of them reaches the server
    /// @param pause until it is started again
    public record Death(int write, boolean applied, Duration pause) {}

    static Faults draw(RandomGenerator random) {
        boolean calm = random.nextInt(5) == 0;
        var deaths = new java.util.ArrayList<Death>();
        for (int i = random.nextInt(4); i > 0; i--) {
            deaths.add(new Death(
                    1 + random.nextInt(12), random.nextBoolean(), Duration.ofMillis(random.nextInt(100, 20_000))));
        }
        if (calm) return new Faults(0, 0, 0, Duration.ofMillis(random.nextInt(50)), 0, 0, 0, deaths);
        return new Faults(
                random.nextDouble(0.10),
                random.nextDouble(0.05),
                random.nextDouble(0.05),
                Duration.ofMillis(random.nextInt(3_000)),
                random.nextDouble(0.10),
                random.nextDouble(0.02),
                random.nextDouble(0.5),
                deaths);
    }

    Faults withoutDeaths() {
        return new Faults(refused, lostBefore, lostAfter, lag, duplicate, cut, expired, java.util.List.of());
    }

    Optional<Death> death(int life) {
        return life < deaths.size() ? Optional.of(deaths.get(life)) : Optional.empty();
    }
}
