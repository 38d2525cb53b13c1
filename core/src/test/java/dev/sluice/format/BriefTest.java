package dev.sluice.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Texts of others within a sentence.
class BriefTest {
    @Test
    void whatFitsIsKept() {
        assertThat(Brief.of("connection refused", 18)).isEqualTo("connection refused");
    }

    @Test
    void linesBecomeOne() {
        assertThat(Brief.of("first\n\n  second\n", 40)).isEqualTo("first second");
        assertThat(Brief.of("red\u001b[31m\tbell\u0007", 40)).isEqualTo("red [31m bell");
    }

    @Test
    void whatIsTooLongEndsBehindAWholeWord() {
        assertThat(Brief.of("connection refused by all", 20)).isEqualTo("connection refused…");
        assertThat(Brief.of("connection refused by all", 19)).isEqualTo("connection refused…");
        assertThat(Brief.of("connection refused; try", 20)).isEqualTo("connection refused…");
    }

    @Test
    void aSingleLongWordIsCutItself() {
        assertThat(Brief.of("at http://metrics.example.org/api", 20)).isEqualTo("at http://metrics.e…");
    }

    @Test
    void onlyWhatIsNoSentenceGetsAFullStop() {
        assertThat(Brief.sentence("it waits")).isEqualTo("it waits.");
        assertThat(Brief.sentence("it said no.")).isEqualTo("it said no.");
        assertThat(Brief.sentence("connection refused…")).isEqualTo("connection refused…");
        assertThat(Brief.sentence("")).isEmpty();
    }
}
