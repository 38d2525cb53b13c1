package dev.sluice.kube.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.rollout.Observation;
import dev.sluice.rollout.Observation.PodSeen;
import dev.sluice.rollout.Observation.ServiceSeen;
import dev.sluice.rollout.Observation.StrayPod;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.ReplicaSet;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.Strategy;
import dev.sluice.spi.TrafficRouter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Sees one Rollout and everything a decision about it may look at, at one moment, from the local copies.
///
/// References are checked here, for only here both ends are known: a Service that is missing or another's, an
/// AnalysisTemplate that does not exist or makes no run, a route that cannot carry weights, a router whose kinds the
/// cluster does not serve.
public final class RolloutObserver implements Observer {
    /// The index of Services by the Rollout that manages them.
    private static final String MANAGED = "managed-by";

    private final Caches caches;
    private final Gateway gateway;
    private final RolloutCodec codec;
    private final Map<String, TrafficRouter> routers;
    private final AnalysisRunMaker analysis;
    private final Readers readers = new Readers();
    /// The same of the workloads that templates come from.
    private final Readers borrowers = new Readers();
    /// Since when Rollouts are missing that have left Services behind.
    private final Map<Key, Instant> missing = new ConcurrentHashMap<>();

    /// One that takes analyses for possible.
    public RolloutObserver(Caches caches, Gateway gateway, Map<String, TrafficRouter> routers) {
        this(caches, gateway, routers, (_, _) -> new AnalysisRunMaker.Made.Impossible("nobody makes AnalysisRuns"));
    }

    /// @param analysis tells what stands in the way of an analysis
    public RolloutObserver(
            Caches caches, Gateway gateway, Map<String, TrafficRouter> routers, AnalysisRunMaker analysis) {
        this.analysis = analysis;
        this.caches = caches;
        this.gateway = gateway;
        this.codec = new RolloutCodec(routers);
        this.routers = new LinkedHashMap<>(routers);
        caches.of(ResourceType.SERVICES)
                .index(
                        MANAGED,
                        service -> manager(service).stream().map(Key::toString).toList());
    }

    /// The Rollout that has the word about a Service, there or not.
    private static Optional<Key> manager(Json service) {
        var namespace = service.at("metadata", "namespace").string("");
        return managedBy(service).map(name -> new Key(namespace, name));
    }

    private static Optional<String> managedBy(Json service) {
        return service.at("metadata", "annotations", Names.MANAGED_BY)
                .asString()
                .filter(name -> !name.isEmpty());
    }

    @Override
    public ResourceType type() {
        return ResourceType.ROLLOUTS;
    }

    @Override
    public List<ResourceType> owned() {
        return List.of(ResourceType.REPLICA_SETS, ResourceType.ANALYSIS_RUNS);
    }

    @Override
    public List<ResourceType> named() {
        var named = new LinkedHashSet<ResourceType>();
        named.add(ResourceType.SERVICES);
        named.add(ResourceType.ANALYSIS_TEMPLATES);
        named.add(ResourceType.CLUSTER_ANALYSIS_TEMPLATES);
        routers.values().forEach(router -> named.addAll(router.kinds()));
        return List.copyOf(named);
    }

    @Override
    public List<Key> readers(ObjectRef ref) {
        return Stream.concat(readers.of(ref).stream(), borrowers.of(ref).stream())
                .toList();
    }

    @Override
    public Optional<Key> manager(ResourceType type, Json.Obj object) {
        return type.equals(ResourceType.SERVICES) ? manager(object) : Optional.empty();
    }

    @Override
    public Json naming(Json.Obj rollout) {
        return rollout.at("spec", "strategy");
    }

    private static String path(Strategy strategy) {
        return switch (strategy) {
            case Strategy.Canary _ -> "spec.strategy.canary";
            case Strategy.BlueGreen _ -> "spec.strategy.blueGreen";
        };
    }

    @Override
    public Optional<Seen> observe(Key key, Instant now) {
        var source = caches.of(ResourceType.ROLLOUTS).get(key.namespace(), key.name());
        if (source.isPresent()) {
            missing.remove(key);
            return Optional.of(observe(key, source.get(), now));
        }
        readers.reads(key, Set.of());
        borrowers.reads(key, Set.of());
        return left(key, now);
    }

    /// What a Rollout that is not among the copies has left behind. The copies may be behind, or not hold it as it is
    /// another controller's to drive: the server is asked before anything can come of it.
    private Optional<Seen> left(Key key, Instant now) {
        var services = managedBy(key);
        if (services.isEmpty()) {
            missing.remove(key);
            return Optional.empty();
        }
        var reply = gateway.send(new Request.Get(ObjectRef.of(ResourceType.ROLLOUTS, key.namespace(), key.name())));
        boolean gone = reply instanceof Reply.Refused refused && refused.notFound();
        if (reply instanceof Reply.Done) {
            missing.remove(key);
            return Optional.empty();
        }
        // Not knowing is no absence: its time begins anew.
        if (!gone) missing.put(key, now);
        var source = Json.obj(
                "apiVersion", ResourceType.ROLLOUTS.apiVersion(),
                "kind", ResourceType.ROLLOUTS.kind(),
                "metadata", Json.obj("name", key.name(), "namespace", key.namespace()));
        var observation = Observation.missing(
                now,
                codec.decode(source).rollout(),
                missing.computeIfAbsent(key, _ -> now),
                services.stream().map(RolloutObserver::service).toList());
        return Optional.of(
                new Seen(observation, source, Json.Obj.EMPTY, Map.of(), List.of(), new TreeMap<>(), List.of()));
    }

    private Seen observe(Key key, Json.Obj read, Instant now) {
        var owned = caches.of(ResourceType.REPLICA_SETS)
                .ownedBy(read.at("metadata", "uid").string(""));
        var look = look(key, read);
        var workload = look.flatMap(Workload.Look::found);
        boolean astray = workload.isEmpty() && !read.at("spec", "workloadRef").isNull();
        var borrowed = astray
                ? Workload.underWay(read, owned)
                : workload.map(found -> found.workload().borrowed());
        var source = borrowed.map(its -> Workload.filled(read, its)).orElse(read);
        var decoded = codec.decode(read, borrowed);
        var rollout = decoded.rollout();
        var problems = new ArrayList<>(decoded.problems());
        look.flatMap(its -> its.problem(read)).ifPresent(problems::add);
        var strategy = rollout.spec().strategy();
        var services = services(rollout, strategy, problems);
        var routings = routings(rollout, strategy);
        boolean lacking = routings.removeIf(routing -> lacking(routing, problems));
        var refs = new TreeSet<ObjectRef>();
        for (var routing : routings) refs.addAll(routing.router().reads(routing.route()));
        readers.reads(key, refs);
        var routed = new TreeMap<ObjectRef, Json.Obj>();
        for (var ref : refs) {
            caches.of(ref.type()).get(ref.namespace(), ref.name()).ifPresent(object -> routed.put(ref, object));
        }
        var routes = routes(routings, lacking, routed, problems);
        new AnalysisChecks(caches, analysis).check(rollout, source, path(strategy), problems);
        var podHash = astray ? rollout.status().currentPodHash() : PodTemplates.revision(rollout, owned);
        var sets = owned.stream().map(ReplicaSetCodec::decode).toList();
        var stray = stray(sets);
        var asked = askedToRestart(rollout, now);
        var pods = asked || !stray.isEmpty() ? pods(rollout) : Optional.of(List.<Json>of());
        var observation = new Observation(
                now,
                rollout,
                problems,
                decoded.problems().isEmpty(),
                podHash,
                sets,
                services,
                routes,
                caches.of(ResourceType.ANALYSIS_RUNS).ownedBy(rollout.uid()).stream()
                        .flatMap(run -> AnalysisRunCodec.decode(run).stream())
                        .toList(),
                asked ? seen(pods, owned) : List.of(),
                decoded.problems().isEmpty() ? unnamed(key, strategy) : List.of(),
                owned.stream()
                        .filter(set -> hash(set).equals(podHash))
                        .findFirst()
                        .map(set -> ReplicaSetCodec.unsynced(source, set))
                        .orElse(new LinkedHashMap<>()),
                stray.isEmpty() ? Optional.empty() : pods.map(all -> stray(all, owned, stray)),
                Optional.empty(),
                workload.map(found -> found.workload().seen(found.watched())));
        var notes = new ArrayList<>(decoded.notes());
        // It is told when a spec is new, and takes a look at all others.
        if (!observation.generationSeen()) neighbours(source).ifPresent(notes::add);
        return new Seen(observation, source, Json.Obj.EMPTY, byName(owned), routings, routed, notes);
    }

    /// Looks for the workload that the template comes from.
    ///
    /// @return empty where there is none, or none that could be looked for
    private Optional<Workload.Look> look(Key key, Json.Obj rollout) {
        var ref = Workload.of(rollout);
        borrowers.reads(key, ref.map(Set::of).orElse(Set.of()));
        return ref.map(this::look);
    }

    /// Copies of its kind are kept from the first look on; where they are not complete yet, or may not be made, the
    /// server is asked. So a kind that may not be listed is nobody else's trouble.
    private Workload.Look look(ObjectRef ref) {
        var type = ref.type();
        var held = type.equals(ResourceType.DEPLOYMENTS) && caches.has(type) ? caches : caches.workloads();
        if (!held.has(type)) {
            held.follow(type);
            return Workload.Look.of(ref, gateway.send(new Request.Get(ref)));
        }
        return held.of(type)
                .get(ref.namespace(), ref.name())
                .<Workload.Look>map(object -> new Workload.Look.Found(new Workload(ref, object), true))
                .orElse(new Workload.Look.Missing());
    }

    private Optional<Note> neighbours(Json.Obj source) {
        var namespace = source.at("metadata", "namespace").string("");
        return Neighbours.note(
                source,
                caches.of(type()).in(namespace),
                caches.has(ResourceType.DEPLOYMENTS)
                        ? caches.of(ResourceType.DEPLOYMENTS).in(namespace)
                        : List.of());
    }

    private static String hash(Json.Obj set) {
        return set.at("metadata", "labels", Names.HASH).string("");
    }

    private SequencedMap<String, ServiceSeen> services(Rollout rollout, Strategy strategy, List<Problem> problems) {
        var services = new LinkedHashMap<String, ServiceSeen>();
        switch (strategy) {
            case Strategy.Canary canary -> {
                var path = "spec.strategy.canary.";
                canary.stableService().ifPresent(n -> service(path + "stableService", n, rollout, services, problems));
                canary.canaryService().ifPresent(n -> service(path + "canaryService", n, rollout, services, problems));
            }
            case Strategy.BlueGreen blueGreen -> {
                var path = "spec.strategy.blueGreen.";
                if (!blueGreen.activeService().isEmpty()) {
                    service(path + "activeService", blueGreen.activeService(), rollout, services, problems);
                }
                blueGreen
                        .previewService()
                        .ifPresent(n -> service(path + "previewService", n, rollout, services, problems));
            }
        }
        return services;
    }

    private void service(
            String path, String name, Rollout rollout, Map<String, ServiceSeen> services, List<Problem> problems) {
        var found = caches.of(ResourceType.SERVICES).get(rollout.namespace(), name);
        var quoted = "\"" + name + "\"";
        if (found.isEmpty()) {
            problems.add(new Problem(path, quoted, "service \"" + name + "\" not found", "create it or name another"));
            return;
        }
        var object = found.get();
        services.put(name, service(object));
        var managedBy = managedBy(object);
        if (managedBy.filter(owner -> !owner.equals(rollout.name())).isPresent()) {
            problems.add(new Problem(
                    path,
                    quoted,
                    "Service \"%s\" is managed by another Rollout (%s)".formatted(name, managedBy.get()),
                    caches.of(ResourceType.ROLLOUTS)
                                    .get(rollout.namespace(), managedBy.get())
                                    .isPresent()
                            ? "give each Rollout Services of its own"
                            : "wait a moment: that one does not exist any more, and its Services are let go"));
            return;
        }
        // Without the workload that the template comes from there is nothing to compare with.
        if (rollout.spec().workloadRef().isPresent()
                && rollout.spec().template().isEmpty()) return;
        var selector = new LinkedHashMap<>(object.at("spec", "selector").strings());
        selector.remove(Names.HASH);
        var labels = rollout.spec().template().at("metadata", "labels").strings();
        if (!LabelSelector.of(selector).matches(labels)) {
            problems.add(new Problem(
                    path,
                    quoted,
                    "Service \"%s\" selects %s, which the pod template's labels %s do not match"
                            .formatted(name, Json.of(selector), Json.of(labels)),
                    "let the Service select labels of spec.template.metadata.labels"));
        }
    }

    private static ServiceSeen service(Json service) {
        return new ServiceSeen(
                service.at("metadata", "name").string(""),
                service.at("metadata", "resourceVersion").string(""),
                service.at("spec", "selector", Names.HASH).asString().filter(text -> !text.isEmpty()),
                managedBy(service));
    }

    /// The Services that carry its name and that its strategy does not name, as one before it did.
    private List<ServiceSeen> unnamed(Key key, Strategy strategy) {
        var named = names(strategy).toList();
        return managedBy(key).stream()
                .map(RolloutObserver::service)
                .filter(service -> !named.contains(service.name()))
                .toList();
    }

    private List<Json.Obj> managedBy(Key key) {
        return caches.of(ResourceType.SERVICES).by(MANAGED, key.toString());
    }

    private static Stream<String> names(Strategy strategy) {
        return switch (strategy) {
            case Strategy.Canary canary ->
                Stream.concat(canary.stableService().stream(), canary.canaryService().stream());
            case Strategy.BlueGreen blueGreen ->
                Stream.concat(Stream.of(blueGreen.activeService()), blueGreen.previewService().stream());
        };
    }

    private List<Seen.Routing> routings(Rollout rollout, Strategy strategy) {
        var routings = new ArrayList<Seen.Routing>();
        if (strategy instanceof Strategy.Canary canary
                && canary.trafficRouting().isPresent()) {
            var routing = canary.trafficRouting().get();
            for (var configured : routing.routers()) {
                var router = routers.get(configured.name());
                if (router == null) continue;
                routings.add(new Seen.Routing(
                        router,
                        new TrafficRouter.Route(
                                rollout.namespace(),
                                canary.canaryService().orElse(""),
                                canary.stableService().orElse(""),
                                routing.maxWeight(),
                                configured.configuration())));
            }
        }
        return routings;
    }

    /// Whether objects of this router cannot be looked at, all of them rather than one.
    private boolean lacking(Seen.Routing routing, List<Problem> problems) {
        boolean lacking = false;
        for (var kind : routing.router().kinds()) {
            var lack = caches.lack(kind);
            if (lack.isEmpty()) continue;
            lacking = true;
            problems.add(lack.get().problem(path(routing), kind));
        }
        return lacking;
    }

    private static String path(Seen.Routing routing) {
        return "spec.strategy.canary.trafficRouting.plugins[\"%s\"]"
                .formatted(routing.router().name());
    }

    /// Of several routers the one with the most canary traffic counts: what any of them serves is served. What one that
    /// cannot be read serves is not known.
    private static Optional<Observation.Routes> routes(
            List<Seen.Routing> routings,
            boolean lacking,
            SortedMap<ObjectRef, Json.Obj> routed,
            List<Problem> problems) {
        Optional<Observation.Routes> all = Optional.empty();
        boolean unknown = lacking;
        for (var routing : routings) {
            switch (routing.router().read(routing.route(), routed)) {
                case TrafficRouter.Reading.Weights(var canary, var stable, var served) -> {
                    var one = new Observation.Routes(canary, stable, served);
                    all = Optional.of(all.map(other -> merged(other, one)).orElse(one));
                }
                case TrafficRouter.Reading.Unusable(var mistakes) -> {
                    unknown = true;
                    for (var mistake : mistakes) {
                        problems.add(new Problem(
                                path(routing) + ": " + mistake.path(), "", mistake.expectation(), mistake.remedy()));
                    }
                }
            }
        }
        return unknown
                ? all.map(known -> new Observation.Routes(known.canary(), known.stable(), Optional.of(false)))
                : all;
    }

    private static Observation.Routes merged(Observation.Routes a, Observation.Routes b) {
        boolean same = a.canary() == b.canary() && a.stable() == b.stable();
        var served = a.served().isEmpty() && b.served().isEmpty() && same
                ? Optional.<Boolean>empty()
                : Optional.of(same && a.served().orElse(true) && b.served().orElse(true));
        return new Observation.Routes(Math.max(a.canary(), b.canary()), Math.min(a.stable(), b.stable()), served);
    }

    private static Map<String, Json.Obj> byName(List<Json.Obj> owned) {
        var byName = new TreeMap<String, Json.Obj>();
        for (var set : owned) byName.put(set.at("metadata", "name").string(""), set);
        return byName;
    }

    private static boolean askedToRestart(Rollout rollout, Instant now) {
        var restartAt = rollout.spec().restartAt();
        return restartAt.isPresent()
                && !restartAt.equals(rollout.status().restartedAt())
                && !now.isBefore(restartAt.get());
    }

    /// Names of the ReplicaSets that may have pods without the metadata of their template. Before their
    /// controllers have seen that, further such pods may come, and it is too early to look.
    private static List<String> stray(List<ReplicaSet> sets) {
        return sets.stream()
                .filter(set -> !set.deleting() && !set.added().onPods() && set.observed() && !set.podless())
                .map(ReplicaSet::name)
                .toList();
    }

    private static List<StrayPod> stray(List<Json> pods, List<Json.Obj> owned, List<String> stray) {
        return owned.stream()
                .filter(set -> stray.contains(set.at("metadata", "name").string("")))
                .flatMap(set -> pods.stream()
                        .filter(pod -> pod.at("metadata", "deletionTimestamp").isNull())
                        .filter(pod -> ownedBy(pod, set.at("metadata", "uid").string("")))
                        .flatMap(pod -> PodTemplates.stray(pod, set).stream()))
                .toList();
    }

    private static boolean ownedBy(Json pod, String uid) {
        return pod.at("metadata", "ownerReferences").items().stream()
                .anyMatch(ref -> ref.at("uid").string("").equals(uid));
    }

    /// Pods matter to a restart and after a change of their metadata, which is rare: they are read then and not kept.
    ///
    /// @return empty where they could not be read
    private Optional<List<Json>> pods(Rollout rollout) {
        var selection = Selection.in(ResourceType.PODS, rollout.namespace())
                .labelled(LabelSelector.of(rollout.spec().selector()).toString());
        return switch (gateway.send(new Request.List(selection))) {
            case Reply.Done(var list) -> Optional.of(list.at("items").items());
            case Reply.Refused _, Reply.Lost _ -> Optional.empty();
        };
    }

    private static List<PodSeen> seen(Optional<List<Json>> pods, List<Json.Obj> replicaSets) {
        if (pods.isEmpty()) return List.of(PodSeen.UNKNOWN);
        var names = new TreeMap<String, String>();
        for (var rs : replicaSets) {
            names.put(
                    rs.at("metadata", "uid").string(""),
                    rs.at("metadata", "name").string(""));
        }
        return pods.get().stream().flatMap(pod -> pod(pod, names).stream()).toList();
    }

    private static Optional<PodSeen> pod(Json pod, Map<String, String> replicaSets) {
        var metadata = pod.at("metadata");
        var owner = metadata.at("ownerReferences").items().stream()
                .map(ref -> replicaSets.get(ref.at("uid").string("")))
                .filter(Objects::nonNull)
                .findFirst();
        boolean ready = pod.at("status", "conditions").items().stream()
                .anyMatch(c -> c.at("type").string("").equals("Ready")
                        && c.at("status").string("").equals("True"));
        return owner.map(name -> new PodSeen(
                metadata.at("name").string(""),
                metadata.at("uid").string(""),
                name,
                metadata.at("creationTimestamp")
                        .asString()
                        .flatMap(Fields::instant)
                        .orElse(Instant.EPOCH),
                !metadata.at("deletionTimestamp").isNull(),
                ready));
    }
}
