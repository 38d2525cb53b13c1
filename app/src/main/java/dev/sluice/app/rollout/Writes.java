package dev.sluice.app.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Request;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutStatus;
import dev.sluice.rollout.Strategy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// What each act writes: the patches of Argo's kubectl plugin, byte for byte, so that either tool commands either
/// controller. Status first, spec after it.
///
/// @see "Argo Rollouts spec F3"
final class Writes {
    private static final Json.Obj UNPAUSE = Json.obj("spec", Json.obj("paused", false));
    private static final Json.Obj CLEAR_PAUSES = Json.obj("status", Json.obj("pauseConditions", Json.Null.VALUE));

    private Writes() {}

    /// On to the next step: ends what it waits for, or where it waits for nothing, skips the step it is at.
    static List<Request.Patch> promote(Rollout rollout) {
        var status = rollout.status();
        var writes = new ArrayList<Request.Patch>();
        boolean inconclusive = status.stepRun()
                .filter(run -> run.phase() == AnalysisPhase.INCONCLUSIVE)
                .isPresent();
        if (inconclusive && !status.pauseConditions().isEmpty() && status.controllerPause() && steps(rollout) > 0) {
            writes.add(status(
                    rollout,
                    Json.obj(
                            "pauseConditions",
                            Json.Null.VALUE,
                            "controllerPause",
                            false,
                            "currentStepIndex",
                            nextStep(rollout))));
        } else if (!status.pauseConditions().isEmpty()) {
            writes.add(patch(ref(rollout).sub("status"), CLEAR_PAUSES));
        } else if (steps(rollout) > 0) {
            writes.add(status(
                    rollout, Json.obj("pauseConditions", Json.Null.VALUE, "currentStepIndex", nextStep(rollout))));
        }
        if (rollout.spec().paused()) writes.add(patch(ref(rollout), UNPAUSE));
        return writes;
    }

    /// Past all steps, pauses and checks. Nothing is asked of a Rollout whose newest revision is the stable one.
    static List<Request.Patch> finish(Rollout rollout) {
        var writes = new ArrayList<Request.Patch>();
        RolloutStatus status = rollout.status();
        if (!status.currentPodHash().equals(status.stableRS())) {
            writes.add(status(rollout, Json.obj("promoteFull", true)));
        }
        if (rollout.spec().paused()) writes.add(patch(ref(rollout), UNPAUSE));
        return writes;
    }

    static List<Request.Patch> abort(Rollout rollout) {
        return List.of(status(rollout, Json.obj("abort", true)));
    }

    static List<Request.Patch> retry(Rollout rollout) {
        return List.of(status(rollout, Json.obj("abort", false)));
    }

    static List<Request.Patch> pause(Rollout rollout) {
        return List.of(patch(ref(rollout), Json.obj("spec", Json.obj("paused", true))));
    }

    static List<Request.Patch> resume(Rollout rollout) {
        return List.of(patch(ref(rollout), UNPAUSE));
    }

    static List<Request.Patch> restart(Rollout rollout, Instant at) {
        var time = at.truncatedTo(ChronoUnit.SECONDS).toString();
        return List.of(patch(ref(rollout), Json.obj("spec", Json.obj("restartAt", time))));
    }

    /// @param target the Rollout, or the workload that its template comes from
    static Request.Patch template(ObjectRef target, Json template) {
        return new Request.Patch(
                target,
                PatchType.JSON,
                Json.arr(Json.obj("op", "replace", "path", "/spec/template", "value", template)));
    }

    /// Sets images where they stand, on the condition that the containers are still where they were read.
    static Request.Patch images(ObjectRef target, List<Image> images) {
        var operations = new ArrayList<Json>();
        for (var image : images) {
            var path = "/spec/template/spec/" + image.list() + "/" + image.index();
            operations.add(Json.obj("op", "test", "path", path + "/name", "value", image.container()));
            // "add" replaces what is there, and sets what is not.
            operations.add(Json.obj("op", "add", "path", path + "/image", "value", image.image()));
        }
        return new Request.Patch(target, PatchType.JSON, new Json.Arr(operations));
    }

    /// One container and the image it shall have.
    ///
    /// @param list `containers` or `initContainers`
    record Image(String list, int index, String container, String image) {}

    private static int steps(Rollout rollout) {
        return rollout.spec().strategy() instanceof Strategy.Canary canary
                ? canary.steps().size()
                : 0;
    }

    private static int nextStep(Rollout rollout) {
        return Math.min(steps(rollout), rollout.status().currentStepIndex().orElse(0) + 1);
    }

    static ObjectRef ref(Rollout rollout) {
        return ObjectRef.of(Names.type(rollout.kind()), rollout.namespace(), rollout.name());
    }

    private static Request.Patch status(Rollout rollout, Json.Obj fields) {
        return patch(ref(rollout).sub("status"), Json.obj("status", fields));
    }

    private static Request.Patch patch(ObjectRef ref, Json.Obj body) {
        return new Request.Patch(ref, PatchType.MERGE, body);
    }
}
