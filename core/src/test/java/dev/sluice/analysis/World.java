package dev.sluice.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.AnalysisDecision.Event;
import dev.sluice.analysis.AnalysisObservation.Answer;
import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.spi.Measurement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// One run, its providers and a clock that moves only from one thing that happens to the next.
final class World {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /// What a provider will say, and how long it takes.
    record Reply(Measurement says, Duration after) {}

    private record Call(AnalysisAction action, String metric, int ordinal, Instant asked, Instant answers) {}

    Instant now = START;
    Json.Obj object;
    final List<String> log = new ArrayList<>();
    final List<Event> events = new ArrayList<>();
    final List<AnalysisAction> actions = new ArrayList<>();
    private final List<Answer> answers = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final LinkedHashMap<String, ArrayDeque<Reply>> script = new LinkedHashMap<>();
    private Optional<Instant> wakeAt = Optional.empty();
    private Reply otherwise = new Reply(new Measurement.Value(Json.of(1), "1"), Duration.ofMillis(100));
    boolean deleted;

    World(String spec) {
        object = Json.obj(
                "metadata",
                Json.obj("name", "run", "namespace", "ns", "uid", "u1", "resourceVersion", "1"),
                "spec",
                Json.parse(spec.replace('\'', '"')));
    }

    static Measurement value(double value) {
        return new Measurement.Value(Json.of(value), Double.toString(value));
    }

    /// The provider of a metric answers these, one after the other; afterwards 1.
    World says(String metric, Object... replies) {
        var queue = script.computeIfAbsent(metric, _ -> new ArrayDeque<>());
        for (var reply : replies) {
            queue.add(
                    switch (reply) {
                        case Reply whole -> whole;
                        case Measurement measurement -> new Reply(measurement, Duration.ofMillis(100));
                        case Number number -> new Reply(value(number.doubleValue()), Duration.ofMillis(100));
                        case String error -> new Reply(new Measurement.Failed(error), Duration.ofMillis(100));
                        default -> throw new IllegalArgumentException(reply.toString());
                    });
        }
        return this;
    }

    AnalysisRun run() {
        return AnalysisRun.of(object);
    }

    AnalysisRunStatus status() {
        return run().status();
    }

    AnalysisPhase phase() {
        return status().phase().orElseThrow();
    }

    String message() {
        return status().message();
    }

    MetricResult result(String metric) {
        return status().result(metric).orElseThrow();
    }

    AnalysisObservation observed() {
        return new AnalysisObservation(
                run(), answers, calls.stream().map(Call::metric).toList(), now);
    }

    /// One look: decide, write, ask.
    AnalysisDecision look() {
        var seen = observed();
        var decision = AnalysisEngine.decide(seen);
        assertThat(AnalysisEngine.decide(seen)).as("deterministic").isEqualTo(decision);
        var patch =
                MergePatch.diff(seen.run().status().json(), decision.status().json());
        object = MergePatch.apply(object, Json.obj("status", patch)).obj();
        assertThat(status()).as("what was written is what is read").isEqualTo(decision.status());
        answers.clear();
        events.addAll(decision.events());
        for (var move : decision.moves()) {
            actions.add(move.action());
            log.add(Duration.between(START, now).toSeconds() + "s " + move.code() + ": " + move.because());
            switch (move.action()) {
                case AnalysisAction.Measure(var question) -> ask(move.action(), question);
                case AnalysisAction.Resume(var question, var _) -> ask(move.action(), question);
                case AnalysisAction.Terminate(var question, var _) -> ask(move.action(), question);
                case AnalysisAction.Sweep _ -> {}
                case AnalysisAction.Delete _ -> deleted = true;
            }
        }
        wakeAt = decision.wakeAt();
        return decision;
    }

    private void ask(AnalysisAction action, Question question) {
        var metric = question.metric().name();
        var queue = script.getOrDefault(metric, new ArrayDeque<>());
        var delay = queue.isEmpty() ? otherwise.after() : queue.peek().after();
        calls.add(new Call(action, metric, question.ordinal(), now, now.plus(delay)));
    }

    private void answer(Call call) {
        calls.remove(call);
        var queue = script.getOrDefault(call.metric(), new ArrayDeque<>());
        var says = queue.isEmpty() ? otherwise.says() : queue.poll().says();
        var measured = switch (call.action()) {
            case AnalysisAction.Measure(var question) -> Measured.of(says, question.metric(), call.asked(), now);
            case AnalysisAction.Resume(var question, var inFlight) -> inFlight.then(says, question.metric(), now);
            case AnalysisAction.Terminate(var question, var inFlight) ->
                inFlight.terminated(says, question.metric(), now);
            default -> throw new IllegalStateException();
        };
        answers.add(new Answer.Taken(call.metric(), call.ordinal(), measured, Measured.none()));
    }

    void noSecret(String metric, String message) {
        answers.add(new Answer.NoSecret(metric, message));
    }

    /// The controller dies: what was asked and what was answered and not written is gone.
    void crash() {
        calls.clear();
        answers.clear();
        wakeAt = Optional.of(now);
    }

    /// Moves to the next thing that happens and looks.
    ///
    /// @return false when nothing will ever happen
    boolean next() {
        var at = wakeAt;
        for (var call : calls) at = Schedule.earlier(at, call.answers());
        if (at.isEmpty()) return false;
        if (at.get().isAfter(now)) now = at.get();
        for (var call : List.copyOf(calls)) {
            if (!call.answers().isAfter(now)) answer(call);
        }
        look();
        return true;
    }

    World until(Duration time) {
        look();
        for (int i = 0; i < 10_000 && !status().completed(); i++) {
            var before = now;
            if (!next() || Duration.between(START, now).compareTo(time) > 0) {
                now = before;
                break;
            }
        }
        return this;
    }

    World toTheEnd() {
        until(Duration.ofDays(1));
        assertThat(status().completed()).as("%s", log).isTrue();
        return this;
    }

    long seconds() {
        return Duration.between(START, now).toSeconds();
    }
}
