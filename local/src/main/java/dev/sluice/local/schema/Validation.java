package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Says everything that is wrong with an object, before it is stored.
public final class Validation {
    private Validation() {}

    /// Every problem, in the order in which the API server lists them; none when the object may be stored.
    ///
    /// @param object pruned and with its defaults
    /// @param old the stored object in an update; empty on creation
    public static List<Problem> validate(KindSchema kind, Json.Obj object, Optional<Json.Obj> old) {
        return new ArrayList<>();
    }
}
