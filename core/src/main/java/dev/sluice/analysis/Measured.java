package dev.sluice.analysis;

import dev.sluice.expression.Condition.Verdict;
import dev.sluice.expression.Value;
import dev.sluice.json.Json;
import dev.sluice.spi.Measurement;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/// One measurement as it is stored.
///
/// @param message why, for errors and verdicts of the provider's own; free of secrets
/// @param finishedAt absent while the provider is still at it
/// @param value what was measured, as text
/// @param metadata facts such as the name of a job
/// @param resumeAt when to look after it, while it is not finished
/// @param unknown fields that we do not know and keep
/// @see "argoproj.io/v1alpha1: AnalysisRun status.metricResults[].measurements[]"
public record Measured(
        AnalysisPhase phase,
        String message,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        String value,
        SequencedMap<String, String> metadata,
        Optional<Instant> resumeAt,
        Json.Obj unknown) {
    public Measured {
        metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
        startedAt = startedAt.map(Wire::seconds);
        finishedAt = finishedAt.map(Wire::seconds);
        resumeAt = resumeAt.map(Wire::seconds);
    }

    public Measured(
            AnalysisPhase phase,
            String message,
            Optional<Instant> startedAt,
            Optional<Instant> finishedAt,
            String value,
            SequencedMap<String, String> metadata,
            Optional<Instant> resumeAt) {
        this(phase, message, startedAt, finishedAt, value, metadata, resumeAt, Json.Obj.EMPTY);
    }

    /// What came of a measurement that was begun at `startedAt` and answered at `now`: a value is judged by the
    /// metric's conditions, everything else carries its verdict.
    public static Measured of(Measurement came, Metric metric, Instant startedAt, Instant now) {
        var begun = new Measured(
                AnalysisPhase.RUNNING, "", Optional.of(startedAt), Optional.empty(), "", none(), Optional.empty());
        return begun.then(came, metric, now);
    }

    /// This measurement after its provider has looked after it at `now`.
    public Measured then(Measurement came, Metric metric, Instant now) {
        var facts = new LinkedHashMap<>(metadata);
        facts.putAll(came.metadata());
        return switch (came) {
            case Measurement.Value(var result, var text, var _) -> {
                var outcome = metric.condition().judge(result(result, metric.provider()), now);
                yield ended(phase(outcome.verdict()), outcome.message(), text, facts, now);
            }
            case Measurement.Verdict(var outcome, var why, var _) -> ended(phase(outcome), why, value, facts, now);
            case Measurement.Failed(var why, var _) -> ended(AnalysisPhase.ERROR, why, value, facts, now);
            case Measurement.Running(var at, var _) ->
                new Measured(
                        AnalysisPhase.RUNNING,
                        message,
                        startedAt,
                        Optional.empty(),
                        value,
                        facts,
                        Optional.of(at),
                        unknown);
        };
    }

    /// This measurement after its provider was asked to end it, because its run is over.
    public Measured terminated(Measurement came, Metric metric, Instant now) {
        // A provider that cannot end it at once has ended for us: nobody will look after it any more.
        var after = came instanceof Measurement.Running
                ? ended(AnalysisPhase.INCONCLUSIVE, "", value, metadata, now)
                : then(came, metric, now);
        boolean quiet = after.phase == AnalysisPhase.SUCCESSFUL || after.phase == AnalysisPhase.INCONCLUSIVE;
        return quiet ? after.withMessage("Metric Terminated") : after;
    }

    /// This measurement with secrets taken out of what is shown.
    public Measured redacted(UnaryOperator<String> redact) {
        var facts = new LinkedHashMap<String, String>();
        metadata.forEach((name, fact) -> facts.put(name, redact.apply(fact)));
        return new Measured(phase, redact.apply(message), startedAt, finishedAt, value, facts, resumeAt, unknown);
    }

    private Measured withMessage(String words) {
        return new Measured(phase, words, startedAt, finishedAt, value, metadata, resumeAt, unknown);
    }

    private Measured ended(
            AnalysisPhase verdict, String why, String text, SequencedMap<String, String> facts, Instant now) {
        return new Measured(verdict, why, startedAt, Optional.of(now), text, facts, Optional.empty(), unknown);
    }

    private static Value result(Json result, Metric.Provider provider) {
        if (provider.samples()
                && result instanceof Json.Arr(var items)
                && items.stream().allMatch(Json.Num.class::isInstance)) {
            return Value.floats(
                    items.stream().map(item -> ((Json.Num) item).toDouble()).toList());
        }
        return Value.of(result);
    }

    private static AnalysisPhase phase(Verdict verdict) {
        return switch (verdict) {
            case SUCCESSFUL -> AnalysisPhase.SUCCESSFUL;
            case FAILED -> AnalysisPhase.FAILED;
            case INCONCLUSIVE -> AnalysisPhase.INCONCLUSIVE;
            case ERROR -> AnalysisPhase.ERROR;
        };
    }

    private static AnalysisPhase phase(Measurement.Outcome outcome) {
        return switch (outcome) {
            case SUCCESSFUL -> AnalysisPhase.SUCCESSFUL;
            case FAILED -> AnalysisPhase.FAILED;
            case INCONCLUSIVE -> AnalysisPhase.INCONCLUSIVE;
        };
    }

    static SequencedMap<String, String> none() {
        return new LinkedHashMap<>();
    }

    /// Whether the provider is still at it.
    public boolean inFlight() {
        return finishedAt.isEmpty();
    }
}
