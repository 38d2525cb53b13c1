package dev.sluice.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoJsonTest {
    @Test
    void sortsKeysByTheirBytesAndEscapesForHtml() {
        assertThat(GoJson.text(Json.parse(
                        "{\"\uffff\": 1, \"\ud83d\ude00\": 2, \"b\": [true, null], \"a\": \"<&>\u2028\\n\"}")))
                .isEqualTo(
                        "{\"a\":\"\\u003c\\u0026\\u003e\\u2028\\n\",\"b\":[true,null],\"\uffff\":1,\"\ud83d\ude00\":2}");
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.1, 0.1",
        "100.0, 100, 100",
        "1e20, 100000000000000000000, 100000000000000000000",
        "1e21, 1e+21, 1000000000000000000000",
        "1.5e-6, 0.0000015, 0.0000015",
        "1e-7, 1e-7, 0.0000001",
        "-1.25e-10, -1.25e-10, -0.000000000125",
        "-0.0, -0, -0",
        "NaN, null, NaN",
        "Infinity, null, +Inf",
        "-Infinity, null, -Inf"
    })
    void writesDoublesAsGoDoes(double number, String json, String plain) {
        assertThat(GoJson.text(new Json.Dec(number))).isEqualTo(json);
        assertThat(GoJson.plain(number)).isEqualTo(plain);
    }
}
