package dev.sluice.rollout;

import dev.sluice.rollout.Decision.Event;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import java.time.Instant;
import java.util.Optional;

/// The last part of each pass: counters, conditions and phase, from what was seen and what is being done.
///
/// @see "Argo Rollouts spec A6, B25"
final class StatusSync {
    static final String PROGRESSING = "Progressing";

    static final String ABORTED = "RolloutAborted";

    static final String INVALID_SPEC = "InvalidSpec";

    /// Ours, beside Argo's: there is no way back.
    static final String STABLE_LOST = "StableLost";

    /// Ours as well: an abort would move nothing as long as the spec is as it is; the message says why.
    static final String ABORT_HELD = "AbortHeld";

    /// The API server refuses the ReplicaSet of the template that the spec asks for.
    static final String CREATE_ERROR = "ReplicaSetCreateError";

    private final Pass pass;
    private final StatusDraft status;
    private final RolloutStatus before;
    private final Instant now;
    private final Rollout.Kind kind;

    private StatusSync(Pass pass) {
        this.pass = pass;
        this.status = pass.status;
        this.before = pass.before;
        this.now = pass.now;
        this.kind = pass.rollout.kind();
    }

    /// Ends a pass with the status it leads to.
    static Decision conclude(Pass pass) {
        var sync = new StatusSync(pass);
        sync.count();
        sync.abort();
        sync.judge();
        sync.announcePauses();
        sync.describe();
        sync.measure();
        Workload.giveWay(pass);
        return pass.decision();
    }

    /// Ends a pass of an invalid spec: the reason is shown, and what runs all the same.
    ///
    /// @param held why an abort would move nothing now; empty where the way back is open
    static Decision invalid(Pass pass, Optional<String> held) {
        var message = invalidity(pass).sentence();
        var sync = new StatusSync(pass);
        boolean update = !pass.status.stableRS.isEmpty() && !pass.before.fullyPromoted() && !pass.seen.fullyPromoted();
        if (update && pass.status.abort) sync.abort();
        if (pass.seen.stableLost()) sync.stable();
        if (held.isEmpty()) pass.status.drop(ABORT_HELD);
        held.ifPresent(why -> pass.status.say(ABORT_HELD, INVALID_SPEC, why, pass.now));
        if (pass.status.say(INVALID_SPEC, INVALID_SPEC, message, pass.now)) {
            pass.tell(Event.warning(INVALID_SPEC, message));
        }
        sync.countPods();
        // Pods that come meanwhile have come in time; once the spec is corrected nobody could tell.
        if (sync.progressed()
                && pass.status
                        .condition(PROGRESSING)
                        .filter(sync::deadlineCounts)
                        .isPresent()) {
            sync.noteProgress(pass.seen
                    .replicaSet(pass.status.currentPodHash)
                    .map(ReplicaSet::name)
                    .orElse(""));
        }
        sync.observe();
        pass.status.phase = "Degraded";
        pass.status.message = new Reasoned(INVALID_SPEC, message).toString();
        // A Service or a template that is missing may come without an event of this Rollout.
        pass.wakeAt(pass.now.plusSeconds(20));
        return pass.decision();
    }

    /// Ends a pass whose new ReplicaSet was refused. The revision that the status speaks of stays the one before: that
    /// is what there is.
    ///
    /// @param name of the ReplicaSet
    /// @param why what the API server said
    static Decision refused(Pass pass, String name, String why) {
        var sync = new StatusSync(pass);
        var status = pass.status;
        var message = new CreateError(name, why).toString();
        status.drop(INVALID_SPEC);
        status.drop(ABORT_HELD);
        boolean update = !status.stableRS.isEmpty()
                && !pass.seen.fullyPromoted()
                && pass.seen.newest().isPresent();
        if (update && status.abort) {
            sync.abort();
        } else if (status.condition(PROGRESSING)
                .filter(c -> c.reason().equals(CREATE_ERROR) && c.message().equals(message))
                .isEmpty()) {
            status.replace(PROGRESSING, "False", CREATE_ERROR, message, pass.now);
        }
        // Of the template that the spec asks for, neither is true.
        if (status.condition("Healthy").isPresent()) {
            status.set("Healthy", "False", "RolloutHealthy", sync.kind + " is not healthy", pass.now);
        }
        status.set("Completed", "False", "RolloutCompleted", "RolloutCompleted", pass.now);
        sync.countPods();
        sync.available();
        sync.observe();
        // Argo leaves both as they were before, and its tools wait for ever.
        status.phase = "Degraded";
        status.message = new Reasoned(CREATE_ERROR, message).toString();
        // At each try, in the same words, which makes one Event with a count.
        pass.tell(Event.warning(CREATE_ERROR, message));
        return pass.decision();
    }

    /// What is wrong, in Argo's words.
    static Because invalidity(Pass pass) {
        return new Because(
                INVALID_SPEC, Invalidity.of(pass.rollout, pass.seen.problems()).toString());
    }

    /// Which spec, and which state of the workload it refers to, this pass was decided on.
    private void observe() {
        status.observedGeneration = Long.toString(pass.rollout.generation());
        if (pass.rollout.spec().workloadRef().isEmpty()) status.workloadObservedGeneration = "";
        pass.seen.workload().ifPresent(workload -> status.workloadObservedGeneration = workload.generationText());
    }

    private void count() {
        observe();
        status.currentPodHash = pass.seen.podHash();
        status.selector = pass.selectorText();
        countPods();
        switch (pass.rollout.spec().strategy()) {
            case Strategy.Canary _ -> {}
            // An autoscaler sees the serving side only; the preview would dilute its averages.
            case Strategy.BlueGreen _ ->
                pass.seen
                        .replicaSet(status.blueGreen.activeSelector())
                        .ifPresent(active ->
                                status.selector = pass.selectorText() + ",rollouts-pod-template-hash=" + active.hash());
        }
    }

    /// How many pods there are: that is so whatever the spec says.
    private void countPods() {
        var seen = pass.seen;
        status.replicas =
                seen.replicaSets().stream().mapToInt(ReplicaSet::current).sum();
        status.updatedReplicas =
                seen.replicaSet(status.currentPodHash).map(ReplicaSet::current).orElse(0);
        status.readyReplicas =
                seen.replicaSets().stream().mapToInt(ReplicaSet::ready).sum();
        status.availableReplicas =
                seen.replicaSets().stream().mapToInt(ReplicaSet::available).sum();
        status.hpaReplicas = status.replicas;
        switch (pass.rollout.spec().strategy()) {
            case Strategy.Canary _ -> {}
            case Strategy.BlueGreen _ ->
                seen.replicaSet(status.blueGreen.activeSelector()).ifPresent(active -> {
                    status.readyReplicas = active.ready();
                    status.availableReplicas = active.available();
                    status.hpaReplicas = active.current();
                });
        }
    }

    private void abort() {
        if (!status.abort) {
            status.abortedAt = Optional.empty();
            return;
        }
        status.clearPauses();
        if (status.abortedAt.isEmpty()) status.abortedAt = Optional.of(now);
        var aborted = pass.rollout.kind() + " aborted update to " + pass.update(false);
        var message = aborted
                + pass.abortReason().map(because -> ": " + because.sentence()).orElse("");
        if (status.set(PROGRESSING, "False", ABORTED, message, now)) {
            pass.tell(Event.warning(ABORTED, message));
        }
        // The condition keeps the reason of the pass that aborted; this one knows of none.
        var told = status.condition(PROGRESSING).map(Condition::message).orElse(message);
        pass.await(Because.of(
                "Aborted",
                "%s%s; it waits for %s",
                told,
                told.equals(aborted) ? ", by hand" : "",
                switch (kind) {
                    case ROLLOUT -> "a retry, an undo or another template";
                    case DEPLOYMENT_CANARY -> "a retry or another template";
                }));
    }

    private void judge() {
        if (pass.seen.problems().isEmpty()) {
            status.drop(INVALID_SPEC);
            status.drop(ABORT_HELD);
        }
        boolean completed = status.fullyPromoted();
        boolean healthy = healthy(completed);
        if (healthy) {
            status.set("Healthy", "True", "RolloutHealthy", kind + " is healthy", now);
        } else if (status.condition("Healthy").isPresent()) {
            status.set("Healthy", "False", "RolloutHealthy", kind + " is not healthy", now);
        }
        if (completed) {
            status.set("Completed", "True", "RolloutCompleted", "RolloutCompleted", now);
        } else if (status.set("Completed", "False", "RolloutCompleted", "RolloutCompleted", now)) {
            pass.tell(Event.normal(
                    "RolloutNotCompleted",
                    "%s not completed, started update to %s".formatted(kind, pass.update(true))));
        }
        stable();
        available();
        if (completed) {
            pass.seen
                    .newest()
                    .filter(newest -> newest.available() < pass.replicas)
                    .ifPresent(pass::awaitPods);
        }
        if (!status.abort) progress(healthy);
    }

    private void stable() {
        if (!pass.seen.stableLost()) {
            status.drop(STABLE_LOST);
            return;
        }
        var loss = pass.stableLoss();
        // The sentence names the revision that serves: after a further one it is another sentence.
        if (status.say(STABLE_LOST, loss.code(), loss.sentence(), now)) {
            pass.tell(Event.warning(loss.code(), loss.sentence()));
        }
    }

    private void available() {
        boolean available = switch (pass.rollout.spec().strategy()) {
            case Strategy.Canary _ -> status.availableReplicas >= pass.replicas;
            case Strategy.BlueGreen _ ->
                pass.seen
                        .replicaSet(status.blueGreen.activeSelector())
                        // One more than asked for, as a restart may need, is not less than asked for.
                        .filter(active -> active.replicas() >= pass.replicas && active.available() >= pass.replicas)
                        .isPresent();
        };
        if (available) {
            status.set("Available", "True", "AvailableReason", kind + " has minimum availability", now);
        } else {
            status.set("Available", "False", "AvailableReason", kind + " does not have minimum availability", now);
        }
    }

    private boolean healthy(boolean completed) {
        if (!completed || status.updatedReplicas != pass.replicas || status.availableReplicas != pass.replicas)
            return false;
        return switch (pass.rollout.spec().strategy()) {
            case Strategy.Canary canary ->
                status.replicas == pass.replicas
                        && (canary.steps().isEmpty()
                                || status.currentStepIndex
                                        .filter(index -> index == canary.steps().size())
                                        .isPresent());
            case Strategy.BlueGreen blueGreen ->
                status.blueGreen.activeSelector().equals(status.currentPodHash)
                        && (blueGreen.previewService().isEmpty()
                                || status.blueGreen.previewSelector().equals(status.currentPodHash));
        };
    }

    /// The condition that answers "does it get on": and since when not.
    private void progress(boolean healthy) {
        var name = pass.seen.newest().map(ReplicaSet::name).orElse(pass.rollout.replicaSetName(status.currentPodHash));
        var now = this.now;
        var old = status.condition(PROGRESSING);
        boolean settled = status.replicas == status.availableReplicas
                && old.filter(c -> c.reason().equals("NewReplicaSetAvailable")
                                && !c.status().equals("Unknown"))
                        .isPresent();
        if (settled && healthy) return;
        if (healthy) {
            var message = "%s \"%s\" has successfully progressed.".formatted(kind.side(), name);
            status.set(PROGRESSING, "True", "NewReplicaSetAvailable", message, now);
        } else if (progressed()
                || old.filter(c -> c.reason().equals(CREATE_ERROR)).isPresent()) {
            noteProgress(name);
        } else if (old.isEmpty()) {
            status.set(
                    PROGRESSING,
                    "True",
                    "FoundNewReplicaSet",
                    switch (kind) {
                        case ROLLOUT -> "Found new replica set \"%s\"".formatted(name);
                        case DEPLOYMENT_CANARY -> "Found Deployment \"%s\"".formatted(name);
                    },
                    now);
        } else if (deadlineCounts(old.get())) {
            var deadline = old.get().lastUpdate().plus(pass.rollout.spec().progressDeadline());
            if (now.isBefore(deadline)) {
                pass.wakeAt(deadline.plusSeconds(1));
            } else {
                timeOut(name);
            }
        }
    }

    private void noteProgress(String name) {
        boolean lostPods = status.stableRS.equals(status.currentPodHash);
        status.replace(
                PROGRESSING,
                "True",
                lostPods ? "ReplicaSetNotAvailable" : "ReplicaSetUpdated",
                "%s \"%s\" is progressing.".formatted(kind.side(), name),
                now);
    }

    /// Aborts where the deadline has passed and the spec asks for that; of a pass that does not look at progress.
    static void abortIfOverdue(Pass pass) {
        if (!pass.rollout.spec().progressDeadlineAbort()) return;
        var sync = new StatusSync(pass);
        var progressing = pass.status.condition(PROGRESSING).filter(sync::deadlineCounts);
        if (progressing.isEmpty()) return;
        var deadline = progressing.get().lastUpdate().plus(pass.rollout.spec().progressDeadline());
        if (pass.now.isBefore(deadline)) pass.wakeAt(deadline.plusSeconds(1));
        else sync.timeOut(pass.seen.newest().map(ReplicaSet::name).orElse(""));
    }

    private void timeOut(String name) {
        var message = "%s \"%s\" has timed out progressing.".formatted(kind.side(), name);
        boolean first = status.set(PROGRESSING, "False", "ProgressDeadlineExceeded", message, now);
        boolean unfinished = !status.stableRS.equals(status.currentPodHash) && !status.stableRS.isEmpty();
        if (first && unfinished && pass.rollout.spec().progressDeadlineAbort()) {
            pass.abort(new Because("ProgressDeadlineExceeded", message));
            abort();
        }
    }

    private boolean progressed() {
        int oldBefore = before.replicas() - before.updatedReplicas();
        int oldNow = status.replicas - status.updatedReplicas;
        boolean moved = status.updatedReplicas != before.updatedReplicas()
                || oldNow < oldBefore
                || status.readyReplicas > before.readyReplicas()
                || status.availableReplicas > before.availableReplicas();
        return moved
                || switch (pass.rollout.spec().strategy()) {
                    case Strategy.Canary _ ->
                        !status.stableRS.equals(before.stableRS())
                                || !status.currentStepIndex.equals(before.currentStepIndex())
                                || !status.currentStepHash.equals(before.currentStepHash());
                    case Strategy.BlueGreen _ ->
                        !status.blueGreen
                                        .activeSelector()
                                        .equals(before.blueGreen().activeSelector())
                                || !status.blueGreen
                                        .previewSelector()
                                        .equals(before.blueGreen().previewSelector());
                };
    }

    /// Time does not run while a human, an analysis or a deadline of an old revision is waited for.
    private boolean deadlineCounts(Condition progressing) {
        if (pass.rollout.spec().paused() || !status.pauses.isEmpty()) return false;
        if (progressing.reason().equals(ABORTED)
                || progressing.reason().equals("RolloutPaused")
                || progressing.reason().equals("NewReplicaSetAvailable")
                || progressing.reason().equals("ProgressDeadlineExceeded")) return false;
        if (pass.seen.others().stream().anyMatch(rs -> rs.scaleDownDeadline().isPresent())) return false;
        return switch (pass.rollout.spec().strategy()) {
            // The strategy itself waits for the verdict, however long that takes.
            case Strategy.BlueGreen _ ->
                status.runs().allMatch(run -> run.phase().completed());
            case Strategy.Canary canary ->
                status.currentStepIndex
                        .flatMap(canary::step)
                        .map(step -> switch (step) {
                            case Step.Pause _, Step.Analyse _, Step.RunExperiment _ -> false;
                            case Step.SetWeight _,
                                    Step.SetCanaryScale _,
                                    Step.SetHeaderRoute _,
                                    Step.SetMirrorRoute _,
                                    Step.RunPlugin _ -> true;
                        })
                        .orElse(true);
        };
    }

    /// The condition `Paused`, at each pass; whether a pause came or went is told with the controller's own mark, which
    /// outlives the condition that a human removes.
    private void notePauses() {
        if (pass.rollout.spec().paused() || !status.pauses.isEmpty()) {
            status.set("Paused", "True", "RolloutPaused", kind + " is paused", now);
        } else {
            status.set("Paused", "False", "RolloutPaused", kind + " is not paused", now);
        }
    }

    private void announcePauses() {
        notePauses();
        boolean pausedBefore =
                before.controllerPause() || !before.pauseConditions().isEmpty();
        boolean pausedNow = status.controllerPause || !status.pauses.isEmpty();
        if (pausedNow && !pausedBefore) {
            pass.tell(Event.normal(
                    "RolloutPaused",
                    "%s is paused (%s)".formatted(kind, status.pauses.getFirst().reason())));
        } else if (!pausedNow && pausedBefore && !status.abort) {
            pass.tell(Event.normal("RolloutResumed", kind + " is resumed"));
        }
    }

    /// How long the attempt takes. A way back that is begun in mid-update belongs to the attempt that it ends.
    private void measure() {
        boolean otherSteps = !before.currentStepHash().equals(status.currentStepHash) && !pass.seen.fullyPromoted();
        boolean other = !before.currentPodHash().equals(status.currentPodHash) || otherSteps;
        boolean retried = before.abortedAt().isPresent() && !status.abort;
        boolean underWay = status.attempt.filter(Attempt::underWay).isPresent();
        boolean begins = underWay ? other && !pass.rollingBack() : other || retried;
        if (begins) status.attempt = Optional.of(Attempt.begun(now));
        status.attempt = status.attempt
                .filter(Attempt::underWay)
                .map(attempt -> measured(attempt.waiting(waitsForPerson(), now)))
                .or(() -> status.attempt);
    }

    private Attempt measured(Attempt attempt) {
        if (status.abort) return attempt.finished("Aborted", now);
        if (!status.fullyPromoted() || status.availableReplicas < pass.replicas) return attempt;
        // Where the stable revision is the one it was, it was gone back to; but the first is that before it has pods.
        boolean taken = !status.stableRS.equals(before.stableRS());
        var end = taken ? pass.promotedBy() : Optional.<String>empty();
        return attempt.finished(end.orElse(pass.revision() > 1 ? "FastRolledBack" : "Promoted"), now);
    }

    private boolean waitsForPerson() {
        if (pass.rollout.spec().paused()) return true;
        return status.pauses.stream().anyMatch(pause -> switch (pause.reason()) {
            case INCONCLUSIVE_ANALYSIS, INCONCLUSIVE_EXPERIMENT -> true;
            case CANARY_STEP ->
                pass.rollout.spec().strategy() instanceof Strategy.Canary canary
                        && status.currentStepIndex.flatMap(canary::step).orElse(null) instanceof Step.Pause(var limit)
                        && limit.isEmpty();
            case BLUE_GREEN ->
                pass.rollout.spec().strategy() instanceof Strategy.BlueGreen blueGreen
                        && !blueGreen.autoPromotionEnabled();
        });
    }

    /// Phase and message, first match.
    private void describe() {
        var words = phase();
        status.phase = words.phase();
        status.message = words.message();
    }

    private record Words(String phase, String message) {}

    private Words phase() {
        var spec = pass.rollout.spec();
        if (pass.seen.stableLost()) {
            var loss = pass.stableLoss();
            return new Words("Degraded", new Reasoned(loss.code(), loss.sentence()).toString());
        }
        var stuck = status.conditions.stream()
                .filter(c -> c.reason().equals(ABORTED) || c.reason().equals("ProgressDeadlineExceeded"))
                .findFirst();
        if (stuck.isPresent()) {
            return new Words(
                    "Degraded", new Reasoned(stuck.get().reason(), stuck.get().message()).toString());
        }
        if (spec.paused()) return new Words("Paused", "manually paused");
        if (!status.pauses.isEmpty()) {
            return new Words("Paused", status.pauses.getFirst().reason().toString());
        }
        if (spec.restartAt()
                .filter(at -> now.isAfter(at) && !status.restartedAt.equals(spec.restartAt()))
                .isPresent()) {
            return new Words("Progressing", "rollout is restarting");
        }
        if (status.updatedReplicas < pass.replicas) return new Words("Progressing", "more replicas need to be updated");
        if (status.availableReplicas < status.updatedReplicas) {
            return new Words("Progressing", "updated replicas are still becoming available");
        }
        boolean stable = status.fullyPromoted();
        return switch (spec.strategy()) {
            case Strategy.BlueGreen blueGreen -> {
                if (!status.blueGreen.activeSelector().equals(status.currentPodHash)) {
                    yield new Words("Progressing", "active service cutover pending");
                }
                if (!stable) {
                    yield new Words(
                            "Progressing",
                            blueGreen.postPromotionAnalysis().isPresent()
                                    ? "waiting for analysis to complete"
                                    : "waiting for post-promotion verification to complete");
                }
                yield new Words("Healthy", "");
            }
            case Strategy.Canary canary -> {
                if (!canary.routed() && status.replicas > status.updatedReplicas) {
                    yield new Words("Progressing", "old replicas are pending termination");
                }
                yield stable ? new Words("Healthy", "") : new Words("Progressing", "waiting for all steps to complete");
            }
        };
    }

    /// Keeps the conditions `Progressing` and `Paused` in step with what users command through spec and status.
    ///
    /// @return whether the pass ends here, so that the change is on record before anything follows from it
    static boolean noteCommands(Pass pass) {
        if (!pass.seen.generationSeen()) return false;
        var kind = pass.rollout.kind();
        var status = pass.status;
        var now = pass.now;
        boolean changed = false;
        var progressing = status.condition(PROGRESSING);
        var reason = progressing.map(Condition::reason).orElse("");
        boolean paused = pass.rollout.spec().paused() || !status.pauses.isEmpty();
        boolean completed = pass.seen.fullyPromoted();
        if (!reason.equals(ABORTED) && !completed && progressing.isPresent()) {
            boolean said = reason.equals("RolloutPaused");
            if (paused && !said) {
                changed = status.set(PROGRESSING, "Unknown", "RolloutPaused", kind + " is paused", now);
            } else if (!paused && said) {
                changed = status.set(PROGRESSING, "Unknown", "RolloutResumed", kind + " is resumed", now);
            }
        }
        if (!status.abort && reason.equals(ABORTED)) {
            changed |= status.set(PROGRESSING, "Unknown", "RolloutRetry", "Retrying " + kind, now);
        }
        if (changed) {
            var sync = new StatusSync(pass);
            sync.notePauses();
            sync.describe();
        }
        return changed;
    }

    /// Whether the pause of a step has been lifted by a human: the controller's mark stands, the condition is gone.
    static boolean resumedByHuman(RolloutStatus status) {
        return status.controllerPause()
                && !status.paused(PauseReason.CANARY_STEP)
                && !status.paused(PauseReason.BLUE_GREEN);
    }
}
