package dev.sluice.app.demo;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.local.traffic.load.LoadGenerator;
import dev.sluice.local.traffic.load.LoadPlan;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// What a story has to work with: a namespace of its own, and eyes and hands like a person with kubectl.
final class Scene {
    private static final Duration PATIENCE = Duration.ofSeconds(45);
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final List<ResourceType> TYPES = List.of(
            ResourceType.ROLLOUTS,
            ResourceType.ANALYSIS_TEMPLATES,
            ResourceType.SERVICES,
            ResourceType.GATEWAYS,
            ResourceType.HTTP_ROUTES,
            ResourceType.DEPLOYMENTS);

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
        return beside(suffix, requests);
    }

    Scene beside(String suffix, int requests) {
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
        playbill.say("  " + line);
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

    private ObjectRef ref(String rollout) {
        return ObjectRef.of(ResourceType.ROLLOUTS, namespace, rollout);
    }

    private Json.Obj send(Request request) {
        return switch (stage.user().send(request)) {
            case Reply.Done(var object) -> object;
            case Reply.Refused refused ->
                throw new Story.Failed(
                        title + ": " + request.getClass().getSimpleName() + " was refused: " + refused.message());
            case Reply.Lost(var why) -> throw new Story.Failed(title + ": the API server did not answer: " + why);
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

    /// Waits until the newest version is the only one that serves.
    void awaitHealthy(String rollout) throws InterruptedException {
        await(rollout, "Healthy on its newest revision", r -> {
            var status = r.at("status");
            return status.at("phase").string("").equals("Healthy")
                    && status.at("stableRS").equals(status.at("currentPodHash"))
                    && !status.at("stableRS").string("").isEmpty();
        });
    }

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
                    + stage.guard(namespace, rollout).orElse("nothing") + "; status: "
                    + object.at("status").text());
        }
    }

    /// Looks again and again, for some time.
    void await(String what, Duration atMost, BooleanSupplier state) throws InterruptedException {
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

    Instant now() {
        return stage.time().now();
    }

    /// What a Rollout waits for, or what is wrong with it, in the controller's words.
    Optional<String> why(String rollout) {
        var status = read(ResourceType.ROLLOUTS, rollout).at("status");
        for (var condition : status.at("conditions").items()) {
            if (condition.at("type").string("").equals("InvalidSpec")
                    && condition.at("status").string("").equals("True")) {
                return condition.at("message").asString();
            }
        }
        return stage.guard(namespace, rollout).or(() -> status.at("message").asString());
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
        return visitors(LoadPlan.closed(address(service), "/", Visitors.AT_ONCE));
    }

    /// Users who come through the gateway.
    Visitors visitorsOf(String host) throws InterruptedException {
        return visitors(
                LoadPlan.closed(stage.plane().gateway(), "/", Visitors.AT_ONCE).withHost(host));
    }

    private Visitors visitors(LoadPlan plan) throws InterruptedException {
        // Nobody comes before the doors are open.
        await("an answer of " + plan.target(), PATIENCE, () -> answers(plan));
        return new Visitors(this, plan, stage.time());
    }

    private boolean answers(LoadPlan plan) {
        try (var probe =
                LoadGenerator.start(plan.with(new LoadPlan.Pace.ClosedLoop(1)).times(1), stage.time())) {
            return probe.await(Duration.ofSeconds(10)) && probe.report().failed() == 0;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
