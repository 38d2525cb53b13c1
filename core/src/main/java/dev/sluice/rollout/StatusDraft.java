package dev.sluice.rollout;

import dev.sluice.rollout.RolloutStatus.BlueGreenStatus;
import dev.sluice.rollout.RolloutStatus.PauseCondition;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import dev.sluice.rollout.RolloutStatus.RunStatus;
import dev.sluice.rollout.RolloutStatus.Weights;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A status being written during one pass; the engine's only mutable thing, never seen outside it.
final class StatusDraft {
    boolean abort;
    Optional<Instant> abortedAt;
    final List<PauseCondition> pauses;
    boolean controllerPause;
    String currentPodHash;
    String currentStepHash;
    Optional<Integer> currentStepIndex;
    String stableRS;
    int replicas;
    int updatedReplicas;
    int readyReplicas;
    int availableReplicas;
    int hpaReplicas;
    String selector;
    final Optional<Integer> collisionCount;
    String observedGeneration;
    String workloadObservedGeneration;
    Optional<Instant> restartedAt;
    boolean promoteFull;
    String phase;
    String message;
    final List<Condition> conditions;
    Optional<RunStatus> stepRun;
    Optional<RunStatus> backgroundRun;
    Optional<Weights> weights;
    BlueGreenStatus blueGreen;
    Optional<Attempt> attempt;

    StatusDraft(RolloutStatus from) {
        abort = from.abort();
        abortedAt = from.abortedAt();
        pauses = new ArrayList<>(from.pauseConditions());
        controllerPause = from.controllerPause();
        currentPodHash = from.currentPodHash();
        currentStepHash = from.currentStepHash();
        currentStepIndex = from.currentStepIndex();
        stableRS = from.stableRS();
        replicas = from.replicas();
        updatedReplicas = from.updatedReplicas();
        readyReplicas = from.readyReplicas();
        availableReplicas = from.availableReplicas();
        hpaReplicas = from.hpaReplicas();
        selector = from.selector();
        collisionCount = from.collisionCount();
        observedGeneration = from.observedGeneration();
        workloadObservedGeneration = from.workloadObservedGeneration();
        restartedAt = from.restartedAt();
        promoteFull = from.promoteFull();
        phase = from.phase();
        message = from.message();
        conditions = new ArrayList<>(from.conditions());
        stepRun = from.stepRun();
        backgroundRun = from.backgroundRun();
        weights = from.weights();
        blueGreen = from.blueGreen();
        attempt = from.attempt();
    }

    /// The runs that count now, of whatever kind.
    Stream<RunStatus> runs() {
        return RolloutStatus.runs(stepRun, backgroundRun, blueGreen);
    }

    /// Whether the newest revision is the stable one.
    boolean fullyPromoted() {
        return !stableRS.isEmpty() && stableRS.equals(currentPodHash);
    }

    boolean paused(PauseReason reason) {
        return pauses.stream().anyMatch(pause -> pause.reason() == reason);
    }

    void pause(PauseReason reason, Instant since) {
        if (!paused(reason)) pauses.add(new PauseCondition(reason, since));
        controllerPause = true;
    }

    void resume(PauseReason reason) {
        pauses.removeIf(pause -> pause.reason() == reason);
        if (pauses.isEmpty()) controllerPause = false;
    }

    void clearPauses() {
        pauses.clear();
        controllerPause = false;
    }

    Optional<Condition> condition(String type) {
        return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    /// Sets a condition; one with the same status and reason stays as it is, message and times included.
    ///
    /// @return whether anything changed
    boolean set(String type, String status, String reason, String message, Instant now) {
        var old = condition(type);
        if (old.filter(c -> c.status().equals(status) && c.reason().equals(reason))
                .isPresent()) return false;
        replace(type, status, reason, message, now);
        return true;
    }

    /// Sets a condition and its time of update even where it said the same before.
    void replace(String type, String status, String reason, String message, Instant now) {
        var transition = condition(type)
                .filter(c -> c.status().equals(status))
                .map(Condition::lastTransition)
                .orElse(now);
        var replaced = new Condition(type, status, reason, message, now, transition);
        // In its place: readers and patches alike are served by an order that stays.
        if (condition(type).isEmpty()) conditions.add(replaced);
        else conditions.replaceAll(c -> c.type().equals(type) ? replaced : c);
    }

    /// Sets a condition of ours to true, where it did not say just this.
    ///
    /// @return whether it did not
    boolean say(String type, String reason, String message, Instant now) {
        boolean said = condition(type)
                .filter(c -> c.isTrue() && c.message().equals(message))
                .isPresent();
        if (!said) replace(type, "True", reason, message, now);
        return !said;
    }

    void drop(String type) {
        conditions.removeIf(c -> c.type().equals(type));
    }

    RolloutStatus freeze() {
        return new RolloutStatus(
                abort,
                abortedAt,
                pauses,
                controllerPause,
                currentPodHash,
                currentStepHash,
                currentStepIndex,
                stableRS,
                replicas,
                updatedReplicas,
                readyReplicas,
                availableReplicas,
                hpaReplicas,
                selector,
                collisionCount,
                observedGeneration,
                workloadObservedGeneration,
                restartedAt,
                promoteFull,
                phase,
                message,
                conditions,
                stepRun,
                backgroundRun,
                weights,
                blueGreen,
                attempt);
    }
}
