package dev.sluice.app.simulate;

import dev.sluice.analysis.AnalysisDecision;
import dev.sluice.analysis.AnalysisEngine;
import dev.sluice.analysis.AnalysisObservation;
import dev.sluice.app.controller.Definitions;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.kube.Fence;
import dev.sluice.kube.FencedGateway;
import dev.sluice.kube.LeaderElection;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.analysis.AnalysisController;
import dev.sluice.kube.analysis.TemplatesAnalysisRunMaker;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Events;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.RolloutController;
import dev.sluice.kube.rollout.StatusCodec;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.VirtualTime;
import dev.sluice.rollout.Action;
import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Observation;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.rollout.hash.PodTemplateHash;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.TrafficRouter;
import dev.sluice.traffic.GatewayApiRouter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// One run of the production control loop against the embedded cluster, from a seed.
///
/// The controller is the real one: caches, queue, observer, engine, executor. Around it a gateway that loses, delays,
/// repeats and refuses; users; a data plane that programs routes a while after they were written. The invariants are
/// checked on the true state after every event.
public final class Simulation {
    static final String NAMESPACE = "default";
    static final List<String> SERVICES = List.of("web", "web-stable", "web-canary");
    /// The Deployments of a pair: the first serves at the beginning.
    static final List<String> SIDES = List.of("web-a", "web-b");
    private static final Json.Obj PAIRS = Definitions.all().stream()
            .filter(definition -> definition
                    .at("spec", "names", "plural")
                    .string("")
                    .equals(ResourceType.DEPLOYMENT_CANARIES.plural()))
            .findFirst()
            .orElseThrow();
    private static final ObjectRef LEASE =
            ObjectRef.of(ResourceType.LEASES, NAMESPACE, "argo-rollouts-controller-lock");
    private static final ResourceType BUDGETS =
            ResourceType.namespaced("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");
    private static final Duration QUIET = Duration.ofMinutes(5);
    /// Longer than the deadline of an update: whether that is over must not depend on who was faster.
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final Events UNHEARD = (_, _, _, _) -> {};
    /// Far more than any healthy run makes.
    private static final long MOST_WRITES = 2_000;
    private static final Duration LONGEST = Duration.ofHours(3);
    /// Longest time between a leader's look at its fence and the arrival of its write. What lies between the end of its
    /// right to write and the beginning of another's is 5 s; in production a write is given up after 4.5 s of it.
    private static final Duration IN_FLIGHT = Duration.ofMillis(4_900);
    /// Longest time between what a leader has read and what it writes: long enough for another to lead and to act.
    private static final Duration ASLEEP = Duration.ofSeconds(60);

    private final Scenario scenario;
    /// The Rollout, or the DeploymentCanary.
    private final ObjectRef driven;
    private final Subject subject;
    private final VirtualTime time = new VirtualTime();
    private final SplittableRandom random;
    private final Model model = new Model();
    private final List<Invariants.Invariant> invariants;
    private final List<Violation> violations = new ArrayList<>();
    private final List<String> transcript = new ArrayList<>();
    private final boolean verbose;
    private final LocalCluster cluster;
    private final Gateway user;
    private int lives;
    private int nextAct;
    private boolean storm = true;
    private boolean retreated;
    /// The life that there is, or was last; where there is one at a time.
    private Optional<FaultyGateway> current = Optional.empty();
    private long writes;
    private Instant lastChange = VirtualTime.START;

    /// What is being tried: the production parts, or mutants of them.
    ///
    /// @param engine makes what decides, anew for each life; production: [RolloutEngine#decide]
    /// @param gateway what stands between executor and cluster; production: nothing
    /// @param fence what stands between a leader and the cluster; production: [FencedGateway]
    /// @param analyses decides about AnalysisRuns; production: [AnalysisEngine#decide]
    public record Subject(
            Supplier<Function<Observation, Decision>> engine,
            UnaryOperator<Gateway> gateway,
            BiFunction<Gateway, Fence, Gateway> fence,
            Function<AnalysisObservation, AnalysisDecision> analyses) {
        public static final Subject PRODUCTION = new Subject(() -> RolloutEngine::decide, UnaryOperator.identity());

        public Subject(Supplier<Function<Observation, Decision>> engine, UnaryOperator<Gateway> gateway) {
            this(engine, gateway, FencedGateway::new, AnalysisEngine::decide);
        }

        /// The production parts with another engine of analyses.
        public static Subject analysing(Function<AnalysisObservation, AnalysisDecision> analyses) {
            return new Subject(PRODUCTION.engine, PRODUCTION.gateway, PRODUCTION.fence, analyses);
        }

        /// A mutant that spoils decisions.
        public static Subject deciding(Function<Observation, Decision> engine) {
            return new Subject(() -> engine, UnaryOperator.identity());
        }
    }

    /// An invariant that did not hold.
    ///
    /// @param at time since the beginning of the run
    public record Violation(String invariant, Duration at, String what) {
        @Override
        public String toString() {
            return "%s at +%s: %s".formatted(invariant, at, what);
        }
    }

    /// How a run ended.
    ///
    /// @param end the state that a user would call the result
    /// @param events tasks of the virtual clock
    /// @param writes of the controller
    /// @param lives of the controller
    public record Result(
            Scenario scenario,
            List<Violation> violations,
            String end,
            long events,
            long writes,
            int lives,
            List<String> transcript) {}

    private Simulation(Scenario scenario, Subject subject, boolean verbose) {
        this.scenario = scenario;
        this.driven = ObjectRef.of(
                pair(scenario) ? ResourceType.DEPLOYMENT_CANARIES : ResourceType.ROLLOUTS, NAMESPACE, "web");
        this.subject = subject;
        this.verbose = verbose;
        this.random = new SplittableRandom(scenario.seed() * 31 + 7);
        this.invariants = Invariants.of(scenario);
        this.cluster = LocalCluster.builder(time).seed(scenario.seed()).start();
        this.user = cluster.gateway("user");
    }

    private static boolean pair(Scenario scenario) {
        return scenario.kind() == Scenario.Kind.PAIR;
    }

    /// Runs a scenario to its end.
    ///
    /// @param verbose whether every event is written down
    public static Result run(Scenario scenario, Subject subject, boolean verbose) {
        var simulation = new Simulation(scenario, subject, verbose);
        try (simulation.cluster) {
            return simulation.run();
        }
    }

    /// A seed's run, and where the path must not change the end, a second one in which the controller never dies.
    public static Result check(long seed, Subject subject, boolean verbose) {
        var scenario = Scenario.of(seed);
        var result = run(scenario, subject, verbose);
        if (!scenario.patient()
                || !scenario.faults().deadly()
                || !result.violations().isEmpty()) return result;
        var calm = run(scenario.immortal(), subject, false);
        if (calm.end().equals(result.end())) return result;
        var violations = new ArrayList<>(result.violations());
        violations.add(new Violation(
                "CrashAgnostic", Duration.ZERO, "with deaths: %s%n   without: %s".formatted(result.end(), calm.end())));
        return new Result(
                scenario,
                violations,
                result.end(),
                result.events(),
                result.writes(),
                result.lives(),
                result.transcript());
    }

    private Result run() {
        prepare();
        watchEverything();
        if (scenario.rivals()) {
            candidate("sluice-a");
            candidate("sluice-b");
        } else {
            live();
        }
        if (scenario.patient()) time.at(time.now(), this::actWhenSettled);
        else planActs();
        while (storm && time.now().isBefore(VirtualTime.START.plus(LONGEST)) && writes < MOST_WRITES) {
            time.run(Duration.ofSeconds(10));
        }
        // Whoever writes so much turns in a circle; the rest of the hours would only be more of it.
        if (writes >= MOST_WRITES) {
            violate("Quiescent", "%d writes and no end".formatted(writes));
            return ended();
        }
        if (storm) violate("Quiescent", "the acts of the users did not come to an end");
        // After the storm: faults cease, and soon nothing moves any more.
        time.run(Duration.ofMinutes(12));
        long before = writes;
        time.run(QUIET);
        if (writes != before) violate("Quiescent", "%d writes in the last %s".formatted(writes - before, QUIET));
        settledWell();
        if (cluster.errors() > 0) violate("Quiescent", "errors in the embedded cluster: " + cluster.errors());
        return ended();
    }

    private Result ended() {
        return new Result(scenario, List.copyOf(violations), model.end(), time.ran(), writes, lives, transcript);
    }

    // ── the world ────────────────────────────────────────────────────────────────────────────────────────────────

    private void prepare() {
        for (var service : SERVICES) {
            restore(service);
        }
        create(
                ResourceType.HTTP_ROUTES,
                "web",
                Json.obj(
                        "apiVersion",
                        "gateway.networking.k8s.io/v1",
                        "kind",
                        "HTTPRoute",
                        "metadata",
                        Json.obj("name", "web", "namespace", NAMESPACE),
                        "spec",
                        Json.obj(
                                "rules",
                                List.of(Json.obj(
                                        "backendRefs",
                                        List.of(
                                                Json.obj("name", "web-stable", "port", 80, "weight", 100),
                                                Json.obj("name", "web-canary", "port", 80, "weight", 0)))))));
        create(
                ResourceType.ANALYSIS_TEMPLATES,
                "errors",
                Json.obj(
                        "apiVersion",
                        "argoproj.io/v1alpha1",
                        "kind",
                        "AnalysisTemplate",
                        "metadata",
                        Json.obj("name", "errors", "namespace", NAMESPACE),
                        "spec",
                        Json.obj(
                                "args",
                                List.of(Json.obj("name", "hash")),
                                "metrics",
                                List.of(SimulatedMetrics.metric()))));
        if (pair(scenario)) {
            user.send(new Request.Create(ObjectRef.of(ResourceType.CRDS, PAIRS), PAIRS));
            create(
                    ResourceType.DEPLOYMENTS,
                    SIDES.getFirst(),
                    Scenario.deployment(SIDES.getFirst(), "v1", scenario.replicas()));
            create(ResourceType.DEPLOYMENTS, SIDES.getLast(), Scenario.deployment(SIDES.getLast(), "v1", 0));
        }
        create(driven.type(), driven.name(), scenario.manifest());
    }

    private void restore(String service) {
        var ports = List.of(Json.obj("port", 80, "targetPort", 8080));
        var spec = Json.obj("selector", Json.obj("app", "web"), "ports", ports);
        create(ResourceType.SERVICES, service, Scenario.object("v1", "Service", service, spec));
    }

    private void create(ResourceType type, String name, Json.Obj manifest) {
        var reply = user.send(new Request.Create(ObjectRef.of(type, NAMESPACE, name), manifest));
        if (!(reply instanceof Reply.Done)) throw new IllegalStateException(name + ": " + reply);
    }

    private void watchEverything() {
        follow(driven.type(), (object, gone) -> model.rollout(object));
        follow(pair(scenario) ? ResourceType.DEPLOYMENTS : ResourceType.REPLICA_SETS, model::replicaSet);
        follow(ResourceType.PODS, model::pod);
        follow(ResourceType.SERVICES, model::service);
        follow(ResourceType.ANALYSIS_RUNS, (object, gone) -> model.run(object));
        follow(ResourceType.HTTP_ROUTES, (object, gone) -> {
            program(object);
            return model.asked(
                    weights(object),
                    object.at("metadata", "generation").asLong().orElse(1L));
        });
    }

    private interface Sink {
        Model.Change take(Json.Obj object, boolean gone);
    }

    private void follow(ResourceType type, Sink sink) {
        var selection = Selection.in(type, NAMESPACE);
        var list = user.send(new Request.List(selection)).answer().orElseThrow();
        for (var item : list.at("items").items()) sink.take(item.obj(), false);
        var version = list.at("metadata", "resourceVersion").string("");
        user.watch(selection, version, event -> {
            switch (event) {
                case WatchEvent.Added(var object) -> seen(type, sink.take(object, false), object);
                case WatchEvent.Modified(var object) -> seen(type, sink.take(object, false), object);
                case WatchEvent.Deleted(var object) -> seen(type, sink.take(object, true), object);
                case WatchEvent.Bookmark _ -> {}
                case WatchEvent.Closed(var expired, var why) ->
                    throw new IllegalStateException("the model's watch ended: " + why);
            }
        });
    }

    private void seen(ResourceType type, Model.Change change, Json.Obj object) {
        if (type.equals(driven.type())) lastChange = time.now();
        if (verbose) {
            note("%s %s".formatted(type.plural(), line(type, object)));
        }
        check(change);
        if (!retreated && model.status.abort() && model.status.abortedAt().isPresent()) {
            scenario.faults().deathInRetreat().ifPresent(this::dieInRetreat);
        }
    }

    private static String line(ResourceType type, Json.Obj object) {
        var name = object.at("metadata", "name").string("");
        if (type.equals(ResourceType.ROLLOUTS) || type.equals(ResourceType.DEPLOYMENT_CANARIES)) {
            var status = object.at("status");
            return "%s %s %s step %s abort %s"
                    .formatted(
                            name,
                            status.at("phase").string("-"),
                            status.at("message").string(""),
                            status.at("currentStepIndex"),
                            status.at("abort").bool(false));
        }
        if (type.equals(ResourceType.REPLICA_SETS) || type.equals(ResourceType.DEPLOYMENTS)) {
            return "%s %s pods, %s available"
                    .formatted(name, object.at("spec", "replicas"), object.at("status", "availableReplicas"));
        }
        if (type.equals(ResourceType.SERVICES)) return name + " " + object.at("spec", "selector");
        if (type.equals(ResourceType.HTTP_ROUTES)) return name + " " + weights(object);
        return name + " " + object.at("status", "phase").string("");
    }

    private void check(Model.Change change) {
        for (var invariant : invariants) {
            invariant.violated(model, change).ifPresent(what -> violate(invariant.name(), what));
        }
    }

    private void violate(String invariant, String what) {
        if (verbose) note("!! " + invariant + ": " + what);
        boolean known = violations.stream().anyMatch(v -> v.invariant().equals(invariant));
        if (!known) violations.add(new Violation(invariant, sinceStart(), what));
    }

    private Duration sinceStart() {
        return Duration.between(VirtualTime.START, time.now());
    }

    private void note(String line) {
        transcript.add("+%9.3f  %s".formatted(sinceStart().toMillis() / 1000.0, line));
    }

    private static Model.Weights weights(Json.Obj route) {
        int canary = 0;
        int stable = 0;
        for (var ref : route.at("spec", "rules").at(0).at("backendRefs").items()) {
            if (ref.at("name").string("").equals("web-canary"))
                canary = ref.at("weight").integer(1);
            if (ref.at("name").string("").equals("web-stable"))
                stable = ref.at("weight").integer(1);
        }
        return new Model.Weights(canary, stable);
    }

    /// The data plane: a while after a route was written it is in force, and says so.
    private void program(Json.Obj route) {
        long generation = route.at("metadata", "generation").asLong().orElse(1L);
        long reported = route.at("status", "parents")
                .at(0)
                .at("conditions")
                .at(0)
                .at("observedGeneration")
                .asLong()
                .orElse(0L);
        if (reported >= generation) return;
        var weights = weights(route);
        if (scenario.silentRouter()) {
            time.at(time.now(), () -> check(model.served(weights, generation)));
            return;
        }
        time.at(time.now().plusMillis(random.nextInt(5, 2_000)), () -> {
            check(model.served(weights, generation));
            var condition = Json.obj("type", "Accepted", "status", "True", "observedGeneration", generation);
            var status = Json.obj("parents", List.of(Json.obj("conditions", List.of(condition))));
            user.send(new Request.Patch(
                    ObjectRef.of(ResourceType.HTTP_ROUTES, NAMESPACE, "web").sub("status"),
                    PatchType.MERGE,
                    Json.obj("status", status)));
        });
    }

    // ── the controller ───────────────────────────────────────────────────────────────────────────────────────────

    private void live() {
        var death = storm ? scenario.faults().death(lives) : Optional.<Faults.Death>empty();
        lives++;
        var freeze = new Life.Freeze();
        var reasons = reasons();
        var gateway = life("sluice", freeze, death, reasons);
        current = Optional.of(gateway);
        control(gateway, new Life(time, gateway::dead, freeze), reasons);
    }

    /// Soon after the first acknowledged abort, in the middle of the way back or when it is over.
    private void dieInRetreat(Duration pause) {
        retreated = true;
        time.at(time.now().plusMillis(random.nextInt(30_000)), () -> {
            if (!storm || current.filter(life -> !life.dead()).isEmpty()) return;
            if (verbose) note("the controller dies on the way back");
            current.get().die();
            time.at(time.now().plus(pause), this::live);
        });
    }

    private Reasons reasons() {
        return new Reasons(what -> violate("Explained", what));
    }

    /// One way to the API server, through the faults.
    private FaultyGateway life(String identity, Life.Freeze freeze, Optional<Faults.Death> death, Reasons reasons) {
        return new FaultyGateway(
                subject.gateway().apply(reasons.noting(cluster.gateway(identity))),
                new Life(time, () -> false, freeze),
                random.split(),
                scenario.faults(),
                () -> storm,
                death,
                d -> {
                    if (verbose) note("the controller dies");
                    time.at(time.now().plus(d.pause()), this::live);
                },
                (request, answer) -> wrote(identity, request, answer));
    }

    private void wrote(String identity, Request request, Json answer) {
        if (request instanceof Request.Replace(var ref, var _) && ref.type().equals(ResourceType.LEASES)) return;
        if (request instanceof Request.Create(var ref, var _) && ref.type().equals(ResourceType.LEASES)) return;
        writes++;
        if (request instanceof Request.Patch(var ref, var _, var _)
                && ref.type().equals(driven.type())) {
            model.knownReplicas = answer.at("spec", "replicas").integer(1);
            model.knownIndex = StatusCodec.decode(answer.at("status")).currentStepIndex();
        }
        if (verbose) note("   write by " + identity + ": " + describe(request));
        if (!scenario.rivals()) return;
        var leader = user.send(new Request.Get(LEASE)).answer().orElse(Json.Obj.EMPTY);
        var holder = leader.at("spec", "holderIdentity").string("nobody");
        if (!holder.equals(identity)) violate("OneWriter", identity + " wrote while " + holder + " led");
    }

    /// A candidate; while it leads it controls.
    private void candidate(String identity) {
        lives++;
        var freeze = new Life.Freeze();
        var reasons = reasons();
        var gateway = life(identity, freeze, Optional.empty(), reasons);
        var life = new Life(time, gateway::dead, freeze);
        var settings = LeaderElection.Settings.standard(NAMESPACE, "", identity, scenario.seed());
        var terms = new ArrayList<Work>();
        var listener = new LeaderElection.Listener() {
            @Override
            public void elected(Fence fence) {
                if (verbose) note(identity + " leads");
                var slow = new SlowNetwork(gateway, random.nextInt(1, 40));
                var fenced = subject.fence().apply(slow, fence);
                terms.add(control(new Sleeper(fenced, random.nextInt(1, 25), identity, freeze), life, reasons));
                if (storm) freezeLater(identity, freeze);
            }

            @Override
            public void deposed(String why) {
                if (verbose) note(identity + " is deposed: " + why);
                terms.getLast().end();
            }
        };
        new LeaderElection(gateway, life, settings, listener).start();
    }

    /// A process that falls asleep before one of its writes, and goes on with it as if nothing had
    /// been: what it has read and decided is old then, and another may lead.
    private final class Sleeper implements Gateway {
        private final Gateway server;
        private final int before;
        private final String identity;
        private final Life.Freeze freeze;
        private int writes;

        /// @param before which write
        Sleeper(Gateway server, int before, String identity, Life.Freeze freeze) {
            this.server = server;
            this.before = before;
            this.identity = identity;
            this.freeze = freeze;
        }

        @Override
        public Reply send(Request request) {
            if (request.writes()) {
                if (++writes == before && storm) sleep();
                while (freeze.frozen(time.now())) time.stand(freeze.until());
            }
            return server.send(request);
        }

        private void sleep() {
            var pause = Duration.ofMillis(random.nextLong(1_000, ASLEEP.toMillis()));
            if (verbose) note(identity + " sleeps for " + pause + " before a write");
            freeze.until(time.now().plus(pause));
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            return server.watch(selection, resourceVersion, listener);
        }
    }

    /// A way to the server on which one of the writes takes long; one that would take too long is lost.
    private final class SlowNetwork implements Gateway {
        private final Gateway server;
        private final int slow;
        private int writes;

        /// @param slow which write
        SlowNetwork(Gateway server, int slow) {
            this.server = server;
            this.slow = slow;
        }

        @Override
        public Reply send(Request request) {
            if (request.writes() && ++writes == slow && storm) {
                var arrival = time.now().plusMillis(random.nextLong(100, IN_FLIGHT.toMillis()));
                if (verbose) note("a write takes until " + arrival);
                time.stand(arrival);
                if (time.now().isAfter(arrival)) return new Reply.Lost("timed out, not done");
            }
            return server.send(request);
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            return server.watch(selection, resourceVersion, listener);
        }
    }

    private void freezeLater(String identity, Life.Freeze freeze) {
        time.at(time.now().plusSeconds(random.nextInt(1, 90)), () -> {
            if (verbose) note(identity + " freezes");
            freeze.until(time.now().plusSeconds(random.nextInt(8, 60)));
        });
    }

    /// A controller at work: both control loops on one set of caches, as production wires them.
    private record Work(Caches caches, AnalysisController analyses) {
        void end() {
            caches.close();
            analyses.close();
        }
    }

    private Work control(Gateway gateway, Life life, Reasons reasons) {
        Map<String, TrafficRouter> routers = Map.of(GatewayApiRouter.NAME, new GatewayApiRouter());
        var caches = new Caches(
                gateway,
                life,
                Optional.empty(),
                pair(scenario) ? RolloutController.kindsOfDeployments() : RolloutController.kinds(routers),
                ObjectCache.Options.standard(scenario.seed() + lives).comparingEvery(Duration.ofMinutes(2)));
        var metrics = new SimulatedMetrics(
                hash -> Scenario.failsAnalysis(asked(hash)) ? 0.5 : 0.01,
                () -> storm && scenario.faults().outages().at(sinceStart()),
                random.split());
        var providers = MetricProviders.of(
                List.of(new MetricProvider.Factory() {
                    @Override
                    public String name() {
                        return metrics.name();
                    }

                    @Override
                    public MetricProvider create(MetricProvider.Setting setting) {
                        return metrics;
                    }
                }),
                new MetricProvider.Setting(life, gateway, _ -> gateway, Map.of()));
        var runs = new TemplatesAnalysisRunMaker(caches, providers.names(), "");
        var engine = reasons.heard(knowing(leaving(subject.engine().get())));
        var rollouts = pair(scenario)
                ? RolloutController.ofDeployments(gateway, life, caches, runs, UNHEARD, engine)
                : new RolloutController(gateway, life, caches, routers, runs, UNHEARD, engine);
        var analyses = new AnalysisController(
                gateway,
                life,
                caches,
                providers,
                UNHEARD,
                AnalysisController.Options.standard(NAMESPACE),
                reasons.heardAnalysing(subject.analyses()));
        rollouts.queue().whenReady(() -> soon(life, () -> reasons.during(rollouts::step, rollouts.journal()::of)));
        analyses.queue().whenReady(() -> soon(life, () -> reasons.during(analyses::step, _ -> List.of())));
        caches.start();
        return new Work(caches, analyses);
    }

    /// The same engine, and what its passes know of deleted ReplicaSets and of the size.
    private Function<Observation, Decision> knowing(Function<Observation, Decision> engine) {
        return seen -> {
            model.seenReplicas = seen.replicas();
            for (var loss : model.losses) {
                loss.become(
                        seen.replicaSets().stream().noneMatch(set -> set.uid().equals(loss.uid())));
            }
            return engine.apply(seen);
        };
    }

    /// The same engine, asked whether it takes traffic from a canary Service or ReplicaSet that is gone as soon as it
    /// is seen to be.
    private Function<Observation, Decision> leaving(Function<Observation, Decision> engine) {
        if (scenario.kind() != Scenario.Kind.ROUTED) return engine;
        return seen -> {
            var decision = engine.apply(seen);
            int weight = seen.routes().map(Observation.Routes::canary).orElse(0);
            boolean leaves = decision.moves().stream()
                    .anyMatch(move -> move.action() instanceof Action.SetTraffic(var canary, var _) && canary == 0);
            boolean gone = Optional.ofNullable(seen.services().get("web-canary"))
                    .map(service -> service.hash()
                            .filter(hash -> seen.replicaSet(hash).isEmpty())
                            .isPresent())
                    .orElse(true);
            if (gone && weight > 0 && stableServes(seen) && !leaves) {
                violate(
                        "NoTrafficToEmpty",
                        "the canary service, or what it selects, is gone, and a pass leaves %d on it"
                                .formatted(weight));
            }
            return decision;
        };
    }

    private static boolean stableServes(Observation seen) {
        var selected = Optional.ofNullable(seen.services().get("web-stable"))
                .map(service -> service.hash().orElse(seen.status().stableRS()));
        return selected.flatMap(seen::replicaSet)
                .filter(set -> set.available() > 0)
                .isPresent();
    }

    /// The image that a metric is asked about.
    private String asked(String hash) {
        if (!pair(scenario)) return model.image(hash);
        var canary = model.rollout.at("spec", "canary").string("");
        return Model.image(model.replicaSets.getOrDefault(canary, Json.Obj.EMPTY));
    }

    /// A worker is free a moment later.
    private void soon(Life life, Runnable step) {
        life.at(life.now().plusMillis(random.nextInt(1, 20)), step);
    }

    private static String describe(Request request) {
        return switch (request) {
            case Request.Create(var ref, var _) -> "create " + ref;
            case Request.Patch patch -> "patch " + patch.ref() + " " + patch.body();
            case Request.Replace(var ref, var _) -> "replace " + ref;
            case Request.Delete delete -> "delete " + delete.ref();
            case Request.Get(var ref) -> "get " + ref;
            case Request.List(var selection) -> "list " + selection;
        };
    }

    // ── the users ────────────────────────────────────────────────────────────────────────────────────────────────

    private void planActs() {
        var at = time.now().plusSeconds(30);
        for (var act : scenario.acts()) {
            at = at.plus(Scenario.between(random));
            time.at(at, () -> act(act));
        }
        time.at(at.plusSeconds(30), () -> storm = false);
    }

    /// A patient user acts when nothing has moved for a while and the rollout is not on its way.
    private void actWhenSettled() {
        if (nextAct >= scenario.acts().size()) {
            storm = false;
            return;
        }
        boolean still = Duration.between(lastChange, time.now()).compareTo(PATIENCE) > 0;
        if (still) {
            act(scenario.acts().get(nextAct++));
            lastChange = time.now();
        }
        time.at(time.now().plusSeconds(10), this::actWhenSettled);
    }

    private void act(Scenario.Act act) {
        if (verbose) note("user: " + act);
        check(new Model.Change.ActBegun(act));
        switch (act) {
            case Scenario.Act.SetImage(var image) -> {
                if (pair(scenario)) {
                    release(image);
                    return;
                }
                var answer = patch(driven, Json.obj("spec", Json.obj("template", Scenario.template(image))));
                if (scenario.squatter()) answer.answer().ifPresent(this::squat);
            }
            case Scenario.Act.SetReplicas(var replicas) ->
                patch(driven, Json.obj("spec", Json.obj("replicas", replicas)));
            case Scenario.Act.SetPaused(var paused) -> patch(driven, Json.obj("spec", Json.obj("paused", paused)));
            case Scenario.Act.Abort() -> patchStatus(Json.obj("abort", true));
            case Scenario.Act.Retry() -> patchStatus(Json.obj("abort", false));
            case Scenario.Act.PromoteFully() -> {
                if (!model.status.fullyPromoted()) patchStatus(Json.obj("promoteFull", true));
            }
            case Scenario.Act.Promote() -> promote();
            case Scenario.Act.Restart() ->
                patch(
                        driven,
                        Json.obj(
                                "spec",
                                Json.obj(
                                        "restartAt",
                                        time.now()
                                                .truncatedTo(ChronoUnit.SECONDS)
                                                .toString())));
            case Scenario.Act.RefuseEvictions(var refused) -> refuseEvictions(refused);
            case Scenario.Act.DeleteService(var name) -> delete(ResourceType.SERVICES, name);
            case Scenario.Act.RestoreService(var name) -> restore(name);
            case Scenario.Act.DeleteReplicaSet(var which) ->
                model.find(which).ifPresent(set -> {
                    check(model.lose(set));
                    delete(ResourceType.REPLICA_SETS, set);
                });
        }
    }

    /// As the kubectl plugin: a pause is lifted, else the next step is begun.
    private void promote() {
        var status = model.status;
        if (!status.pauseConditions().isEmpty()) {
            patchStatus(Json.obj("pauseConditions", Json.Null.VALUE));
        } else if (status.currentStepIndex()
                .filter(i -> i < scenario.steps().size())
                .isPresent()) {
            patchStatus(Json.obj(
                    "pauseConditions",
                    Json.Null.VALUE,
                    "currentStepIndex",
                    status.currentStepIndex().get() + 1));
        }
    }

    /// A budget that asks for more pods than there will ever be allows no eviction.
    private void refuseEvictions(boolean refused) {
        if (!refused) {
            delete(BUDGETS, "web");
            return;
        }
        var selector = Json.obj("matchLabels", Json.obj("app", "web"));
        var spec = Json.obj("minAvailable", 1_000, "selector", selector);
        create(BUDGETS, "web", Scenario.object("policy/v1", "PodDisruptionBudget", "web", spec));
    }

    /// The next version goes into the Deployment that does not serve; where the canary does, the names are swapped.
    private void release(String image) {
        var spec = model.rollout.at("spec");
        var stable = spec.at("stable").string("");
        var canary = spec.at("canary").string("");
        boolean swaps = model.rollout.at("status", "serving").string(stable).equals(canary);
        var idle = swaps ? stable : canary;
        var template = Scenario.deployment(idle, image, 0).at("spec", "template");
        patch(
                ObjectRef.of(ResourceType.DEPLOYMENTS, NAMESPACE, idle),
                Json.obj("spec", Json.obj("template", template)));
        if (swaps) patch(driven, Json.obj("spec", Json.obj("stable", canary, "canary", stable)));
    }

    /// Somebody else's ReplicaSet has the name that the new revision is about to get.
    private void squat(Json rollout) {
        var hash = PodTemplateHash.of(rollout.at("spec", "template").obj(), Optional.empty());
        var labels = Json.obj("app", "squatter");
        var name = "web-" + hash;
        var spec = Json.obj(
                "replicas", 0,
                "selector", Json.obj("matchLabels", labels),
                "template", Scenario.template("v1").withAt(List.of("metadata", "labels"), labels));
        user.send(new Request.Create(
                ObjectRef.of(ResourceType.REPLICA_SETS, NAMESPACE, name),
                Json.obj(
                        "apiVersion",
                        "apps/v1",
                        "kind",
                        "ReplicaSet",
                        "metadata",
                        Json.obj("name", name, "namespace", NAMESPACE),
                        "spec",
                        spec)));
    }

    private void delete(ResourceType type, String name) {
        var ref = ObjectRef.of(type, NAMESPACE, name);
        user.send(new Request.Delete(ref, Optional.empty(), Optional.empty(), "Background"));
    }

    private Reply patch(ObjectRef ref, Json.Obj body) {
        return user.send(new Request.Patch(ref, PatchType.MERGE, body));
    }

    private void patchStatus(Json.Obj status) {
        patch(driven.sub("status"), Json.obj("status", status));
    }

    // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// A world at rest has a phase that says so, and a promoted revision has everything.
    private void settledWell() {
        var status = model.status;
        // A restart that somebody refuses for ever is under way for ever, or too late.
        boolean refused = scenario.refusesForEver() && model.restarting() && (status.fullyPromoted() || status.abort());
        if (!List.of("Healthy", "Paused", "Degraded").contains(status.phase())
                && !(refused && status.message().equals("rollout is restarting"))) {
            violate("Quiescent", "at rest, yet %s: %s".formatted(status.phase(), status.message()));
        }
        boolean slow = model.replicaSets.values().stream()
                .anyMatch(workload -> Model.image(workload).contains("never-ready"));
        // A weight on a canary that is to have no pods is never served, however long one waits.
        boolean impossible = scenario.steps().stream()
                .map(step -> step.at("setCanaryScale"))
                .anyMatch(scale -> scale.at("replicas").integer(1) == 0
                        || scale.at("weight").integer(1) == 0);
        boolean excused = slow || impossible || refused;
        if (status.phase().equals("Degraded") && status.message().startsWith("ProgressDeadlineExceeded") && !excused) {
            violate("Quiescent", "stuck, though every pod comes up: " + status.message());
        }
        if (!status.observedGeneration()
                .equals(model.rollout.at("metadata", "generation").toString())) {
            violate("Quiescent", "the newest spec was never seen");
        }
        retreatedWhole();
        restarted();
        scenario.roles().ifPresent(this::labelled);
        if (!status.phase().equals("Healthy")) return;
        int replicas = model.replicas();
        if (model.available(status.stableRS()) != replicas) {
            violate(
                    "CapacityKept",
                    "Healthy with %d of %d pods".formatted(model.available(status.stableRS()), replicas));
        }
        if (scenario.kind() == Scenario.Kind.ROUTED && model.served.canary() != 0) {
            violate("NoTrafficToEmpty", "Healthy with weights " + model.served);
        }
    }

    /// Every pod has the label of what its revision is, those of revisions of the past have none.
    private void labelled(Scenario.Roles roles) {
        var status = model.status;
        var newest = status.currentPodHash();
        var stable = status.stableRS();
        boolean updating = !stable.isEmpty() && !stable.equals(newest);
        for (var pod : user.send(new Request.List(Selection.in(ResourceType.PODS, driven.namespace())))
                .answer()
                .orElse(Json.Obj.EMPTY)
                .at("items")
                .items()) {
            var labels = pod.at("metadata", "labels");
            var hash = labels.at(Names.HASH).string("");
            var role = labels.at(Scenario.Roles.LABEL).string("");
            var expected = "";
            if (hash.equals(newest)) expected = updating ? roles.updating() : roles.serving();
            else if (hash.equals(stable)) expected = roles.serving();
            if (hash.isEmpty()
                    || role.equals(expected)
                    || !pod.at("metadata", "deletionTimestamp").isNull()) continue;
            violate(
                    "Quiescent",
                    "at rest, and %s has the role '%s' instead of '%s'"
                            .formatted(pod.at("metadata", "name").string(""), role, expected));
        }
    }

    /// An abort takes all traffic back, whatever else is under way, as long as there is something to go back to.
    private void retreatedWhole() {
        var status = model.status;
        if (!status.abort() || status.stableRS().isEmpty() || model.available(status.stableRS()) == 0) return;
        if (scenario.kind() == Scenario.Kind.ROUTED && model.served.canary() != 0) {
            violate("RetreatIsMonotone", "aborted, and at rest with weights " + model.served);
        }
        if (scenario.kind() == Scenario.Kind.BLUE_GREEN
                && !model.selected("web").equals(status.stableRS())) {
            violate("RetreatIsMonotone", "aborted, and at rest with an active service that is not back");
        }
    }

    /// A restart ends, unless somebody refuses evictions for ever: then it waits, and only it does. As in Argo a pod
    /// that never comes up takes the place of the one that may be missing.
    private void restarted() {
        boolean incomplete = model.wantedPods() > model.available();
        if (scenario.refusesForEver() || incomplete) return;
        model.restartAt().filter(_ -> !model.restartReplaced()).ifPresent(at -> {
            var old = model.olderThan(at);
            if (!old.isEmpty())
                violate("Quiescent", "at rest after a restart, with %s, older than %s".formatted(old, at));
        });
    }
}
