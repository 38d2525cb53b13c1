package dev.sluice.providers.web;

import dev.sluice.format.GoJson;
import dev.sluice.json.Json;
import dev.sluice.json.JsonPath;
import dev.sluice.json.JsonPathException;
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
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// The metric provider `web`: calls an address and finds a value in the answer.
///
/// An answer in JSON gives the first value at `jsonPath` (the whole answer without one), any other
/// answer its text. Only a status of 2xx counts as an answer.
///
/// @see "argoproj.io/v1alpha1: provider.web"
public final class WebProvider implements MetricProvider {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Time time;
    private final HttpEdge http;

    public WebProvider(Time time) {
        this.time = time;
        this.http = new HttpEdge(time);
    }

    /// Makes the provider.
    public record Factory() implements MetricProvider.Factory {
        @Override
        public String name() {
            return "web";
        }

        @Override
        public MetricProvider create(Setting setting) {
            return new WebProvider(setting.time());
        }
    }

    @Override
    public String name() {
        return "web";
    }

    @Override
    public String type() {
        return "Web";
    }

    @Override
    public Measurement measure(Query query, Secrets secrets, Deadline deadline) {
        var spec = query.spec();
        var authentication = Authentication.of(spec.at("authentication"));
        var confidential = new Confidential(secrets, authentication.secrets());
        try {
            var headers = Fields.headers(spec.at("headers"));
            confidential = confidential.and(Fields.secrets(headers));
            var path = path(spec);
            var call = call(spec).with(headers);
            var now = time.now();
            var until = Deadline.in(deadline.atMost(Fields.seconds(spec, "timeoutSeconds", TIMEOUT), now), now);
            return switch (authentication.prove(call, http, until)) {
                case Proven.Refused(var why) -> failed(why, confidential);
                case Proven.Ready(var ready, var tokens) -> {
                    confidential = confidential.and(tokens);
                    yield measured(call, http.send(ready, until), path, confidential);
                }
            };
        } catch (IllegalArgumentException wrong) {
            return failed(String.valueOf(wrong.getMessage()), confidential);
        }
    }

    private static Measurement failed(String message, Secrets secrets) {
        return new Measurement.Failed(secrets.redacted("web: " + message));
    }

    private static JsonPath path(Json spec) {
        try {
            var path = spec.at("jsonPath").string("");
            return path.isEmpty() ? JsonPath.ROOT : JsonPath.parse(path);
        } catch (JsonPathException malformed) {
            throw new IllegalArgumentException("jsonPath: " + malformed.getMessage(), malformed);
        }
    }

    private static Call call(Json spec) {
        var url = address(spec);
        boolean insecure = spec.at("insecure").bool(false);
        var method = spec.at("method").string("");
        var text = Optional.of(spec.at("body").string("")).filter(body -> !body.isEmpty());
        var json = Optional.of(spec.at("jsonBody")).filter(body -> !body.isNull());
        if (text.isPresent() && json.isPresent()) {
            throw new IllegalArgumentException("body and jsonBody are both given; keep one of them");
        }
        var body = text.or(() -> json.map(GoJson::text)).map(given -> given.getBytes(StandardCharsets.UTF_8));
        return switch (method) {
            case "", "GET" -> {
                if (body.isPresent()) {
                    throw new IllegalArgumentException("a body can only be sent with method POST or PUT, not with GET");
                }
                yield Call.get(url, insecure);
            }
            case "POST", "PUT" -> {
                var call = new Call(method, url, List.of(), body, insecure);
                yield json.isPresent() ? call.with("Content-Type", "application/json") : call;
            }
            default -> throw new IllegalArgumentException("method: \"" + method + "\" is none of GET, POST, PUT");
        };
    }

    private static URI address(Json spec) {
        var url = spec.at("url").string("");
        if (url.isEmpty()) throw new IllegalArgumentException("url is missing");
        return Addresses.absolute(url)
                .orElseThrow(() -> new IllegalArgumentException(
                        "url is no http or https address; expected one such as http://shop.example/health"));
    }

    private static Measurement measured(Call call, Answer answer, JsonPath path, Secrets secrets) {
        return switch (answer) {
            case Answer.Unanswered(var why) -> failed(why, secrets);
            case Answer.Answered said
            when !said.good() -> failed(call + " answered " + said.status() + ", expected 2xx", secrets);
            case Answer.Answered said -> value(call, said, path, secrets);
        };
    }

    private static Measurement value(Call call, Answer.Answered said, JsonPath path, Secrets secrets) {
        Json whole;
        try {
            whole = Json.parse(said.text());
        } catch (JsonSyntaxException notJson) {
            return new Measurement.Value(Json.of(said.text()), Fields.recorded(secrets.redacted(said.text())));
        }
        try {
            return path.first(whole)
                    .map(WebProvider::withFloats)
                    .<Measurement>map(value ->
                            new Measurement.Value(value, Fields.recorded(secrets.redacted(GoJson.text(value)))))
                    .orElseGet(
                            () -> failed(call + ": there is nothing at jsonPath " + path + " in the answer", secrets));
        } catch (JsonPathException tooMuch) {
            return failed(String.valueOf(tooMuch.getMessage()), secrets);
        }
    }

    /// Every number of an answer is a float to conditions, as Argo Rollouts decodes it.
    private static Json withFloats(Json json) {
        return switch (json) {
            case Json.Int(var number) -> new Json.Dec(number);
            case Json.Arr(var items) ->
                new Json.Arr(items.stream().map(WebProvider::withFloats).toList());
            case Json.Obj(var fields) -> {
                var floats = new LinkedHashMap<String, Json>();
                fields.forEach((name, value) -> floats.put(name, withFloats(value)));
                yield new Json.Obj(floats);
            }
            case Json.Dec _, Json.Str _, Json.Bool _, Json.Null _ -> json;
        };
    }
}
