package dev.sluice.app.controller;

import dev.sluice.app.Look;
import dev.sluice.app.Routers;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ResourceType;
import dev.sluice.kube.EventRecorder;
import dev.sluice.kube.Fence;
import dev.sluice.kube.FencedGateway;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.Workers;
import dev.sluice.kube.analysis.AnalysisController;
import dev.sluice.kube.analysis.TemplatesAnalysisRunMaker;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Instance;
import dev.sluice.kube.rollout.Key;
import dev.sluice.kube.rollout.Lack;
import dev.sluice.kube.rollout.RolloutController;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.Time;
import dev.sluice.spi.TrafficRouter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A controller at work, for one term of leadership. [#start] is the whole of it: what is made of what.
public final class Wiring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);
    /// Attempts to learn whether a kind is there, each with the gateway's own time limit.
    private static final int LOOKS = 5;
    /// What was missing or forbidden is mostly put right by somebody who waits for it to be noticed.
    static final Duration LOOK_EVERY = Duration.ofMinutes(1);

    /// @param namespace the one to look after, or all
    /// @param instance the controller's id: what carries it as a label is its own; empty for what carries none
    /// @param analysesOnly no Rollout is driven, AnalysisRuns are
    /// @param workers passes over different Rollouts at once
    /// @param analysisWorkers passes over different AnalysisRuns at once
    /// @param compareEvery how often local copies are compared with the server
    /// @param lookEvery how often it is looked whether a kind is there now that was not before
    /// @param home the controller's own namespace, where providers find their secrets
    /// @param clusters opens other clusters that measurements are made in, by kubeconfig
    /// @param environment for the providers
    /// @param seed of jitter
    public record Settings(
            Optional<String> namespace,
            String instance,
            boolean analysesOnly,
            int workers,
            int analysisWorkers,
            Duration compareEvery,
            Duration lookEvery,
            String home,
            Function<String, Gateway> clusters,
            Map<String, String> environment,
            long seed) {
        /// Everywhere, without an id, 10 and 30 workers, 15 minutes and one, no other cluster.
        public static Settings standard() {
            return new Settings(
                    Optional.empty(),
                    "",
                    false,
                    10,
                    30,
                    Duration.ofMinutes(15),
                    LOOK_EVERY,
                    "sluice",
                    name -> {
                        throw new IllegalArgumentException("this controller knows one cluster only, and not " + name);
                    },
                    Map.of(),
                    0);
        }

        public Settings withSeed(long other) {
            return with(namespace, instance, analysesOnly, lookEvery, other);
        }

        /// @param one the only namespace that is looked after
        public Settings in(String one) {
            return with(Optional.of(one), instance, analysesOnly, lookEvery, seed);
        }

        public Settings as(String id) {
            return with(namespace, id, analysesOnly, lookEvery, seed);
        }

        public Settings forAnalysesOnly() {
            return with(namespace, instance, true, lookEvery, seed);
        }

        public Settings lookingEvery(Duration other) {
            return with(namespace, instance, analysesOnly, other, seed);
        }

        private Settings with(Optional<String> where, String id, boolean only, Duration look, long random) {
            return new Settings(
                    where, id, only, workers, analysisWorkers, compareEvery, look, home, clusters, environment, random);
        }
    }

    private final Gateway gateway;
    private final Time time;
    private final Settings settings;
    private final Caches caches;
    private final EventRecorder events;
    /// Absent where only analyses are run.
    private final Optional<RolloutController> rollouts;
    /// Absent there, too, and where the cluster does not serve DeploymentCanaries.
    private final Optional<RolloutController> pairs;

    private final AnalysisController analyses;
    private final Workers<Key> measuring;
    private final AtomicBoolean stopped = new AtomicBoolean();
    /// The next look for what is lacking.
    private volatile Time.Timer look = () -> {};

    private final Semaphore work = new Semaphore(0);
    private final List<Thread> workers;

    private Wiring(
            Gateway gateway,
            Time time,
            Caches caches,
            EventRecorder events,
            Optional<RolloutController> rollouts,
            Optional<RolloutController> pairs,
            AnalysisController analyses,
            Settings settings) {
        this.gateway = gateway;
        this.time = time;
        this.settings = settings;
        this.caches = caches;
        this.events = events;
        this.rollouts = rollouts;
        this.pairs = pairs;
        this.analyses = analyses;
        measuring = analyses.start(settings.analysisWorkers());
        controllers().forEach(controller -> controller.queue().whenReady(work::release));
        workers = java.util.stream.IntStream.range(0, settings.workers())
                .mapToObj(i -> Thread.ofVirtual().name("sluice-rollouts-" + i).unstarted(this::work))
                .toList();
    }

    /// Wires a controller and starts it; returns at once.
    ///
    /// @param server the cluster
    /// @param fence the right to write; when it lapses nothing is written any more
    public static Wiring start(Gateway server, Time time, Settings settings, Fence fence) {
        var gateway = new FencedGateway(server, fence);
        return settings.analysesOnly()
                ? analysesOnly(gateway, time, settings, fence)
                : everything(gateway, time, settings, fence);
    }

    private static Wiring analysesOnly(Gateway gateway, Time time, Settings settings, Fence fence) {
        var caches = caches(gateway, time, settings, AnalysisController.kinds());
        var events = new EventRecorder(gateway, time);
        var analyses = analyses(gateway, time, settings, caches, providers(gateway, time, settings, fence), events);
        return new Wiring(gateway, time, caches, events, Optional.empty(), Optional.empty(), analyses, settings)
                .started(List.of());
    }

    private static Wiring everything(Gateway gateway, Time time, Settings settings, Fence fence) {
        var routers = Routers.all();
        var lacks = lacks(gateway, settings.namespace(), routers);
        var kinds = new LinkedHashSet<>(RolloutController.kinds(routers));
        kinds.removeAll(lacks.keySet());
        kinds.addAll(AnalysisController.kinds());
        var withoutPairs = unusable(
                gateway, settings.namespace(), List.of(ResourceType.DEPLOYMENT_CANARIES, ResourceType.DEPLOYMENTS));
        boolean servesPairs = withoutPairs.isEmpty();
        if (servesPairs) kinds.addAll(RolloutController.kindsOfDeployments());
        else LOG.info("DeploymentCanaries are left alone: {}", withoutPairs);
        var withoutClusterTemplates =
                unusable(gateway, settings.namespace(), List.of(ResourceType.CLUSTER_ANALYSIS_TEMPLATES));
        if (!withoutClusterTemplates.isEmpty()) {
            kinds.remove(ResourceType.CLUSTER_ANALYSIS_TEMPLATES);
            LOG.warn("no ClusterAnalysisTemplate can be used: {}", withoutClusterTemplates);
        }
        var caches = caches(gateway, time, settings, kinds);
        lacks.forEach(caches::lacks);
        var events = new EventRecorder(gateway, time);
        var providers = providers(gateway, time, settings, fence);
        var runs = new TemplatesAnalysisRunMaker(caches, providers.names(), settings.instance());
        var rollouts =
                new RolloutController(gateway, time, caches, routers, runs, events::event, RolloutEngine::decide);
        var pairs = servesPairs
                ? Optional.of(RolloutController.ofDeployments(
                        gateway, time, caches, runs, events::event, RolloutEngine::decide))
                : Optional.<RolloutController>empty();
        var analyses = analyses(gateway, time, settings, caches, providers, events);
        return new Wiring(gateway, time, caches, events, Optional.of(rollouts), pairs, analyses, settings)
                .started(lacks.keySet());
    }

    private static Caches caches(
            Gateway gateway, Time time, Settings settings, SequencedCollection<ResourceType> kinds) {
        return new Caches(
                gateway,
                time,
                settings.namespace(),
                Instance.of(settings.instance()),
                kinds,
                ObjectCache.Options.standard(settings.seed()).comparingEvery(settings.compareEvery()));
    }

    private static MetricProviders providers(Gateway gateway, Time time, Settings settings, Fence fence) {
        return MetricProviders.discover(new MetricProvider.Setting(
                time,
                gateway,
                // Other clusters too are written to by the leader only.
                name -> new FencedGateway(settings.clusters().apply(name), fence),
                settings.environment()));
    }

    private static AnalysisController analyses(
            Gateway gateway,
            Time time,
            Settings settings,
            Caches caches,
            MetricProviders providers,
            EventRecorder events) {
        return new AnalysisController(
                gateway, time, caches, providers, events::event, AnalysisController.Options.standard(settings.home()));
    }

    private Wiring started(Collection<ResourceType> lacking) {
        caches.start();
        lookLater(lacking);
        workers.forEach(Thread::start);
        return this;
    }

    /// The kinds of routers that this cluster does not serve or this account may not read. A cache of one would
    /// never be complete, and nothing is decided on incomplete copies; so it is done without, and looked for again.
    private static Map<ResourceType, Lack> lacks(
            Gateway gateway, Optional<String> namespace, Map<String, TrafficRouter> routers) {
        var lacks = new LinkedHashMap<ResourceType, Lack>();
        routers.forEach((name, router) -> {
            for (var kind : router.kinds()) {
                var lack = lack(gateway, namespace, kind);
                if (lack.isEmpty()) continue;
                lacks.put(kind, lack.get());
                LOG.atWarn()
                        .addKeyValue("router", name)
                        .log("the router cannot be used yet: {}; it is looked for again", words(kind, lack.get()));
            }
        });
        return lacks;
    }

    private void lookLater(Collection<ResourceType> lacking) {
        if (lacking.isEmpty() || stopped.get()) return;
        var kinds = List.copyOf(lacking);
        look = time.at(time.now().plus(settings.lookEvery()), () -> lookAgain(kinds));
        // Stopped meanwhile: whoever stops has not seen this one.
        if (stopped.get()) look.cancel();
    }

    private void lookAgain(List<ResourceType> lacking) {
        var still = new ArrayList<ResourceType>();
        for (var kind : lacking) {
            if (stopped.get()) return;
            var lack = lack(gateway, settings.namespace(), kind);
            if (lack.isEmpty()) {
                caches.join(kind, () -> {
                    LOG.info("{} can be used now", kind);
                    rollouts.ifPresent(controller -> controller.joined(kind));
                });
                continue;
            }
            still.add(kind);
            if (lack.equals(caches.lack(kind))) continue;
            LOG.warn("{}; it is looked for again", words(kind, lack.get()));
            caches.lacks(kind, lack.get());
            rollouts.ifPresent(RolloutController::lookAgain);
        }
        lookLater(still);
    }

    /// Of kinds that need not be there: those that are not served, and those that this account may not read.
    private static List<String> unusable(Gateway gateway, Optional<String> namespace, Collection<ResourceType> kinds) {
        return kinds.stream()
                .flatMap(kind -> unusable(gateway, namespace, kind).stream())
                .toList();
    }

    private static Optional<String> unusable(Gateway gateway, Optional<String> namespace, ResourceType kind) {
        return lack(gateway, namespace, kind).map(lack -> words(kind, lack));
    }

    private static String words(ResourceType kind, Lack lack) {
        return switch (lack) {
            case Lack.Unserved() -> kind + " is not served";
            case Lack.Forbidden(var message) -> kind + " may not be read: " + message;
            case Lack.Either() -> kind + " is not served, or may not be read";
        };
    }

    private static Optional<Lack> lack(Gateway gateway, Optional<String> namespace, ResourceType kind) {
        var look = Look.at(gateway, kind, namespace);
        for (int more = 1; more < LOOKS && look instanceof Look.Unclear; more++) {
            look = Look.at(gateway, kind, namespace);
        }
        return switch (look) {
            // What is unclear may be there: its cache goes on asking, and readiness tells of it.
            case Look.Given _, Look.Unclear _ -> Optional.empty();
            case Look.Absent _ -> Optional.of(new Lack.Unserved());
            case Look.Forbidden(var message) -> Optional.of(new Lack.Forbidden(message));
        };
    }

    private List<RolloutController> controllers() {
        return Stream.concat(rollouts.stream(), pairs.stream()).toList();
    }

    private boolean step() {
        boolean worked = false;
        for (var controller : controllers()) worked |= controller.step();
        return worked;
    }

    private void work() {
        while (!stopped.get()) {
            try {
                // The limit is for caches that become complete without a key becoming ready.
                if (!work.tryAcquire(250, TimeUnit.MILLISECONDS) && !caches.synced()) continue;
            } catch (InterruptedException stop) {
                return;
            }
            while (!stopped.get() && step()) {}
        }
    }

    public Caches caches() {
        return caches;
    }

    /// The control loop of Rollouts; absent where only analyses are run.
    public Optional<RolloutController> rollouts() {
        return rollouts;
    }

    /// The control loop of DeploymentCanaries; absent where the cluster does not serve them.
    public Optional<RolloutController> pairs() {
        return pairs;
    }

    public AnalysisController analyses() {
        return analyses;
    }

    public EventRecorder events() {
        return events;
    }

    /// Why it does not decide yet, one line each; empty when it does.
    public List<String> notReady() {
        if (caches.synced()) return List.of();
        var troubles = caches.troubles();
        return troubles.isEmpty() ? List.of("the local copies are being made") : troubles;
    }

    /// Begins no more passes and waits for those under way, at most so long.
    ///
    /// @return whether all had ended
    public boolean stop(Duration patience) throws InterruptedException {
        stopped.set(true);
        look.cancel();
        controllers().forEach(controller -> controller.queue().close());
        work.release(workers.size());
        long end = System.nanoTime() + patience.toNanos();
        boolean all = true;
        for (var worker : workers) {
            var left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
            all &= worker.join(left);
        }
        all &= measuring.drain(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        return all;
    }

    @Override
    public void close() {
        try {
            if (!stop(Duration.ofSeconds(5))) LOG.warn("passes were still under way; their writes are fenced off");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        analyses.close();
        events.close();
        caches.close();
    }
}
