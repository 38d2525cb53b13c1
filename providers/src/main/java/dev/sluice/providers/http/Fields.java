package dev.sluice.providers.http;

import dev.sluice.json.Json;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The fields that metrics over HTTP have in common. A wrong one is an [IllegalArgumentException] that names it.
public final class Fields {
    private static final int MAX_RECORDED = 16_384;
    private static final Pattern SECRET =
            Pattern.compile("auth|token|key|secret|password|cookie|session|credential", Pattern.CASE_INSENSITIVE);

    private Fields() {}

    /// `headers`: a list of `key` and `value`.
    public static List<Call.Header> headers(Json headers) {
        var all = new ArrayList<Call.Header>();
        int index = 0;
        for (var header : headers.items()) {
            var key = header.at("key").string("");
            if (key.isEmpty()) throw new IllegalArgumentException("headers[" + index + "].key is missing");
            all.add(new Call.Header(key, header.at("value").string("")));
            index++;
        }
        return all;
    }

    /// The values of those headers whose names say that they are secret.
    public static List<String> secrets(List<Call.Header> headers) {
        return headers.stream()
                .filter(header -> SECRET.matcher(header.name()).find())
                .map(Call.Header::value)
                .toList();
    }

    /// A value's text as far as it is recorded: it goes into the status of the AnalysisRun, which has to fit into the
    /// store of the cluster.
    public static String recorded(String text) {
        if (text.length() <= MAX_RECORDED) return text;
        return text.substring(0, MAX_RECORDED) + "… (" + text.length() + " characters)";
    }

    /// A number of whole seconds; `otherwise` where it is absent or zero, as an absent number reads in Go.
    public static Duration seconds(Json spec, String field, Duration otherwise) {
        var value = spec.at(field);
        if (value.isNull()) return otherwise;
        long seconds = value.asLong()
                .or(() -> value.asString().flatMap(Fields::number))
                .orElseThrow(() -> new IllegalArgumentException(
                        field + ": " + value.text() + " is not a number of seconds; write a whole number such as 10"));
        if (seconds < 0) {
            throw new IllegalArgumentException(
                    field + ": " + seconds + " is negative; write a number of seconds such as 10");
        }
        return seconds == 0 ? otherwise : Duration.ofSeconds(Math.min(seconds, 86_400));
    }

    private static Optional<Long> number(String text) {
        try {
            return Optional.of(new BigDecimal(text).longValueExact());
        } catch (ArithmeticException | NumberFormatException none) {
            return Optional.empty();
        }
    }
}
