package dev.sluice.format;

import dev.sluice.json.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.TreeMap;

/// JSON as Go's `encoding/json` writes it: compact, keys sorted by their bytes, `<`, `>`, `&`, U+2028
/// and U+2029 escaped so that the text is safe inside HTML. For texts that are hashed or compared with
/// those of other controllers.
public final class GoJson {
    /// The order of keys: that of their UTF-8 bytes.
    public static final Comparator<String> BY_BYTES =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private GoJson() {}

    /// @return the text; NaN and infinities, which JSON cannot say, as `null`
    public static String text(Json json) {
        var out = new StringBuilder();
        write(json, out);
        return out.toString();
    }

    public static void write(Json json, StringBuilder out) {
        switch (json) {
            case Json.Obj(var fields) -> {
                var sorted = new TreeMap<String, Json>(BY_BYTES);
                sorted.putAll(fields);
                out.append('{');
                for (var field = sorted.entrySet().iterator(); field.hasNext(); ) {
                    var next = field.next();
                    string(next.getKey(), out);
                    out.append(':');
                    write(next.getValue(), out);
                    comma(field, out);
                }
                out.append('}');
            }
            case Json.Arr(var items) -> {
                out.append('[');
                for (var item = items.iterator(); item.hasNext(); ) {
                    write(item.next(), out);
                    comma(item, out);
                }
                out.append(']');
            }
            case Json.Str(var text) -> string(text, out);
            case Json.Int(var number) -> out.append(number);
            case Json.Dec(var number) -> decimal(number, out);
            case Json.Bool(var truth) -> out.append(truth);
            case Json.Null _ -> out.append("null");
        }
    }

    private static void comma(Iterator<?> rest, StringBuilder out) {
        if (rest.hasNext()) out.append(',');
    }

    /// The fewest digits that read back as the same double; with an exponent below 1e-6 and from 1e21 on, as in
    /// ECMAScript.
    private static void decimal(double number, StringBuilder out) {
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            out.append("null");
            return;
        }
        double size = Math.abs(number);
        if (size == 0) {
            out.append(1 / number < 0 ? "-0" : "0");
            return;
        }
        var digits = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        if (size >= 1e-6 && size < 1e21) {
            out.append(digits.toPlainString());
            return;
        }
        int exponent = digits.precision() - digits.scale() - 1;
        out.append(digits.movePointLeft(exponent).stripTrailingZeros().toPlainString());
        out.append('e').append(exponent < 0 ? '-' : '+').append(Math.abs(exponent));
    }

    /// A double as Go's `strconv.FormatFloat(x, 'f', -1, 64)` has it: never an exponent; `NaN`, `+Inf`, `-Inf`.
    public static String plain(double number) {
        if (Double.isNaN(number)) return "NaN";
        if (Double.isInfinite(number)) return number > 0 ? "+Inf" : "-Inf";
        if (number == 0) return 1 / number < 0 ? "-0" : "0";
        return new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
    }

    /// A string with its quotes.
    public static void string(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
                        out.append("\\u%04x".formatted((int) c));
                    } else if (Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1))) {
                        out.append(c).append(text.charAt(++i));
                    } else {
                        // Half of a pair is no character; Go's reader had put the replacement character in its place.
                        out.append(Character.isSurrogate(c) ? '\ufffd' : c);
                    }
                }
            }
        }
        out.append('"');
    }
}
