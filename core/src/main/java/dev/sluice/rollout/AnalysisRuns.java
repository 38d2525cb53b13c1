package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.rollout.Decision.Event;
import dev.sluice.rollout.Observation.AnalysisKind;
import dev.sluice.rollout.Observation.AnalysisRunSeen;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import dev.sluice.rollout.RolloutStatus.RunStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The AnalysisRuns of a Rollout: which is wanted now, what its verdict does, which are history.
///
/// @see "Argo Rollouts spec B11"
final class AnalysisRuns {
    private static final int HISTORY = 5;

    private final Pass pass;
    private final List<String> current = new ArrayList<>();

    AnalysisRuns(Pass pass) {
        this.pass = pass;
    }

    /// @return whether a run without a verdict has just paused the rollout: then nothing else moves in this pass
    boolean ofCanary(Strategy.Canary canary, Optional<Step> step) {
        var status = pass.status;
        boolean noJudging = pass.seen.fullyPromoted()
                || status.abort
                || status.promoteFull
                || status.stableRS.isEmpty()
                || pass.withinRollbackWindow();
        boolean wasInconclusive = status.paused(PauseReason.INCONCLUSIVE_ANALYSIS);
        if (noJudging) {
            status.stepRun = Optional.empty();
            status.backgroundRun = Optional.empty();
        } else {
            status.stepRun = step.filter(Step.Analyse.class::isInstance)
                    .map(Step.Analyse.class::cast)
                    .flatMap(analyse -> judge(
                            AnalysisKind.STEP,
                            analyse.analysis(),
                            status.stepRun,
                            status.currentStepIndex,
                            status.pauses.isEmpty()));
            status.backgroundRun = canary.analysis()
                    .filter(background -> status.currentStepIndex.orElse(0) >= background.startingStep())
                    .flatMap(background -> judge(
                            AnalysisKind.BACKGROUND,
                            background.analysis(),
                            status.backgroundRun,
                            Optional.empty(),
                            true));
        }
        endOthers();
        return !wasInconclusive && status.paused(PauseReason.INCONCLUSIVE_ANALYSIS);
    }

    /// Where a blue-green update stands, as far as its analyses go.
    ///
    /// @param judged whether the newest revision has to prove itself at all
    /// @param serves whether the active Service selects it already
    /// @param whole whether it has the pods to be judged by
    record Side(boolean judged, boolean serves, boolean whole) {}

    /// One run before the newest revision serves, and one while it serves and is not stable yet. What they came to
    /// stays on record until the next update; the runs of a canary that it was before end.
    void ofBlueGreen(Strategy.BlueGreen blueGreen, Side side) {
        var status = pass.status;
        status.stepRun = Optional.empty();
        status.backgroundRun = Optional.empty();
        if (side.judged() && !status.abort) {
            // What was aborted is judged anew.
            boolean retried = status.abortedAt.isPresent();
            var pre = status.blueGreen.preRun().filter(_ -> !retried);
            var post = status.blueGreen.postRun().filter(_ -> !retried);
            boolean again = !status.paused(PauseReason.INCONCLUSIVE_ANALYSIS)
                    && StatusSync.resumedByHuman(pass.before)
                    && Stream.concat(pre.stream(), post.stream())
                            .anyMatch(run -> run.phase() == AnalysisPhase.INCONCLUSIVE);
            if (side.serves()) {
                post = promotion(AnalysisKind.POST_PROMOTION, blueGreen.postPromotionAnalysis(), post, side.whole());
            } else {
                pre = promotion(AnalysisKind.PRE_PROMOTION, blueGreen.prePromotionAnalysis(), pre, side.whole());
            }
            status.blueGreen = status.blueGreen.withRuns(pre, post);
            // It may have taken everybody back in a pass whose status was never written: that failure stands.
            if (!side.serves()) {
                post.flatMap(run -> failed(pass, run)).ifPresent(run -> pass.abort(failure(run)));
            }
            // Whoever resumed it asked for another measurement, not for a promotion.
            if (again && status.pauses.isEmpty()) status.controllerPause = false;
        }
        status.blueGreen = status.blueGreen.withRuns(
                status.blueGreen.preRun().map(run -> noted(AnalysisKind.PRE_PROMOTION, run)),
                status.blueGreen.postRun().map(run -> noted(AnalysisKind.POST_PROMOTION, run)));
        endOthers();
    }

    /// What has become of a run that is not judged by any more. Its verdict may have moved everybody in a pass whose
    /// status was never written: on record it would run for ever.
    private RunStatus noted(AnalysisKind kind, RunStatus recorded) {
        if (current.contains(recorded.name())) return recorded;
        return find(recorded.name())
                .map(run -> {
                    var seen = status(run);
                    announce(kind, Optional.of(recorded), seen);
                    return seen;
                })
                .orElse(recorded);
    }

    private static RunStatus status(AnalysisRunSeen run) {
        return new RunStatus(run.name(), run.phase(), run.message());
    }

    private Optional<RunStatus> promotion(
            AnalysisKind kind, Optional<AnalysisSpec> analysis, Optional<RunStatus> recorded, boolean mayStart) {
        return analysis.flatMap(asked -> judge(kind, asked, recorded, Optional.empty(), mayStart));
    }

    /// The run that counts, started where there is none; its verdict takes effect.
    ///
    /// @param mayStart whether this is the moment to start one
    private Optional<RunStatus> judge(
            AnalysisKind kind,
            AnalysisSpec analysis,
            Optional<RunStatus> recorded,
            Optional<Integer> stepIndex,
            boolean mayStart) {
        var status = pass.status;
        var run = recorded.flatMap(r -> find(r.name()));
        boolean inconclusive = status.paused(PauseReason.INCONCLUSIVE_ANALYSIS);
        boolean again = StatusSync.resumedByHuman(pass.before)
                && recorded.filter(r -> r.phase() == AnalysisPhase.INCONCLUSIVE).isPresent();
        boolean retried = status.abortedAt.isPresent();
        if (!inconclusive && (run.isEmpty() || again || retried)) {
            if (!mayStart) return recorded;
            run = unfinished(kind, stepIndex).filter(_ -> !retried);
            if (run.isEmpty()) return Optional.of(start(kind, analysis, stepIndex));
        }
        if (run.isEmpty()) return recorded;
        current.add(run.get().name());
        var seen = status(run.get());
        announce(kind, recorded.filter(r -> r.name().equals(seen.name())), seen);
        var why = seen.message().isEmpty() ? "" : ": " + seen.message();
        switch (seen.phase()) {
            case PENDING, RUNNING, SUCCESSFUL -> {}
            case INCONCLUSIVE -> {
                if (!again) status.pause(PauseReason.INCONCLUSIVE_ANALYSIS, pass.now);
                pass.await(Because.of(
                        "AnalysisInconclusive",
                        "analysis %s came to no verdict%s; it waits to be promoted or aborted",
                        seen.name(),
                        why));
            }
            case FAILED, ERROR -> pass.abort(failure(run.get()));
        }
        return Optional.of(seen);
    }

    /// The run on record that has failed, or could not be carried out, where one has.
    static Optional<AnalysisRunSeen> failed(Pass pass) {
        return pass.status
                .runs()
                .flatMap(recorded -> failed(pass, recorded).stream())
                .findFirst();
    }

    private static Optional<AnalysisRunSeen> failed(Pass pass, RunStatus recorded) {
        return find(pass, recorded.name()).filter(run -> run.phase().bad());
    }

    /// Why a run that failed, or could not be carried out, aborts the update.
    static Because failure(AnalysisRunSeen run) {
        return Because.of(
                run.phase() == AnalysisPhase.FAILED ? "AnalysisFailed" : "AnalysisError",
                "%s analysis phase error/failed%s",
                run.kind().words(),
                run.message().isEmpty() ? "" : ": " + run.message());
    }

    private Optional<AnalysisRunSeen> find(String name) {
        return find(pass, name);
    }

    private static Optional<AnalysisRunSeen> find(Pass pass, String name) {
        return pass.seen.runs().stream().filter(run -> run.name().equals(name)).findFirst();
    }

    /// A run that was started and not recorded, because the controller died in between: it counts, none is made twice.
    private Optional<AnalysisRunSeen> unfinished(AnalysisKind kind, Optional<Integer> stepIndex) {
        return pass.seen.runs().stream()
                .filter(run -> run.kind() == kind
                        && run.hash().equals(pass.seen.podHash())
                        && run.stepIndex().equals(stepIndex)
                        && !run.phase().completed()
                        && !run.terminating())
                .findFirst();
    }

    private RunStatus start(AnalysisKind kind, AnalysisSpec analysis, Optional<Integer> stepIndex) {
        var infix = switch (kind) {
            case STEP -> "-" + stepIndex.orElse(0);
            case BACKGROUND -> "";
            case PRE_PROMOTION -> "-pre";
            case POST_PROMOTION -> "-post";
        };
        var base = "%s-%s-%d%s".formatted(pass.rollout.name(), pass.seen.podHash(), pass.revision(), infix);
        var name = base;
        for (int i = 1; find(name).isPresent(); i++) name = base + "." + i;
        pass.act(
                new Action.StartAnalysis(name, kind, analysis, stepIndex, pass.seen.podHash(), pass.revision()),
                Because.of("AnalysisDue", "%s analysis of revision %d", kind.words(), pass.revision()));
        var run = new RunStatus(name, AnalysisPhase.PENDING, "");
        current.add(name);
        announce(kind, Optional.empty(), run);
        return run;
    }

    private void announce(AnalysisKind kind, Optional<RunStatus> before, RunStatus now) {
        var previous = before.map(r -> r.phase().toString()).orElse("NoPreviousStatus");
        if (previous.equals(now.phase().toString())) return;
        pass.tell(new Event(
                now.phase().bad(),
                "AnalysisRun" + now.phase(),
                "%s Analysis Run '%s' Status New: '%s' Previous: '%s'"
                        .formatted(kind, now.name(), now.phase(), previous)));
    }

    /// Ends runs that no longer count and forgets the oldest that have ended.
    private void endOthers() {
        var old = pass.seen.runs().stream()
                .filter(run -> !current.contains(run.name()))
                .toList();
        for (var run : old) {
            if (!run.phase().completed() && !run.terminating()) {
                pass.act(
                        new Action.TerminateAnalysis(run),
                        Because.of("AnalysisOutdated", "%s is not the analysis that counts now", run.name()));
            }
        }
        var ended = old.stream()
                .filter(run -> run.phase().completed())
                .sorted(Comparator.comparing(AnalysisRunSeen::created).reversed())
                .toList();
        var good = ended.stream()
                .filter(run -> run.phase() == AnalysisPhase.SUCCESSFUL)
                .skip(HISTORY);
        var bad = ended.stream()
                .filter(run -> run.phase() != AnalysisPhase.SUCCESSFUL)
                .skip(HISTORY);
        Stream.concat(good, bad)
                .forEach(run -> pass.act(
                        new Action.DeleteAnalysis(run),
                        Because.of("HistoryLimit", "%d ended runs of each kind are kept", HISTORY)));
    }
}
