package dev.sluice.kube.explain;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.Loss;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.explain.Asked;
import dev.sluice.explain.TrafficObservation;
import dev.sluice.explain.TrafficObservation.Split;
import dev.sluice.explain.TrafficObservation.Subject;
import dev.sluice.explain.TrafficObservation.Version;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.PairCodec;
import dev.sluice.kube.rollout.PodTemplates;
import dev.sluice.kube.rollout.RolloutCodec;
import dev.sluice.kube.rollout.Workload;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.Step;
import dev.sluice.rollout.Strategy;
import dev.sluice.spi.TrafficRouter;
import dev.sluice.spi.TrafficRouter.Route;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Looks at one namespace, once, for the way that traffic takes through it.
public final class TrafficObserver {
    private static final String VERSION = "version";
    /// Seconds where the Service does not say, as the API server fills in.
    private static final long AFFINITY = 10_800;

    private final Gateway gateway;
    private final Map<String, TrafficRouter> routers;

    /// @param routers by the name under which they stand in `trafficRouting`
    public TrafficObserver(Gateway gateway, Map<String, TrafficRouter> routers) {
        this.gateway = gateway;
        this.routers = new LinkedHashMap<>(routers);
    }

    /// What came of looking.
    public sealed interface Look {
        /// @param invalid what is wrong with the spec, so that no controller acts on it; requests flow all the same
        record Seen(TrafficObservation observation, Optional<Problem> invalid) implements Look {
            Seen(TrafficObservation observation) {
                this(observation, Optional.empty());
            }
        }

        /// @param what such as `rollout shop/web`
        record Missing(String what) implements Look {}

        /// No answer came.
        record Lost(Loss loss, String why) implements Look {}

        /// The cluster did not let itself be read, or what it holds cannot be understood.
        record Failed(String why) implements Look {}
    }

    /// A read that failed; never leaves this class.
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        final transient Look look;

        Unreadable(Look look) {
            this.look = look;
        }
    }

    /// Looks at a Rollout.
    public Look rollout(String namespace, String name) {
        return get(
                ObjectRef.of(ResourceType.ROLLOUTS, namespace, name), "rollout " + namespace + "/" + name, object -> {
                    return rollout(new World(namespace), object);
                });
    }

    /// Looks at a DeploymentCanary.
    public Look pair(String namespace, String name) {
        return get(
                ObjectRef.of(ResourceType.DEPLOYMENT_CANARIES, namespace, name),
                "deploymentcanary " + namespace + "/" + name,
                object -> pair(new World(namespace), object));
    }

    /// Looks at a Service before two Deployments that differ in the pod label `version`.
    public Look service(String namespace, String name) {
        return get(
                ObjectRef.of(ResourceType.SERVICES, namespace, name), "service " + namespace + "/" + name, object -> {
                    return service(new World(namespace), object);
                });
    }

    private interface Reader {
        Look read(Json.Obj object) throws Unreadable;
    }

    private Look get(ObjectRef ref, String what, Reader reader) {
        return switch (gateway.send(new Request.Get(ref))) {
            case Reply.Done(var object) -> {
                try {
                    yield reader.read(object);
                } catch (Unreadable unreadable) {
                    yield unreadable.look;
                }
            }
            case Reply.Refused refused ->
                refused.notFound()
                        ? new Look.Missing(what)
                        : new Look.Failed("cannot read " + what + ": " + refused.message());
            case Reply.Lost(var loss, var why) -> new Look.Lost(loss, "cannot read " + what + ": no answer: " + why);
        };
    }

    /// The objects of one namespace, by kind.
    private final class World {
        private final String namespace;
        private final List<Json> services;
        private final List<Json> pods;
        private final List<Json> slices;
        private final List<Json> replicaSets;
        private final List<Json> routes;
        private final List<Json> gateways;

        World(String namespace) throws Unreadable {
            this.namespace = namespace;
            services = list(ResourceType.SERVICES, false);
            pods = list(ResourceType.PODS, false);
            slices = list(ResourceType.ENDPOINT_SLICES, true);
            replicaSets = list(ResourceType.REPLICA_SETS, false);
            routes = list(ResourceType.HTTP_ROUTES, true);
            gateways = list(ResourceType.GATEWAYS, true);
        }

        /// @param optional whether a cluster need not have the kind, or the reader need not see it
        List<Json> list(ResourceType type, boolean optional) throws Unreadable {
            return switch (gateway.send(new Request.List(Selection.in(type, namespace)))) {
                case Reply.Done(var object) -> object.at("items").items();
                case Reply.Refused refused -> {
                    if (optional && (refused.notFound() || refused.code() == 403)) yield List.of();
                    throw new Unreadable(new Look.Failed("cannot list " + type + ": " + refused.message()));
                }
                case Reply.Lost(var loss, var why) ->
                    throw new Unreadable(new Look.Lost(loss, "cannot list " + type + ": no answer: " + why));
            };
        }
    }

    // ── a Rollout ────────────────────────────────────────────────────────────────────────────────────────────────

    private Look rollout(World world, Json.Obj object) throws Unreadable {
        var borrowed = Workload.read(gateway, object)
                .map(Workload::borrowed)
                .or(() -> Workload.underWay(object, world.replicaSets));
        var decoded = new RolloutCodec(routers).decode(object, borrowed);
        var lost = borrowed.isEmpty() ? Workload.missing(object) : Optional.<Problem>empty();
        var invalid = decoded.problems().stream().findFirst().or(() -> lost);
        var rollout = decoded.rollout();
        // Without a template there is no version that requests could be followed to.
        if (invalid.isPresent()
                && rollout.spec().template().at("spec", "containers").items().isEmpty()) {
            return invalid("rollout", invalid.get());
        }
        var sets = world.replicaSets.stream()
                .filter(set -> set.at("metadata", "ownerReferences").items().stream()
                        .anyMatch(owner -> owner.at("uid").string("").equals(rollout.uid())))
                .toList();
        var hash = PodTemplates.revision(rollout, sets);
        var stableHash = rollout.status().stableRS();
        var old = sets.stream().filter(set -> hash(set).equals(stableHash)).findFirst();
        // Two versions of one image are told apart by their hashes.
        boolean alike = !stableHash.equals(hash)
                && old.filter(set -> shown(set.at("spec", "template"), "")
                                .equals(shown(rollout.spec().template(), "")))
                        .isPresent();
        var newest = version(hash, rollout.spec().template(), sets, alike);
        var stable = old.map(set -> version(stableHash, set.at("spec", "template"), sets, alike));
        var subject = new Subject(
                "Rollout",
                rollout.name(),
                split(rollout),
                asked(rollout, hash, invalid),
                rollout.status()
                        .weights()
                        .filter(_ -> rollout.status().currentPodHash().equals(hash))
                        .map(weights -> weights.canary().weight()),
                rollout.replicas(),
                sets.stream().map(TrafficObserver::name).toList(),
                hints(rollout, object, hash),
                writers(object));
        var others = world.list(ResourceType.ROLLOUTS, false).stream()
                .filter(other -> !name(other).equals(rollout.name()))
                .map(other -> claim(other.obj()))
                .toList();
        return new Look.Seen(
                observation(world, subject, newest, stable, others, metrics(world, object, hash)), invalid);
    }

    /// Nobody asks for what a spec says that is wrong: then what was asked before stays, as long as it is of this hash.
    private static Optional<Asked> asked(Rollout rollout, String hash, Optional<Problem> invalid) {
        if (invalid.isEmpty()) return Optional.of(Asked.of(rollout, hash));
        var status = rollout.status();
        if (!(rollout.spec().strategy() instanceof Strategy.Canary canary)
                || !status.currentPodHash().equals(hash)
                || status.stableRS().equals(hash)) {
            return Optional.empty();
        }
        return status.weights()
                .map(weights -> new Asked(
                        weights.canary().weight(),
                        canary.maxWeight(),
                        Optional.of("the spec is invalid, so the weight stays where it was")));
    }

    private static String hash(Json set) {
        return set.at("metadata", "labels", Names.HASH).string("");
    }

    private static Look invalid(String kind, Problem first) {
        return new Look.Failed("the " + kind + " is invalid, so no controller acts on it: " + first);
    }

    private static Version version(String hash, Json template, List<Json> sets, boolean alike) {
        var set = sets.stream().filter(s -> hash(s).equals(hash)).findFirst();
        var labels = new TreeMap<>(template.at("metadata", "labels").strings());
        labels.put(Names.HASH, hash);
        return new Version(
                hash,
                alike ? hash : shown(template, hash),
                set.map(s -> "ReplicaSet " + name(s)).orElse(""),
                labels,
                List.of(),
                set.map(s -> s.at("spec", "replicas").integer(1)).orElse(0),
                set.flatMap(TrafficObserver::failure),
                ports(template));
    }

    private static Optional<String> failure(Json set) {
        return Conditions.find(set, "ReplicaFailure")
                .filter(Conditions::holds)
                .map(condition -> condition.at("message").string(""));
    }

    private static String shown(Json template, String otherwise) {
        var image = template.at("spec", "containers").at(0).at("image").string("");
        int colon = image.lastIndexOf(':');
        return colon > image.lastIndexOf('/') && !image.contains("@") ? image.substring(colon + 1) : otherwise;
    }

    private static List<TrafficObservation.Port> ports(Json template) {
        var ports = new ArrayList<TrafficObservation.Port>();
        for (var container : template.at("spec", "containers").items()) {
            for (var port : container.at("ports").items()) {
                ports.add(new TrafficObservation.Port(
                        port.at("containerPort").integer(0), port.at("name").string("")));
            }
        }
        return ports;
    }

    private Split split(Rollout rollout) {
        return switch (rollout.spec().strategy()) {
            case Strategy.BlueGreen blueGreen ->
                new Split.BySwitch(blueGreen.activeService(), blueGreen.previewService());
            case Strategy.Canary canary -> {
                var canaryService = canary.canaryService().orElse("");
                var stableService = canary.stableService().orElse("");
                if (canary.trafficRouting().isPresent()) {
                    yield new Split.ByRoute(canaryService, stableService, routes(rollout.namespace(), canary));
                }
                var pinned = new ArrayList<String>();
                canary.canaryService().ifPresent(pinned::add);
                canary.stableService().ifPresent(pinned::add);
                yield new Split.ByPods(canary.maxSurge().ceil(rollout.replicas()), pinned);
            }
        };
    }

    private List<String> routes(String namespace, Strategy.Canary canary) {
        var names = new ArrayList<String>();
        for (var router : canary.trafficRouting().stream()
                .flatMap(routing -> routing.routers().stream())
                .toList()) {
            var known = routers.get(router.name());
            if (known == null) continue;
            var route = new Route(
                    namespace,
                    canary.canaryService().orElse(""),
                    canary.stableService().orElse(""),
                    canary.maxWeight(),
                    router.configuration());
            for (var ref : known.reads(route)) {
                if (ref.type().equals(ResourceType.HTTP_ROUTES)) names.add(ref.namespace() + "/" + ref.name());
            }
        }
        return names;
    }

    private static List<String> hints(Rollout rollout, Json object, String hash) {
        var hints = new ArrayList<String>();
        var status = rollout.status();
        if (rollout.spec().paused()) hints.add("spec.paused is true, so nothing is scaled");
        if (rollout.replicas() == 0) hints.add("spec.replicas is 0");
        var refused = status.invalid()
                .filter(_ -> status.observedGeneration()
                        .equals(object.at("metadata", "generation").text()));
        if (refused.isPresent()) {
            hints.add("the controller refuses the spec: " + refused.get().message());
        } else if (!observed(rollout, object, hash) && !rollout.spec().paused()) {
            hints.add("the controller has not seen generation %s (last seen %s): is it running?"
                    .formatted(
                            object.at("metadata", "generation"),
                            status.observedGeneration().isEmpty() ? "none" : status.observedGeneration()));
        }
        if (status.abort()) hints.add("the update was aborted");
        if (rollout.spec().strategy() instanceof Strategy.Canary canary) {
            int index =
                    Math.min(status.currentStepIndex().orElse(0), canary.steps().size() - 1);
            for (int i = index; i >= 0; i--) {
                if (canary.steps().get(i) instanceof Step.SetCanaryScale scale) {
                    hints.add("step %d says %s".formatted(i + 1, scale.text()));
                    break;
                }
            }
        }
        return hints;
    }

    private static boolean observed(Rollout rollout, Json object, String hash) {
        return switch (rollout.kind()) {
            case ROLLOUT -> rollout.status().currentPodHash().equals(hash);
            // What the core calls a hash is known before any status is written.
            case DEPLOYMENT_CANARY ->
                object.at("status", "observedGeneration")
                        .string("")
                        .equals(object.at("metadata", "generation").text());
        };
    }

    /// Controllers that have written the status; people and their tools, who command through it, do not count.
    private static List<String> writers(Json object) {
        var writers = new TreeSet<String>();
        for (var entry : object.at("metadata", "managedFields").items()) {
            if (!entry.at("fieldsV1", "f:status").obj().has("f:observedGeneration")) continue;
            writers.add(entry.at("manager").string("?"));
        }
        return List.copyOf(writers);
    }

    private TrafficObservation.Claim claim(Json.Obj other) {
        // An invalid neighbour claims what can be read of it.
        var canary = other.at("spec", "strategy", "canary");
        var blueGreen = other.at("spec", "strategy", "blueGreen");
        var services = new ArrayList<String>();
        for (var field : List.of("canaryService", "stableService")) {
            canary.at(field).asString().ifPresent(services::add);
        }
        for (var field : List.of("activeService", "previewService")) {
            blueGreen.at(field).asString().ifPresent(services::add);
        }
        var routes = new RolloutCodec(routers).decode(other).rollout().spec().strategy() instanceof Strategy.Canary c
                ? routes(other.at("metadata", "namespace").string(""), c)
                : List.<String>of();
        return new TrafficObservation.Claim(
                name(other),
                services,
                routes,
                other.at("spec", "template", "metadata", "labels").strings());
    }

    // ── two Deployments under a DeploymentCanary ─────────────────────────────────────────────────────────────────

    private Look pair(World world, Json.Obj object) throws Unreadable {
        var deployments = world.list(ResourceType.DEPLOYMENTS, false);
        var stableName = object.at("spec", "stable").string("");
        var canaryName = object.at("spec", "canary").string("");
        var stable = named(deployments, stableName);
        var canary = named(deployments, canaryName);
        var pair = PairCodec.beside(object, stable, canary);
        var invalid = pair.problems().stream().findFirst();
        if (invalid.isPresent() && (stable.isEmpty() || canary.isEmpty())) {
            return invalid("deploymentcanary", invalid.get());
        }
        boolean over = object.at("status", "serving").string("").equals(canaryName);
        if (stable.isEmpty() && !over) {
            return invalid(
                    "deploymentcanary",
                    new Problem(
                            "spec.stable",
                            "\"" + stableName + "\"",
                            "Deployment not found",
                            "create it or name another"));
        }
        var rollout = pair.rollout();
        var hints = hints(rollout, object, pair.newestHash());
        boolean alike = stable.isPresent()
                && canary.isPresent()
                && shown(stable.get().at("spec", "template"), "")
                        .equals(shown(canary.get().at("spec", "template"), ""));
        var sides = List.of(side(world, stableName, stable, alike), side(world, canaryName, canary, alike));
        var subject = new Subject(
                Rollout.Kind.DEPLOYMENT_CANARY.toString(),
                rollout.name(),
                split(rollout),
                asked(rollout, pair.newestHash(), invalid),
                Optional.empty(),
                rollout.replicas(),
                sides.stream().flatMap(side -> side.sets().stream()).toList(),
                hints,
                writers(object));
        return new Look.Seen(
                observation(
                        world,
                        subject,
                        sides.getLast(),
                        stable.map(_ -> sides.getFirst()),
                        List.of(),
                        metrics(world, object, pair.newestHash())),
                invalid);
    }

    private static Optional<Json.Obj> named(List<Json> objects, String name) {
        return objects.stream()
                .filter(object -> name(object).equals(name))
                .findFirst()
                .map(object -> object.obj());
    }

    /// @param alike whether the image does not tell the two apart
    private static Version side(World world, String name, Optional<Json.Obj> deployment, boolean alike) {
        if (deployment.isEmpty()) {
            return new Version(
                    name,
                    name,
                    "Deployment " + name,
                    Map.of(),
                    List.of(),
                    0,
                    Optional.of("it does not exist"),
                    List.of());
        }
        var object = deployment.get();
        var template = object.at("spec", "template");
        var uid = object.at("metadata", "uid").string("");
        var sets = world.replicaSets.stream()
                .filter(set -> set.at("metadata", "ownerReferences").items().stream()
                        .anyMatch(owner -> owner.at("uid").string("").equals(uid)))
                .map(TrafficObserver::name)
                .toList();
        return new Version(
                name,
                alike ? name : shown(template, name),
                "Deployment " + name,
                new TreeMap<>(template.at("metadata", "labels").strings()),
                sets,
                object.at("spec", "replicas").integer(1),
                failure(object),
                ports(template));
    }

    // ── a Service of the user's own ──────────────────────────────────────────────────────────────────────────────

    private Look service(World world, Json.Obj service) throws Unreadable {
        var selector = new TreeMap<>(service.at("spec", "selector").strings());
        selector.remove(VERSION);
        if (selector.isEmpty()) {
            return new Look.Failed("service " + name(service) + " selects nothing but a version, so what belongs to it"
                    + " cannot be told");
        }
        var own = world.list(ResourceType.DEPLOYMENTS, false).stream()
                .filter(deployment -> LabelSelector.of(selector).matches(deployment.at("spec", "template")))
                .filter(deployment -> deployment
                        .at("spec", "template", "metadata", "labels")
                        .strings()
                        .containsKey(VERSION))
                .sorted(Comparator.<Json, String>comparing(
                                d -> d.at("metadata", "creationTimestamp").string(""))
                        .thenComparing(d -> d.at("spec", "template", "metadata", "labels", VERSION)
                                .string("")))
                .toList();
        if (own.isEmpty()) {
            return new Look.Missing("deployment with the labels %s and a label \"version\" in namespace %s"
                    .formatted(LabelSelector.of(selector), world.namespace));
        }
        var newest = version(own.getLast());
        var stable = own.size() > 1 ? Optional.of(version(own.get(own.size() - 2))) : Optional.<Version>empty();
        var subject = new Subject(
                "Service",
                name(service),
                new Split.ByPods(0, List.of()),
                Optional.empty(),
                Optional.empty(),
                newest.desired() + stable.map(Version::desired).orElse(0),
                List.of(),
                List.of(),
                List.of());
        var seen = observation(world, subject, newest, stable, List.of(), List.of());
        var only = seen.services().stream()
                .filter(s -> s.name().equals(name(service)))
                .toList();
        return new Look.Seen(new TrafficObservation(
                seen.namespace(),
                subject,
                newest,
                stable,
                only,
                seen.pods(),
                seen.slices(),
                seen.gateways(),
                seen.routes(),
                List.of(),
                List.of()));
    }

    private static Version version(Json deployment) {
        var template = deployment.at("spec", "template");
        var labels = template.at("metadata", "labels").strings();
        var value = template.at("metadata", "labels", VERSION).string("");
        return new Version(
                value,
                value,
                "Deployment " + name(deployment),
                new TreeMap<>(labels),
                List.of(),
                deployment.at("spec", "replicas").integer(1),
                failure(deployment),
                ports(template));
    }

    // ── what both share ──────────────────────────────────────────────────────────────────────────────────────────

    private static TrafficObservation observation(
            World world,
            Subject subject,
            Version newest,
            Optional<Version> stable,
            List<TrafficObservation.Claim> others,
            List<TrafficObservation.MetricSeen> metrics) {
        return new TrafficObservation(
                world.namespace,
                subject,
                newest,
                stable,
                world.services.stream().map(TrafficObserver::serviceSeen).toList(),
                world.pods.stream()
                        .filter(pod -> pod.at("metadata", "deletionTimestamp").isNull())
                        .map(TrafficObserver::pod)
                        .toList(),
                slices(world.slices),
                world.gateways.stream().map(TrafficObserver::gatewaySeen).toList(),
                world.routes.stream().map(TrafficObserver::route).toList(),
                others,
                metrics);
    }

    private static TrafficObservation.Service serviceSeen(Json service) {
        var ports = service.at("spec", "ports").items().stream()
                .map(port -> new TrafficObservation.ServicePort(
                        port.at("port").integer(0),
                        port.at("targetPort")
                                .asString()
                                .or(() -> port.at("targetPort")
                                        .asInt()
                                        .filter(n -> n > 0)
                                        .map(n -> "" + n))
                                .orElse("" + port.at("port").integer(0)),
                        port.at("appProtocol").string("")))
                .toList();
        return new TrafficObservation.Service(
                name(service),
                service.at("spec", "type").string("ClusterIP"),
                service.at("spec", "selector").strings(),
                ports,
                writer(service, "f:selector"),
                service.at("spec", "sessionAffinity").string("").equals("ClientIP")
                        ? Optional.of(service.at("spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds")
                                .asLong()
                                .orElse(AFFINITY))
                        : Optional.empty(),
                service.at("status", "loadBalancer", "ingress").items().stream()
                        .map(outside -> outside.at("ip")
                                .asString()
                                .or(() -> outside.at("hostname").asString())
                                .orElse("?"))
                        .toList());
    }

    /// Who last wrote a field of the spec, by the managed fields.
    private static Optional<TrafficObservation.Writer> writer(Json object, String field) {
        return object.at("metadata", "managedFields").items().stream()
                .filter(entry -> entry.at("fieldsV1", "f:spec").obj().has(field))
                .max(Comparator.comparing(entry -> entry.at("time").string("")))
                .map(entry -> new TrafficObservation.Writer(
                        entry.at("manager").string("?"), entry.at("time").string("")));
    }

    private static TrafficObservation.Pod pod(Json pod) {
        var owner = pod.at("metadata", "ownerReferences").at(0).at("name").string("");
        var trouble = PodTrouble.of(pod);
        return new TrafficObservation.Pod(
                name(pod),
                pod.at("metadata", "labels").strings(),
                owner,
                trouble.isEmpty(),
                trouble.map(PodTrouble::text).orElse(""));
    }

    private static List<TrafficObservation.Slice> slices(List<Json> slices) {
        var counts = new TreeMap<String, int[]>();
        for (var slice : slices) {
            var service =
                    slice.at("metadata", "labels", "kubernetes.io/service-name").string("");
            var count = counts.computeIfAbsent(service, _ -> new int[2]);
            for (var endpoint : slice.at("endpoints").items()) {
                // Absent means ready (discovery.k8s.io/v1).
                count[endpoint.at("conditions", "ready").bool(true) ? 0 : 1]++;
            }
        }
        var seen = new ArrayList<TrafficObservation.Slice>();
        counts.forEach((service, count) -> seen.add(new TrafficObservation.Slice(service, count[0], count[1])));
        return seen;
    }

    private static TrafficObservation.GatewaySeen gatewaySeen(Json object) {
        var programmed = Conditions.find(object, "Programmed");
        var listeners = new ArrayList<String>();
        for (var listener : object.at("spec", "listeners").items()) {
            listeners.add("listener " + listener.at("name").string("?") + "/"
                    + listener.at("port").integer(0));
        }
        return new TrafficObservation.GatewaySeen(
                object.at("metadata", "namespace").string("") + "/" + name(object),
                String.join(", ", listeners),
                programmed.map(Conditions::holds),
                programmed.map(c -> c.at("message").string("")).orElse(""),
                addresses(object.at("spec", "addresses")),
                addresses(object.at("status", "addresses")));
    }

    /// An address without a value asks for any of its type.
    private static List<String> addresses(Json list) {
        return list.items().stream()
                .flatMap(address -> address.at("value").asString().stream())
                .filter(value -> !value.isEmpty())
                .toList();
    }

    // ── analyses ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// What was measured for a revision, of each metric by the newest run.
    ///
    /// @param owner whose runs they are
    private static List<TrafficObservation.MetricSeen> metrics(World world, Json.Obj owner, String hash)
            throws Unreadable {
        var uid = owner.at("metadata", "uid").string("");
        var runs = world.list(ResourceType.ANALYSIS_RUNS, true).stream()
                .filter(run -> hash(run).equals(hash))
                .filter(run -> run.at("metadata", "ownerReferences").items().stream()
                        .anyMatch(reference -> reference.at("uid").string("").equals(uid)))
                .sorted(Comparator.comparing(
                        run -> run.at("metadata", "creationTimestamp").string("")))
                .toList();
        var metrics = new LinkedHashMap<String, TrafficObservation.MetricSeen>();
        for (var run : runs) {
            for (var result : run.at("status", "metricResults").items()) {
                var name = result.at("name").string("");
                var samples = result.at("measurements").items().stream()
                        .filter(measurement -> !measurement.at("finishedAt").isNull())
                        .map(TrafficObserver::sample)
                        .toList();
                if (samples.isEmpty()) continue;
                var query = result.at("metadata", "ResolvedPrometheusQuery").string("");
                metrics.put(name, new TrafficObservation.MetricSeen(name(run), name, samples, query));
            }
        }
        return List.copyOf(metrics.values());
    }

    private static TrafficObservation.Sample sample(Json measurement) {
        return new TrafficObservation.Sample(
                measurement.at("value").string(""),
                measurement.at("phase").string("").equals("Error")
                        ? Optional.of(measurement.at("message").string(""))
                        : Optional.empty());
    }

    // ── routes ───────────────────────────────────────────────────────────────────────────────────────────────────

    private static TrafficObservation.Route route(Json object) {
        var namespace = object.at("metadata", "namespace").string("");
        long generation = object.at("metadata", "generation").asLong().orElse(0L);
        var problems = new ArrayList<String>();
        var parents = object.at("status", "parents").items();
        for (var parent : parents) {
            for (var condition : parent.at("conditions").items()) {
                var type = condition.at("type").string("");
                if (!List.of("Accepted", "ResolvedRefs", "Programmed").contains(type)) continue;
                var by = parent.at("parentRef", "name")
                        .asString()
                        .map(n -> " by " + n)
                        .orElse("");
                long observed = condition.at("observedGeneration").asLong().orElse(generation);
                if (!Conditions.holds(condition)) {
                    problems.add("not %s%s: %s %s"
                            .formatted(
                                    type,
                                    by,
                                    condition.at("reason").string(""),
                                    condition.at("message").string(""))
                            .strip());
                } else if (observed < generation) {
                    problems.add("generation %d is not yet %s%s, which has seen %d"
                            .formatted(generation, type, by, observed));
                }
            }
        }
        var refs = new ArrayList<String>();
        for (var ref : object.at("spec", "parentRefs").items()) {
            refs.add(
                    ref.at("namespace").string(namespace) + "/" + ref.at("name").string("?"));
        }
        return new TrafficObservation.Route(
                namespace + "/" + name(object),
                object.at("metadata", "creationTimestamp").string(""),
                object.at("spec", "hostnames").items().stream()
                        .flatMap(host -> host.asString().stream())
                        .toList(),
                refs,
                problems,
                !parents.isEmpty(),
                object.at("spec", "rules").items(),
                writer(object, "f:rules"));
    }

    private static String name(Json object) {
        return object.at("metadata", "name").string("");
    }
}
