package dev.sluice.kube.explain;

import dev.sluice.json.Json;
import java.util.List;
import java.util.Optional;

/// Why a pod is not ready.
///
/// @param text in the words of kubelet and scheduler, the most telling first
/// @param brief the same without how long kubelet waits before it tries again, where a container has ended already: how
///     that ended matters more
public record PodTrouble(Kind kind, String text, String brief) {
    /// What it may come to by itself.
    public enum Kind {
        /// It is being started, as every pod is once.
        STARTING,
        /// It runs and does not serve: for a while that is said of a good one as well.
        UNREADY,
        /// Something is wrong with it.
        BROKEN
    }

    private PodTrouble(Kind kind, String text) {
        this(kind, text, text);
    }

    /// Empty where the pod is ready.
    public static Optional<PodTrouble> of(Json pod) {
        boolean ready = Conditions.find(pod, "Ready").filter(Conditions::holds).isPresent();
        return ready ? Optional.empty() : Optional.of(trouble(pod));
    }

    private static PodTrouble trouble(Json pod) {
        for (var kind : List.of("initContainerStatuses", "containerStatuses")) {
            for (var container : pod.at("status", kind).items()) {
                var waiting = container.at("state", "waiting");
                var reason = waiting.at("reason").string("");
                if (!reason.isEmpty()
                        && !List.of("ContainerCreating", "PodInitializing").contains(reason)) {
                    return waiting(reason, waiting.at("message").string(""), container.at("lastState", "terminated"));
                }
                var ended = container.at("state", "terminated");
                if (!ended.isNull() && kind.equals("containerStatuses")) {
                    return broken("%s: ended with code %s"
                            .formatted(ended.at("reason").string("Error"), ended.at("exitCode")));
                }
            }
        }
        var scheduled = Conditions.find(pod, "PodScheduled").filter(condition -> !Conditions.holds(condition));
        if (scheduled.isPresent()) {
            return broken("Pending: " + scheduled.get().at("reason").string("Unschedulable") + ": "
                    + scheduled.get().at("message").string(""));
        }
        var phase = pod.at("status", "phase").string("Pending");
        return switch (phase) {
            case "Pending" -> new PodTrouble(Kind.STARTING, "Pending: still being started");
            case "Running" -> new PodTrouble(Kind.UNREADY, "running, but its readiness probe fails");
            default -> broken(phase);
        };
    }

    private static PodTrouble waiting(String reason, String message, Json last) {
        var text = reason + (message.isEmpty() ? "" : ": " + message);
        if (last.isNull()) return broken(text);
        var end = ", last ended with code %s (%s)"
                .formatted(last.at("exitCode"), last.at("reason").string("?"));
        return new PodTrouble(Kind.BROKEN, text + end, reason + end);
    }

    private static PodTrouble broken(String text) {
        return new PodTrouble(Kind.BROKEN, text);
    }
}
