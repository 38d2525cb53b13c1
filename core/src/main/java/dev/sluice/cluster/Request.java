package dev.sluice.cluster;

import dev.sluice.json.Json;
import java.time.Duration;
import java.util.Optional;

/// One call of the API server, as a value: it can be logged, counted, delayed, repeated and refused.
public sealed interface Request {
    /// Reads one object.
    record Get(ObjectRef ref) implements Request {}

    /// Reads all objects of a selection; the reply is the list object, `metadata.resourceVersion` included.
    record List(Selection selection) implements Request {}

    /// Creates an object, or posts to a subresource such as `eviction`.
    ///
    /// @param ref the object; `name` may be empty where the body has `generateName`
    record Create(ObjectRef ref, Json.Obj body) implements Request {}

    /// Patches an object or a subresource. The optimistic lock is `metadata.resourceVersion` inside the patch.
    record Patch(ObjectRef ref, PatchType type, Json body) implements Request {}

    /// Puts a whole object in the place of the one that is there. The optimistic lock is
    /// `metadata.resourceVersion` of the body.
    record Replace(ObjectRef ref, Json.Obj body) implements Request {}

    /// Deletes an object.
    ///
    /// @param uid delete only this incarnation
    /// @param resourceVersion delete only in this state
    /// @param propagation `Background`, `Foreground`, `Orphan`
    /// @param grace `gracePeriodSeconds`: how long a pod may take to end; zero removes it at once, as a kubelet
    ///     does when the containers have ended; empty leaves it to the object
    record Delete(
            ObjectRef ref,
            Optional<String> uid,
            Optional<String> resourceVersion,
            String propagation,
            Optional<Duration> grace)
            implements Request {
        public Delete(ObjectRef ref, Optional<String> uid, Optional<String> resourceVersion, String propagation) {
            this(ref, uid, resourceVersion, propagation, Optional.empty());
        }
    }

    /// Whether the request can change the cluster.
    default boolean writes() {
        return switch (this) {
            case Get _, List _ -> false;
            case Create _, Patch _, Replace _, Delete _ -> true;
        };
    }

    /// The verb as audit logs and RBAC name it.
    default String verb() {
        return switch (this) {
            case Get _ -> "get";
            case List _ -> "list";
            case Create _ -> "create";
            case Patch _ -> "patch";
            case Replace _ -> "update";
            case Delete _ -> "delete";
        };
    }
}
