package dev.sluice.expression;

import dev.sluice.format.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Values as Go's `fmt` and `encoding/json` print them.
final class GoText {
    private static final int DEEPEST = 512;

    private GoText() {}

    /// A Go string literal.
    static String quote(String text) {
        var out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case 7 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 11 -> out.append("\\v");
                default -> {
                    if (c < ' ' || c == 127) out.append("\\x%02x".formatted(c));
                    else if (isPrintable(c)) out.appendCodePoint(c);
                    else out.append((c > 0xffff ? "\\U%08x" : "\\u%04x").formatted(c));
                }
            }
        });
        return out.append('"').toString();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    /// As `%v` prints: `[1 2]`, `map[a:1]` with its keys sorted, `<nil>`.
    static String plain(Value value, Meter meter) {
        var out = new StringBuilder();
        plain(value, out, meter);
        return out.toString();
    }

    private static void plain(Value value, StringBuilder out, Meter meter) {
        int before = out.length();
        switch (value) {
            case Value.Nil() -> out.append("<nil>");
            case Value.Bool(var bool) -> out.append(bool);
            case Value.Int(var number) -> out.append(number);
            case Value.Real(var number) -> out.append(GoNumber.text(number));
            case Value.Text(var text) -> out.append(text);
            case Value.Time(var at) -> out.append(GoTime.shown(at));
            case Value.Span(var nanos) -> out.append(GoDuration.text(Duration.ofNanos(nanos)));
            case Value.Zone(var id) -> out.append(GoTime.zoneName(id));
            case Value.Function(var name, var _) -> out.append(name);
            case Value.Array(var items, var _) -> {
                meter.deeper(DEEPEST);
                out.append('[');
                for (int i = 0; i < items.size(); i++) {
                    if (i > 0) out.append(' ');
                    plain(items.get(i), out, meter);
                }
                out.append(']');
                meter.back();
                return;
            }
            case Value.Dict dict -> {
                meter.deeper(DEEPEST);
                out.append("map[");
                var separator = "";
                for (var key : sortedKeys(dict)) {
                    out.append(separator);
                    plain(key, out, meter);
                    out.append(':');
                    plain(dict.entries().getOrDefault(key, Value.Nil.VALUE), out, meter);
                    separator = " ";
                }
                out.append(']');
                meter.back();
                return;
            }
        }
        meter.cells(out.length() - before + 1);
    }

    /// Go sorts map keys when it prints: by kind, then by value.
    private static List<Value> sortedKeys(Value.Dict dict) {
        var keys = new ArrayList<>(dict.entries().keySet());
        keys.sort((a, b) -> {
            int kinds = Integer.compare(rank(a), rank(b));
            return kinds != 0 ? kinds : Operations.order(a, b).orElse(0);
        });
        return keys;
    }

    private static int rank(Value key) {
        return switch (key) {
            case Value.Nil() -> 0;
            case Value.Int _ -> 1;
            case Value.Real _ -> 2;
            case Value.Text _ -> 3;
            case Value.Bool _ -> 4;
            case Value.Time _ -> 5;
            case Value.Span _ -> 6;
            case Value.Zone _, Value.Function _, Value.Array _, Value.Dict _ -> 7;
        };
    }

    /// As `json.MarshalIndent(v, "", "  ")`.
    ///
    /// @throws Fault for what JSON cannot say
    static String json(Value value, Meter meter) {
        var out = new StringBuilder();
        json(value, 0, out, meter);
        return out.toString();
    }

    private static void json(Value value, int level, StringBuilder out, Meter meter) {
        int before = out.length();
        switch (value) {
            case Value.Nil() -> out.append("null");
            case Value.Bool(var bool) -> out.append(bool);
            case Value.Int(var number) -> out.append(number);
            case Value.Real(var number) -> {
                if (Double.isNaN(number) || Double.isInfinite(number)) {
                    throw new Fault("json: unsupported value: " + GoNumber.text(number));
                }
                out.append(GoNumber.json(number));
            }
            case Value.Text(var text) -> jsonString(text, out);
            case Value.Time(var at) -> jsonString(GoTime.format(at, GoTime.RFC3339_NANO), out);
            case Value.Span(var nanos) -> out.append(nanos);
            case Value.Zone _ -> out.append("{}");
            case Value.Function(var _, var goName) -> throw new Fault("json: unsupported type: " + goName);
            case Value.Array(var items, var _) -> {
                meter.deeper(DEEPEST);
                out.append('[');
                for (int i = 0; i < items.size(); i++) {
                    if (i > 0) out.append(',');
                    line(level + 1, out, meter);
                    json(items.get(i), level + 1, out, meter);
                }
                if (!items.isEmpty()) line(level, out, meter);
                out.append(']');
                meter.back();
                return;
            }
            case Value.Dict dict -> {
                if (dict.key() != Type.Basic.STRING) {
                    throw new Fault("json: unsupported type: " + dict.type().goName());
                }
                meter.deeper(DEEPEST);
                out.append('{');
                var separator = "";
                for (var key : sortedKeys(dict)) {
                    out.append(separator);
                    line(level + 1, out, meter);
                    json(key, level, out, meter);
                    out.append(": ");
                    json(dict.entries().getOrDefault(key, Value.Nil.VALUE), level + 1, out, meter);
                    separator = ",";
                }
                if (!dict.entries().isEmpty()) line(level, out, meter);
                out.append('}');
                meter.back();
                return;
            }
        }
        meter.cells(out.length() - before + 1);
    }

    private static void line(int level, StringBuilder out, Meter meter) {
        out.append('\n').repeat("  ", level);
        meter.cells(1 + 2 * level);
    }

    /// A JSON string as Go writes it: `<`, `>` and `&` are escaped, so that the text is safe inside HTML.
    private static void jsonString(String text, StringBuilder out) {
        out.append('"');
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029) {
                        out.append("\\u%04x".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        });
        out.append('"');
    }
}
