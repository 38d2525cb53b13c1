package dev.sluice.local.traffic.promql;

import dev.sluice.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/// A small Prometheus: scrapes registries of this process, keeps some minutes, and answers queries as the HTTP
/// API of the real one does.
///
/// The language is the subset of PromQL listed in [Expr.Function], [Expr.Fold] and [Expr.Operator]; what lies
/// beyond is refused by name, never answered wrongly.
///
/// @see "Prometheus HTTP API: instant queries, range queries"
public final class Prometheus {
    private static final int MOST_POINTS = 11_000;

    private final Supplier<Instant> now;
    private final SeriesStore store;

    /// @param now what "now" is in a query without a time
    /// @param retention scrapes kept
    /// @param maxSeries series kept
    public Prometheus(Supplier<Instant> now, int retention, int maxSeries) {
        this.now = now;
        this.store = new SeriesStore(retention, maxSeries);
    }

    /// Takes one sample of everything.
    public void scrape(Instant at, Iterable<Registry> sources) {
        store.scrape(at.toEpochMilli(), sources);
    }

    /// Series that did not fit, since the start; counted once per scrape.
    public long dropped() {
        return store.dropped();
    }

    /// An answer of the HTTP API.
    public record Answer(int status, Json.Obj body) {}

    /// `/api/v1/query`: parameters `query` and `time`.
    public Answer query(Map<String, String> parameters) {
        return answered(() -> {
            long at = time(parameters, "time").orElseGet(() -> now.get().toEpochMilli());
            var expr = Parser.parse(required(parameters, "query"));
            var value = new Evaluator(expr, store, at, at).at(at);
            return switch (value) {
                case Value.Scalar(double number) -> data("scalar", sample(at, number));
                case Value.Text(var text) -> data("string", Json.arr(seconds(at), text));
                case Value.Vector(var points) -> data("vector", vector(points, at));
                case Value.Matrix(var windows) -> data("matrix", matrix(windows));
            };
        });
    }

    /// `/api/v1/query_range`: parameters `query`, `start`, `end`, `step`.
    public Answer queryRange(Map<String, String> parameters) {
        return answered(() -> {
            long start = time(parameters, "start").orElseThrow(() -> missing("start"));
            long end = time(parameters, "end").orElseThrow(() -> missing("end"));
            if (end < start) throw PromQlException.parameter("end", "end timestamp must not be before start time");
            var stepText = required(parameters, "step");
            long step = Parser.duration(stepText)
                    .orElseThrow(() ->
                            PromQlException.parameter("step", "cannot parse \"" + stepText + "\" to a valid duration"));
            if (step <= 0) {
                throw PromQlException.parameter(
                        "step", "zero or negative query resolution step widths are not accepted");
            }
            if ((end - start) / step > MOST_POINTS) {
                throw PromQlException.parameter(
                        "step",
                        "exceeded maximum resolution of " + MOST_POINTS + " points per timeseries; use a longer step");
            }
            var expr = Parser.parse(required(parameters, "query"));
            if (expr.type() != Expr.Type.SCALAR && expr.type() != Expr.Type.VECTOR) {
                throw PromQlException.parameter(
                        "query",
                        "invalid expression type \"" + expr.type().words
                                + "\" for range query, must be scalar or instant vector");
            }
            return data("matrix", range(new Evaluator(expr, store, start, end), start, end, step));
        });
    }

    private static Json range(Evaluator evaluator, long start, long end, long step) throws PromQlException {
        var series = new LinkedHashMap<Labels, List<Json>>();
        for (long at = start; at <= end; at += step) {
            var points = switch (evaluator.at(at)) {
                case Value.Scalar(double number) -> List.of(new Value.Point(Labels.NONE, number));
                case Value.Vector(var some) -> some;
                case Value.Matrix _, Value.Text _ -> List.<Value.Point>of();
            };
            for (var point : points) {
                series.computeIfAbsent(point.labels(), _ -> new ArrayList<>()).add(sample(at, point.value()));
            }
        }
        var result = new ArrayList<Json>();
        series.keySet().stream().sorted().forEach(labels -> {
            result.add(Json.obj("metric", labels.json(), "values", Json.of(series.getOrDefault(labels, List.of()))));
        });
        return Json.of(result);
    }

    /// `/api/v1/labels`: the names in use.
    public Answer labelNames() {
        return answered(() -> {
            var names = new TreeSet<String>();
            for (var labels : store.labels(_ -> true))
                names.addAll(labels.json().fields().keySet());
            return Json.of(names);
        });
    }

    /// `/api/v1/label/<name>/values`.
    public Answer labelValues(String name) {
        return answered(() -> {
            var values = new TreeSet<String>();
            for (var labels : store.labels(labels -> !labels.get(name).isEmpty())) values.add(labels.get(name));
            return Json.of(values);
        });
    }

    private interface Question {
        Json answer() throws PromQlException;
    }

    private static Answer answered(Question question) {
        try {
            return new Answer(200, Json.obj("status", "success", "data", question.answer()));
        } catch (PromQlException wrong) {
            int status = wrong.type().equals("bad_data") ? 400 : 422;
            return new Answer(status, Json.obj("status", "error", "errorType", wrong.type(), "error", wrong.why()));
        } catch (StackOverflowError endless) {
            // A regular expression can do that; the parser cannot.
            return new Answer(
                    422,
                    Json.obj("status", "error", "errorType", "execution", "error", "the query is too deeply nested"));
        }
    }

    private static Json data(String type, Json result) {
        return Json.obj("resultType", type, "result", result);
    }

    private static Json vector(List<Value.Point> points, long at) throws PromQlException {
        var result = new ArrayList<Json>();
        var seen = new TreeSet<Labels>();
        for (var point : points) {
            if (!seen.add(point.labels())) {
                throw PromQlException.execution("vector cannot contain metrics with the same labelset");
            }
            result.add(Json.obj("metric", point.labels().json(), "value", sample(at, point.value())));
        }
        return Json.of(result);
    }

    private static Json matrix(List<Value.Window> windows) {
        var result = new ArrayList<Json>();
        for (var window : windows) {
            var values = new ArrayList<Json>();
            for (int i = window.first(); i <= window.last(); i++) {
                values.add(sample(window.samples().time(i), window.samples().value(i)));
            }
            result.add(Json.obj("metric", window.samples().labels().json(), "values", Json.of(values)));
        }
        return Json.of(result);
    }

    private static Json sample(long at, double value) {
        return Json.arr(seconds(at), Numbers.text(value));
    }

    /// Seconds with up to three decimals.
    private static Json seconds(long at) {
        return at % 1000 == 0 ? Json.of(at / 1000) : Json.of(at / 1000.0);
    }

    private static String required(Map<String, String> parameters, String name) throws PromQlException {
        var value = parameters.getOrDefault(name, "");
        if (value.isBlank()) throw missing(name);
        return value;
    }

    private static PromQlException missing(String name) {
        return PromQlException.parameter(name, "it is missing");
    }

    /// Unix seconds with decimals, or RFC 3339.
    private static Optional<Long> time(Map<String, String> parameters, String name) throws PromQlException {
        var text = parameters.getOrDefault(name, "");
        if (text.isEmpty()) return Optional.empty();
        if (text.matches("-?[0-9]{1,12}(\\.[0-9]+)?")) return Optional.of(Math.round(Double.parseDouble(text) * 1000));
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant().toEpochMilli());
        } catch (DateTimeException neither) {
            throw PromQlException.parameter(name, "cannot parse \"" + text + "\" to a valid timestamp");
        }
    }
}
