package dev.sluice.app;

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
import dev.sluice.kube.rollout.PairCodec;
import dev.sluice.local.VirtualTime;
import dev.sluice.local.api.ApiServer;
import dev.sluice.local.api.DirectGateway;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The program on the embedded API server, with what it prints and writes kept for the test.
///
/// No controller runs: the objects stand as the test put them, and what a command writes is exactly what it wrote.
public final class Bench implements Gateway {

    public final VirtualTime time;
    private final Gateway server;
    private final List<Request> writes = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Optional<Reply> instead = Optional.empty();

    public Bench() {
        time = new VirtualTime();
        server = new DirectGateway(new ApiServer(time, 7), "anna");
        create(ResourceType.NAMESPACES, "", Json.obj("metadata", Json.obj("name", "shop")));
    }

    /// An object of a kind under a name.
    ///
    /// @param fields beside its metadata
    public static Json.Obj manifest(ResourceType type, String namespace, String name, Json.Obj fields) {
        var whole = Json.obj(
                "apiVersion",
                type.apiVersion(),
                "kind",
                type.kind(),
                "metadata",
                Json.obj("name", name, "namespace", namespace));
        for (var field : fields.fields().entrySet()) whole = whole.with(field.getKey(), field.getValue());
        return whole;
    }

    /// Creates an object, its status too.
    public Json.Obj create(ResourceType type, String namespace, Json.Obj object) {
        var whole = object.with("apiVersion", type.apiVersion()).with("kind", type.kind());
        var name = object.at("metadata", "name").string("");
        var ref = ObjectRef.of(type, namespace, name);
        must(server.send(new Request.Create(ref, whole)));
        if (!object.at("status").isNull()) status(ref, object.at("status").obj());
        return must(server.send(new Request.Get(ref)));
    }

    public Json.Obj status(ObjectRef ref, Json.Obj status) {
        return must(server.send(new Request.Patch(ref.sub("status"), PatchType.MERGE, Json.obj("status", status))));
    }

    /// Changes the object itself.
    public void patch(ResourceType type, String name, Json.Obj change) {
        patch(type, name, "", change);
    }

    public void patch(ResourceType type, String name, String subresource, Json.Obj change) {
        var ref = ObjectRef.of(type, "shop", name);
        must(server.send(
                new Request.Patch(subresource.isEmpty() ? ref : ref.sub(subresource), PatchType.MERGE, change)));
    }

    public void delete(ResourceType type, String name) {
        must(server.send(new Request.Delete(
                ObjectRef.of(type, "shop", name), Optional.empty(), Optional.empty(), "Background")));
    }

    private static Json.Obj must(Reply reply) {
        return reply.answer().orElseThrow(() -> new AssertionError(reply.toString()));
    }

    /// Every further request gets this reply.
    public void answerWith(Reply reply) {
        instead = Optional.of(reply);
    }

    public Json.Obj read(ResourceType type, String name) {
        return must(server.send(new Request.Get(ObjectRef.of(type, "shop", name))));
    }

    public List<Json> list(ResourceType type) {
        return must(server.send(new Request.List(Selection.in(type, "shop"))))
                .at("items")
                .items();
    }

    @Override
    public Reply send(Request request) {
        if (request.writes()) writes.add(request);
        return instead.orElseGet(() -> server.send(request));
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        return server.watch(selection, resourceVersion, listener);
    }

    /// What the last command printed, and how it ended.
    public record Ended(int code, String out, String err) {}

    public Ended run(String... words) {
        out.reset();
        err.reset();
        writes.clear();
        var terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of(),
                false);
        Clusters clusters =
                connection -> new Clusters.Session(this, connection.namespace().orElse("shop"), () -> "", () -> {});
        int code = Main.run(new World(terminal, clusters, time::now), words);
        return new Ended(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// The writes of the last command: `patch path type body`.
    public List<String> written() {
        return writes.stream()
                .map(request -> switch (request) {
                    case Request.Patch(var ref, var type, var body) ->
                        ref.name() + (ref.subresource().isEmpty() ? "" : "/" + ref.subresource()) + " " + type + " "
                                + body.text();
                    case Request other -> other.toString();
                })
                .toList();
    }

    /// A canary at the pause behind 20 %: revision 2 over 1, with ReplicaSets and pods.
    public Bench pausedCanary() {
        var web = create(ResourceType.ROLLOUTS, "shop", Json.parse("""
                {"metadata":{"name":"web","annotations":{"rollout.argoproj.io/revision":"2"}},
                 "spec":{"replicas":5,"selector":{"matchLabels":{"app":"web"}},
                   "template":{"metadata":{"labels":{"app":"web"}},
                               "spec":{"containers":[{"name":"app","image":"demo:green"}],
                                       "initContainers":[{"name":"warm","image":"tool:1"}]}},
                   "strategy":{"canary":{"steps":[{"setWeight":20},{"pause":{}},{"setWeight":40},{"pause":{"duration":10}}]}}},
                 "status":{"observedGeneration":"1","phase":"Paused","message":"CanaryPauseStep","controllerPause":true,
                   "pauseConditions":[{"reason":"CanaryPauseStep","startTime":"2025-12-31T23:00:00Z"}],
                   "currentPodHash":"new","stableRS":"old","currentStepIndex":1,
                   "replicas":5,"updatedReplicas":1,"readyReplicas":5,"availableReplicas":5}}
                """).obj());
        create(
                ResourceType.SERVICES,
                "shop",
                Json.parse("{\"metadata\":{\"name\":\"web\"},\"spec\":{\"selector\":{\"app\":\"web\"},"
                                + "\"ports\":[{\"port\":80}]}}")
                        .obj());
        var uid = web.at("metadata", "uid").string("");
        revision(uid, "old", 1, 4, "demo:blue");
        revision(uid, "new", 2, 1, "demo:green");
        time.run(Duration.ofHours(2));
        return this;
    }

    /// Two Deployments of which green has taken a quarter of blue's pods, at a pause.
    public Bench pausedPair() {
        for (var definition : Definitions.all()) {
            if (definition.at("metadata", "name").string("").startsWith("deploymentcanaries")) {
                must(server.send(new Request.Create(ObjectRef.of(ResourceType.CRDS, definition), definition)));
            }
        }
        deployment("blue", 3);
        deployment("green", 1);
        create(
                ResourceType.DEPLOYMENT_CANARIES,
                "shop",
                Json.parse("""
                {"metadata":{"name":"pair"},
                 "spec":{"stable":"blue","canary":"green","replicas":4,"steps":[{"setWeight":25},{"pause":{}}]},
                 "status":{"observedGeneration":"1","phase":"Paused","message":"CanaryPauseStep","controllerPause":true,
                   "pauseConditions":[{"reason":"CanaryPauseStep","startTime":"2025-12-31T23:00:00Z"}],
                   "stable":"blue","canary":"green","serving":"blue","currentPodHash":"%s","stableRS":"old",
                   "currentStepIndex":1,"replicas":4,"updatedReplicas":1,"readyReplicas":4,"availableReplicas":4}}
                """.formatted(PairCodec.sides(
                                        Optional.empty(), Optional.of(read(ResourceType.DEPLOYMENTS, "green")), 4)
                                .getFirst()
                                .hash()))
                        .obj());
        time.run(Duration.ofHours(2));
        return this;
    }

    private void deployment(String name, int pods) {
        create(
                ResourceType.DEPLOYMENTS,
                "shop",
                Json.parse("""
                {"metadata":{"name":"%1$s"},
                 "spec":{"replicas":%2$d,"selector":{"matchLabels":{"track":"%1$s"}},
                   "template":{"metadata":{"labels":{"app":"web","track":"%1$s"}},
                               "spec":{"containers":[{"name":"app","image":"demo:%1$s"}]}}},
                 "status":{"replicas":%2$d,"updatedReplicas":%2$d,"readyReplicas":%2$d,"availableReplicas":%2$d,
                   "observedGeneration":1}}
                """.formatted(name, pods)).obj());
    }

    public void revision(String owner, String hash, int number, int pods, String image) {
        var set = create(
                ResourceType.REPLICA_SETS,
                "shop",
                Json.parse("""
                {"metadata":{"name":"web-%1$s","labels":{"app":"web","rollouts-pod-template-hash":"%1$s"},
                   "annotations":{"rollout.argoproj.io/revision":"%2$d"},
                   "ownerReferences":[{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","name":"web","uid":"%5$s",
                     "controller":true}]},
                 "spec":{"replicas":%3$d,"selector":{"matchLabels":{"rollouts-pod-template-hash":"%1$s"}},
                   "template":{"metadata":{"labels":{"app":"web","rollouts-pod-template-hash":"%1$s"}},
                               "spec":{"containers":[{"name":"app","image":"%4$s"}],
                                       "initContainers":[{"name":"warm","image":"tool:1"}]}}},
                 "status":{"replicas":%3$d,"readyReplicas":%3$d,"availableReplicas":%3$d,"observedGeneration":1}}
                """.formatted(hash, number, pods, image, owner)).obj());
        for (int i = 1; i <= pods; i++) {
            create(
                    ResourceType.PODS,
                    "shop",
                    Json.parse("""
                    {"metadata":{"name":"web-%1$s-%2$d","labels":{"app":"web","rollouts-pod-template-hash":"%1$s"},
                       "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-%1$s","uid":"%3$s",
                         "controller":true}]},
                     "spec":{"containers":[{"name":"app","image":"%4$s"}]},
                     "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"app","ready":true,"restartCount":%5$d}]}}
                    """.formatted(hash, i, set.at("metadata", "uid").string(""), image, i - 1))
                            .obj());
        }
    }
}
