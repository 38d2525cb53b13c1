package dev.sluice.rollout;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/// `spec.restartAt`: pods created before it are evicted, as many at a time as may be unavailable.
///
/// @see "Argo Rollouts spec B20"
final class Restart {
    private static final Duration RECHECK = Duration.ofSeconds(30);

    private Restart() {}

    /// @param unavailable pods that may be missing
    /// @return whether a pod is evicted; the counts that were seen are stale then
    static boolean evict(Pass pass, int unavailable) {
        var restartAt = pass.rollout.spec().restartAt();
        if (restartAt.isEmpty() || restartAt.equals(pass.status.restartedAt) || !pass.now.isAfter(restartAt.get())) {
            restartAt.filter(at -> !restartAt.equals(pass.status.restartedAt)).ifPresent(pass::wakeAt);
            return false;
        }
        var old = pass.seen.pods().stream()
                .filter(pod -> pod.created().isBefore(restartAt.get()) && !pod.deleting())
                .sorted(Comparator.<Observation.PodSeen>comparingInt(pod -> rank(pass, pod.replicaSet()))
                        .thenComparing(Observation.PodSeen::available)
                        .thenComparing(Observation.PodSeen::name))
                .toList();
        boolean leaving =
                pass.seen.pods().stream().anyMatch(pod -> pod.created().isBefore(restartAt.get()) && pod.deleting());
        if (old.isEmpty() && !leaving) {
            pass.status.restartedAt = restartAt;
            return false;
        }
        pass.wakeAt(pass.now.plus(RECHECK));
        int available =
                pass.seen.replicaSets().stream().mapToInt(ReplicaSet::available).sum();
        int asked =
                pass.seen.replicaSets().stream().mapToInt(ReplicaSet::replicas).sum();
        int room = available - (Math.max(pass.replicas, asked) - Math.max(1, unavailable));
        pass.await(Because.of("Restarting", "%d pods are older than %s", old.size(), restartAt.get()));
        boolean evicted = false;
        for (var pod : old) {
            if (pod.available() && room <= 0) continue;
            if (pod.available()) room--;
            pass.act(
                    new Action.EvictPod(pod),
                    Because.of("Restart", "%s was created before %s", pod.name(), restartAt.get()));
            evicted = true;
        }
        return evicted;
    }

    /// Stable pods first, then the newest, then the rest.
    private static int rank(Pass pass, String replicaSet) {
        if (pass.seen.stable().map(ReplicaSet::name).equals(Optional.of(replicaSet))) return 0;
        return pass.seen.newest().map(ReplicaSet::name).equals(Optional.of(replicaSet)) ? 1 : 2;
    }
}
