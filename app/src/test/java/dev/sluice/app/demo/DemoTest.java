package dev.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// The stories with few requests; with all of them they are `sluice demo` itself.
@Timeout(300)
class DemoTest {
    private static final int FEW = 600;

    private static Playbill played(String story, long seed) throws Exception {
        var out = new PrintWriter(new StringWriter());
        return DemoCommand.play(out, List.of(Story.named(story).orElseThrow()), seed, FEW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ratio-by-pods",
                "blue-green",
                "twelve-steps",
                "ten-33-all",
                "watched-canary",
                "why-no-traffic",
                "ten-ninety"
            })
    void aStoryHolds(String story) throws Exception {
        assertThat(played(story, 7).broken()).isEmpty();
    }

    @Test
    void theSameSeedTellsTheSameStory() throws Exception {
        var once = played("ten-33-all", 11);
        var twice = played("ten-33-all", 11);
        assertThat(once.text()).isEqualTo(twice.text());
        assertThat(once.text()).anyMatch(line -> line.contains("seed 11"));
    }

    @Test
    void onlyAStoryWithABadReleaseHasFailedRequestsAndSaysHowLongTheyWereMade() throws Exception {
        var bad = played("watched-canary", 3).rows().stream()
                .filter(row -> row.failed() > 0)
                .toList();
        assertThat(bad).isNotEmpty().allMatch(row -> row.story().endsWith("with-errors"));
        assertThat(bad.getLast().toZero()).isPresent();
    }

    @Test
    void aStoryThatDoesNotExistIsAnsweredWithThoseThatDo() {
        var err = new StringWriter();
        int code =
                new CommandLine(new DemoCommand()).setErr(new PrintWriter(err)).execute("--story", "fairy-tale");
        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("there is no story \"fairy-tale\"").contains("blue-green");
    }

    @Test
    void aSpeedThatIsNoneIsRefused() {
        var err = new StringWriter();
        int code =
                new CommandLine(new DemoCommand()).setErr(new PrintWriter(err)).execute("--speed", "NaN");
        assertThat(code).isEqualTo(2);
        assertThat(err.toString()).contains("--speed is from 0.1 to 100");
    }
}
