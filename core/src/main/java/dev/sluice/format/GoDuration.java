package dev.sluice.format;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Durations as Go's `time.ParseDuration` and `Duration.String` have them: `1h30m`, `1.5s`, `300ms`; no days.
public final class GoDuration {
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "μs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    private GoDuration() {}

    /// @return the duration; empty when the text is none, or is beyond the 290 years of 64-bit nanoseconds
    public static Optional<Duration> parse(String text) {
        boolean negative = text.startsWith("-");
        var rest = negative || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) return Optional.of(Duration.ZERO);
        if (rest.isEmpty()) return Optional.empty();
        var sum = BigDecimal.ZERO;
        var part = PART.matcher(rest);
        int at = 0;
        while (at < rest.length()) {
            if (!part.find(at) || part.start() != at) return Optional.empty();
            var unit = NANOS.get(part.group(2));
            if (unit == null) return Optional.empty();
            sum = sum.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit)));
            at = part.end();
        }
        var nanos = sum.toBigInteger();
        if (nanos.bitLength() > 63) return Optional.empty();
        var duration = Duration.ofNanos(nanos.longValue());
        return Optional.of(negative ? duration.negated() : duration);
    }

    /// What is wrong with a text that [#parse] refuses, in Go's words: `time: missing unit in duration "10"`.
    public static String problem(String text) {
        var quoted = '"' + text + '"';
        var rest = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (rest.isEmpty()) return "time: invalid duration " + quoted;
        while (!rest.isEmpty()) {
            int digits = 0;
            while (digits < rest.length() && (isDigit(rest.charAt(digits)) || rest.charAt(digits) == '.')) digits++;
            var number = rest.substring(0, digits);
            if (number.isEmpty() || number.equals(".") || number.indexOf('.') != number.lastIndexOf('.')) break;
            int end = digits;
            while (end < rest.length() && !isDigit(rest.charAt(end)) && rest.charAt(end) != '.') end++;
            var unit = rest.substring(digits, end);
            if (unit.isEmpty()) return "time: missing unit in duration " + quoted;
            if (!NANOS.containsKey(unit)) return "time: unknown unit \"" + unit + "\" in duration " + quoted;
            rest = rest.substring(end);
        }
        return "time: invalid duration " + quoted;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /// The shortest Go text: `1h0m0s`, `1.5s`, `2ms`, `0s`.
    public static String text(Duration duration) {
        if (duration.isZero()) return "0s";
        if (duration.isNegative()) return "-" + text(duration.negated());
        long nanos = duration.toNanos();
        if (nanos < 1_000) return nanos + "ns";
        if (nanos < 1_000_000) return fraction(nanos, 1_000) + "µs";
        if (nanos < 1_000_000_000) return fraction(nanos, 1_000_000) + "ms";
        long minutes = duration.toMinutes();
        var seconds = fraction(nanos - minutes * 60_000_000_000L, 1_000_000_000) + "s";
        if (minutes == 0) return seconds;
        return minutes < 60 ? minutes + "m" + seconds : minutes / 60 + "h" + minutes % 60 + "m" + seconds;
    }

    private static String fraction(long nanos, long unit) {
        return BigDecimal.valueOf(nanos)
                .divide(BigDecimal.valueOf(unit))
                .stripTrailingZeros()
                .toPlainString();
    }
}
