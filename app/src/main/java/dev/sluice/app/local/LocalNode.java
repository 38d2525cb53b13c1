package dev.sluice.app.local;

import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.controller.ControllerProcess;
import dev.sluice.app.controller.Definitions;
import dev.sluice.app.controller.Endpoints;
import dev.sluice.app.controller.Wiring;
import dev.sluice.kube.Fence;
import dev.sluice.kube.SystemTime;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.api.HttpListener;
import dev.sluice.local.traffic.RealPods;
import dev.sluice.local.traffic.TrafficPlane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A whole cluster with the controller in this process: API server, workloads, real pods, gateway, Prometheus, Sluice.
public final class LocalNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalNode.class);

    /// @param api 0 for any free port, as for the others
    /// @param strict whether a port that is taken is an error; else another one is taken
    record Ports(int api, int gateway, int metrics, boolean strict) {
        // Not 8080: there every controller, this one too, tells of its health.
        static final Ports USUAL = new Ports(6443, 8000, 9090, false);

        Ports anyFree() {
            return new Ports(0, 0, 0, true);
        }
    }

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final HttpListener api;
    private final TrafficPlane traffic;
    private final Endpoints health;
    private final Wiring wiring;

    private LocalNode(long seed, Ports ports) throws IOException, InterruptedException {
        try {
            var time = with(new SystemTime());
            var pods = with(new RealPods());
            var cluster =
                    with(LocalCluster.builder(time).seed(seed).runtime(pods).start());
            api = with(listen(cluster, ports));
            traffic = with(plane(pods, cluster, time, ports));
            Definitions.apply(cluster.gateway("sluice-local"));
            wiring = with(Wiring.start(
                    cluster.gateway("sluice-controller"), time, Wiring.Settings.standard(), Fence.open(time)));
            health = with(endpoints());
        } catch (IOException | InterruptedException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    static LocalNode start(long seed, Ports ports) throws IOException, InterruptedException {
        return new LocalNode(seed, ports);
    }

    private <T extends AutoCloseable> T with(T part) {
        parts.push(part);
        return part;
    }

    private Endpoints endpoints() throws IOException {
        var handlers = new LinkedHashMap<String, Endpoints.Handler>();
        handlers.put("/healthz", _ -> Endpoints.Answer.text(200, "ok"));
        handlers.put("/readyz", _ -> {
            var why = wiring.notReady();
            return why.isEmpty()
                    ? Endpoints.Answer.text(200, "ok")
                    : Endpoints.Answer.text(503, String.join("\n", why) + "\n");
        });
        handlers.put("/journal/", rest -> ControllerProcess.journal(Optional.of(wiring), rest));
        return new Endpoints(new InetSocketAddress("127.0.0.1", 0), handlers);
    }

    private static HttpListener listen(LocalCluster cluster, Ports ports) throws IOException {
        try {
            return HttpListener.open(cluster.server(), new InetSocketAddress("127.0.0.1", ports.api()));
        } catch (IOException taken) {
            if (ports.strict()) throw portTaken("--port", ports.api(), taken).failure();
            return HttpListener.open(cluster.server(), new InetSocketAddress("127.0.0.1", 0));
        }
    }

    private static TrafficPlane plane(RealPods pods, LocalCluster cluster, SystemTime time, Ports ports)
            throws IOException, InterruptedException {
        var reader = cluster.gateway("sluice-traffic");
        try {
            var settings = TrafficPlane.Settings.DEFAULT.withPorts(ports.gateway(), ports.metrics());
            return TrafficPlane.start(settings, pods, reader, time);
        } catch (IOException taken) {
            if (ports.strict()) {
                boolean metrics = ports.metrics() != 0
                        && String.valueOf(taken.getMessage()).contains(":" + ports.metrics());
                throw (metrics
                                ? portTaken("--metrics-port", ports.metrics(), taken)
                                : portTaken("--gateway-port", ports.gateway(), taken))
                        .failure();
            }
            return TrafficPlane.start(TrafficPlane.Settings.DEFAULT, pods, reader, time);
        }
    }

    private static Complaint portTaken(String option, int port, IOException why) {
        var said = String.valueOf(why.getMessage());
        return Complaint.of(Exit.FAILED, "SLU-C101", "port " + port + " is not to be had")
                .because(
                        said.contains("in use")
                                ? "something else listens on 127.0.0.1:" + port
                                : said.contains("ermission denied") ? "this user may not listen on it" : said)
                .remedy("sluice local up " + option + " 0     takes any free one");
    }

    LocalState state(String version) {
        var self = ProcessHandle.current();
        return new LocalState(
                self.pid(),
                LocalState.startOf(self),
                version,
                api.uri().toString(),
                "http://127.0.0.1:" + health.port(),
                url(traffic.gateway()),
                url(traffic.metrics()));
    }

    private static String url(InetSocketAddress address) {
        return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    String kubeconfig() {
        return api.kubeconfig();
    }

    Wiring wiring() {
        return wiring;
    }

    /// Ends all of it; nothing is left running or bound.
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            var part = parts.pop();
            try {
                part.close();
            } catch (Exception error) {
                // The rest must be closed all the same.
                LOG.warn("could not close {}", part.getClass().getSimpleName(), error);
            }
        }
    }
}
