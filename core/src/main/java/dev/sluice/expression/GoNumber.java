package dev.sluice.expression;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Pattern;

/// Numbers as Go's `strconv` reads and `fmt` prints them.
final class GoNumber {
    private static final int LONGEST = 400;
    private static final Pattern FLOAT = Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    private static final Pattern HEX_FLOAT =
            Pattern.compile("[+-]?0[xX]([0-9a-fA-F]+(\\.[0-9a-fA-F]*)?|\\.[0-9a-fA-F]+)[pP][+-]?[0-9]+");
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

    private GoNumber() {}

    static Optional<Long> parseInt(String text, int base) {
        if (text.isEmpty() || text.length() > LONGEST) return Optional.empty();
        try {
            return Optional.of(Long.parseLong(text, base));
        } catch (NumberFormatException notOne) {
            return Optional.empty();
        }
    }

    static String intProblem(String text, int base) {
        if (text.length() > LONGEST) return "value out of range";
        try {
            return new BigInteger(text, base).bitLength() > 63 ? "value out of range" : "invalid syntax";
        } catch (NumberFormatException notOne) {
            return "invalid syntax";
        }
    }

    static Optional<Double> parseFloat(String text) {
        return floatSyntax(text).filter(value -> !Double.isInfinite(value) || isInfinity(text));
    }

    static String floatProblem(String text) {
        return floatSyntax(text).isPresent() ? "value out of range" : "invalid syntax";
    }

    private static boolean isInfinity(String text) {
        return text.length() < 10 && INFINITY.matcher(text).matches();
    }

    private static Optional<Double> floatSyntax(String text) {
        if (isInfinity(text)) {
            return Optional.of(text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        if (text.equalsIgnoreCase("nan")) return Optional.of(Double.NaN);
        if (text.length() > LONGEST) return Optional.empty();
        if (!FLOAT.matcher(text).matches() && !HEX_FLOAT.matcher(text).matches()) return Optional.empty();
        return Optional.of(Double.parseDouble(text));
    }

    /// As `%v` prints a float64: the shortest digits, an exponent below 1e-4 and from 1e21 on.
    static String text(double value) {
        return text(value, -4, 21, 2);
    }

    /// As `encoding/json` prints a float64.
    static String json(double value) {
        return text(value, -6, 21, 1);
    }

    private static String text(double value, int smallest, int largest, int exponentDigits) {
        if (Double.isNaN(value)) return "NaN";
        if (Double.isInfinite(value)) return value > 0 ? "+Inf" : "-Inf";
        if (value == 0) return 1 / value < 0 ? "-0" : "0";
        var digits = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
        int exponent = digits.precision() - digits.scale() - 1;
        var sign = value < 0 ? "-" : "";
        if (exponent >= smallest && exponent < largest) return sign + digits.toPlainString();
        var unscaled = digits.unscaledValue().toString();
        var mantissa = unscaled.length() == 1 ? unscaled : unscaled.charAt(0) + "." + unscaled.substring(1);
        var power = Integer.toString(Math.abs(exponent));
        var zeros = "0".repeat(Math.max(0, exponentDigits - power.length()));
        return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + zeros + power;
    }

    /// As Go converts on today's processors: towards zero; what does not fit becomes the smallest integer.
    static long truncate(double value) {
        return value >= -0x1p63 && value < 0x1p63 ? (long) value : Long.MIN_VALUE;
    }
}
