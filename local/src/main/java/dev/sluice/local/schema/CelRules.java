package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.List;
import java.util.Optional;

/// Validation rules in CEL.
final class CelRules {
    private CelRules() {}

    static List<Problem> validate(Schema.Obj schema, Json.Obj object, Optional<Json.Obj> old) {
        return List.of();
    }

    static List<Problem> problems(Json.Obj schema, Path path) {
        return List.of();
    }
}
