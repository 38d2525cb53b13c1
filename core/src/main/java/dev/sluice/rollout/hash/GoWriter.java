package dev.sluice.rollout.hash;

import dev.sluice.json.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/// Writes values as Go's `encoding/json` does: compact, keys of maps sorted by their bytes, `<`, `>`, `&`, U+2028 and
/// U+2029 escaped so that the text is safe inside HTML.
final class GoWriter {
    static final Comparator<String> BY_BYTES =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private final GoStructs structs;
    private final StringBuilder out = new StringBuilder();

    private GoWriter(GoStructs structs) {
        this.structs = structs;
    }

    static String text(GoValue value, GoStructs structs) {
        var writer = new GoWriter(structs);
        writer.write(value);
        return writer.out.toString();
    }

    /// JSON that is no struct of ours.
    static String text(Json json) {
        var writer = new GoWriter(new GoStructs(Map.of()));
        writer.write(json);
        return writer.out.toString();
    }

    private void write(GoValue value) {
        switch (value) {
            case GoValue.Nil _ -> out.append("null");
            case GoValue.Text(var text) -> string(text);
            case GoValue.Int(var number) -> out.append(number);
            case GoValue.Bool(var truth) -> out.append(truth);
            case GoValue.Written(var json) -> write(json);
            case GoValue.Time time -> time(time);
            case GoValue.Items(var items) -> {
                out.append('[');
                for (var item = items.iterator(); item.hasNext(); ) {
                    write(item.next());
                    comma(item);
                }
                out.append(']');
            }
            case GoValue.Entries(var entries) -> {
                out.append('{');
                for (var entry = entries.entrySet().iterator(); entry.hasNext(); ) {
                    var next = entry.next();
                    string(next.getKey());
                    out.append(':');
                    write(next.getValue());
                    comma(entry);
                }
                out.append('}');
            }
            case GoValue.Struct struct -> struct(struct);
        }
    }

    private void struct(GoValue.Struct struct) {
        out.append('{');
        int start = out.length();
        for (var field : structs.fields(struct.name())) {
            var value = struct.fields().getOrDefault(field.name(), GoValue.zero(field.type()));
            if (!kept(field, value)) continue;
            if (out.length() > start) out.append(',');
            string(field.name());
            out.append(':');
            write(value);
        }
        out.append('}');
    }

    private static boolean kept(GoStructs.Field field, GoValue value) {
        return switch (field.keep()) {
            case ALWAYS -> true;
            case WHEN_NOT_ZERO_TIME -> !value.equals(GoValue.Time.ZERO);
            case WHEN_FILLED -> field.type() instanceof GoType.Pointer ? !readsBackAsNil(value) : filled(value);
        };
    }

    /// The object is written and read once before hashing, and `null` then points to nothing.
    private static boolean readsBackAsNil(GoValue value) {
        return value == GoValue.Nil.NIL
                || value.equals(GoValue.Time.ZERO)
                || value.equals(new GoValue.Written(Json.Null.VALUE));
    }

    private static boolean filled(GoValue value) {
        return switch (value) {
            case GoValue.Nil _ -> false;
            case GoValue.Text(var text) -> !text.isEmpty();
            case GoValue.Int(var number) -> number != 0;
            case GoValue.Bool(var truth) -> truth;
            case GoValue.Items(var items) -> !items.isEmpty();
            case GoValue.Entries(var entries) -> !entries.isEmpty();
            case GoValue.Struct _, GoValue.Written _, GoValue.Time _ -> true;
        };
    }

    private void time(GoValue.Time time) {
        if (time.equals(GoValue.Time.ZERO)) out.append("null");
        else string(time.value().toString());
    }

    private void write(Json json) {
        switch (json) {
            case Json.Obj(var fields) -> {
                var sorted = new TreeMap<String, Json>(BY_BYTES);
                sorted.putAll(fields);
                out.append('{');
                for (var field = sorted.entrySet().iterator(); field.hasNext(); ) {
                    var next = field.next();
                    string(next.getKey());
                    out.append(':');
                    write(next.getValue());
                    comma(field);
                }
                out.append('}');
            }
            case Json.Arr(var items) -> {
                out.append('[');
                for (var item = items.iterator(); item.hasNext(); ) {
                    write(item.next());
                    comma(item);
                }
                out.append(']');
            }
            case Json.Str(var text) -> string(text);
            case Json.Int(var number) -> out.append(number);
            case Json.Dec(var number) -> decimal(number);
            case Json.Bool(var truth) -> out.append(truth);
            case Json.Null _ -> out.append("null");
        }
    }

    private void comma(Iterator<?> rest) {
        if (rest.hasNext()) out.append(',');
    }

    /// The fewest digits that read back as the same double; with an exponent below 1e-6 and from 1e21 on, as in
    /// ECMAScript.
    private void decimal(double number) {
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

    private void string(String text) {
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
