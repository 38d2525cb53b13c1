package dev.sluice.app.simulate;

import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.StatusCodec;
import dev.sluice.rollout.RolloutStatus;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The true state of the simulated cluster, event by event: what the invariants are about. No lag, no faults.
final class Model {
    Json.Obj rollout = Json.Obj.EMPTY;
    RolloutStatus status = RolloutStatus.NONE;
    /// The step as the controller knew it when it last wrote; users may have gone on since.
    Optional<Integer> knownIndex = Optional.empty();
    /// `spec.replicas` as the controller knew it then.
    int knownReplicas;
    final Map<String, Json.Obj> replicaSets = new TreeMap<>();
    final Map<String, Json.Obj> services = new TreeMap<>();
    final Map<String, Json.Obj> runs = new TreeMap<>();
    private final Map<String, String> podHash = new TreeMap<>();
    private final Map<String, Integer> availableByHash = new TreeMap<>();
    /// Weights in the HTTPRoute, and those that the data plane has programmed.
    Weights asked = new Weights(0, 100);
    Weights served = new Weights(0, 100);

    record Weights(int canary, int stable) {}

    /// One change of the cluster.
    sealed interface Change {
        record RolloutChanged(Json.Obj old, RolloutStatus before) implements Change {}

        record ReplicaSetChanged(Json.Obj old, Json.Obj now) implements Change {}

        record PodChanged(String hash) implements Change {}

        record ServiceChanged(Json.Obj old, Json.Obj now) implements Change {}

        record RouteAsked(Weights before) implements Change {}

        record RouteServed(Weights before) implements Change {}

        record RunChanged(Json.Obj now) implements Change {}

        /// A user is about to do something.
        record ActBegun(Scenario.Act act) implements Change {}
    }

    int replicas() {
        return rollout.at("spec", "replicas").integer(1);
    }

    Change rollout(Json.Obj now) {
        var change = new Change.RolloutChanged(rollout, status);
        rollout = now;
        status = StatusCodec.decode(now.at("status"));
        return change;
    }

    Change replicaSet(Json.Obj now, boolean gone) {
        var name = name(now);
        var old = gone ? replicaSets.remove(name) : replicaSets.put(name, now);
        return new Change.ReplicaSetChanged(old == null ? Json.Obj.EMPTY : old, gone ? Json.Obj.EMPTY : now);
    }

    Change pod(Json.Obj pod, boolean gone) {
        var name = name(pod);
        var hash = pod.at("metadata", "labels", Names.HASH).string("");
        boolean serves = !gone && available(pod);
        if (serves != podHash.containsKey(name)) {
            if (serves) podHash.put(name, hash);
            else podHash.remove(name);
            availableByHash.merge(hash, serves ? 1 : -1, Integer::sum);
        }
        return new Change.PodChanged(hash);
    }

    private static boolean available(Json.Obj pod) {
        return pod.at("metadata", "deletionTimestamp").isNull()
                && pod.at("status", "conditions").items().stream()
                        .anyMatch(c -> c.at("type").string("").equals("Ready")
                                && c.at("status").string("").equals("True"));
    }

    Change service(Json.Obj now) {
        var old = services.put(name(now), now);
        return new Change.ServiceChanged(old == null ? Json.Obj.EMPTY : old, now);
    }

    Change run(Json.Obj now) {
        runs.put(name(now), now);
        return new Change.RunChanged(now);
    }

    Change asked(Weights now) {
        var before = asked;
        asked = now;
        return new Change.RouteAsked(before);
    }

    Change served(Weights now) {
        var before = served;
        served = now;
        return new Change.RouteServed(before);
    }

    int available(String hash) {
        return availableByHash.getOrDefault(hash, 0);
    }

    int available() {
        return availableByHash.values().stream().mapToInt(n -> n).sum();
    }

    /// Available pods that a Service reaches: all, where its selector names no revision.
    int reached(String service) {
        var hash = selected(service);
        return hash.isEmpty() ? available() : available(hash);
    }

    String selected(String service) {
        return services.getOrDefault(service, Json.Obj.EMPTY)
                .at("spec", "selector", Names.HASH)
                .string("");
    }

    String hash(String replicaSet) {
        return replicaSets
                .getOrDefault(replicaSet, Json.Obj.EMPTY)
                .at("metadata", "labels", Names.HASH)
                .string("");
    }

    int wantedPods(String hash) {
        return replicaSets.values().stream()
                .filter(rs -> rs.at("metadata", "labels", Names.HASH).string("").equals(hash))
                .mapToInt(rs -> rs.at("spec", "replicas").integer(0))
                .sum();
    }

    String image(String hash) {
        return replicaSets.values().stream()
                .filter(rs -> rs.at("metadata", "labels", Names.HASH).string("").equals(hash))
                .map(Model::image)
                .findFirst()
                .orElse("");
    }

    /// What a template runs: templates differ in nothing else here.
    static String image(Json.Obj workload) {
        return workload.at("spec", "template", "spec", "containers")
                .at(0)
                .at("image")
                .string("");
    }

    private static String name(Json.Obj object) {
        return object.at("metadata", "name").string("");
    }

    /// What the end of a run is compared by: everything a user would call the result.
    String end() {
        var text = new StringBuilder("phase " + status.phase() + ", index " + status.currentStepIndex() + ", stable "
                + image(status.stableRS()) + ", abort " + status.abort() + ", weights " + served);
        replicaSets.values().stream()
                .map(rs -> rs.at("metadata", "labels", Names.HASH).string(""))
                .map(hash -> image(hash) + "=" + wantedPods(hash))
                .sorted()
                .forEach(line -> text.append(", ").append(line));
        services.keySet().forEach(s -> text.append(", ").append(s).append("->").append(image(selected(s))));
        return text.toString();
    }
}
