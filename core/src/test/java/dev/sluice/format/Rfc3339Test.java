package dev.sluice.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {
    /// From the year 1000 to 9999.
    private static Instant any(Random random) {
        return Instant.ofEpochSecond(
                random.nextLong(-30_610_224_000L, 253_402_300_800L), random.nextInt(1_000_000_000));
    }

    @Test
    void writesAndReadsAsTheJdkDoes() {
        var random = new Random(1);
        for (int i = 0; i < 50_000; i++) {
            var instant = any(random);
            var seconds = instant.truncatedTo(ChronoUnit.SECONDS);
            assertThat(Rfc3339.seconds(instant)).isEqualTo(seconds.toString());
            assertThat(Rfc3339.instant(seconds.toString())).isEqualTo(seconds);
            assertThat(Rfc3339.instant(instant.toString())).isEqualTo(instant);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00.5Z",
                "2026-01-01T00:00:00.123456Z",
                "2024-02-29T23:59:59Z",
                "2000-02-29T23:59:59Z",
                "0001-01-01T00:00:00Z",
                "2026-01-01T02:00:00+02:00",
                "2026-01-01T02:00:00.25-11:30",
                "2026-01-01T00:00Z"
            })
    void readsEverySpelling(String text) {
        assertThat(Rfc3339.instant(text)).isEqualTo(OffsetDateTime.parse(text).toInstant());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Z",
                "yesterday",
                "2026-01-01",
                "2026-13-01T00:00:00Z",
                "2026-00-01T00:00:00Z",
                "2026-02-29T00:00:00Z",
                "1900-02-29T00:00:00Z",
                "2026-04-31T00:00:00Z",
                "2026-01-00T00:00:00Z",
                "2026-01-01T25:00:00Z",
                "2026-01-01T00:60:00Z",
                "2026-01-01T00:00:61Z",
                "2026-01-01T00:00:00",
                "2026/01/01T00:00:00Z",
                "2026-01-01 00:00:00Z",
                "2026-01-01T00:00:00.1234567890Z",
                "2026-01-01T00:00:00,5Z"
            })
    void refusesWhatIsNoTime(String text) {
        assertThatThrownBy(() -> Rfc3339.instant(text)).isInstanceOf(DateTimeException.class);
    }
}
