package dev.sluice.analysis;

import dev.sluice.analysis.AnalysisDecision.Event;
import dev.sluice.analysis.AnalysisDecision.Move;
import dev.sluice.analysis.AnalysisObservation.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides the next moves of one AnalysisRun from one consistent observation.
///
/// ```
///            answers of providers
///                    │ counted
///    ┌───────┐ first ▼  ┌─────────┐ every metric has ended,   ┌────────────────────────────┐
///    │ (new) │ ───────► │ Running │ ────────────────────────► │ Successful Failed Error    │ ──► deleted
///    └───────┘          └─────────┘ or the run is terminating │ Inconclusive               │ time to live
///        └─ spec invalid ───────────────────────────────────► └────────────────────────────┘
/// ```
///
/// One metric that has failed makes the run *terminating*: nothing new is measured, what is in flight is ended, and
/// then the run closes. A provider that was asked for a new measurement and has not answered holds nothing up: the run
/// closes without it, and what it began is ended when its answer comes.
///
/// Pure: equal observations give equal decisions. Differs from Argo Rollouts in one thing: there a pass waits for all
/// providers it asked, here each answer is assessed when it comes, so that one slow provider does not delay a verdict.
///
/// @see "Argo Rollouts spec C1-C6"
public final class AnalysisEngine {
    private final AnalysisObservation seen;
    private final AnalysisRun run;
    private final List<Move> moves = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private Optional<java.time.Instant> wakeAt = Optional.empty();

    private AnalysisEngine(AnalysisObservation seen) {
        this.seen = seen;
        this.run = seen.run();
    }

    public static AnalysisDecision decide(AnalysisObservation seen) {
        return new AnalysisEngine(seen).decide();
    }

    private AnalysisDecision decide() {
        if (run.deleting()) return decision(run.status());
        if (run.status().completed()) {
            expire(run.status());
            if (RunSpec.of(run.spec()) instanceof RunSpec.Checked.Fine(var spec)) tidy(spec);
            return decision(run.status());
        }
        return switch (RunSpec.of(run.spec())) {
            case RunSpec.Checked.Wrong wrong -> decision(broken(run.status(), wrong.message()));
            case RunSpec.Checked.Fine(var spec) -> running(spec);
        };
    }

    private AnalysisDecision decision(AnalysisRunStatus status) {
        return new AnalysisDecision(moves, status, events, wakeAt);
    }

    private AnalysisRunStatus broken(AnalysisRunStatus status, String message) {
        events.add(Assessment.ended("AnalysisRun", "Analysis", AnalysisPhase.ERROR));
        return status.in(AnalysisPhase.ERROR, message, seen.now());
    }

    private AnalysisDecision running(RunSpec spec) {
        for (var answer : seen.answers()) {
            if (answer instanceof Answer.NoSecret(var _, var message)) {
                return decision(broken(run.status(), "Unable to resolve metric arguments: " + message));
            }
        }
        boolean terminating = terminating(run.status());
        var assessment = Assessment.of(run, counted(spec), spec, terminating, seen.now());
        events.addAll(assessment.events());
        var status = trimmed(assessment.status(), spec);
        if (status.completed()) {
            tidy(spec);
            expire(status);
            return decision(status);
        }
        boolean ending = terminating(status);
        for (var question : spec.questions()) ask(question, status, ending);
        // A metric has just ended the run: the next look, which the written status brings as well, closes it.
        if (ending && !terminating) wakeAt = Schedule.earlier(wakeAt, seen.now());
        return decision(status);
    }

    /// Asked to end, or ended by a metric that counts.
    private boolean terminating(AnalysisRunStatus status) {
        return run.terminate()
                || status.metricResults().stream()
                        .filter(result -> !result.dryRun())
                        .map(MetricResult::phase)
                        .anyMatch(phase -> switch (phase) {
                            case FAILED, ERROR, INCONCLUSIVE -> true;
                            case PENDING, RUNNING, SUCCESSFUL -> false;
                        });
    }

    /// The status with the answers in it. An answer that is there already, or that nobody waits for, changes nothing:
    /// the edge may hand it in again until it knows that the status was written.
    private AnalysisRunStatus counted(RunSpec spec) {
        var status = run.status();
        for (var answer : seen.answers()) {
            if (!(answer instanceof Answer.Taken taken)) continue;
            boolean known = spec.questions().stream()
                    .anyMatch(question -> question.metric().name().equals(taken.metric()));
            var before = status.result(taken.metric());
            var result = before.orElseGet(
                    () -> MetricResult.first(taken.metric(), spec.dryRun().contains(taken.metric()), taken.facts()));
            boolean expected = result.nextOrdinal() == taken.ordinal()
                    && !result.phase().completed()
                    && !result.last().filter(taken.measured()::equals).isPresent();
            if (known && expected) status = status.with(result.with(taken.measured()));
        }
        return status;
    }

    private AnalysisRunStatus trimmed(AnalysisRunStatus assessed, RunSpec spec) {
        var status = assessed;
        for (var question : spec.questions()) {
            var name = question.metric().name();
            int keep = spec.kept(name);
            var result = status.result(name);
            if (result.isEmpty() || result.get().measurements().size() <= keep) continue;
            status = status.with(result.get().trimmed(keep));
            moves.add(new Move(
                    new AnalysisAction.Sweep(numbered(question, result.get()), keep),
                    "MeasurementRetention",
                    "metric %s keeps its newest %d measurements".formatted(name, keep)));
        }
        return status;
    }

    private static Question numbered(Question question, MetricResult result) {
        return numbered(question, result.nextOrdinal());
    }

    private static Question numbered(Question question, int ordinal) {
        return new Question(question.metric(), question.source(), question.arguments(), ordinal);
    }

    private void ask(Question unnumbered, AnalysisRunStatus status, boolean terminating) {
        var metric = unnumbered.metric();
        if (seen.underway().contains(metric.name())) return;
        int ordinal =
                status.result(metric.name()).map(MetricResult::nextOrdinal).orElse(1);
        var question = numbered(unnumbered, ordinal);
        switch (Schedule.of(metric, status, terminating, seen.now())) {
            case Schedule.Due.Never() -> {}
            case Schedule.Due.Later(var at) -> wakeAt = Schedule.earlier(wakeAt, at);
            case Schedule.Due.Measure() ->
                moves.add(new Move(
                        new AnalysisAction.Measure(question),
                        "MeasurementDue",
                        "measurement %d of metric %s is due".formatted(ordinal, metric.name())));
            case Schedule.Due.Resume(var inFlight) ->
                moves.add(new Move(
                        new AnalysisAction.Resume(question, inFlight),
                        "MeasurementInFlight",
                        "measurement %d of metric %s was not finished".formatted(ordinal, metric.name())));
            case Schedule.Due.Terminate(var inFlight) ->
                moves.add(new Move(
                        new AnalysisAction.Terminate(question, inFlight),
                        "RunTerminating",
                        "the run ends while measurement %d of metric %s is in flight"
                                .formatted(ordinal, metric.name())));
        }
    }

    /// What was begun for a run that has ended meanwhile must be ended as well: nobody else knows of it.
    private void tidy(RunSpec spec) {
        for (var answer : seen.answers()) {
            if (!(answer instanceof Answer.Taken taken) || !taken.measured().inFlight()) continue;
            for (var question : spec.questions()) {
                if (!question.metric().name().equals(taken.metric())) continue;
                moves.add(new Move(
                        new AnalysisAction.Terminate(numbered(question, taken.ordinal()), taken.measured()),
                        "RunEnded",
                        "metric %s began a measurement while its run ended".formatted(taken.metric())));
            }
        }
    }

    private void expire(AnalysisRunStatus status) {
        var ended = run.with(status);
        var life = ended.timeToLive();
        if (life.isEmpty() || status.completedAt().isEmpty()) return;
        // Whole seconds must exceed the time to live, hence one more.
        var end = status.completedAt().get().plusSeconds(life.get() + 1);
        if (seen.now().isBefore(end)) {
            wakeAt = Optional.of(end);
        } else if (run.status().completed()) {
            moves.add(new Move(
                    new AnalysisAction.Delete(run),
                    "TimeToLive",
                    "the run ended %d seconds ago and lives %d"
                            .formatted(
                                    java.time.Duration.between(
                                                    status.completedAt().get(), seen.now())
                                            .toSeconds(),
                                    life.get())));
        } else {
            wakeAt = Optional.of(seen.now());
        }
    }
}
