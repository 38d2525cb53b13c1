package dev.sluice.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntOrPercentTest {
    @ParameterizedTest
    @CsvSource({
        "3, 10, 3, 3",
        "'\"25%\"', 10, 3, 2",
        "'\"25\"', 10, 3, 2",
        "'\"0%\"', 10, 0, 0",
        "'\"150%\"', 3, 5, 4",
        "2.0, 9, 2, 2"
    })
    void surgeRoundsUpAndUnavailableRoundsDown(String json, int total, int up, int down) {
        var value = IntOrPercent.of(Json.parse(json)).orElseThrow();
        assertThat(value.ceil(total)).isEqualTo(up);
        assertThat(value.floor(total)).isEqualTo(down);
    }

    @Test
    void aBareDigitStringIsAPercentage() {
        assertThat(IntOrPercent.of(Json.of("25"))).contains(new IntOrPercent.Percent(25));
        assertThat(IntOrPercent.of(Json.of(25))).contains(new IntOrPercent.Count(25));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"\"", "\"%\"", "\"a\"", "\"2.5%\"", "2.5", "true", "null", "[]", "\"25%%\"", "\"99999999999%\""
            })
    void anythingElseIsNeither(String json) {
        assertThat(IntOrPercent.of(Json.parse(json))).isEmpty();
    }
}
