package dev.sluice.e2e.probes;

import static dev.sluice.e2e.probes.Ask.get;
import static dev.sluice.e2e.probes.Probe.probe;

import dev.sluice.json.Json;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What a client asks before it asks for anything. We serve fewer kinds; of those we serve, everything must be alike.
final class DiscoveryProbes {
    private DiscoveryProbes() {}

    private static final String AGGREGATED =
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

    private static final Set<String> CORE = Set.of(
            "configmaps",
            "endpoints",
            "events",
            "namespaces",
            "namespaces/finalize",
            "namespaces/status",
            "nodes",
            "nodes/status",
            "persistentvolumeclaims",
            "persistentvolumeclaims/status",
            "pods",
            "pods/binding",
            "pods/eviction",
            "pods/log",
            "pods/status",
            "podtemplates",
            "secrets",
            "serviceaccounts",
            "services",
            "services/status");

    private static final Set<String> GROUPS = Set.of(
            "apps",
            "batch",
            "coordination.k8s.io",
            "discovery.k8s.io",
            "apiextensions.k8s.io",
            "networking.k8s.io",
            "rbac.authorization.k8s.io",
            "authorization.k8s.io",
            "authentication.k8s.io");

    /// The items of a list by their key, those of `names` only.
    private static Json.Obj keyed(Json list, String key, Set<String> names) {
        var keyed = Json.Obj.EMPTY;
        for (var item : list.items()) {
            var name = item.at(key.split("\\.")).string("");
            if (names.contains(name)) keyed = keyed.with(name, item);
        }
        return keyed;
    }

    private static UnaryOperator<Json> resources(String... names) {
        return json -> keyed(json.at("resources"), "name", Set.of(names));
    }

    /// Kinds of the aggregated form, without their subresources and the hash of all.
    private static UnaryOperator<Json> aggregated(Set<String> groups, Set<String> kinds) {
        return json -> {
            var all = Json.obj("kind", json.at("kind"), "apiVersion", json.at("apiVersion"));
            for (var group : json.at("items").items()) {
                var name = group.at("metadata", "name").string("");
                if (!groups.contains(name)) continue;
                var preferred = group.at("versions").at(0);
                var resources = Json.Obj.EMPTY;
                for (var resource : keyed(preferred.at("resources"), "resource", kinds)
                        .fields()
                        .entrySet())
                    resources = resources.with(
                            resource.getKey(), resource.getValue().obj().without("subresources"));
                all = all.with(name + " " + preferred.at("version").string(""), resources);
            }
            return all;
        };
    }

    static List<Probe> all() {
        return List.of(
                probe(
                        "the version",
                        get("/version").only("major", "minor"),
                        get("/healthz"),
                        get("/readyz"),
                        get("/livez"),
                        get("/api").only("kind", "versions")),
                probe(
                        "the kinds of the core group",
                        get("/api/v1").as(json -> keyed(json.at("resources"), "name", CORE)),
                        get("/api").header("Accept", AGGREGATED).as(aggregated(Set.of(""), CORE))),
                probe(
                        "the kinds of the other groups",
                        get("/apis/apps/v1")
                                .as(resources(
                                        "deployments",
                                        "deployments/scale",
                                        "deployments/status",
                                        "replicasets",
                                        "replicasets/scale",
                                        "replicasets/status")),
                        get("/apis/batch/v1").as(resources("jobs", "jobs/status")),
                        get("/apis/coordination.k8s.io/v1").as(resources("leases")),
                        get("/apis/discovery.k8s.io/v1"),
                        get("/apis/apiextensions.k8s.io/v1"),
                        get("/apis/networking.k8s.io/v1")
                                .as(resources("ingresses", "ingresses/status", "networkpolicies")),
                        get("/apis/authorization.k8s.io/v1")
                                .as(resources("selfsubjectaccessreviews", "subjectaccessreviews")),
                        get("/apis/rbac.authorization.k8s.io/v1"),
                        get("/apis/apps"),
                        get("/apis/none.test"),
                        get("/apis/none.test/v1"),
                        get("/apis/apps/v9")),
                probe(
                        "the groups",
                        get("/apis").as(json -> keyed(json.at("groups"), "name", GROUPS)),
                        get("/apis")
                                .header("Accept", AGGREGATED)
                                .as(aggregated(
                                        GROUPS,
                                        Set.of(
                                                "deployments",
                                                "replicasets",
                                                "jobs",
                                                "leases",
                                                "endpointslices",
                                                "customresourcedefinitions",
                                                "ingresses",
                                                "networkpolicies",
                                                "roles",
                                                "rolebindings",
                                                "clusterroles",
                                                "clusterrolebindings",
                                                "selfsubjectaccessreviews")))),
                probe(
                        "where the schemas are",
                        get("/openapi/v3").as(json -> {
                            var paths = Json.Obj.EMPTY;
                            for (var path : List.of("api/v1", "apis/apps/v1", "apis/batch/v1", "apis/none.test/v1"))
                                paths = paths.with(
                                        path,
                                        !json.at("paths", path, "serverRelativeURL")
                                                .isNull());
                            return paths;
                        }),
                        get("/openapi/v3/apis/apps/v1")
                                .as(json -> Json.obj(
                                        "openapi",
                                        json.at("openapi"),
                                        "deployment",
                                        json.at(
                                                "components",
                                                "schemas",
                                                "io.k8s.api.apps.v1.Deployment",
                                                "x-kubernetes-group-version-kind"),
                                        "patch",
                                        json.at(
                                                        "components",
                                                        "schemas",
                                                        "io.k8s.api.core.v1.PodSpec",
                                                        "properties",
                                                        "containers")
                                                .obj()
                                                .without("description"))),
                        get("/openapi/v3/apis/none.test/v1").as(_ -> Json.Null.VALUE)));
    }
}
