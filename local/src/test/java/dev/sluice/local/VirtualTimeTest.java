package dev.sluice.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
    private final VirtualTime time = new VirtualTime();
    private final ArrayList<String> ran = new ArrayList<>();

    @Test
    void tasksRunByInstantAndThenInTheOrderTheyWereAskedFor() {
        time.at(time.now().plusSeconds(2), () -> ran.add("c"));
        time.at(time.now().plusSeconds(1), () -> ran.add("a"));
        time.at(time.now().plusSeconds(1), () -> ran.add("b"));
        time.at(time.now().plusSeconds(9), () -> ran.add("later"));
        time.run(Duration.ofSeconds(5));
        assertThat(ran).containsExactly("a", "b", "c");
        assertThat(time.now()).isEqualTo(VirtualTime.START.plusSeconds(5));
    }

    @Test
    void whatIsCancelledDoesNotRun() {
        time.at(time.now().plusSeconds(1), () -> ran.add("a")).cancel();
        time.run(Duration.ofSeconds(5));
        assertThat(ran).isEmpty();
    }

    @Test
    void aTaskThatAsksForItselfForEverIsStopped() {
        again();
        assertThatThrownBy(() -> time.runUntil(time.now().plusSeconds(1), 100))
                .isInstanceOf(VirtualTime.Runaway.class)
                .hasMessageContaining("without end");
    }

    private void again() {
        time.soon(this::again);
    }

    @Test
    void aTaskMayStandStillWhileTheOthersGoOn() {
        var said = new ArrayList<String>();
        var start = time.now();
        time.at(start.plusSeconds(1), () -> {
            said.add("begins");
            time.stand(start.plusSeconds(5));
            said.add("goes on at " + Duration.between(start, time.now()));
        });
        time.at(start.plusSeconds(3), () -> {
            said.add("another");
            time.stand(start.plusSeconds(4));
        });
        time.at(start.plusSeconds(5), () -> said.add("due as it goes on"));
        time.run(Duration.ofSeconds(2));
        assertThat(said).containsExactly("begins", "another", "goes on at PT5S");
        time.run(Duration.ofSeconds(1));
        assertThat(said).containsExactly("begins", "another", "goes on at PT5S", "due as it goes on");
        assertThatThrownBy(() -> time.stand(time.now())).isInstanceOf(IllegalStateException.class);
    }
}
