package dev.sluice.cluster;

import dev.sluice.json.Json;
import java.util.Comparator;
import java.util.Optional;

/// The name of one object, or of a subresource of it.
///
/// @param namespace empty for cluster-scoped objects
/// @param subresource `status`, `scale`, `eviction`, …, or empty for the object itself
public record ObjectRef(ResourceType type, String namespace, String name, String subresource)
        implements Comparable<ObjectRef> {
    private static final Comparator<ObjectRef> ORDER = Comparator.<ObjectRef, String>comparing(
                    ref -> ref.type().toString())
            .thenComparing(ObjectRef::namespace)
            .thenComparing(ObjectRef::name)
            .thenComparing(ObjectRef::subresource);

    public static ObjectRef of(ResourceType type, String namespace, String name) {
        return new ObjectRef(type, type.namespaced() ? namespace : "", name, "");
    }

    /// The reference to an object of a known type, from its metadata.
    public static ObjectRef of(ResourceType type, Json object) {
        var metadata = object.at("metadata");
        return of(type, metadata.at("namespace").string(""), metadata.at("name").string(""));
    }

    public ObjectRef sub(String subresource) {
        return new ObjectRef(type, namespace, name, subresource);
    }

    /// The URL path, subresource included.
    public String path() {
        var path = type.path(Optional.of(namespace).filter(n -> !n.isEmpty())) + "/" + name;
        return subresource.isEmpty() ? path : path + "/" + subresource;
    }

    @Override
    public int compareTo(ObjectRef other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        var text = type.plural() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
        return subresource.isEmpty() ? text : text + ":" + subresource;
    }
}
