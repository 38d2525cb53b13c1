package dev.sluice.app.rollout;

import dev.sluice.app.Style;
import dev.sluice.app.Style.Tone;
import dev.sluice.app.Table.Cell;

/// The signs of Argo's tools, and the letters that stand for them where there are no such characters.
enum Icon {
    OK("✔", "[ok]", Tone.GOOD),
    PROGRESSING("◌", "[..]", Tone.BUSY),
    PAUSED("॥", "[||]", Tone.PLAIN),
    BAD("✖", "[x]", Tone.BAD),
    WARNING("⚠", "[!]", Tone.BAD),
    WAITING("◷", "[w]", Tone.WAITING),
    UNKNOWN("?", "[?]", Tone.WAITING),
    NEUTRAL("•", "[-]", Tone.PLAIN);

    private final String sign;
    private final String letters;
    private final Tone tone;

    Icon(String sign, String letters, Tone tone) {
        this.sign = sign;
        this.letters = letters;
        this.tone = tone;
    }

    Tone tone() {
        return tone;
    }

    String with(Style style, String word) {
        return style.icon(sign, letters) + " " + word;
    }

    Cell cell(Style style, String word) {
        return new Cell(with(style, word), tone);
    }

    static Icon ofPhase(String phase) {
        return switch (phase) {
            case "Healthy", "Successful", "Running and ready" -> OK;
            case "Paused" -> PAUSED;
            case "Progressing", "Running" -> PROGRESSING;
            case "Degraded", "Failed", "Error" -> BAD;
            case "Pending" -> WAITING;
            case "ScaledDown" -> NEUTRAL;
            default -> UNKNOWN;
        };
    }
}
