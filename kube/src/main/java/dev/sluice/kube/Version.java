package dev.sluice.kube;

import java.util.OptionalInt;

/// Resource versions. The API calls them opaque; every API server there is counts upwards, and since Kubernetes 1.34
/// the contract says so. Where both are such numbers they are compared, else nothing is claimed.
///
/// @see "KEP-5504, comparable resource version"
final class Version {
    private Version() {}

    /// @return the sign of `a - b`; empty when one of them is no decimal number of at most 64 bits
    static OptionalInt compare(String a, String b) {
        if (!number(a) || !number(b)) return OptionalInt.empty();
        return OptionalInt.of(Long.compareUnsigned(Long.parseUnsignedLong(a), Long.parseUnsignedLong(b)));
    }

    /// Both are numbers, and `a` is not after `b`.
    static boolean atMost(String a, String b) {
        var order = compare(a, b);
        return order.isPresent() && order.getAsInt() <= 0;
    }

    /// Both are numbers, and `a` is before `b`.
    static boolean before(String a, String b) {
        var order = compare(a, b);
        return order.isPresent() && order.getAsInt() < 0;
    }

    /// The later one; the second where they do not compare.
    static String later(String a, String b) {
        return before(b, a) ? a : b;
    }

    private static boolean number(String text) {
        if (text.isEmpty() || text.length() > 19) return false;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') return false;
        }
        return true;
    }
}
