package dev.sluice.rollout;

/// `canaryMetadata`, `stableMetadata`, `activeMetadata`, `previewMetadata`: labels and annotations that pods have for
/// what their revision is at the moment.
///
/// ```
/// template of the ReplicaSet ─► its controller has seen it: new pods are right
///                            ─► pods from before, each for itself ─► none is left: written down, nobody lists any more
/// ```
///
/// Nothing waits for any of it, and whatever refuses a write may do so for as long as it likes.
///
/// @see "Argo Rollouts spec B21; docs/adr/0021"
final class EphemeralMetadata {
    private EphemeralMetadata() {}

    static void sync(Pass pass) {
        // A Deployment is its user's.
        if (pass.rollout.kind() != Rollout.Kind.ROLLOUT) return;
        for (var set : pass.seen.replicaSets()) {
            if (!set.deleting()) sync(pass, set);
        }
    }

    private static void sync(Pass pass, ReplicaSet set) {
        var wanted = pass.metadata(set.hash());
        if (!set.added().metadata().equals(wanted)) {
            pass.aside(
                    new Action.SetMetadata(set, wanted),
                    Because.of("EphemeralMetadata", "pods of %s get %s", set.name(), wanted));
        } else if (!set.added().onPods() && set.observed()) {
            follow(pass, set);
        }
    }

    private static void follow(Pass pass, ReplicaSet set) {
        if (set.podless()) {
            confirm(pass, set, "%s has no pods".formatted(set.name()));
            return;
        }
        if (pass.seen.strayPods().isEmpty()) {
            pass.recheck();
            return;
        }
        var stray = pass.seen.strayPods().get().stream()
                .filter(pod -> pod.replicaSet().equals(set.name()))
                .toList();
        if (stray.isEmpty()) confirm(pass, set, "every pod of %s has its metadata".formatted(set.name()));
        for (var pod : stray) {
            pass.aside(
                    new Action.UpdatePod(pod),
                    Because.of(
                            "EphemeralMetadata",
                            "%s gets %s as %s has it",
                            pod.name(),
                            String.join(", ", pod.names()),
                            set.name()));
        }
    }

    private static void confirm(Pass pass, ReplicaSet set, String why) {
        pass.aside(new Action.ConfirmMetadata(set), new Because("EphemeralMetadata", why));
    }
}
