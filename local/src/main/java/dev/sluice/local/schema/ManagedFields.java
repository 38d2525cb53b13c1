package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.time.Instant;
import java.util.Optional;

/// Keeps `metadata.managedFields` of ordinary writes: who last set which field.
public final class ManagedFields {
    private ManagedFields() {}

    /// `updated` with its `metadata.managedFields` brought up to date.
    ///
    /// @param live the stored object; empty on creation
    /// @param updated what is about to be stored
    /// @param subresource `status`, `scale`, or empty
    public static Json.Obj update(
            KindSchema kind,
            Optional<Json.Obj> live,
            Json.Obj updated,
            String manager,
            String subresource,
            Instant time) {
        return updated;
    }
}
