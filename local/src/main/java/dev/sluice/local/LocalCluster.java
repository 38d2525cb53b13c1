package dev.sluice.local;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.api.ApiServer;
import dev.sluice.local.api.DirectGateway;
import dev.sluice.local.api.HttpListener;
import dev.sluice.local.pod.PodLog;
import dev.sluice.local.pod.PodRuntime;
import dev.sluice.local.workload.Controllers;
import dev.sluice.local.workload.PodTiming;
import dev.sluice.local.workload.Seed;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A whole cluster in this process: API server, controllers, nodes, pods.
///
/// ```
/// try (var cluster = LocalCluster.builder(time).seed(7).start()) {
///     var gateway = cluster.gateway("demo");
/// }
/// ```
///
/// Under [VirtualTime] nothing happens until the clock is moved; with [SystemTime] it runs by itself.
///
/// A cluster with real pods takes loopback addresses that no other cluster of this machine has; without sockets the
/// addresses are always the same ones.
public final class LocalCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
    private static final List<String> NAMESPACES = List.of("default", "kube-node-lease", "kube-public", "kube-system");

    private final ApiServer server;
    private final Controllers controllers;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private Optional<Lane> lane = Optional.empty();

    private LocalCluster(Builder wanted) {
        int lane = wanted.runtime.equals(PodRuntime.VIRTUAL)
                ? Lane.FIRST
                : claimed().number();
        this.server = ApiServer.of(wanted.time, wanted.seed, Lane.services(lane));
        var gateway = gateway("system:kube-controller-manager");
        for (var namespace : NAMESPACES) {
            var object = Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", namespace));
            gateway.send(new Request.Create(ObjectRef.of(ResourceType.NAMESPACES, "", namespace), object));
        }
        var nodes = new ArrayList<String>();
        for (int i = 1; i <= wanted.nodes; i++) nodes.add(wanted.name + "-" + i);
        this.controllers = Controllers.start(
                gateway,
                wanted.time,
                new Controllers.Settings(new Seed(wanted.seed), wanted.runtime, wanted.timing, nodes, lane));
        server.logsFrom(new ContainerLogs(this::log));
    }

    private Lane claimed() {
        var mine = Lane.claim();
        lane = Optional.of(mine);
        return mine;
    }

    /// Begins a cluster whose every delay passes on this clock.
    public static Builder builder(Time time) {
        return new Builder(time);
    }

    /// What may be chosen; everything has a default.
    public static final class Builder {
        private final Time time;
        private long seed = 1;
        private PodRuntime runtime = PodRuntime.VIRTUAL;
        private PodTiming timing = PodTiming.USUAL;
        private String name = "sluice";
        private int nodes = 1;

        private Builder(Time time) {
            this.time = time;
        }

        /// Names, uids and delays follow from it.
        public Builder seed(long value) {
            this.seed = value;
            return this;
        }

        /// What pods really are; [PodRuntime#VIRTUAL] unless said otherwise.
        public Builder runtime(PodRuntime value) {
            this.runtime = value;
            return this;
        }

        public Builder timing(PodTiming value) {
            this.timing = value;
            return this;
        }

        /// What the nodes are called, with a number behind.
        public Builder name(String value) {
            this.name = value;
            return this;
        }

        public Builder nodes(int value) {
            this.nodes = value;
            return this;
        }

        public LocalCluster start() {
            return new LocalCluster(this);
        }
    }

    /// The cluster as `user` reaches it, without a network between.
    public Gateway gateway(String user) {
        return new DirectGateway(server, user);
    }

    /// The API server itself, for whoever serves it over a network.
    public ApiServer server() {
        return server;
    }

    /// Serves the cluster to kubectl and other clients until it is closed; needs a real clock.
    ///
    /// @param port on 127.0.0.1; 0 for any free one
    /// @throws IOException when the port is taken; the message says which
    public HttpListener serve(int port) throws IOException {
        return with(HttpListener.open(server, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port)));
    }

    /// Whether controllers have seen everything that existed at the start.
    public boolean ready() {
        return controllers.synced();
    }

    /// Errors of ours in controllers; anything but zero is a bug.
    public long errors() {
        return controllers.errors();
    }

    /// Addresses held by pods at this moment.
    public int addressesTaken() {
        return controllers.addressesTaken();
    }

    /// The log of a pod's main container.
    public Optional<PodLog> log(String namespace, String pod, boolean previous) {
        return controllers.log(namespace, pod, previous);
    }

    /// Adds something to be closed with the cluster, before its pods are.
    public <T extends AutoCloseable> T with(T part) {
        parts.add(part);
        return part;
    }

    /// Ends pods, controllers and everything added with [#with]; nothing is left running or bound.
    @Override
    public void close() {
        parts.reversed().forEach(LocalCluster::close);
        parts.clear();
        controllers.close();
        server.endWatches();
        lane.ifPresent(LocalCluster::close);
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception error) {
            // The rest must be closed all the same.
            LOG.warn("could not close {}", part, error);
        }
    }
}
