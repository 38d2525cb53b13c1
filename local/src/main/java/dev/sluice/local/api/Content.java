package dev.sluice.local.api;

import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import java.util.List;
import java.util.Optional;

/// What the server asks about the fields of objects; the answers are `dev.sluice.local.schema`'s.
class Content {
    /// An object as it was sent, without the fields that its schema does not know.
    ///
    /// @param patched the object is the outcome of a patch rather than a body
    Json.Obj read(Served served, Json.Obj object, WriteOptions options, boolean patched) {
        return object;
    }

    Json.Obj defaulted(Served served, Json.Obj object) {
        return object;
    }

    List<Failure.Cause> problems(Served served, Json.Obj object, Optional<Json.Obj> old) {
        return List.of();
    }

    /// The object with `metadata.managedFields` brought up to date.
    Json.Obj managed(
            Served served,
            Optional<Json.Obj> old,
            Json.Obj object,
            WriteOptions options,
            String subresource,
            String stamp) {
        return object;
    }

    /// An object after a patch of a media type.
    Json.Obj patched(Served served, String mediaType, Json.Obj object, Json patch) {
        return MergePatch.apply(object, patch).obj();
    }
}
