package dev.sluice.e2e.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.kube.EventRecorder;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.rollout.AnalysisRunMaker;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Names;
import dev.sluice.kube.rollout.RolloutController;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.TrafficRouter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The given/when/then of a rollout on any cluster, with the production controller running.
final class Scene implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<String> DEFINITIONS = List.of(
            "rollouts",
            "analysistemplates",
            "clusteranalysistemplates",
            "analysisruns",
            "experiments",
            "deploymentcanaries");

    private final Gateway gateway;
    private final String namespace;
    private final SystemTime time = new SystemTime();
    private final Caches caches;
    private final EventRecorder events;
    /// What the scene is about: a Rollout, or a DeploymentCanary.
    private ObjectRef driven;

    private Scene(Gateway gateway, String namespace) {
        this.gateway = gateway;
        this.namespace = namespace;
        this.driven = ObjectRef.of(ResourceType.ROLLOUTS, namespace, "web");
        Map<String, TrafficRouter> routers = Map.of();
        this.caches =
                new Caches(gateway, time, Optional.of(namespace), kinds(routers), ObjectCache.Options.standard(7));
        this.events = new EventRecorder(gateway, time);
        AnalysisRunMaker none = (_, _) -> new AnalysisRunMaker.Made.Impossible("these scenes have no analysis");
        var rollouts =
                new RolloutController(gateway, time, caches, routers, none, events::event, RolloutEngine::decide);
        var pairs = RolloutController.ofDeployments(gateway, time, caches, none, events::event, RolloutEngine::decide);
        for (var controller : List.of(rollouts, pairs)) {
            controller.queue().whenReady(() -> time.soon(controller::step));
        }
        caches.start();
    }

    private static List<ResourceType> kinds(Map<String, TrafficRouter> routers) {
        var kinds = new LinkedHashSet<>(RolloutController.kinds(routers));
        kinds.addAll(RolloutController.kindsOfDeployments());
        return List.copyOf(kinds);
    }

    /// Serves the kinds of `deploy/crds` on a cluster that has none yet.
    static void define(Cluster cluster) throws IOException {
        for (var name : DEFINITIONS) {
            var yaml = Files.readString(Path.of(System.getProperty("sluice.root"), "deploy/crds", name + ".yaml"));
            var definition = Json.of(new Load(LoadSettings.builder().build()).loadFromString(yaml))
                    .obj();
            var ref = ObjectRef.of(ResourceType.CRDS, definition);
            must(cluster.gateway().send(new Request.Create(ref, definition)));
            until(
                    "definition " + name + " is served",
                    () -> cluster.gateway()
                            .send(new Request.Get(ref))
                            .answer()
                            .filter(crd -> condition(crd, "Established"))
                            .isPresent());
        }
    }

    private static boolean condition(Json object, String type) {
        return object.at("status", "conditions").items().stream()
                .anyMatch(c -> c.at("type").string("").equals(type)
                        && c.at("status").string("").equals("True"));
    }

    /// A namespace of its own with a controller that looks after it.
    static Scene on(Cluster cluster, String namespace) {
        must(cluster.gateway()
                .send(new Request.Create(
                        ObjectRef.of(ResourceType.NAMESPACES, "", namespace),
                        Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", namespace)))));
        return new Scene(cluster.gateway(), namespace);
    }

    // ── given ────────────────────────────────────────────────────────────────────────────────────────────────────

    Scene service(String name) {
        must(gateway.send(new Request.Create(
                ref(ResourceType.SERVICES, name),
                Json.obj(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Service",
                        "metadata",
                        Json.obj("name", name, "namespace", namespace),
                        "spec",
                        Json.obj(
                                "selector", Json.obj("app", "web"),
                                "ports", List.of(Json.obj("port", 80, "targetPort", 8080)))))));
        return this;
    }

    Scene rollout(int replicas, Json.Obj strategy) {
        must(gateway.send(new Request.Create(
                ref(ResourceType.ROLLOUTS, "web"),
                Json.obj(
                        "apiVersion",
                        "argoproj.io/v1alpha1",
                        "kind",
                        "Rollout",
                        "metadata",
                        Json.obj("name", "web", "namespace", namespace),
                        "spec",
                        Json.obj(
                                "replicas",
                                replicas,
                                "selector",
                                Json.obj("matchLabels", Json.obj("app", "web")),
                                "template",
                                template("v1"),
                                "strategy",
                                strategy)))));
        return this;
    }

    /// A Deployment of the user's own.
    Scene deployment(String name, String version, int replicas) {
        var labels = Json.obj("app", "web", "track", name);
        must(gateway.send(new Request.Create(
                ref(ResourceType.DEPLOYMENTS, name),
                Json.obj(
                        "apiVersion",
                        "apps/v1",
                        "kind",
                        "Deployment",
                        "metadata",
                        Json.obj("name", name, "namespace", namespace),
                        "spec",
                        Json.obj(
                                "replicas",
                                replicas,
                                "selector",
                                Json.obj("matchLabels", labels),
                                "template",
                                template(version).withAt(List.of("metadata", "labels"), labels))))));
        return this;
    }

    /// The canary of two Deployments; from here on the scene is about it.
    Scene pair(String stable, String canary, int replicas, List<Json.Obj> steps) {
        driven = ref(ResourceType.DEPLOYMENT_CANARIES, "web");
        must(gateway.send(new Request.Create(
                driven,
                Json.obj(
                        "apiVersion",
                        "sluice.dev/v1alpha1",
                        "kind",
                        "DeploymentCanary",
                        "metadata",
                        Json.obj("name", "web", "namespace", namespace),
                        "spec",
                        Json.obj(
                                "stable",
                                stable,
                                "canary",
                                canary,
                                "replicas",
                                replicas,
                                "maxSurge",
                                1,
                                "maxUnavailable",
                                0,
                                "steps",
                                steps)))));
        return this;
    }

    private static Json.Obj template(String version) {
        return Json.obj(
                "metadata", Json.obj("labels", Json.obj("app", "web")),
                "spec",
                        Json.obj(
                                "containers",
                                List.of(Json.obj(
                                        "name",
                                        "web",
                                        "image",
                                        "demo/web:" + version,
                                        "ports",
                                        List.of(Json.obj("containerPort", 8080))))));
    }

    // ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────

    Scene image(String version) {
        return patch(ref(ResourceType.ROLLOUTS, "web"), Json.obj("spec", Json.obj("template", template(version))));
    }

    Scene spec(Json.Obj change) {
        return patch(driven, Json.obj("spec", change));
    }

    Scene status(Json.Obj change) {
        return patch(driven.sub("status"), Json.obj("status", change));
    }

    /// Somebody changes a Deployment of the pair.
    Scene deployment(String name, Json.Obj change) {
        return patch(ref(ResourceType.DEPLOYMENTS, name), Json.obj("spec", change));
    }

    Scene withoutDeployment(String name) {
        must(gateway.send(new Request.Delete(
                ref(ResourceType.DEPLOYMENTS, name), Optional.empty(), Optional.empty(), "Background")));
        return this;
    }

    Scene withoutReplicaSet(String version) {
        var name = replicaSet(version).orElseThrow().at("metadata", "name").string("");
        must(gateway.send(new Request.Delete(
                ref(ResourceType.REPLICA_SETS, name), Optional.empty(), Optional.empty(), "Background")));
        return this;
    }

    private Scene patch(ObjectRef ref, Json.Obj body) {
        must(gateway.send(new Request.Patch(ref, PatchType.MERGE, body)));
        return this;
    }

    // ── then ─────────────────────────────────────────────────────────────────────────────────────────────────────

    Scene reaches(String phase, String message) {
        until("phase %s '%s'".formatted(phase, message), () -> {
            var rollout = read(driven);
            var status = rollout.at("status");
            return status.at("phase").string("").equals(phase)
                    && status.at("message").string("").startsWith(message)
                    && status.at("observedGeneration")
                            .string("")
                            .equals(rollout.at("metadata", "generation").toString());
        });
        return this;
    }

    Scene pods(String version, int count) {
        until(
                "%d pods of %s".formatted(count, version),
                () -> replicaSet(version)
                        .filter(rs -> rs.at("spec", "replicas").integer(-1) == count
                                && rs.at("status", "availableReplicas").integer(0) == count)
                        .isPresent());
        return this;
    }

    /// A Deployment has so many pods, all of them available.
    Scene has(String deployment, int count) {
        until("%s has %d pods".formatted(deployment, count), () -> {
            var there = read(ref(ResourceType.DEPLOYMENTS, deployment));
            return there.at("spec", "replicas").integer(-1) == count
                    && there.at("status", "availableReplicas").integer(0) == count
                    && there.at("status", "replicas").integer(0) == count;
        });
        return this;
    }

    Scene selects(String service, String version) {
        until("service %s selects %s".formatted(service, version), () -> {
            var hash = read(ref(ResourceType.SERVICES, service))
                    .at("spec", "selector", Names.HASH)
                    .string("");
            return replicaSet(version)
                    .filter(rs ->
                            rs.at("metadata", "labels", Names.HASH).string("").equals(hash))
                    .isPresent();
        });
        return this;
    }

    Json status() {
        return read(driven).at("status");
    }

    /// An event of the Rollout says so.
    Scene tells(String words) {
        until(
                "an event says '%s'".formatted(words),
                () -> items(ResourceType.EVENTS).stream()
                        .anyMatch(event -> event.at("message").string("").contains(words)));
        return this;
    }

    /// The pods that are there and not on their way out.
    Set<String> podNames() {
        return items(ResourceType.PODS).stream()
                .filter(pod -> pod.at("metadata", "deletionTimestamp").isNull())
                .map(pod -> pod.at("metadata", "name").string(""))
                .collect(Collectors.toSet());
    }

    private List<Json> items(ResourceType type) {
        return gateway.send(new Request.List(Selection.in(type, namespace)))
                .answer()
                .orElse(Json.Obj.EMPTY)
                .at("items")
                .items();
    }

    /// Reasons of the Rollout's events, oldest first; those told more than once stand once.
    List<String> reasons(Predicate<List<String>> complete) {
        var last = new java.util.concurrent.atomic.AtomicReference<List<String>>(List.of());
        until("events complete, last " + last, () -> {
            var list = gateway.send(new Request.List(Selection.in(ResourceType.EVENTS, namespace)))
                    .answer()
                    .orElse(Json.Obj.EMPTY);
            last.set(list.at("items").items().stream()
                    .filter(e -> e.at("involvedObject", "kind")
                            .string("")
                            .equals(driven.type().kind()))
                    .sorted(java.util.Comparator.comparing(
                                    (Json e) -> e.at("firstTimestamp").string(""))
                            .thenComparing(e -> e.at("metadata", "resourceVersion")
                                    .string("")
                                    .length())
                            .thenComparing(
                                    e -> e.at("metadata", "resourceVersion").string("")))
                    .map(e -> e.at("reason").string(""))
                    .toList());
            return complete.test(last.get());
        });
        return last.get();
    }

    private Optional<Json> replicaSet(String version) {
        return gateway
                .send(new Request.List(Selection.in(ResourceType.REPLICA_SETS, namespace)))
                .answer()
                .orElse(Json.Obj.EMPTY)
                .at("items")
                .items()
                .stream()
                .filter(rs -> rs.at("spec", "template", "spec", "containers")
                        .at(0)
                        .at("image")
                        .string("")
                        .equals("demo/web:" + version))
                .findFirst();
    }

    private Json read(ObjectRef ref) {
        return gateway.send(new Request.Get(ref)).answer().orElse(Json.Obj.EMPTY);
    }

    private ObjectRef ref(ResourceType type, String name) {
        return ObjectRef.of(type, namespace, name);
    }

    private static void must(Reply reply) {
        if (!(reply instanceof Reply.Done)) throw new AssertionError(reply.toString());
    }

    private interface Check {
        boolean holds();
    }

    private static void until(String what, Check check) {
        var end = Instant.now().plus(PATIENCE);
        while (!check.holds()) {
            if (Instant.now().isAfter(end)) throw new AssertionError("not within " + PATIENCE + ": " + what);
            LockSupport.parkNanos(50_000_000);
        }
    }

    @Override
    public void close() {
        caches.close();
        events.close();
        time.close();
    }
}
