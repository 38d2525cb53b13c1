package dev.sluice.e2e.rollout;

import dev.sluice.app.controller.Wiring;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.kube.Fence;
import dev.sluice.kube.LeaderElection;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.client.CallCounts;
import dev.sluice.kube.client.ClusterAccess;
import dev.sluice.kube.client.KubeGateway;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// One of two controllers that want to lead, each with a clock of its own and on a way where one write in twenty goes
/// wrong. Who has lost the lead begins anew, as its process would.
final class Contender implements AutoCloseable, FaultProxy.Rule, LeaderElection.Listener {
    /// Of the writes that move something.
    private static final int ONE_IN = 20;

    private final String name;
    private final String namespace;
    private final FaultProxy proxy;
    private final KubeGateway gateway;
    private final Skewed time;
    private final SystemTime clock = new SystemTime();
    private final LeaderElection election;
    private final RandomGenerator random;
    private final List<String> writers;
    private Optional<Wiring> leading = Optional.empty();
    private int spoilt;
    private boolean closed;

    /// The production clock, set wrong.
    private record Skewed(Time time, Duration by) implements Time {
        @Override
        public Instant now() {
            return time.now().plus(by);
        }

        @Override
        public Timer at(Instant when, Runnable task) {
            return time.at(when.minus(by), task);
        }
    }

    /// @param skew what its clock is ahead
    /// @param writers gets its name with each write that moved something
    Contender(Cluster cluster, String namespace, String name, Duration skew, long seed, List<String> writers)
            throws IOException {
        this.name = name;
        this.namespace = namespace;
        this.writers = writers;
        random = new SplittableRandom(seed);
        var way = cluster.way();
        proxy = new FaultProxy(way.target(), way.client(), this);
        time = new Skewed(clock, skew);
        var settings =
                new KubeGateway.Settings(Duration.ofSeconds(5), 1 << 22, 500, 200, 400, Duration.ofMinutes(5), seed);
        gateway = new KubeGateway(ClusterAccess.of(proxy.kubeconfig()), settings, time, new CallCounts());
        var usual = LeaderElection.Settings.standard(namespace, "", name, seed);
        var brief = new LeaderElection.Settings(
                ObjectRef.of(usual.ref().type(), namespace, usual.ref().name()),
                name,
                Duration.ofSeconds(5),
                Duration.ofSeconds(3),
                Duration.ofSeconds(1),
                seed);
        election = new LeaderElection(gateway, time, brief, this);
        election.start();
    }

    @Override
    public FaultProxy.Fate of(FaultProxy.Call call) {
        if (!call.moves()) return new FaultProxy.Fate.Passed();
        int drawn;
        // Not the lock of the lead: whoever begins to lead asks the API server before that is done.
        synchronized (random) {
            drawn = random.nextInt(4 * ONE_IN);
            if (drawn < 4) spoilt++;
        }
        return switch (drawn) {
            case 0 -> new FaultProxy.Fate.Refused(409, "Conflict");
            case 1 -> new FaultProxy.Fate.Refused(429, "TooManyRequests");
            case 2 -> new FaultProxy.Fate.Refused(500, "InternalError");
            case 3 -> new FaultProxy.Fate.Unheard();
            default -> new FaultProxy.Fate.Passed();
        };
    }

    @Override
    public void changed(FaultProxy.Call call) {
        writers.add(name);
    }

    @Override
    public synchronized void elected(Fence fence) {
        if (closed) return;
        leading = Optional.of(Wiring.start(
                gateway, time, Wiring.Settings.standard().in(namespace).withSeed(fence.term()), fence));
    }

    @Override
    public void deposed(String why) {
        stopLeading();
    }

    private void stopLeading() {
        Optional<Wiring> last;
        synchronized (this) {
            last = leading;
            leading = Optional.empty();
        }
        last.ifPresent(Wiring::close);
    }

    void cutWatches() {
        proxy.cutWatches();
    }

    synchronized boolean leads() {
        return leading.isPresent();
    }

    /// How many of its writes went wrong on the way.
    int spoilt() {
        synchronized (random) {
            return spoilt;
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        stopLeading();
        election.close();
        gateway.close();
        proxy.close();
        clock.close();
    }
}
