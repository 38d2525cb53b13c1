package dev.sluice.app.demo;

import dev.sluice.app.controller.Definitions;
import dev.sluice.app.controller.Wiring;
import dev.sluice.cluster.Gateway;
import dev.sluice.kube.Fence;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.rollout.Key;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.traffic.RealPods;
import dev.sluice.local.traffic.TrafficPlane;
import dev.sluice.local.workload.PodTiming;
import dev.sluice.rollout.Because;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Everything the stories are played on: a cluster with real pods, its data plane, and the controller as
/// `sluice controller` wires it.
final class Stage implements AutoCloseable {
    private static final PodTiming QUICK = PodTiming.USUAL
            .withStart(Duration.ofMillis(50), Duration.ofMillis(200))
            .withStop(Duration.ofMillis(10), Duration.ofMillis(50));
    /// Samples often, so that a rate over two seconds means something.
    private static final TrafficPlane.Settings PLANE =
            new TrafficPlane.Settings(0, 0, Duration.ofMillis(250), Duration.ofMinutes(5));
    private static final Duration START = Duration.ofMinutes(2);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final SystemTime time;
    private final RealPods pods;
    private final LocalCluster cluster;
    private final Gateway user;
    private final TrafficPlane plane;
    private final Wiring controller;

    private Stage(long seed) throws IOException, InterruptedException {
        try {
            time = part(new SystemTime());
            pods = part(new RealPods());
            cluster = part(LocalCluster.builder(time)
                    .seed(seed)
                    .runtime(pods)
                    .timing(QUICK)
                    .name("demo")
                    .start());
            user = cluster.gateway("demo");
            plane = part(TrafficPlane.start(PLANE, pods, cluster.gateway("system:data-plane"), time));
            Definitions.apply(user);
            controller = part(Wiring.start(
                    cluster.gateway("system:serviceaccount:sluice:sluice"),
                    time,
                    Wiring.Settings.standard().withSeed(seed),
                    Fence.open(time)));
            awaitReady();
        } catch (IOException | InterruptedException | RuntimeException cannot) {
            close();
            throw cannot;
        }
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    private void awaitReady() throws InterruptedException {
        long end = System.nanoTime() + START.toNanos();
        while (!(cluster.ready() && controller.notReady().isEmpty())) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the cluster was not ready within " + START.toSeconds() + " s: " + controller.notReady());
            }
            Thread.sleep(5);
        }
    }

    /// Sets everything up and waits until it works.
    ///
    /// @throws IOException when a port or an address cannot be had; the message names it
    static Stage open(long seed) throws IOException, InterruptedException {
        return new Stage(seed);
    }

    Time time() {
        return time;
    }

    /// The cluster as a person reaches it.
    Gateway user() {
        return user;
    }

    TrafficPlane plane() {
        return plane;
    }

    RealPods pods() {
        return pods;
    }

    /// The address that a metric provider asks.
    String prometheus() {
        return "http:/" + plane.metrics();
    }

    /// The guard that a Rollout does not meet, in the words of the last decision about it.
    Optional<String> guard(String namespace, String rollout) {
        var passes = Stream.concat(
                        controller.rollouts().stream()
                                .flatMap(rollouts -> rollouts.journal().of(new Key(namespace, rollout)).stream()),
                        controller.pairs().stream()
                                .flatMap(pairs -> pairs.journal().of(new Key(namespace, rollout)).stream()))
                .toList();
        return passes.isEmpty()
                ? Optional.empty()
                : passes.getLast().decision().awaiting().map(Because::sentence);
    }

    /// What went wrong in parts that the stories do not look at; empty when nothing did.
    List<String> troubles() {
        return cluster.errors() == 0 ? List.of() : List.of(cluster.errors() + " errors in the cluster's controllers");
    }

    /// Ends everything; no socket, thread or pod is left.
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception error) {
                // The rest must be closed all the same.
                System.Logger.Level level = System.Logger.Level.WARNING;
                System.getLogger(Stage.class.getName()).log(level, "could not close a part of the demo", error);
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
