package dev.sluice.providers.prometheus;

import dev.sluice.expression.Condition;
import dev.sluice.format.GoDuration;
import dev.sluice.format.GoJson;
import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import dev.sluice.providers.http.Addresses;
import dev.sluice.providers.http.Answer;
import dev.sluice.providers.http.Authentication;
import dev.sluice.providers.http.Authentication.Proven;
import dev.sluice.providers.http.Call;
import dev.sluice.providers.http.Confidential;
import dev.sluice.providers.http.Fields;
import dev.sluice.providers.http.HttpEdge;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.Measurement;
import dev.sluice.spi.MetricProvider;
import dev.sluice.spi.Secrets;
import dev.sluice.spi.Time;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// The metric provider `prometheus`: one instant or range query in PromQL.
///
/// A scalar is a number, a vector the list of its values (an empty one is no error here), a matrix all its samples in
/// one list. Warnings of the server go into the measurement's metadata.
///
/// @see "argoproj.io/v1alpha1: provider.prometheus; Prometheus HTTP API v1"
public final class PrometheusProvider implements MetricProvider {
    static final String ADDRESS = "ARGO_ROLLOUTS_PROMETHEUS_ADDRESS";

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Time time;
    private final HttpEdge http;
    private final Optional<String> defaultAddress;

    public PrometheusProvider(Time time, Optional<String> defaultAddress) {
        this.time = time;
        this.http = new HttpEdge(time);
        this.defaultAddress = defaultAddress;
    }

    /// Makes the provider; the environment may name the server of all metrics that name none.
    public record Factory() implements MetricProvider.Factory {
        @Override
        public String name() {
            return "prometheus";
        }

        @Override
        public MetricProvider create(Setting setting) {
            return new PrometheusProvider(setting.time(), setting.variable(ADDRESS));
        }
    }

    @Override
    public String name() {
        return "prometheus";
    }

    @Override
    public String type() {
        return "Prometheus";
    }

    @Override
    public SequencedMap<String, String> facts(Query query) {
        var facts = new LinkedHashMap<String, String>();
        facts.put("ResolvedPrometheusQuery", query.spec().at("query").string(""));
        return facts;
    }

    @Override
    public Measurement measure(Query query, Secrets secrets, Deadline deadline) {
        var spec = query.spec();
        var authentication = Authentication.of(spec.at("authentication"));
        var confidential = new Confidential(secrets, authentication.secrets());
        try {
            var headers = Fields.headers(spec.at("headers"));
            confidential = confidential.and(Fields.secrets(headers));
            var now = time.now();
            var asked = Question.of(spec, address(spec), query.now());
            var until = Deadline.in(deadline.atMost(Fields.seconds(spec, "timeout", TIMEOUT), now), now);
            var post = asked.post(spec.at("insecure").bool(false)).with(headers);
            return switch (authentication.prove(post, http, until)) {
                case Proven.Refused(var why) -> failed(why, confidential);
                case Proven.Ready(var ready, var tokens) -> {
                    confidential = confidential.and(tokens);
                    var answer = http.send(ready, until);
                    // A proxy in front may let only reading methods through.
                    if (answer instanceof Answer.Answered(var status, var _) && (status == 405 || status == 501)) {
                        var get = asked.get(ready);
                        yield measured(get, http.send(get, until), confidential);
                    }
                    yield measured(ready, answer, confidential);
                }
            };
        } catch (IllegalArgumentException wrong) {
            return failed(String.valueOf(wrong.getMessage()), confidential);
        }
    }

    private static Measurement failed(String message, Secrets secrets) {
        return new Measurement.Failed(secrets.redacted("prometheus: " + message));
    }

    private URI address(Json spec) {
        var given = Optional.of(spec.at("address").string("")).filter(address -> !address.isEmpty());
        var address = given.or(() -> defaultAddress)
                .orElseThrow(() -> new IllegalArgumentException(
                        "address is missing; set it in the metric, or " + ADDRESS + " for all metrics"));
        if (address.contains("aps-workspaces")) {
            throw new IllegalArgumentException("address is one of Amazon Managed Prometheus, whose requests must be"
                    + " signed (sigv4), which is not supported yet; give the address of a signing proxy");
        }
        return Addresses.absolute(address)
                .orElseThrow(() -> new IllegalArgumentException("address \"" + Addresses.shown(address)
                        + "\" is no http or https address; expected one such as http://prometheus.monitoring:9090"));
    }

    /// A query on its way: path under the server's address, and form.
    private record Question(URI server, String path, String form) {
        static Question of(Json spec, URI server, Instant now) {
            var promql = spec.at("query").string("");
            if (promql.isEmpty()) throw new IllegalArgumentException("query is missing");
            var range = spec.at("rangeQuery");
            if (range.isNull()) {
                return new Question(server, "/api/v1/query", Addresses.form("query", promql, "time", seconds(now)));
            }
            var step = range.at("step").string("");
            var stepLength = GoDuration.parse(step)
                    .filter(Duration::isPositive)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "rangeQuery.step: \"" + step + "\" is no positive duration; expected one such as 1m"));
            var form = Addresses.form(
                    "query",
                    promql,
                    "start",
                    seconds(moment(range, "start", now)),
                    "end",
                    seconds(moment(range, "end", now)),
                    "step",
                    BigDecimal.valueOf(stepLength.toNanos(), 9)
                            .stripTrailingZeros()
                            .toPlainString());
            return new Question(server, "/api/v1/query_range", form);
        }

        private static Instant moment(Json range, String field, Instant now) {
            var source = range.at(field).string("");
            return switch (Condition.moment(source, now)) {
                case Condition.Moment.At(var at) -> at;
                case Condition.Moment.None(var message) ->
                    throw new IllegalArgumentException("failed to parse rangeQuery." + field + " as time: " + message);
            };
        }

        /// Seconds since 1970 with the fraction, to the millisecond that Prometheus knows.
        private static String seconds(Instant at) {
            return BigDecimal.valueOf(at.toEpochMilli(), 3).stripTrailingZeros().toPlainString();
        }

        Call post(boolean insecure) {
            return Call.post(uri(""), form.getBytes(StandardCharsets.UTF_8), insecure)
                    .with("Content-Type", "application/x-www-form-urlencoded");
        }

        /// The same as a reading request, with the headers of the other.
        Call get(Call post) {
            var headers = post.headers().stream()
                    .filter(header -> !header.name().equalsIgnoreCase("content-type"))
                    .toList();
            return Call.get(uri("?" + form), post.insecure()).with(headers);
        }

        private URI uri(String query) {
            var base = server.getRawPath() == null ? "" : server.getRawPath();
            while (base.endsWith("/")) base = base.substring(0, base.length() - 1);
            return URI.create(server.getScheme() + "://" + server.getRawAuthority() + base + path + query);
        }
    }

    private static Measurement measured(Call call, Answer answer, Secrets secrets) {
        return switch (answer) {
            case Answer.Unanswered(var why) -> failed(why, secrets);
            case Answer.Answered said -> {
                Json body;
                try {
                    body = Json.parse(said.text());
                } catch (JsonSyntaxException notJson) {
                    yield failed(
                            call + " answered " + said.status()
                                    + (said.good() ? " without JSON: " + notJson.getMessage() : ", expected 2xx"),
                            secrets);
                }
                if (body.at("status").string("").equals("error")) {
                    yield failed(
                            call + ": " + body.at("errorType").string("error") + ": "
                                    + body.at("error").string("no message"),
                            secrets);
                }
                if (!said.good()) yield failed(call + " answered " + said.status() + ", expected 2xx", secrets);
                try {
                    yield value(body, secrets);
                } catch (IllegalArgumentException malformed) {
                    yield failed(call + ": " + malformed.getMessage(), secrets);
                }
            }
        };
    }

    private static Measurement value(Json body, Secrets secrets) {
        var data = body.at("data");
        var result = data.at("result");
        var metadata = warnings(body, secrets);
        return switch (data.at("resultType").string("")) {
            case "scalar" -> {
                double number = sample(result);
                yield new Measurement.Value(new Json.Dec(number), GoJson.plain(number), metadata);
            }
            case "vector" ->
                list(result.items().stream().map(PrometheusProvider::single).toList(), metadata);
            case "matrix" ->
                list(
                        result.items().stream()
                                .flatMap(series -> series(series).stream())
                                .toList(),
                        metadata);
            case "" -> throw new IllegalArgumentException("the answer has no data.resultType; is this Prometheus?");
            case String other ->
                throw new IllegalArgumentException(
                        "the query gives a " + other + "; expected a scalar, a vector or a matrix");
        };
    }

    private static Measurement list(List<Double> numbers, SequencedMap<String, String> metadata) {
        var text = numbers.stream().map(GoJson::plain).collect(Collectors.joining(",", "[", "]"));
        return new Measurement.Value(
                new Json.Arr(numbers.stream().<Json>map(Json.Dec::new).toList()), Fields.recorded(text), metadata);
    }

    private static double single(Json series) {
        if (series.at("value").isNull() && !series.at("histogram").isNull()) throw histogram();
        return sample(series.at("value"));
    }

    private static List<Double> series(Json series) {
        if (!series.at("histograms").items().isEmpty()) throw histogram();
        return series.at("values").items().stream()
                .map(PrometheusProvider::sample)
                .toList();
    }

    private static IllegalArgumentException histogram() {
        return new IllegalArgumentException("the query gives native histograms, which are no single numbers;"
                + " apply histogram_quantile, histogram_avg or the like");
    }

    /// A pair of time and value; the value is a string, so that it can say `NaN` and `+Inf`.
    private static double sample(Json pair) {
        var text = pair.at(1).string("");
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> {
                try {
                    yield new BigDecimal(text).doubleValue();
                } catch (NumberFormatException none) {
                    throw new IllegalArgumentException(
                            "a sample is " + pair.text() + "; expected [time, \"number\"]", none);
                }
            }
        };
    }

    private static SequencedMap<String, String> warnings(Json body, Secrets secrets) {
        var warnings = body.at("warnings").items().stream()
                .flatMap(warning -> warning.asString().stream())
                .map(warning -> "\"" + warning + "\"")
                .collect(Collectors.joining(", "));
        var metadata = new LinkedHashMap<String, String>();
        if (!warnings.isEmpty()) metadata.put("warnings", secrets.redacted(warnings));
        return metadata;
    }
}
