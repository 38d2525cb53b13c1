package dev.sluice.local.schema;

import com.google.re2j.Pattern;
import dev.sluice.format.GoDuration;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;

/// The string formats that a structural schema may name. Unknown formats fit everything, as in the API server.
final class Formats {
    private static final Pattern UUID =
            Pattern.compile("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$");
    private static final Pattern IPV4 = Pattern.compile("^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.|$)){4}$");
    private static final Pattern IPV6 = Pattern.compile("^[0-9A-Fa-f:.]{2,45}$");
    private static final Pattern MAC = Pattern.compile("^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$");
    private static final Pattern EMAIL = Pattern.compile("^[^@\\s<>]+@[^@\\s<>]+$");
    private static final Pattern HOSTNAME = Pattern.compile(
            "^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?" + "(\\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$");

    private Formats() {}

    static boolean fits(String format, String text) {
        return switch (format) {
            case "date-time", "datetime" -> Timestamps.isTime(text);
            case "date" -> isDate(text);
            case "duration" -> GoDuration.parse(text).isPresent();
            case "byte" -> isBase64(text);
            case "uri" -> isUri(text);
            case "uuid", "uuid3", "uuid4", "uuid5" -> UUID.matcher(text).find();
            case "ipv4" -> IPV4.matcher(text).find();
            case "ipv6" -> text.indexOf(':') >= 0 && IPV6.matcher(text).find();
            case "cidr" -> isCidr(text);
            case "mac" -> MAC.matcher(text).find();
            case "email" -> EMAIL.matcher(text).find();
            case "hostname" -> text.length() <= 255 && HOSTNAME.matcher(text).find();
            default -> true;
        };
    }

    private static boolean isDate(String text) {
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeException none) {
            return false;
        }
    }

    private static boolean isBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
            return text.length() % 4 == 0;
        } catch (IllegalArgumentException none) {
            return false;
        }
    }

    private static boolean isUri(String text) {
        try {
            return new URI(text).isAbsolute() || text.startsWith("/");
        } catch (URISyntaxException none) {
            return false;
        }
    }

    private static boolean isCidr(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || slash > text.length() - 2 || text.length() - slash > 4) return false;
        var address = text.substring(0, slash);
        var bits = text.substring(slash + 1);
        if (!bits.chars().allMatch(c -> c >= '0' && c <= '9')) return false;
        boolean four = IPV4.matcher(address).find();
        return Integer.parseInt(bits) <= (four ? 32 : 128)
                && (four || IPV6.matcher(address).find());
    }
}
