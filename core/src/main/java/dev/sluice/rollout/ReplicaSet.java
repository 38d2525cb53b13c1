package dev.sluice.rollout;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A ReplicaSet owned by the Rollout: the few numbers that decide.
///
/// @param hash label `rollouts-pod-template-hash`
/// @param revision annotation `rollout.argoproj.io/revision`, 0 where it has none
/// @param formerRevisions annotation `rollout.argoproj.io/revision-history`: what `revision` was before, oldest first
/// @param desiredAtScale annotation `rollout.argoproj.io/desired-replicas`: `spec.replicas` when it was last scaled
/// @param replicas `spec.replicas`
/// @param pods those that exist
/// @param observed whether its controller has seen the newest spec; else the numbers of pods are of an older one
/// @param scaleDownDeadline annotation `scale-down-deadline`
/// @param added what its pod template has beside what a spec asked for
public record ReplicaSet(
        String name,
        String uid,
        String resourceVersion,
        String hash,
        Instant created,
        boolean deleting,
        int revision,
        List<Integer> formerRevisions,
        Optional<Integer> desiredAtScale,
        int minReadySeconds,
        int replicas,
        Pods pods,
        boolean observed,
        Optional<Instant> scaleDownDeadline,
        Additions.Of added) {
    /// Creation times are whole seconds; within one, the number that it was made with decides, which going back to it
    /// does not change.
    private static final Comparator<ReplicaSet> AGE =
            Comparator.comparing(ReplicaSet::created).thenComparingInt(ReplicaSet::firstRevision);

    static final Comparator<ReplicaSet> OLDEST_FIRST = AGE.thenComparing(ReplicaSet::name);

    private static final int MOST_REVISIONS = 100;

    /// Pods as their controller last counted them.
    ///
    /// @param current `status.replicas`: pods that exist
    /// @param ready pods ready
    /// @param available pods ready for `minReadySeconds`
    /// @param mixed available pods of whatever template, where there are pods of more than one: a Deployment
    ///     that is being rolled. Which of them end when it gets fewer is not known
    public record Pods(int current, int ready, int available, Optional<Integer> mixed) {
        /// Pods of one template.
        public static Pods of(int current, int ready, int available) {
            return new Pods(current, ready, available, Optional.empty());
        }
    }

    public ReplicaSet {
        formerRevisions = List.copyOf(formerRevisions);
    }

    /// Whether it was made earlier.
    public boolean olderThan(ReplicaSet other) {
        return AGE.compare(this, other) < 0;
    }

    /// Its former revisions once it is given another: those it has and the one it had. Bounded; the first is never
    /// lost.
    public List<Integer> revisionsBeforeNext() {
        var all = new ArrayList<>(formerRevisions);
        if (revision > 0) all.add(revision);
        if (all.size() > MOST_REVISIONS) all.subList(1, 2).clear();
        return all;
    }

    private int firstRevision() {
        return formerRevisions.isEmpty() ? revision : formerRevisions.getFirst();
    }

    /// The same with no more pods available.
    ReplicaSet withAtMost(int available) {
        int gone = Math.max(0, available() - available);
        return withPods(new Pods(current(), Math.max(0, ready() - gone), available() - gone, pods.mixed()), observed);
    }

    /// The same with other counts.
    ///
    /// @param current whether they are of its newest spec
    public ReplicaSet withPods(Pods counted, boolean current) {
        return new ReplicaSet(
                name,
                uid,
                resourceVersion,
                hash,
                created,
                deleting,
                revision,
                formerRevisions,
                desiredAtScale,
                minReadySeconds,
                replicas,
                counted,
                current,
                scaleDownDeadline,
                added);
    }

    /// Whether it has no pods, and its controller is about to make none.
    public boolean podless() {
        return replicas == 0 && current() == 0 && observed;
    }

    public int current() {
        return pods.current();
    }

    public int ready() {
        return pods.ready();
    }

    public int available() {
        return pods.available();
    }

    /// Available pods that stay when the pending change of size is done.
    public int kept() {
        return Math.min(available(), replicas);
    }
}
