package dev.sluice.kube.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.Repeats;
import dev.sluice.kube.Tally;
import dev.sluice.kube.WorkQueue;
import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Observation;
import dev.sluice.spi.Time;
import dev.sluice.spi.TrafficRouter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The control loop of Rollouts, and of what is driven like them: watch event, cache, queue, [Observer],
/// [RolloutEngine], [Executor].
///
/// Steppable: [#step] makes one pass and never blocks on anything but the gateway, so a simulator calls it from its one
/// thread and production from as many workers as it likes. A pass that throws is our own fault: it is logged, counted
/// and tried again, and harms no other Rollout.
public final class RolloutController {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutController.class);

    private final Time time;
    private final Caches caches;
    private final Observer observer;
    private final Executor executor;
    private final Function<Observation, Decision> engine;
    private final WorkQueue<Key> queue;
    private final Journal journal = new Journal();
    private final Repeats<Key> failures;
    private final Tally<Key> tally;

    /// The control loop of `argoproj.io` Rollouts.
    ///
    /// @param gateway the port to the cluster; its answers are learned by the caches
    /// @param engine decides: [RolloutEngine#decide], or in tests of tests a mutant of it
    public RolloutController(
            Gateway gateway,
            Time time,
            Caches caches,
            Map<String, TrafficRouter> routers,
            AnalysisRunMaker analysis,
            Events events,
            Function<Observation, Decision> engine) {
        this(
                caches.learning(gateway),
                time,
                caches,
                new RolloutObserver(caches, caches.learning(gateway), routers, analysis),
                analysis,
                events,
                engine);
    }

    /// The control loop of `sluice.dev` DeploymentCanaries: the same engine, two Deployments for its sides.
    public static RolloutController ofDeployments(
            Gateway gateway,
            Time time,
            Caches caches,
            AnalysisRunMaker analysis,
            Events events,
            Function<Observation, Decision> engine) {
        return new RolloutController(
                caches.learning(gateway), time, caches, new PairObserver(caches, analysis), analysis, events, engine);
    }

    private RolloutController(
            Gateway learning,
            Time time,
            Caches caches,
            Observer observer,
            AnalysisRunMaker analysis,
            Events events,
            Function<Observation, Decision> engine) {
        this.engine = engine;
        this.time = time;
        this.caches = caches;
        this.observer = observer;
        this.tally = new Tally<>(time);
        this.executor = new Executor(
                learning,
                (regarding, warning, reason, message) -> {
                    tally.told(Key.of(regarding), warning, reason);
                    events.event(regarding, warning, reason, message);
                },
                analysis);
        this.queue = new WorkQueue<>(time);
        this.failures = new Repeats<>(time);
        listen();
    }

    /// Every kind that the caches of this controller have to hold.
    public static List<ResourceType> kinds(Map<String, TrafficRouter> routers) {
        var kinds = new LinkedHashSet<ResourceType>();
        kinds.add(ResourceType.ROLLOUTS);
        kinds.add(ResourceType.REPLICA_SETS);
        kinds.add(ResourceType.SERVICES);
        kinds.add(ResourceType.ANALYSIS_RUNS);
        kinds.add(ResourceType.ANALYSIS_TEMPLATES);
        kinds.add(ResourceType.CLUSTER_ANALYSIS_TEMPLATES);
        routers.values().forEach(router -> kinds.addAll(router.kinds()));
        return List.copyOf(kinds);
    }

    /// Every kind that the caches have to hold for DeploymentCanaries.
    public static List<ResourceType> kindsOfDeployments() {
        return List.of(
                ResourceType.DEPLOYMENT_CANARIES,
                ResourceType.DEPLOYMENTS,
                ResourceType.ANALYSIS_RUNS,
                ResourceType.ANALYSIS_TEMPLATES,
                ResourceType.CLUSTER_ANALYSIS_TEMPLATES);
    }

    private void listen() {
        driven().listen((old, now) -> {
            (now.isPresent() ? now : old).map(Key::of).ifPresent(this::wake);
        });
        for (var owned : observer.owned()) {
            caches.of(owned).listen((old, now) -> {
                old.flatMap(this::owner).ifPresent(this::wake);
                now.flatMap(this::owner).ifPresent(this::wake);
            });
        }
        caches.types().forEach(type -> caches.of(type).whenSynced(this::wakeAll));
        // What a spec names may be named by any of its namespace, a route from anywhere; those look again.
        for (var type : observer.named()) if (caches.has(type)) listen(type);
        // Deployments may be held already, for those that drive them.
        if (caches.has(ResourceType.DEPLOYMENTS)) wakeReaders(caches, ResourceType.DEPLOYMENTS);
        caches.workloads().whenJoined(type -> {
            wakeReaders(caches.workloads(), type);
            // Between their look and the copy it may have changed.
            wakeAll();
        });
    }

    private void wakeReaders(Caches held, ResourceType type) {
        held.of(type)
                .listen((old, now) -> (now.isPresent() ? now : old)
                        .ifPresent(object ->
                                observer.readers(ObjectRef.of(type, object)).forEach(this::wake)));
    }

    private void listen(ResourceType type) {
        caches.of(type).listen((old, now) -> {
            (now.isPresent() ? now : old).ifPresent(object -> {
                wakeNeighbours(object);
                observer.readers(ObjectRef.of(type, object)).forEach(this::wake);
            });
            old.flatMap(object -> observer.manager(type, object)).ifPresent(this::wake);
            now.flatMap(object -> observer.manager(type, object)).ifPresent(this::wake);
        });
    }

    /// A kind that was lacking is held now ([Caches#join]): it is followed, and everyone looks again.
    public void joined(ResourceType type) {
        if (observer.named().contains(type)) listen(type);
        lookAgain();
    }

    /// Everyone looks again: why a kind is lacking has changed, which no object tells.
    public void lookAgain() {
        wakeAll();
    }

    private ObjectCache driven() {
        return caches.of(observer.type());
    }

    /// Before the copies are complete "not there" means nothing, so nobody is woken; then everybody is.
    private void wake(Key key) {
        if (caches.synced()) queue.add(key);
    }

    private void wakeAll() {
        if (!caches.synced()) return;
        driven().all().forEach(rollout -> queue.add(Key.of(rollout)));
        // One that is gone since nobody looked may have left something behind.
        for (var type : observer.named()) {
            if (!caches.has(type)) continue;
            for (var object : caches.of(type).all())
                observer.manager(type, object).ifPresent(queue::add);
        }
    }

    private void wakeNeighbours(Json.Obj object) {
        var namespace = object.at("metadata", "namespace").string("");
        var name = object.at("metadata", "name").string("");
        var rollouts = driven();
        for (var rollout : namespace.isEmpty() ? rollouts.all() : rollouts.in(namespace)) {
            // Cheaper than decoding: what is not named cannot matter.
            if (mentions(observer.naming(rollout), name)) wake(Key.of(rollout));
        }
    }

    private static boolean mentions(Json json, String name) {
        return switch (json) {
            case Json.Str(var text) -> text.equals(name);
            case Json.Obj(var fields) -> fields.values().stream().anyMatch(field -> mentions(field, name));
            case Json.Arr(var items) -> items.stream().anyMatch(item -> mentions(item, name));
            case Json.Num _, Json.Bool _, Json.Null _ -> false;
        };
    }

    private Optional<Key> owner(Json.Obj object) {
        return object.at("metadata", "ownerReferences").items().stream()
                .filter(ref -> ref.at("kind").string("").equals(observer.type().kind())
                        && ref.at("controller").bool(false))
                .map(ref -> new Key(
                        object.at("metadata", "namespace").string(""),
                        ref.at("name").string("")))
                .findFirst();
    }

    public WorkQueue<Key> queue() {
        return queue;
    }

    public Journal journal() {
        return journal;
    }

    /// What became of the passes so far.
    public Tally<Key> tally() {
        return tally;
    }

    /// Makes the next pass, if any is due.
    ///
    /// @return whether there was one
    public boolean step() {
        var key = queue.poll();
        key.ifPresent(this::work);
        return key.isPresent();
    }

    /// One pass over a polled key; used by workers that poll themselves.
    public void work(Key key) {
        var begun = time.now();
        try {
            pass(key, begun);
        } catch (RuntimeException | Error ours) {
            tally.passed(key, Duration.between(begun, time.now()), true);
            LOG.atError()
                    .addKeyValue("rollout", key)
                    .setCause(ours)
                    .log("a pass failed; this is a defect of Sluice, please report it with the journal");
            queue.retry(key);
        } finally {
            queue.done(key);
        }
    }

    private void pass(Key key, Instant begun) {
        var seen = observer.observe(key, begun);
        if (seen.isEmpty()) {
            tally.gone(key);
            journal.forget(key);
            failures.forget(key);
            queue.forget(key);
            return;
        }
        var observation = seen.get().observation();
        var decision = engine.apply(observation);
        var outcome = executor.run(seen.get(), decision, move -> log(key, move));
        tally.passed(key, Duration.between(begun, time.now()), outcome instanceof Outcome.Stopped);
        // What it has left behind is looked after, but it is gone.
        if (driven().get(key.namespace(), key.name()).isEmpty()) tally.gone(key);
        switch (outcome) {
            case Outcome.Complete() -> {
                journal.add(key, observation, decision, Journal.DONE);
                failures.forget(key);
                queue.forget(key);
                decision.wakeAt().ifPresent(at -> queue.addAt(key, at));
            }
            case Outcome.Moved(var what) -> {
                journal.add(key, observation, decision, "the world had moved: " + what);
                queue.retry(key);
            }
            case Outcome.Stopped(var what, var retryAfter) -> {
                logFailure(key, decision, what);
                journal.add(key, observation, decision, "stopped: " + what);
                retryAfter.ifPresentOrElse(wait -> queue.addAfter(key, wait), () -> queue.retry(key));
            }
        }
    }

    /// One line for each move that was made: one that fails is told as what failed.
    private static void log(Key key, Decision.Move move) {
        LOG.atInfo()
                .addKeyValue("namespace", key.namespace())
                .addKeyValue("rollout", key.name())
                .addKeyValue("because", move.because().code())
                .log("{}", move.because().sentence());
    }

    /// A write that fails as it did before is told now and then. Moves that come before it are news, though it fails in
    /// the same words.
    private void logFailure(Key key, Decision decision, String what) {
        var moves = decision.moves().stream().map(Decision.Move::because).toList();
        var due = failures.due(key, moves + what);
        LOG.atLevel(due.isPresent() ? Level.WARN : Level.DEBUG)
                .addKeyValue("rollout", key)
                .log("a write failed: {}{}", what, due.map(Repeats::before).orElse(""));
    }

    /// What the journal says, and the guard that is not met now, in words.
    public Map<String, String> waits() {
        var waits = new TreeMap<String, String>();
        for (var rollout : driven().all()) {
            var key = Key.of(rollout);
            var passes = journal.of(key);
            if (passes.isEmpty()) continue;
            passes.getLast().decision().awaiting().ifPresent(guard -> waits.put(key.toString(), guard.toString()));
        }
        return waits;
    }
}
