package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import java.util.stream.Stream;

/// A pass over a Rollout whose spec, or what it names, is invalid: nothing goes forward, but the way back stays open.
///
/// ```
/// canary Service gone, weight on it  ─► all weight to the stable side
/// an abort, a failed analysis, a deadline that aborts
///     spec readable                  ─► the whole way back, as of a valid one
///     spec not readable              ─► traffic back; how many pods there shall be is not known
/// otherwise                          ─► nothing is touched
/// ```
///
/// In each case the reason why it is invalid is what is shown. Argo touches nothing here, and a route that points at a
/// Service that is gone goes on losing its share of the requests.
///
/// @see "Argo Rollouts spec A10, B2; docs/adr/0015"
final class Retreat {
    private final Pass pass;
    private final Observation seen;
    private final StatusDraft status;

    private Retreat(Pass pass) {
        this.pass = pass;
        this.seen = pass.seen;
        this.status = pass.status;
    }

    static Decision decide(Pass pass) {
        pass.await(StatusSync.invalidity(pass));
        if (!pass.status.stableRS.isEmpty()) new Retreat(pass).goBack();
        return StatusSync.invalid(pass);
    }

    private void goBack() {
        boolean whole = sameUpdate();
        if (whole) abortWhereJudged();
        switch (pass.rollout.spec().strategy()) {
            case Strategy.Canary canary -> {
                if (status.abort && whole && (!canary.routed() || seen.routes().isPresent())) {
                    CanaryPass.decide(pass, canary);
                } else {
                    CanaryPass.retreat(pass, canary);
                }
            }
            case Strategy.BlueGreen blueGreen -> {
                if (status.abort && whole) BlueGreenPass.decide(pass, blueGreen);
            }
        }
    }

    /// Whether the spec can be relied on, and the update is the one that the status speaks of: another one would be
    /// begun anew, and its abort forgotten.
    private boolean sameUpdate() {
        return seen.legible()
                && !seen.fullyPromoted()
                && seen.newest().isPresent()
                && pass.rollout.spec().replicas().isPresent()
                && status.currentPodHash.equals(seen.podHash())
                && status.currentStepHash.equals(pass.rollout.spec().strategy().currentStepsHash());
    }

    /// What would abort the update if it were valid.
    private void abortWhereJudged() {
        Stream.concat(status.stepRun.stream(), status.backgroundRun.stream())
                .flatMap(recorded ->
                        seen.runs().stream().filter(run -> run.name().equals(recorded.name())))
                .filter(run -> run.phase() == AnalysisPhase.FAILED || run.phase() == AnalysisPhase.ERROR)
                .findFirst()
                .ifPresent(run -> pass.abort(AnalysisRuns.failure(run)));
        if (!status.abort) StatusSync.abortIfOverdue(pass);
    }
}
