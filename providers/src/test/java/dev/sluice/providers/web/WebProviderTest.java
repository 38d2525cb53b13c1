package dev.sluice.providers.web;

import static dev.sluice.providers.Asking.CLOCK;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebProviderTest {
    private final StubService service = new StubService();
    private final WebProvider web = new WebProvider(CLOCK);

    @AfterEach
    void close() {
        service.close();
    }

    private Measurement measure(Json spec) {
        return web.measure(query(spec), Secrets.NONE, patient());
    }

    private Json.Obj at(String path) {
        return Json.obj("url", service.url(path));
    }

    private static String message(Measurement measurement) {
        return ((Measurement.Failed) measurement).message();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {$.data.ok}       | true
            {$.data.rate}     | 0.25
            {$.data.name}     | "a\\u003cb"
            {$.data.big}      | 12345678901234567000
            {$.data.tiny}     | 1e-7
            {$.data.list[*]}  | 1
            {$.data.list}     | [1,2]
            {$.data.none}     | null
            {$.data.map}      | {"a":2,"b":1}
            """)
    void recordsTheTextOfTheFirstValueAsGoWritesIt(String path, String text) {
        service.on("/health", 200, """
                {"data": {"ok": true, "rate": 0.25, "name": "a<b", "big": 12345678901234567890, "tiny": 1e-7,
                          "list": [1, 2], "none": null, "map": {"b": 1, "a": 2}}}""");
        var measured = measure(at("/health").with("jsonPath", path));
        assertThat(measured)
                .isInstanceOfSatisfying(
                        Measurement.Value.class,
                        value -> assertThat(value.text()).isEqualTo(text));
    }

    @Test
    void numbersAreFloatsToConditions() {
        service.on("/", 200, "{\"n\": 5}");
        assertThat(measure(at("/").with("jsonPath", "{.n}"))).isEqualTo(new Measurement.Value(new Json.Dec(5), "5"));
    }

    @Test
    void withoutAPathTheWholeAnswerIsTheValue() {
        service.on("/", 200, "{\"b\": 1, \"a\": [true]}");
        assertThat(((Measurement.Value) measure(at("/"))).text()).isEqualTo("{\"a\":[true],\"b\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"healthy", "{not json", ""})
    void anAnswerThatIsNotJsonIsItsText(String body) {
        service.on("/", 200, body);
        assertThat(measure(at("/").with("jsonPath", "{$.a}"))).isEqualTo(new Measurement.Value(Json.of(body), body));
    }

    @ParameterizedTest
    @ValueSource(ints = {304, 400, 401, 404, 429, 500, 503})
    void onlySuccessIsAnAnswer(int status) {
        service.on("/", status, "geheim");
        assertThat(message(measure(at("/"))))
                .isEqualTo("web: GET " + service.url("/") + " answered " + status + ", expected 2xx");
    }

    @Test
    void sendsHeadersAndBody() {
        service.on("/", 200, "1");
        measure(at("/").with("method", "POST")
                .with("body", "a=1")
                .with("headers", List.of(Json.obj("key", "X-Team", "value", "shop"), Json.obj("key", "X-Empty"))));
        assertThat(service.last().method()).isEqualTo("POST");
        assertThat(service.last().body()).isEqualTo("a=1");
        assertThat(service.last().header("X-Team")).isEqualTo("shop");
    }

    @Test
    void aJsonBodySetsItsContentType() {
        service.on("/", 200, "1");
        measure(at("/").with("method", "PUT").with("jsonBody", Json.obj("b", 1, "a", Json.arr(true))));
        assertThat(service.last().body()).isEqualTo("{\"a\":[true],\"b\":1}");
        assertThat(service.last().header("Content-Type")).isEqualTo("application/json");
    }

    @Test
    void aSlowServiceIsLeftAtTheDeadline() {
        service.silent("/");
        assertThat(message(web.measure(query(at("/")), Secrets.NONE, hasty()))).contains("no answer within");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {}                                                   | url is missing
            {"url": "shop.example"}                              | url is no http or https address
            {"url": "http://a", "method": "DELETE"}              | "DELETE" is none of GET, POST, PUT
            {"url": "http://a", "body": "x"}                     | a body can only be sent with method POST or PUT
            {"url": "http://a", "method": "POST", "body": "x", "jsonBody": {}} | keep one of them
            {"url": "http://a", "jsonPath": "{.a[}"}             | column 5: expected an index
            {"url": "http://a", "timeoutSeconds": -1}            | timeoutSeconds: -1 is negative
            {"url": "http://a", "timeoutSeconds": "soon"}        | "soon" is not a number of seconds
            {"url": "http://a", "headers": [{"value": "x"}]}     | headers[0].key is missing
            {"url": "http://a", "authentication": {"sigv4": {"region": "eu-west-1"}}} | authentication.sigv4 is not supported yet
            {"url": "http://a", "authentication": {"oauth2": {"tokenUrl": "http://t"}}} | authentication.oauth2.clientId is missing
            {"url": "http://a", "authentication": {"basicAuth": {"username": "u"}}} | needs both username and password
            """)
    void aWrongFieldIsNamed(String spec, String message) {
        assertThat(message(measure(Json.parse(spec)))).startsWith("web: ").contains(message);
    }

    @Test
    void aPathThatFindsNothingIsTold() {
        service.on("/", 200, "{\"a\": 1}");
        assertThat(message(measure(at("/").with("jsonPath", "{$.b.c}"))))
                .contains("there is nothing at jsonPath {$.b.c} in the answer");
    }

    @Test
    void aHugeValueIsRecordedInPart() {
        service.on("/", 200, "\"" + "x".repeat(100_000) + "\"");
        var value = (Measurement.Value) measure(at("/"));
        assertThat(value.value().string("")).hasSize(100_000);
        assertThat(value.text()).hasSizeLessThan(20_000).endsWith("… (100002 characters)");
    }

    @Test
    void secretsAreInNoText() {
        service.on("/echo", 200, "geheim").on("/geheim/gone", 404, "");
        var value = (Measurement.Value) web.measure(query(at("/echo")), hiding("geheim"), patient());
        assertThat(value.text()).isEqualTo("*****");
        assertThat(message(web.measure(query(at("/geheim/gone")), hiding("geheim"), patient())))
                .doesNotContain("geheim");
        var spec = at("/echo").with("headers", List.of(Json.obj("key", "Authorization", "value", "Bearer geheim\n")));
        assertThat(message(measure(spec))).doesNotContain("geheim");
    }

    private Json.Obj withOauth2(String scopes) {
        return at("/value")
                .with(
                        "authentication",
                        Json.obj(
                                "oauth2",
                                Json.obj(
                                        "tokenUrl",
                                        service.url("/token"),
                                        "clientId",
                                        "shop",
                                        "clientSecret",
                                        "geheim&1",
                                        "scopes",
                                        Json.parse(scopes))));
    }

    @Test
    void fetchesATokenForClientCredentials() {
        service.on("/token", 200, "{\"access_token\": \"t0ken\", \"token_type\": \"Bearer\", \"expires_in\": 60}")
                .on("/value", 200, "7");
        assertThat(measure(withOauth2("[\"read\", \"metrics\"]")))
                .isEqualTo(new Measurement.Value(new Json.Dec(7), "7"));
        var token = service.seen().getFirst();
        assertThat(token.body()).isEqualTo("grant_type=client_credentials&scope=read+metrics");
        // shop:geheim%261
        assertThat(token.header("Authorization")).isEqualTo("Basic c2hvcDpnZWhlaW0lMjYx");
        assertThat(service.last().header("Authorization")).isEqualTo("Bearer t0ken");
    }

    @Test
    void aTokenServerThatWantsTheClientInTheFormGetsItThere() {
        service.on("/token", (seen, exchange) -> {
            boolean inForm = seen.body().contains("client_id=shop&client_secret=geheim%261");
            StubService.reply(exchange, inForm ? 200 : 401, inForm ? "{\"access_token\": \"t\"}" : "");
        });
        service.on("/value", 200, "7");
        assertThat(measure(withOauth2("[]"))).isInstanceOf(Measurement.Value.class);
    }

    @Test
    void aRefusedTokenIsToldByItsCodeAlone() {
        service.on("/token", 401, "{\"error\": \"invalid_client\", \"error_description\": \"geheim&1 is wrong\"}");
        assertThat(message(measure(withOauth2("[]"))))
                .isEqualTo("web: oauth2: POST " + service.url("/token") + " answered 401 (invalid_client)");
        assertThat(service.seen()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"token\": \"x\"}", "{\"access_token\": \"\"}"})
    void aTokenServerThatGivesNoTokenIsTold(String body) {
        service.on("/token", 200, body);
        assertThat(message(measure(withOauth2("[]")))).endsWith("answered without an access_token");
    }
}
