package dev.sluice.app.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {
    private static final String SENTENCE =
            "CanaryPause: the step waits for a person, who promotes it or aborts the update before the deadline";

    private static String page(int columns) {
        var page = new Page(columns);
        page.line("shop/web   Paused at 20 % – waiting for you (3h). Next: 40 %. -> promote | abort");
        page.entry("waits for", SENTENCE);
        page.entry("", SENTENCE);
        page.past("2026-01-01T00:00:00Z", SENTENCE);
        page.past("2026-01-01T00:00:00Z", SENTENCE);
        return page.text();
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 80, 100})
    void noWordIsBrokenAndNoLineIsWiderThanTheTerminal(int columns) {
        assertThat(page(columns).lines()).allMatch(line -> line.length() <= columns);
        assertThat(page(columns).replaceAll("\\s+", " "))
                .isEqualTo(page(Integer.MAX_VALUE).replaceAll("\\s+", " "));
    }

    @Test
    void whatBelongsToALabelStandsBehindItAndWhatIsBehindATimeBelowIt() {
        assertThat(page(60)).isEqualTo("""
                shop/web
                Paused at 20 % – waiting for you (3h). Next: 40 %. ->
                promote | abort
                waits for    CanaryPause: the step waits for a person, who
                             promotes it or aborts the update before the
                             deadline
                             CanaryPause: the step waits for a person, who
                             promotes it or aborts the update before the
                             deadline
                  2026-01-01T00:00:00Z
                    CanaryPause: the step waits for a person, who promotes
                    it or aborts the update before the deadline
                """);
    }

    @Test
    void whoeverIsNoTerminalGetsEachOnOneLine() {
        assertThat(page(Integer.MAX_VALUE).lines()).hasSize(4);
    }
}
