package dev.sluice.local.api;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.json.Json;
import java.util.ArrayList;

/// The `pods/eviction` subresource: a deletion that the PodDisruptionBudgets must allow.
///
/// A cluster's disruption controller keeps `disruptionsAllowed` up to date and the API server counts it down; here both
/// are one process, so what is allowed is counted afresh, from the pods as they are.
///
/// @see "Kubernetes API: policy/v1 Eviction, PodDisruptionBudget"
final class Evictions {
    private Evictions() {}

    /// @throws Failure 429 when a budget does not allow it, 500 when more than one budget is about the pod
    static void check(Store store, Json.Obj pod) {
        var phase = pod.at("status", "phase").string("");
        if (phase.equals("Succeeded") || phase.equals("Failed") || phase.equals("Pending") || Metadata.deleting(pod)) {
            return;
        }
        var budgets = new ArrayList<Json.Obj>();
        store.objects("poddisruptionbudgets.policy").forEach((key, budget) -> {
            if (key.namespace().equals(Metadata.namespace(pod)) && covers(budget, pod)) budgets.add(budget);
        });
        if (budgets.isEmpty()) return;
        if (budgets.size() > 1) {
            throw Failure.internal(
                    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
                            + " support.");
        }
        var budget = budgets.getFirst();
        long expected = 0;
        long healthy = 0;
        for (var entry : store.objects("pods").entrySet()) {
            var other = entry.getValue();
            if (!entry.getKey().namespace().equals(Metadata.namespace(pod)) || !covers(budget, other)) continue;
            expected++;
            if (!Metadata.deleting(other) && ready(other)) healthy++;
        }
        long needed = budget.at("spec", "minAvailable").isNull()
                ? expected - share(budget.at("spec", "maxUnavailable"), expected)
                : share(budget.at("spec", "minAvailable"), expected);
        if (!ready(pod) && healthy >= needed) return;
        if (healthy - 1 >= needed) return;
        throw Failure.tooManyRequests(
                "Cannot evict pod as it would violate the pod's disruption budget.",
                Json.obj(
                        "causes",
                        Json.arr(Json.obj(
                                "reason",
                                "DisruptionBudget",
                                "message",
                                "The disruption budget " + Metadata.name(budget) + " needs " + needed
                                        + " healthy pods and has " + healthy + " currently"))));
    }

    private static boolean covers(Json.Obj budget, Json.Obj pod) {
        try {
            return !budget.at("spec", "selector").isNull()
                    && LabelSelector.of(budget.at("spec", "selector")).matches(pod);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static boolean ready(Json.Obj pod) {
        return pod.at("status", "conditions").items().stream()
                .anyMatch(condition -> condition.at("type").string("").equals("Ready")
                        && condition.at("status").string("").equals("True"));
    }

    /// A number of pods, or a percentage of them, rounded up.
    private static long share(Json intOrPercent, long of) {
        var text = intOrPercent.string("");
        if (!text.endsWith("%")) return intOrPercent.asLong().orElse(0L);
        return Math.ceilDiv(of * Long.parseLong(text.substring(0, text.length() - 1)), 100L);
    }
}
