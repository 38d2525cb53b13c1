package dev.sluice.analysis;

import dev.sluice.analysis.AnalysisDecision.Event;
import dev.sluice.analysis.AnalysisRunStatus.Summary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the numbers so far mean, for each metric and for the run.
///
/// @param status with the verdicts in it
/// @param events about what has just ended
/// @see "Argo Rollouts spec C3"
record Assessment(AnalysisRunStatus status, List<Event> events) {

    /// How a metric came out beyond its limits, and by which number.
    record Breach(AnalysisPhase phase, String reason) {}

    /// @param terminating whether the run was ending before this look: the measurements it stops are seen first
    static Assessment of(AnalysisRun run, AnalysisRunStatus before, RunSpec spec, boolean terminating, Instant now) {
        var status = before.started(now);
        var events = new ArrayList<Event>();
        var worst = Optional.<AnalysisPhase>empty();
        var message = run.terminate() ? "Run Terminated" : "";
        var counted = Summary.ZERO;
        var tried = Summary.ZERO;
        boolean complete = true;

        for (var question : spec.questions()) {
            var metric = question.metric();
            boolean dryRun = spec.dryRun().contains(metric.name());
            if (dryRun) tried = tried.counted();
            else counted = counted.counted();
            var found = status.result(metric.name());
            if (found.isEmpty()) {
                complete = false;
                continue;
            }
            var result = found.get();
            var verdict = verdict(metric, result, terminating);
            if (verdict != result.phase()) {
                if (verdict.completed()) events.add(ended("Metric", "Metric '" + metric.name() + "'", verdict));
                var words = result.last().map(Measured::message).filter(text -> !text.isEmpty());
                result = result.assessed(verdict, words.orElse(result.message()));
            }
            var breach = verdict.completed() ? breach(metric, result) : Optional.<Breach>empty();
            if (!verdict.completed()) {
                complete = false;
            } else if (dryRun) {
                if (worst.isEmpty()) worst = Optional.of(AnalysisPhase.SUCCESSFUL);
                tried = tried.ended(breach.map(Breach::phase).orElse(AnalysisPhase.SUCCESSFUL));
                if (breach.isPresent()) {
                    result = result.assessed(
                            verdict,
                            "Metric assessed " + verdict + " due to "
                                    + breach.get().reason());
                }
            } else {
                counted = counted.ended(breach.map(Breach::phase).orElse(AnalysisPhase.SUCCESSFUL));
                if (worst.isEmpty() || severity(verdict) > severity(worst.get())) {
                    worst = Optional.of(verdict);
                    if (breach.isPresent()) message = words(metric, verdict, breach.get(), result.message());
                }
            }
            status = status.with(result);
        }

        status = status.summed(counted, tried);
        AnalysisPhase phase;
        if (terminating && !inFlight(status)) phase = worst.orElse(AnalysisPhase.SUCCESSFUL);
        else if (complete && worst.isPresent()) phase = worst.get();
        else phase = AnalysisPhase.RUNNING;
        if (phase.completed()) events.add(ended("AnalysisRun", "Analysis", phase));
        return new Assessment(status.in(phase, phase.completed() ? message : "", now), events);
    }

    /// A measurement that was begun is ended before its run is: its provider may keep a job for it.
    private static boolean inFlight(AnalysisRunStatus status) {
        return status.metricResults().stream()
                .filter(result -> !result.phase().completed())
                .anyMatch(result -> result.last().filter(Measured::inFlight).isPresent());
    }

    static Event ended(String kind, String what, AnalysisPhase phase) {
        return new Event(phase.bad(), kind + phase, what + " Completed. Result: " + phase);
    }

    private static String words(Metric metric, AnalysisPhase verdict, Breach breach, String error) {
        var words = "Metric \"" + metric.name() + "\" assessed " + verdict + " due to " + breach.reason();
        return error.isEmpty() ? words : words + ": \"Error Message: " + error + "\"";
    }

    /// From best to worst: Successful, Running, Pending, Inconclusive, Error, Failed.
    private static int severity(AnalysisPhase phase) {
        return switch (phase) {
            case SUCCESSFUL -> 0;
            case RUNNING -> 1;
            case PENDING -> 2;
            case INCONCLUSIVE -> 3;
            case ERROR -> 4;
            case FAILED -> 5;
        };
    }

    /// The first of these that applies.
    static AnalysisPhase verdict(Metric metric, MetricResult result, boolean terminating) {
        if (result.phase().completed()) return result.phase();
        if (result.measurements().isEmpty()) return terminating ? AnalysisPhase.SUCCESSFUL : AnalysisPhase.PENDING;
        if (!result.measurements().getLast().phase().completed()) return AnalysisPhase.RUNNING;
        var breach = breach(metric, result);
        if (breach.isPresent()) return breach.get().phase();
        if (metric.successLimitApplies() && result.consecutiveSuccess() >= metric.consecutiveSuccessLimit()) {
            return AnalysisPhase.SUCCESSFUL;
        }
        var count = metric.effectiveCount();
        if (count.isPresent() && result.count() >= count.getAsInt()) {
            // All was measured and neither limit was reached: with both that is no verdict, with successes in a row
            // alone it is a failure to reach them.
            if (metric.successLimitApplies()) {
                return metric.failureLimitApplies() ? AnalysisPhase.INCONCLUSIVE : AnalysisPhase.FAILED;
            }
            return AnalysisPhase.SUCCESSFUL;
        }
        return terminating ? AnalysisPhase.SUCCESSFUL : AnalysisPhase.RUNNING;
    }

    /// The limit that is exceeded; of several the last of these.
    static Optional<Breach> breach(Metric metric, MetricResult result) {
        var breach = Optional.<Breach>empty();
        if (metric.failureLimitApplies() && result.failed() > metric.failureLimit()) {
            breach = over(AnalysisPhase.FAILED, "failed", result.failed(), "failureLimit", metric.failureLimit());
        }
        if (result.inconclusive() > metric.inconclusiveLimit()) {
            breach = over(
                    AnalysisPhase.INCONCLUSIVE,
                    "inconclusive",
                    result.inconclusive(),
                    "inconclusiveLimit",
                    metric.inconclusiveLimit());
        }
        if (result.consecutiveError() > metric.consecutiveErrorLimit()) {
            breach = over(
                    AnalysisPhase.ERROR,
                    "consecutiveErrors",
                    result.consecutiveError(),
                    "consecutiveErrorLimit",
                    metric.consecutiveErrorLimit());
        }
        return breach;
    }

    private static Optional<Breach> over(AnalysisPhase phase, String what, int number, String limit, int most) {
        return Optional.of(new Breach(phase, what + " (" + number + ") > " + limit + " (" + most + ")"));
    }
}
