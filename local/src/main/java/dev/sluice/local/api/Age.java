package dev.sluice.local.api;

import dev.sluice.format.HumanDuration;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;

/// A span of time as tables show it: as people read it, and what no clock of a healthy cluster gives as `<invalid>`.
///
/// @see "apimachinery, util/duration: HumanDuration"
final class Age {
    private Age() {}

    static String of(Duration span) {
        return span.toSeconds() < -1 ? "<invalid>" : HumanDuration.text(span);
    }

    /// The time since an instant of an object, `<unknown>` where there is none.
    static String since(Json stamp, Instant now) {
        return Metadata.instant(stamp)
                .map(then -> of(Duration.between(then, now)))
                .orElse("<unknown>");
    }
}
