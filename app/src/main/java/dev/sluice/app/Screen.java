package dev.sluice.app;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// Text that is drawn anew in its place, below what was on the terminal before.
///
/// It is never taller than the terminal, nor wider: what does not fit is counted instead, for lines that have scrolled
/// away cannot be drawn over. What stood there last stays when the program ends.
public final class Screen {
    private static final Size USUAL = new Size(24, 80);
    private static final int MEASURING_MILLIS = 500;
    private static final Pattern ESCAPE = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]");
    private static final String HOME = "\u001b[H";
    private static final String ERASE_LINE = "\u001b[K";
    private static final String ERASE_BELOW = "\u001b[J";

    private final PrintStream out;
    private final Supplier<Size> size;
    private Size before = new Size(0, 0);
    private int drawn;

    /// What a terminal has room for.
    public record Size(int rows, int columns) {}

    /// @param size asked before each drawing: people change it
    Screen(PrintStream out, Supplier<Size> size) {
        this.out = out;
        this.size = size;
    }

    /// That of this process.
    public static Screen of(Terminal terminal) {
        return new Screen(terminal.out(), Screen::measure);
    }

    /// How wide it is now.
    public int columns() {
        return size.get().columns();
    }

    /// Draws over what was drawn before.
    ///
    /// @param text lines, each ended; colours are the only escapes in it
    public void draw(String text) {
        var now = size.get();
        var frame = new StringBuilder();
        if (drawn > 0) {
            // A terminal that became narrower has broken the lines anew, nobody knows where.
            frame.append(now.equals(before) ? "\r\u001b[%dA".formatted(drawn) : HOME);
        }
        var lines = fitting(text.lines().toList(), now);
        for (var line : lines) {
            frame.append(line);
            // On the last column there is nothing behind the cursor but the last letter itself.
            if (width(line) < now.columns()) frame.append(ERASE_LINE);
            frame.append('\n');
        }
        // Never the whole screen: some terminals keep a copy of that above.
        frame.append(ERASE_BELOW);
        drawn = lines.size();
        before = now;
        // At once, so that nobody sees half of it.
        out.print(frame);
        out.flush();
    }

    /// Each line is one row; and the one that the cursor is left on needs room as well.
    private static List<String> fitting(List<String> lines, Size size) {
        int room = Math.max(1, size.rows() - 1);
        var kept = new ArrayList<>(lines.subList(0, Math.min(lines.size(), room)));
        if (lines.size() > room) {
            int left = lines.size() - room + 1;
            kept.set(room - 1, "… " + left + " more lines; the terminal is not tall enough");
        }
        kept.replaceAll(line -> cut(line, size.columns()));
        return kept;
    }

    /// The line, or its beginning and an ellipsis; colours in it come to an end.
    static String cut(String line, int columns) {
        if (width(line) <= columns) return line;
        var kept = new StringBuilder();
        var escapes = ESCAPE.matcher(line);
        boolean coloured = false;
        int used = 0;
        int at = 0;
        while (at < line.length()) {
            if (escapes.region(at, line.length()).lookingAt()) {
                kept.append(escapes.group());
                coloured = true;
                at = escapes.end();
                continue;
            }
            int character = line.codePointAt(at);
            used += width(character);
            if (used > columns - 1) break;
            kept.appendCodePoint(character);
            at += Character.charCount(character);
        }
        return kept.append('…').append(coloured ? "\u001b[0m" : "").toString();
    }

    /// Breaks a line where words end, best where there is more than one space between them.
    ///
    /// @param indent before each line but the first
    public static String wrap(String line, int columns, String indent) {
        var out = new StringBuilder();
        var rest = line;
        while (width(rest) > columns) {
            int end = -1;
            int wide = -1;
            for (int at = rest.indexOf(' ', indent.length() + 1); at >= 0; at = rest.indexOf(' ', at + 1)) {
                if (width(rest.substring(0, at)) > columns) break;
                if (rest.charAt(at - 1) != ' ') end = at;
                if (rest.startsWith("  ", at) && rest.charAt(at - 1) != ' ') wide = at;
            }
            if (wide > 0) end = wide;
            if (end < 0) break;
            out.append(rest, 0, end).append('\n');
            rest = indent + rest.substring(end).stripLeading();
        }
        return out.append(rest).toString();
    }

    /// Columns that a line takes: none for colours and marks above letters, two for the wide characters of East Asia
    /// and for pictures.
    public static int width(String line) {
        return ESCAPE.matcher(line)
                .replaceAll("")
                .codePoints()
                .map(Screen::width)
                .sum();
    }

    private static int width(int character) {
        int type = Character.getType(character);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT)
            return 0;
        boolean wide = character >= 0x1100
                && (character <= 0x115f
                        || character >= 0x2e80 && character <= 0xa4cf
                        || character >= 0xac00 && character <= 0xd7a3
                        || character >= 0xf900 && character <= 0xfaff
                        || character >= 0xfe30 && character <= 0xfe6f
                        || character >= 0xff00 && character <= 0xff60
                        || character >= 0xffe0 && character <= 0xffe6
                        || character >= 0x1f300 && character <= 0x1faff
                        || character >= 0x20000 && character <= 0x3fffd);
        return wide ? 2 : 1;
    }

    /// As the terminal itself says, by way of `stty`: the JDK cannot ask it.
    static Size measure() {
        try {
            var process = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                if (!process.waitFor(MEASURING_MILLIS, TimeUnit.MILLISECONDS)) return USUAL;
                return read(new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException noTerminal) {
            return USUAL;
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return USUAL;
        }
    }

    /// `24 80`; some terminals, of serial lines for one, do not know and say 0.
    static Size read(String answer) {
        var words = answer.strip().split(" ", -1);
        if (words.length != 2 || !words[0].matches("[1-9][0-9]{0,4}") || !words[1].matches("[1-9][0-9]{0,4}")) {
            return USUAL;
        }
        return new Size(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
    }
}
