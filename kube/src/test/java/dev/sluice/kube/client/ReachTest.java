package dev.sluice.kube.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Loss;
import dev.sluice.cluster.Reply;
import dev.sluice.kube.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReachTest {
    private static final Reply.Lost LATE = new Reply.Lost(Loss.LATE, "GET /x: no answer within 10 s");

    private final VirtualTime time = new VirtualTime();
    private final Reach reach = new Reach(time, "http://127.0.0.1:1");

    @Test
    void anOutageIsToldAtOnceThenEveryThirtySecondsAndItsEnd() {
        var told = new ArrayList<String>();
        for (int second = 0; second <= 61; second++) {
            reach.lost(new Reply.Lost(Loss.REFUSED, "http://127.0.0.1:1 refuses the connection"))
                    .ifPresent(told::add);
            time.advance(Duration.ofSeconds(1));
        }
        reach.answered().ifPresent(told::add);
        reach.answered().ifPresent(told::add);
        var outage =
                "the API server at http://127.0.0.1:1 cannot be reached: http://127.0.0.1:1 refuses the connection;"
                        + " going on trying";
        assertThat(told)
                .isEqualTo(List.of(outage, outage, outage, "the API server at http://127.0.0.1:1 answers again"));
    }

    @Test
    void oneThatComesAndGoesIsNotToldMoreOften() {
        int told = 0;
        for (int second = 0; second < 60; second++) {
            if (reach.lost(LATE).isPresent()) told++;
            reach.answered();
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(told).isEqualTo(2);
    }

    @Test
    void aServerThatAlwaysAnsweredIsNoNews() {
        assertThat(reach.answered()).isEmpty();
    }

    @Test
    void aServerThatIsLateMayBeThere() {
        assertThat(reach.lost(LATE))
                .hasValueSatisfying(
                        said -> assertThat(said).contains(" does not answer: GET /x: no answer within 10 s"));
    }
}
