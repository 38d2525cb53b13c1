package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.rollout.Rollout;
import java.util.Optional;

/// Where the pod template of a Rollout stands: in itself, or in the workload that it refers to.
record Templates(ObjectRef holder, Json.Obj object) {
    static Templates of(Api api, Rollout rollout, Json.Obj source) {
        var workload = source.at("spec", "workloadRef");
        if (workload.isNull()) return new Templates(Writes.ref(rollout), source);
        var kind = workload.at("kind").string("");
        var type = Optional.of(kind).flatMap(k -> switch (k) {
            case "Deployment" -> Optional.of(ResourceType.DEPLOYMENTS);
            case "ReplicaSet" -> Optional.of(ResourceType.REPLICA_SETS);
            default -> Optional.<ResourceType>empty();
        });
        var what = "rollout %s/%s takes its template from %s %s"
                .formatted(
                        rollout.namespace(),
                        rollout.name(),
                        kind,
                        workload.at("name").string(""));
        if (type.isEmpty()) {
            throw Complaint.of(Exit.REFUSED, "SLU-A013", what)
                    .because("spec.workloadRef.kind: \"" + kind + "\" can not be changed from here")
                    .remedy("change it there")
                    .failure();
        }
        var holder = ObjectRef.of(
                type.get(), rollout.namespace(), workload.at("name").string(""));
        var reply = api.gateway().send(new Request.Get(holder));
        return new Templates(
                holder,
                reply.answer()
                        .orElseThrow(() ->
                                Api.complaint("cannot read " + holder, reply).failure()));
    }

    /// Of the workload, as `status.workloadObservedGeneration` has it; empty where there is none.
    String generation(Rollout rollout) {
        return rollout.spec().workloadRef().isEmpty()
                ? ""
                : object.at("metadata", "generation")
                        .asLong()
                        .map(String::valueOf)
                        .orElse("");
    }

    Json template() {
        return object.at("spec", "template");
    }
}
