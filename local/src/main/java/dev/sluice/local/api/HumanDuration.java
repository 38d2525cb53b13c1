package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;

/// A span of time as tables show it: two units at most, fewer the longer it is.
///
/// @see "apimachinery, util/duration: HumanDuration"
final class HumanDuration {
    private HumanDuration() {}

    static String of(Duration span) {
        long seconds = span.toSeconds();
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        if (seconds < 120) return seconds + "s";
        long minutes = seconds / 60;
        if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return minutes + "m";
        long hours = minutes / 60;
        if (hours < 8) return two(hours, "h", minutes % 60, "m");
        if (hours < 48) return hours + "h";
        long days = hours / 24;
        if (days < 8) return two(days, "d", hours % 24, "h");
        if (days < 730) return days + "d";
        if (days < 8 * 365) return two(days / 365, "y", days % 365, "d");
        return days / 365 + "y";
    }

    private static String two(long much, String unit, long little, String smaller) {
        return little == 0 ? much + unit : much + unit + little + smaller;
    }

    /// The time since an instant of an object, `<unknown>` where there is none.
    static String since(Json stamp, Instant now) {
        return Metadata.instant(stamp)
                .map(then -> of(Duration.between(then, now)))
                .orElse("<unknown>");
    }
}
