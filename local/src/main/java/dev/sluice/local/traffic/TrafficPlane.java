package dev.sluice.local.traffic;

import dev.sluice.cluster.Gateway;
import dev.sluice.json.Json;
import dev.sluice.local.traffic.http.ConnectionPool;
import dev.sluice.local.traffic.http.HttpListener;
import dev.sluice.local.traffic.http.HttpRequest;
import dev.sluice.local.traffic.http.HttpResponse;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Watchdog;
import dev.sluice.local.traffic.promql.Prometheus;
import dev.sluice.local.traffic.promql.Registry;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The data plane, assembled: Services, gateway, Prometheus. The pods are made before it, because the kubelet
/// needs them before there is a cluster to follow:
///
/// ```java
/// try (var pods = new RealPods();                      // for the kubelet
///      var plane = TrafficPlane.start(settings, pods, cluster, time)) { … }
/// ```
///
/// The metrics address answers `/metrics`, `/shares` (JSON; `?window=10` seconds), `/api/v1/query` and
/// `/api/v1/query_range` as Prometheus does, `/problems` and `/healthz`. Series: `gateway_requests_total` and
/// `gateway_request_duration_seconds` by namespace, service, route, version, revision and code; `service_…` the
/// same for requests to Services; `http_requests_total` and `http_request_duration_seconds` of the pods.
public final class TrafficPlane implements AutoCloseable {
    private static final Duration FIRST_LISTS = Duration.ofSeconds(10);

    private final Watchdog watchdog;
    private final ConnectionPool pool;
    private final Services services;
    private final ServiceListeners listeners;
    private final HttpGateway gateway;
    private final HttpListener metrics;
    private final Prometheus prometheus;
    private final Meter meter;
    private final RealPods pods;
    private final Time time;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread scraper;

    /// @param gatewayPort on 127.0.0.1; 0 for any free one
    /// @param metricsPort on 127.0.0.1; 0 for any free one
    /// @param scrape how often samples are taken
    /// @param retention how long they are kept
    public record Settings(int gatewayPort, int metricsPort, Duration scrape, Duration retention) {
        public static final Settings DEFAULT = new Settings(0, 0, Duration.ofSeconds(1), Duration.ofMinutes(10));

        public Settings {
            if (!scrape.isPositive() || retention.compareTo(scrape) <= 0) {
                throw new IllegalArgumentException("retention must be longer than the scrape interval, which must be"
                        + " above 0, not " + retention + " and " + scrape);
            }
        }

        public Settings withPorts(int gateway, int metrics) {
            return new Settings(gateway, metrics, scrape, retention);
        }
    }

    private TrafficPlane(Settings settings, RealPods pods, Gateway cluster, Time time) throws IOException {
        this.pods = pods;
        this.time = time;
        watchdog = new Watchdog(Duration.ofMillis(500));
        // Idle connections end long before the pods would end them.
        pool = new ConnectionPool(Limits.SERVER, watchdog, Duration.ofSeconds(2), Duration.ofSeconds(10), 32);
        meter = new Meter(() -> System.nanoTime() / 1_000_000_000);
        var forwarder = new Forwarder(pool, pods.directory(), meter);
        services = new Services(
                cluster, endpoint -> pool.forget(pods.directory().actual(endpoint.address(), endpoint.port())));
        listeners = new ServiceListeners(services, forwarder, pods.directory(), watchdog);
        HttpListener opened = null;
        try {
            gateway = new HttpGateway(
                    new InetSocketAddress("127.0.0.1", settings.gatewayPort()),
                    cluster,
                    time,
                    services,
                    forwarder,
                    watchdog);
            opened = gateway.listener();
            metrics = HttpListener.open(
                    new InetSocketAddress("127.0.0.1", settings.metricsPort()), Limits.SERVER, watchdog, this::handle);
        } catch (IOException taken) {
            if (opened != null) opened.close();
            pool.close();
            watchdog.close();
            throw taken;
        }
        int kept = Math.clamp(settings.retention().dividedBy(settings.scrape()), 2, 10_000);
        prometheus = new Prometheus(time::now, kept, 20_000);
        scraper = Thread.ofVirtual().name("scraper").unstarted(() -> scrape(settings.scrape()));
    }

    /// Starts the data plane and waits until it has seen the cluster once.
    ///
    /// @param pods the pods that the kubelet runs; theirs to close is the caller's
    /// @param cluster read: services, endpointslices, gateways, httproutes, namespaces; written: the status of
    ///     gateways and httproutes
    /// @throws IOException where one of the two ports cannot be had; the message names it, and nothing is left
    ///     open
    public static TrafficPlane start(Settings settings, RealPods pods, Gateway cluster, Time time)
            throws IOException, InterruptedException {
        var plane = new TrafficPlane(settings, pods, cluster, time);
        pods.resolve(plane::service);
        try {
            plane.services.start(FIRST_LISTS);
            plane.gateway.start(FIRST_LISTS);
            plane.scraper.start();
            return plane;
        } catch (InterruptedException stopped) {
            plane.close();
            throw stopped;
        }
    }

    /// Where the gateway listens.
    public InetSocketAddress gateway() {
        return gateway.address();
    }

    /// Where metrics, shares and queries are answered.
    public InetSocketAddress metrics() {
        return metrics.address();
    }

    /// Where a Service's port listens; empty while it does not.
    public Optional<InetSocketAddress> service(String namespace, String name, int port) {
        return listeners.at(namespace + "/" + name, port);
    }

    /// The addresses that a Service's port spreads over now; what the cluster says gets here a moment later.
    public SortedSet<String> endpoints(String namespace, String name, int port) {
        var addresses = new TreeSet<String>();
        services.backend(namespace, name, port)
                .ifPresent(backend -> backend.endpoints().forEach(endpoint -> addresses.add(endpoint.address())));
        return addresses;
    }

    /// The shares as `/shares` has them.
    ///
    /// @param window seconds that count as recent, 1 … 60
    public Json.Obj shares(int window) {
        return meter.shares(Math.clamp(window, 1, Meter.WINDOW));
    }

    public Prometheus prometheus() {
        return prometheus;
    }

    /// What does not work as asked, in words; empty when all does.
    public List<String> problems() {
        return listeners.problems();
    }

    private void scrape(Duration every) {
        try {
            do {
                var sources = new ArrayList<Registry>();
                sources.add(meter.registry());
                sources.addAll(pods.registries());
                prometheus.scrape(time.now(), sources);
            } while (!closed.await(every.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse handle(HttpRequest request) {
        return switch (request.path()) {
            case "/healthz", "/-/healthy", "/-/ready" -> HttpResponse.text(200, "ok\n");
            case "/metrics" ->
                HttpResponse.of(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        meter.registry().text());
            case "/shares" -> HttpResponse.json(200, shares(window(request)));
            case "/problems" -> HttpResponse.json(200, Json.obj("problems", problems()));
            case "/api/v1/query" -> answer(prometheus.query(request.form()));
            case "/api/v1/query_range" -> answer(prometheus.queryRange(request.form()));
            case "/api/v1/labels" -> answer(prometheus.labelNames());
            case String path
            when path.matches("/api/v1/label/[A-Za-z_][A-Za-z0-9_]*/values") ->
                answer(prometheus.labelValues(path.split("/", -1)[4]));
            case String path ->
                HttpResponse.text(
                        404,
                        path + " is not here; there are /metrics, /shares, /problems, /healthz, /api/v1/query,"
                                + " /api/v1/query_range, /api/v1/labels, /api/v1/label/NAME/values\n");
        };
    }

    private static int window(HttpRequest request) {
        var text = request.query().getOrDefault("window", "10");
        return text.matches("[0-9]{1,3}s?") ? Integer.parseInt(text.replace("s", "")) : 10;
    }

    private static HttpResponse answer(Prometheus.Answer answer) {
        return HttpResponse.json(answer.status(), answer.body());
    }

    /// Stops at once and leaves no socket and no thread; the pods go on.
    @Override
    public void close() {
        closed.countDown();
        scraper.interrupt();
        gateway.close();
        metrics.close();
        services.close();
        listeners.close();
        pool.close();
        watchdog.close();
    }
}
