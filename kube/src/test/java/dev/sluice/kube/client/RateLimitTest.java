package dev.sluice.kube.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kube.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final VirtualTime time = new VirtualTime();
    private final RateLimit limit = new RateLimit(10, 3, time);

    @Test
    void theBurstIsFreeThenEachWaitsForItsToken() {
        for (int i = 0; i < 3; i++) assertThat(limit.reserve(LONG)).contains(Duration.ZERO);
        assertThat(limit.reserve(LONG)).contains(Duration.ofMillis(100));
        assertThat(limit.reserve(LONG)).contains(Duration.ofMillis(200));
    }

    @Test
    void tokensComeBackUpToTheBurst() {
        for (int i = 0; i < 3; i++) limit.reserve(LONG);
        time.advance(Duration.ofMillis(200));
        assertThat(limit.reserve(LONG)).contains(Duration.ZERO);
        assertThat(limit.reserve(LONG)).contains(Duration.ZERO);
        assertThat(limit.reserve(LONG)).contains(Duration.ofMillis(100));
        time.advance(Duration.ofHours(1));
        for (int i = 0; i < 3; i++) assertThat(limit.reserve(LONG)).contains(Duration.ZERO);
        assertThat(limit.reserve(LONG)).contains(Duration.ofMillis(100));
    }

    @Test
    void whoWouldWaitTooLongTakesNothing() {
        for (int i = 0; i < 3; i++) limit.reserve(LONG);
        assertThat(limit.reserve(Duration.ofMillis(99))).isEmpty();
        assertThat(limit.reserve(Duration.ofMillis(100))).contains(Duration.ofMillis(100));
    }

    @Test
    void zeroIsNoLimit() {
        var none = new RateLimit(0, 0, time);
        for (int i = 0; i < 1_000; i++) assertThat(none.reserve(Duration.ZERO)).contains(Duration.ZERO);
    }
}
