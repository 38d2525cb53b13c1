package dev.sluice.local.workload;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.format.Quantity;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Gives each pod a node: of those it may run on, the one with the fewest pods.
///
/// Looks at node selectors, cordons and the number of pods a node takes; CPU and memory are not measured here.
final class Scheduler {
    private static final Duration SETTLE = Duration.ofMillis(1);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private final World world;
    private final Cache pods;
    private final Cache nodes;
    private final Cache.Index podsByNode;
    private final Events events;
    private final Worker worker;

    Scheduler(World world) {
        this.world = world;
        this.pods = world.cache(ResourceType.PODS);
        this.nodes = world.cache(ResourceType.NODES);
        this.podsByNode = pods.index(pod -> Pods.finished(pod)
                ? List.of()
                : List.of(pod.at("spec", "nodeName").string("")));
        this.events = new Events(world, "default-scheduler");
        this.worker = new Worker("scheduler", world.time(), SETTLE, this::reconcile);
        pods.listen((_, after) -> after.filter(pod -> node(pod).isEmpty()).ifPresent(pod -> worker.add(Key.of(pod))));
        nodes.listen((_, after) -> after.ifPresent(_ -> {
            for (var pod : podsByNode.get("")) worker.add(Key.of(pod));
        }));
    }

    Worker worker() {
        return worker;
    }

    private static String node(Json pod) {
        return pod.at("spec", "nodeName").string("");
    }

    private Outcome reconcile(Key key) {
        var found = pods.get(key);
        if (found.isEmpty() || !node(found.get()).isEmpty() || Pods.finished(found.get())) return Outcome.settled();
        var pod = found.get();
        if (!pod.at("spec", "schedulerName").string("default-scheduler").equals("default-scheduler")) {
            return Outcome.settled();
        }
        // Nobody runs it, so nobody would end it.
        if (Meta.deleting(pod)) {
            return Outcome.of(world.delete(ResourceType.PODS, pod, "Background", Optional.of(Duration.ZERO)));
        }
        var gates = pod.at("spec", "schedulingGates").items();
        if (!gates.isEmpty()) {
            return unscheduled(pod, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
        }
        if (!nodes.synced()) return new Outcome.Again(world.now().plus(SETTLE));
        var reasons = new TreeMap<String, Integer>();
        var fitting = new ArrayList<Json.Obj>();
        for (var node : nodes.all()) {
            var reason = obstacle(node, pod);
            if (reason.isEmpty()) fitting.add(node);
            else reasons.merge(reason, 1, Integer::sum);
        }
        var best = fitting.stream()
                .min(Comparator.comparingInt((Json.Obj node) -> podsByNode.count(Meta.name(node)))
                        .thenComparing(Meta::name));
        if (best.isEmpty()) {
            var why = new ArrayList<String>();
            reasons.forEach((reason, count) -> why.add(count + " " + reason));
            var message = "0/" + nodes.all().size() + " nodes are available"
                    + (why.isEmpty() ? "." : ": " + String.join(", ", why) + ".");
            events.warning(ResourceType.PODS, pod, "FailedScheduling", message);
            return unscheduled(pod, "Unschedulable", message)
                    .and(new Outcome.Again(world.now().plus(LOOK_AGAIN)));
        }
        var node = Meta.name(best.get());
        var reply = world.post(
                ObjectRef.of(ResourceType.PODS, pod).sub("binding"),
                Json.obj(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Binding",
                        "metadata",
                        Json.obj(
                                "name", key.name(),
                                "namespace", key.namespace(),
                                "uid", Meta.uid(pod)),
                        "target",
                        Json.obj("apiVersion", "v1", "kind", "Node", "name", node)));
        reply.answer()
                .ifPresent(_ -> events.normal(
                        ResourceType.PODS, pod, "Scheduled", "Successfully assigned " + key + " to " + node));
        return Outcome.of(reply);
    }

    /// Why a pod cannot run on a node; empty when it can.
    private String obstacle(Json node, Json pod) {
        var tolerated = pod.at("spec", "tolerations").items().stream()
                .anyMatch(toleration -> toleration.at("key").string("").equals("node.kubernetes.io/unschedulable"));
        if (node.at("spec", "unschedulable").bool(false) && !tolerated) return "node(s) were unschedulable";
        var labels = Meta.labels(node);
        for (var wanted : pod.at("spec", "nodeSelector").strings().entrySet()) {
            if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
                return "node(s) didn't match Pod's node affinity/selector";
            }
        }
        var most = count(node.at("status", "allocatable", "pods").string("110"));
        return podsByNode.count(Meta.name(node)) >= most ? "Too many pods" : "";
    }

    /// A whole number of things; the API server writes 5000 as `5k`.
    private static long count(String quantity) {
        return Quantity.parse(quantity).value().longValue();
    }

    private Outcome unscheduled(Json.Obj pod, String reason, String message) {
        var conditions = pod.at("status", "conditions");
        var status = pod.at("status")
                .obj()
                .with("phase", "Pending")
                .with(
                        "conditions",
                        Conditions.with(
                                conditions,
                                Conditions.condition(conditions, "PodScheduled", false, reason, message, world.now())));
        return Outcome.of(world.updateStatus(ResourceType.PODS, pod, status));
    }
}
