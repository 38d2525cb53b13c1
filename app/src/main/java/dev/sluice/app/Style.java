package dev.sluice.app;

/// How a line looks: with colours or without, with icons or letters.
public record Style(boolean colour, boolean ascii) {
    /// Colours by meaning; each is a terminal's own, so that its theme decides how it looks.
    public enum Tone {
        GOOD("32"),
        BUSY("94"),
        WAITING("33"),
        BAD("31"),
        QUIET("2"),
        STRONG("1"),
        PLAIN("");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    public String paint(Tone tone, String text) {
        return colour && !tone.code.isEmpty() ? "\u001b[" + tone.code + "m" + text + "\u001b[0m" : text;
    }

    /// An icon, or the letters for it.
    public String icon(String icon, String letters) {
        return ascii ? letters : icon;
    }

    /// A sentence without the characters that `--ascii` forbids.
    public static String letters(String text) {
        return text.replace("–", "-").replace("…", "...").replace("→", "->");
    }
}
