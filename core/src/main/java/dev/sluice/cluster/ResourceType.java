package dev.sluice.cluster;

import java.util.Optional;

/// One served resource: where its objects live under the API root.
///
/// @param group API group, empty for the core group
/// @param version `v1`, `v1alpha1`, …
/// @param plural the lower-case name in paths
/// @param kind the name in manifests
/// @param namespaced false for cluster-scoped objects
public record ResourceType(String group, String version, String plural, String kind, boolean namespaced) {
    public static final ResourceType ROLLOUTS = namespaced("argoproj.io", "v1alpha1", "rollouts", "Rollout");
    public static final ResourceType ANALYSIS_TEMPLATES =
            namespaced("argoproj.io", "v1alpha1", "analysistemplates", "AnalysisTemplate");
    public static final ResourceType CLUSTER_ANALYSIS_TEMPLATES =
            new ResourceType("argoproj.io", "v1alpha1", "clusteranalysistemplates", "ClusterAnalysisTemplate", false);
    public static final ResourceType ANALYSIS_RUNS =
            namespaced("argoproj.io", "v1alpha1", "analysisruns", "AnalysisRun");
    public static final ResourceType EXPERIMENTS = namespaced("argoproj.io", "v1alpha1", "experiments", "Experiment");
    public static final ResourceType DEPLOYMENT_CANARIES =
            namespaced("sluice.dev", "v1alpha1", "deploymentcanaries", "DeploymentCanary");
    public static final ResourceType REPLICA_SETS = namespaced("apps", "v1", "replicasets", "ReplicaSet");
    public static final ResourceType DEPLOYMENTS = namespaced("apps", "v1", "deployments", "Deployment");
    public static final ResourceType POD_TEMPLATES = namespaced("", "v1", "podtemplates", "PodTemplate");
    public static final ResourceType JOBS = namespaced("batch", "v1", "jobs", "Job");
    public static final ResourceType PODS = namespaced("", "v1", "pods", "Pod");
    public static final ResourceType SERVICES = namespaced("", "v1", "services", "Service");
    public static final ResourceType SECRETS = namespaced("", "v1", "secrets", "Secret");
    public static final ResourceType CONFIG_MAPS = namespaced("", "v1", "configmaps", "ConfigMap");
    public static final ResourceType EVENTS = namespaced("", "v1", "events", "Event");
    public static final ResourceType NAMESPACES = new ResourceType("", "v1", "namespaces", "Namespace", false);
    public static final ResourceType NODES = new ResourceType("", "v1", "nodes", "Node", false);
    public static final ResourceType ENDPOINT_SLICES =
            namespaced("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");
    public static final ResourceType LEASES = namespaced("coordination.k8s.io", "v1", "leases", "Lease");
    public static final ResourceType HTTP_ROUTES =
            namespaced("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute");
    public static final ResourceType GATEWAYS = namespaced("gateway.networking.k8s.io", "v1", "gateways", "Gateway");
    public static final ResourceType CRDS = new ResourceType(
            "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);

    public static ResourceType namespaced(String group, String version, String plural, String kind) {
        return new ResourceType(group, version, plural, kind, true);
    }

    /// `apps/v1`, or `v1` for the core group: the value of `apiVersion`.
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /// The URL path of the collection, of one namespace or of all: `/apis/apps/v1/namespaces/shop/replicasets`.
    public String path(Optional<String> namespace) {
        var root = group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
        return root
                + namespace.filter(n -> namespaced).map(n -> "/namespaces/" + n).orElse("") + "/" + plural;
    }

    @Override
    public String toString() {
        return group.isEmpty() ? plural : plural + "." + group;
    }
}
