package dev.sluice.local.workload;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/// A cluster under virtual time, and the words in which specs speak about it.
final class SimulatedCluster implements AutoCloseable {
    static final String NS = "default";

    final VirtualTime time = new VirtualTime();
    final LocalCluster cluster;
    final Gateway gateway;

    SimulatedCluster() {
        this(1, builder -> builder);
    }

    SimulatedCluster(long seed, UnaryOperator<LocalCluster.Builder> more) {
        cluster = more.apply(LocalCluster.builder(time).seed(seed)).start();
        gateway = cluster.gateway("spec");
        if (!time.runUntil(cluster::ready, Duration.ofSeconds(30))) throw new AssertionError("not ready");
    }

    void run(Duration span) {
        time.run(span);
    }

    /// Moves the clock until the condition holds; two minutes are plenty for all that does not wait on purpose.
    void until(String what, BooleanSupplier condition) {
        within(Duration.ofMinutes(2), what, condition);
    }

    void within(Duration span, String what, BooleanSupplier condition) {
        if (!time.runUntil(condition, span)) {
            throw new AssertionError("never came about within " + span + ": " + what + "\n" + state());
        }
    }

    Json.Obj create(ResourceType type, Json.Obj object) {
        return done(gateway.send(new Request.Create(ObjectRef.of(type, object), object)));
    }

    Json.Obj patch(ResourceType type, String name, Json.Obj patch) {
        return done(gateway.send(new Request.Patch(ObjectRef.of(type, NS, name), PatchType.MERGE, patch)));
    }

    Json.Obj patchStatus(ResourceType type, String name, PatchType how, Json patch) {
        return done(gateway.send(new Request.Patch(ObjectRef.of(type, NS, name).sub("status"), how, patch)));
    }

    void delete(ResourceType type, String name, String propagation) {
        done(gateway.send(
                new Request.Delete(ObjectRef.of(type, NS, name), Optional.empty(), Optional.empty(), propagation)));
    }

    void delete(ResourceType type, String name, Duration grace) {
        done(gateway.send(new Request.Delete(
                ObjectRef.of(type, NS, name), Optional.empty(), Optional.empty(), "", Optional.of(grace))));
    }

    Optional<Json.Obj> find(ResourceType type, String name) {
        return gateway.send(new Request.Get(ObjectRef.of(type, NS, name))).answer();
    }

    Json.Obj get(ResourceType type, String name) {
        return find(type, name).orElseThrow(() -> new AssertionError("no " + type + " " + name + "\n" + state()));
    }

    List<Json> list(ResourceType type) {
        return done(gateway.send(new Request.List(Selection.in(type, NS))))
                .at("items")
                .items();
    }

    List<Json> pods(String app) {
        return list(ResourceType.PODS).stream()
                .filter(pod -> pod.at("metadata", "labels", "app").string("").equals(app))
                .toList();
    }

    List<Json> readyPods(String app) {
        return pods(app).stream().filter(Pods::ready).filter(Pods::active).toList();
    }

    List<String> reasons(String kind, String name) {
        return list(ResourceType.EVENTS).stream()
                .filter(event -> event.at("involvedObject", "kind").string("").equals(kind))
                .filter(event -> event.at("involvedObject", "name").string("").equals(name))
                .map(event -> event.at("reason").string(""))
                .toList();
    }

    Optional<Json> condition(ResourceType type, String name, String condition) {
        return Conditions.find(get(type, name).at("status", "conditions"), condition);
    }

    static Json.Obj done(Reply reply) {
        if (reply instanceof Reply.Done(var object)) return object;
        throw new AssertionError(reply.toString());
    }

    /// Every change of the kinds named, one line each, as it happens.
    List<String> transcript(ResourceType... types) {
        var lines = new ArrayList<String>();
        for (var type : types) {
            gateway.watch(Selection.all(type), "", event -> {
                var line = switch (event) {
                    case WatchEvent.Added(var object) -> "+ " + object.text();
                    case WatchEvent.Modified(var object) -> "~ " + object.text();
                    case WatchEvent.Deleted(var object) -> "- " + object.text();
                    case WatchEvent.Bookmark(var version) -> "= " + version;
                    case WatchEvent.Closed closed -> "! " + closed;
                };
                lines.add(time.now() + " " + line);
            });
        }
        return lines;
    }

    private String state() {
        var text = new StringBuilder();
        for (var type :
                List.of(ResourceType.DEPLOYMENTS, ResourceType.REPLICA_SETS, ResourceType.JOBS, ResourceType.PODS)) {
            for (var object : list(type)) {
                text.append(type.kind())
                        .append(' ')
                        .append(Meta.name(object))
                        .append(Meta.deleting(object) ? " (deleting) " : " ")
                        .append(object.at("status").text())
                        .append('\n');
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        cluster.close();
        if (cluster.errors() > 0) throw new AssertionError(cluster.errors() + " passes ended with errors of ours");
        if (cluster.addressesTaken() > 0) throw new AssertionError("addresses are still taken");
    }

    // --- manifests ---

    static Json.Obj podSpec(String image) {
        return Json.obj(
                "containers",
                Json.arr(Json.obj(
                        "name",
                        "web",
                        "image",
                        image,
                        "ports",
                        Json.arr(Json.obj("name", "http", "containerPort", 8080)))));
    }

    static Json.Obj template(String app, String image) {
        return Json.obj(
                "metadata", Json.obj("labels", Json.obj("app", app)),
                "spec", podSpec(image));
    }

    static Json.Obj pod(String name, Json.Obj spec) {
        return Json.obj(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                Json.obj("name", name, "namespace", NS, "labels", Json.obj("app", name)),
                "spec",
                spec);
    }

    static Json.Obj deployment(String name, int replicas, String image) {
        return Json.obj(
                "apiVersion",
                "apps/v1",
                "kind",
                "Deployment",
                "metadata",
                Json.obj("name", name, "namespace", NS),
                "spec",
                Json.obj(
                        "replicas", replicas,
                        "selector", Json.obj("matchLabels", Json.obj("app", name)),
                        "template", template(name, image)));
    }

    static Json.Obj replicaSet(String name, int replicas, String image) {
        return deployment(name, replicas, image).with("kind", "ReplicaSet");
    }

    static Json.Obj service(String name) {
        return Json.obj(
                "apiVersion",
                "v1",
                "kind",
                "Service",
                "metadata",
                Json.obj("name", name, "namespace", NS),
                "spec",
                Json.obj(
                        "selector", Json.obj("app", name),
                        "ports", Json.arr(Json.obj("name", "http", "port", 80, "targetPort", "http"))));
    }

    static Json.Obj job(String name, String image, Json.Obj more) {
        var spec = Json.obj(
                "template",
                Json.obj("metadata", Json.Obj.EMPTY, "spec", podSpec(image).with("restartPolicy", "Never")));
        for (var field : more.fields().entrySet()) spec = spec.with(field.getKey(), field.getValue());
        return Json.obj(
                "apiVersion",
                "batch/v1",
                "kind",
                "Job",
                "metadata",
                Json.obj("name", name, "namespace", NS),
                "spec",
                spec);
    }

    static Json.Obj image(String image) {
        return Json.obj(
                "spec",
                Json.obj(
                        "template",
                        Json.obj(
                                "spec",
                                Json.obj(
                                        "containers",
                                        Json.arr(Json.obj(
                                                "name",
                                                "web",
                                                "image",
                                                image,
                                                "ports",
                                                Json.arr(Json.obj("name", "http", "containerPort", 8080))))))));
    }
}
