package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Drawing over what was drawn, on a terminal that scrolls, breaks lines and forgets nothing.
class ScreenTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    /// As much of a terminal as is needed: what has scrolled away cannot be reached.
    private static final class Glass {
        private final int rows;
        private final int columns;
        private final List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
        private int row;
        private int column;

        Glass(int rows, int columns) {
            this.rows = rows;
            this.columns = columns;
        }

        Glass show(String text) {
            int at = 0;
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '\u001b') {
                    int end = at + 2;
                    while (!Character.isLetter(text.charAt(end))) end++;
                    escape(text.substring(at + 2, end), text.charAt(end));
                    at = end + 1;
                    continue;
                }
                if (c == '\r') column = 0;
                else if (c == '\n') down();
                else put(c);
                at++;
            }
            return this;
        }

        private void put(char c) {
            if (column == columns) down();
            var line = lines.get(row);
            if (column < line.length()) line.setCharAt(column, c);
            else line.append(" ".repeat(column - line.length())).append(c);
            column++;
        }

        private void down() {
            row++;
            column = 0;
            if (row == lines.size()) lines.add(new StringBuilder());
        }

        private void escape(String number, char what) {
            int top = Math.max(0, lines.size() - rows);
            switch (what) {
                case 'A' -> row = Math.max(top, row - Integer.parseInt(number));
                case 'H' -> {
                    row = top;
                    column = 0;
                }
                case 'K' -> lines.get(row).setLength(Math.min(lines.get(row).length(), Math.min(column, columns - 1)));
                case 'J' -> {
                    // As tmux does.
                    if (row == top && column == 0) {
                        var copy = lines.subList(top, lines.size()).stream()
                                .map(StringBuilder::new)
                                .toList();
                        lines.addAll(top, copy);
                        row += copy.size();
                    }
                    lines.subList(row + 1, lines.size()).clear();
                    lines.get(row).setLength(column);
                }
                case 'm' -> {}
                default -> throw new AssertionError("no terminal of ours knows " + number + what);
            }
        }

        /// With what has scrolled away.
        String all() {
            return lines.stream().map(StringBuilder::toString).collect(Collectors.joining("\n"));
        }
    }

    private static String lines(String word, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> word + i + "\n").collect(Collectors.joining());
    }

    private Glass drawn(int rows, int columns, String... texts) {
        var screen = new Screen(out, () -> new Screen.Size(rows, columns));
        out.print("$ sluice get -w\n");
        for (var text : texts) screen.draw(text);
        return new Glass(rows, columns).show(bytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void itIsDrawnInItsPlaceBelowWhatWasThereBefore() {
        assertThat(drawn(10, 40, lines("a", 3), lines("b", 2), lines("c", 4)).all())
                .isEqualTo("$ sluice get -w\n" + lines("c", 4));
    }

    @Test
    void whatIsTallerThanTheTerminalIsCutAndNeverShownTwice() {
        assertThat(drawn(6, 60, lines("a", 9), lines("b", 9), lines("c", 9)).all())
                .isEqualTo("$ sluice get -w\n" + lines("c", 4) + "… 5 more lines; the terminal is not tall enough\n");
    }

    @Test
    void whatJustFitsIsWhole() {
        assertThat(drawn(6, 60, lines("a", 5), lines("b", 5)).all()).isEqualTo("$ sluice get -w\n" + lines("b", 5));
    }

    @Test
    void whatIsWiderThanTheTerminalIsCut() {
        assertThat(drawn(5, 15, "w".repeat(25) + "\nx\n", "w".repeat(15) + "\ny\n", "w".repeat(16) + "\nz\n")
                        .all())
                .isEqualTo("$ sluice get -w\n" + "w".repeat(14) + "…\nz\n");
        assertThat(drawn(4, 20, lines("a", 9), lines("b", 9)).all()).endsWith("b1\nb2\n… 7 more lines; the…\n");
        assertThat(Screen.cut("\u001b[31mlong and red\u001b[0m", 5)).isEqualTo("\u001b[31mlong…\u001b[0m");
    }

    @Test
    void aLineIsBrokenWhereWordsEnd() {
        assertThat(Screen.wrap("Paused at 25 %: waiting for you", 20, "  "))
                .isEqualTo("Paused at 25 %:\n  waiting for you");
        assertThat(Screen.wrap("Steps  ✔ 25 %  ▶ pause  · 50 %  · pause", 20, "       "))
                .isEqualTo("Steps  ✔ 25 %\n       ▶ pause\n       · 50 %\n       · pause");
        assertThat(Screen.wrap("a\u001b[32m green\u001b[0m word", 7, "")).isEqualTo("a\u001b[32m green\u001b[0m\nword");
        assertThat(Screen.wrap("anEndlessWord", 5, "  ")).isEqualTo("anEndlessWord");
        assertThat(Screen.wrap("it fits", 7, "  ")).isEqualTo("it fits");
    }

    @Test
    void coloursTakeNoRoomAndWideCharactersTwoColumns() {
        assertThat(Screen.width("\u001b[32mHealthy\u001b[0m")).isEqualTo(7);
        assertThat(Screen.width("✔ ॥ 製品 e\u0301")).isEqualTo(10);
    }

    @Test
    void aTerminalOfAnotherSizeIsDrawnFromItsTop() {
        var sizes = new ArrayList<>(List.of(new Screen.Size(5, 40), new Screen.Size(5, 20)));
        var screen = new Screen(out, sizes::removeFirst);
        screen.draw("a\n");
        screen.draw("b\n");
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("a\u001b[K\n\u001b[J" + "\u001b[Hb\u001b[K\n\u001b[J");
    }

    @Test
    void whoeverDoesNotKnowItsSizeHasTheUsualOne() {
        assertThat(Screen.read("15 100\n")).isEqualTo(new Screen.Size(15, 100));
        assertThat(List.of("", "0 0", "stty: no such device", "24", "-1 80"))
                .allMatch(answer -> Screen.read(answer).equals(new Screen.Size(24, 80)));
    }
}
