package dev.sluice.rollout.hash;

import dev.sluice.format.GoJson;
import dev.sluice.format.Quantity;
import dev.sluice.json.Json;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Reads JSON into Go's types, with Argo Rollouts' two attempts:
///
/// ```
/// strictly: any value of a wrong type fails the reading; a number with a zero fraction is an integer
/// else leniently, from nothing, keys in the order of their bytes:
///     a value of a wrong type is skipped (what a pointer points to is made first, and stays zero)
///     a quantity, time or int-or-string that its own type refuses ends the reading there and then
/// ```
///
/// The API server refuses most wrong types by schema. What reaches this code are the parts of a pod template that the
/// schema leaves open: `resources.limits`, `resources.requests`, `volumes`.
final class GoDecoder {
    private static final Pattern RFC_3339 =
            Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}([.,]\\d+)?(Z|[+-]\\d{2}:\\d{2})");

    /// The reading ends here.
    private static final class Stopped extends Exception {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("a value of a wrong type", null, false, false);
        }
    }

    private final GoStructs structs;
    private final boolean lenient;

    private GoDecoder(GoStructs structs, boolean lenient) {
        this.structs = structs;
        this.lenient = lenient;
    }

    static GoValue decode(GoStructs structs, GoType type, Json json) {
        try {
            var whole = new Slot(GoValue.zero(type));
            new GoDecoder(structs, false).read(type, json, whole::set);
            return whole.value;
        } catch (Stopped wrongType) {
            var part = new Slot(GoValue.zero(type));
            try {
                new GoDecoder(structs, true).read(type, json, part::set);
            } catch (Stopped refused) {
                // What was read until here is what counts.
            }
            return part.value;
        }
    }

    private static final class Slot {
        private GoValue value;

        Slot(GoValue value) {
            this.value = value;
        }

        void set(GoValue read) {
            value = read;
        }
    }

    private void read(GoType type, Json json, Consumer<GoValue> into) throws Stopped {
        if (json.isNull()) {
            if (type == GoType.Custom.RAW && lenient) into.accept(new GoValue.Written(json));
            return;
        }
        switch (type) {
            case GoType.Pointer(var to) -> {
                into.accept(GoValue.zero(to));
                read(to, json, into);
            }
            case GoType.Struct(var name) -> {
                if (json instanceof Json.Obj(var fields)) readStruct(name, fields, into);
                else wrongType();
            }
            case GoType.Items(var of) -> {
                if (json instanceof Json.Arr array) readItems(of, array, into);
                else wrongType();
            }
            case GoType.Entries(var of) -> {
                if (json instanceof Json.Obj(var fields)) readEntries(of, fields, into);
                else wrongType();
            }
            case GoType.Scalar scalar -> readScalar(scalar, json, into);
            case GoType.Custom custom -> into.accept(readCustom(custom, json));
        }
    }

    private void wrongType() throws Stopped {
        if (!lenient) throw new Stopped();
    }

    private void readStruct(String name, Map<String, Json> from, Consumer<GoValue> into) throws Stopped {
        var struct = new GoValue.Struct(name);
        into.accept(struct);
        if (lenient) {
            for (var key : inByteOrder(from)) {
                var field = structs.fieldInAnyCase(name, key);
                var value = from.get(key);
                if (field.isEmpty() || value == null) continue;
                read(
                        field.get().type(),
                        value,
                        read -> struct.fields().put(field.get().name(), read));
            }
        } else {
            for (var field : structs.fields(name)) {
                var value = from.get(field.name());
                if (value != null)
                    read(field.type(), value, read -> struct.fields().put(field.name(), read));
            }
        }
    }

    private void readItems(GoType of, Json.Arr from, Consumer<GoValue> into) throws Stopped {
        var list = new GoValue.Items();
        into.accept(list);
        for (var item : from.items()) {
            int index = list.items().size();
            list.items().add(GoValue.zero(of));
            read(of, item, read -> list.items().set(index, read));
        }
    }

    private void readEntries(GoType of, Map<String, Json> from, Consumer<GoValue> into) throws Stopped {
        var map = new GoValue.Entries();
        into.accept(map);
        for (var key : inByteOrder(from)) {
            var value = from.get(key);
            var slot = new Slot(GoValue.zero(of));
            if (value != null) read(of, value, slot::set);
            map.entries().put(key, slot.value);
        }
    }

    private static Iterable<String> inByteOrder(Map<String, Json> fields) {
        var keys = new ArrayList<>(fields.keySet());
        keys.sort(GoJson.BY_BYTES);
        return keys;
    }

    private void readScalar(GoType.Scalar type, Json json, Consumer<GoValue> into) throws Stopped {
        switch (type) {
            case STRING -> {
                if (json instanceof Json.Str(var text)) into.accept(new GoValue.Text(text));
                else wrongType();
            }
            case BOOL -> {
                if (json instanceof Json.Bool(var truth)) into.accept(new GoValue.Bool(truth));
                else wrongType();
            }
            case INT32 -> {
                var number = json.asLong();
                // The strict reader cuts an integer down to its lower 32 bits; the lenient one refuses it.
                if (number.isPresent()
                        && (!lenient || number.get() == number.get().intValue())) {
                    into.accept(new GoValue.Int(number.get().intValue()));
                } else {
                    wrongType();
                }
            }
            case INT64 -> {
                var number = json.asLong();
                if (number.isPresent()) into.accept(new GoValue.Int(number.get()));
                else wrongType();
            }
        }
    }

    private static GoValue readCustom(GoType.Custom type, Json json) throws Stopped {
        return switch (type) {
            case QUANTITY -> new GoValue.Written(Json.of(quantity(json)));
            case INT_OR_STRING ->
                switch (json) {
                    case Json.Str text -> new GoValue.Written(text);
                    case Json.Num number ->
                        new GoValue.Written(Json.of(number.asInt().orElseThrow(Stopped::new)));
                    case Json.Obj _, Json.Arr _, Json.Bool _, Json.Null _ -> throw new Stopped();
                };
            case TIME -> time(json);
            case FIELDS_V1, RAW -> new GoValue.Written(json);
        };
    }

    /// A quantity is read from the JSON text without its quotes, so that a bare number will do.
    private static String quantity(Json json) throws Stopped {
        var text = switch (json) {
            case Json.Str(var value) -> value.strip();
            case Json.Num number -> GoJson.text(number);
            case Json.Obj _, Json.Arr _, Json.Bool _, Json.Null _ -> throw new Stopped();
        };
        try {
            return Quantity.parse(text).text();
        } catch (IllegalArgumentException none) {
            throw new Stopped();
        }
    }

    private static GoValue time(Json json) throws Stopped {
        var text = json.asString()
                .filter(value -> RFC_3339.matcher(value).matches())
                .orElseThrow(Stopped::new);
        try {
            var instant = OffsetDateTime.parse(text.replace(',', '.')).toInstant();
            return new GoValue.Time(instant.truncatedTo(ChronoUnit.SECONDS));
        } catch (DateTimeException none) {
            throw new Stopped();
        }
    }
}
