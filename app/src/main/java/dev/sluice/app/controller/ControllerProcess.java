package dev.sluice.app.controller;

import dev.sluice.app.Complaint;
import dev.sluice.app.Connection;
import dev.sluice.app.Exit;
import dev.sluice.app.KubeClusters;
import dev.sluice.app.VersionCommand;
import dev.sluice.app.Words;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ResourceType;
import dev.sluice.kube.Fence;
import dev.sluice.kube.LeaderElection;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.client.CallCounts;
import dev.sluice.kube.client.ClusterAccess;
import dev.sluice.kube.client.KubeGateway;
import dev.sluice.kube.client.KubeconfigException;
import dev.sluice.kube.rollout.Key;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The controller around its [Wiring]: the way to the cluster, leadership, what it tells over HTTP, and its end.
///
/// Every replica answers on its ports; only the leader decides. Who loses the lead ends: what was begun in one term
/// must not go on in the next, and a fresh process has begun nothing.
public final class ControllerProcess implements AutoCloseable {
    /// Other clusters, by the kubeconfigs that templates name: a bound for the connections they hold.
    private static final int OTHERS = 64;
    private static final Logger LOG = LoggerFactory.getLogger(ControllerProcess.class);

    /// @param on false for a controller that runs alone, by its operator's word
    record Election(boolean on, Duration lease, Duration renew, Duration retry) {}

    record Settings(
            boolean namespaced,
            String instance,
            boolean analysesOnly,
            boolean install,
            String address,
            int healthPort,
            int metricsPort,
            double qps,
            int burst,
            int workers,
            int analysisWorkers,
            Duration compareEvery,
            Election election) {}

    private final SystemTime time = new SystemTime();
    private final CallCounts calls = new CallCounts();
    private final AtomicReference<Optional<Wiring>> wiring = new AtomicReference<>(Optional.empty());
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final Map<String, KubeGateway> others = new ConcurrentHashMap<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final KubeGateway gateway;
    private final Wiring.Settings wanted;
    private final Endpoints health;
    private final Endpoints metrics;
    private final Optional<LeaderElection> election;

    private ControllerProcess(Connection connection, Settings settings) {
        try {
            var access = KubeClusters.access(connection);
            var usual = KubeGateway.Settings.standard(seed());
            gateway = new KubeGateway(
                    access,
                    new KubeGateway.Settings(
                            connection.timeout(),
                            usual.largestBody(),
                            usual.pageSize(),
                            settings.qps(),
                            settings.burst(),
                            usual.watchFor(),
                            usual.seed()),
                    time,
                    calls);
            var namespace = settings.namespaced()
                    ? Optional.of(connection.namespace().orElseGet(access::namespace))
                    : Optional.<String>empty();
            wanted = new Wiring.Settings(
                    namespace,
                    settings.instance(),
                    settings.analysesOnly(),
                    settings.workers(),
                    settings.analysisWorkers(),
                    settings.compareEvery(),
                    Wiring.LOOK_EVERY,
                    ownNamespace(connection),
                    this::other,
                    System.getenv(),
                    seed());
        } catch (KubeconfigException why) {
            time.close();
            throw KubeClusters.unusable(why);
        }
        try {
            if (settings.install()) Definitions.apply(gateway);
            health = listen("--healthzPort", settings.address(), settings.healthPort(), healthHandlers());
            try {
                metrics = listen("--metricsPort", settings.address(), settings.metricsPort(), metricsHandlers());
            } catch (Complaint.Failure taken) {
                health.close();
                throw taken;
            }
        } catch (Complaint.Failure failure) {
            gateway.close();
            time.close();
            throw failure;
        }
        election = settings.election().on() ? Optional.of(election(connection, settings)) : Optional.empty();
    }

    static ControllerProcess start(Connection connection, Settings settings) {
        var process = new ControllerProcess(connection, settings);
        LOG.atInfo()
                .addKeyValue("health", process.health.port())
                .addKeyValue("metrics", process.metrics.port())
                .addKeyValue("version", VersionCommand.version())
                .log("the controller is up{}", process.election.isPresent() ? " and asks to lead" : "");
        process.election.ifPresentOrElse(LeaderElection::start, () -> process.lead(Fence.open(process.time)));
        return process;
    }

    /// Another cluster, where a measurement is made in one.
    ///
    /// @param name a kubeconfig, or `in-cluster`
    private Gateway other(String name) {
        if (others.size() >= OTHERS && !others.containsKey(name)) {
            throw new IllegalStateException("more than " + OTHERS + " other clusters are measured in; " + name
                    + " is one more: start another controller for it");
        }
        var access = name.equals("in-cluster") ? ClusterAccess.standard() : ClusterAccess.of(Path.of(name));
        return others.computeIfAbsent(
                name, _ -> new KubeGateway(access, KubeGateway.Settings.standard(seed()), time, calls));
    }

    private void lead(Fence fence) {
        if (closing.get()) return;
        LOG.atInfo().addKeyValue("term", fence.term()).log("leads");
        wiring.set(Optional.of(Wiring.start(gateway, time, wanted, fence)));
    }

    private LeaderElection election(Connection connection, Settings all) {
        var settings = all.election();
        LeaderElection.Settings wish;
        try {
            var usual = LeaderElection.Settings.standard(ownNamespace(connection), all.instance(), identity(), seed());
            wish = new LeaderElection.Settings(
                    usual.ref(), usual.identity(), settings.lease(), settings.renew(), settings.retry(), usual.seed());
        } catch (IllegalArgumentException wrong) {
            throw Words.usage(String.valueOf(wrong.getMessage())).failure();
        }
        Gateway lock = gateway;
        return new LeaderElection(lock, time, wish, new LeaderElection.Listener() {
            @Override
            public void elected(Fence fence) {
                lead(fence);
            }

            @Override
            public void deposed(String why) {
                end.complete(why);
            }
        });
    }

    /// Where the lease is kept: the pod's namespace, else the one asked for, else Argo's.
    private static String ownNamespace(Connection connection) {
        var declared = System.getenv("POD_NAMESPACE");
        if (declared != null && !declared.isBlank()) return declared;
        var file = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");
        try {
            if (Files.isReadable(file)) return Files.readString(file).strip();
        } catch (IOException unreadable) {
            LOG.warn("{} cannot be read: {}", file, unreadable.getMessage());
        }
        return connection.namespace().orElse("argo-rollouts");
    }

    private static String identity() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            host = "unknown";
        }
        return host + "_" + UUID.randomUUID();
    }

    private static long seed() {
        return ProcessHandle.current().pid() ^ System.nanoTime();
    }

    private static Endpoints listen(
            String option, String address, int port, SequencedMap<String, Endpoints.Handler> handlers) {
        try {
            return new Endpoints(new InetSocketAddress(address, port), handlers);
        } catch (IOException taken) {
            throw Complaint.of(Exit.FAILED, "SLU-C101", "port " + port + " is not to be had")
                    .because(String.valueOf(taken.getMessage()))
                    .remedy(option + " 0     takes any free one", option + " PORT  takes another")
                    .failure();
        }
    }

    private SequencedMap<String, Endpoints.Handler> healthHandlers() {
        var handlers = new LinkedHashMap<String, Endpoints.Handler>();
        handlers.put("/healthz", _ -> Endpoints.Answer.text(200, "ok"));
        handlers.put("/readyz", _ -> {
            // A replica that does not lead is ready to.
            var why = wiring.get().map(Wiring::notReady).orElse(java.util.List.of());
            return why.isEmpty()
                    ? Endpoints.Answer.text(200, "ok")
                    : Endpoints.Answer.text(503, String.join("\n", why) + "\n");
        });
        handlers.put("/journal/", rest -> journal(wiring.get(), rest));
        return handlers;
    }

    /// `GET /journal/{namespace}/{name}`
    public static Endpoints.Answer journal(Optional<Wiring> wiring, String path) {
        var parts = path.split("/", -1);
        boolean pair = parts.length == 3 && parts[0].equals(ResourceType.DEPLOYMENT_CANARIES.plural());
        if (parts.length != 2 && !pair) {
            return Endpoints.Answer.text(
                    404, "/journal/NAMESPACE/NAME or /journal/deploymentcanaries/NAMESPACE/NAME\n");
        }
        if (wiring.isEmpty()) return Endpoints.Answer.text(503, "this replica does not lead; ask the leader\n");
        var key = new Key(parts[parts.length - 2], parts[parts.length - 1]);
        var controller = pair ? wiring.get().pairs() : wiring.get().rollouts();
        if (controller.isEmpty()) {
            return Endpoints.Answer.text(
                    404, pair ? "this cluster serves no DeploymentCanaries\n" : "only analyses are run here\n");
        }
        var entries = controller.get().journal().of(key);
        return Endpoints.Answer.json(200, JournalDocument.of(key, entries));
    }

    private SequencedMap<String, Endpoints.Handler> metricsHandlers() {
        var handlers = new LinkedHashMap<String, Endpoints.Handler>();
        handlers.put(
                "/metrics",
                _ -> new Endpoints.Answer(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        Metrics.text(VersionCommand.version(), calls, wiring.get())));
        handlers.put("/healthz", _ -> Endpoints.Answer.text(200, "ok"));
        return handlers;
    }

    /// Waits for its end.
    ///
    /// @return why the lead was lost; empty where it was told to end
    String await() throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Ends it, within some seconds: no more passes, the lease given back, the ports free.
    @Override
    public void close() {
        if (closing.getAndSet(true)) return;
        LOG.info("the controller ends");
        wiring.getAndSet(Optional.empty()).ifPresent(Wiring::close);
        election.ifPresent(LeaderElection::close);
        health.close();
        metrics.close();
        gateway.close();
        others.values().forEach(KubeGateway::close);
        time.close();
        end.complete("");
        LOG.info("the controller has ended");
    }
}
