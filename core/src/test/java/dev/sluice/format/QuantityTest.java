package dev.sluice.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "0.001, 1m, 0.001",
        "1024Mi, 1Gi, 1073741824",
        "1.5Gi, 1536Mi, 1610612736",
        "12e6, 12e6, 12000000",
        "2000m, 2, 2",
        "-500m, -500m, -0.5",
        "0.1n, 1n, 0.000000001",
        "00, 0, 0"
    })
    void isWrittenAsKubernetesWritesIt(String text, String written, BigDecimal value) {
        var quantity = Quantity.parse(text);
        assertThat(quantity.text()).isEqualTo(written);
        assertThat(quantity.value()).isEqualByComparingTo(value);
    }

    @Test
    void agreesWithKubernetesOnEveryReference() throws IOException {
        var differing = new ArrayList<String>();
        int count = 0;
        try (var in = QuantityTest.class.getResourceAsStream("quantities.tsv")) {
            for (var line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith("#")) continue;
                var part = line.split("\t", -1);
                count++;
                String ours;
                try {
                    ours = Quantity.parse(part[0]).text();
                } catch (IllegalArgumentException refused) {
                    ours = "!";
                }
                if (!ours.equals(part[1])) differing.add(part[0] + ": " + ours + " instead of " + part[1]);
            }
        }
        assertThat(differing).isEmpty();
        assertThat(count).isGreaterThan(800);
    }

    @Test
    void comparesByAmount() {
        assertThat(Quantity.parse("1Gi")).isEqualByComparingTo(Quantity.parse("1024Mi"));
        assertThat(Quantity.parse("999m")).isLessThan(Quantity.parse("1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1GB", "invalid", "1 Gi", "1e", "--1", "1_000"})
    void saysWhatIsWrongAndWhatWouldBeRight(String text) {
        assertThatThrownBy(() -> Quantity.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\" is not a quantity")
                .hasMessageContaining("such as 100m");
    }

    @Test
    void anAbsurdExponentCostsNothing() {
        assertThat(Quantity.parse("12345678901234567890e999999999").value().signum())
                .isPositive();
        assertThat(Quantity.parse("12345678901234567890e-999999999").text()).isEqualTo("1e-9");
        assertThatThrownBy(() -> Quantity.parse("1".repeat(2_000))).hasMessageContaining("longer than");
    }
}
