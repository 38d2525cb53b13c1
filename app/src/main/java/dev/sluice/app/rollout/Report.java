package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.OutputOption;
import dev.sluice.app.Routers;
import dev.sluice.app.Words;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.Neighbours;
import dev.sluice.kube.rollout.Note;
import dev.sluice.kube.rollout.PairCodec;
import dev.sluice.kube.rollout.ReplicaSetCodec;
import dev.sluice.kube.rollout.RolloutCodec;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.ReplicaSet;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutStatus;
import dev.sluice.rollout.Step;
import dev.sluice.rollout.Strategy;
import dev.sluice.rollout.UserAct;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// One Rollout with everything that belongs to it, as it was read.
///
/// @param source the Rollout as the server sent it
/// @param revisions its ReplicaSets, the newest revision first; empty where only the Rollout was asked for
/// @param runs its AnalysisRuns with their Jobs, oldest first
/// @param neighbour who has pods of the same labels
/// @param entry whether a Service selects the newest pods; absent where nobody looked, or a router divides the traffic
record Report(
        Json.Obj source,
        Rollout rollout,
        Instant now,
        List<Revision> revisions,
        List<Run> runs,
        Optional<Note> neighbour,
        Optional<Boolean> entry) {
    /// A ReplicaSet with its pods, oldest first.
    record Revision(Json.Obj source, ReplicaSet set, List<Json.Obj> pods) {
        List<String> images() {
            return source.at("spec", "template", "spec", "containers").items().stream()
                    .map(container -> container.at("image").string(""))
                    .toList();
        }
    }

    /// An AnalysisRun with its Jobs.
    record Run(Json.Obj source, List<Json.Obj> jobs) {
        int revision() {
            return source.at("metadata", "annotations", "rollout.argoproj.io/revision")
                    .asString()
                    .filter(text -> text.matches("[0-9]{1,9}"))
                    .map(Integer::parseInt)
                    .orElse(0);
        }
    }

    private static final Comparator<Json.Obj> OLDEST_FIRST = Comparator.<Json.Obj, String>comparing(
                    object -> object.at("metadata", "creationTimestamp").string(""))
            .thenComparing(object -> object.at("metadata", "name").string(""));

    static Rollout decode(Json.Obj source) {
        return read(source).rollout();
    }

    private static RolloutCodec.Decoded read(Json.Obj source) {
        return source.at("kind").string("").equals(Rollout.Kind.DEPLOYMENT_CANARY.toString())
                ? PairCodec.decode(source)
                : new RolloutCodec(Routers.all()).decode(source);
    }

    /// `rollout.argoproj.io/web`, as `-o name` has it.
    static String typedName(Rollout rollout) {
        var type = Names.type(rollout.kind());
        return type.kind().toLowerCase(Locale.ROOT) + "." + type.group() + "/" + rollout.name();
    }

    /// The Rollout alone.
    static Report of(Json.Obj source, Instant now) {
        return new Report(source, decode(source), now, List.of(), List.of(), Optional.empty(), Optional.empty());
    }

    /// The Rollout and what it owns.
    static Report read(Api api, String namespace, String name, Instant now) {
        var source = api.rollout(namespace, name);
        var rollout = decode(source);
        var runs = api.listIfAny(Selection.in(ResourceType.ANALYSIS_RUNS, namespace));
        var mine = runs.stream()
                .filter(run -> owns(rollout.uid(), run))
                .sorted(OLDEST_FIRST)
                .toList();
        var jobs = mine.isEmpty() ? List.<Json.Obj>of() : api.listIfAny(Selection.in(ResourceType.JOBS, namespace));
        var revisions = switch (rollout.kind()) {
            case ROLLOUT -> revisions(api, rollout);
            case DEPLOYMENT_CANARY -> deployments(api, rollout, source);
        };
        return new Report(
                source,
                rollout,
                now,
                revisions,
                mine.stream().map(run -> new Run(run, owned(run, jobs))).toList(),
                neighbour(api, rollout, source),
                entry(api, rollout, revisions));
    }

    /// Whether any Service leads to the newest pods, where nothing but Services divides the traffic.
    private static Optional<Boolean> entry(Api api, Rollout rollout, List<Revision> revisions) {
        boolean byPods = rollout.spec().strategy() instanceof Strategy.Canary canary && !canary.routed();
        if (!byPods || revisions.isEmpty()) return Optional.empty();
        var labels = revisions.getFirst().source().at("spec", "template");
        return Optional.of(api.listIfAny(Selection.in(ResourceType.SERVICES, rollout.namespace())).stream()
                .map(service -> service.at("spec", "selector").strings())
                .anyMatch(selector ->
                        !selector.isEmpty() && LabelSelector.of(selector).matches(labels)));
    }

    private static Optional<Note> neighbour(Api api, Rollout rollout, Json.Obj source) {
        return switch (rollout.kind()) {
            case ROLLOUT ->
                Neighbours.note(
                        source,
                        api.listIfAny(Selection.in(ResourceType.ROLLOUTS, rollout.namespace())),
                        api.listIfAny(Selection.in(ResourceType.DEPLOYMENTS, rollout.namespace())));
            case DEPLOYMENT_CANARY -> Optional.empty();
        };
    }

    private static List<Revision> revisions(Api api, Rollout rollout) {
        var sets = api.list(
                Selection.in(ResourceType.REPLICA_SETS, rollout.namespace()).labelled(Names.HASH));
        var pods = api.list(Selection.in(ResourceType.PODS, rollout.namespace()).labelled(Names.HASH));
        return sets.stream()
                .filter(set -> owns(rollout.uid(), set))
                .map(set -> new Revision(set, ReplicaSetCodec.decode(set), owned(set, pods)))
                .sorted(Comparator.comparingInt((Revision r) -> r.set().revision())
                        .reversed()
                        .thenComparing(r -> r.set().name()))
                .toList();
    }

    /// The two Deployments in the places of revision 2 and 1, with the pods of all their ReplicaSets.
    private static List<Revision> deployments(Api api, Rollout rollout, Json.Obj source) {
        var all = api.list(Selection.in(ResourceType.DEPLOYMENTS, rollout.namespace()));
        var sets = api.list(Selection.in(ResourceType.REPLICA_SETS, rollout.namespace()));
        var pods = api.list(Selection.in(ResourceType.PODS, rollout.namespace()));
        var stable = named(all, source.at("spec", "stable").string(""));
        var canary = named(all, source.at("spec", "canary").string(""));
        var revisions = new ArrayList<Revision>();
        for (var side : PairCodec.sides(stable, canary, rollout.replicas())) {
            var deployment = named(all, side.name()).orElseThrow();
            var own = owned(deployment, sets).stream()
                    .flatMap(set -> owned(set, pods).stream())
                    .toList();
            revisions.addFirst(new Revision(deployment, side, own));
        }
        return revisions;
    }

    private static Optional<Json.Obj> named(List<Json.Obj> objects, String name) {
        return objects.stream()
                .filter(object -> object.at("metadata", "name").string("").equals(name))
                .findFirst();
    }

    private static List<Json.Obj> owned(Json.Obj owner, List<Json.Obj> objects) {
        var uid = owner.at("metadata", "uid").string("");
        return objects.stream()
                .filter(object -> owns(uid, object))
                .sorted(OLDEST_FIRST)
                .toList();
    }

    static boolean owns(String uid, Json.Obj object) {
        return object.at("metadata", "ownerReferences").items().stream()
                .anyMatch(ref -> ref.at("uid").string("").equals(uid)
                        && ref.at("controller").bool(false));
    }

    String name() {
        return rollout.name();
    }

    /// What stands in the way of the spec: each mistake that can be read from it, else what the controller says.
    List<String> problems() {
        var own = read(source).problems();
        if (!own.isEmpty()) return own.stream().map(Problem::toString).toList();
        boolean seen = rollout.status().observedGeneration().equals(Long.toString(rollout.generation()));
        return Headline.problems(rollout).filter(_ -> seen).map(List::of).orElse(List.of());
    }

    /// What the author of the manifest should know, though it stands in the way of nothing.
    List<String> notes() {
        return Stream.concat(besides().stream(), neighbour.stream())
                .map(Note::text)
                .toList();
    }

    /// But for what is a problem already.
    private List<Note> besides() {
        var decoded = read(source);
        return decoded.notes().stream()
                .filter(note -> decoded.problems().stream()
                        .noneMatch(problem -> note.text().startsWith(problem.path() + ".")))
                .toList();
    }

    /// Fields that nobody knows, on one line: where a note has no room, it must be told all the same.
    Optional<String> warning() {
        var unknown = besides().stream()
                .filter(note -> note.kind() == Note.Kind.UNKNOWN_FIELD)
                .map(Note::text)
                .toList();
        if (unknown.isEmpty()) return Optional.empty();
        var more = unknown.size() == 1 ? "" : " (and %d more: sluice get)".formatted(unknown.size() - 1);
        return Optional.of("%s %s/%s: %s%s"
                .formatted(Words.kind(rollout), rollout.namespace(), rollout.name(), unknown.getFirst(), more));
    }

    /// Pods of the revision that is asked for. Of a pair whose canary is not there the controller counts the other one.
    int updated() {
        boolean pair = rollout.kind() == Rollout.Kind.DEPLOYMENT_CANARY;
        boolean known = !pair || revisions.isEmpty();
        if (known || revisions.getFirst().set().revision() == 2)
            return rollout.status().updatedReplicas();
        return 0;
    }

    /// Whether pods were looked for, and none is available: whatever share is asked for, nobody is served.
    boolean down() {
        return !revisions.isEmpty()
                && revisions.stream().allMatch(revision -> revision.set().available() == 0);
    }

    /// What pods of the revisions in use say that do not serve.
    List<Trouble> troubles() {
        return revisions.stream()
                .filter(revision -> !roles(revision.set()).isEmpty())
                .flatMap(revision -> Trouble.of(revision.set().name(), revision.pods()).stream())
                .toList();
    }

    Headline headline() {
        var checks = runs.stream().map(run -> new Check(run.source())).toList();
        var sets = revisions.stream().map(Revision::set).toList();
        return Check.cause(Trouble.cause(Headline.of(rollout, sets, now), rollout, troubles()), rollout, checks);
    }

    Headline.Phase phase() {
        return Headline.phase(rollout);
    }

    String strategy() {
        if (rollout.kind() == Rollout.Kind.DEPLOYMENT_CANARY) return "DeploymentCanary";
        return switch (rollout.spec().strategy()) {
            case Strategy.Canary _ -> "Canary";
            case Strategy.BlueGreen _ -> "BlueGreen";
        };
    }

    List<Step> steps() {
        return rollout.spec().strategy() instanceof Strategy.Canary canary ? canary.steps() : List.of();
    }

    /// `3/8`, or empty without steps.
    Optional<String> step() {
        var steps = steps();
        if (steps.isEmpty() || !problems().isEmpty()) return Optional.empty();
        return Optional.of(rollout.status().currentStepIndex().orElse(0) + "/" + steps.size());
    }

    /// The roles of a revision: stable, canary, active, preview.
    List<String> roles(ReplicaSet set) {
        var status = rollout.status();
        var roles = new LinkedHashSet<String>();
        if (rollout.kind() == Rollout.Kind.DEPLOYMENT_CANARY) {
            if (set.name().equals(serving())) return List.of("stable");
            // The one that has given all its pods away is nothing any more.
            return over() ? List.of() : List.of("canary");
        }
        boolean stable = set.hash().equals(status.stableRS());
        boolean newest = set.hash().equals(status.currentPodHash());
        switch (rollout.spec().strategy()) {
            case Strategy.Canary _ -> {
                if (stable) roles.add("stable");
                else if (newest) roles.add("canary");
            }
            case Strategy.BlueGreen _ -> {
                if (stable) roles.add("stable");
                if (set.hash().equals(status.blueGreen().activeSelector())) roles.add("active");
                else if (set.hash().equals(status.blueGreen().previewSelector())) roles.add("preview");
            }
        }
        return List.copyOf(roles);
    }

    /// The Deployment of a pair that serves: before the first step it is the one that the spec calls stable.
    private String serving() {
        return source.at("status", "serving")
                .asString()
                .filter(name -> !name.isEmpty())
                .orElse(source.at("spec", "stable").string(""));
    }

    /// Whether the canary Deployment of a pair has taken over.
    boolean over() {
        return serving().equals(source.at("spec", "canary").string(""));
    }

    /// Images in use with what they are for, in the order of the revisions, oldest first.
    SequencedMap<String, List<String>> images() {
        var images = new LinkedHashMap<String, List<String>>();
        for (var revision : revisions.reversed()) {
            var roles = roles(revision.set());
            if (roles.isEmpty() && revision.set().replicas() == 0) continue;
            for (var image : revision.images()) {
                var all = images.computeIfAbsent(image, _ -> new ArrayList<>());
                for (var role : roles) if (!all.contains(role)) all.add(role);
            }
        }
        if (revisions.isEmpty()) {
            for (var container :
                    source.at("spec", "template", "spec", "containers").items()) {
                images.put(container.at("image").string(""), List.of());
            }
        }
        return images;
    }

    /// What the canary gets in fact, in per cent: what the router was told, else its share of the available pods.
    Optional<Integer> actualWeight() {
        if (!(rollout.spec().strategy() instanceof Strategy.Canary canary)) return Optional.empty();
        var status = rollout.status();
        if (canary.routed()) {
            return status.weights()
                    .map(weights -> Math.round(newest(weights) * 100f / canary.maxWeight()))
                    .or(() -> Optional.of(status.fullyPromoted() ? 100 : 0));
        }
        if (status.fullyPromoted()) return Optional.of(100);
        int all = revisions.stream().mapToInt(r -> r.set().available()).sum();
        if (all == 0) return revisions.isEmpty() ? Optional.empty() : Optional.of(0);
        return revisions.stream()
                .filter(r -> r.set().hash().equals(status.currentPodHash()))
                .map(r -> r.set().available() * 100 / all)
                .findFirst()
                .or(() -> Optional.of(0));
    }

    /// The revision of an update that was overtaken by the next, and its share by pods, in per cent.
    record Other(int revision, int weight) {}

    /// Revisions beside stable and canary that serve, where pods divide the traffic.
    List<Other> others() {
        boolean byPods = rollout.kind() == Rollout.Kind.ROLLOUT
                && rollout.spec().strategy() instanceof Strategy.Canary canary
                && !canary.routed();
        // Who has been promoted has everything: what is left of the others is on its way out.
        if (!byPods || rollout.status().fullyPromoted()) return List.of();
        int all = revisions.stream().mapToInt(r -> r.set().available()).sum();
        return revisions.stream()
                .map(Revision::set)
                .filter(set -> roles(set).isEmpty() && set.available() > 0)
                .map(set -> new Other(set.revision(), set.available() * 100 / all))
                .toList();
    }

    /// What the router gives to the newest revision, under whichever of the two Services it is: an
    /// update that was taken back, or is over, has it under the stable one.
    private int newest(RolloutStatus.Weights weights) {
        var newest = rollout.status().currentPodHash();
        if (weights.canary().podTemplateHash().isEmpty()
                && weights.stable().podTemplateHash().isEmpty()) {
            return rollout.status().fullyPromoted()
                    ? weights.stable().weight()
                    : weights.canary().weight();
        }
        return List.of(weights.canary(), weights.stable()).stream()
                .filter(side -> side.podTemplateHash().equals(newest))
                .mapToInt(RolloutStatus.Destination::weight)
                .sum();
    }

    /// Where the actual weight is from: what the router was told, or a count of pods.
    String weightBy() {
        return rollout.spec().strategy() instanceof Strategy.Canary canary && canary.routed() ? "router" : "pods";
    }

    /// For machines. Fields are only ever added.
    Json.Obj document() {
        var status = rollout.status();
        var phase = phase();
        var headline = headline();
        var document = Json.obj(
                        "apiVersion",
                        OutputOption.API,
                        "kind",
                        "RolloutReport",
                        "name",
                        rollout.name(),
                        "namespace",
                        rollout.namespace(),
                        "resource",
                        typedName(rollout),
                        "strategy",
                        strategy(),
                        "revision",
                        rollout.revision(),
                        "phase",
                        phase.phase(),
                        "message",
                        phase.message(),
                        "headline",
                        headline.sentence())
                .with("acts", headline.acts());
        if (!status.pauseConditions().isEmpty()) {
            document = document.with(
                    "reason", status.pauseConditions().getFirst().reason().toString());
        }
        var problems = problems();
        if (!problems.isEmpty()) document = document.with("problems", problems);
        var notes = notes();
        if (!notes.isEmpty()) document = document.with("notes", notes);
        if (!steps().isEmpty()) {
            document =
                    document.with("step", status.currentStepIndex().orElse(0)).with("steps", steps().size());
        }
        var weight = new LinkedHashMap<String, Object>();
        // What was read of a spec that is wrong is nothing that anybody asks for.
        if (problems.isEmpty()) {
            Headline.askedWeight(rollout).ifPresent(asked -> weight.put("asked", asked));
            actualWeight().ifPresent(actual -> {
                if (entry.orElse(true) && !down()) weight.put("actual", actual);
                if (entry.orElse(true) && !others().isEmpty()) {
                    weight.put(
                            "others",
                            others().stream()
                                    .map(other -> Json.obj("revision", other.revision(), "actual", other.weight()))
                                    .toList());
                }
                weight.put("by", weightBy());
                entry.ifPresent(there -> weight.put("service", there));
            });
        }
        if (!weight.isEmpty()) document = document.with("weight", weight);
        document = document.with(
                "replicas",
                Json.obj(
                        "desired",
                        rollout.replicas(),
                        "current",
                        status.replicas(),
                        "updated",
                        updated(),
                        "ready",
                        status.readyReplicas(),
                        "available",
                        status.availableReplicas()));
        var troubles = troubles();
        if (!troubles.isEmpty()) {
            document = document.with(
                    "notReady",
                    troubles.stream()
                            .map(trouble -> Json.obj(
                                    "owner", trouble.owner(), "pods", trouble.pods(), "trouble", trouble.text()))
                            .toList());
        }
        document = document.with("images", List.copyOf(images().keySet()));
        var denied = new LinkedHashMap<String, String>();
        var allowed = new ArrayList<String>();
        for (var permission : UserAct.permissions(rollout)) {
            permission
                    .denial()
                    .ifPresentOrElse(
                            why -> denied.put(permission.act().toString(), why),
                            () -> allowed.add(permission.act().toString()));
        }
        document = document.with("allowedActions", allowed).with("deniedActions", denied);
        if (!revisions.isEmpty()) {
            document = document.with(
                    "revisions", revisions.stream().map(this::revision).toList());
        }
        return document;
    }

    private Json revision(Revision revision) {
        var set = revision.set();
        return Json.obj("revision", set.revision(), "name", set.name(), "hash", set.hash())
                .with("roles", roles(set))
                .with("images", revision.images())
                .with("replicas", set.replicas())
                .with("ready", set.ready())
                .with("available", set.available());
    }

    /// The revisions by their number.
    Map<Integer, Revision> byRevision() {
        var map = new LinkedHashMap<Integer, Revision>();
        revisions.forEach(revision -> map.putIfAbsent(revision.set().revision(), revision));
        return map;
    }
}
