package dev.sluice.local.workload;

import dev.sluice.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `status.conditions`: a list keyed by `type`, of which each writer changes only its own.
final class Conditions {
    private Conditions() {}

    static Optional<Json> find(Json conditions, String type) {
        return conditions.items().stream()
                .filter(condition -> condition.at("type").string("").equals(type))
                .findFirst();
    }

    static boolean isTrue(Json object, String type) {
        return find(object.at("status", "conditions"), type)
                .filter(condition -> condition.at("status").string("").equals("True"))
                .isPresent();
    }

    /// The condition, with the transition time of the one it replaces where the status stays the same.
    static Json.Obj condition(Json before, String type, boolean holds, String reason, String message, Instant now) {
        var status = holds ? "True" : "False";
        var since = find(before, type)
                .filter(old -> old.at("status").string("").equals(status))
                .flatMap(old -> old.at("lastTransitionTime").asString())
                .orElse(Meta.stamp(now));
        var condition = Json.obj("type", type, "status", status, "lastTransitionTime", since);
        if (!reason.isEmpty()) condition = condition.with("reason", reason);
        return message.isEmpty() ? condition : condition.with("message", message);
    }

    /// The list with one condition replaced at its place, or added at the end.
    static Json.Arr with(Json conditions, Json.Obj condition) {
        var type = condition.at("type").string("");
        var all = new ArrayList<Json>();
        boolean placed = false;
        for (var old : conditions.items()) {
            boolean same = old.at("type").string("").equals(type);
            if (same && !placed) all.add(condition);
            placed |= same;
            if (!same) all.add(old);
        }
        if (!placed) all.add(condition);
        return new Json.Arr(all);
    }

    static Json.Arr without(Json conditions, String type) {
        List<Json> rest = conditions.items().stream()
                .filter(condition -> !condition.at("type").string("").equals(type))
                .toList();
        return new Json.Arr(rest);
    }
}
