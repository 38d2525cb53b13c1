package dev.sluice.kube.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisRun;
import dev.sluice.analysis.AnalysisRunStatus;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.FakeCluster;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.VirtualTime;
import dev.sluice.kube.rollout.Caches;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.Measurement;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.MetricProviders;
import dev.sluice.spi.Secrets;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/// A controller of AnalysisRuns, a cluster, a clock that is moved, and a provider that says what a test tells it to.
final class Lab {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final String NS = "shop";

    /// What was asked of the provider.
    record Asked(String verb, String metric, int ordinal, long second, Json spec) {
        @Override
        public String toString() {
            return "%ds %s %s #%d".formatted(second, verb, metric, ordinal);
        }
    }

    final VirtualTime time = new VirtualTime();
    final FakeCluster cluster = new FakeCluster(time);
    final List<Asked> asked = new ArrayList<>();
    final List<String> events = new ArrayList<>();
    /// How long each of the next calls takes; those after them take no time.
    final ArrayDeque<Duration> delays = new ArrayDeque<>();
    private final Map<String, ArrayDeque<Object>> script = new LinkedHashMap<>();
    AnalysisController.Options options = AnalysisController.Options.standard("sluice");
    Function<MetricProvider.Query, SequencedMap<String, String>> facts = _ -> Measurement.none();
    Caches caches;
    AnalysisController controller;

    Lab() {
        controller = live();
    }

    /// The controller as it starts.
    private AnalysisController live() {
        caches = new Caches(
                cluster, time, Optional.empty(), AnalysisController.kinds(), ObjectCache.Options.standard(1));
        var made = new AnalysisController(
                cluster,
                new Delayed(),
                caches,
                MetricProviders.of(
                        List.of(new Factory()), new MetricProvider.Setting(time, cluster, _ -> cluster, Map.of())),
                (regarding, warning, reason, message) ->
                        events.add((warning ? "Warning " : "Normal ") + reason + ": " + message),
                options);
        made.queue().whenReady(() -> time.soon(made::step));
        caches.start();
        return made;
    }

    /// The controller dies and another one starts.
    void restart() {
        controller.close();
        caches.close();
        controller = live();
    }

    /// Lets calls take as long as a test says, though everything runs on one thread.
    private final class Delayed implements Time {
        @Override
        public Instant now() {
            return time.now();
        }

        @Override
        public Timer at(Instant when, Runnable task) {
            return time.at(when, task);
        }

        @Override
        public Timer soon(Runnable task) {
            var delay = delays.poll();
            return time.at(time.now().plus(delay == null ? Duration.ZERO : delay), task);
        }
    }

    private final class Factory implements MetricProvider.Factory {
        @Override
        public String name() {
            return "web";
        }

        @Override
        public MetricProvider create(MetricProvider.Setting setting) {
            return new Scripted();
        }
    }

    private final class Scripted implements MetricProvider {
        @Override
        public String name() {
            return "web";
        }

        @Override
        public String type() {
            return "Web";
        }

        private Measurement say(String verb, Query query, Secrets secrets) {
            asked.add(new Asked(
                    verb,
                    query.metric(),
                    query.ordinal(),
                    Duration.between(START, time.now()).toSeconds(),
                    query.spec()));
            var says = script.getOrDefault(query.metric(), new ArrayDeque<>()).poll();
            return switch (says) {
                case null -> new Measurement.Value(Json.of(1), "1");
                case Measurement measurement -> measurement;
                case Number number -> new Measurement.Value(Json.of(number.doubleValue()), number.toString());
                case RuntimeException crash -> throw crash;
                case String error -> new Measurement.Failed(error);
                case Function<?, ?> of -> {
                    @SuppressWarnings("unchecked")
                    var function = (Function<Secrets, Measurement>) of;
                    yield function.apply(secrets);
                }
                default -> throw new IllegalArgumentException(says.toString());
            };
        }

        @Override
        public Measurement measure(Query query, Secrets secrets, Deadline deadline) {
            return say("measure", query, secrets);
        }

        @Override
        public Measurement resume(Query query, Measurement.Running running, Secrets secrets, Deadline deadline) {
            return say("resume " + running.metadata(), query, secrets);
        }

        @Override
        public Measurement terminate(Query query, Measurement.Running running, Secrets secrets, Deadline deadline) {
            return say("terminate " + running.metadata(), query, secrets);
        }

        @Override
        public SequencedMap<String, String> facts(Query query) {
            return facts.apply(query);
        }

        @Override
        public Optional<String> sweep(Query query, int keep, Deadline deadline) {
            asked.add(new Asked(
                    "sweep " + keep,
                    query.metric(),
                    query.ordinal(),
                    Duration.between(START, time.now()).toSeconds(),
                    query.spec()));
            return Optional.empty();
        }
    }

    /// The provider's next answers to a metric: a number, an error, a measurement, a crash.
    Lab says(String metric, Object... answers) {
        script.computeIfAbsent(metric, _ -> new ArrayDeque<>()).addAll(List.of(answers));
        return this;
    }

    Lab run(String name, String spec) {
        var object = FakeCluster.object(ResourceType.ANALYSIS_RUNS, NS, name)
                .with("spec", Json.parse(spec.replace('\'', '"')));
        cluster.put(ResourceType.ANALYSIS_RUNS, object);
        return this;
    }

    Lab secret(String name, String key, String value) {
        var data = Json.obj(
                key, Base64.getEncoder().encodeToString(value.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        cluster.put(
                ResourceType.SECRETS,
                FakeCluster.object(ResourceType.SECRETS, NS, name).with("data", data));
        return this;
    }

    static ObjectRef ref(String name) {
        return ObjectRef.of(ResourceType.ANALYSIS_RUNS, NS, name);
    }

    Json.Obj object(String name) {
        return cluster.get(ref(name)).orElseThrow();
    }

    AnalysisRunStatus status(String name) {
        return AnalysisRun.of(object(name)).status();
    }

    /// Phase and message.
    String verdict(String name) {
        var status = status(name);
        return status.phase().map(Object::toString).orElse("new")
                + (status.message().isEmpty() ? "" : ": " + status.message());
    }

    Lab after(Duration by) {
        time.advance(by);
        return this;
    }

    Lab toTheEnd(String name) {
        time.until(Duration.ofDays(1), () -> status(name).completed());
        time.settle();
        return this;
    }

    List<String> calls() {
        return asked.stream().map(Asked::toString).toList();
    }

    /// The status patches of a run, oldest first.
    List<Json> patches(String name) {
        return cluster.requests.stream()
                .filter(Request.Patch.class::isInstance)
                .map(Request.Patch.class::cast)
                .filter(patch -> patch.ref().equals(ref(name)))
                .map(Request.Patch::body)
                .toList();
    }

    void edit(String name, Json.Obj patch) {
        var merged = dev.sluice.json.MergePatch.apply(object(name), patch).obj();
        cluster.put(ResourceType.ANALYSIS_RUNS, merged);
    }

    void assertNothingOpen() {
        var stats = controller.stats();
        assertThat(List.of(stats.asked(), stats.waiting(), stats.answers())).containsOnly(0);
    }
}
