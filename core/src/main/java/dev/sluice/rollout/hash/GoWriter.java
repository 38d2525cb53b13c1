package dev.sluice.rollout.hash;

import dev.sluice.format.GoJson;
import dev.sluice.json.Json;
import java.util.Iterator;

/// Writes values of Go's types as its `encoding/json` does.
///
/// @see GoJson
final class GoWriter {
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

    private void write(GoValue value) {
        switch (value) {
            case GoValue.Nil _ -> out.append("null");
            case GoValue.Text(var text) -> GoJson.string(text, out);
            case GoValue.Int(var number) -> out.append(number);
            case GoValue.Bool(var truth) -> out.append(truth);
            case GoValue.Written(var json) -> GoJson.write(json, out);
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
                    GoJson.string(next.getKey(), out);
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
            GoJson.string(field.name(), out);
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
        else GoJson.string(time.value().toString(), out);
    }

    private void comma(Iterator<?> rest) {
        if (rest.hasNext()) out.append(',');
    }
}
