package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A resource quantity such as `500m`, `1.5Gi` or `12e6`: an exact number and the notation it was written in.
///
/// @see "Kubernetes API: Quantity; canonical form: no fraction, the largest suffix possible, the notation kept"
record Quantity(BigDecimal value, Notation notation) implements Comparable<Quantity> {
    enum Notation {
        DECIMAL_SI,
        BINARY_SI,
        DECIMAL_EXPONENT
    }

    private static final Pattern FORM =
            Pattern.compile("([+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+))(?:([eE][+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i))?");
    private static final List<String> BINARY = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final List<String> DECIMAL = List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");
    private static final BigDecimal KIBI = BigDecimal.valueOf(1024);
    private static final BigDecimal NANO = BigDecimal.valueOf(1, 9);

    /// Reads a quantity; empty where the text is none.
    static Optional<Quantity> parse(String text) {
        if (text.length() > 64) return Optional.empty();
        var match = FORM.matcher(text);
        if (!match.matches()) return Optional.empty();
        var number = new BigDecimal(match.group(1));
        var exponent = match.group(2);
        var suffix = match.group(3);
        if (exponent != null) {
            int power = Integer.parseInt(exponent.substring(1).replace("+", ""));
            if (Math.abs(power) > 30) return Optional.empty();
            return Optional.of(new Quantity(rounded(number.scaleByPowerOfTen(power)), Notation.DECIMAL_EXPONENT));
        }
        if (suffix == null) return Optional.of(new Quantity(rounded(number), Notation.DECIMAL_SI));
        if (suffix.endsWith("i")) {
            var factor = KIBI.pow(BINARY.indexOf(suffix));
            return Optional.of(new Quantity(rounded(number.multiply(factor)), Notation.BINARY_SI));
        }
        int power = (DECIMAL.indexOf(suffix) - 3) * 3;
        return Optional.of(new Quantity(rounded(number.scaleByPowerOfTen(power)), Notation.DECIMAL_SI));
    }

    /// Nothing is finer than a nano, and rounding goes away from zero: who asks for something gets something.
    private static BigDecimal rounded(BigDecimal value) {
        return value.scale() <= 9 ? value : value.setScale(9, RoundingMode.UP);
    }

    /// The canonical text of a quantity given as string or number; the value as it is where it is none.
    static Json canonical(Json value) {
        var text = switch (value) {
            case Json.Str(var string) -> string;
            case Json.Num number -> number.text();
            default -> "";
        };
        var quantity = parse(text);
        if (quantity.isEmpty()) return value;
        var canonical = quantity.get().toString();
        return value instanceof Json.Str && canonical.equals(text) ? value : new Json.Str(canonical);
    }

    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        if (value.signum() == 0) return "0";
        // Binary suffixes cannot say less than one, and below 1024 the decimal form is shorter and means the same.
        if (notation == Notation.BINARY_SI
                && value.abs().compareTo(KIBI) >= 0
                && value.stripTrailingZeros().scale() <= 0) {
            var whole = value.toBigIntegerExact();
            int step = 0;
            while (step < BINARY.size() - 1 && whole.getLowestSetBit() >= 10) {
                whole = whole.shiftRight(10);
                step++;
            }
            return whole + BINARY.get(step);
        }
        var nanos = value.divide(NANO).toBigIntegerExact();
        int step = 0;
        int last = DECIMAL.size() - 1;
        var thousand = BigInteger.valueOf(1000);
        while (step < last && nanos.mod(thousand).signum() == 0) {
            nanos = nanos.divide(thousand);
            step++;
        }
        if (notation == Notation.DECIMAL_EXPONENT) return nanos + (step == 3 ? "" : "e" + (step - 3) * 3);
        return nanos + DECIMAL.get(step);
    }
}
