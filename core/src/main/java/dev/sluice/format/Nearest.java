package dev.sluice.format;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The name that was probably meant.
public final class Nearest {
    /// Beyond this a name is not a slip of the other.
    private static final int FAR = 3;

    private Nearest() {}

    /// The known name that the typed one differs least from; empty where none is near. Of equally near ones the first.
    public static Optional<String> of(String typed, Collection<String> known) {
        return known.stream()
                .filter(name -> distance(typed, name) < Math.min(FAR, Math.max(2, typed.length())))
                .min(Comparator.comparingInt(name -> distance(typed, name)));
    }

    /// Levenshtein's: insertions, deletions and replacements.
    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
