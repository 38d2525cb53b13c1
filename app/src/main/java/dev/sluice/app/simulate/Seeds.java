package dev.sluice.app.simulate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/// Many seeds at once, one thread for each and as many threads as there are cores. The runs share nothing, so their
/// number and order change none of them.
public final class Seeds {
    private final long first;
    private final long count;
    private final Simulation.Subject subject;
    private final AtomicLong green = new AtomicLong();
    private final List<String> failures = Collections.synchronizedList(new ArrayList<>());

    public Seeds(long first, long count, Simulation.Subject subject) {
        if (count < 0) throw new IllegalArgumentException("seeds: " + count + " is below 0");
        this.first = first;
        this.count = count;
        this.subject = subject;
    }

    /// Runs them all.
    ///
    /// @param failed told at once of each seed that broke an invariant; from any thread, one at a time
    public void run(Consumer<String> failed) {
        LongStream.range(first, first + count)
                .parallel()
                .forEach(seed -> one(seed)
                        .ifPresentOrElse(
                                failure -> {
                                    synchronized (failures) {
                                        failures.add(failure);
                                        failed.accept(failure);
                                    }
                                },
                                green::incrementAndGet));
    }

    /// What is wrong with a seed, and how to see it again.
    private Optional<String> one(long seed) {
        String wrong;
        try {
            var violations = Simulation.check(seed, subject, false).violations();
            if (violations.isEmpty()) return Optional.empty();
            wrong = violations.toString();
        } catch (RuntimeException | StackOverflowError ours) {
            // One seed that crashes must not hide the others.
            wrong = "crashed: " + ours;
        }
        return Optional.of("seed %d: %s%n  replay: ./sluice simulate --seed %d".formatted(seed, wrong, seed));
    }

    /// Seeds that kept every invariant, so far.
    public long green() {
        return green.get();
    }

    public List<String> failures() {
        return List.copyOf(failures);
    }

    /// One line about what was run.
    ///
    /// @param cpu what the process has used for it
    public String summary(Duration cpu) {
        double minutes = Math.max(1, cpu.toNanos()) / 60e9;
        return "simulator: %d seeds green, %.0f seeds per CPU-minute"
                .formatted(green(), (green() + failures.size()) / minutes);
    }

    /// What this process has used since it began.
    public static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }
}
