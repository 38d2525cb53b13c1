package dev.sluice.format;

import dev.sluice.json.Json;
import java.util.Optional;
import java.util.regex.Pattern;

/// A number of pods, or a share of them: `maxSurge`, `maxUnavailable`.
///
/// @see "argoproj.io/v1alpha1: spec.strategy.canary.maxSurge"
public sealed interface IntOrPercent {
    /// An absolute number.
    record Count(int pods) implements IntOrPercent {}

    /// A share of the total.
    record Percent(int percent) implements IntOrPercent {
        private static final Pattern TEXT = Pattern.compile("([+-]?[0-9]{1,9})%?");
    }

    /// Reads a manifest's value: an integer is absolute, a string is a percentage. A string of bare
    /// digits (`"25"`) is a percentage too, as in Argo Rollouts, whose own default is spelled that way.
    ///
    /// @return empty when it is neither
    static Optional<IntOrPercent> of(Json json) {
        return switch (json) {
            case Json.Num number -> number.asInt().map(Count::new);
            case Json.Str(var text) -> {
                var percent = Percent.TEXT.matcher(text);
                yield percent.matches()
                        ? Optional.of(new Percent(Integer.parseInt(percent.group(1))))
                        : Optional.empty();
            }
            case Json.Obj _, Json.Arr _, Json.Bool _, Json.Null _ -> Optional.empty();
        };
    }

    /// The number of pods out of `total`, rounded up: what `maxSurge` allows.
    default int ceil(int total) {
        return switch (this) {
            case Count(var pods) -> pods;
            case Percent(var percent) -> saturated(Math.ceilDiv((long) percent * total, 100L));
        };
    }

    /// The number of pods out of `total`, rounded down: what `maxUnavailable` allows.
    default int floor(int total) {
        return switch (this) {
            case Count(var pods) -> pods;
            case Percent(var percent) -> saturated(Math.floorDiv((long) percent * total, 100L));
        };
    }

    private static int saturated(long pods) {
        return Math.clamp(pods, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /// The value as a manifest has it.
    default Json json() {
        return switch (this) {
            case Count(var pods) -> Json.of(pods);
            case Percent(var percent) -> Json.of(percent + "%");
        };
    }
}
