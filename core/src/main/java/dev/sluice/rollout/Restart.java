package dev.sluice.rollout;

import dev.sluice.rollout.Observation.PodSeen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// `spec.restartAt`: pods created before it are evicted, as many at a time as may be unavailable.
///
/// ```
/// pods to spare            ─► evict, the ReplicaSet makes a new one
/// none to spare, may grow  ─► one more pod first, then as above; its old size once no old pod is left
/// none to spare            ─► wait, and say for what
/// ```
///
/// Argo counts what may be missing over all revisions together, so a surplus of one side pays for the last pod of the
/// other, and with one replica it evicts the only pod there is. Here each set of pods that traffic depends on keeps
/// what it needs; Argo's bound holds besides.
///
/// @see "Argo Rollouts spec B20; docs/adr/0014"
final class Restart {
    private static final Duration RECHECK = Duration.ofSeconds(30);

    private final Pass pass;
    private final Instant at;
    private final List<Group> groups;
    private final List<PodSeen> old;

    private Restart(Pass pass, Instant at, List<Group> groups, List<PodSeen> old) {
        this.pass = pass;
        this.at = at;
        this.groups = groups;
        this.old = old;
    }

    /// Pods that the same traffic depends on.
    ///
    /// @param keep as many of them stay available
    /// @param wanted as many as the strategy asks for without a restart
    /// @param grows the ReplicaSet that gets one more where none can be spared; empty where none may
    record Group(List<ReplicaSet> sets, int keep, int wanted, Optional<ReplicaSet> grows) {
        private boolean tight() {
            return wanted <= keep;
        }

        private boolean has(PodSeen pod) {
            return sets.stream().anyMatch(set -> set.name().equals(pod.replicaSet()));
        }
    }

    /// What a restart means for this pass.
    ///
    /// @param underWay whether there are pods left to replace, as far as is known
    /// @param spared the pods that may be evicted now
    /// @param grown the name of the ReplicaSet that has one pod more until its old ones are gone
    record Plan(boolean underWay, List<PodSeen> spared, Optional<String> grown) {
        static final Plan NONE = new Plan(false, List.of(), Optional.empty());

        /// Evicts them where the pass does nothing else. Whether a budget refuses is not known before: nothing
        /// decided beside it may count on the pod, nor be held up by an eviction that never comes to pass.
        void carryOut(Pass pass) {
            if (pass.acted() || pass.moved()) return;
            for (var pod : spared) {
                var because = Because.of(
                        "Restart",
                        "%s was created before %s",
                        pod.name(),
                        pass.rollout.spec().restartAt().orElseThrow());
                pass.act(new Action.EvictPod(pod), because);
            }
        }

        /// Pods that a ReplicaSet has beside those that the strategy asks for.
        int extra(ReplicaSet set) {
            return grown.filter(set.name()::equals).isPresent() ? 1 : 0;
        }
    }

    /// Finds what can be spared now.
    ///
    /// @param unavailable pods that may be missing
    /// @param groups asked for only while a restart is under way
    static Plan plan(Pass pass, int unavailable, Supplier<List<Group>> groups) {
        var restartAt = pass.rollout.spec().restartAt();
        if (restartAt.isEmpty() || restartAt.equals(pass.status.restartedAt)) return Plan.NONE;
        if (!pass.now.isAfter(restartAt.get())) {
            pass.wakeAt(restartAt.get());
            return Plan.NONE;
        }
        if (pass.seen.pods().contains(PodSeen.UNKNOWN)) {
            pass.wakeAt(pass.now.plus(RECHECK));
            pass.await(Because.of("PodsUnknown", "the restart waits until the pods can be listed again"));
            return new Plan(true, List.of(), Optional.empty());
        }
        var old = pass.seen.pods().stream()
                .filter(pod -> pod.created().isBefore(restartAt.get()))
                .sorted(Comparator.<PodSeen>comparingInt(pod -> rank(pass, pod.replicaSet()))
                        .thenComparing(PodSeen::available)
                        .thenComparing(PodSeen::name))
                .toList();
        if (old.isEmpty()) {
            // After this nobody lists pods any more, so the counts have to be right by then.
            if (pass.seen.countsAreUpToDate()) pass.status.restartedAt = restartAt;
            else pass.wakeAt(pass.now.plus(RECHECK));
            return Plan.NONE;
        }
        return new Restart(pass, restartAt.get(), groups.get(), old).replace(unavailable);
    }

    private Plan replace(int unavailable) {
        pass.wakeAt(pass.now.plus(RECHECK));
        await();
        var sets = pass.seen.replicaSets();
        int asked = sets.stream().mapToInt(ReplicaSet::replicas).sum();
        int room = available(sets) - (Math.max(pass.replicas, asked) - Math.max(1, unavailable));
        int[] spare = groups.stream()
                .mapToInt(group -> available(group.sets()) - group.keep())
                .toArray();
        var spared = new ArrayList<PodSeen>();
        for (var pod : old) {
            if (pod.deleting()) continue;
            if (pod.available()) {
                var group = groupOf(pod);
                if (room <= 0 || group.isPresent() && spare[group.getAsInt()] <= 0) continue;
                room--;
                group.ifPresent(i -> spare[i]--);
            }
            spared.add(pod);
        }
        return new Plan(true, spared, tight().flatMap(Group::grows).map(ReplicaSet::name));
    }

    private OptionalInt groupOf(PodSeen pod) {
        return IntStream.range(0, groups.size())
                .filter(i -> groups.get(i).has(pod))
                .findFirst();
    }

    /// The first group that has old pods and can spare none, whatever is waited for.
    private Optional<Group> tight() {
        return old.stream()
                .flatMap(pod -> groups.stream().filter(group -> group.tight() && group.has(pod)))
                .findFirst();
    }

    private void await() {
        long left = old.stream().filter(pod -> !pod.deleting()).count();
        var how = tight().map(group -> group.grows()
                        .map(set -> "; %s has no pod to spare and gets one more first".formatted(set.name()))
                        .orElse("; %s has no pod to spare, and none is added as long as %s"
                                .formatted(
                                        group.sets().getFirst().name(),
                                        pass.halted() ? "the rollout is paused" : "traffic is being moved")))
                .orElse("");
        pass.await(
                Because.of("Restarting", "%s older than %s%s", left == 1 ? "1 pod is" : left + " pods are", at, how));
    }

    /// Neither more than are listed nor more than are counted: the two are read at different moments, and the count
    /// may be from before the last eviction. Nor more than are asked for: what is above that is about to end, and
    /// nobody knows which.
    private int available(List<ReplicaSet> sets) {
        int available = 0;
        for (var set : sets) available += (int) Math.min(pass.seen.serving(set).count(), set.kept());
        return available;
    }

    /// Stable pods first, then the newest, then the rest.
    private static int rank(Pass pass, String replicaSet) {
        if (pass.seen.stable().map(ReplicaSet::name).equals(Optional.of(replicaSet))) return 0;
        return pass.seen.newest().map(ReplicaSet::name).equals(Optional.of(replicaSet)) ? 1 : 2;
    }
}
