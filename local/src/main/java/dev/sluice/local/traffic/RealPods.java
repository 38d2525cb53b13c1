package dev.sluice.local.traffic;

import dev.sluice.local.pod.PodRuntime;
import dev.sluice.local.traffic.http.ConnectionPool;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Watchdog;
import dev.sluice.local.traffic.promql.Registry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Runs pods as HTTP servers. A pod costs a socket, a virtual thread, and one more for each connection it has.
///
/// | path | answer |
/// |---|---|
/// | `/healthz` | 200 when ready, else 503 |
/// | `/metrics` | `http_requests_total`, `http_request_duration_seconds` in Prometheus' text format |
/// | any other | version, colour and pod name as text, JSON or HTML, whichever the client accepts |
///
/// A pod with [PodBehaviour.Ask] is a client instead: it asks a Service by its name, as a smoke test does.
///
/// Each TCP port that a container of the pod declares is served; port 8080 where none does.
public final class RealPods implements PodRuntime, AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofSeconds(2);

    private final Watchdog watchdog = new Watchdog(Duration.ofMillis(500));
    private final PodDirectory directory = new PodDirectory();
    private final Set<RealPod> pods = ConcurrentHashMap.newKeySet();
    private final Map<String, Double> faults = new ConcurrentHashMap<>();

    private final ConnectionPool client = new ConnectionPool(Limits.SERVER, watchdog, CONNECT, IDLE, 4);
    private volatile Names names = (_, _, _) -> Optional.empty();

    /// Where Services are, for pods that ask them.
    interface Names {
        /// Where a Service's port listens; empty where there is none.
        Optional<InetSocketAddress> service(String namespace, String name, int port);
    }

    void resolve(Names by) {
        names = by;
    }

    @Override
    public Running start(Launch launch) {
        var pod = new RealPod(
                launch,
                watchdog,
                directory,
                pods::remove,
                version -> fault(launch.namespace(), version),
                (namespace, name, port) -> names.service(namespace, name, port),
                client);
        pods.add(pod);
        pod.start();
        return pod;
    }

    /// Makes every pod of a version fail from now on, as when something breaks that only this version depends on.
    ///
    /// @param rate share of requests answered with 500, 0 … 1; where the version's own rate is higher, that counts
    public void fail(String namespace, String version, double rate) {
        faults.put(namespace + "/" + version, Math.clamp(rate, 0, 1));
    }

    private double fault(String namespace, String version) {
        return faults.getOrDefault(namespace + "/" + version, 0.0);
    }

    /// Processes that have not ended.
    public int running() {
        return pods.size();
    }

    PodDirectory directory() {
        return directory;
    }

    Watchdog watchdog() {
        return watchdog;
    }

    List<Registry> registries() {
        var registries = new ArrayList<Registry>();
        for (var pod : pods) registries.add(pod.registry());
        return registries;
    }

    /// Kills all pods and frees their addresses.
    @Override
    public void close() {
        List.copyOf(pods).forEach(RealPod::kill);
        client.close();
        watchdog.close();
    }
}
