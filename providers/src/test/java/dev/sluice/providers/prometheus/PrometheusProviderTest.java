package dev.sluice.providers.prometheus;

import static dev.sluice.providers.Asking.CLOCK;
import static dev.sluice.providers.Asking.NOW;
import static dev.sluice.providers.Asking.hasty;
import static dev.sluice.providers.Asking.hiding;
import static dev.sluice.providers.Asking.patient;
import static dev.sluice.providers.Asking.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.providers.http.StubService;
import dev.sluice.spi.Measurement;
import dev.sluice.spi.Secrets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrometheusProviderTest {
    private final StubService service = new StubService();
    private final PrometheusProvider prometheus = new PrometheusProvider(CLOCK, Optional.empty());

    @AfterEach
    void close() {
        service.close();
    }

    private Json.Obj spec() {
        return Json.obj("address", service.url(""), "query", "sum(rate(http_requests_total[1m]))");
    }

    private Measurement measure(Json spec) {
        return prometheus.measure(query(spec), Secrets.NONE, patient());
    }

    private Measurement answering(String type, String result) {
        service.on(
                "/api/v1/query",
                200,
                "{\"status\":\"success\",\"data\":{\"resultType\":\"" + type + "\",\"result\":" + result + "}}");
        return measure(spec());
    }

    private static String message(Measurement measurement) {
        return ((Measurement.Failed) measurement).message();
    }

    @ParameterizedTest
    @CsvSource({
        "0.95, 0.95",
        "5, 5",
        "1e+21, 1000000000000000000000",
        "1.5e-9, 0.0000000015",
        "NaN, NaN",
        "+Inf, +Inf",
        "-Inf, -Inf",
        "-0.5, -0.5"
    })
    void aScalarIsANumber(String sample, String text) {
        var value = (Measurement.Value) answering("scalar", "[1767323045.1,\"" + sample + "\"]");
        assertThat(value.text()).isEqualTo(text);
        assertThat(value.value()).isEqualTo(new Json.Dec(Double.parseDouble(sample.replace("Inf", "Infinity"))));
    }

    @Test
    void aVectorIsAListOfNumbers() {
        var value = (Measurement.Value) answering("vector", """
                [{"metric":{"pod":"a"},"value":[1767323045,"10"]},{"metric":{},"value":[1767323045,"NaN"]}]""");
        assertThat(value.text()).isEqualTo("[10,NaN]");
        assertThat(value.value()).isEqualTo(Json.arr(10.0, Double.NaN));
    }

    @Test
    void anEmptyVectorIsAnEmptyList() {
        assertThat(answering("vector", "[]")).isEqualTo(new Measurement.Value(Json.arr(), "[]"));
    }

    @Test
    void aMatrixIsFlattened() {
        service.on("/api/v1/query_range", 200, """
                {"status":"success","data":{"resultType":"matrix","result":[
                  {"metric":{},"values":[[1,"1"],[2,"2.5"]]},{"metric":{},"values":[[1,"-3"]]}]}}""");
        var value = (Measurement.Value) measure(spec().with(
                        "rangeQuery", Json.obj("start", "now() - duration(\"1h\")", "end", "now()", "step", "1m30s")));
        assertThat(value.text()).isEqualTo("[1,2.5,-3]");
        assertThat(service.last().body())
                .isEqualTo("query=sum%28rate%28http_requests_total%5B1m%5D%29%29&start="
                        + NOW.minusSeconds(3600).getEpochSecond() + "&end=" + NOW.getEpochSecond() + "&step=90");
    }

    @Test
    void asksForTheMomentOfTheDecision() {
        answering("vector", "[]");
        assertThat(service.last().method()).isEqualTo("POST");
        assertThat(service.last().header("Content-Type")).isEqualTo("application/x-www-form-urlencoded");
        assertThat(service.last().body()).endsWith("&time=" + NOW.getEpochSecond());
    }

    @Test
    void aServerThatTakesNoPostIsAskedByGet() {
        service.on("/api/v1/query", (seen, exchange) -> {
            boolean reads = seen.method().equals("GET");
            StubService.reply(
                    exchange,
                    reads ? 200 : 405,
                    reads ? "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}" : "");
        });
        assertThat(measure(spec())).isInstanceOf(Measurement.Value.class);
        assertThat(service.last().path()).startsWith("/api/v1/query?query=sum%28rate");
    }

    @Test
    void theAddressMayHaveAPath() {
        service.on(
                "/prometheus/api/v1/query",
                200,
                "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"2\"]}}");
        assertThat(measure(spec().with("address", service.url("/prometheus/")))).isInstanceOf(Measurement.Value.class);
    }

    @Test
    void theEnvironmentMayNameTheServer() {
        service.on(
                "/api/v1/query",
                200,
                "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"2\"]}}");
        var provider = new PrometheusProvider(CLOCK, Optional.of(service.url("")));
        assertThat(provider.measure(query(spec().without("address")), Secrets.NONE, patient()))
                .isInstanceOf(Measurement.Value.class);
        assertThat(message(measure(spec().without("address")))).contains("ARGO_ROLLOUTS_PROMETHEUS_ADDRESS");
    }

    @Test
    void warningsAreKept() {
        service.on("/api/v1/query", 200, """
                {"status":"success","warnings":["store a is away","partial"],
                 "data":{"resultType":"vector","result":[]}}""");
        assertThat(measure(spec()).metadata()).containsEntry("warnings", "\"store a is away\", \"partial\"");
    }

    @Test
    void theResolvedQueryIsAFactOfTheMetric() {
        assertThat(prometheus.facts(query(spec())))
                .containsEntry("ResolvedPrometheusQuery", "sum(rate(http_requests_total[1m]))");
    }

    @Test
    void sendsHeadersAndBasicAuthentication() {
        service.on(
                "/api/v1/query",
                200,
                "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"2\"]}}");
        measure(spec().with("headers", List.of(Json.obj("key", "X-Scope-OrgID", "value", "shop")))
                .with("authentication", Json.obj("basicAuth", Json.obj("username", "ann", "password", "geheim"))));
        assertThat(service.last().header("X-Scope-OrgID")).isEqualTo("shop");
        assertThat(service.last().header("Authorization")).isEqualTo("Basic YW5uOmdlaGVpbQ==");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            400 | {"status":"error","errorType":"bad_data","error":"parse error at char 5"} | bad_data: parse error at char 5
            422 | {"status":"error","errorType":"execution","error":"many-to-many"}         | execution: many-to-many
            503 | {"status":"error","errorType":"timeout","error":"query timed out"}        | timeout: query timed out
            500 | oops                                                                      | answered 500, expected 2xx
            404 | {}                                                                        | answered 404, expected 2xx
            200 | <html>login</html>                                                        | answered 200 without JSON
            200 | {"status":"success"}                                                      | no data.resultType; is this Prometheus?
            200 | {"status":"success","data":{"resultType":"string","result":[1,"x"]}}      | gives a string; expected a scalar
            200 | {"status":"success","data":{"resultType":"scalar","result":[1,2]}}        | a sample is [1,2]; expected [time, "number"]
            200 | {"status":"success","data":{"resultType":"vector","result":[{"histogram":[1,{}]}]}} | native histograms
            """)
    void whatTheServerSaysIsTold(int status, String body, String message) {
        service.on("/api/v1/query", status, body);
        assertThat(message(measure(spec())))
                .startsWith("prometheus: POST " + service.url("/api/v1/query"))
                .contains(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"query": ""}                                     | query is missing
            {"address": "prometheus"}                         | "prometheus" is no http or https address
            {"address": "http://ann:geheim@[x"}               | is no http or https address
            {"address": "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1"} | must be signed (sigv4), which is not supported yet
            {"authentication": {"sigv4": {"region": "x"}}}    | authentication.sigv4 is not supported yet
            {"authentication": {"basicAuth": {"username": "u"}}} | needs both username and password
            {"timeout": -5}                                   | timeout: -5 is negative
            {"rangeQuery": {"start": "now()", "end": "now()", "step": "x"}} | rangeQuery.step: "x" is no positive duration
            {"rangeQuery": {"start": "5", "end": "now()", "step": "1m"}} | failed to parse rangeQuery.start as time
            """)
    void aWrongFieldIsNamed(String change, String message) {
        var spec = spec();
        for (var field : Json.parse(change).fields().entrySet()) spec = spec.with(field.getKey(), field.getValue());
        assertThat(message(measure(spec)))
                .startsWith("prometheus: ")
                .contains(message)
                .doesNotContain("geheim");
    }

    @Test
    void aSlowServerIsLeftAtTheDeadline() {
        service.silent("/api/v1/query");
        assertThat(message(prometheus.measure(query(spec()), Secrets.NONE, hasty())))
                .contains("no answer within");
    }

    @ParameterizedTest
    @ValueSource(strings = {"geheim"})
    void secretsInAnErrorAreHidden(String secret) {
        service.on(
                "/api/v1/query",
                400,
                "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"near " + secret + "\"}");
        assertThat(message(prometheus.measure(query(spec()), hiding(secret), patient())))
                .contains("near *****");
        var spec =
                spec().with("authentication", Json.obj("basicAuth", Json.obj("username", "ann", "password", secret)));
        assertThat(message(measure(spec))).contains("near *****");
    }
}
