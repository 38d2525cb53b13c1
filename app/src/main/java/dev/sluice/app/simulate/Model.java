package dev.sluice.app.simulate;

import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.PairCodec;
import dev.sluice.kube.rollout.StatusCodec;
import dev.sluice.rollout.RolloutStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The true state of the simulated cluster, event by event: what the invariants are about. No lag, no faults.
///
/// The two Deployments of a pair are its ReplicaSets here, as they are for the core.
final class Model {
    /// Label of a pod that says to which Deployment of a pair it belongs.
    static final String SIDE = "side";

    Json.Obj rollout = Json.Obj.EMPTY;
    RolloutStatus status = RolloutStatus.NONE;
    /// The step as the controller knew it when it last wrote; users may have gone on since.
    Optional<Integer> knownIndex = Optional.empty();
    /// `spec.replicas` as the controller knew it then.
    int knownReplicas;
    /// The same as a pass has last seen it.
    int seenReplicas;
    final Map<String, Json.Obj> replicaSets = new TreeMap<>();
    final Map<String, Json.Obj> services = new TreeMap<>();
    final Map<String, Json.Obj> runs = new TreeMap<>();
    /// Of ReplicaSets the label, of Deployments what the core knows them by.
    private final Map<String, String> hashes = new TreeMap<>();
    /// The workload of each available pod: a hash, or the name of a Deployment.
    private final Map<String, String> pods = new TreeMap<>();
    private final Map<String, Integer> availableBy = new TreeMap<>();
    /// When each pod that is not on its way out was made.
    private final Map<String, Instant> made = new TreeMap<>();
    /// Whether the last restart that was asked for ended as another update was begun: that makes new pods of its own,
    /// and the old ones stay where it is aborted, as in Argo.
    private boolean restartReplaced;
    /// ReplicaSets that users have deleted.
    final List<Loss> losses = new ArrayList<>();
    /// Weights in the HTTPRoute, and those that the data plane has programmed.
    Weights asked = new Weights(0, 100);
    Weights served = new Weights(0, 100);
    /// The generations of the HTTPRoute that these are of.
    private long askedGeneration;
    private long servedGeneration;

    record Weights(int canary, int stable) {}

    /// A ReplicaSet that a user has deleted: what it had is gone, and until a pass has seen that, nobody knows.
    static final class Loss {
        private final String uid;
        private final String hash;
        private final Set<String> pods;
        private boolean known;

        private Loss(String uid, String hash, Set<String> pods) {
            this.uid = uid;
            this.hash = hash;
            this.pods = pods;
        }

        String uid() {
            return uid;
        }

        String hash() {
            return hash;
        }

        /// Those that were available.
        Set<String> pods() {
            return pods;
        }

        /// Whether a pass has been made without it.
        boolean known() {
            return known;
        }

        void become(boolean known) {
            this.known |= known;
        }
    }

    /// One change of the cluster.
    sealed interface Change {
        record RolloutChanged(Json.Obj old, RolloutStatus before) implements Change {}

        /// @param hash of the newer of the two
        /// @param renamed whether it was another before: a Deployment with a new template
        record ReplicaSetChanged(Json.Obj old, Json.Obj now, String hash, boolean renamed) implements Change {}

        record PodChanged(String hash) implements Change {}

        record ServiceChanged(Json.Obj old, Json.Obj now) implements Change {}

        record RouteAsked(Weights before) implements Change {}

        record RouteServed(Weights before) implements Change {}

        record RunChanged(Json.Obj now) implements Change {}

        /// A user is about to delete a ReplicaSet.
        record ReplicaSetLost(Loss loss) implements Change {}

        /// A user is about to do something.
        record ActBegun(Scenario.Act act) implements Change {}
    }

    int replicas() {
        return rollout.at("spec", "replicas").integer(1);
    }

    Change rollout(Json.Obj now) {
        var change = new Change.RolloutChanged(rollout, status);
        if (!rollout.at("spec", "restartAt").equals(now.at("spec", "restartAt"))) restartReplaced = false;
        rollout = now;
        status = StatusCodec.decode(now.at("status"));
        noteRestart(change.before());
        return change;
    }

    Change replicaSet(Json.Obj now, boolean gone) {
        var name = name(now);
        var old = gone ? replicaSets.remove(name) : replicaSets.put(name, now);
        var before = hashes.getOrDefault(name, "");
        boolean same = old != null && old.at("spec", "template").equals(now.at("spec", "template"));
        var hash = same ? before : hashOf(now);
        if (gone) hashes.remove(name);
        else hashes.put(name, hash);
        return new Change.ReplicaSetChanged(
                old == null ? Json.Obj.EMPTY : old, gone ? Json.Obj.EMPTY : now, hash, !hash.equals(before));
    }

    /// The name of a ReplicaSet of that kind.
    Optional<String> find(Scenario.Which which) {
        return replicaSets.keySet().stream()
                .filter(name -> !hash(name).isEmpty() && is(which, hash(name)))
                .min(Comparator.comparing((String name) -> wanted(named(name)) == 0)
                        .thenComparing(Comparator.naturalOrder()));
    }

    private Json.Obj named(String replicaSet) {
        return replicaSets.getOrDefault(replicaSet, Json.Obj.EMPTY);
    }

    private boolean is(Scenario.Which which, String hash) {
        boolean stable = hash.equals(status.stableRS());
        boolean newest = hash.equals(status.currentPodHash());
        return switch (which) {
            case STABLE -> stable;
            case NEWEST -> newest;
            case OLD -> !stable && !newest;
        };
    }

    Change lose(String replicaSet) {
        var its = new TreeSet<String>();
        pods.forEach((pod, workload) -> {
            if (workload.equals(hash(replicaSet))) its.add(pod);
        });
        var uid = named(replicaSet).at("metadata", "uid").string("");
        var loss = new Loss(uid, hash(replicaSet), its);
        losses.add(loss);
        return new Change.ReplicaSetLost(loss);
    }

    /// Whether available pods of a deleted ReplicaSet are still there.
    boolean loses() {
        return losses.stream().anyMatch(loss -> loss.pods().stream().anyMatch(pods::containsKey));
    }

    /// Whether somebody has deleted the stable ReplicaSet: then what there is serves, whatever was said of it.
    boolean stableLost() {
        var stable = status.stableRS();
        return !hashes.containsValue(stable)
                && losses.stream().anyMatch(loss -> loss.hash().equals(stable));
    }

    private void noteRestart(RolloutStatus before) {
        boolean begun = !before.currentPodHash().equals(status.currentPodHash())
                || !before.currentStepHash().equals(status.currentStepHash());
        if (!before.restartedAt().equals(status.restartedAt()) && begun) restartReplaced = true;
    }

    /// `spec.restartAt`.
    Optional<Instant> restartAt() {
        return rollout.at("spec", "restartAt").asString().map(Instant::parse);
    }

    boolean restartReplaced() {
        return restartReplaced;
    }

    /// A restart is under way: asked for, and not yet said to be over.
    boolean restarting() {
        return restartAt().isPresent() && !restartAt().equals(status.restartedAt());
    }

    /// Pods that a restart at this time is about, and that are not on their way out.
    List<String> olderThan(Instant at) {
        return made.entrySet().stream()
                .filter(pod -> pod.getValue().isBefore(at))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static String hashOf(Json.Obj workload) {
        var label = workload.at("metadata", "labels", Names.HASH).string("");
        boolean side =
                !workload.at("spec", "template", "metadata", "labels", SIDE).isNull();
        return side
                ? PairCodec.sides(Optional.of(workload), Optional.empty(), 0)
                        .getFirst()
                        .hash()
                : label;
    }

    Change pod(Json.Obj pod, boolean gone) {
        var name = name(pod);
        var labels = pod.at("metadata", "labels");
        var workload = labels.at(SIDE).string(labels.at(Names.HASH).string(""));
        boolean serves = !gone && available(pod);
        if (gone || !pod.at("metadata", "deletionTimestamp").isNull()) made.remove(name);
        else
            made.computeIfAbsent(
                    name,
                    _ -> Instant.parse(pod.at("metadata", "creationTimestamp").string("")));
        if (serves != pods.containsKey(name)) {
            if (serves) pods.put(name, workload);
            else pods.remove(name);
            availableBy.merge(workload, serves ? 1 : -1, Integer::sum);
        }
        return new Change.PodChanged(workload);
    }

    private static boolean available(Json.Obj pod) {
        return pod.at("metadata", "deletionTimestamp").isNull()
                && pod.at("status", "conditions").items().stream()
                        .anyMatch(c -> c.at("type").string("").equals("Ready")
                                && c.at("status").string("").equals("True"));
    }

    Change service(Json.Obj now, boolean gone) {
        var name = name(now);
        var old = gone ? services.remove(name) : services.put(name, now);
        return new Change.ServiceChanged(old == null ? Json.Obj.EMPTY : old, gone ? Json.Obj.EMPTY : now);
    }

    boolean exists(String service) {
        return services.containsKey(service);
    }

    Change run(Json.Obj now) {
        runs.put(name(now), now);
        return new Change.RunChanged(now);
    }

    Change asked(Weights now, long generation) {
        var before = asked;
        asked = now;
        askedGeneration = generation;
        return new Change.RouteAsked(before);
    }

    /// Whether the data plane has programmed what was last asked for, or something later.
    boolean programmed() {
        return servedGeneration >= askedGeneration;
    }

    Change served(Weights now, long generation) {
        var before = served;
        served = now;
        servedGeneration = generation;
        return new Change.RouteServed(before);
    }

    /// Available pods of a revision; of a Deployment with that hash, whatever their template is.
    int available(String hash) {
        var labelled = availableBy.get(hash);
        if (labelled != null) return labelled;
        return replicaSets.keySet().stream()
                .filter(name -> hash(name).equals(hash))
                .mapToInt(this::availableOf)
                .sum();
    }

    int availableOf(String deployment) {
        return availableBy.getOrDefault(deployment, 0);
    }

    int available() {
        return availableBy.values().stream().mapToInt(n -> n).sum();
    }

    /// Available pods that a Service reaches: all, where its selector names no revision; none, where it is gone.
    int reached(String service) {
        if (!exists(service)) return 0;
        var hash = selected(service);
        return hash.isEmpty() ? available() : available(hash);
    }

    String selected(String service) {
        return selects(services.getOrDefault(service, Json.Obj.EMPTY));
    }

    static String selects(Json service) {
        return service.at("spec", "selector", Names.HASH).string("");
    }

    String hash(String replicaSet) {
        return hashes.getOrDefault(replicaSet, "");
    }

    /// Whether another workload has pods of more than one template.
    boolean mixedBeside(Json.Obj workload) {
        return replicaSets.values().stream()
                .filter(other -> !name(other).equals(name(workload)))
                .map(other -> other.at("status"))
                .anyMatch(status -> status.at("replicas").integer(0)
                        > status.at("updatedReplicas").integer(0));
    }

    int wantedPods(String hash) {
        return workloads(hash).mapToInt(Model::wanted).sum();
    }

    /// Pods that are asked for, of all together.
    int wantedPods() {
        return replicaSets.values().stream().mapToInt(Model::wanted).sum();
    }

    static int wanted(Json.Obj workload) {
        return workload.at("spec", "replicas").integer(0);
    }

    private Stream<Json.Obj> workloads(String hash) {
        return replicaSets.entrySet().stream()
                .filter(entry -> hash(entry.getKey()).equals(hash))
                .map(Map.Entry::getValue);
    }

    /// Whether the revision that is asked for was made before the stable one.
    boolean goesBack() {
        return created(status.currentPodHash())
                .flatMap(newest -> created(status.stableRS()).map(stable -> !newest.isAfter(stable)))
                .orElse(false);
    }

    private Optional<Instant> created(String hash) {
        return replicaSets.values().stream()
                .filter(set -> hashes.getOrDefault(name(set), "").equals(hash))
                .map(set ->
                        Instant.parse(set.at("metadata", "creationTimestamp").string("")))
                .findFirst();
    }

    String image(String hash) {
        return workloads(hash).map(Model::image).findFirst().orElse("");
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
                .map(workload -> image(workload) + "=" + wanted(workload))
                .sorted()
                .forEach(line -> text.append(", ").append(line));
        services.keySet().forEach(s -> text.append(", ").append(s).append("->").append(image(selected(s))));
        return text.toString();
    }
}
