package dev.sluice.local.api;

import static dev.sluice.local.api.Served.Trait.CREATE_ON_UPDATE;
import static dev.sluice.local.api.Served.Trait.GENERATION;
import static dev.sluice.local.api.Served.Trait.RETURNS_DELETED;
import static dev.sluice.local.api.Served.Trait.SCALE;
import static dev.sluice.local.api.Served.Trait.STATUS;
import static dev.sluice.local.api.Served.Trait.UNCONDITIONAL_UPDATE;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.api.Served.Trait;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The kinds that are served from the start.
///
/// @see "Kubernetes 1.34: the registry strategies of each kind, for the traits"
final class BuiltIns {
    static final ResourceType SERVICE_ACCOUNTS = ResourceType.namespaced("", "v1", "serviceaccounts", "ServiceAccount");
    static final ResourceType PDBS =
            ResourceType.namespaced("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");
    static final ResourceType STATEFUL_SETS = ResourceType.namespaced("apps", "v1", "statefulsets", "StatefulSet");
    static final ResourceType DAEMON_SETS = ResourceType.namespaced("apps", "v1", "daemonsets", "DaemonSet");
    static final ResourceType CRON_JOBS = ResourceType.namespaced("batch", "v1", "cronjobs", "CronJob");
    static final ResourceType HPAS =
            ResourceType.namespaced("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler");
    static final ResourceType INGRESSES = ResourceType.namespaced("networking.k8s.io", "v1", "ingresses", "Ingress");

    private BuiltIns() {}

    static List<Served> all() {
        var all = new ArrayList<Served>();
        core(all);
        all.add(kind(
                ResourceType.DEPLOYMENTS, "deploy", Set.of("all"), STATUS, SCALE, GENERATION, UNCONDITIONAL_UPDATE));
        all.add(kind(ResourceType.REPLICA_SETS, "rs", Set.of("all"), STATUS, SCALE, GENERATION, UNCONDITIONAL_UPDATE));
        all.add(kind(STATEFUL_SETS, "sts", Set.of("all"), STATUS, SCALE, GENERATION, UNCONDITIONAL_UPDATE));
        all.add(kind(DAEMON_SETS, "ds", Set.of("all"), STATUS, GENERATION, UNCONDITIONAL_UPDATE));
        all.add(kind(
                ResourceType.namespaced("apps", "v1", "controllerrevisions", "ControllerRevision"),
                "",
                Set.of(),
                UNCONDITIONAL_UPDATE));
        all.add(kind(ResourceType.JOBS, "", Set.of("all"), STATUS, GENERATION, UNCONDITIONAL_UPDATE));
        all.add(kind(CRON_JOBS, "cj", Set.of("all"), STATUS, GENERATION, UNCONDITIONAL_UPDATE));
        all.add(kind(HPAS, "hpa", Set.of("all"), STATUS, UNCONDITIONAL_UPDATE));
        all.add(kind(PDBS, "pdb", Set.of(), STATUS, GENERATION));
        all.add(kind(INGRESSES, "ing", Set.of(), STATUS, GENERATION, UNCONDITIONAL_UPDATE));
        all.add(kind(
                new ResourceType("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false),
                "",
                Set.of(),
                GENERATION,
                UNCONDITIONAL_UPDATE));
        all.add(kind(
                ResourceType.namespaced("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
                "netpol",
                Set.of(),
                GENERATION,
                UNCONDITIONAL_UPDATE));
        for (var type : List.of(
                ResourceType.namespaced("rbac.authorization.k8s.io", "v1", "roles", "Role"),
                ResourceType.namespaced("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
                new ResourceType("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
                new ResourceType(
                        "rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false))) {
            all.add(kind(type, "", Set.of(), UNCONDITIONAL_UPDATE));
        }
        all.add(kind(ResourceType.LEASES, "", Set.of(), CREATE_ON_UPDATE));
        all.add(kind(ResourceType.ENDPOINT_SLICES, "", Set.of(), GENERATION, UNCONDITIONAL_UPDATE));
        all.add(kind(ResourceType.CRDS, "crd,crds", Set.of("api-extensions"), STATUS, GENERATION));
        all.add(review("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"));
        all.add(review("authentication.k8s.io", "tokenreviews", "TokenReview"));
        all.add(review("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"));
        all.add(review("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"));
        all.add(review("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview"));
        return all;
    }

    private static void core(List<Served> all) {
        all.add(kind(ResourceType.CONFIG_MAPS, "cm", Set.of(), UNCONDITIONAL_UPDATE));
        all.add(kind(
                ResourceType.namespaced("", "v1", "endpoints", "Endpoints"),
                "ep",
                Set.of(),
                UNCONDITIONAL_UPDATE,
                CREATE_ON_UPDATE));
        all.add(kind(ResourceType.EVENTS, "ev", Set.of(), UNCONDITIONAL_UPDATE, CREATE_ON_UPDATE));
        all.add(kind(ResourceType.NAMESPACES, "ns", Set.of(), STATUS, UNCONDITIONAL_UPDATE, RETURNS_DELETED));
        all.add(kind(ResourceType.NODES, "no", Set.of(), STATUS, UNCONDITIONAL_UPDATE));
        all.add(kind(
                ResourceType.namespaced("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
                "pvc",
                Set.of(),
                STATUS,
                UNCONDITIONAL_UPDATE,
                RETURNS_DELETED));
        all.add(kind(
                ResourceType.PODS, "po", Set.of("all"), STATUS, GENERATION, UNCONDITIONAL_UPDATE, RETURNS_DELETED));
        all.add(kind(
                ResourceType.namespaced("", "v1", "podtemplates", "PodTemplate"),
                "",
                Set.of(),
                GENERATION,
                UNCONDITIONAL_UPDATE,
                RETURNS_DELETED));
        all.add(kind(ResourceType.SECRETS, "", Set.of(), UNCONDITIONAL_UPDATE));
        all.add(kind(SERVICE_ACCOUNTS, "sa", Set.of(), UNCONDITIONAL_UPDATE, RETURNS_DELETED));
        all.add(kind(
                ResourceType.SERVICES,
                "svc",
                Set.of("all"),
                STATUS,
                UNCONDITIONAL_UPDATE,
                CREATE_ON_UPDATE,
                RETURNS_DELETED));
    }

    /// Definitions of the custom kinds that Sluice itself needs, without a schema: served until the real definition is
    /// applied, so that a simulation or a test need not apply any. They are no objects of the cluster.
    static List<Json.Obj> undefined() {
        var scale = Json.obj(
                "specReplicasPath", ".spec.replicas",
                "statusReplicasPath", ".status.HPAReplicas",
                "labelSelectorPath", ".status.selector");
        var status = Json.obj("status", Json.Obj.EMPTY);
        return List.of(
                definition(
                        ResourceType.ROLLOUTS,
                        "ro",
                        status.with("scale", scale),
                        column("Desired", "integer", ".spec.replicas"),
                        column("Current", "integer", ".status.replicas"),
                        column("Up-to-date", "integer", ".status.updatedReplicas"),
                        column("Available", "integer", ".status.availableReplicas")),
                definition(ResourceType.ANALYSIS_TEMPLATES, "at", Json.Obj.EMPTY),
                definition(ResourceType.CLUSTER_ANALYSIS_TEMPLATES, "cat", Json.Obj.EMPTY),
                definition(
                        ResourceType.ANALYSIS_RUNS, "ar", Json.Obj.EMPTY, column("Status", "string", ".status.phase")),
                definition(
                        ResourceType.EXPERIMENTS, "exp", Json.Obj.EMPTY, column("Status", "string", ".status.phase")),
                definition(ResourceType.HTTP_ROUTES, "", status, column("Hostnames", "string", ".spec.hostnames")),
                definition(ResourceType.GATEWAYS, "gtw", status, column("Class", "string", ".spec.gatewayClassName")));
    }

    private static Json.Obj column(String name, String type, String path) {
        return Json.obj("name", name, "type", type, "jsonPath", path);
    }

    private static Json.Obj definition(
            ResourceType type, String shortName, Json.Obj subresources, Json.Obj... columns) {
        var all = new ArrayList<Json>(List.of(columns));
        all.add(column("Age", "date", ".metadata.creationTimestamp"));
        return Json.obj(
                "apiVersion",
                "apiextensions.k8s.io/v1",
                "kind",
                "CustomResourceDefinition",
                "metadata",
                Json.obj("name", type.toString()),
                "spec",
                Json.obj(
                        "group",
                        type.group(),
                        "scope",
                        type.namespaced() ? "Namespaced" : "Cluster",
                        "names",
                        Json.obj(
                                "plural",
                                type.plural(),
                                "singular",
                                type.kind().toLowerCase(Locale.ROOT),
                                "kind",
                                type.kind(),
                                "shortNames",
                                shortName.isEmpty() ? List.of() : List.of(shortName)),
                        "versions",
                        Json.arr(Json.obj(
                                "name",
                                type.version(),
                                "served",
                                true,
                                "storage",
                                true,
                                "schema",
                                Json.obj(
                                        "openAPIV3Schema",
                                        Json.obj("type", "object", "x-kubernetes-preserve-unknown-fields", true)),
                                "subresources",
                                subresources,
                                "additionalPrinterColumns",
                                new Json.Arr(all)))));
    }

    /// The questions about access that clients ask before they act.
    private static Served review(String group, String plural, String kind) {
        return kind(new ResourceType(group, "v1", plural, kind, false), "", Set.of(), Trait.REVIEW);
    }

    private static Served kind(ResourceType type, String shortNames, Set<String> categories, Trait... traits) {
        var all = EnumSet.noneOf(Trait.class);
        all.addAll(List.of(traits));
        return new Served(
                type,
                type.kind().toLowerCase(Locale.ROOT),
                shortNames.isEmpty() ? List.of() : List.of(shortNames.split(",")),
                List.copyOf(categories),
                all,
                Optional.empty());
    }
}
