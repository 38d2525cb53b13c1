package dev.sluice.rollout.hash;

/// FNV-1a with 32 bits, and the letters in which Kubernetes spells it: no vowels and no look-alikes, so that no word is
/// formed by chance.
///
/// @see "Fowler, Noll, Vo: draft-eastlake-fnv, section 2"
final class Fnv32 {
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private int hash = 0x811c9dc5;

    void add(byte[] bytes) {
        for (var b : bytes) {
            hash ^= b & 0xff;
            hash *= 0x01000193;
        }
    }

    /// Each digit of the unsigned decimal number, replaced by the letter at its character code modulo 27.
    String encoded() {
        var letters = new StringBuilder();
        Integer.toUnsignedString(hash)
                .chars()
                .forEach(digit -> letters.append(ALPHABET.charAt(digit % ALPHABET.length())));
        return letters.toString();
    }
}
