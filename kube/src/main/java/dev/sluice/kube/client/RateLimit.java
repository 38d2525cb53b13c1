package dev.sluice.kube.client;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A token bucket: `burst` calls at once, `qps` per second in the long run.
///
/// @see "client-go, flowcontrol; Argo Rollouts, flags --qps and --burst"
final class RateLimit {
    private final double qps;
    private final int burst;
    private final Time time;
    private double tokens;
    private Instant filledAt;

    /// @param qps zero or less for no limit
    RateLimit(double qps, int burst, Time time) {
        if (qps > 0 && burst < 1) throw new IllegalArgumentException("burst: " + burst + " is below 1");
        this.qps = qps;
        this.burst = burst;
        this.time = time;
        this.tokens = burst;
        this.filledAt = time.now();
    }

    /// Takes a token, perhaps one that is still to come.
    ///
    /// @return how long to wait before the call; empty when that were longer than `most`, then nothing was taken
    synchronized Optional<Duration> reserve(Duration most) {
        if (qps <= 0) return Optional.of(Duration.ZERO);
        var now = time.now();
        if (now.isAfter(filledAt)) {
            tokens = Math.min(
                    burst, tokens + qps * Duration.between(filledAt, now).toNanos() / 1e9);
        }
        // Also where the clock went back: else no token would come until it has caught up.
        filledAt = now;
        double after = tokens - 1;
        var wait = after >= 0 ? Duration.ZERO : Duration.ofNanos((long) Math.ceil(-after / qps * 1e9));
        if (wait.compareTo(most) > 0) return Optional.empty();
        tokens = after;
        return Optional.of(wait);
    }
}
