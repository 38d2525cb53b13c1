package dev.sluice.format;

/// A text of somebody else's as part of a sentence: in one line, and no longer than there is room for.
public final class Brief {
    private static final String CUT = "…";

    private Brief() {}

    /// The lines as one. What is too long ends behind a whole word with an ellipsis; only a word that takes more than
    /// half of the room is cut itself.
    ///
    /// @param longest in characters, with the ellipsis
    public static String of(String text, int longest) {
        // Also what a terminal would obey.
        var line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        if (line.length() <= longest) return line;
        var start = line.substring(0, longest - CUT.length());
        boolean whole = line.charAt(start.length()) == ' ';
        int word = start.lastIndexOf(' ');
        if (!whole && word > longest / 2) start = start.substring(0, word);
        // What leads over to the part that is not there would dangle.
        return start.replaceFirst("[\\s,;:(]+$", "") + CUT;
    }

    /// With a full stop, where it does not end a sentence already.
    public static String sentence(String text) {
        return text.isEmpty() || ".…!?".indexOf(text.charAt(text.length() - 1)) >= 0 ? text : text + ".";
    }
}
