package dev.sluice.kube.rollout;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.rollout.Observation;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Sees a DeploymentCanary as a Rollout whose two ReplicaSets are the user's Deployments.
///
/// ```
/// spec.stable  ─► ReplicaSet of revision 1, the stable one until the canary has taken over
/// spec.canary  ─► ReplicaSet of revision 2, the newest; a new template in it begins the update anew
/// ```
///
/// What the core calls a hash is made of a Deployment's name and template here. Once the canary Deployment has taken
/// over, its template is the user's business: Kubernetes rolls it, and nothing begins anew. The next update names the
/// two the other way round. A canary Deployment that is not there leaves everything to the stable one; a stable
/// one that is gone after the update is not missed.
public final class PairObserver implements Observer {
    private final Caches caches;
    private final AnalysisRunMaker analysis;

    /// One that takes analyses for possible.
    public PairObserver(Caches caches) {
        this(caches, (_, _) -> new AnalysisRunMaker.Made.Impossible("nobody makes AnalysisRuns"));
    }

    /// @param analysis tells what stands in the way of an analysis
    public PairObserver(Caches caches, AnalysisRunMaker analysis) {
        this.caches = caches;
        this.analysis = analysis;
    }

    @Override
    public ResourceType type() {
        return ResourceType.DEPLOYMENT_CANARIES;
    }

    @Override
    public List<ResourceType> owned() {
        return List.of(ResourceType.ANALYSIS_RUNS);
    }

    @Override
    public List<ResourceType> named() {
        return List.of(
                ResourceType.DEPLOYMENTS, ResourceType.ANALYSIS_TEMPLATES, ResourceType.CLUSTER_ANALYSIS_TEMPLATES);
    }

    @Override
    public List<Key> readers(ObjectRef ref) {
        // It reads nothing beyond its own namespace.
        return List.of();
    }

    /// Deployments alone are its own to drive, and their names stand in its spec.
    @Override
    public Optional<Key> manager(ResourceType type, Json.Obj object) {
        return Optional.empty();
    }

    @Override
    public Json naming(Json.Obj canary) {
        return canary.at("spec");
    }

    @Override
    public Optional<Seen> observe(Key key, Instant now) {
        return caches.of(type()).get(key.namespace(), key.name()).map(source -> observe(key, source, now));
    }

    /// A DeploymentCanary with the two Deployments that it names, where they are there.
    ///
    /// @param replicas how many pods both shall have together
    /// @param labels that the pods of both have
    private record Named(
            Key key,
            Json.Obj source,
            Optional<Json.Obj> stable,
            Optional<Json.Obj> canary,
            PairCodec.Memory memory,
            int replicas,
            Map<String, String> labels) {
        String stableName() {
            return source.at("spec", "stable").string("");
        }

        String canaryName() {
            return source.at("spec", "canary").string("");
        }
    }

    private Seen observe(Key key, Json.Obj source, Instant now) {
        var decoded = PairCodec.decode(source);
        var problems = new ArrayList<>(decoded.problems());
        var stable = deployment(key, source.at("spec", "stable").string(""));
        var canary = deployment(key, source.at("spec", "canary").string(""));
        var memory = PairCodec.Memory.of(source, stable, canary);
        int replicas = memory.replicas(decoded.rollout(), stable, canary);
        var pair = new Named(key, source, stable, canary, memory, replicas, common(stable, canary));
        judge(pair, Fields.of(source, problems).at("spec"));

        var sides = PairCodec.sides(stable, canary, replicas);
        var hashes = new LinkedHashMap<String, Json>();
        sides.forEach(side -> hashes.put(side.hash(), Json.of(side.name())));
        var rollout = beside(decoded.rollout(), pair, memory.status());
        // What only its analyses lack keeps no abort from going back; but a slip in the spec must not cost the
        // memory of where the update was.
        boolean legible = problems.isEmpty();
        new AnalysisChecks(caches, analysis).check(rollout, source, "spec", problems);
        boolean known = problems.isEmpty() || legible && memory.samePair();
        if (!known) rollout = beside(decoded.rollout(), pair, memory.recorded().common());
        var observation = new Observation(
                now,
                rollout,
                problems,
                known,
                memory.newestHash(),
                sides,
                new LinkedHashMap<>(),
                Optional.empty(),
                caches.of(ResourceType.ANALYSIS_RUNS).ownedBy(rollout.uid()).stream()
                        .flatMap(run -> AnalysisRunCodec.decode(run).stream())
                        .toList(),
                List.of());
        var notes = Stream.concat(decoded.notes().stream(), shrinking(pair).stream())
                .toList();
        return new Seen(
                observation,
                source,
                known ? new Json.Obj(hashes) : Json.Obj.EMPTY,
                Map.of(),
                List.of(),
                new TreeMap<>(),
                notes);
    }

    private static Rollout beside(Rollout alone, Named pair, RolloutStatus status) {
        return PairCodec.beside(
                alone,
                pair.replicas(),
                Json.obj("matchLabels", pair.labels()),
                pair.canary().map(d -> d.at("spec", "template").obj()).orElse(Json.Obj.EMPTY),
                pair.canary().isPresent() ? 2 : 1,
                status);
    }

    /// What is wrong with what it names.
    private void judge(Named pair, Fields fields) {
        var memory = pair.memory();
        var stableName = pair.stableName();
        if (pair.replicas() == 0 && !fields.has("replicas") && pair.stable().isPresent()) {
            fields.problem(
                    "replicas",
                    "is left out, and %s has no pods whose number could be taken".formatted(stableName),
                    "say how many pods both Deployments shall have together");
        }
        if (!memory.samePair()) servesOn(pair, fields);
        boolean tookOver = memory.tookOver() && pair.canary().isPresent();
        if (pair.stable().isEmpty() && !stableName.isEmpty() && !tookOver) {
            fields.problem("stable", "Deployment not found", "create it or name another");
        }
        // Without a canary everything belongs to the other one; once it has that, what is missing is told.
        boolean allStable = PairCodec.size(pair.stable()) >= pair.replicas();
        if (pair.canary().isEmpty() && !pair.canaryName().isEmpty() && allStable) {
            fields.problem("canary", "Deployment not found", "create it or name another");
        }
        alone(pair, fields);
        if (pair.stable().isPresent()
                && pair.canary().isPresent()
                && pair.labels().isEmpty()) {
            fields.problem(
                    "canary",
                    "has no pod label in common with " + stableName + ", so no Service can select both",
                    "give the pods of both a label such as app, and let the Service select that");
        }
    }

    /// That a pair which begins has more pods than it shall have.
    private static Optional<Note> shrinking(Named pair) {
        int running = PairCodec.size(pair.stable()) + PairCodec.size(pair.canary());
        if (pair.memory().samePair() || running <= pair.replicas()) return Optional.empty();
        return Optional.of(new Note(
                Note.Kind.SCALING_DOWN,
                "%1$s and %2$s have %3$d pods and shall have %4$d together: %5$d of them end. Leave spec.replicas out to keep what %1$s has"
                        .formatted(
                                pair.stableName(),
                                pair.canaryName(),
                                running,
                                pair.replicas(),
                                running - pair.replicas())));
    }

    private Optional<Json.Obj> deployment(Key key, String name) {
        return caches.of(ResourceType.DEPLOYMENTS).get(key.namespace(), name);
    }

    /// An update that begins with other names begins from the Deployment that serves, or users are sent elsewhere.
    private void servesOn(Named pair, Fields fields) {
        var serving = pair.memory().recorded().serving();
        if (serving.isEmpty() || serving.equals(pair.stableName())) return;
        int pods = PairCodec.size(deployment(pair.key(), serving));
        if (pods == 0) return;
        fields.problem(
                "stable",
                "is not the Deployment that serves: %s does, with %d pods".formatted(serving, pods),
                "name " + serving + " stable; to give it up, scale it to 0 first");
    }

    /// Two that size the same Deployment would fight: the older one has it.
    private void alone(Named pair, Fields fields) {
        var age = Comparator.comparing((Json.Obj object) ->
                        object.at("metadata", "creationTimestamp").string(""))
                .thenComparing(object -> object.at("metadata", "name").string(""));
        for (var other : caches.of(type()).in(pair.key().namespace())) {
            if (age.compare(other, pair.source()) >= 0) continue;
            for (var field : List.of("stable", "canary")) {
                var name = fields.json().at(field).string("");
                boolean taken = other.at("spec", "stable").string("").equals(name)
                        || other.at("spec", "canary").string("").equals(name);
                if (taken) {
                    fields.problem(
                            field,
                            "is sized by DeploymentCanary "
                                    + other.at("metadata", "name").string("") + " already",
                            "delete one of the two");
                }
            }
        }
    }

    /// Labels that the pods of both have: what a Service, or an autoscaler, can know both by.
    private static Map<String, String> common(Optional<Json.Obj> stable, Optional<Json.Obj> canary) {
        var labels = new TreeMap<String, String>(labels(stable.or(() -> canary)));
        labels.entrySet().retainAll(labels(canary.or(() -> stable)).entrySet());
        return labels;
    }

    private static Map<String, String> labels(Optional<Json.Obj> deployment) {
        return deployment
                .<Map<String, String>>map(
                        d -> d.at("spec", "template", "metadata", "labels").strings())
                .orElse(Map.of());
    }
}
