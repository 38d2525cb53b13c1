package dev.sluice.spi;

import java.time.Duration;
import java.time.Instant;

/// The instant by which a call must have come back, whatever it came to.
public record Deadline(Instant at) {
    public static Deadline in(Duration duration, Instant now) {
        return new Deadline(now.plus(duration));
    }

    /// What is left at `now`; zero when it has passed.
    public Duration left(Instant now) {
        return now.isBefore(at) ? Duration.between(now, at) : Duration.ZERO;
    }

    /// What is left, but at most `limit`: the time-out of one step of the call.
    public Duration atMost(Duration limit, Instant now) {
        var left = left(now);
        return left.compareTo(limit) < 0 ? left : limit;
    }
}
