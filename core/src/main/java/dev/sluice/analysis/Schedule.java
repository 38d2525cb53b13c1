package dev.sluice.analysis;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// When a metric is measured next.
///
/// @see "Argo Rollouts spec C2, C5"
final class Schedule {
    /// After an error, and where there is no interval.
    private static final Duration RETRY = Duration.ofSeconds(10);

    private Schedule() {}

    /// What is due for a metric.
    sealed interface Due {
        /// Nothing, until something happens.
        record Never() implements Due {}

        /// Nothing before then.
        record Later(Instant at) implements Due {}

        record Measure() implements Due {}

        record Resume(Measured inFlight) implements Due {}

        record Terminate(Measured inFlight) implements Due {}
    }

    static Due of(Metric metric, AnalysisRunStatus status, boolean terminating, Instant now) {
        var found = status.result(metric.name());
        if (found.filter(result -> result.phase().completed()).isPresent()) return new Due.Never();
        var last = found.flatMap(MetricResult::last);
        if (last.filter(Measured::inFlight).isPresent()) {
            if (terminating) return new Due.Terminate(last.get());
            var at = last.get().resumeAt();
            return at.filter(now::isBefore).isPresent() ? new Due.Later(at.get()) : new Due.Resume(last.get());
        }
        if (terminating) return new Due.Never();
        if (found.isEmpty() || last.isEmpty()) {
            if (metric.initialDelay().isEmpty()) return new Due.Measure();
            var start = status.startedAt().orElse(now);
            return at(start.plus(metric.initialDelay().get()), now);
        }
        var count = metric.effectiveCount();
        if (count.isPresent() && found.get().count() >= count.getAsInt()) return new Due.Never();
        boolean retry = last.get().phase() == AnalysisPhase.ERROR;
        var interval = metric.interval().filter(_ -> !retry).orElse(RETRY);
        return at(last.get().finishedAt().orElse(now).plus(interval), now);
    }

    private static Due at(Instant at, Instant now) {
        return now.isBefore(at) ? new Due.Later(at) : new Due.Measure();
    }

    static Optional<Instant> earlier(Optional<Instant> one, Instant other) {
        return Optional.of(one.filter(at -> at.isBefore(other)).orElse(other));
    }
}
