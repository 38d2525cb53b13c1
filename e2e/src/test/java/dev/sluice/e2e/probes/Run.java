package dev.sluice.e2e.probes;

import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// One probe on one server, and what was answered.
final class Run {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);

    private final Probe probe;
    private final Server server;
    private final Masks masks;
    private final Map<String, String> variables = new TreeMap<>();
    private final List<Answer> answers = new ArrayList<>();

    private Run(Probe probe, Server server, String namespace, String id) {
        this.probe = probe;
        this.server = server;
        variables.put("ns", namespace);
        variables.put("id", id);
        var words = new LinkedHashMap<String, String>();
        words.put(namespace, "{ns}");
        words.put(id, "{id}");
        masks = new Masks(words);
    }

    /// Makes the namespace that [#of] works in, ready for pods.
    static void prepare(Server server, String namespace) throws IOException, InterruptedException {
        var made = server.send(
                Ask.post("/api/v1/namespaces", "").type(Ask.JSON_TYPE),
                "/api/v1/namespaces",
                Optional.of(Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", namespace))
                        .text()));
        if (made.statusCode() != 201) throw new IllegalStateException(server.name() + ": " + made.body());
    }

    /// @param namespace made by [#prepare]
    /// @param id a word that is part of no other
    static List<Answer> of(Probe probe, Server server, String namespace, String id)
            throws IOException, InterruptedException {
        var run = new Run(probe, server, namespace, id);
        for (var step : probe.steps()) run.answers.addAll(run.answer(step));
        return run.answers;
    }

    private List<Answer> answer(Probe.Step step) throws IOException, InterruptedException {
        return switch (step) {
            case Ask ask -> List.of(masked(ask, send(ask)));
            case Probe.Until until -> List.of(last(until));
            case Probe.Watching watching -> watch(watching);
        };
    }

    private HttpResponse<String> send(Ask ask) throws IOException, InterruptedException {
        var body = ask.body().map(this::filled).map(text -> {
            boolean yaml =
                    ask.raw() || ask.headers().getOrDefault("Content-Type", "").endsWith("yaml");
            return yaml ? text : yaml(text).text();
        });
        var answer = server.send(ask, filled(ask.path()), body);
        var json = parsed(answer.body());
        ask.keep().forEach((variable, field) -> variables.put(variable, field(json, field)));
        return answer;
    }

    private static String field(Json json, String path) {
        return json.at(path.split("\\.")).string("(no " + path + ")");
    }

    private Answer masked(Ask ask, HttpResponse<String> answer) {
        var type = answer.headers().firstValue("Content-Type").orElse("");
        return new Answer(
                probe.name() + ": " + ask,
                answer.statusCode(),
                type,
                masks.texts(answer.headers().allValues("Warning")),
                chosen(ask, masks.mask(parsed(answer.body()))));
    }

    private static Json chosen(Ask ask, Json json) {
        var chosen = json;
        if (!ask.only().isEmpty()) {
            var few = Json.Obj.EMPTY;
            for (var path : ask.only()) few = few.with(path, json.at(path.split("\\.")));
            chosen = few;
        }
        for (var path : ask.except()) chosen = without(chosen, List.of(path.split("\\.")));
        return ask.view().apply(chosen);
    }

    private static Json without(Json json, List<String> path) {
        var head = path.getFirst();
        var rest = path.subList(1, path.size());
        return switch (json) {
            case Json.Obj object
            when head.equals("*") -> {
                var all = new LinkedHashMap<String, Json>();
                object.fields().forEach((name, value) -> {
                    if (!rest.isEmpty()) all.put(name, without(value, rest));
                });
                yield new Json.Obj(all);
            }
            case Json.Obj object when rest.isEmpty() -> object.without(head);
            case Json.Obj object when object.has(head) -> object.with(head, without(object.at(head), rest));
            case Json.Arr(var items)
            when !rest.isEmpty() -> {
                var all = new ArrayList<Json>();
                for (var item : items) {
                    boolean meant = head.equals("*") || head.equals(String.valueOf(all.size()));
                    all.add(meant ? without(item, rest) : item);
                }
                yield new Json.Arr(all);
            }
            case Json.Obj _, Json.Arr _, Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> json;
        };
    }

    private Answer last(Probe.Until until) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            var answer = send(until.ask());
            if (until.wanted().test(parsed(answer.body()))) return masked(until.ask(), answer);
            if (System.nanoTime() > end) {
                var masked = masked(until.ask(), answer);
                return new Answer(
                        "after " + LIMIT + " still not as wanted: " + masked.step(), -1, "", List.of(), masked.body());
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /// The answers to what was done meanwhile, then the watch's.
    private List<Answer> watch(Probe.Watching watching) throws IOException, InterruptedException {
        var ask = watching.ask();
        var all = new ArrayList<Answer>();
        var stream = server.open(ask, filled(ask.path()));
        var lines = new ArrayList<Json>();
        try (var body = stream.body();
                var reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
                ExecutorService reading = Executors.newVirtualThreadPerTaskExecutor()) {
            read(reading, reader, watching.first(), lines);
            for (var step : watching.meanwhile()) all.addAll(answer(step));
            read(reading, reader, watching.events(), lines);
            // Ends the reading where it still waits: closing the executor waits for its task.
            body.close();
        }
        var events = new Json.Arr(
                lines.stream().map(masks::mask).map(json -> chosen(ask, json)).toList());
        all.add(new Answer(
                probe.name() + ": watch " + ask.path(),
                stream.statusCode(),
                stream.headers().firstValue("Content-Type").orElse(""),
                List.of(),
                events));
        return all;
    }

    /// Reads until there are so many lines, or no more come.
    private static void read(ExecutorService reading, BufferedReader reader, int count, List<Json> lines)
            throws InterruptedException {
        var done = reading.submit(() -> {
            while (lines.size() < count) {
                var line = reader.readLine();
                if (line == null) break;
                lines.add(parsed(line));
            }
            return lines;
        });
        try {
            done.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException late) {
            lines.add(Json.of("and no more: " + late.getClass().getSimpleName()));
        }
    }

    private String filled(String text) {
        var filled = text;
        for (var variable : variables.entrySet())
            filled = filled.replace("{" + variable.getKey() + "}", variable.getValue());
        return filled;
    }

    private static Json parsed(String text) {
        try {
            return Json.parse(text);
        } catch (JsonSyntaxException noJson) {
            return Json.of(text);
        }
    }

    /// YAML, which is easier on the eye, as JSON.
    static Json yaml(String text) {
        return Json.of(new Load(LoadSettings.builder().build()).loadFromString(text));
    }
}
