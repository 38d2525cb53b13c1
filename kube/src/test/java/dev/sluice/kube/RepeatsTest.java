package dev.sluice.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class RepeatsTest {
    private final VirtualTime time = new VirtualTime();
    private final Repeats<String> repeats = new Repeats<>(time);

    @Test
    void theSameCauseIsToldAtGrowingDistances() {
        var minutes = new ArrayList<Long>();
        var begun = time.now();
        for (int tries = 0; tries < 6 * 60 * 4; tries++) {
            repeats.due("web", "no")
                    .ifPresent(
                            _ -> minutes.add(Duration.between(begun, time.now()).toMinutes()));
            time.advance(Duration.ofSeconds(10));
        }
        assertThat(minutes).containsExactly(0L, 1L, 3L, 7L, 15L, 31L, 63L, 123L, 183L);
    }

    @Test
    void itIsSaidHowOftenItWasLeftOut() {
        assertThat(repeats.due("web", "no")).contains(0);
        for (int i = 0; i < 3; i++) assertThat(repeats.due("web", "no")).isEmpty();
        time.advance(Duration.ofMinutes(1));
        assertThat(repeats.due("web", "no")).contains(3);
        assertThat(Repeats.before(3)).isEqualTo(" (and 3 times more since this was said)");
        assertThat(Repeats.before(0)).isEmpty();
    }

    @Test
    void anotherCauseAndAnotherKeyAreNewsAndTakingTurnsIsNot() {
        assertThat(repeats.due("web", "no")).isPresent();
        assertThat(repeats.due("web", "never")).isPresent();
        assertThat(repeats.due("cart", "no")).isPresent();
        assertThat(repeats.due("web", "no")).isEmpty();
        assertThat(repeats.due("web", "never")).isEmpty();
    }

    @Test
    void whatWentWellIsNewsWhenItFailsAgain() {
        assertThat(repeats.due("web", "no")).isPresent();
        repeats.forget("web");
        assertThat(repeats.due("web", "no")).contains(0);
    }
}
