package dev.sluice.kube.analysis;

import dev.sluice.analysis.AnalysisAction;
import dev.sluice.analysis.AnalysisObservation;
import dev.sluice.analysis.AnalysisObservation.Answer;
import dev.sluice.analysis.AnalysisRun;
import dev.sluice.analysis.Measured;
import dev.sluice.analysis.Metric;
import dev.sluice.analysis.Question;
import dev.sluice.cluster.Gateway;
import dev.sluice.kube.rollout.Key;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.Measurement;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The calls of metric providers that are under way, and the answers that no status holds yet.
///
/// ```
///   begin ──► waiting for a slot ──► asked ──► answered ──► written (forgotten)
///                                      │  deadline and grace over
///                                      └──► given up: answered for the provider; what it says later is not heard,
///                                           and what it has begun is ended
/// ```
///
/// Bounds: one open call and one answer for each metric of a run; calls at once; the time of each. A call that is given
/// up frees its slot though its thread may still hang: threads are virtual and cheap, silence is not.
///
/// Locking: one monitor, never held while a provider, the gateway or the timer runs. Under virtual time all of it
/// happens on the one thread, a call within one event.
final class Calls {
    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

    /// Longest text that is stored of one answer: ten of them for each of many metrics must fit into one object.
    private static final int LONGEST = 4_096;

    /// When to look again where a measurement in flight could not even be asked for.
    private static final Duration AGAIN = Duration.ofSeconds(5);

    /// One call.
    private static final class Call {
        final Key key;
        final AnalysisRun run;
        final AnalysisAction action;
        final Question question;
        boolean over;
        Time.@Nullable Timer watchdog;

        Call(Key key, AnalysisRun run, AnalysisAction action, Question question) {
            this.key = key;
            this.run = run;
            this.action = action;
            this.question = question;
        }

        String metric() {
            return question.metric().name();
        }
    }

    /// What is open of one run.
    private static final class Open {
        final String uid;
        final SequencedMap<String, Call> calls = new LinkedHashMap<>();
        final List<Answer> answers = new ArrayList<>();

        Open(String uid) {
            this.uid = uid;
        }
    }

    private final Gateway gateway;
    private final Time time;
    private final MetricProviders providers;
    private final AnalysisController.Options options;
    private final Consumer<Key> answered;

    private final Map<Key, Open> open = new TreeMap<>();
    private final ArrayDeque<Call> waiting = new ArrayDeque<>();
    private final TreeSet<String> sweeping = new TreeSet<>();
    private int asked;
    private long givenUp;
    private boolean closed;

    /// @param answered told of each run that has an answer, without a lock held
    Calls(
            Gateway gateway,
            Time time,
            MetricProviders providers,
            AnalysisController.Options options,
            Consumer<Key> answered) {
        this.gateway = gateway;
        this.time = time;
        this.providers = providers;
        this.options = options;
        this.answered = answered;
    }

    /// What a decision about a run may look at.
    synchronized AnalysisObservation observe(Key key, AnalysisRun run, Instant now) {
        var of = open.get(key);
        if (of == null || !of.uid.equals(run.uid())) return new AnalysisObservation(run, List.of(), List.of(), now);
        return new AnalysisObservation(run, of.answers, List.copyOf(of.calls.keySet()), now);
    }

    /// The status that these answers led to is written: they are needed no more. Those that came meanwhile stay.
    synchronized void written(Key key, List<Answer> answers) {
        var of = open.get(key);
        if (of == null) return;
        of.answers.removeAll(answers);
        if (of.answers.isEmpty() && of.calls.isEmpty()) open.remove(key);
    }

    /// The run is gone. What is asked of providers goes on unheard; what they begin is ended.
    void forget(Key key) {
        List<Call> ready;
        synchronized (this) {
            var of = open.remove(key);
            if (of == null) return;
            of.calls.values().forEach(this::end);
            ready = ready();
        }
        ready.forEach(this::ask);
    }

    /// Asks no more; what is asked is not heard.
    synchronized void close() {
        closed = true;
        open.values().forEach(of -> of.calls.values().forEach(this::end));
        open.clear();
        waiting.clear();
    }

    synchronized AnalysisController.Stats stats() {
        int answers = open.values().stream().mapToInt(of -> of.answers.size()).sum();
        return new AnalysisController.Stats(asked, waiting.size(), answers, givenUp);
    }

    /// Asks a metric's provider, unless that is under way.
    ///
    /// @param action `Measure`, `Resume` or `Terminate`
    void begin(Key key, AnalysisRun run, AnalysisAction action, Question question) {
        List<Call> ready;
        synchronized (this) {
            if (closed) return;
            var of = open.get(key);
            if (of == null || !of.uid.equals(run.uid())) {
                if (of != null) of.calls.values().forEach(this::end);
                of = new Open(run.uid());
                open.put(key, of);
            }
            var call = new Call(key, run, action, question);
            if (of.calls.putIfAbsent(call.metric(), call) != null) return;
            waiting.add(call);
            ready = ready();
        }
        ready.forEach(this::ask);
    }

    /// Lets a provider remove what old measurements have left behind; what fails is tried again with the next removal.
    void sweep(Key key, AnalysisRun run, Question question, int keep) {
        var metric = question.metric();
        var name = key + " " + metric.name();
        var provider = providers.named(metric.provider().name());
        if (provider.isEmpty()) return;
        synchronized (this) {
            // A bound: one removal of a metric at once, and not more of them than of calls.
            if (closed || sweeping.size() >= options.calls() || !sweeping.add(name)) return;
        }
        time.soon(() -> {
            try {
                provider.get()
                        .sweep(query(run, metric, question.ordinal()), keep, deadline())
                        .ifPresent(why -> LOG.atWarn()
                                .addKeyValue("namespace", key.namespace())
                                .addKeyValue("analysisrun", key.name())
                                .addKeyValue("metric", metric.name())
                                .log("old measurements are not removed: {}", why));
            } finally {
                synchronized (this) {
                    sweeping.remove(name);
                }
            }
        });
    }

    // ── slots ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// The calls that have a slot now; each is to be asked.
    private List<Call> ready() {
        var ready = new ArrayList<Call>();
        while (asked < options.calls() && !waiting.isEmpty()) {
            var call = waiting.poll();
            if (call.over) continue;
            asked++;
            ready.add(call);
        }
        return ready;
    }

    /// Ends a call, whoever does it first; true for that one. A call that still waits for its slot has none to give.
    private boolean end(Call call) {
        if (call.over) return false;
        call.over = true;
        if (call.watchdog != null) call.watchdog.cancel();
        if (!waiting.remove(call)) asked--;
        return true;
    }

    private void ask(Call call) {
        var deadline = deadline();
        var watchdog = time.at(deadline.at().plus(options.grace()), () -> giveUp(call));
        synchronized (this) {
            if (call.over) watchdog.cancel();
            else call.watchdog = watchdog;
        }
        time.soon(() -> {
            synchronized (this) {
                if (call.over) return;
            }
            var said = said(call, deadline);
            if (!answer(call, said.answer())) tidy(call, said);
        });
    }

    /// @return whether anybody has waited for it
    private boolean answer(Call call, Answer answer) {
        List<Call> ready;
        boolean heard;
        synchronized (this) {
            heard = end(call);
            if (heard) {
                var of = open.get(call.key);
                if (of != null && of.calls.remove(call.metric(), call)) of.answers.add(answer);
            }
            ready = ready();
        }
        ready.forEach(this::ask);
        if (heard) answered.accept(call.key);
        return heard;
    }

    private void giveUp(Call call) {
        var why = "provider %s did not answer within %s; it is given up for this measurement"
                .formatted(
                        call.question.metric().provider().name(),
                        options.patience().plus(options.grace()));
        var now = time.now();
        if (!answer(call, taken(call, measured(call, call.question.metric(), new Measurement.Failed(why), now))))
            return;
        synchronized (this) {
            givenUp++;
        }
        LOG.atWarn()
                .addKeyValue("namespace", call.key.namespace())
                .addKeyValue("analysisrun", call.key.name())
                .addKeyValue("metric", call.metric())
                .log("{}", why);
    }

    // ── one call ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// An answer, and what is needed to end what it may have begun.
    private record Said(Answer answer, Optional<Begun> begun) {}

    private record Begun(
            MetricProvider provider, MetricProvider.Query query, Measurement.Running running, RunSecrets secrets) {
        @Override
        public String toString() {
            // The query holds what the secrets were filled into.
            return "a measurement that " + provider.name() + " is at";
        }
    }

    private Deadline deadline() {
        return Deadline.in(options.patience(), time.now());
    }

    private MetricProvider.Query query(AnalysisRun run, Metric metric, int ordinal) {
        return new MetricProvider.Query(
                metric.provider().spec(),
                new MetricProvider.Run(run.namespace(), run.name(), run.uid()),
                metric.name(),
                ordinal,
                time.now());
    }

    private Said said(Call call, Deadline deadline) {
        var secrets = new RunSecrets(gateway, options.namespace());
        try {
            return said(call, deadline, secrets);
        } catch (RuntimeException | StackOverflowError | LinkageError crash) {
            var name = call.question.metric().provider().name();
            // Neither the message nor a cause may be logged as they are: they may quote what was asked.
            var what = secrets.redacted(crash.toString());
            LOG.atError()
                    .addKeyValue("namespace", call.key.namespace())
                    .addKeyValue("analysisrun", call.key.name())
                    .addKeyValue("metric", call.metric())
                    .log("provider {} crashed: {} at {}", name, what, place(crash));
            var failed = new Measurement.Failed("provider " + name + " crashed: " + what);
            return plain(call, redacted(measured(call, call.question.metric(), failed, time.now()), secrets));
        }
    }

    private static String place(Throwable crash) {
        var frames = crash.getStackTrace();
        return frames.length == 0 ? "an unknown place" : frames[0].toString();
    }

    private static Said plain(Call call, Measured measured) {
        return new Said(taken(call, measured), Optional.empty());
    }

    private static Answer taken(Call call, Measured measured) {
        return new Answer.Taken(call.metric(), call.question.ordinal(), measured, new LinkedHashMap<>());
    }

    private Said said(Call call, Deadline deadline, RunSecrets secrets) {
        var startedAt = time.now();
        boolean terminates = call.action instanceof AnalysisAction.Terminate;
        var metric = call.question.metric();
        switch (secrets.arguments(call.run.namespace(), call.question.secrets())) {
            case RunSecrets.Reading.Values(var values) -> {
                var filled = call.question.filled(values);
                if (filled.isPresent()) {
                    metric = filled.get();
                } else if (!terminates) {
                    var failed = new Measurement.Failed(
                            "the metric is not valid once its secrets are filled in; use secrets only for what is "
                                    + "secret, such as a token");
                    return plain(call, measured(call, metric, failed, startedAt));
                }
            }
            // What is to be ended shall be ended, with or without them.
            case RunSecrets.Reading.Missing(var message) -> {
                if (!terminates) return new Said(new Answer.NoSecret(call.metric(), message), Optional.empty());
            }
            case RunSecrets.Reading.Unknown(var message) -> {
                switch (call.action) {
                    case AnalysisAction.Measure _ -> {
                        return plain(call, measured(call, metric, new Measurement.Failed(message), startedAt));
                    }
                    // It is still at it, as far as anybody knows.
                    case AnalysisAction.Resume(var _, var inFlight) -> {
                        var later = new Measurement.Running(startedAt.plus(AGAIN), inFlight.metadata());
                        return plain(call, measured(call, metric, later, startedAt));
                    }
                    case AnalysisAction.Terminate _, AnalysisAction.Sweep _, AnalysisAction.Delete _ -> {}
                }
            }
        }
        var provider = providers.named(metric.provider().name());
        if (provider.isEmpty()) {
            var failed = new Measurement.Failed("no metric provider is called \"%s\"; this controller has %s"
                    .formatted(metric.provider().name(), String.join(", ", providers.names())));
            return plain(call, measured(call, metric, failed, startedAt));
        }
        var query = query(call.run, metric, call.question.ordinal());
        var came = came(call, provider.get(), query, secrets, deadline);
        var facts = new LinkedHashMap<String, String>();
        if (call.action instanceof AnalysisAction.Measure
                && call.run.status().result(call.metric()).isEmpty()) {
            provider.get().facts(query).forEach((name, fact) -> facts.put(name, cut(secrets.redacted(fact))));
        }
        var measured = redacted(measured(call, metric, came, startedAt), secrets);
        var answer = new Answer.Taken(call.metric(), call.question.ordinal(), measured, facts);
        var begun = came instanceof Measurement.Running running && !terminates
                ? Optional.of(new Begun(provider.get(), query, running, secrets))
                : Optional.<Begun>empty();
        return new Said(answer, begun);
    }

    private static Measurement came(
            Call call, MetricProvider provider, MetricProvider.Query query, RunSecrets secrets, Deadline deadline) {
        return switch (call.action) {
            case AnalysisAction.Resume(var _, var inFlight) ->
                provider.resume(query, running(inFlight, query.now()), secrets, deadline);
            case AnalysisAction.Terminate(var _, var inFlight) ->
                provider.terminate(query, running(inFlight, query.now()), secrets, deadline);
            case AnalysisAction.Measure _, AnalysisAction.Sweep _, AnalysisAction.Delete _ ->
                provider.measure(query, secrets, deadline);
        };
    }

    private static Measurement.Running running(Measured inFlight, Instant now) {
        return new Measurement.Running(inFlight.resumeAt().orElse(now), inFlight.metadata());
    }

    /// What a measurement becomes, judged by the metric's conditions.
    private Measured measured(Call call, Metric metric, Measurement came, Instant startedAt) {
        return switch (call.action) {
            case AnalysisAction.Resume(var _, var inFlight) -> inFlight.then(came, metric, time.now());
            case AnalysisAction.Terminate(var _, var inFlight) -> inFlight.terminated(came, metric, time.now());
            case AnalysisAction.Measure _, AnalysisAction.Sweep _, AnalysisAction.Delete _ ->
                Measured.of(came, metric, startedAt, time.now());
        };
    }

    /// Free of secrets, and not longer than an object can bear.
    private static Measured redacted(Measured measured, RunSecrets secrets) {
        var clean = measured.redacted(text -> cut(secrets.redacted(text)));
        return new Measured(
                clean.phase(),
                clean.message(),
                clean.startedAt(),
                clean.finishedAt(),
                cut(secrets.redactedValue(clean.value())),
                clean.metadata(),
                clean.resumeAt(),
                clean.unknown());
    }

    private static String cut(String text) {
        if (text.length() <= LONGEST) return text;
        // Not in the middle of a pair.
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 2)) ? LONGEST - 2 : LONGEST - 1;
        return text.substring(0, end) + "…";
    }

    /// Nobody has waited for this answer: the run is gone or the call was given up. Nobody else knows of what it began.
    private void tidy(Call call, Said said) {
        if (said.begun().isEmpty()) return;
        synchronized (this) {
            // This process no longer leads, or ends: the next leader starts under the same name and finds it.
            if (closed) return;
        }
        var begun = said.begun().get();
        LOG.atInfo()
                .addKeyValue("namespace", call.key.namespace())
                .addKeyValue("analysisrun", call.key.name())
                .addKeyValue("metric", call.metric())
                .log("a measurement that nobody waits for any more is ended");
        try {
            if (begun.provider().terminate(begun.query(), begun.running(), begun.secrets(), deadline())
                    instanceof Measurement.Failed(var why, var _)) {
                LOG.warn("it could not be ended: {}", begun.secrets().redacted(why));
            }
        } catch (RuntimeException crash) {
            LOG.error("ending it crashed: {}", begun.secrets().redacted(crash.toString()));
        }
    }
}
