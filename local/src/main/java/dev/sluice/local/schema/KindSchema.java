package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.Optional;

/// The schema of one kind in one version.
///
/// @param root the whole object, apiVersion, kind and metadata included
/// @param typeName its name in OpenAPI documents, such as `io.k8s.api.apps.v1.Deployment`
/// @param crd the CustomResourceDefinition it came from; empty for built-in kinds
public record KindSchema(
        String group, String version, String kind, Schema root, String typeName, Optional<Json.Obj> crd) {
    /// The value of `apiVersion`.
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    /// Whether the kind is one of the API server itself: strategic merge patches exist, and the
    /// canonical form is that of Go's encoder. The other kinds are custom resources.
    public boolean builtIn() {
        return crd.isEmpty();
    }

    /// Whether the status is written through its own subresource only.
    public boolean hasStatus() {
        if (crd.isEmpty()) return schema().fields().containsKey("status");
        for (var served : crd.get().at("spec", "versions").items()) {
            if (served.at("name").string("").equals(version))
                return served.at("subresources").obj().has("status");
        }
        return false;
    }

    /// The schema of the whole object.
    public Schema.Obj schema() {
        return (Schema.Obj) root.target();
    }
}
