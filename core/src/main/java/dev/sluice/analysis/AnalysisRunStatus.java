package dev.sluice.analysis;

import dev.sluice.analysis.Wire.Fields;
import dev.sluice.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a run has come to.
///
/// @param phase absent before the first look
/// @param runSummary over the metrics that count; absent before the first assessment
/// @param dryRunSummary over the metrics that are only tried
/// @param unknown fields that we do not know and keep
/// @see "argoproj.io/v1alpha1: AnalysisRun status"
public record AnalysisRunStatus(
        Optional<AnalysisPhase> phase,
        String message,
        List<MetricResult> metricResults,
        Optional<Instant> startedAt,
        Optional<Instant> completedAt,
        Optional<Summary> runSummary,
        Optional<Summary> dryRunSummary,
        Json.Obj unknown) {
    /// Nothing yet.
    public static final AnalysisRunStatus NEW = new AnalysisRunStatus(
            Optional.empty(),
            "",
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Json.Obj.EMPTY);

    public AnalysisRunStatus {
        metricResults = List.copyOf(metricResults);
        startedAt = startedAt.map(Wire::seconds);
        completedAt = completedAt.map(Wire::seconds);
    }

    /// How many metrics there are and how those that have ended came out.
    public record Summary(int count, int successful, int failed, int inconclusive, int error) {
        static final Summary ZERO = new Summary(0, 0, 0, 0, 0);

        Summary counted() {
            return new Summary(count + 1, successful, failed, inconclusive, error);
        }

        Summary ended(AnalysisPhase verdict) {
            return switch (verdict) {
                case FAILED -> new Summary(count, successful, failed + 1, inconclusive, error);
                case INCONCLUSIVE -> new Summary(count, successful, failed, inconclusive + 1, error);
                case ERROR -> new Summary(count, successful, failed, inconclusive, error + 1);
                case PENDING, RUNNING, SUCCESSFUL -> new Summary(count, successful + 1, failed, inconclusive, error);
            };
        }
    }

    public boolean completed() {
        return phase.filter(AnalysisPhase::completed).isPresent();
    }

    public Optional<MetricResult> result(String metric) {
        return metricResults.stream()
                .filter(result -> result.name().equals(metric))
                .findFirst();
    }

    AnalysisRunStatus with(MetricResult result) {
        var all = new ArrayList<>(metricResults);
        boolean known = false;
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).name().equals(result.name())) continue;
            all.set(i, result);
            known = true;
        }
        if (!known) all.add(result);
        return new AnalysisRunStatus(phase, message, all, startedAt, completedAt, runSummary, dryRunSummary, unknown);
    }

    AnalysisRunStatus started(Instant now) {
        return new AnalysisRunStatus(
                phase,
                message,
                metricResults,
                Optional.of(startedAt.orElse(now)),
                completedAt,
                runSummary,
                dryRunSummary,
                unknown);
    }

    AnalysisRunStatus summed(Summary run, Summary dryRun) {
        return new AnalysisRunStatus(
                phase, message, metricResults, startedAt, completedAt, Optional.of(run), Optional.of(dryRun), unknown);
    }

    /// In a phase; the message goes with the change of the phase and stays until the next one.
    AnalysisRunStatus in(AnalysisPhase wanted, String words, Instant now) {
        boolean same = phase.filter(wanted::equals).isPresent();
        return new AnalysisRunStatus(
                Optional.of(wanted),
                same ? message : words,
                metricResults,
                startedAt,
                wanted.completed() ? Optional.of(completedAt.orElse(now)) : completedAt,
                runSummary,
                dryRunSummary,
                unknown);
    }

    // The wire.

    private static final List<String> STATUS =
            List.of("phase", "message", "metricResults", "startedAt", "completedAt", "runSummary", "dryRunSummary");
    private static final List<String> RESULT = List.of(
            "name",
            "phase",
            "measurements",
            "message",
            "count",
            "successful",
            "failed",
            "inconclusive",
            "error",
            "consecutiveError",
            "consecutiveSuccess",
            "dryRun",
            "metadata");
    private static final List<String> MEASUREMENT =
            List.of("phase", "message", "startedAt", "finishedAt", "value", "metadata", "resumeAt");

    /// Reads `status`; a field of a wrong type counts as absent.
    public static AnalysisRunStatus of(Json source) {
        var results = new ArrayList<MetricResult>();
        for (var item : source.at("metricResults").items()) results.add(result(item));
        return new AnalysisRunStatus(
                AnalysisPhase.of(source.at("phase").string("")),
                source.at("message").string(""),
                results,
                Wire.time(source.at("startedAt")),
                Wire.time(source.at("completedAt")),
                summary(source.at("runSummary")),
                summary(source.at("dryRunSummary")),
                Wire.unknown(source, STATUS));
    }

    private static Optional<Summary> summary(Json source) {
        if (!(source instanceof Json.Obj)) return Optional.empty();
        return Optional.of(new Summary(
                source.at("count").integer(0),
                source.at("successful").integer(0),
                source.at("failed").integer(0),
                source.at("inconclusive").integer(0),
                source.at("error").integer(0)));
    }

    private static MetricResult result(Json source) {
        var measurements = new ArrayList<Measured>();
        for (var item : source.at("measurements").items()) measurements.add(measurement(item));
        return new MetricResult(
                source.at("name").string(""),
                AnalysisPhase.of(source.at("phase").string("")).orElse(AnalysisPhase.PENDING),
                measurements,
                source.at("message").string(""),
                source.at("count").integer(0),
                source.at("successful").integer(0),
                source.at("failed").integer(0),
                source.at("inconclusive").integer(0),
                source.at("error").integer(0),
                source.at("consecutiveError").integer(0),
                source.at("consecutiveSuccess").integer(0),
                source.at("dryRun").bool(false),
                source.at("metadata").strings(),
                Wire.unknown(source, RESULT));
    }

    private static Measured measurement(Json source) {
        return new Measured(
                AnalysisPhase.of(source.at("phase").string("")).orElse(AnalysisPhase.RUNNING),
                source.at("message").string(""),
                Wire.time(source.at("startedAt")),
                Wire.time(source.at("finishedAt")),
                source.at("value").string(""),
                source.at("metadata").strings(),
                Wire.time(source.at("resumeAt")),
                Wire.unknown(source, MEASUREMENT));
    }

    /// The `status` to write, whole; the edge sends what differs from the one it read.
    public Json.Obj json() {
        var fields = new Fields();
        phase.ifPresent(value -> fields.text("phase", value.toString()));
        fields.text("message", message);
        if (!metricResults.isEmpty()) {
            fields.put(
                    "metricResults",
                    Json.of(metricResults.stream().map(AnalysisRunStatus::json).toList()));
        }
        fields.time("startedAt", startedAt).time("completedAt", completedAt);
        runSummary.ifPresent(summary -> fields.put("runSummary", json(summary)));
        dryRunSummary.ifPresent(summary -> fields.put("dryRunSummary", json(summary)));
        return fields.rest(unknown).object();
    }

    private static Json json(Summary summary) {
        return new Fields()
                .number("count", summary.count())
                .number("successful", summary.successful())
                .number("failed", summary.failed())
                .number("inconclusive", summary.inconclusive())
                .number("error", summary.error())
                .object();
    }

    private static Json json(MetricResult result) {
        var fields = new Fields()
                .put("name", Json.of(result.name()))
                .put("phase", Json.of(result.phase().toString()));
        if (!result.measurements().isEmpty()) {
            fields.put(
                    "measurements",
                    Json.of(result.measurements().stream()
                            .map(AnalysisRunStatus::json)
                            .toList()));
        }
        fields.text("message", result.message())
                .number("count", result.count())
                .number("successful", result.successful())
                .number("failed", result.failed())
                .number("inconclusive", result.inconclusive())
                .number("error", result.error())
                .number("consecutiveError", result.consecutiveError())
                .number("consecutiveSuccess", result.consecutiveSuccess())
                .flag("dryRun", result.dryRun());
        if (!result.metadata().isEmpty()) fields.put("metadata", Json.of(result.metadata()));
        return fields.rest(result.unknown()).object();
    }

    private static Json json(Measured measured) {
        var fields = new Fields()
                .put("phase", Json.of(measured.phase().toString()))
                .text("message", measured.message())
                .time("startedAt", measured.startedAt())
                .time("finishedAt", measured.finishedAt())
                .text("value", measured.value());
        if (!measured.metadata().isEmpty()) fields.put("metadata", Json.of(measured.metadata()));
        return fields.time("resumeAt", measured.resumeAt())
                .rest(measured.unknown())
                .object();
    }
}
