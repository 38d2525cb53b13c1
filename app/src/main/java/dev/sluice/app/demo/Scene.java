package dev.sluice.app.demo;

import dev.sluice.app.Clusters;
import dev.sluice.app.Main;
import dev.sluice.app.Terminal;
import dev.sluice.app.World;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.kube.rollout.Names;
import dev.sluice.local.traffic.load.LoadGenerator;
import dev.sluice.local.traffic.load.LoadPlan;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a story has to work with: a namespace of its own, and eyes and hands like a person with kubectl.
final class Scene {
    /// For what takes a second: only what has come to a standstill takes longer, on however slow a machine.
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration EXPLAINED_AGAIN = Duration.ofMillis(300);
    /// Users of a slow machine wait longer; that they were answered is what counts.
    private static final Duration PATIENT = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final String PAIR = "dc/";
    private static final List<ResourceType> TYPES = List.of(
            ResourceType.ROLLOUTS,
            ResourceType.DEPLOYMENT_CANARIES,
            ResourceType.ANALYSIS_TEMPLATES,
            ResourceType.SERVICES,
            ResourceType.GATEWAYS,
            ResourceType.HTTP_ROUTES,
            ResourceType.DEPLOYMENTS,
            ResourceType.PODS);

    private final Stage stage;
    private final Playbill playbill;
    private final String namespace;
    private final String title;
    private final int requests;

    /// @param requests of each measured plateau
    Scene(Stage stage, Playbill playbill, Story story, int requests) {
        this(stage, playbill, "story-" + story.number(), story.number() + " " + story.name(), requests);
    }

    private Scene(Stage stage, Playbill playbill, String namespace, String title, int requests) {
        this.stage = stage;
        this.playbill = playbill;
        this.namespace = namespace;
        this.title = title;
        this.requests = requests;
        var object = Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", namespace));
        send(new Request.Create(ObjectRef.of(ResourceType.NAMESPACES, "", namespace), object));
    }

    /// The same story once more, in a namespace of its own.
    Scene beside(String suffix) {
        return new Scene(stage, playbill, namespace + "-" + suffix, title + ", " + suffix, requests);
    }

    Playbill playbill() {
        return playbill;
    }

    Stage stage() {
        return stage;
    }

    String namespace() {
        return namespace;
    }

    /// As in the table.
    String title() {
        return title;
    }

    /// Of each measured plateau, at least.
    int requests() {
        return requests;
    }

    void say(String line) {
        playbill.say("   " + line);
    }

    // Hands

    /// Creates objects in this namespace.
    void apply(String yaml) {
        for (var document : Manifests.read(yaml)) {
            var kind = document.at("kind").string("");
            var type = TYPES.stream()
                    .filter(known -> known.kind().equals(kind))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no story has a " + kind));
            var object = document.withAt(List.of("metadata", "namespace"), namespace);
            send(new Request.Create(ObjectRef.of(type, object), object));
        }
    }

    /// Releases an image: `kubectl argo rollouts set image`.
    void image(String rollout, String image) {
        var operation = Json.obj("op", "replace", "path", "/spec/template/spec/containers/0/image", "value", image);
        send(new Request.Patch(ref(rollout), PatchType.JSON, Json.arr(operation)));
    }

    /// Ends the pause that it is at.
    void promote(String rollout) {
        var status = Json.obj("status", Json.obj("pauseConditions", Json.Null.VALUE));
        send(new Request.Patch(ref(rollout).sub("status"), PatchType.MERGE, status));
    }

    void patch(ResourceType type, String name, Json.Obj change) {
        send(new Request.Patch(ObjectRef.of(type, namespace, name), PatchType.MERGE, change));
    }

    /// @param rollout its name; `dc/NAME` for a DeploymentCanary
    private ObjectRef ref(String rollout) {
        if (rollout.startsWith(PAIR)) {
            return ObjectRef.of(ResourceType.DEPLOYMENT_CANARIES, namespace, rollout.substring(PAIR.length()));
        }
        return ObjectRef.of(ResourceType.ROLLOUTS, namespace, rollout);
    }

    private Json.Obj send(Request request) {
        return switch (stage.user().send(request)) {
            case Reply.Done(var object) -> object;
            case Reply.Refused refused ->
                throw new Story.Failed(
                        title + ": " + request.getClass().getSimpleName() + " was refused: " + refused.message());
            case Reply.Lost(var _, var why) ->
                throw new Story.Failed(title + ": the API server did not answer: " + why);
        };
    }

    // Eyes

    /// Waits until a new version has got as far as this pause: pods ready, traffic moved, waiting.
    ///
    /// @param step its index among the steps, from 0
    void awaitPauseAt(String rollout, int step) throws InterruptedException {
        await(rollout, "the pause at step " + step, r -> {
            var status = r.at("status");
            return status.at("currentStepIndex").integer(-1) == step
                    && !status.at("pauseConditions").items().isEmpty();
        });
    }

    /// Waits until the network does what the objects of this namespace say: Services lead to their ready pods and to
    /// no other, and the gateway has taken the routes. A cluster's network follows its objects, a moment later.
    void awaitInForce() throws InterruptedException {
        await("the network to do what the objects say", PATIENCE, this::inForce);
    }

    private boolean inForce() {
        boolean sized = Stream.of(ResourceType.DEPLOYMENTS, ResourceType.REPLICA_SETS)
                .flatMap(type -> all(type).stream())
                .allMatch(Scene::sized);
        if (!sized) return false;
        var pods = all(ResourceType.PODS);
        for (var service : all(ResourceType.SERVICES)) {
            var selector = service.at("spec", "selector").strings().entrySet();
            var wanted = pods.stream()
                    .filter(pod ->
                            pod.at("metadata", "labels").strings().entrySet().containsAll(selector))
                    .filter(Scene::serves)
                    .map(pod -> pod.at("status", "podIP").string(""))
                    .collect(Collectors.toCollection(TreeSet::new));
            var name = service.at("metadata", "name").string("");
            // Without a ready pod the last ones that still serve are asked, until they are gone.
            if (!wanted.isEmpty() && !wanted.equals(stage.plane().endpoints(namespace, name, 80))) return false;
        }
        return all(ResourceType.HTTP_ROUTES).stream().allMatch(Scene::taken)
                && all(ResourceType.ROLLOUTS).stream().allMatch(this::finished);
    }

    /// A Rollout is Healthy as soon as the new version is the stable one; only then its Services and its route are put
    /// back to what they are between releases. No request fails meanwhile, but some still meet the old version.
    private boolean finished(Json rollout) {
        var status = rollout.at("status");
        if (!status.at("phase").string("").equals("Healthy")) return true;
        var newest = status.at("currentPodHash");
        var strategy = rollout.at("spec", "strategy");
        var canary = strategy.at("canary");
        var named = List.of(
                canary.at("stableService"), canary.at("canaryService"), strategy.at("blueGreen", "activeService"));
        boolean selected = all(ResourceType.SERVICES).stream()
                .filter(service -> named.contains(service.at("metadata", "name")))
                .allMatch(service -> service.at("spec", "selector", Names.HASH).equals(newest));
        return selected
                && all(ResourceType.HTTP_ROUTES).stream()
                        .flatMap(route -> route.at("spec", "rules").items().stream())
                        .flatMap(rule -> rule.at("backendRefs").items().stream())
                        .filter(ref -> ref.at("name").equals(canary.at("canaryService")))
                        .allMatch(ref -> ref.at("weight").integer(1) == 0);
    }

    private static boolean sized(Json set) {
        return set.at("status", "replicas").integer(0)
                        == set.at("spec", "replicas").integer(0)
                && set.at("status", "observedGeneration").equals(set.at("metadata", "generation"));
    }

    private static boolean serves(Json pod) {
        return pod.at("metadata", "deletionTimestamp").isNull() && holds(pod.at("status", "conditions"), "Ready");
    }

    private static boolean taken(Json route) {
        var generation = route.at("metadata", "generation");
        var parents = route.at("status", "parents").items();
        return !parents.isEmpty()
                && parents.stream()
                        .flatMap(parent -> parent.at("conditions").items().stream())
                        .allMatch(
                                condition -> condition.at("observedGeneration").equals(generation));
    }

    private static boolean holds(Json conditions, String type) {
        return conditions.items().stream()
                .anyMatch(condition -> condition.at("type").string("").equals(type)
                        && condition.at("status").string("").equals("True"));
    }

    /// Waits until the newest version is the only one that serves.
    void awaitHealthy(String rollout) throws InterruptedException {
        await(rollout, "Healthy on its newest revision", r -> healthy(r.at("status")));
    }

    /// Whether the newest version of a Rollout is the only one that serves.
    boolean healthy(String rollout) {
        return healthy(read(ResourceType.ROLLOUTS, rollout).at("status"));
    }

    private static boolean healthy(Json status) {
        return status.at("phase").string("").equals("Healthy")
                && status.at("stableRS").equals(status.at("currentPodHash"))
                && !status.at("stableRS").string("").isEmpty();
    }

    /// Waits until the controller has seen the newest spec and its status is as wanted.
    void await(String rollout, String what, Predicate<Json.Obj> state) throws InterruptedException {
        try {
            await(what, PATIENCE, () -> {
                var object = send(new Request.Get(ref(rollout)));
                var observed = object.at("status", "observedGeneration").string("");
                return observed.equals(object.at("metadata", "generation").text()) && state.test(object);
            });
        } catch (Story.Failed late) {
            var object = send(new Request.Get(ref(rollout)));
            throw new Story.Failed(late.getMessage() + "; it waits for: "
                    + stage.guard(namespace, ref(rollout).name()).orElse("nothing") + "; status: "
                    + object.at("status").text());
        }
    }

    /// Waits, however long it takes on a machine that is busy.
    void await(String what, BooleanSupplier state) throws InterruptedException {
        await(what, PATIENCE, state);
    }

    /// Looks again and again, for some time.
    private void await(String what, Duration atMost, BooleanSupplier state) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!state.getAsBoolean()) {
            if (System.nanoTime() > end) throw new Story.Failed(title + ": waited in vain for " + what);
            rest(LOOK);
        }
    }

    void rest(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    Json.Obj read(ResourceType type, String name) {
        return send(new Request.Get(ObjectRef.of(type, namespace, name)));
    }

    List<Json> all(ResourceType type) {
        return send(new Request.List(Selection.in(type, namespace))).at("items").items();
    }

    /// What an HTTPRoute gives a Service, of all its rules the least; -1 where it gives nothing.
    int weight(String route, String service) {
        return read(ResourceType.HTTP_ROUTES, route).at("spec", "rules").items().stream()
                .flatMap(rule -> rule.at("backendRefs").items().stream())
                .filter(ref -> ref.at("name").string("").equals(service))
                .mapToInt(ref -> ref.at("weight").integer(1))
                .min()
                .orElse(-1);
    }

    Instant now() {
        return stage.time().now();
    }

    /// Asks `sluice explain --traffic`, and shows the causes that it found, without the way that it went, once
    /// these words are among them and nothing changes any more.
    void explain(String rollout, String... named) throws InterruptedException {
        var command = "sluice explain --traffic " + rollout;
        var said = explained(List.of("explain", "--traffic", rollout), named);
        playbill.quote(command + " | sed -n '/^SLU/,/^ *do/p'", findings(said));
    }

    /// Asks it of a Service of the user's own, and shows everything.
    void explainService(String service, String... named) throws InterruptedException {
        var words = List.of("explain", "--traffic", "--service", service);
        playbill.quote("sluice " + String.join(" ", words), explained(words, named));
    }

    private String explained(List<String> command, String... named) throws InterruptedException {
        var words = new ArrayList<>(command);
        words.add(playbill.ascii() ? "--ascii" : "--no-color");
        var said = new AtomicReference<>("");
        await("sluice explain to name " + List.of(named), PATIENCE, () -> {
            var now = printed(words);
            var before = said.getAndSet(now);
            if (now.equals(before) && List.of(named).stream().allMatch(now::contains)) {
                return true;
            }
            LockSupport.parkNanos(EXPLAINED_AGAIN.toNanos());
            return false;
        });
        return said.get();
    }

    private static String findings(String said) {
        var text = new StringBuilder();
        boolean within = false;
        for (var line : said.split("\n", -1)) {
            within |= line.startsWith("SLU");
            if (within) text.append(line).append('\n');
            within &= !line.stripLeading().startsWith("do");
        }
        return text.toString();
    }

    /// What the program prints: the program itself, at this cluster.
    private String printed(List<String> words) {
        var out = new ByteArrayOutputStream();
        var stream = new PrintStream(out, false, StandardCharsets.UTF_8);
        var world = new World(
                new Terminal(stream, stream, Map.of(), false),
                _ -> new Clusters.Session(stage.user(), namespace, () -> "", () -> {}),
                () -> stage.time().now());
        Main.run(world, words.toArray(String[]::new));
        stream.flush();
        return out.toString(StandardCharsets.UTF_8).strip();
    }

    /// Notes the moment at which an object of a type first fulfils a condition.
    Sighting watchFor(ResourceType type, Predicate<Json.Obj> condition) {
        var sighting = new Sighting(type, condition);
        sighting.begin();
        return sighting;
    }

    /// A moment that the story wants to know better than by looking again and again.
    final class Sighting implements AutoCloseable {
        private final ResourceType type;
        private final Predicate<Json.Obj> condition;
        private final CompletableFuture<Instant> moment = new CompletableFuture<>();
        private Optional<Gateway.Watch> watch = Optional.empty();

        private Sighting(ResourceType type, Predicate<Json.Obj> condition) {
            this.type = type;
            this.condition = condition;
        }

        private void begin() {
            watch = Optional.of(stage.user().watch(Selection.in(type, namespace), "", event -> {
                var object = switch (event) {
                    case WatchEvent.Added(var added) -> Optional.of(added);
                    case WatchEvent.Modified(var modified) -> Optional.of(modified);
                    case WatchEvent.Deleted _, WatchEvent.Bookmark _, WatchEvent.Closed _ -> Optional.<Json.Obj>empty();
                };
                if (object.filter(condition).isPresent()) moment.complete(now());
            }));
        }

        /// Waits for it; where the watch has ended early, by looking.
        Instant await(String what) throws InterruptedException {
            Scene.this.await(
                    what,
                    PATIENCE,
                    () -> moment.isDone() || all(type).stream().anyMatch(object -> condition.test(object.obj())));
            return moment.getNow(now());
        }

        @Override
        public void close() {
            watch.ifPresent(Gateway.Watch::close);
        }
    }

    // Visitors

    /// Where a Service of this namespace listens.
    InetSocketAddress address(String service) throws InterruptedException {
        await(
                "a listener of Service " + service,
                PATIENCE,
                () -> stage.plane().service(namespace, service, 80).isPresent());
        return stage.plane().service(namespace, service, 80).orElseThrow();
    }

    /// Users of a Service.
    Visitors visitors(String service) throws InterruptedException {
        return visitors(plan(address(service)));
    }

    /// Users who come through the gateway.
    Visitors visitorsOf(String host) throws InterruptedException {
        return visitors(plan(stage.plane().gateway()).withHost(host));
    }

    private static LoadPlan plan(InetSocketAddress target) {
        return LoadPlan.closed(target, "/", Visitors.AT_ONCE).withTimeout(PATIENT);
    }

    private Visitors visitors(LoadPlan plan) throws InterruptedException {
        // Nobody comes before the doors are open.
        await("an answer of " + plan.target(), PATIENCE, () -> answers(plan));
        return new Visitors(this, plan, stage.time());
    }

    private boolean answers(LoadPlan plan) {
        try (var probe =
                LoadGenerator.start(plan.with(new LoadPlan.Pace.ClosedLoop(1)).times(1), stage.time())) {
            return probe.await(PATIENT) && probe.report().failed() == 0;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
