package dev.sluice.local.workload;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.pod.PodLog;
import dev.sluice.local.pod.PodRuntime;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Everything that makes an API server a cluster: controllers, scheduler and the kubelet of its nodes, running.
///
/// They see the cluster through one [Gateway] and the clock through one [Time], so the same code runs for hours in the
/// demo and for milliseconds under a seed.
public final class Controllers implements AutoCloseable {
    private static final Duration SETTLE = Duration.ofMillis(1);

    /// What a cluster is made of.
    ///
    /// @param nodes names of the nodes to register
    /// @param lane second octet of the pods' addresses, 127.lane.x.y
    public record Settings(Seed seed, PodRuntime runtime, PodTiming timing, List<String> nodes, int lane) {
        public Settings {
            nodes = List.copyOf(nodes);
        }
    }

    private final World world;
    private final Kubelet kubelet;
    private final List<Worker> workers;

    private Controllers(Gateway gateway, Time time, Settings settings) {
        this.world = new World(gateway, time, settings.seed);
        var kinds = new Kinds();
        this.kubelet = new Kubelet(world, settings.runtime, settings.timing, settings.nodes, settings.lane);
        var nodes = new Worker("nodes", time, SETTLE, this::register);
        this.workers = List.of(
                nodes,
                new NamespaceController(world, gateway, kinds).worker(),
                new DeploymentController(world).worker(),
                new ReplicaSetController(world).worker(),
                new JobController(world).worker(),
                new EndpointSliceController(world).worker(),
                new Scheduler(world).worker(),
                new OwnerCollector(world, kinds).worker(),
                new Events.Sweeper(world).worker(),
                kubelet.worker());
        settings.nodes.forEach(node -> nodes.add(new Key("", node)));
        world.start();
    }

    /// Starts all of them; they work until [#close].
    public static Controllers start(Gateway gateway, Time time, Settings settings) {
        return new Controllers(gateway, time, settings);
    }

    /// Whether everything that existed at the start has been seen.
    public boolean synced() {
        return world.synced();
    }

    /// Passes that ended with an error of ours; anything but zero is a bug, reported in the log.
    public long errors() {
        return workers.stream().mapToLong(Worker::errors).sum();
    }

    /// The log of a pod's main container; empty before it has started.
    ///
    /// @param previous the run before the last restart
    public Optional<PodLog> log(String namespace, String pod, boolean previous) {
        return kubelet.log(namespace, pod, previous);
    }

    /// Addresses held by pods at this moment.
    public int addressesTaken() {
        return kubelet.addressesTaken();
    }

    /// Makes sure that a node is registered, and stays so.
    private Outcome register(Key key) {
        int most = 5000;
        var capacity = Json.obj("cpu", "64", "memory", "256Gi", "pods", String.valueOf(most));
        var at = Meta.stamp(world.now());
        var status = Json.obj(
                "capacity", capacity,
                "allocatable", capacity,
                "conditions",
                        Json.arr(
                                condition("MemoryPressure", false, "KubeletHasSufficientMemory", at),
                                condition("DiskPressure", false, "KubeletHasNoDiskPressure", at),
                                condition("PIDPressure", false, "KubeletHasSufficientPID", at),
                                condition("Ready", true, "KubeletReady", at)),
                "addresses",
                        Json.arr(
                                Json.obj("type", "InternalIP", "address", kubelet.hostAddress()),
                                Json.obj("type", "Hostname", "address", key.name())),
                "nodeInfo",
                        Json.obj(
                                "kubeletVersion", "v1.34.4",
                                "operatingSystem", "linux",
                                "architecture", "amd64",
                                "osImage", "Sluice embedded cluster",
                                "kernelVersion", "none",
                                "containerRuntimeVersion", "sluice://1"));
        var node = Json.obj(
                "apiVersion", "v1",
                "kind", "Node",
                "metadata",
                        Json.obj(
                                "name", key.name(),
                                "labels",
                                        Json.obj(
                                                "kubernetes.io/hostname", key.name(),
                                                "kubernetes.io/os", "linux",
                                                "kubernetes.io/arch", "amd64")));
        var reply = world.create(ResourceType.NODES, node);
        if (reply instanceof Reply.Refused refused && refused.alreadyExists()) return Outcome.settled();
        if (reply.answer().isEmpty()) return Outcome.of(reply);
        return Outcome.of(world.updateStatus(ResourceType.NODES, reply.answer().get(), status));
    }

    private static Json condition(String type, boolean holds, String reason, String at) {
        return Json.obj(
                "type", type,
                "status", holds ? "True" : "False",
                "lastHeartbeatTime", at,
                "lastTransitionTime", at,
                "reason", reason,
                "message", "");
    }

    /// Stops them all and ends every pod's process. What is in the API server stays as it is.
    @Override
    public void close() {
        workers.forEach(Worker::close);
        kubelet.close();
        world.close();
    }
}
