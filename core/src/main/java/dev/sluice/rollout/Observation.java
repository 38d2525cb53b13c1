package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// Everything one decision may look at, read at one moment.
///
/// @param now the time of the pass
/// @param problems mistakes in the spec or in what it refers to, all of them; empty when it is valid
/// @param legible whether the spec itself is without mistakes: problems, where there are any, are of what it refers to
/// @param podHash hash of the revision that `spec.template` asks for: the label of the ReplicaSet that has this
///     template, or else the hash that a new one gets
/// @param replicaSets owned by the Rollout, oldest first
/// @param services those that the strategy names and that exist, by name; a gap is among the problems as well
/// @param routes weights as the router has them; absent without a router
/// @param runs the AnalysisRuns owned by the Rollout, oldest first
/// @param pods pods that a restart is about; empty while none is asked for
/// @param unnamed Services that carry this Rollout's name though its strategy does not name them; empty where
///     that cannot be told
/// @param unsynced annotations of the Rollout, by name, that the newest ReplicaSet should have and has not, or not so
/// @param strayPods pods without the metadata that the template of their ReplicaSet has by now; absent while all are
///     known to have it, and where they could not be listed
/// @param missingSince since when there is no such Rollout; of one that is gone nothing else is known than its name and
///     the Services that carry it
/// @param workload what the template comes from; absent where that is the spec itself, or where it is not there
public record Observation(
        Instant now,
        Rollout rollout,
        List<Problem> problems,
        boolean legible,
        String podHash,
        List<ReplicaSet> replicaSets,
        SequencedMap<String, ServiceSeen> services,
        Optional<Routes> routes,
        List<AnalysisRunSeen> runs,
        List<PodSeen> pods,
        List<ServiceSeen> unnamed,
        SequencedMap<String, String> unsynced,
        Optional<List<StrayPod>> strayPods,
        Optional<Instant> missingSince,
        Optional<WorkloadSeen> workload) {
    public Observation {
        problems = List.copyOf(problems);
        replicaSets = replicaSets.stream().sorted(ReplicaSet.OLDEST_FIRST).toList();
        runs = List.copyOf(runs);
        pods = List.copyOf(pods);
        unnamed = List.copyOf(unnamed);
        strayPods = strayPods.map(List::copyOf);
    }

    /// One that has nothing of what a Rollout may have besides.
    public Observation(
            Instant now,
            Rollout rollout,
            List<Problem> problems,
            boolean legible,
            String podHash,
            List<ReplicaSet> replicaSets,
            SequencedMap<String, ServiceSeen> services,
            Optional<Routes> routes,
            List<AnalysisRunSeen> runs,
            List<PodSeen> pods) {
        this(
                now,
                rollout,
                problems,
                legible,
                podHash,
                replicaSets,
                services,
                routes,
                runs,
                pods,
                List.of(),
                new LinkedHashMap<>(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /// One of a Rollout that does not exist.
    ///
    /// @param rollout nothing but a name
    /// @param left the Services that carry it
    public static Observation missing(Instant now, Rollout rollout, Instant since, List<ServiceSeen> left) {
        return new Observation(
                now,
                rollout,
                List.of(),
                true,
                "",
                List.of(),
                new LinkedHashMap<>(),
                Optional.empty(),
                List.of(),
                List.of(),
                left,
                new LinkedHashMap<>(),
                Optional.empty(),
                Optional.of(since),
                Optional.empty());
    }

    /// A Service that the strategy names, or named.
    ///
    /// @param hash the revision its selector asks for; absent where the selector names none
    /// @param managedBy the annotation that says which Rollout may change it
    public record ServiceSeen(String name, String resourceVersion, Optional<String> hash, Optional<String> managedBy) {}

    /// The workload that `spec.workloadRef` refers to.
    ///
    /// @param replicas its `spec.replicas`; absent for a kind whose size is not ours to change
    /// @param watched whether a change of it is told; else it is to be looked at now and then
    public record WorkloadSeen(
            String kind,
            String name,
            String uid,
            String resourceVersion,
            long generation,
            Optional<Integer> replicas,
            boolean deleting,
            boolean watched) {
        /// As annotation and status have it.
        public String generationText() {
            return Long.toString(generation);
        }

        /// As messages name it.
        @Override
        public String toString() {
            return kind + " " + name;
        }
    }

    /// What the router serves.
    ///
    /// @param canary weight of the canary service
    /// @param stable weight of the stable service
    /// @param served whether the data plane has acknowledged exactly these weights; absent where it cannot tell
    public record Routes(int canary, int stable, Optional<Boolean> served) {
        /// False only where the router says that older weights may still be in force.
        public boolean settled() {
            return served.orElse(true);
        }
    }

    /// An AnalysisRun of this Rollout.
    ///
    /// @param stepIndex label `step-index`, only of a step's run
    /// @param terminating whether `spec.terminate` is set
    public record AnalysisRunSeen(
            String name,
            String resourceVersion,
            AnalysisKind kind,
            String hash,
            Optional<Integer> stepIndex,
            AnalysisPhase phase,
            String message,
            boolean terminating,
            Instant created) {}

    /// Label `rollout-type` of an AnalysisRun.
    public enum AnalysisKind {
        STEP("Step", "Step-based"),
        BACKGROUND("Background", "Background"),
        PRE_PROMOTION("PrePromotion", "Blue/green pre-promotion"),
        POST_PROMOTION("PostPromotion", "Blue/green post-promotion");

        private final String label;
        private final String words;

        AnalysisKind(String label, String words) {
            this.label = label;
            this.words = words;
        }

        /// How messages name it.
        public String words() {
            return words;
        }

        public static Optional<AnalysisKind> of(String label) {
            for (var kind : values()) {
                if (kind.label.equals(label)) return Optional.of(kind);
            }
            return Optional.empty();
        }

        /// The value of the label.
        @Override
        public String toString() {
            return label;
        }
    }

    /// A pod, where a restart asks which ones are old.
    public record PodSeen(
            String name, String uid, String replicaSet, Instant created, boolean deleting, boolean available) {
        /// Stands for all where they could not be listed: none is known to be old, and none may be thought to be new.
        public static final PodSeen UNKNOWN = new PodSeen("(unknown)", "", "", Instant.EPOCH, true, false);
    }

    /// A pod that is older than the metadata in the template of its ReplicaSet.
    ///
    /// @param labels those that differ: the value that it shall have; none where it is to have no such label
    /// @param annotations the same of annotations
    public record StrayPod(
            String name,
            String uid,
            String resourceVersion,
            String replicaSet,
            SequencedMap<String, Optional<String>> labels,
            SequencedMap<String, Optional<String>> annotations) {
        /// What differs.
        List<String> names() {
            return Stream.concat(labels.keySet().stream(), annotations.keySet().stream())
                    .toList();
        }
    }

    /// The same with no more pods available than are listed: the list is read after the counts, which may be from
    /// before an eviction. As it is, where none are listed.
    Observation listed() {
        if (pods.isEmpty() || pods.contains(PodSeen.UNKNOWN)) return this;
        var counted = replicaSets.stream()
                .map(set -> set.withAtMost((int) serving(set).count()))
                .toList();
        return with(podHash, counted);
    }

    /// Whether no ReplicaSet counts a pod that is listed as gone, or not at all.
    boolean countsAreUpToDate() {
        return replicaSets.stream()
                .allMatch(set -> set.available() <= serving(set).count());
    }

    /// Its pods that are listed as available and are not on their way out.
    Stream<PodSeen> serving(ReplicaSet set) {
        return pods.stream()
                .filter(pod ->
                        pod.available() && !pod.deleting() && pod.replicaSet().equals(set.name()));
    }

    /// The same, as if the spec still asked for the revision that the status speaks of: while there is no ReplicaSet of
    /// the one that it does ask for, that is the update which is under way.
    Observation former() {
        return with(status().currentPodHash(), replicaSets);
    }

    /// The same of a Rollout with another status or spec, with other counts or other verdicts.
    public Observation with(Rollout other, List<ReplicaSet> sets, List<AnalysisRunSeen> verdicts) {
        return with(other, podHash, sets, verdicts, pods);
    }

    public Observation withPods(List<PodSeen> others) {
        return with(rollout, podHash, replicaSets, runs, others);
    }

    private Observation with(String hash, List<ReplicaSet> sets) {
        return with(rollout, hash, sets, runs, pods);
    }

    private Observation with(
            Rollout other, String hash, List<ReplicaSet> sets, List<AnalysisRunSeen> verdicts, List<PodSeen> others) {
        return new Observation(
                now,
                other,
                problems,
                legible,
                hash,
                sets,
                services,
                routes,
                verdicts,
                others,
                unnamed,
                unsynced,
                strayPods,
                missingSince,
                workload);
    }

    public int replicas() {
        return rollout.replicas();
    }

    public RolloutStatus status() {
        return rollout.status();
    }

    public Optional<ReplicaSet> replicaSet(String hash) {
        return hash.isEmpty()
                ? Optional.empty()
                : replicaSets.stream().filter(rs -> rs.hash().equals(hash)).findFirst();
    }

    /// The ReplicaSet of the revision that the spec asks for.
    public Optional<ReplicaSet> newest() {
        return replicaSet(podHash);
    }

    /// The ReplicaSet of the revision last promoted; may be the newest one.
    public Optional<ReplicaSet> stable() {
        return replicaSet(status().stableRS());
    }

    /// The ReplicaSet that an update can go back to: the stable one, while the newest is another and it is there to
    /// stay.
    public Optional<ReplicaSet> wayBack() {
        return stable().filter(stable -> !fullyPromoted() && !stable.deleting());
    }

    /// Whether the ReplicaSet of the stable revision was deleted while an update is under way. Its template is known to
    /// nobody then, so that it cannot be made again; what there is of the newest revision is all that can serve.
    public boolean stableLost() {
        return newest().isPresent()
                && !status().stableRS().isEmpty()
                && !fullyPromoted()
                && wayBack().isEmpty();
    }

    /// The ReplicaSets that are neither newest nor stable, oldest first.
    public List<ReplicaSet> others() {
        return replicaSets.stream()
                .filter(rs -> !rs.hash().equals(podHash) && !rs.hash().equals(status().stableRS()))
                .toList();
    }

    /// Whether the revision that the spec asks for is the stable one.
    public boolean fullyPromoted() {
        return !status().stableRS().isEmpty() && status().stableRS().equals(podHash);
    }

    /// Whether the spec was changed after the status was written.
    public boolean generationSeen() {
        return status().observedGeneration().equals(Long.toString(rollout.generation()));
    }
}
