package dev.sluice.local.api;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A server of one test with a clock of its own, and the few calls that tests make all the time.
final class Cluster {
    static final String MERGE = "application/merge-patch+json";
    static final String JSON = "application/json";

    final SteppedTime time = new SteppedTime();
    final ApiServer server;
    final DirectGateway gateway;

    Cluster() {
        this(ApiServer.DEFAULT_HISTORY);
    }

    Cluster(int history) {
        server = new ApiServer(time, 7, history);
        gateway = new DirectGateway(server, "spec");
    }

    ApiResponse get(String path) {
        return server.handle(ApiRequest.get(path, "spec"));
    }

    ApiResponse post(String path, Json body) {
        return server.handle(ApiRequest.of("POST", path, body, JSON, "spec"));
    }

    ApiResponse put(String path, Json body) {
        return server.handle(ApiRequest.of("PUT", path, body, JSON, "spec"));
    }

    ApiResponse patch(String path, String type, Json body) {
        return server.handle(ApiRequest.of("PATCH", path, body, type, "spec"));
    }

    ApiResponse merge(String path, Json body) {
        return patch(path, MERGE, body);
    }

    ApiResponse delete(String path) {
        return delete(path, Json.Obj.EMPTY);
    }

    ApiResponse delete(String path, Json options) {
        return server.handle(ApiRequest.of("DELETE", path, options, JSON, "spec"));
    }

    Json.Obj made(String path, Json body) {
        var response = post(path, body);
        if (!response.succeeded()) throw new AssertionError(response.json().text() + response.body());
        return response.json();
    }

    List<WatchEvent> watch(Selection selection, String from) {
        var seen = new ArrayList<WatchEvent>();
        gateway.watch(selection, from, seen::add);
        return seen;
    }

    Reply merge(ObjectRef ref, Json patch) {
        return gateway.send(new Request.Patch(ref, PatchType.MERGE, patch));
    }

    static Json.Obj configMap(String name, Object... data) {
        return Json.obj(
                "apiVersion", "v1", "kind", "ConfigMap", "metadata", Json.obj("name", name), "data", Json.obj(data));
    }

    static Json.Obj rollout(String name, int replicas) {
        return Json.obj(
                "apiVersion",
                "argoproj.io/v1alpha1",
                "kind",
                "Rollout",
                "metadata",
                Json.obj("name", name, "labels", Json.obj("app", name)),
                "spec",
                Json.obj("replicas", replicas));
    }

    static Json.Obj template(String app, String image) {
        return Json.obj(
                "metadata",
                Json.obj("labels", Json.obj("app", app)),
                "spec",
                Json.obj("containers", Json.arr(Json.obj("name", "web", "image", image))));
    }

    static Json.Obj deployment(String name, int replicas) {
        return Json.obj(
                "apiVersion",
                "apps/v1",
                "kind",
                "Deployment",
                "metadata",
                Json.obj("name", name, "labels", Json.obj("app", name)),
                "spec",
                Json.obj(
                        "replicas",
                        replicas,
                        "selector",
                        Json.obj("matchLabels", Json.obj("app", name)),
                        "template",
                        template(name, "web:v1")));
    }

    static Json.Obj pod(String name, String node) {
        var spec = template("web", "web:v1").at("spec").obj();
        return Json.obj(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                Json.obj("name", name, "labels", Json.obj("app", "web")),
                "spec",
                node.isEmpty() ? spec : spec.with("nodeName", node));
    }

    static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
    static final String PODS = "/api/v1/namespaces/default/pods";
    static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
    static final String ROLLOUTS = "/apis/argoproj.io/v1alpha1/namespaces/default/rollouts";

    static ObjectRef ref(ResourceType type, String name) {
        return ObjectRef.of(type, "default", name);
    }

    static Optional<String> resourceVersion(Json object) {
        return object.at("metadata", "resourceVersion").asString();
    }
}
