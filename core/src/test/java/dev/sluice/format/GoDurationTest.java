package dev.sluice.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({
        "1h30m, PT1H30M, 1h30m0s",
        "1.5h, PT1H30M, 1h30m0s",
        "90s, PT1M30S, 1m30s",
        "1.5s, PT1.5S, 1.5s",
        "300ms, PT0.3S, 300ms",
        "2us, PT0.000002S, 2µs",
        "7ns, PT0.000000007S, 7ns",
        "0, PT0S, 0s",
        "-5m, PT-5M, -5m0s",
        "+5m, PT5M, 5m0s",
        ".5s, PT0.5S, 500ms"
    })
    void readsAndPrintsAsGo(String text, Duration duration, String printed) {
        assertThat(GoDuration.parse(text)).contains(duration);
        assertThat(GoDuration.text(duration)).isEqualTo(printed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1d", "h", "1h 2m", "1.2.3s", "1e3s", "--1s", "9999999h"})
    void refusesWhatGoRefuses(String text) {
        assertThat(GoDuration.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '^',
            value = {
                "1 | time: missing unit in duration \"1\"",
                "1h5 | time: missing unit in duration \"1h5\"",
                "60s-typo | time: unknown unit \"s-typo\" in duration \"60s-typo\"",
                "1d | time: unknown unit \"d\" in duration \"1d\"",
                "soon | time: invalid duration \"soon\"",
                "- | time: invalid duration \"-\"",
                ".s | time: invalid duration \".s\""
            })
    void saysWhatIsWrongInGosWords(String text, String problem) {
        assertThat(GoDuration.problem(text)).isEqualTo(problem);
    }
}
