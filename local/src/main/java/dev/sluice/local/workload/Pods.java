package dev.sluice.local.workload;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What controllers read in pods, and how they make new ones.
final class Pods {
    private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

    private Pods() {}

    static String phase(Json pod) {
        return pod.at("status", "phase").string("");
    }

    static boolean finished(Json pod) {
        return phase(pod).equals("Succeeded") || phase(pod).equals("Failed");
    }

    /// Counts as one of the replicas: neither finished nor on its way out.
    static boolean active(Json pod) {
        return !finished(pod) && !Meta.deleting(pod);
    }

    static boolean ready(Json pod) {
        return Conditions.isTrue(pod, "Ready");
    }

    /// When the pod became ready; empty while it is not.
    static Optional<Instant> readySince(Json pod) {
        return Conditions.find(pod.at("status", "conditions"), "Ready")
                .filter(ready -> ready.at("status").string("").equals("True"))
                .flatMap(ready -> Meta.instant(ready.at("lastTransitionTime")));
    }

    /// When the pod has been ready for long enough; empty while it is not ready.
    static Optional<Instant> availableFrom(Json pod, int minReadySeconds) {
        return readySince(pod).map(since -> since.plus(Duration.ofSeconds(minReadySeconds)));
    }

    /// Which pods go first when there are too many: those that are least missed.
    ///
    /// Not yet on a node, pending, not ready, cheap by annotation, ready for a shorter time, restarted more often,
    /// younger. Pods that are alike go by name, so that the order is total.
    ///
    /// @see "Kubernetes: ReplicaSet, scaling down"
    static final Comparator<Json> LEAST_MISSED = Comparator.<Json, Boolean>comparing(
                    pod -> !pod.at("spec", "nodeName").string("").isEmpty())
            .thenComparingInt(Pods::progress)
            .thenComparing(Pods::ready)
            .thenComparingInt(Pods::deletionCost)
            .thenComparing(pod -> readySince(pod).orElse(Instant.MAX), Comparator.reverseOrder())
            .thenComparing(Pods::restarts, Comparator.reverseOrder())
            .thenComparing(Meta::created, Comparator.reverseOrder())
            .thenComparing(Meta::name);

    private static int progress(Json pod) {
        return switch (phase(pod)) {
            case "Pending" -> 0;
            case "Unknown" -> 1;
            default -> 2;
        };
    }

    private static int deletionCost(Json pod) {
        return Meta.annotation(pod, DELETION_COST)
                .filter(text -> text.matches("-?[0-9]{1,9}"))
                .map(Integer::parseInt)
                .orElse(0);
    }

    static int restarts(Json pod) {
        return pod.at("status", "containerStatuses").items().stream()
                .mapToInt(status -> status.at("restartCount").integer(0))
                .max()
                .orElse(0);
    }

    /// A new pod of a template, controlled by `owner`.
    static Json.Obj of(Json template, ResourceType ownerType, Json owner, String name) {
        var metadata =
                Json.obj("name", name, "generateName", Meta.name(owner) + "-", "namespace", Meta.namespace(owner));
        for (var field : List.of("labels", "annotations", "finalizers")) {
            var value = template.at("metadata", field);
            if (!value.isNull()) metadata = metadata.with(field, value);
        }
        var owners = new ArrayList<Json>();
        owners.add(Meta.ownerReference(ownerType, owner));
        return Json.obj(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                metadata.with("ownerReferences", owners),
                "spec",
                template.at("spec").obj());
    }
}
