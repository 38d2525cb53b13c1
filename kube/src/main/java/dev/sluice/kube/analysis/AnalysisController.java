package dev.sluice.kube.analysis;

import dev.sluice.analysis.AnalysisAction;
import dev.sluice.analysis.AnalysisDecision;
import dev.sluice.analysis.AnalysisEngine;
import dev.sluice.analysis.AnalysisObservation;
import dev.sluice.analysis.AnalysisRun;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.kube.Repeats;
import dev.sluice.kube.Tally;
import dev.sluice.kube.WorkQueue;
import dev.sluice.kube.Workers;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.kube.rollout.Events;
import dev.sluice.kube.rollout.Key;
import dev.sluice.kube.rollout.Outcome;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The control loop of AnalysisRuns: watch event, cache, queue, [AnalysisEngine], status, providers.
///
/// ```
/// pass:  observe (run, answers, calls under way) ─► decide ─► write the status ─► tell ─► ask providers
/// ```
///
/// The status is written *before* anybody is asked: then a measurement is asked for only where it can be stored, and
/// a controller that dies at any point leaves what the next one needs. What was asked and not answered is asked again
/// under the same ordinal; a measurement that takes long is found again by the metadata in the status.
///
/// A pass never waits for a provider; an answer causes the next pass. Steppable as
/// [dev.sluice.kube.rollout.RolloutController]: [#step] from a simulator's one thread, [#start] in production.
public final class AnalysisController implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AnalysisController.class);

    private final Time time;
    private final Caches caches;
    private final Gateway gateway;
    private final Events events;
    private final Function<AnalysisObservation, AnalysisDecision> engine;
    private final WorkQueue<Key> queue;
    private final Calls calls;
    private final Repeats<Key> failures;
    private final Tally<Key> tally;

    /// @param patience how long one call of a provider may take; longer than any time-out a metric may ask for is wise
    /// @param grace after which a provider that did not even keep to that is given up
    /// @param calls of providers at once
    /// @param namespace of the controller: where providers find secrets of its own
    public record Options(Duration patience, Duration grace, int calls, String namespace) {
        public Options {
            if (calls < 1) throw new IllegalArgumentException("calls: " + calls + " is below 1");
            if (!patience.isPositive())
                throw new IllegalArgumentException("patience: " + patience + " is not positive");
            if (grace.isNegative()) throw new IllegalArgumentException("grace: " + grace + " is negative");
        }

        /// 5 minutes, 10 s more, 1,000 calls.
        ///
        /// @param namespace of the controller
        public static Options standard(String namespace) {
            return new Options(Duration.ofMinutes(5), Duration.ofSeconds(10), 1_000, namespace);
        }
    }

    /// What is going on with providers.
    ///
    /// @param asked calls under way
    /// @param waiting calls that wait for others to end
    /// @param answers not in a status yet
    /// @param givenUp calls whose provider did not keep to its deadline, ever
    public record Stats(int asked, int waiting, int answers, long givenUp) {}

    /// @param gateway the port to the cluster; its answers are learned by the caches
    public AnalysisController(
            Gateway gateway, Time time, Caches caches, MetricProviders providers, Events events, Options options) {
        this(gateway, time, caches, providers, events, options, AnalysisEngine::decide);
    }

    /// @param engine decides: [AnalysisEngine#decide], or in tests of tests a mutant of it
    public AnalysisController(
            Gateway gateway,
            Time time,
            Caches caches,
            MetricProviders providers,
            Events events,
            Options options,
            Function<AnalysisObservation, AnalysisDecision> engine) {
        this.time = time;
        this.caches = caches;
        this.gateway = caches.learning(gateway);
        this.events = events;
        this.engine = engine;
        this.queue = new WorkQueue<>(time);
        this.failures = new Repeats<>(time);
        this.tally = new Tally<>(time);
        this.calls = new Calls(this.gateway, time, providers, options, queue::add);
        caches.of(ResourceType.ANALYSIS_RUNS).listen((old, now) -> {
            (now.isPresent() ? now : old).map(Key::of).ifPresent(queue::add);
        });
    }

    /// Every kind that the caches of this controller have to hold.
    public static List<ResourceType> kinds() {
        return List.of(ResourceType.ANALYSIS_RUNS);
    }

    public WorkQueue<Key> queue() {
        return queue;
    }

    /// What became of the passes so far.
    public Tally<Key> tally() {
        return tally;
    }

    public Stats stats() {
        return calls.stats();
    }

    /// Works the queue off with at most `workers` passes at once. Closing the answer ends it.
    public Workers<Key> start(int workers) {
        return new Workers<>(queue, time, workers, this::pass);
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
        try {
            if (pass(key)) queue.forget(key);
            else queue.retry(key);
        } finally {
            queue.done(key);
        }
    }

    /// Asks no provider any more and hears none.
    @Override
    public void close() {
        calls.close();
        queue.close();
    }

    /// @return false to try again after the key's backoff
    private boolean pass(Key key) {
        var begun = time.now();
        try {
            return observed(key, begun);
        } catch (RuntimeException | StackOverflowError ours) {
            tally.passed(key, Duration.between(begun, time.now()), true);
            LOG.atError()
                    .addKeyValue("analysisrun", key)
                    .setCause(ours)
                    .log("a pass failed; this is a defect of Sluice, please report it with the AnalysisRun");
            return false;
        }
    }

    private boolean observed(Key key, Instant begun) {
        var source = caches.of(ResourceType.ANALYSIS_RUNS).get(key.namespace(), key.name());
        if (source.isEmpty()) {
            calls.forget(key);
            failures.forget(key);
            tally.gone(key);
            return true;
        }
        var run = AnalysisRun.of(source.get());
        var seen = calls.observe(key, run, begun);
        var decision = engine.apply(seen);
        var outcome = write(run, decision);
        if (outcome instanceof Outcome.Complete) {
            calls.written(key, seen.answers());
            tell(key, source.get(), decision);
            for (var move : decision.moves()) {
                outcome = carryOut(key, run, move);
                if (!(outcome instanceof Outcome.Complete)) break;
            }
        }
        tally.passed(key, Duration.between(begun, time.now()), outcome instanceof Outcome.Stopped);
        return switch (outcome) {
            case Outcome.Complete() -> {
                failures.forget(key);
                decision.wakeAt().ifPresent(at -> queue.addAt(key, at));
                yield true;
            }
            case Outcome.Moved _ -> false;
            case Outcome.Stopped(var what, var retryAfter) -> {
                var due = failures.due(key, what);
                LOG.atLevel(due.isPresent() ? Level.WARN : Level.DEBUG)
                        .addKeyValue("analysisrun", key)
                        .log(
                                "a write failed: {}{}",
                                what,
                                due.map(Repeats::before).orElse(""));
                retryAfter.ifPresent(wait -> queue.addAfter(key, wait));
                yield retryAfter.isPresent();
            }
        };
    }

    private void tell(Key key, Json.Obj source, AnalysisDecision decision) {
        for (var event : decision.events()) {
            events.event(source, event.warning(), event.reason(), event.message());
            LOG.atInfo()
                    .addKeyValue("namespace", key.namespace())
                    .addKeyValue("analysisrun", key.name())
                    .addKeyValue("because", event.reason())
                    .log("{}", event.message());
        }
    }

    private Outcome carryOut(Key key, AnalysisRun run, AnalysisDecision.Move move) {
        // Measuring is what a run does all day; its end is news.
        var level = move.action() instanceof AnalysisAction.Measure || move.action() instanceof AnalysisAction.Resume
                ? Level.DEBUG
                : Level.INFO;
        LOG.atLevel(level)
                .addKeyValue("namespace", key.namespace())
                .addKeyValue("analysisrun", key.name())
                .addKeyValue("because", move.code())
                .log("{}", move.because());
        switch (move.action()) {
            case AnalysisAction.Measure(var question) -> calls.begin(key, run, move.action(), question);
            case AnalysisAction.Resume(var question, var _) -> calls.begin(key, run, move.action(), question);
            case AnalysisAction.Terminate(var question, var _) -> calls.begin(key, run, move.action(), question);
            case AnalysisAction.Sweep(var question, var keep) -> calls.sweep(key, run, question, keep);
            case AnalysisAction.Delete(var old) -> {
                return delete(old);
            }
        }
        return new Outcome.Complete();
    }

    private static ObjectRef ref(AnalysisRun run) {
        return ObjectRef.of(ResourceType.ANALYSIS_RUNS, run.namespace(), run.name());
    }

    /// The status as the difference to the one that was read, so that fields of others are left alone. AnalysisRuns
    /// have no status subresource: it is written on the object itself.
    private Outcome write(AnalysisRun run, AnalysisDecision decision) {
        var difference = MergePatch.diff(run.status().json(), decision.status().json());
        if (difference.isEmpty()) return new Outcome.Complete();
        var body = Json.obj(
                "metadata", Json.obj("resourceVersion", run.resourceVersion(), "uid", run.uid()), "status", difference);
        return noted(ref(run), gateway.send(new Request.Patch(ref(run), PatchType.MERGE, body)));
    }

    private Outcome delete(AnalysisRun run) {
        var reply = gateway.send(
                new Request.Delete(ref(run), Optional.of(run.uid()), Optional.of(run.resourceVersion()), "Background"));
        if (reply instanceof Reply.Refused refused && refused.notFound()) return new Outcome.Complete();
        return noted(ref(run), reply);
    }

    private static Outcome noted(ObjectRef ref, Reply reply) {
        return switch (reply) {
            case Reply.Done _ -> new Outcome.Complete();
            case Reply.Refused refused
            when refused.conflict() || refused.notFound() -> new Outcome.Moved(ref + ": " + refused.message());
            case Reply.Refused refused ->
                new Outcome.Stopped(
                        "%s: %d %s: %s".formatted(ref, refused.code(), refused.reason(), refused.message()),
                        refused.retryAfter());
            case Reply.Lost(var _, var why) -> new Outcome.Stopped(ref + ": no answer: " + why, Optional.empty());
        };
    }
}
