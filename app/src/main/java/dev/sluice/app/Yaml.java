package dev.sluice.app;

import dev.sluice.json.Json;
import java.util.regex.Pattern;

/// A JSON tree as YAML in block style. JSON's strings are YAML's double-quoted ones, so whatever could be read as
/// something else stays quoted.
///
/// @see "YAML 1.2.2, sections 7.3 and 8.2"
final class Yaml {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9 _./+-]*");
    private static final Pattern WORD_OF_ITS_OWN = Pattern.compile("(?i)true|false|yes|no|on|off|y|n|null|nan|inf");

    private Yaml() {}

    static String text(Json json) {
        var out = new StringBuilder();
        switch (json) {
            case Json.Obj(var fields) when !fields.isEmpty() -> block(json, 0, out);
            case Json.Arr(var items) when !items.isEmpty() -> block(json, 0, out);
            case Json.Obj _, Json.Arr _, Json.Str _, Json.Num _, Json.Bool _, Json.Null _ ->
                out.append(scalar(json)).append('\n');
        }
        return out.toString();
    }

    private static void block(Json json, int depth, StringBuilder out) {
        var indent = "  ".repeat(depth);
        switch (json) {
            case Json.Obj(var fields) ->
                fields.forEach((name, value) -> {
                    out.append(indent).append(scalar(new Json.Str(name))).append(':');
                    value(value, value instanceof Json.Arr ? depth : depth + 1, out);
                });
            case Json.Arr(var items) -> {
                for (var item : items) {
                    if (nested(item)) {
                        // The first field stands behind the dash, which is as wide as one indent.
                        var inner = new StringBuilder();
                        block(item, depth + 1, inner);
                        out.append(indent).append("- ").append(inner.substring(indent.length() + 2));
                    } else {
                        out.append(indent).append("- ").append(scalar(item)).append('\n');
                    }
                }
            }
            case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> out.append(scalar(json));
        }
    }

    private static boolean nested(Json json) {
        return json instanceof Json.Obj(var fields) && !fields.isEmpty()
                || json instanceof Json.Arr(var items) && !items.isEmpty();
    }

    private static void value(Json value, int depth, StringBuilder out) {
        if (nested(value)) {
            out.append('\n');
            block(value, depth, out);
        } else {
            out.append(' ').append(scalar(value)).append('\n');
        }
    }

    private static String scalar(Json json) {
        if (json instanceof Json.Str(var text)
                && PLAIN.matcher(text).matches()
                && !text.endsWith(" ")
                && !WORD_OF_ITS_OWN.matcher(text).matches()) {
            return text;
        }
        return json.text();
    }
}
