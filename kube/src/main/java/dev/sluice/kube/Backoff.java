package dev.sluice.kube;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Waiting times that double from a first one up to a cap.
///
/// @param first the wait after the first failure, positive
/// @param cap the longest wait, at least `first`
public record Backoff(Duration first, Duration cap) {
    /// Of a work queue: 1 ms doubling to 10 s.
    ///
    /// @see "Argo Rollouts, rate limiter of its work queues"
    public static final Backoff WORK = new Backoff(Duration.ofMillis(1), Duration.ofSeconds(10));

    /// Of lists and watches against one API server: 800 ms doubling to 30 s.
    public static final Backoff SERVER = new Backoff(Duration.ofMillis(800), Duration.ofSeconds(30));

    public Backoff {
        if (!first.isPositive() || cap.compareTo(first) < 0) {
            throw new IllegalArgumentException("backoff from " + first + " to " + cap + ": wants 0 < first <= cap");
        }
    }

    /// The wait after `failures` failures in a row (1, 2, …); none after no failure.
    public Duration after(int failures) {
        if (failures <= 0) return Duration.ZERO;
        var wait = first;
        for (int i = 1; i < failures && wait.compareTo(cap) < 0; i++) wait = wait.multipliedBy(2);
        return wait.compareTo(cap) < 0 ? wait : cap;
    }

    /// As [#after(int)], times a random factor of 1 … 2, so that many clients do not come back in step.
    public Duration jittered(int failures, RandomGenerator random) {
        var wait = after(failures);
        return wait.plusNanos((long) (random.nextDouble() * wait.toNanos()));
    }
}
