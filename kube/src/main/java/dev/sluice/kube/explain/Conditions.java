package dev.sluice.kube.explain;

import dev.sluice.json.Json;
import java.util.Optional;

/// `status.conditions` of whatever object.
final class Conditions {
    private Conditions() {}

    static Optional<Json> find(Json object, String type) {
        return object.at("status", "conditions").items().stream()
                .filter(condition -> condition.at("type").string("").equals(type))
                .findFirst();
    }

    static boolean holds(Json condition) {
        return condition.at("status").string("").equals("True");
    }
}
