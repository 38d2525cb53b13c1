package dev.sluice.rollout;

import java.util.Optional;
import java.util.stream.Stream;

/// A pass over a Rollout whose spec, or what it names, is invalid: nothing goes forward, but the way back stays open.
///
/// ```
/// canary Service, or what it selects,
/// gone and weight on it              ─► all weight to the stable side
/// an abort, a failed analysis, a deadline that aborts
///     spec readable                  ─► the whole way back, as of a valid one
///     spec not readable              ─► traffic back; how many pods there shall be is not known,
///                                       so that without a router an abort is refused
/// otherwise                          ─► nothing is touched
/// ```
///
/// In each case the reason why it is invalid is what is shown. Argo touches nothing here, and a route that points at a
/// Service that is gone goes on losing its share of the requests.
///
/// The same way back is open while the ReplicaSet of a further template is not there: see [#superseded].
///
/// @see "Argo Rollouts spec A10, B2; docs/adr/0015, docs/adr/0018"
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
        var retreat = new Retreat(pass);
        if (!pass.status.stableRS.isEmpty()) retreat.goBack();
        return StatusSync.invalid(pass, retreat.held());
    }

    /// Takes an update back whose successor is asked for and not made yet: that may be refused for ever. As long as it
    /// is, what serves has the size that the spec asks for all the same.
    static void superseded(Pass pass) {
        var retreat = new Retreat(pass);
        if (!pass.status.stableRS.isEmpty()) {
            if (retreat.sameUpdate()) retreat.goBack();
            else retreat.leaveWhatIsGone();
        }
        if (retreat.sizedAnew()) retreat.resize();
    }

    /// Whether `spec.replicas` was changed while the next ReplicaSet is refused. With other steps it is not known what
    /// share of that the canary's side would have; an abort has its own sizes.
    private boolean sizedAnew() {
        boolean known = seen.fullyPromoted()
                || status.currentStepHash.equals(pass.rollout.spec().strategy().currentStepsHash());
        return known
                && !status.abort
                && pass.before.refused().isPresent()
                && pass.rollout.spec().replicas().isPresent()
                && (Situation.resized(seen) || surplus());
    }

    /// Where pods are the weights, fewer come about in several passes, each as far as availability allows.
    private boolean surplus() {
        boolean byPods = pass.rollout.spec().strategy() instanceof Strategy.Canary canary && !canary.routed();
        return byPods
                && Stream.concat(seen.newest().stream(), seen.wayBack().stream())
                                .mapToInt(ReplicaSet::replicas)
                                .sum()
                        > seen.replicas();
    }

    private void resize() {
        switch (pass.rollout.spec().strategy()) {
            case Strategy.Canary canary -> CanaryPass.scale(pass, canary);
            case Strategy.BlueGreen blueGreen -> BlueGreenPass.scale(pass, blueGreen);
        }
    }

    /// Somebody has deleted the ReplicaSet of the update; what is still sent to it is lost until it is made anew.
    private void leaveWhatIsGone() {
        if (pass.rollout.spec().strategy() instanceof Strategy.Canary canary) CanaryPass.retreatTraffic(pass, canary);
    }

    private void goBack() {
        if (status.abort && status.abortedAt.isEmpty() && seen.stableLost()) pass.refuseAbort();
        if (sameUpdate()) abortWhereJudged();
        // A full promotion that was asked for besides would be the way forward.
        if (status.abort) status.promoteFull = false;
        boolean whole = status.abort && reliable();
        // They may be among what is wrong; steps that are put right later are an update of their own, as ever.
        if (whole) status.currentStepHash = pass.rollout.spec().strategy().currentStepsHash();
        switch (pass.rollout.spec().strategy()) {
            case Strategy.Canary canary -> {
                if (whole && (!canary.routed() || seen.routes().isPresent())) CanaryPass.retreat(pass, canary);
                else CanaryPass.retreatTraffic(pass, canary);
            }
            case Strategy.BlueGreen blueGreen -> {
                if (whole) BlueGreenPass.retreat(pass, blueGreen);
            }
        }
    }

    /// Whether the update is the one that the status speaks of: another one has not been begun, and has no verdict.
    private boolean sameUpdate() {
        return !seen.fullyPromoted() && seen.newest().isPresent() && status.currentPodHash.equals(seen.podHash());
    }

    /// Whether it is known how many pods there shall be on each side.
    private boolean reliable() {
        return sameUpdate() && seen.legible() && pass.rollout.spec().replicas().isPresent() && !seen.stableLost();
    }

    /// Why an abort would move nothing now. Behind a router there is traffic to take back, whatever else is not known.
    private Optional<String> held() {
        boolean underWay = !pass.before.stableRS().isEmpty() && !pass.before.fullyPromoted();
        boolean routed = pass.rollout.spec().strategy() instanceof Strategy.Canary canary && canary.routed();
        if (!underWay || routed || seen.stableLost() || reliable()) return Optional.empty();
        return Optional.of(
                sameUpdate()
                        ? "the spec does not tell how many pods each revision shall have; correct it first"
                        : "the spec asks for another revision than the one that is under way, and is invalid;"
                                + " correct it first");
    }

    /// What would abort the update if it were valid. A retry is not undone by the verdict that it is to replace.
    private void abortWhereJudged() {
        if (status.abortedAt.isPresent()) return;
        AnalysisRuns.failed(pass).ifPresent(run -> pass.abort(AnalysisRuns.failure(run)));
        if (!status.abort) StatusSync.abortIfOverdue(pass);
    }
}
