package dev.sluice.rollout;

import dev.sluice.rollout.Observation.AnalysisKind;
import java.time.Instant;
import java.util.Optional;
import java.util.SequencedMap;

/// One write, as a value. Each names what it was decided on, so that the executor refuses it when that has moved.
public sealed interface Action {
    /// Writes the default into `spec.replicas`.
    record SetReplicas(int replicas) implements Action {}

    /// Writes the annotation `rollout.argoproj.io/revision` of the Rollout.
    record SetRevision(int revision) implements Action {}

    /// Writes the annotation `rollout.argoproj.io/workload-generation` of the Rollout.
    record SetWorkloadGeneration(long generation) implements Action {}

    /// Changes the size of the workload that the template comes from. It may be refused for as long as it likes.
    record ScaleWorkload(Observation.WorkloadSeen workload, int replicas) implements Action {}

    /// Creates the ReplicaSet of a revision, with no pods yet.
    ///
    /// @param metadata added to its pod template, and so to all its pods
    /// @param apart added to the affinity of its pod template
    record CreateReplicaSet(String name, String hash, int revision, PodMetadata metadata, Optional<Apart> apart)
            implements Action {}

    /// Changes a ReplicaSet's size, and with it what is remembered beside it.
    ///
    /// @param desired `spec.replicas` of the Rollout, for the annotation
    /// @param deadline when it may be scaled down; absent removes the annotation
    record Scale(ReplicaSet target, int replicas, int desired, Optional<Instant> deadline) implements Action {
        public boolean resizes() {
            return target.replicas() != replicas;
        }

        /// In the words of the event `ScalingReplicaSet`.
        public String text(Rollout.Kind kind) {
            var revision = switch (kind) {
                case ROLLOUT -> " (revision %d)".formatted(target.revision());
                case DEPLOYMENT_CANARY -> "";
            };
            return "Scaled %s %s %s%s from %d to %d"
                    .formatted(
                            replicas > target.replicas() ? "up" : "down",
                            kind.side(),
                            target.name(),
                            revision,
                            target.replicas(),
                            replicas);
        }
    }

    /// Gives a ReplicaSet its number among the revisions, and writes down the one it had.
    record NumberReplicaSet(ReplicaSet target, int revision) implements Action {}

    /// Takes over what the Rollout says of its ReplicaSet besides the template.
    ///
    /// @param annotations of the Rollout that it has not, or not so
    /// @param apart the one term of ours that the affinity of its pod template has
    record SyncReplicaSet(
            ReplicaSet target, int minReadySeconds, SequencedMap<String, String> annotations, Optional<Apart> apart)
            implements Action {}

    /// Writes metadata into the pod template of a ReplicaSet, in the place of what was added to it before. Pods from
    /// before do not have it yet.
    record SetMetadata(ReplicaSet target, PodMetadata metadata) implements Action {}

    /// Writes down that every pod of a ReplicaSet has the metadata of its template.
    record ConfirmMetadata(ReplicaSet target) implements Action {}

    /// Gives a pod the metadata that the template of its ReplicaSet has; it may be gone by then.
    record UpdatePod(Observation.StrayPod pod) implements Action {}

    /// Removes a ReplicaSet that the history has no room for.
    record DeleteReplicaSet(ReplicaSet target) implements Action {}

    /// Points a Service at a revision.
    record SwitchService(Observation.ServiceSeen service, String hash) implements Action {}

    /// Takes the revision and our name off a Service that the Rollout does not name any more: it reaches
    /// the pods of all revisions again, as its own labels say.
    record ReleaseService(Observation.ServiceSeen service) implements Action {}

    /// Asks the router for weights; canary and stable add up to the maximum.
    record SetTraffic(int canary, int stable) implements Action {}

    /// Creates an AnalysisRun.
    ///
    /// @param name wanted name; a suffix is added where an older run has it
    record StartAnalysis(
            String name,
            AnalysisKind kind,
            AnalysisSpec analysis,
            Optional<Integer> stepIndex,
            String hash,
            int revision)
            implements Action {}

    /// Asks an AnalysisRun to end.
    record TerminateAnalysis(Observation.AnalysisRunSeen run) implements Action {}

    /// Removes an AnalysisRun that the history has no room for.
    record DeleteAnalysis(Observation.AnalysisRunSeen run) implements Action {}

    /// Evicts a pod that a restart is about; a PodDisruptionBudget may refuse.
    record EvictPod(Observation.PodSeen pod) implements Action {}
}
