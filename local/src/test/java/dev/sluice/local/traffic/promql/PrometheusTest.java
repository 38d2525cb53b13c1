package dev.sluice.local.traffic.promql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Two minutes of traffic, one scrape a second: v1 gets 90 requests a second without errors, v2 gets 10 of
/// which one fails. Latencies lie evenly in their buckets.
class PrometheusTest {
    private static final Instant START = Instant.ofEpochSecond(1_000_000);
    private static final int SECONDS = 120;

    private final Prometheus prometheus = new Prometheus(() -> START.plusSeconds(SECONDS), 600, 1000);

    PrometheusTest() {
        var registry = new Registry(100);
        for (int second = 1; second <= SECONDS; second++) {
            add(registry, "v1", "200", 90);
            add(registry, "v2", "200", 9);
            add(registry, "v2", "500", 1);
            registry.counter("idle_total", Labels.NONE);
            for (int i = 0; i < 10; i++) {
                registry.histogram("latency_seconds", Labels.of("version", "v2"), 0.1, 0.2, 0.4)
                        .observe(0.02 + i * 0.04);
            }
            prometheus.scrape(START.plusSeconds(second), List.of(registry));
        }
    }

    private static void add(Registry registry, String version, String code, int count) {
        var counter = registry.counter("requests_total", Labels.of("version", version, "code", code, "job", "gateway"));
        for (int i = 0; i < count; i++) counter.increment();
    }

    private static String shown(Json answer) {
        var data = answer.at("data");
        return switch (data.at("resultType").string("")) {
            case "scalar", "string" -> data.at("result").at(1).string("?");
            case "vector" -> {
                var parts = new ArrayList<String>();
                for (var point : data.at("result").items()) {
                    parts.add(Labels.of(point.at("metric").strings()) + " "
                            + rounded(point.at("value").at(1).string("?")));
                }
                yield String.join("; ", parts);
            }
            default -> answer.text();
        };
    }

    private static String rounded(String number) {
        return switch (number) {
            case "NaN", "+Inf", "-Inf" -> number;
            default -> Numbers.text(Math.round(Double.parseDouble(number) * 1e6) / 1e6);
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // literals and arithmetic
                "1 + 2 * 3 | 7",
                "-2 ^ 2 | -4",
                "2 ^ 3 ^ 2 | 512",
                "(1 + 2) * 3 % 5 | 4",
                "1 / 0 | +Inf",
                "0 / 0 | NaN",
                "0x1f + 1e1 | 41",
                "'text' | text",
                "3 > bool 2 | 1",
                "1 # a comment | 1",
                // selectors
                "requests_total{version='v2',code=\"500\"} | "
                        + "requests_total{code=\"500\",job=\"gateway\",version=\"v2\"} 120",
                "count(requests_total{code!='200'}) | ~ 1~",
                "count(requests_total{code=~'[23]..'}) | ~ 2~",
                "count(requests_total{code!~'5.*'}) | ~ 2~",
                "count({__name__=~'req.*'}) | ~ 3~",
                "count(requests_total{missing=''}) | ~ 3~",
                "no_such_metric | ~~",
                "sum(requests_total offset 1m) | ~ 6000~",
                "sum(requests_total offset -1m) | ~ 12000~",
                // rates
                "sum(rate(requests_total[30s])) | ~ 100~",
                "sum by (version) (rate(requests_total[1m])) | {version=\"v1\"} 90; {version=\"v2\"} 10",
                "sum(rate(requests_total[1m])) by (version) | {version=\"v1\"} 90; {version=\"v2\"} 10",
                "sum without (code, job) (rate(requests_total[1m])) | {version=\"v1\"} 90; {version=\"v2\"} 10",
                "sum(increase(requests_total{version='v2'}[1m])) | ~ 600~",
                "sum(irate(requests_total[1m])) | ~ 100~",
                "rate(idle_total[1m]) | ~ 0~",
                "rate(requests_total[1s]) | ~~",
                // what release checks ask
                "sum(rate(requests_total{version='v2',code=~'5..'}[1m])) / sum(rate(requests_total{version='v2'}[1m]))"
                        + " | ~ 0.1~",
                "sum(rate(requests_total{version='v9'}[1m])) or vector(0) | ~ 0~",
                "sum by (version) (rate(requests_total{code='500'}[1m])) / on (version)"
                        + " sum by (version) (rate(requests_total[1m])) | {version=\"v2\"} 0.1",
                "sum by (version) (requests_total) > 5000 | {version=\"v1\"} 10800",
                "sum by (version) (requests_total) > bool 5000 | {version=\"v1\"} 1; {version=\"v2\"} 0",
                "5000 < sum by (version) (requests_total) | {version=\"v1\"} 10800",
                "100 * sum(requests_total{version='v2'}) / sum(requests_total) | ~ 10~",
                "requests_total and requests_total{code='500'} | "
                        + "requests_total{code=\"500\",job=\"gateway\",version=\"v2\"} 120",
                "count(requests_total unless requests_total{code='500'}) | ~ 2~",
                "count(requests_total or idle_total) | ~ 4~",
                // folds and functions
                "avg(requests_total) | ~ 4000~",
                "min(requests_total) | ~ 120~",
                "max(requests_total) | ~ 10800~",
                "max_over_time(requests_total{code='500'}[10s]) | {code=\"500\",job=\"gateway\",version=\"v2\"} 120",
                "min_over_time(requests_total{code='500'}[10s]) | {code=\"500\",job=\"gateway\",version=\"v2\"} 111",
                "count_over_time(idle_total[10s]) | ~ 10~",
                "scalar(sum(requests_total)) + 1 | 12001",
                "clamp_max(sum(requests_total), 5) | ~ 5~",
                "absent(no_such{job='x'}) | {job=\"x\"} 1",
                "absent(idle_total) | ~~",
                "time() | 1000120",
                // histograms: 3 of 10 up to 0.1, 5 below 0.2, 10 below 0.4
                "histogram_quantile(0.5, sum by (le) (rate(latency_seconds_bucket[1m]))) | ~ 0.2~",
                "histogram_quantile(0.1, latency_seconds_bucket) | {version=\"v2\"} 0.033333",
                "histogram_quantile(0.75, sum by (le, version) (rate(latency_seconds_bucket[1m]))) |"
                        + " {version=\"v2\"} 0.3",
                "histogram_quantile(1.5, latency_seconds_bucket) | {version=\"v2\"} +Inf",
                "rate(latency_seconds_sum[1m]) / rate(latency_seconds_count[1m]) | {version=\"v2\"} 0.2",
            })
    void queriesAnswerAsPrometheusWould(String query, String expected) {
        var answer = prometheus.query(Map.of("query", query));
        assertThat(answer.status()).as(answer.body().text()).isEqualTo(200);
        assertThat(shown(answer.body())).isEqualTo(expected == null ? "" : expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "sum( | 1:5: parse error: unexpected end of input",
                "requests_total{version=v2} | 1:24: parse error: expected a string",
                "requests_total{version~'v2'} | 1:23: parse error: expected a label matching operator",
                "requests_total{version=~'['} | 1:16: parse error: error parsing regexp",
                "{version=''} | 1:1: parse error: vector selector must contain at least one non-empty matcher",
                "rate(requests_total) | 1:6: parse error: expected type range vector in call to function \"rate\"",
                "sum(requests_total[1m]) | 1:5: parse error: expected type instant vector in aggregation",
                "1 > 2 | 1:3: parse error: comparisons between scalars must use BOOL modifier",
                "1 and 2 | 1:3: parse error: set operator \"and\" not allowed",
                "label_replace(x, 'a', 'b', 'c', 'd') | 1:1: parse error: unknown function with name \"label_replace\"",
                "a / on(x) group_left b | group_left and group_right are not supported",
                "requests_total[5m:1m] | subqueries are not supported",
                "requests_total[5q] | not a valid duration string: \"5q\"",
                "requests_total[0s] | duration must be greater than 0",
                "'open | unterminated quoted string",
                "1 1 | 1:3: parse error: unexpected character: \"1\"",
                "12abc | bad number or duration syntax",
            })
    void whatIsNotUnderstoodIsRefusedWithItsPlace(String query, String expected) {
        var answer = prometheus.query(Map.of("query", query));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("status").string("")).isEqualTo("error");
        assertThat(answer.body().at("errorType").string("")).isEqualTo("bad_data");
        assertThat(answer.body().at("error").string("")).contains(expected);
    }

    @Test
    void theShapesAreThoseOfTheHttpApi() {
        var vector = prometheus
                .query(Map.of("query", "sum by (version) (requests_total{version='v2'})"))
                .body();
        assertThat(vector.text())
                .isEqualTo("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":"
                        + "[{\"metric\":{\"version\":\"v2\"},\"value\":[1000120,\"1200\"]}]}}");
        var scalar =
                prometheus.query(Map.of("query", "1.5", "time", "1000000.5")).body();
        assertThat(scalar.at("data").text()).isEqualTo("{\"resultType\":\"scalar\",\"result\":[1000000.5,\"1.5\"]}");
        var today = prometheus
                .query(Map.of("query", "1.5", "time", "1796052624.575"))
                .body();
        assertThat(today.at("data", "result").text()).isEqualTo("[1796052624.575,\"1.5\"]");
        var matrix = prometheus
                .queryRange(Map.of(
                        "query", "sum(rate(requests_total{version='v2'}[10s]))",
                        "start", "1000060",
                        "end", "1970-01-12T13:48:15Z",
                        "step", "30s"))
                .body();
        assertThat(matrix.at("data").text())
                .isEqualTo("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":"
                        + "[[1000060,\"10\"],[1000090,\"10\"]]}]}");
    }

    @Test
    void aRangeQueryIsBounded() {
        var answer = prometheus.queryRange(Map.of("query", "1", "start", "0", "end", "1000000", "step", "1"));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("error").string("")).contains("exceeded maximum resolution of 11000");
        assertThat(prometheus.query(Map.of()).body().at("error").string("")).contains("\"query\": it is missing");
    }

    @Test
    void twoSeriesThatBecomeOneAreAnErrorNotAGuess() {
        var answer = prometheus.query(Map.of("query", "requests_total / ignoring (code) requests_total"));
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body().at("error").string("")).contains("duplicate series for the match group");
    }

    @Test
    void aSeriesThatIsNoLongerScrapedIsOverAndACounterMayStartAnew() {
        var clock = new Instant[] {START};
        var local = new Prometheus(() -> clock[0], 600, 100);
        for (int life = 0; life < 2; life++) {
            var registry = new Registry(10);
            var counter = registry.counter("hits_total", Labels.NONE);
            for (int second = 0; second < 10; second++) {
                for (int i = 0; i < 5; i++) counter.increment();
                clock[0] = clock[0].plusSeconds(1);
                local.scrape(clock[0], List.of(registry));
            }
            assertThat(shown(local.query(Map.of("query", "hits_total")).body())).isEqualTo("hits_total 50");
            if (life == 0) {
                clock[0] = clock[0].plusSeconds(1);
                local.scrape(clock[0], List.of());
                assertThat(shown(local.query(Map.of("query", "hits_total")).body()))
                        .isEmpty();
            }
        }
        // 45 counted in the first life; 5 more between the lives, seen as a reset; 45 in the second.
        assertThat(shown(local.query(Map.of("query", "increase(hits_total[21s]) >= 95"))
                        .body()))
                .isNotEmpty();
    }

    @Test
    void whatIsTooOldIsForgottenAndWhatIsTooMuchIsCounted() {
        var clock = new Instant[] {START};
        var local = new Prometheus(() -> clock[0], 100, 2);
        var registry = new Registry(10);
        var a = registry.counter("a_total", Labels.NONE);
        registry.counter("b_total", Labels.NONE);
        registry.counter("c_total", Labels.NONE);
        for (int second = 0; second < 1000; second++) {
            a.increment();
            registry.counter("b_total", Labels.NONE).increment();
            registry.counter("c_total", Labels.NONE).increment();
            clock[0] = clock[0].plusSeconds(1);
            local.scrape(clock[0], List.of(registry));
        }
        assertThat(local.dropped()).isEqualTo(1000);
        assertThat(shown(local.query(Map.of("query", "count({__name__=~'.+'})")).body()))
                .isEqualTo(" 2");
        assertThat(shown(local.query(Map.of("query", "max(count_over_time({__name__=~'.+'}[1h]))"))
                        .body()))
                .isEqualTo(" 100");
    }

    @Test
    void theTextFormatIsSortedAndEscaped() {
        var registry = new Registry(3);
        registry.counter("x_total", Labels.of("path", "a\"b\\c\n")).increment();
        registry.histogram("t_seconds", Labels.of("v", "1"), 0.5).observe(0.25);
        registry.counter("y_total", Labels.NONE);
        registry.counter("z_total", Labels.NONE);
        assertThat(registry.refused()).isEqualTo(1);
        assertThat(registry.text()).isEqualTo("""
                        # TYPE t_seconds histogram
                        t_seconds_bucket{le="0.5",v="1"} 1
                        t_seconds_bucket{le="+Inf",v="1"} 1
                        t_seconds_sum{v="1"} 0.25
                        t_seconds_count{v="1"} 1
                        # TYPE x_total counter
                        x_total{path="a\\"b\\\\c\\n"} 1
                        # TYPE y_total counter
                        y_total 0
                        """);
    }
}
