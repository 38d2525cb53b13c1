package dev.sluice.app.simulate;

import dev.sluice.spi.Time;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/// The clock of one life of the controller: what it had planned does not happen any more once it is dead, and happens
/// late where it was frozen meanwhile (a paused machine, a long collection of garbage).
record Life(Time time, BooleanSupplier dead, Freeze freeze) implements Time {
    /// Until when a life stands still.
    static final class Freeze {
        private Instant until = Instant.MIN;

        void until(Instant thaw) {
            if (thaw.isAfter(until)) until = thaw;
        }

        Instant until() {
            return until;
        }

        boolean frozen(Instant now) {
            return now.isBefore(until);
        }
    }

    @Override
    public Instant now() {
        return time.now();
    }

    @Override
    public Timer at(Instant when, Runnable task) {
        return time.at(when, () -> {
            if (dead.getAsBoolean()) return;
            if (freeze.frozen(time.now())) at(freeze.until, task);
            else task.run();
        });
    }
}
