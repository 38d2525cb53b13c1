package dev.sluice.local.workload;

import dev.sluice.json.Json;
import dev.sluice.local.pod.PodBehaviour;
import dev.sluice.local.pod.PodRuntime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// The `status` of a pod, as a function of what its kubelet knows. Pure.
final class PodStatus {
    private static final List<String> OWN =
            List.of("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled");

    private PodStatus() {}

    /// Where the main container stands.
    sealed interface Stage {
        /// Image and sandbox are being made ready.
        record Creating() implements Stage {}

        /// Something keeps the container from being started; `reason` as a kubelet names it.
        record Waiting(String reason, String message) implements Stage {}

        /// @param ready the readiness probe has succeeded
        /// @param started the startup probe has, or there is none
        record Running(Instant since, boolean ready, boolean started) implements Stage {}

        /// Ended, and about to start again; `waiting` while it backs off.
        record Restarting(End end, Optional<Waiting> waiting) implements Stage {}

        /// Ended for good.
        record Over(End end) implements Stage {}
    }

    /// How a run of the container ended.
    record End(int code, String reason, String message, Instant began, Instant at, String containerId) {
        static End of(PodRuntime.State.Exited exited, Instant began, String containerId) {
            return new End(exited.code(), exited.reason(), exited.message(), began, exited.at(), containerId);
        }
    }

    /// What the kubelet knows of a pod.
    ///
    /// @param address empty until the sandbox exists
    record Facts(
            Stage stage,
            String address,
            String hostAddress,
            Instant startTime,
            int restarts,
            Optional<End> last,
            String containerId) {}

    static Json.Obj of(Json pod, Facts facts, Instant now) {
        var status = new LinkedHashMap<>(pod.at("status").fields());
        status.put("phase", Json.of(phase(facts)));
        boolean containersReady = facts.stage instanceof Stage.Running running && running.ready;
        status.put("conditions", conditions(pod, facts, containersReady, now));
        status.put("hostIP", Json.of(facts.hostAddress));
        status.put("hostIPs", Json.arr(Json.obj("ip", facts.hostAddress)));
        if (!facts.address.isEmpty()) {
            status.put("podIP", Json.of(facts.address));
            status.put("podIPs", Json.arr(Json.obj("ip", facts.address)));
        }
        status.put("startTime", Json.of(Meta.stamp(facts.startTime)));
        if (!pod.at("spec", "initContainers").items().isEmpty()) {
            status.put("initContainerStatuses", initial(pod, facts));
        }
        status.put("containerStatuses", containers(pod, facts));
        return new Json.Obj(status);
    }

    private static String phase(Facts facts) {
        return switch (facts.stage) {
            case Stage.Creating _ -> facts.restarts > 0 ? "Running" : "Pending";
            case Stage.Waiting _ -> facts.restarts > 0 ? "Running" : "Pending";
            case Stage.Running _ -> "Running";
            case Stage.Restarting _ -> "Running";
            case Stage.Over(var end) -> end.code == 0 ? "Succeeded" : "Failed";
        };
    }

    private static Json conditions(Json pod, Facts facts, boolean containersReady, Instant now) {
        Json conditions = pod.at("status", "conditions");
        boolean sandbox = !facts.address.isEmpty() && !(facts.stage instanceof Stage.Over);
        conditions = set(conditions, "PodReadyToStartContainers", sandbox, "", "", now);
        conditions = set(conditions, "Initialized", true, "", "", now);
        var names = new ArrayList<String>();
        for (var container : pod.at("spec", "containers").items())
            names.add(container.at("name").string(""));
        var unready = "containers with unready status: [" + String.join(" ", names) + "]";
        boolean completed = facts.stage instanceof Stage.Over over && over.end.code == 0;
        boolean failed = facts.stage instanceof Stage.Over over && over.end.code != 0;
        var reason = completed ? "PodCompleted" : failed ? "PodFailed" : "ContainersNotReady";
        var message = completed || failed ? "" : unready;
        var gate = closedGate(pod);
        if (containersReady && gate.isPresent()) {
            conditions = set(
                    conditions,
                    "Ready",
                    false,
                    "ReadinessGatesNotReady",
                    "the status of pod readiness gate \"" + gate.get() + "\" is not \"True\", but "
                            + Conditions.find(pod.at("status", "conditions"), gate.get())
                                    .map(found -> found.at("status").string("False"))
                                    .orElse("False"),
                    now);
        } else {
            conditions = containersReady
                    ? set(conditions, "Ready", true, "", "", now)
                    : set(conditions, "Ready", false, reason, message, now);
        }
        conditions = containersReady
                ? set(conditions, "ContainersReady", true, "", "", now)
                : set(conditions, "ContainersReady", false, reason, message, now);
        return ordered(set(conditions, "PodScheduled", true, "", "", now));
    }

    /// The kubelet's own conditions first, in the order in which it tells them; the binding has told one before it.
    private static Json.Arr ordered(Json conditions) {
        var all = new ArrayList<Json>();
        for (var type : OWN) Conditions.find(conditions, type).ifPresent(all::add);
        for (var condition : conditions.items()) {
            if (!OWN.contains(condition.at("type").string(""))) all.add(condition);
        }
        return new Json.Arr(all);
    }

    private static Json.Arr set(
            Json conditions, String type, boolean holds, String reason, String message, Instant now) {
        return Conditions.with(conditions, Conditions.condition(conditions, type, holds, reason, message, now));
    }

    /// The first readiness gate whose condition is not True.
    private static Optional<String> closedGate(Json pod) {
        return pod.at("spec", "readinessGates").items().stream()
                .map(gate -> gate.at("conditionType").string(""))
                .filter(type -> !Conditions.isTrue(pod, type))
                .findFirst();
    }

    private static Json containers(Json pod, Facts facts) {
        var main = PodBehaviour.mainContainer(pod).at("name").string("");
        var statuses = new ArrayList<Json>();
        for (var container : pod.at("spec", "containers").items()) {
            var name = container.at("name").string("");
            statuses.add(container(container, facts, name.equals(main)));
        }
        statuses.sort(java.util.Comparator.comparing(status -> status.at("name").string("")));
        return Json.of(statuses);
    }

    /// Other containers follow the main one: they run while it does, and do not crash on their own.
    private static Json container(Json container, Facts facts, boolean main) {
        var image = container.at("image").string("");
        boolean runs = facts.stage instanceof Stage.Running || !main && facts.stage instanceof Stage.Restarting;
        var status = Json.obj("name", container.at("name").string(""), "state", state(facts, main));
        // While it backs off, the run that just ended is the last one.
        var last = !main
                ? Optional.<End>empty()
                : facts.stage instanceof Stage.Restarting(var end, var waiting) && waiting.isPresent()
                        ? Optional.of(end)
                        : facts.last;
        status = status.with(
                "lastState",
                last.map(end -> Json.obj("terminated", terminated(end))).orElse(Json.Obj.EMPTY));
        boolean ready = facts.stage instanceof Stage.Running running && (running.ready || !main);
        boolean began = !facts.containerId.isEmpty();
        status = status.with("ready", ready)
                .with("restartCount", main ? facts.restarts : 0)
                .with("image", image)
                .with("imageID", began ? "sluice.local/" + image : "");
        if (began) status = status.with("containerID", "sluice://" + facts.containerId);
        boolean started = facts.stage instanceof Stage.Running running ? running.started || !main : runs;
        return status.with("started", started);
    }

    private static Json.Obj state(Facts facts, boolean main) {
        return switch (facts.stage) {
            case Stage.Creating _ -> waiting("ContainerCreating", "");
            case Stage.Waiting(var reason, var message) ->
                main ? waiting(reason, message) : waiting("ContainerCreating", "");
            case Stage.Running(var since, var _, var _) ->
                Json.obj("running", Json.obj("startedAt", Meta.stamp(since)));
            case Stage.Restarting(var end, var waiting) -> {
                if (!main) yield Json.obj("running", Json.obj("startedAt", Meta.stamp(facts.startTime)));
                yield waiting.map(w -> waiting(w.reason, w.message))
                        .orElseGet(() -> Json.obj("terminated", terminated(end)));
            }
            case Stage.Over(var end) -> Json.obj("terminated", terminated(end));
        };
    }

    private static Json.Obj waiting(String reason, String message) {
        var waiting = Json.obj("reason", reason);
        return Json.obj("waiting", message.isEmpty() ? waiting : waiting.with("message", message));
    }

    private static Json.Obj terminated(End end) {
        var terminated = Json.obj("exitCode", end.code, "reason", end.reason);
        if (!end.message.isEmpty()) terminated = terminated.with("message", end.message);
        return terminated
                .with("startedAt", Meta.stamp(end.began))
                .with("finishedAt", Meta.stamp(end.at))
                .with("containerID", "sluice://" + end.containerId);
    }

    /// Init containers have done their work in the time the pod took to be created; those that never end run along.
    private static Json initial(Json pod, Facts facts) {
        var statuses = new ArrayList<Json>();
        boolean created = !facts.containerId.isEmpty();
        for (var container : pod.at("spec", "initContainers").items()) {
            boolean stays = container.at("restartPolicy").string("").equals("Always");
            var at = Meta.stamp(facts.startTime);
            Json.Obj state;
            if (!created) state = waiting("PodInitializing", "");
            else if (stays && !(facts.stage instanceof Stage.Over)) {
                state = Json.obj("running", Json.obj("startedAt", at));
            } else {
                state = Json.obj(
                        "terminated",
                        Json.obj("exitCode", 0, "reason", "Completed", "startedAt", at, "finishedAt", at));
            }
            statuses.add(Json.obj(
                    "name",
                    container.at("name").string(""),
                    "state",
                    state,
                    "lastState",
                    Json.Obj.EMPTY,
                    "ready",
                    created,
                    "restartCount",
                    0,
                    "image",
                    container.at("image").string(""),
                    "imageID",
                    "",
                    "started",
                    created && stays));
        }
        return Json.of(List.copyOf(statuses));
    }
}
