package dev.sluice.format;

import java.time.Duration;

/// Durations as kubectl shows ages: two units at most, fewer the longer it is.
///
/// @see "apimachinery, util/duration: HumanDuration"
public final class HumanDuration {
    private HumanDuration() {}

    /// `95s`, `3m20s`, `2h10m`, `47h`, `7d`; `0s` for what is negative by a moment, as clocks differ.
    public static String text(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 120) return seconds + "s";
        long minutes = seconds / 60;
        if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return minutes + "m";
        long hours = minutes / 60;
        if (hours < 8) return two(hours, "h", minutes % 60, "m");
        if (hours < 48) return hours + "h";
        long days = hours / 24;
        if (hours < 192) return two(days, "d", hours % 24, "h");
        if (days < 730) return days + "d";
        long years = days / 365;
        return years < 8 ? two(years, "y", days % 365, "d") : years + "y";
    }

    private static String two(long large, String unit, long small, String smallUnit) {
        return large + unit + (small == 0 ? "" : small + smallUnit);
    }
}
