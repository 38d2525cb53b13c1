package dev.sluice.app.simulate;

import dev.sluice.spi.Time;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/// The clock of one life of the controller: what it had planned does not happen any more once it is dead.
record Life(Time time, BooleanSupplier dead) implements Time {
    @Override
    public Instant now() {
        return time.now();
    }

    @Override
    public Timer at(Instant when, Runnable task) {
        return time.at(when, () -> {
            if (!dead.getAsBoolean()) task.run();
        });
    }
}
