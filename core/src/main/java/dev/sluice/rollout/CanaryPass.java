package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.rollout.Decision.Event;
import dev.sluice.rollout.RolloutStatus.BlueGreenStatus;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One pass over a canary.
///
/// ```
/// template or steps changed ─► start anew
/// services ─► routes ─► analyses ─► pods (stable, then canary, then others) ─► pause ─► step
/// ```
///
/// Pods before traffic, traffic before the next step; on the way back traffic leaves before pods do. A pass that
/// resizes anything ends there: what follows is decided on pods that exist, not on pods that were asked for.
///
/// @see "Argo Rollouts spec B6 to B16; where routes and pods meet, the stricter rule of `carried` is ours"
final class CanaryPass {
    private final Pass pass;
    private final Observation seen;
    private final StatusDraft status;
    private final Strategy.Canary canary;
    private final int replicas;
    private final Restart.Plan restart;
    private final CanaryState state;
    private final CanaryServices services;
    private final CanaryPods pods;
    private final CanaryRoutes routes;

    private CanaryPass(CanaryState state, Restart.Plan restart) {
        this.pass = state.pass;
        this.seen = state.seen;
        this.status = pass.status;
        this.canary = state.canary;
        this.replicas = state.replicas;
        this.restart = restart;
        this.state = state;
        this.services = new CanaryServices(state);
        this.pods = new CanaryPods(state, restart);
        this.routes = new CanaryRoutes(state, pods);
        status.blueGreen = BlueGreenStatus.NONE;
    }

    private static CanaryPass of(Pass pass, Strategy.Canary canary) {
        return new CanaryPass(new CanaryState(pass, canary, pass.seen), Restart.Plan.NONE);
    }

    static Decision decide(Pass pass, Strategy.Canary canary) {
        var first = of(pass, canary);
        if (first.state.changed()) return first.startAnew();
        pass.syncRevision();
        var restart = first.takesBack() ? Restart.Plan.NONE : CanaryRestart.plan(first.state);
        return new CanaryPass(new CanaryState(pass, canary, pass.seen.listed()), restart).decide();
    }

    /// The size of both sides alone, as `spec.replicas` was changed: nothing else may move in the same pass.
    static Decision resize(Pass pass, Strategy.Canary canary) {
        // Held, it would be asked for at each pass: an abort must not wait for that.
        if (pass.halted()) return decide(pass, canary);
        pass.syncRevision();
        of(pass, canary).pods.scale();
        return StatusSync.conclude(pass);
    }

    /// The size of both sides as one part of a pass, in which nothing else moves.
    static void scale(Pass pass, Strategy.Canary canary) {
        if (!pass.halted()) of(pass, canary).pods.scale();
    }

    /// The way back alone, of a spec that is invalid.
    static Decision retreat(Pass pass, Strategy.Canary canary) {
        return of(pass, canary).goBack();
    }

    /// The traffic alone goes back, of a spec that is invalid or whose ReplicaSet is not made yet.
    static void retreatTraffic(Pass pass, Strategy.Canary canary) {
        of(pass, canary).routes.retreat();
    }

    private Decision decide() {
        EphemeralMetadata.sync(pass);
        pass.trimHistory();
        if (goesBack()) return goBack();
        FormerServices.release(pass, services.mayReachAll());
        services.point();
        if (canary.routed()) routes.route();
        else status.weights = Optional.empty();
        if (new AnalysisRuns(pass).ofCanary(canary, state.step())) return conclude();
        if (!pass.halted() && pods.scale()) return conclude();
        pause();
        return conclude();
    }

    private boolean goesBack() {
        return status.abort && !state.whole() && !pass.withinRollbackWindow();
    }

    /// Whether an abort has not taken everything back yet. Nothing is evicted meanwhile: the way back needs all the
    /// pods there are.
    private boolean takesBack() {
        if (!goesBack()) return false;
        return canary.routed()
                ? state.routed() > 0 || !state.settled()
                : seen.newest().filter(newest -> newest.replicas() > 0).isPresent();
    }

    /// Traffic and pods back to the stable side, and nothing besides: no step, no verdict and no command to promote has
    /// a place here.
    private Decision goBack() {
        FormerServices.release(pass, services.mayReachAll());
        services.point();
        if (canary.routed()) routes.route();
        new AnalysisRuns(pass).ofCanary(canary, state.step());
        if (!pass.halted()) pods.scale();
        status.currentStepIndex = state.firstStep();
        restart.carryOut(pass);
        return StatusSync.conclude(pass);
    }

    private Decision startAnew() {
        status.currentStepHash = canary.stepsHash();
        status.clearPauses();
        status.abort = false;
        status.promoteFull = false;
        status.stepRun = Optional.empty();
        status.backgroundRun = Optional.empty();
        status.restartedAt = pass.rollout.spec().restartAt();
        status.currentStepIndex = state.firstStep();
        pass.syncRevision();
        if (!canary.steps().isEmpty()) {
            if (seen.fullyPromoted()) {
                skipSteps(
                        switch (pass.rollout.kind()) {
                            case ROLLOUT -> "Rollback to stable ReplicaSets";
                            case DEPLOYMENT_CANARY -> "There is one Deployment only, it has all pods";
                        });
            } else if (pass.withinRollbackWindow()
                    && seen.newest().filter(newest -> newest.replicas() > 0).isPresent()) {
                skipSteps("Rollback to active ReplicaSets within RollbackWindow");
            }
        }
        return StatusSync.conclude(pass);
    }

    private void skipSteps(String why) {
        status.currentStepIndex = state.pastLastStep();
        pass.tell(Event.normal("SkipSteps", why));
    }

    private boolean stepsApply() {
        return !status.abort && !status.promoteFull && !state.pastSteps();
    }

    private void pause() {
        if (!stepsApply() || !(state.step().orElse(null) instanceof Step.Pause(var duration))) return;
        if (seen.fullyPromoted() || pass.withinRollbackWindow()) return;
        var since = status.pauses.stream()
                .filter(pause -> pause.reason() == PauseReason.CANARY_STEP)
                .map(RolloutStatus.PauseCondition::since)
                .findFirst();
        if (since.isEmpty() && !status.controllerPause) {
            status.pause(PauseReason.CANARY_STEP, pass.now);
            since = Optional.of(pass.now);
        }
        if (since.isEmpty()) return;
        var start = since.get();
        if (duration.isPresent()) pass.wakeAt(start.plus(duration.get()));
        if (!pauseOver(duration)) {
            pass.await(Because.of(
                    "Paused",
                    duration.map(d -> "step %d pauses until %s".formatted(state.index() + 1, start.plus(d)))
                            .orElse("step %d pauses until it is promoted".formatted(state.index() + 1))));
        }
    }

    private boolean pauseOver(Optional<Duration> duration) {
        var since = status.pauses.stream()
                .filter(pause -> pause.reason() == PauseReason.CANARY_STEP)
                .map(RolloutStatus.PauseCondition::since)
                .findFirst();
        if (since.isEmpty()) return status.controllerPause;
        return duration.filter(d -> !pass.now.isBefore(since.get().plus(d))).isPresent();
    }

    private Decision conclude() {
        if (seen.fullyPromoted()) {
            status.promoteFull = false;
            status.abort = false;
        }
        boolean backInWindow = pass.withinRollbackWindow();
        if (status.promoteFull || backInWindow) {
            status.clearPauses();
            status.abort = false;
            status.currentStepIndex = state.pastLastStep();
        }
        var promotion = promotion(backInWindow);
        if (promotion.isPresent()) {
            pass.promote(promotion.get(), state.pastLastStep());
        } else if (status.abort) {
            status.currentStepIndex = state.firstStep();
        } else {
            if (state.pastSteps()) awaitWhole();
            advance();
        }
        restart.carryOut(pass);
        return StatusSync.conclude(pass);
    }

    /// No step is left to wait for: what still keeps the newest revision from being the stable one.
    private void awaitWhole() {
        if (seen.newest().isPresent() && seen.newest().get().available() < canary.enoughOf(replicas)) {
            pass.awaitPods(seen.newest().get());
        } else if (!state.settled()) {
            pass.await(Because.of("RouterServes", "the router has not yet confirmed the weights that it was given"));
        } else if (canary.routed() && !seen.fullyPromoted() && state.routed() != canary.maxWeight()) {
            pass.await(Because.of("RouterServes", "the router shall serve a weight of %d", canary.maxWeight()));
        }
    }

    private Optional<Promotion> promotion(boolean backInWindow) {
        if (status.stableRS.isEmpty()) return Optional.of(Promotion.whole("Initial deploy"));
        if (status.abort) return Optional.empty();
        if (seen.newest()
                .filter(newest -> newest.available() >= canary.enoughOf(replicas))
                .isEmpty()) return Optional.empty();
        // Where a router serves it, all the weight must have arrived before the old side loses its name.
        if (canary.routed() && !state.settled()) return Optional.empty();
        if (status.promoteFull) return Optional.of(Promotion.byCommand());
        if (backInWindow) return Optional.of(Promotion.back("Rollback within window"));
        if (seen.fullyPromoted()) return Optional.of(Promotion.back("Fast rollback"));
        if (!state.pastSteps()) return Optional.empty();
        boolean arrives = canary.routed() && !canary.steps().isEmpty() && replicas > 0;
        if (arrives && state.routed() != canary.maxWeight()) return Optional.empty();
        return Optional.of(Promotion.whole(
                "Completed all %d canary steps".formatted(canary.steps().size())));
    }

    private void advance() {
        if (pass.rollout.spec().paused() || state.pastSteps() || canary.steps().isEmpty()) return;
        var at = state.step().orElseThrow();
        if (!complete(at)) return;
        int done = state.index();
        status.resume(PauseReason.CANARY_STEP);
        status.controllerPause = !status.pauses.isEmpty();
        status.stepRun = Optional.empty();
        status.currentStepIndex = Optional.of(done + 1);
        pass.tell(Event.normal(
                "RolloutStepCompleted",
                "Rollout step %d/%d completed (%s)"
                        .formatted(done + 1, canary.steps().size(), at.text())));
        // The next step is decided on an observation of its own.
        pass.wakeAt(pass.now);
    }

    private boolean complete(Step step) {
        return switch (step) {
            case Step.Pause(var duration) -> pauseOver(duration);
            case Step.SetWeight(var weight) -> {
                if (!pods.countsReached()) {
                    pass.await(pods.awaited());
                    yield false;
                }
                // Without pods nothing is to be served: the canary has no weight, and the steps go on.
                boolean served = !canary.routed() || replicas == 0 || state.routed() == weight && state.settled();
                if (!served) pass.await(Because.of("RouterServes", "the router shall serve a weight of %d", weight));
                yield served;
            }
            case Step.SetCanaryScale _ -> {
                boolean reached = pods.countsReached();
                if (!reached) pass.await(pods.awaited());
                yield reached;
            }
            case Step.Analyse _ -> {
                boolean passed = status.stepRun
                        .filter(run -> run.phase() == AnalysisPhase.SUCCESSFUL)
                        .isPresent();
                if (!passed) {
                    pass.await(Because.of(
                            "Analysis",
                            "step %d waits for the verdict of %s",
                            state.index() + 1,
                            status.stepRun.map(RolloutStatus.RunStatus::name).orElse("its analysis")));
                }
                yield passed;
            }
            // Refused while the spec is decoded: nothing here can carry them out yet, and none is skipped silently.
            case Step.RunExperiment _, Step.SetHeaderRoute _, Step.SetMirrorRoute _, Step.RunPlugin _ -> {
                pass.await(Because.of("Unsupported", "this version cannot run the step %s", step.text()));
                yield false;
            }
        };
    }

    static List<String> unsupported(Strategy.Canary canary) {
        return canary.steps().stream()
                .filter(step -> step instanceof Step.RunExperiment
                        || step instanceof Step.SetHeaderRoute
                        || step instanceof Step.SetMirrorRoute
                        || step instanceof Step.RunPlugin)
                .map(Step::text)
                .toList();
    }
}
