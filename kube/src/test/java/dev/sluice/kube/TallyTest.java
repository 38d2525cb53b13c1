package dev.sluice.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TallyTest {
    private final VirtualTime time = new VirtualTime();
    private final Tally<String> tally = new Tally<>(time);

    @Test
    void aPassIsInEveryBucketThatIsLongEnough() {
        tally.passed("web", Duration.ofMillis(10), false);
        tally.passed("web", Duration.ofMillis(200), true);
        tally.passed("web", Duration.ofSeconds(3), false);
        var web = tally.series().get("web");
        assertThat(web.within()).isEqualTo(List.of(1L, 1L, 2L, 2L, 2L));
        assertThat(web.passes()).isEqualTo(3);
        assertThat(web.failed()).isEqualTo(1);
        assertThat(web.took()).isEqualTo(Duration.ofMillis(3210));
    }

    @Test
    void whatIsGoneIsCountedFor65SecondsMore() {
        tally.passed("web", Duration.ZERO, false);
        tally.passed("api", Duration.ZERO, false);
        tally.gone("web");
        time.advance(Duration.ofSeconds(64));
        assertThat(tally.series()).containsOnlyKeys("web", "api");
        time.advance(Duration.ofSeconds(1));
        assertThat(tally.series()).containsOnlyKeys("api");
    }

    @Test
    void whatIsMadeAgainGoesOn() {
        tally.passed("web", Duration.ZERO, false);
        tally.gone("web");
        time.advance(Duration.ofSeconds(64));
        tally.passed("web", Duration.ZERO, false);
        time.advance(Duration.ofSeconds(64));
        assertThat(tally.series().get("web").passes()).isEqualTo(2);
    }

    @Test
    void eventsAreCountedByReason() {
        tally.told("web", true, "RolloutAborted");
        tally.told("web", false, "RolloutPaused");
        tally.told("web", false, "RolloutPaused");
        assertThat(tally.series().get("web").told())
                .isEqualTo(
                        Map.of(new Tally.Told(true, "RolloutAborted"), 1L, new Tally.Told(false, "RolloutPaused"), 2L));
    }

    @Test
    void thereIsABound() {
        for (int i = 0; i < Tally.LIMIT + 10; i++) tally.passed("r" + i, Duration.ZERO, false);
        assertThat(tally.series()).hasSize(Tally.LIMIT);
        tally.passed("r1", Duration.ZERO, false);
        assertThat(tally.series().get("r1").passes()).isEqualTo(2);
    }
}
