package dev.sluice.kube.rollout;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.rollout.Observation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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
    public Json naming(Json.Obj canary) {
        return canary.at("spec");
    }

    @Override
    public Optional<Seen> observe(Key key, Instant now) {
        return caches.of(type()).get(key.namespace(), key.name()).map(source -> observe(key, source, now));
    }

    private Seen observe(Key key, Json.Obj source, Instant now) {
        var decoded = PairCodec.decode(source);
        var problems = new ArrayList<>(decoded.problems());
        var fields = Fields.of(source, problems).at("spec");
        var stableName = source.at("spec", "stable").string("");
        var canaryName = source.at("spec", "canary").string("");
        var stable = deployment(key, stableName);
        var canary = deployment(key, canaryName);
        var memory = PairCodec.Memory.of(source, stable, canary);
        var recorded = memory.recorded();
        boolean tookOver = memory.tookOver();
        int replicas = memory.replicas(decoded.rollout(), stable, canary);
        if (replicas == 0 && !fields.has("replicas") && stable.isPresent()) {
            fields.problem(
                    "replicas",
                    "is left out, and %s has no pods whose number could be taken".formatted(stableName),
                    "say how many pods both Deployments shall have together");
        }
        var notes = new ArrayList<>(decoded.notes());
        int running = PairCodec.size(stable) + PairCodec.size(canary);
        if (!memory.samePair() && running > replicas) {
            notes.add(new Note(
                    Note.Kind.SCALING_DOWN,
                    "%s and %s have %d pods and shall have %d together: %d of them end. Leave spec.replicas out to keep what %s has"
                            .formatted(stableName, canaryName, running, replicas, running - replicas, stableName)));
        }
        if (!memory.samePair()) servesOn(key, recorded.serving(), stableName, fields);
        if (stable.isEmpty() && !stableName.isEmpty() && !(tookOver && canary.isPresent())) {
            fields.problem("stable", "Deployment not found", "create it or name another");
        }
        // Without a canary everything belongs to the other one; once it has that, what is missing is told.
        if (canary.isEmpty() && !canaryName.isEmpty() && PairCodec.size(stable) >= replicas) {
            fields.problem("canary", "Deployment not found", "create it or name another");
        }
        alone(key, source, fields);
        var labels = common(stable, canary);
        if (stable.isPresent() && canary.isPresent() && labels.isEmpty()) {
            fields.problem(
                    "canary",
                    "has no pod label in common with " + stableName + ", so no Service can select both",
                    "give the pods of both a label such as app, and let the Service select that");
        }

        var sides = PairCodec.sides(stable, canary, replicas);
        var hashes = new LinkedHashMap<String, Json>();
        sides.forEach(side -> hashes.put(side.hash(), Json.of(side.name())));
        var status = memory.status();
        var selector = Json.obj("matchLabels", labels);
        var template = canary.map(d -> d.at("spec", "template").obj()).orElse(Json.Obj.EMPTY);
        int revision = canary.isPresent() ? 2 : 1;
        var rollout = PairCodec.beside(decoded.rollout(), replicas, selector, template, revision, status);
        // What only its analyses lack keeps no abort from going back; but a slip in the spec must not cost the
        // memory of where the update was.
        boolean legible = problems.isEmpty();
        new AnalysisChecks(caches, analysis).check(rollout, source, "spec", problems);
        boolean known = problems.isEmpty() || legible && memory.samePair();
        if (!known) {
            rollout = PairCodec.beside(decoded.rollout(), replicas, selector, template, revision, recorded.common());
        }
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
        return new Seen(
                observation, source, known ? new Json.Obj(hashes) : Json.Obj.EMPTY, List.of(), new TreeMap<>(), notes);
    }

    private Optional<Json.Obj> deployment(Key key, String name) {
        return caches.of(ResourceType.DEPLOYMENTS).get(key.namespace(), name);
    }

    /// An update that begins with other names begins from the Deployment that serves, or users are sent elsewhere.
    private void servesOn(Key key, String serving, String stableName, Fields fields) {
        if (serving.isEmpty() || serving.equals(stableName)) return;
        int pods = PairCodec.size(deployment(key, serving));
        if (pods == 0) return;
        fields.problem(
                "stable",
                "is not the Deployment that serves: %s does, with %d pods".formatted(serving, pods),
                "name " + serving + " stable; to give it up, scale it to 0 first");
    }

    /// Two that size the same Deployment would fight: the older one has it.
    private void alone(Key key, Json.Obj source, Fields fields) {
        var age = Comparator.comparing((Json.Obj object) ->
                        object.at("metadata", "creationTimestamp").string(""))
                .thenComparing(object -> object.at("metadata", "name").string(""));
        for (var other : caches.of(type()).in(key.namespace())) {
            if (age.compare(other, source) >= 0) continue;
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
