package dev.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Style;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a terminal gets to see.
class PlaybillTest {
    private final StringWriter printed = new StringWriter();

    private Playbill playbill(boolean colour, boolean ascii, boolean live) {
        return new Playbill(new PrintWriter(printed), new Style(colour, ascii), live, Integer.MAX_VALUE);
    }

    private static Playbill.Row row(String story, Optional<Double> share, long failed) {
        return new Playbill.Row(story, "v2   25 %", share, 20_001, failed, Optional.empty());
    }

    @Test
    void figuresStandInTheirColumn() {
        var playbill = playbill(false, false, false);
        playbill.say("   short", Playbill.share(0.25, 20_086), true);
        playbill.say("   a little longer", "0.31 s after the verdict", true);
        assertThat(printed.toString().lines())
                .allMatch(line -> line.indexOf('│') == 47)
                .first()
                .asString()
                .endsWith("│ ██▌·······     25 %    20,086");
    }

    @ParameterizedTest
    @CsvSource({"0, ··········", "0.05, ▌·········", "0.3333, ███▍······", "1, ██████████"})
    void aShareIsABar(double share, String bar) {
        assertThat(Playbill.share(share, 1)).startsWith(bar + " ");
    }

    @Test
    void aLineThatIsStillBecomingTrueIsWrittenOverOnlyWhereSomebodyWatches() {
        playbill(false, false, false).watch("   25 %", "10 %");
        assertThat(printed.toString()).isEmpty();
        var playbill = playbill(false, false, true);
        playbill.watch("   25 %", "10 %");
        playbill.say("   25 %", "25 %", true);
        var lines = printed.toString().split("\r\u001b\\[2K", -1);
        assertThat(lines).hasSize(2);
        assertThat(lines[0]).endsWith("│ 10 %");
        assertThat(lines[1]).endsWith("│ 25 %" + System.lineSeparator());
    }

    @Test
    void whatIsTooWideGoesOnBelow() {
        playbill(false, false, false).say("   " + "word ".repeat(40));
        assertThat(printed.toString().lines())
                .hasSizeGreaterThan(2)
                .allMatch(line -> line.length() <= Playbill.WIDTH)
                .filteredOn(line -> line.startsWith("     word"))
                .hasSizeGreaterThan(1);
    }

    @Test
    void whatACommandPrintsKeepsItsColumnsAndNoMomentInTime() {
        playbill(false, false, false)
                .quote(
                        "sluice explain",
                        "1 ✔ Service shop      selector " + "a=b ".repeat(20) + "changed 2026-01-01T00:00:00Z by anna");
        assertThat(printed.toString().lines())
                .hasSize(3)
                .startsWith("   $ sluice explain")
                .last()
                .asString()
                .startsWith(" ".repeat(25) + "a=b")
                .endsWith("changed … by anna");
    }

    @Test
    void colourAndIconsAreLeftOutWhereTheyAreNotWanted() {
        var plain = playbill(false, true, false);
        plain.title("1  10 % → 33 %");
        plain.say("   v2", Playbill.share(0.33, 20_000), true);
        plain.broken("story 1: it was red");
        plain.row(row("1 story", Optional.of(0.25), 0));
        plain.table(1, Duration.ofSeconds(3));
        assertThat(printed.toString().chars()).allMatch(c -> c < 128);
        assertThat(printed.toString())
                .contains("->", "| ###+", "xx story 1: it was red")
                .doesNotContain("\u001b");
        playbill(true, false, false).say("   v2", "25 %", false);
        assertThat(printed.toString()).contains("\u001b[31m25 %\u001b[0m");
    }

    @ParameterizedTest
    @CsvSource({"80, false", "79, true", "60, true", "48, true", "41, true", "20, true"})
    void inANarrowTerminalFiguresAndRowsGoBelowWhatTheyBelongTo(int columns, boolean narrow) {
        var playbill = new Playbill(new PrintWriter(printed), new Style(false, false), false, columns);
        playbill.title("1  A quarter of the pods is a quarter of the traffic, and that is seen from outside");
        playbill.say("   v2 is asked for 25 % of the requests", Playbill.share(0.25, 20_086), true);
        playbill.row(row("1 ratio-by-pods", Optional.of(0.2501), 0));
        playbill.row(new Playbill.Row(
                "1 ratio-by-pods", "in all", Optional.empty(), 98_923, 12, Optional.of(Duration.ofMillis(820))));
        playbill.table(1, Duration.ofSeconds(84));
        int room = Math.max(columns, 41) - 1;
        assertThat(printed.toString().lines()).allMatch(line -> line.length() <= room);
        assertThat(printed.toString().lines().anyMatch("1 ratio-by-pods"::equals))
                .isEqualTo(narrow);
        assertThat(printed.toString().lines().anyMatch(line -> line.startsWith("     │ ██▌")))
                .isEqualTo(narrow);
        assertThat(printed.toString().contains(" 20,001 ")).isEqualTo(room >= 50);
    }

    @Test
    void theTableEndsInWhatCameOfItAll() {
        var playbill = playbill(false, false, false);
        playbill.row(row("1 ratio-by-pods", Optional.of(0.2501), 0));
        playbill.row(new Playbill.Row(
                "1 ratio-by-pods", "in all", Optional.empty(), 98_923, 0, Optional.of(Duration.ofMillis(820))));
        playbill.table(1, Duration.ofSeconds(84));
        assertThat(printed.toString().lines()).allMatch(line -> line.length() <= Playbill.WIDTH);
        assertThat(printed.toString())
                .contains("1 ratio-by-pods                v2   25 %   25.01 %     20,001       0")
                .contains("                               in all                  98,923       0    0.82 s")
                .contains("✔ all holds: 1 story, 1 plateau, 98,923 requests" + System.lineSeparator())
                .endsWith("  took 84 s in all" + System.lineSeparator());
    }

    @Test
    void howLongItTookIsTheLastLineHoweverItEnded() {
        var playbill = playbill(false, false, false);
        playbill.row(new Playbill.Row("5 watched-canary", "in all", Optional.empty(), 98_923, 25, Optional.empty()));
        playbill.table(1, Duration.ofMillis(84_400));
        assertThat(printed.toString().lines()).last().isEqualTo("  took 84 s in all");
        playbill.broken("it was red");
        playbill.late("it was slow");
        playbill.table(1, Duration.ofMillis(84_600));
        assertThat(printed.toString().lines()).last().isEqualTo("  took 85 s in all");
    }
}
