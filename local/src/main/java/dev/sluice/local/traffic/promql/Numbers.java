package dev.sluice.local.traffic.promql;

import java.math.BigDecimal;

/// Numbers as Prometheus writes them: shortest form, never an exponent, `NaN`, `+Inf`, `-Inf`.
final class Numbers {
    private Numbers() {}

    static String text(double value) {
        if (Double.isNaN(value)) return "NaN";
        if (Double.isInfinite(value)) return value > 0 ? "+Inf" : "-Inf";
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return value == 0 && 1 / value < 0 ? "-0" : Long.toString((long) value);
        }
        var text = new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
        return text;
    }
}
