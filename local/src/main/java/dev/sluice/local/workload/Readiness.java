package dev.sluice.local.workload;

import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;

/// When a readiness probe would notice what the process does. Pure.
///
/// A probe looks every `period` from `initialDelay` on and needs several looks alike; without a probe the change is
/// noticed at once. Nothing is polled: the instant of the decisive look is computed.
///
/// @param success looks in a row that make it ready
/// @param failure looks in a row that make it not ready
record Readiness(boolean probed, Duration initialDelay, Duration period, int success, int failure) {

    static Readiness of(Json container) {
        var probe = container.at("readinessProbe");
        if (probe.isNull()) return new Readiness(false, Duration.ZERO, Duration.ZERO, 1, 1);
        return new Readiness(
                true,
                Duration.ofSeconds(Math.max(0, probe.at("initialDelaySeconds").integer(0))),
                Duration.ofSeconds(Math.max(1, probe.at("periodSeconds").integer(10))),
                Math.max(1, probe.at("successThreshold").integer(1)),
                Math.max(1, probe.at("failureThreshold").integer(3)));
    }

    /// @param began when the container started
    /// @param since when the process began to answer as it does now
    /// @param serving how it answers now
    Instant noticed(Instant began, Instant since, boolean serving) {
        if (!probed) return since;
        var first = began.plus(initialDelay);
        long looks = 0;
        if (since.isAfter(first)) {
            var late = Duration.between(first, since);
            looks = late.dividedBy(period);
            if (!first.plus(period.multipliedBy(looks)).equals(since)) looks++;
        }
        int needed = serving ? success : failure;
        return first.plus(period.multipliedBy(looks + needed - 1));
    }
}
