package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// `status` of a Rollout: what the controller remembers, and what users and their tools write there to command it.
///
/// Field by field the API's (spec, A6). `observedGeneration` and `workloadObservedGeneration` are strings on the
/// wire and stay so here.
public record RolloutStatus(
        boolean abort,
        Optional<Instant> abortedAt,
        List<PauseCondition> pauseConditions,
        boolean controllerPause,
        String currentPodHash,
        String currentStepHash,
        Optional<Integer> currentStepIndex,
        String stableRS,
        int replicas,
        int updatedReplicas,
        int readyReplicas,
        int availableReplicas,
        int hpaReplicas,
        String selector,
        Optional<Integer> collisionCount,
        String observedGeneration,
        String workloadObservedGeneration,
        Optional<Instant> restartedAt,
        boolean promoteFull,
        String phase,
        String message,
        List<Condition> conditions,
        Optional<RunStatus> stepRun,
        Optional<RunStatus> backgroundRun,
        Optional<Weights> weights,
        BlueGreenStatus blueGreen,
        Optional<Attempt> attempt) {
    public static final RolloutStatus NONE = new RolloutStatus(
            false,
            Optional.empty(),
            List.of(),
            false,
            "",
            "",
            Optional.empty(),
            "",
            0,
            0,
            0,
            0,
            0,
            "",
            Optional.empty(),
            "",
            "",
            Optional.empty(),
            false,
            "",
            "",
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            BlueGreenStatus.NONE,
            Optional.empty());

    public RolloutStatus {
        pauseConditions = List.copyOf(pauseConditions);
        conditions = List.copyOf(conditions);
    }

    /// A reason to wait, added by the controller, removed by it or by a human.
    public record PauseCondition(PauseReason reason, Instant since) {}

    /// The reasons of `pauseConditions`.
    public enum PauseReason {
        CANARY_STEP("CanaryPauseStep"),
        BLUE_GREEN("BlueGreenPause"),
        INCONCLUSIVE_ANALYSIS("InconclusiveAnalysisRun"),
        INCONCLUSIVE_EXPERIMENT("InconclusiveExperiment");

        private final String text;

        PauseReason(String text) {
            this.text = text;
        }

        public static Optional<PauseReason> of(String text) {
            for (var reason : values()) {
                if (reason.text.equals(text)) return Optional.of(reason);
            }
            return Optional.empty();
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /// The analysis run that counts now.
    public record RunStatus(String name, AnalysisPhase phase, String message) {}

    /// The weights last asked of the router.
    ///
    /// @param verified whether the router serves them; absent where it cannot tell
    public record Weights(Destination canary, Destination stable, Optional<Boolean> verified) {}

    /// One side of [Weights].
    public record Destination(int weight, String serviceName, String podTemplateHash) {}

    /// `status.blueGreen`.
    ///
    /// @param activeSelector the revision that the active Service selects; empty where it selects none
    /// @param previewSelector the same of the preview Service
    /// @param scaleUpPreviewCheckPoint latched once the preview has passed its checks and may grow to full size
    /// @param preRun judges the new side before it serves; kept on record after its end
    /// @param postRun judges it while it serves and is not stable yet; kept likewise
    public record BlueGreenStatus(
            String activeSelector,
            String previewSelector,
            boolean scaleUpPreviewCheckPoint,
            Optional<RunStatus> preRun,
            Optional<RunStatus> postRun) {
        public static final BlueGreenStatus NONE =
                new BlueGreenStatus("", "", false, Optional.empty(), Optional.empty());

        BlueGreenStatus withSelectors(String active, String preview) {
            return new BlueGreenStatus(active, preview, scaleUpPreviewCheckPoint, preRun, postRun);
        }

        BlueGreenStatus withCheckPoint(boolean latched) {
            return new BlueGreenStatus(activeSelector, previewSelector, latched, preRun, postRun);
        }

        BlueGreenStatus withRuns(Optional<RunStatus> pre, Optional<RunStatus> post) {
            return new BlueGreenStatus(activeSelector, previewSelector, scaleUpPreviewCheckPoint, pre, post);
        }
    }

    /// The runs that count now, of whatever kind.
    public Stream<RunStatus> runs() {
        return runs(stepRun, backgroundRun, blueGreen);
    }

    static Stream<RunStatus> runs(
            Optional<RunStatus> stepRun, Optional<RunStatus> backgroundRun, BlueGreenStatus blueGreen) {
        return Stream.of(stepRun, backgroundRun, blueGreen.preRun(), blueGreen.postRun())
                .flatMap(Optional::stream);
    }

    /// The same with other sides named.
    public RolloutStatus withSides(String currentPodHash, String stableRS) {
        var draft = new StatusDraft(this);
        draft.currentPodHash = currentPodHash;
        draft.stableRS = stableRS;
        return draft.freeze();
    }

    public Optional<Condition> condition(String type) {
        return conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    /// That the spec is invalid, where its controller has found it so.
    public Optional<Condition> invalid() {
        return condition(StatusSync.INVALID_SPEC).filter(Condition::isTrue);
    }

    /// Why it is Degraded, where its controller says so.
    Optional<Reasoned> degraded() {
        return phase.equals("Degraded") ? Reasoned.of(message) : Optional.empty();
    }

    /// What the API server said of the ReplicaSet that the spec asks for, where it refused it.
    public Optional<String> refused() {
        return condition(StatusSync.PROGRESSING)
                .filter(c -> c.reason().equals(StatusSync.CREATE_ERROR))
                .map(Condition::message)
                // That an update is aborted is kept there meanwhile.
                .or(() -> degraded()
                        .filter(why -> why.reason().equals(StatusSync.CREATE_ERROR))
                        .map(Reasoned::message))
                .map(CreateError::answer);
    }

    /// Whether there is no way back, see [Observation#stableLost].
    public boolean stableLost() {
        return condition(StatusSync.STABLE_LOST).filter(Condition::isTrue).isPresent();
    }

    public boolean paused(PauseReason reason) {
        return pauseConditions.stream().anyMatch(pause -> pause.reason() == reason);
    }

    /// Whether the newest revision is the stable one.
    public boolean fullyPromoted() {
        return !stableRS.isEmpty() && stableRS.equals(currentPodHash);
    }
}
