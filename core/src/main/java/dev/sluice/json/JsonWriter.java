package dev.sluice.json;

import java.math.BigDecimal;
import java.util.Iterator;

/// Writes the tree as text; numbers as Go writes them, so that a round trip through a cluster changes nothing.
final class JsonWriter {
    private JsonWriter() {}

    static void compact(Json json, StringBuilder out) {
        switch (json) {
            case Json.Obj(var fields) -> {
                out.append('{');
                for (var field = fields.entrySet().iterator(); field.hasNext(); ) {
                    var entry = field.next();
                    string(entry.getKey(), out);
                    out.append(':');
                    compact(entry.getValue(), out);
                    comma(field, out);
                }
                out.append('}');
            }
            case Json.Arr(var items) -> {
                out.append('[');
                for (var item = items.iterator(); item.hasNext(); ) {
                    compact(item.next(), out);
                    comma(item, out);
                }
                out.append(']');
            }
            case Json.Str(var value) -> string(value, out);
            case Json.Int(var value) -> out.append(value);
            case Json.Dec(var value) -> decimal(value, out);
            case Json.Bool(var value) -> out.append(value);
            case Json.Null() -> out.append("null");
        }
    }

    static void pretty(Json json, int depth, StringBuilder out) {
        if (json instanceof Json.Obj(var fields) && !fields.isEmpty()) {
            out.append("{\n");
            for (var field = fields.entrySet().iterator(); field.hasNext(); ) {
                var entry = field.next();
                out.repeat("  ", depth + 1);
                string(entry.getKey(), out);
                out.append(": ");
                pretty(entry.getValue(), depth + 1, out);
                comma(field, out);
                out.append('\n');
            }
            out.repeat("  ", depth).append('}');
        } else if (json instanceof Json.Arr(var items) && !items.isEmpty()) {
            out.append("[\n");
            for (var item = items.iterator(); item.hasNext(); ) {
                out.repeat("  ", depth + 1);
                pretty(item.next(), depth + 1, out);
                comma(item, out);
                out.append('\n');
            }
            out.repeat("  ", depth).append(']');
        } else {
            compact(json, out);
        }
    }

    private static void comma(Iterator<?> rest, StringBuilder out) {
        if (rest.hasNext()) out.append(',');
    }

    /// A double in the fewest digits, integers without `.0`, without an exponent where Go writes none; what JSON cannot
    /// say (NaN, infinities) becomes `null`.
    private static void decimal(double value, StringBuilder out) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            out.append("null");
        } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            out.append((long) value);
        } else if (value != Math.rint(value) && Math.abs(value) >= 1e-6) {
            out.append(
                    new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString());
        } else {
            out.append(value);
        }
    }

    static void string(String value, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || c == '\u2028' || c == '\u2029') out.append("\\u%04x".formatted((int) c));
                    else out.append(c);
                }
            }
        }
        out.append('"');
    }
}
