package dev.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Bench;
import dev.sluice.app.Style;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The stories with few requests; with all of them they are `sluice demo` itself.
@Timeout(600)
class DemoTest {
    private static final int FEW = 600;

    private record Played(Playbill playbill, String printed) {
        /// What is printed, without what was measured and what took too long on this machine.
        List<String> text() {
            return printed.lines()
                    .filter(line -> playbill.late().stream().noneMatch(what -> tells(line, what)))
                    .map(line -> line.replaceAll("│.*", "│"))
                    .toList();
        }

        private static boolean tells(String line, String what) {
            var words = line.strip().replaceFirst("^✖ late: ", "");
            return !words.isEmpty() && what.contains(words);
        }
    }

    private static Played played(String story, long seed) throws Exception {
        var text = new StringWriter();
        var playbill = new Playbill(new PrintWriter(text), new Style(false, false), false, Integer.MAX_VALUE);
        DemoCommand.play(playbill, List.of(Story.named(story).orElseThrow()), seed, FEW);
        return new Played(playbill, text.toString());
    }

    static Stream<String> everyStory() {
        return Story.ALL.stream().map(Story::name);
    }

    @ParameterizedTest
    @MethodSource("everyStory")
    void aStoryHoldsAndIsToldAlikeForTheSameSeed(String story) throws Exception {
        var once = played(story, 7);
        assertThat(once.playbill().broken()).isEmpty();
        assertThat(once.printed()).contains("seed 7");
        assertThat(once.printed().lines()).allMatch(line -> line.length() <= Playbill.WIDTH, "fits a terminal");
        var twice = played(story, 7);
        assertThat(twice.playbill().broken()).isEmpty();
        assertThat(twice.text()).isEqualTo(once.text());
    }

    @Test
    void onlyAStoryWithABadReleaseHasFailedRequestsAndSaysHowLongTheyWereMade() throws Exception {
        var bad = played("watched-canary", 3).playbill().rows().stream()
                .filter(row -> row.failed() > 0)
                .toList();
        assertThat(bad).isNotEmpty().allMatch(row -> row.story().endsWith("with-errors"));
        assertThat(bad.getLast().toZero()).isPresent();
    }

    @Test
    void theWatchedCanaryGoesOnByItselfAsSoonAsEnoughUsersHadNoIssue() throws Exception {
        assertThat(WatchedCanary.steps(20_000)).contains("analysis:").doesNotContain("pause: {}");
        var shares = played("watched-canary", 5).playbill().rows().stream()
                .filter(row -> row.share().isPresent())
                .map(row -> row.story().replaceAll(".*, ", "") + " " + row.asked())
                .toList();
        assertThat(shares)
                .containsExactly(
                        "with-errors v2    5 %",
                        "with-errors v2   25 %",
                        "with-errors v2   50 %",
                        "with-errors v2    0 %",
                        "without v2    5 %",
                        "without v2   25 %",
                        "without v2   50 %",
                        "without v2  100 %");
    }

    @Test
    void aStoryThatDoesNotExistIsAnsweredWithThoseThatDo() {
        var ended = new Bench().run("demo", "--story", "fairy-tale");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).startsWith("error SLU-A001  there is no story \"fairy-tale\"\n  do ");
        assertThat(everyStory()).allMatch(ended.err()::contains);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "NaN", "-1", "41", "1e9", "fast", ""})
    void aSpeedThatIsNoneIsRefused(String speed) {
        var ended = new Bench().run("demo", "--speed", speed);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).isEqualTo("""
                error SLU-A001  --speed is a number from 0.1 to 40, not "%s"
                  do    sluice demo --speed 2     measures plateaus of 10000 requests instead of 20000
                """.formatted(speed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "1.5", "99999999999999999999"})
    void aSeedThatIsNoneIsRefused(String seed) {
        var ended = new Bench().run("demo", "--seed", seed);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).isEqualTo("""
                error SLU-A001  --seed is a whole number, not "%s"
                  do    sluice demo --seed 7     tells the story of seed 7
                """.formatted(seed));
    }
}
