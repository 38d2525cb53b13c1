package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.api.Served.Trait;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// What belongs to whom: the parts of an object that a client writes through the object, and the parts that are written
/// through its `status`; and when the generation counts on.
///
/// @see "Kubernetes: registry/<group>/<kind>/strategy.go of each kind; apiextensions: customresource/strategy.go"
final class Lifecycle {
    private Lifecycle() {}

    /// A new object: without a status of the client's, with the one that the server begins with.
    static Json.Obj created(Served served, Json.Obj object) {
        var fresh = served.has(Trait.STATUS) ? object.without("status") : object;
        if (served.has(Trait.GENERATION)) fresh = fresh.withAt(List.of("metadata", "generation"), 1);
        if (!served.builtIn()) return fresh;
        return switch (served.resource()) {
            case "pods" -> fresh.with("status", Json.obj("phase", "Pending", "qosClass", qualityOfService(fresh)));
            case "jobs.batch" -> selecting(fresh).with("status", Json.Obj.EMPTY);
            case "replicasets.apps" -> fresh.with("status", Json.obj("replicas", 0));
            case "namespaces" ->
                fresh.withAt(List.of("metadata", "labels", "kubernetes.io/metadata.name"), Metadata.name(fresh))
                        .withAt(List.of("spec", "finalizers"), List.of("kubernetes"))
                        .with("status", Json.obj("phase", "Active"));
            case "services" -> fresh.with("status", Json.obj("loadBalancer", Json.Obj.EMPTY));
            // Nodes register with their status; the kubelet is trusted to.
            case "nodes" -> object.has("status") ? fresh.with("status", object.at("status")) : fresh;
            default -> served.has(Trait.STATUS) ? fresh.with("status", Json.Obj.EMPTY) : fresh;
        };
    }

    /// A Job selects its pods by its own uid, unless its maker says otherwise.
    private static Json.Obj selecting(Json.Obj job) {
        if (job.at("spec", "manualSelector").bool(false)) return job;
        var uid = job.at("metadata", "uid");
        var labels = job.at("spec", "template", "metadata", "labels").obj();
        for (var prefix : List.of("batch.kubernetes.io/", "")) {
            labels = labels.with(prefix + "controller-uid", uid).with(prefix + "job-name", Metadata.name(job));
        }
        var selector = Json.obj("matchLabels", Json.obj("batch.kubernetes.io/controller-uid", uid));
        var made = job.withAt(List.of("spec", "template", "metadata", "labels"), labels)
                .withAt(List.of("spec", "selector"), selector);
        return Metadata.of(job).at("labels").obj().isEmpty()
                ? made.withAt(List.of("metadata", "labels"), labels)
                : made;
    }

    /// An update through the object itself: the status stays, and the generation counts what else changed.
    static Json.Obj updated(Served served, Json.Obj object, Json.Obj old) {
        var kept = object;
        if (served.has(Trait.STATUS)) kept = carry(kept, old, "status");
        if (served.is(ResourceType.NAMESPACES))
            kept = kept.withAt(List.of("spec", "finalizers"), old.at("spec", "finalizers"));
        return counted(served, kept, old);
    }

    /// An update through `status`: everything else stays.
    static Json.Obj statusUpdated(Served served, Json.Obj object, Json.Obj old) {
        var fields = new LinkedHashMap<>(old.fields());
        object.get("status")
                .filter(status -> !status.isNull())
                .ifPresentOrElse(status -> fields.put("status", status), () -> fields.remove("status"));
        var metadata = Metadata.of(old);
        if (served.builtIn()) {
            // Built-in kinds let the writer of a status write the metadata too, but for what each keeps.
            metadata = Metadata.of(object);
            if (served.is(ResourceType.DEPLOYMENTS)) metadata = carry(metadata, Metadata.of(old), "labels");
            if (served.is(ResourceType.PODS)) {
                metadata = carry(metadata, Metadata.of(old), "ownerReferences");
                var quality = old.at("status", "qosClass");
                if (object.at("status", "qosClass").isNull() && !quality.isNull()) {
                    fields.put("status", object.at("status").obj().with("qosClass", quality));
                }
            }
        } else {
            metadata = carry(metadata, Metadata.of(object), "managedFields");
        }
        fields.put("metadata", metadata);
        return new Json.Obj(fields);
    }

    private static Json.Obj carry(Json.Obj into, Json.Obj from, String field) {
        var value = from.get(field);
        return value.isPresent() ? into.with(field, value.get()) : into.without(field);
    }

    private static Json.Obj counted(Served served, Json.Obj object, Json.Obj old) {
        if (!served.has(Trait.GENERATION)) return object;
        long next = Metadata.generation(old) + (wanted(served, object).equals(wanted(served, old)) ? 0 : 1);
        return object.withAt(List.of("metadata", "generation"), next);
    }

    /// The part of an object whose changes the generation counts: `spec` of built-in kinds, everything
    /// but metadata (and status, where it is separate) of custom ones.
    private static Json wanted(Served served, Json.Obj object) {
        if (served.builtIn()) {
            return switch (served.resource()) {
                case "podtemplates" -> object.at("template");
                // Annotations of a Deployment are copied to its ReplicaSets, so they count.
                case "deployments.apps" ->
                    Json.obj("spec", object.at("spec"), "annotations", object.at("metadata", "annotations"));
                case "endpointslices.discovery.k8s.io" ->
                    object.without("metadata").with("labels", object.at("metadata", "labels"));
                default -> object.at("spec");
            };
        }
        var rest = object.without("metadata").without("apiVersion").without("kind");
        return served.has(Trait.STATUS) ? rest.without("status") : rest;
    }

    /// Marks the beginning of a deletion; that counts as a change of what is wanted.
    static Json.Obj deleting(Json.Obj object, String stamp, long graceSeconds) {
        var metadata =
                Metadata.of(object).with("deletionTimestamp", stamp).with("deletionGracePeriodSeconds", graceSeconds);
        long generation = Metadata.generation(object);
        if (generation > 0) metadata = metadata.with("generation", generation + 1);
        var marked = object.with("metadata", metadata);
        return object.at("kind").string("").equals("Namespace")
                ? marked.withAt(List.of("status", "phase"), "Terminating")
                : marked;
    }

    /// `BestEffort`, `Burstable` or `Guaranteed`, from the resources of all containers.
    private static String qualityOfService(Json.Obj pod) {
        boolean any = false;
        boolean all = true;
        for (var list : List.of("containers", "initContainers")) {
            for (var container : pod.at("spec", list).items()) {
                var requests = container.at("resources", "requests").obj();
                var limits = container.at("resources", "limits").obj();
                for (var resource : List.of("cpu", "memory")) {
                    any |= requests.has(resource) || limits.has(resource);
                    all &= limits.has(resource)
                            && Optional.of(requests.at(resource))
                                    .filter(request -> !request.isNull())
                                    .orElse(limits.at(resource))
                                    .equals(limits.at(resource));
                }
            }
        }
        if (!any) return "BestEffort";
        return all ? "Guaranteed" : "Burstable";
    }
}
