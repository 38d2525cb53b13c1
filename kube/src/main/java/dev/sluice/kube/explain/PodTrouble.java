package dev.sluice.kube.explain;

import dev.sluice.json.Json;
import java.util.List;
import java.util.Optional;

/// Why a pod is not ready.
public final class PodTrouble {
    private PodTrouble() {}

    /// In the words of kubelet and scheduler, the most telling first; empty where the pod is ready.
    public static Optional<String> of(Json pod) {
        boolean ready = condition(pod, "Ready").filter(PodTrouble::holds).isPresent();
        return ready ? Optional.empty() : Optional.of(trouble(pod));
    }

    private static String trouble(Json pod) {
        for (var kind : List.of("initContainerStatuses", "containerStatuses")) {
            for (var container : pod.at("status", kind).items()) {
                var waiting = container.at("state", "waiting");
                var reason = waiting.at("reason").string("");
                if (!reason.isEmpty()
                        && !List.of("ContainerCreating", "PodInitializing").contains(reason)) {
                    var last = container.at("lastState", "terminated");
                    var end = last.isNull()
                            ? ""
                            : ", last ended with code %s (%s)"
                                    .formatted(
                                            last.at("exitCode"),
                                            last.at("reason").string("?"));
                    var message = waiting.at("message").string("");
                    return reason + (message.isEmpty() ? "" : ": " + message) + end;
                }
                var ended = container.at("state", "terminated");
                if (!ended.isNull() && kind.equals("containerStatuses")) {
                    return "%s: ended with code %s".formatted(ended.at("reason").string("Error"), ended.at("exitCode"));
                }
            }
        }
        var scheduled = condition(pod, "PodScheduled").filter(c -> !holds(c));
        if (scheduled.isPresent()) {
            return "Pending: " + scheduled.get().at("reason").string("Unschedulable") + ": "
                    + scheduled.get().at("message").string("");
        }
        var phase = pod.at("status", "phase").string("Pending");
        if (phase.equals("Pending")) return "Pending: still being started";
        return phase.equals("Running") ? "running, but its readiness probe fails" : phase;
    }

    private static Optional<Json> condition(Json pod, String type) {
        return pod.at("status", "conditions").items().stream()
                .filter(condition -> condition.at("type").string("").equals(type))
                .findFirst();
    }

    private static boolean holds(Json condition) {
        return condition.at("status").string("").equals("True");
    }
}
