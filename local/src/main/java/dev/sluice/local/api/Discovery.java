package dev.sluice.local.api;

import dev.sluice.json.Json;
import dev.sluice.local.api.Served.Trait;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What the server serves, as clients ask for it: all at once (aggregated, v2), or piece by piece as of old.
///
/// @see "Kubernetes API: apidiscovery.k8s.io/v2; meta/v1 APIVersions, APIGroupList, APIResourceList"
final class Discovery {
    static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    private static final List<String> CUSTOM_VERBS =
            List.of("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch");
    private static final List<String> NAMESPACE_VERBS =
            List.of("create", "delete", "get", "list", "patch", "update", "watch");
    private static final List<String> PART_VERBS = List.of("get", "patch", "update");

    private Discovery() {}

    /// A subresource as discovery shows it.
    private record Part(String name, String group, String version, String kind, List<String> verbs) {}

    /// The answer to `/api`, `/apis` and what lies directly below; empty for any other path.
    static Optional<ApiResponse> answer(ApiRequest request, Registry registry) {
        var parts = Arrays.stream(request.path().split("/", -1))
                .filter(part -> !part.isEmpty())
                .toList();
        if (parts.isEmpty()
                || !(parts.getFirst().equals("api") || parts.getFirst().equals("apis"))) {
            return Optional.empty();
        }
        boolean legacy = parts.getFirst().equals("api");
        return switch (parts.size()) {
            case 1 -> Optional.of(root(request, registry, legacy));
            case 2 ->
                legacy
                        ? resources(registry, "", parts.get(1))
                        : group(registry, parts.get(1)).map(ApiResponse::ok);
            case 3 -> legacy ? Optional.empty() : versioned(registry, parts.get(1), parts.get(2));
            default -> Optional.empty();
        };
    }

    private static Optional<ApiResponse> versioned(Registry registry, String group, String version) {
        var resources = resources(registry, group, version);
        if (resources.isEmpty() && !registry.versions(group).isEmpty()) throw Failure.noSuchResource();
        return resources;
    }

    private static ApiResponse root(ApiRequest request, Registry registry, boolean legacy) {
        var accept = request.headers().getOrDefault("accept", "").replace(" ", "");
        if (accept.contains("as=APIGroupDiscoveryList") && accept.contains("v=v2;")
                || accept.contains("v=v2,")
                || accept.endsWith("v=v2")) {
            var body = new ApiResponse.Body.Tree(aggregated(registry, legacy), AGGREGATED);
            return new ApiResponse(200, body, List.of());
        }
        if (legacy) {
            return ApiResponse.ok(Json.obj(
                    "kind",
                    "APIVersions",
                    "versions",
                    Json.arr("v1"),
                    "serverAddressByClientCIDRs",
                    Json.arr(Json.obj(
                            "clientCIDR",
                            "0.0.0.0/0",
                            "serverAddress",
                            request.headers().getOrDefault("host", "127.0.0.1")))));
        }
        var groups = new ArrayList<Json>();
        for (var name : registry.groups().keySet()) {
            if (!name.isEmpty())
                group(registry, name)
                        .map(group -> group.without("kind").without("apiVersion"))
                        .ifPresent(groups::add);
        }
        return ApiResponse.ok(Json.obj("kind", "APIGroupList", "apiVersion", "v1", "groups", new Json.Arr(groups)));
    }

    private static Json.Obj aggregated(Registry registry, boolean legacy) {
        var items = new ArrayList<Json>();
        registry.groups().forEach((group, versions) -> {
            if (group.isEmpty() != legacy) return;
            var list = new ArrayList<Json>();
            versions.forEach((version, kinds) -> {
                var resources = new ArrayList<Json>();
                for (var served : kinds.values()) resources.add(resource(served));
                list.add(Json.obj("version", version, "resources", new Json.Arr(resources), "freshness", "Current"));
            });
            var metadata = Json.obj("creationTimestamp", Json.Null.VALUE);
            items.add(Json.obj(
                    "metadata",
                    group.isEmpty() ? metadata : metadata.with("name", group),
                    "versions",
                    new Json.Arr(list)));
        });
        return Json.obj(
                "kind",
                "APIGroupDiscoveryList",
                "apiVersion",
                "apidiscovery.k8s.io/v2",
                "metadata",
                Json.Obj.EMPTY,
                "items",
                new Json.Arr(items));
    }

    private static Json.Obj resource(Served served) {
        var type = served.type();
        var resource = Json.obj(
                "resource",
                type.plural(),
                "responseKind",
                responseKind(served),
                "scope",
                type.namespaced() ? "Namespaced" : "Cluster",
                "singularResource",
                served.singular(),
                "verbs",
                verbs(served));
        if (!served.shortNames().isEmpty()) resource = resource.with("shortNames", served.shortNames());
        if (!served.categories().isEmpty()) resource = resource.with("categories", served.categories());
        var parts = parts(served);
        if (parts.isEmpty()) return resource;
        return resource.with(
                "subresources",
                parts.stream()
                        .map(part -> Json.obj(
                                "subresource",
                                part.name(),
                                "responseKind",
                                Json.obj("group", part.group(), "version", part.version(), "kind", part.kind()),
                                "verbs",
                                part.verbs()))
                        .toList());
    }

    /// Of built-in kinds a real server names neither group nor version here.
    private static Json.Obj responseKind(Served served) {
        var type = served.type();
        if (served.builtIn()) return Json.obj("group", "", "version", "", "kind", type.kind());
        return Json.obj("group", type.group(), "version", type.version(), "kind", type.kind());
    }

    private static List<String> verbs(Served served) {
        if (served.has(Trait.REVIEW)) return List.of("create");
        if (!served.builtIn()) return CUSTOM_VERBS;
        return served.resource().equals("namespaces") ? NAMESPACE_VERBS : VERBS;
    }

    private static List<Part> parts(Served served) {
        var type = served.type();
        var parts = new ArrayList<Part>();
        if (served.resource().equals("pods")) {
            parts.add(new Part("binding", "", "v1", "Binding", List.of("create")));
            parts.add(new Part("eviction", "policy", "v1", "Eviction", List.of("create")));
            parts.add(new Part("log", "", "v1", "Pod", List.of("get")));
        }
        if (served.resource().equals("namespaces")) {
            parts.add(new Part("finalize", "", "v1", "Namespace", List.of("update")));
        }
        if (served.has(Trait.SCALE)) parts.add(new Part("scale", "autoscaling", "v1", "Scale", PART_VERBS));
        if (served.has(Trait.STATUS)) {
            parts.add(new Part("status", type.group(), type.version(), type.kind(), PART_VERBS));
        }
        return parts;
    }

    private static Optional<Json.Obj> group(Registry registry, String name) {
        var versions = new ArrayList<Json>();
        for (var version : registry.versions(name).keySet()) {
            versions.add(Json.obj("groupVersion", name + "/" + version, "version", version));
        }
        if (versions.isEmpty() || name.isEmpty()) return Optional.empty();
        return Optional.of(Json.obj(
                "kind",
                "APIGroup",
                "apiVersion",
                "v1",
                "name",
                name,
                "versions",
                new Json.Arr(versions),
                "preferredVersion",
                versions.getFirst()));
    }

    private static Optional<ApiResponse> resources(Registry registry, String group, String version) {
        var kinds = registry.versions(group).getOrDefault(version, Map.of());
        if (kinds.isEmpty()) return Optional.empty();
        var resources = new ArrayList<Json>();
        for (var served : kinds.values()) {
            var type = served.type();
            var resource = Json.obj(
                    "name",
                    type.plural(),
                    "singularName",
                    served.singular(),
                    "namespaced",
                    type.namespaced(),
                    "kind",
                    type.kind(),
                    "verbs",
                    verbs(served));
            if (!served.shortNames().isEmpty()) resource = resource.with("shortNames", served.shortNames());
            if (!served.categories().isEmpty()) resource = resource.with("categories", served.categories());
            if (!served.has(Trait.REVIEW)) resource = resource.with("storageVersionHash", hash(type.toString()));
            resources.add(resource);
            for (var part : parts(served)) {
                var sub = Json.obj(
                        "name", type.plural() + "/" + part.name(), "singularName", "", "namespaced", type.namespaced());
                if (!part.group().equals(group) || !part.version().equals(version)) {
                    if (!part.group().isEmpty()) sub = sub.with("group", part.group());
                    sub = sub.with("version", part.version());
                }
                resources.add(sub.with("kind", part.kind()).with("verbs", part.verbs()));
            }
        }
        var list = Json.obj("kind", "APIResourceList");
        if (!group.isEmpty()) list = list.with("apiVersion", "v1");
        return Optional.of(ApiResponse.ok(list.with("groupVersion", group.isEmpty() ? version : group + "/" + version)
                .with("resources", new Json.Arr(resources))));
    }

    /// Opaque and stable, all that the field promises.
    private static String hash(String text) {
        var uuid = UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
        return java.util.Base64.getEncoder()
                .encodeToString(java.nio.ByteBuffer.allocate(8)
                        .putLong(uuid.getMostSignificantBits())
                        .array());
    }
}
