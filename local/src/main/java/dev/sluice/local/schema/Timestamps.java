package dev.sluice.local.schema;

import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import java.time.DateTimeException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// The two spellings of time in the API: whole seconds, and microseconds with six digits always; both in UTC.
final class Timestamps {
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private Timestamps() {}

    /// The canonical text, or the value as it is where it is no time; [Decoding] has refused that before.
    static Json seconds(Json value) {
        if (!(value instanceof Json.Str(var text)) || isWholeSeconds(text)) return value;
        try {
            return new Json.Str(Rfc3339.seconds(Rfc3339.instant(text)));
        } catch (DateTimeException noTime) {
            return value;
        }
    }

    static Json micros(Json value) {
        if (!(value instanceof Json.Str(var text)) || (text.length() == 27 && text.endsWith("Z"))) return value;
        try {
            return new Json.Str(MICROS.format(Rfc3339.instant(text)));
        } catch (DateTimeException noTime) {
            return value;
        }
    }

    static boolean isTime(String text) {
        try {
            Rfc3339.instant(text);
            return true;
        } catch (DateTimeException noTime) {
            return false;
        }
    }

    /// Exactly six digits of a second, as the API demands of a MicroTime.
    static boolean isMicroTime(String text) {
        return text.length() > 26
                && text.charAt(19) == '.'
                && text.substring(20, 26).chars().allMatch(c -> c >= '0' && c <= '9')
                && !Character.isDigit(text.charAt(26));
    }

    private static boolean isWholeSeconds(String text) {
        return text.length() == 20 && text.charAt(19) == 'Z' && text.charAt(10) == 'T';
    }
}
