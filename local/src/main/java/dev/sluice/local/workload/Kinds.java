package dev.sluice.local.workload;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Which kinds there are: the built-in ones, and those that CustomResourceDefinitions add.
final class Kinds {
    static final ResourceType SERVICE_ACCOUNTS = ResourceType.namespaced("", "v1", "serviceaccounts", "ServiceAccount");
    static final ResourceType BUDGETS =
            ResourceType.namespaced("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");

    /// Namespaced kinds that may own or be owned, and that a namespace takes with it. Owners stand
    /// before what they own: deleting a Deployment before its pods spares a ReplicaSet from making new
    /// ones.
    static final List<ResourceType> NAMESPACED = List.of(
            ResourceType.ROLLOUTS,
            ResourceType.EXPERIMENTS,
            ResourceType.ANALYSIS_RUNS,
            ResourceType.ANALYSIS_TEMPLATES,
            ResourceType.namespaced("batch", "v1", "cronjobs", "CronJob"),
            ResourceType.JOBS,
            ResourceType.DEPLOYMENTS,
            ResourceType.namespaced("apps", "v1", "statefulsets", "StatefulSet"),
            ResourceType.namespaced("apps", "v1", "daemonsets", "DaemonSet"),
            ResourceType.REPLICA_SETS,
            ResourceType.namespaced("apps", "v1", "controllerrevisions", "ControllerRevision"),
            ResourceType.namespaced("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
            BUDGETS,
            ResourceType.HTTP_ROUTES,
            ResourceType.GATEWAYS,
            ResourceType.namespaced("networking.k8s.io", "v1", "ingresses", "Ingress"),
            ResourceType.namespaced("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
            ResourceType.SERVICES,
            ResourceType.ENDPOINT_SLICES,
            ResourceType.namespaced("", "v1", "endpoints", "Endpoints"),
            ResourceType.PODS,
            ResourceType.namespaced("", "v1", "podtemplates", "PodTemplate"),
            ResourceType.namespaced("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
            ResourceType.CONFIG_MAPS,
            ResourceType.SECRETS,
            SERVICE_ACCOUNTS,
            ResourceType.namespaced("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
            ResourceType.namespaced("rbac.authorization.k8s.io", "v1", "roles", "Role"),
            ResourceType.LEASES,
            ResourceType.EVENTS);

    /// Cluster-scoped kinds that may own.
    static final List<ResourceType> CLUSTER = List.of(
            ResourceType.NAMESPACES, ResourceType.NODES, ResourceType.CRDS, ResourceType.CLUSTER_ANALYSIS_TEMPLATES);

    /// The kind a CustomResourceDefinition adds, in its storage version.
    static Optional<ResourceType> defined(Json definition) {
        var spec = definition.at("spec");
        var group = spec.at("group").string("");
        var plural = spec.at("names", "plural").string("");
        var kind = spec.at("names", "kind").string("");
        var version = spec.at("versions").items().stream()
                .filter(v -> v.at("storage").bool(false) && v.at("served").bool(true))
                .map(v -> v.at("name").string(""))
                .findFirst();
        if (version.isEmpty() || group.isEmpty() || plural.isEmpty() || kind.isEmpty()) return Optional.empty();
        return Optional.of(new ResourceType(
                group,
                version.get(),
                plural,
                kind,
                spec.at("scope").string("Namespaced").equals("Namespaced")));
    }

    private final Map<String, ResourceType> all = new TreeMap<>();
    private final List<ResourceType> order = new ArrayList<>();

    Kinds() {
        CLUSTER.forEach(this::add);
        NAMESPACED.forEach(this::add);
    }

    /// Adds a kind.
    ///
    /// @return false if it was known
    synchronized boolean add(ResourceType type) {
        if (all.putIfAbsent(type.toString(), type) != null) return false;
        // What users define may own anything: before the built-in kinds.
        if (NAMESPACED.contains(type) || CLUSTER.contains(type)) order.add(type);
        else order.addFirst(type);
        return true;
    }

    synchronized List<ResourceType> namespaced() {
        return order.stream().filter(ResourceType::namespaced).toList();
    }

    synchronized List<ResourceType> known() {
        return List.copyOf(order);
    }

    /// The kind an owner reference means, whatever version of the group it names.
    synchronized Optional<ResourceType> of(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        var group = slash < 0 ? "" : apiVersion.substring(0, slash);
        return order.stream()
                .filter(type -> type.group().equals(group) && type.kind().equals(kind))
                .findFirst();
    }
}
