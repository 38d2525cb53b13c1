package dev.sluice.format;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A Kubernetes resource quantity: `100m`, `0.5`, `1536Mi`, `12e6`.
///
/// The text is what Kubernetes writes back after reading: `0.001` becomes `1m`, `1024Mi` becomes `1Gi`, `1.5Gi` becomes
/// `1536Mi`. Kubernetes keeps some texts as they came although they are not canonical (`1.500`, `+5`, `007`); so does
/// this type, because hashes of pod templates are made over that text.
///
/// @param value the amount, exact to 1e-9; finer parts are rounded away from zero
/// @param text the amount as Kubernetes writes it
/// @see "Kubernetes API: Quantity"
public record Quantity(BigDecimal value, String text) implements Comparable<Quantity> {
    public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, "0");

    private enum Form {
        DECIMAL,
        BINARY,
        EXPONENT
    }

    /// The family and the power (of ten, or of two) that a suffix stands for.
    private record Suffix(Form form, int power) {}

    private static final Map<String, Integer> DECIMAL_POWERS =
            Map.of("n", -9, "u", -6, "m", -3, "", 0, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);
    private static final List<String> DECIMAL_SUFFIXES = List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");
    private static final List<String> BINARY_SUFFIXES = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");

    private static final int NANO = -9;
    private static final int MAX_LENGTH = 1_000;
    private static final BigInteger THOUSAND_AND_24 = BigInteger.valueOf(1024);
    private static final BigDecimal BINARY_FROM = BigDecimal.valueOf(1024);
    private static final BigDecimal BINARY_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    /// Reads a quantity.
    ///
    /// @throws IllegalArgumentException when it is none; the message names the text and what is expected
    public static Quantity parse(String text) {
        if (text.length() > MAX_LENGTH) throw wrong(text.substring(0, 20) + "…", "it is longer than " + MAX_LENGTH);
        return new Reader(text).read();
    }

    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return text;
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException("\"" + text + "\" is not a quantity: " + why
                + "; expected a number and a suffix out of n u m k M G T P E Ki Mi Gi Ti Pi Ei or an exponent,"
                + " such as 100m, 0.5, 512Mi, 1e3");
    }

    /// One text on its way to a quantity. The order of the cases is Kubernetes' own, for what it keeps of the text
    /// depends on the path by which it was read.
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        Quantity read() {
            if (text.isEmpty()) throw wrong(text, "it is empty");
            boolean negative = text.charAt(0) == '-';
            if (negative || text.charAt(0) == '+') at++;
            while (at < text.length() && text.charAt(at) == '0') at++;
            if (at == text.length()) return new Quantity(BigDecimal.ZERO, "0");
            var whole = digits();
            var fraction = "";
            if (at < text.length() && text.charAt(at) == '.') {
                at++;
                fraction = digits();
            }
            boolean anyDigit = text.substring(0, at).chars().anyMatch(c -> c >= '0' && c <= '9');
            var suffixText = text.substring(at);
            var suffix =
                    suffix(suffixText).orElseThrow(() -> wrong(text, "the suffix \"" + suffixText + "\" is unknown"));
            var counted = whole.isEmpty() ? "0" : whole;

            if (exactIn64Bits(counted, fraction, suffix)) {
                var shifted = counted + fraction;
                var mantissa = new BigInteger(shifted);
                var unscaled = suffix.form() == Form.BINARY ? mantissa.shiftLeft(suffix.power()) : mantissa;
                int power = (suffix.form() == Form.BINARY ? 0 : suffix.power()) - fraction.length();
                if (power >= NANO && unscaled.bitLength() < 64) {
                    var value = new BigDecimal(negative ? unscaled.negate() : unscaled, -power);
                    boolean kept = suffix.form() == Form.BINARY
                            ? (mantissa.intValue() & 7) != 0
                            : power % 3 == 0 && !shifted.endsWith("000") && shifted.charAt(0) != '0';
                    return new Quantity(value, kept ? text : canonical(value, suffix.form()));
                }
            }
            if (!anyDigit) throw wrong(text, "it has no digit");
            return rounded(new BigInteger(counted + fraction), fraction.length(), negative, suffix);
        }

        private String digits() {
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') at++;
            return text.substring(start, at);
        }

        private static Optional<Suffix> suffix(String text) {
            var power = DECIMAL_POWERS.get(text);
            if (power != null) return Optional.of(new Suffix(Form.DECIMAL, power));
            int binary = BINARY_SUFFIXES.indexOf(text);
            if (binary > 0) return Optional.of(new Suffix(Form.BINARY, 10 * binary));
            if (text.matches("[eE][+-]?[0-9]{1,9}")) {
                return Optional.of(new Suffix(Form.EXPONENT, Integer.parseInt(text.substring(1))));
            }
            return Optional.empty();
        }

        /// Kubernetes' guess, from the number of digits alone, whether 64 bits will do.
        private static boolean exactIn64Bits(String whole, String fraction, Suffix suffix) {
            if (suffix.form() != Form.BINARY) return whole.length() + fraction.length() <= 18;
            return fraction.isEmpty() && 14 - whole.length() - suffix.power() * 3 / 10 >= 0;
        }

        private static Quantity rounded(BigInteger digits, int decimals, boolean negative, Suffix suffix) {
            boolean binary = suffix.form() == Form.BINARY;
            var amount = new BigDecimal(
                    binary ? digits.shiftLeft(suffix.power()) : digits, decimals - (binary ? 0 : suffix.power()));
            if (amount.scale() > -NANO) {
                // Far below the finest unit the quotient is not worth computing: any amount is at least one of it.
                amount = amount.precision() - amount.scale() < NANO && amount.signum() != 0
                        ? BigDecimal.ONE.movePointLeft(-NANO)
                        : amount.setScale(-NANO, RoundingMode.UP);
            }
            if (binary && amount.compareTo(BINARY_MAX) > 0) amount = BINARY_MAX;
            boolean belowOne = amount.signum() > 0 && amount.compareTo(BigDecimal.ONE) < 0;
            if (negative) amount = amount.negate();
            return new Quantity(amount, canonical(amount, binary && belowOne ? Form.DECIMAL : suffix.form()));
        }

        private static String canonical(BigDecimal value, Form form) {
            if (value.signum() == 0) return "0";
            return switch (form) {
                case BINARY ->
                    isWhole(value) && value.abs().compareTo(BINARY_FROM) >= 0
                            ? binary(value)
                            : decimal(value, Form.DECIMAL);
                case DECIMAL, EXPONENT -> decimal(value, form);
            };
        }

        private static boolean isWhole(BigDecimal value) {
            return value.scale() <= 0 || value.stripTrailingZeros().scale() <= 0;
        }

        private static String binary(BigDecimal value) {
            var mantissa = value.toBigIntegerExact();
            int times = 0;
            for (var split = mantissa.divideAndRemainder(THOUSAND_AND_24); split[1].signum() == 0; ) {
                mantissa = split[0];
                times++;
                split = mantissa.divideAndRemainder(THOUSAND_AND_24);
            }
            return mantissa + BINARY_SUFFIXES.get(times);
        }

        /// As few digits as an exponent divisible by three allows. Beyond `E` Kubernetes has no suffix and writes none,
        /// which loses the magnitude; the same text is what counts here.
        private static String decimal(BigDecimal value, Form form) {
            var plain = value.stripTrailingZeros();
            int exponent = Math.floorDiv(-plain.scale(), 3) * 3;
            var mantissa = plain.scaleByPowerOfTen(-exponent).toBigIntegerExact();
            if (form == Form.EXPONENT) return mantissa + (exponent == 0 ? "" : "e" + exponent);
            int suffix = exponent / 3 + 3;
            return mantissa + (suffix >= 0 && suffix < DECIMAL_SUFFIXES.size() ? DECIMAL_SUFFIXES.get(suffix) : "");
        }
    }
}
