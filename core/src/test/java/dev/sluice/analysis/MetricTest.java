package dev.sluice.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricTest {
    private static Metric.Decoded decode(String json) {
        var source = Json.parse(json.replace('\'', '"')).obj();
        return Metric.of(source.has("provider") ? source : source.with("provider", Json.obj("web", Json.Obj.EMPTY)));
    }

    private static Metric fine(String json) {
        return ((Metric.Decoded.Fine) decode(json)).metric();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '^',
            value = {
                "{'count': 2} | interval must be specified when count > 1",
                "{'count': 1, 'failureLimit': 2} | count must be >= failureLimit",
                "{'count': 1, 'inconclusiveLimit': 2} | count must be >= inconclusiveLimit",
                "{'count': 4, 'interval': '1m', 'failureLimit': 2, 'consecutiveSuccessLimit': 3} | count must be >= failureLimit + consecutiveSuccessLimit",
                "{'count': 2, 'interval': '1m', 'failureLimit': -1, 'consecutiveSuccessLimit': 3} | count must be >= consecutiveSuccessLimit",
                "{'interval': '60s-typo'} | invalid interval string: time: unknown unit \"s-typo\" in duration \"60s-typo\"",
                "{'interval': '60'} | invalid interval string: time: missing unit in duration \"60\"",
                "{'initialDelay': 'soon'} | invalid startDelay string: time: invalid duration \"soon\"",
                "{'failureLimit': -1} | failureLimit must be >= 0",
                "{'failureLimit': -2, 'consecutiveSuccessLimit': 1} | failureLimit must be >= 0",
                "{'inconclusiveLimit': -1} | inconclusiveLimit must be >= 0",
                "{'consecutiveErrorLimit': -1} | consecutiveErrorLimit must be >= 0",
                "{'consecutiveSuccessLimit': -1} | consecutiveSuccessLimit must be >= 0",
                "{'provider': {}} | no provider specified",
                "{'provider': {'web': {}, 'job': {}}} | multiple providers specified",
                "{'provider': {'plugin': {'a': {}, 'b': {}}}} | multiple providers specified"
            })
    void whatIsWrongIsToldInTheWordsOfTheOriginal(String json, String message) {
        assertThat(decode(json)).isEqualTo(new Metric.Decoded.Wrong(message));
    }

    @Test
    void withoutCountAndIntervalOneMeasurementIsWanted() {
        assertThat(fine("{}").effectiveCount()).isEqualTo(OptionalInt.of(1));
        assertThat(fine("{'interval': '1m'}").effectiveCount()).isEmpty();
        assertThat(fine("{'interval': '1m', 'count': 0}").effectiveCount()).isEmpty();
        assertThat(fine("{'interval': '1m', 'count': 3}").effectiveCount()).isEqualTo(OptionalInt.of(3));
    }

    @Test
    void numbersMayBeStringsAndStringsThatAreNoneAreZero() {
        var metric = fine("{'interval': '1m', 'count': '3', 'failureLimit': 'many', 'consecutiveErrorLimit': '7'}");
        assertThat(metric.count()).isEqualTo(3);
        assertThat(metric.failureLimit()).isZero();
        assertThat(metric.consecutiveErrorLimit()).isEqualTo(7);
        assertThat(fine("{}").consecutiveErrorLimit()).isEqualTo(4);
    }

    @Test
    void theProviderIsTheOneKeyThatIsThere() {
        assertThat(fine("{'provider': {'prometheus': {'query': 'up'}, 'web': null}}")
                        .provider())
                .isEqualTo(new Metric.Provider("prometheus", Json.obj("query", "up")));
        assertThat(fine("{'provider': {'plugin': {'acme/metrics': {'a': 1}}}}").provider())
                .isEqualTo(new Metric.Provider("acme/metrics", Json.obj("a", 1)));
    }

    @Test
    void timesAreDurationsAsGoHasThem() {
        var metric = fine("{'interval': '1m30s', 'initialDelay': '0.5h'}");
        assertThat(metric.interval()).contains(Duration.ofSeconds(90));
        assertThat(metric.initialDelay()).contains(Duration.ofMinutes(30));
    }
}
