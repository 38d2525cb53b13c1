package dev.sluice.rollout;

import dev.sluice.rollout.Decision.Event;

/// The workload that the template comes from: its generation is put on record, and the pods that it has of its own give
/// way to those of the first revision.
///
/// ```
/// never          ─► left alone
/// onsuccess      ─► 0 once the first revision is healthy
/// progressively  ─► as many as the Rollout's ready pods fall short of spec.replicas, from the first that is
///                   ready on; more again only where ready ones are lost; 0 once it is healthy
/// ```
///
/// Only the first revision takes over from it: what scales it later, such as an autoscaler, is not fought.
///
/// @see "Argo Rollouts spec B19, B23"
final class Workload {
    private Workload() {}

    /// Puts the generation that this pass is decided on into the annotation that Argo's tools compare the status with.
    static void note(Pass pass) {
        if (pass.seen.workload().isEmpty()) return;
        var workload = pass.seen.workload().get();
        if (!workload.watched()) pass.wakeAt(pass.now.plus(Pass.RECHECK));
        if (pass.rollout.workloadGeneration().equals(workload.generationText())) return;
        pass.act(
                new Action.SetWorkloadGeneration(workload.generation()),
                Because.of(
                        "WorkloadChanged",
                        "the template comes from %s, which is at generation %d",
                        workload,
                        workload.generation()));
    }

    /// Scales it, where its pods are to give way. At the end of a pass, when it is known whether all is well.
    static void giveWay(Pass pass) {
        var ref = pass.rollout.spec().workloadRef();
        var seen = pass.seen.workload();
        if (ref.isEmpty() || seen.isEmpty() || !firstTakesOver(pass)) return;
        var workload = seen.get();
        if (workload.replicas().isEmpty() || workload.deleting()) return;
        int has = workload.replicas().get();
        // On record too: what made it so, such as a Service that was switched, has been seen then.
        boolean healthy =
                pass.status.phase.equals("Healthy") && pass.before.phase().equals("Healthy");
        int wanted = switch (ref.get().scaleDown()) {
            case NEVER -> has;
            case ON_SUCCESS -> healthy ? 0 : has;
            case PROGRESSIVELY -> healthy ? 0 : beside(pass, has);
        };
        if (wanted == has) return;
        pass.act(
                new Action.ScaleWorkload(workload, wanted),
                healthy
                        ? Because.of(
                                "WorkloadReplaced",
                                "all %d pods of the Rollout serve, so those of %s are not needed",
                                pass.replicas,
                                workload)
                        : Because.of(
                                "WorkloadGivesWay",
                                "%d of %d pods of the Rollout are ready, and %s makes up for the rest",
                                ready(pass),
                                pass.replicas,
                                workload),
                Event.normal(
                        "ScalingWorkload",
                        "Scaled %s %s from %d to %d".formatted(wanted > has ? "up" : "down", workload, has, wanted)));
        // It may be refused, which holds up nothing and tells nobody.
        pass.wakeAt(pass.now.plus(Pass.RECHECK));
    }

    /// A Rollout that shall have no pods is healthy without one, and takes nothing over.
    private static boolean firstTakesOver(Pass pass) {
        return pass.replicas > 0 && pass.revision() == 1 && pass.seen.newest().isPresent();
    }

    private static int beside(Pass pass, int has) {
        int ready = ready(pass);
        int missing = Math.max(0, pass.replicas - ready);
        if (missing <= has) return ready > 0 ? missing : has;
        // It may never have had as many.
        return ready < pass.before.readyReplicas() ? missing : has;
    }

    private static int ready(Pass pass) {
        return pass.seen.replicaSets().stream().mapToInt(ReplicaSet::ready).sum();
    }
}
