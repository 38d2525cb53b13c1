package dev.sluice.local.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.SystemTime;
import dev.sluice.local.api.ApiServer;
import dev.sluice.local.api.DirectGateway;
import dev.sluice.local.pod.PodBehaviour;
import dev.sluice.local.pod.PodLog;
import dev.sluice.local.pod.PodRuntime;
import dev.sluice.local.traffic.http.Body;
import dev.sluice.local.traffic.http.ConnectionPool;
import dev.sluice.local.traffic.http.Headers;
import dev.sluice.local.traffic.http.HttpRequest;
import dev.sluice.local.traffic.http.HttpResponse;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Outcome;
import dev.sluice.local.traffic.http.Watchdog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// An API server without controllers, real pods, and the data plane in front of them. The tests play kubelet
/// and endpoint controller: they start pods and say which of them a Service has.
final class TinyCluster implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(20);
    private static final AtomicInteger LANE = new AtomicInteger();
    /// Of 127.n.0.0/16: so that tests that run beside these on the machine, or a cluster, are not met. Held by a socket
    /// until this JVM ends.
    private static final ServerSocket RANGE = range();

    final SystemTime time = new SystemTime();
    final Gateway api = new DirectGateway(ApiServer.of(time, 1, octet()), "test");
    final RealPods pods = new RealPods();
    final TrafficPlane plane;
    private final Watchdog watchdog = new Watchdog(Duration.ofMillis(10));
    private final ConnectionPool client =
            new ConnectionPool(Limits.SERVER, watchdog, Duration.ofSeconds(2), Duration.ofSeconds(5), 16);
    private final int lane = LANE.getAndIncrement();
    private final Map<String, Running> running = new TreeMap<>();
    private int nextAddress = 1;

    private static ServerSocket range() {
        for (int octet = 200; octet < 250; octet++) {
            try {
                return new ServerSocket(47_115, 1, InetAddress.ofLiteral("127." + octet + ".0.1"));
            } catch (IOException taken) {
                // By other tests; the next one may be free.
            }
        }
        throw new IllegalStateException("127.200.0.1 to 127.249.0.1 are all taken on port 47115");
    }

    private static int octet() {
        return RANGE.getInetAddress().getAddress()[1] & 255;
    }

    TinyCluster() {
        this(TrafficPlane.Settings.DEFAULT);
    }

    TinyCluster(TrafficPlane.Settings settings) {
        send(new Request.Create(
                ObjectRef.of(ResourceType.NAMESPACES, "", "shop"),
                Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", "shop"))));
        try {
            plane = TrafficPlane.start(settings, pods, api, time);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    record Running(String name, String address, PodRuntime.Running process, PodLog log, PodRuntime.Launch launch) {
        boolean serving() {
            return process.state() instanceof PodRuntime.State.Serving;
        }
    }

    private Reply send(Request request) {
        var reply = api.send(request);
        if (reply instanceof Reply.Refused refused && !refused.alreadyExists()) throw new AssertionError(reply);
        return reply;
    }

    /// Starts a pod and waits until it serves.
    Running pod(String name, String image) throws InterruptedException {
        var pod = start(name, image);
        eventually(pod::serving);
        return pod;
    }

    Running start(String name, String image) {
        return start(name, image, "127." + octet() + "." + (128 + lane % 100) + "." + nextAddress++, 8080);
    }

    Running start(String name, String image, String address, int port) {
        var pod = Json.obj(
                "apiVersion",
                "v1",
                "kind",
                "Pod",
                "metadata",
                Json.obj("namespace", "shop", "name", name, "labels", Json.obj("app", "web")),
                "spec",
                Json.obj(
                        "containers",
                        List.of(Json.obj(
                                "name", "web", "image", image, "ports", List.of(Json.obj("containerPort", port))))));
        assertThat(PodBehaviour.of(pod)).isInstanceOf(PodBehaviour.Reading.Good.class);
        var behaviour = ((PodBehaviour.Reading.Good) PodBehaviour.of(pod)).behaviour();
        var log = new PodLog(1000);
        var launch = new PodRuntime.Launch(pod, behaviour, address, 0, name.hashCode(), time, log, () -> {});
        var started = new Running(name, address, pods.start(launch), log, launch);
        running.put(name, started);
        return started;
    }

    /// A Service with port 80, and what is behind it.
    void service(String name, Running... behind) throws InterruptedException {
        send(new Request.Create(
                ObjectRef.of(ResourceType.SERVICES, "shop", name),
                Json.obj(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Service",
                        "metadata",
                        Json.obj("name", name, "namespace", "shop"),
                        "spec",
                        Json.obj(
                                "selector", Json.obj("app", "web"),
                                "ports", List.of(Json.obj("port", 80, "targetPort", 8080))))));
        endpoints(name, behind);
        eventually(() -> plane.service("shop", name, 80).isPresent());
    }

    /// Says which pods a Service has; returns when the data plane has them.
    void endpoints(String service, Running... behind) throws InterruptedException {
        var endpoints = new ArrayList<Json>();
        for (var pod : behind) endpoints.add(endpoint(pod, true, true, false));
        // A Service without endpoints has no slice here.
        if (!endpoints.isEmpty()) slice(service, endpoints);
        eventually(() -> plane.endpoints("shop", service, 80).size() == behind.length);
    }

    static Json endpoint(Running pod, boolean ready, boolean serving, boolean terminating) {
        return Json.obj(
                "addresses", List.of(pod.address),
                "conditions", Json.obj("ready", ready, "serving", serving, "terminating", terminating),
                "targetRef", Json.obj("kind", "Pod", "name", pod.name, "namespace", "shop"));
    }

    void slice(String service, List<Json> endpoints) {
        var slice = Json.obj(
                "apiVersion",
                "discovery.k8s.io/v1",
                "kind",
                "EndpointSlice",
                "metadata",
                Json.obj(
                        "name",
                        service + "-abc",
                        "namespace",
                        "shop",
                        "labels",
                        Json.obj("kubernetes.io/service-name", service)),
                "addressType",
                "IPv4",
                "endpoints",
                endpoints,
                "ports",
                List.of(Json.obj("name", "", "port", 8080, "protocol", "TCP")));
        var ref = ObjectRef.of(ResourceType.ENDPOINT_SLICES, "shop", service + "-abc");
        if (send(new Request.Create(ref, slice)) instanceof Reply.Refused) {
            send(new Request.Patch(ref, PatchType.MERGE, Json.obj("endpoints", endpoints)));
        }
    }

    void gateway() {
        send(new Request.Create(
                ObjectRef.of(ResourceType.GATEWAYS, "shop", "edge"),
                Json.obj(
                        "apiVersion",
                        "gateway.networking.k8s.io/v1",
                        "kind",
                        "Gateway",
                        "metadata",
                        Json.obj("name", "edge", "namespace", "shop"),
                        "spec",
                        Json.obj(
                                "gatewayClassName",
                                "local",
                                "listeners",
                                List.of(Json.obj("name", "http", "port", 80, "protocol", "HTTP"))))));
    }

    /// Creates or replaces a route and waits until the gateway says that it is in force.
    Json route(String name, Json... rules) throws InterruptedException {
        var spec = Json.obj("parentRefs", List.of(Json.obj("name", "edge")), "rules", List.of(rules));
        return routeOf(name, spec);
    }

    Json routeOf(String name, Json.Obj spec) throws InterruptedException {
        var ref = ObjectRef.of(ResourceType.HTTP_ROUTES, "shop", name);
        var created = send(new Request.Create(
                ref,
                Json.obj(
                        "apiVersion",
                        "gateway.networking.k8s.io/v1",
                        "kind",
                        "HTTPRoute",
                        "metadata",
                        Json.obj("name", name, "namespace", "shop"),
                        "spec",
                        spec)));
        var written = created instanceof Reply.Refused
                ? send(new Request.Patch(ref, PatchType.MERGE, Json.obj("spec", spec)))
                : created;
        var generation = written.answer().orElseThrow().at("metadata", "generation");
        eventually(() -> {
            var conditions =
                    get(ref).at("status", "parents").at(0).at("conditions").items();
            return !conditions.isEmpty()
                    && conditions.stream()
                            .allMatch(c -> c.at("observedGeneration").equals(generation));
        });
        return get(ref);
    }

    Json get(ObjectRef ref) {
        return send(new Request.Get(ref)).answer().orElseThrow();
    }

    static Json backend(String service, int weight) {
        return Json.obj("name", service, "port", 80, "weight", weight);
    }

    static Json rule(Json... backends) {
        return Json.obj("backendRefs", List.of(backends));
    }

    InetSocketAddress at(String service) {
        return plane.service("shop", service, 80).orElseThrow();
    }

    HttpResponse get(InetSocketAddress at, String target, String... headers) {
        return send(
                at,
                new HttpRequest("GET", target, Headers.of(headers).with("Host", "web.example"), Body.NONE, "", true));
    }

    HttpResponse send(InetSocketAddress at, HttpRequest request) {
        var outcome = client.send(at, request, LONG);
        assertThat(outcome).isInstanceOf(Outcome.Answered.class);
        return ((Outcome.Answered) outcome).response();
    }

    /// Counts by version.
    Map<String, Integer> versions(InetSocketAddress at, int requests) {
        var counts = new TreeMap<String, Integer>();
        for (int i = 0; i < requests; i++) {
            counts.merge(get(at, "/").headers().first("X-Version", "none"), 1, Integer::sum);
        }
        return counts;
    }

    /// Waits for a condition, looking again every few milliseconds.
    void eventually(BooleanSupplier condition) throws InterruptedException {
        var met = new CountDownLatch(1);
        watchdog.onRound(() -> {
            if (met.getCount() > 0 && condition.getAsBoolean()) met.countDown();
        });
        assertThat(met.await(20, TimeUnit.SECONDS))
                .as("the condition was met in time")
                .isTrue();
    }

    @Override
    public void close() {
        plane.close();
        pods.close();
        client.close();
        watchdog.close();
        time.close();
    }
}
