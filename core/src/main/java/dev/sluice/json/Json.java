package dev.sluice.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// A JSON value: immutable, ordered as it was read, compared by value.
///
/// Reading is lenient on purpose: [#at] and the `as…` views answer "absent" for a value of another type, so that a
/// decoder decides once, at one place, what a wrong type means.
public sealed interface Json {

    /// An object; fields keep their order, equality does not depend on it (RFC 8259, 4).
    record Obj(SequencedMap<String, Json> fields) implements Json {
        public static final Obj EMPTY = new Obj(Fields.NONE);

        public Obj {
            fields = Fields.of(fields);
        }

        public Optional<Json> get(String name) {
            return Optional.ofNullable(fields.get(name));
        }

        public boolean has(String name) {
            return fields.containsKey(name);
        }

        public boolean isEmpty() {
            return fields.isEmpty();
        }

        /// This object with `name` set, at its old place or else last.
        @SuppressWarnings("ReferenceEquality") // the same fields: this object says the same
        public Obj with(String name, Object value) {
            var changed = ((Fields) fields).with(name, Json.of(value));
            return changed == fields ? this : new Obj(changed);
        }

        public Obj without(String name) {
            return fields.containsKey(name) ? new Obj(((Fields) fields).without(name)) : this;
        }

        /// This object with the value at a path of field names set; objects on the way are made where missing.
        public Obj withAt(List<String> path, Object value) {
            var head = path.getFirst();
            if (path.size() == 1) return with(head, value);
            return with(head, at(head).obj().withAt(path.subList(1, path.size()), value));
        }

        /// This object without the value at a path of field names; what is left empty stays.
        public Obj withoutAt(List<String> path) {
            var head = path.getFirst();
            if (path.size() == 1) return without(head);
            if (!(fields.get(head) instanceof Obj child)) return this;
            return with(head, child.withoutAt(path.subList(1, path.size())));
        }

        /// This object with the field changed by a function that gets `null` where the field is absent.
        public Obj map(String name, UnaryOperator<Json> change) {
            return with(name, change.apply(at(name)));
        }

        @Override
        public String toString() {
            return text();
        }
    }

    /// An array.
    record Arr(List<Json> items) implements Json {
        public static final Arr EMPTY = new Arr(List.of());

        public Arr {
            items = List.copyOf(items);
        }

        @Override
        public String toString() {
            return text();
        }
    }

    /// A string.
    record Str(String value) implements Json {
        @Override
        public String toString() {
            return text();
        }
    }

    /// A number: 64-bit integer where the text had neither fraction nor exponent and fits, else a double, as
    /// Kubernetes' own decoder has it.
    sealed interface Num extends Json {
        double toDouble();
    }

    /// An integer.
    record Int(long value) implements Num {
        @Override
        public double toDouble() {
            return value;
        }

        @Override
        public String toString() {
            return text();
        }
    }

    /// A number with a fraction or an exponent, or beyond 64 bits.
    record Dec(double value) implements Num {
        @Override
        public double toDouble() {
            return value;
        }

        @Override
        public String toString() {
            return text();
        }
    }

    /// `true` or `false`.
    record Bool(boolean value) implements Json {
        @Override
        public String toString() {
            return text();
        }
    }

    /// `null`.
    record Null() implements Json {
        public static final Json VALUE = new Null();

        @Override
        public String toString() {
            return text();
        }
    }

    /// Reads one JSON text (RFC 8259).
    ///
    /// @throws JsonSyntaxException with line and column when it is not one, nests deeper than
    ///     [JsonReader#MAX_DEPTH], or repeats a field name in one object
    static Json parse(String text) {
        return new JsonReader(text, Optional.empty()).whole();
    }

    /// Reads one JSON text in UTF-8; see [#parse(String)].
    static Json parse(byte[] utf8) {
        return parse(new String(utf8, StandardCharsets.UTF_8));
    }

    /// Reads one JSON text in UTF-8 in which a field may stand more than once: the last one counts, as it does
    /// for most who read JSON.
    ///
    /// @param repeated hears the path of each such field, as `spec.containers[0].name`
    /// @throws JsonSyntaxException for all else that [#parse(String)] refuses
    static Json parse(byte[] utf8, Consumer<String> repeated) {
        return new JsonReader(new String(utf8, StandardCharsets.UTF_8), Optional.of(repeated)).whole();
    }

    /// An object of alternating names and values, the values as [#of] takes them.
    static Obj obj(Object... namesAndValues) {
        if (namesAndValues.length % 2 != 0) throw new IllegalArgumentException("a name without a value");
        var fields = new LinkedHashMap<String, Json>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], of(namesAndValues[i + 1]));
        }
        return new Obj(fields);
    }

    /// An array of values as [#of] takes them.
    static Arr arr(Object... values) {
        var items = new ArrayList<Json>(values.length);
        for (var value : values) items.add(of(value));
        return new Arr(items);
    }

    /// The JSON of a Java value: Json itself, String, Integer, Long, BigInteger, Double, Boolean, Map, Iterable,
    /// and null within the last two, which is what a YAML parser gives, too. At the top there is no `null`:
    /// absence is the caller's to express, [Null#VALUE] or no field at all.
    static Json of(Object value) {
        return switch (value) {
            case Json json -> json;
            case String text -> new Str(text);
            case Integer number -> new Int(number);
            case Long number -> new Int(number);
            case BigInteger number -> number(number.toString());
            case Double number -> new Dec(number);
            case Boolean bool -> new Bool(bool);
            case Map<?, ?> map -> {
                var fields = new LinkedHashMap<String, Json>();
                map.forEach((name, field) -> fields.put(String.valueOf(name), field == null ? Null.VALUE : of(field)));
                yield new Obj(fields);
            }
            case Iterable<?> list -> {
                var items = new ArrayList<Json>();
                for (var item : list) items.add(item == null ? Null.VALUE : of(item));
                yield new Arr(items);
            }
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        };
    }

    /// The value at a path of field names, [Null#VALUE] where any of them is missing.
    default Json at(String... path) {
        Json here = this;
        for (var name : path) {
            if (!(here instanceof Obj(var fields))) return Null.VALUE;
            here = fields.getOrDefault(name, Null.VALUE);
        }
        return here;
    }

    /// The item at an index, [Null#VALUE] outside the array or of anything else.
    default Json at(int index) {
        return this instanceof Arr(var items) && index >= 0 && index < items.size() ? items.get(index) : Null.VALUE;
    }

    default boolean isNull() {
        return this instanceof Null;
    }

    /// This as an object; empty when it is none.
    default Obj obj() {
        return this instanceof Obj object ? object : Obj.EMPTY;
    }

    /// The items of this array; none when it is no array.
    default List<Json> items() {
        return this instanceof Arr(var items) ? items : List.of();
    }

    /// The fields of this object; none when it is no object.
    default SequencedMap<String, Json> fields() {
        return obj().fields();
    }

    default Optional<String> asString() {
        return this instanceof Str(var value) ? Optional.of(value) : Optional.empty();
    }

    /// The integer, also of a decimal without a fraction.
    default Optional<Long> asLong() {
        return switch (this) {
            case Int(var value) -> Optional.of(value);
            case Dec(var value) when value == Math.rint(value) && Math.abs(value) < 9e15 -> Optional.of((long) value);
            default -> Optional.empty();
        };
    }

    /// The integer if it fits 32 bits.
    default Optional<Integer> asInt() {
        return asLong().filter(n -> n == n.intValue()).map(Long::intValue);
    }

    default Optional<Boolean> asBool() {
        return this instanceof Bool(var value) ? Optional.of(value) : Optional.empty();
    }

    /// The string, or `otherwise`.
    default String string(String otherwise) {
        return asString().orElse(otherwise);
    }

    /// The 32-bit integer, or `otherwise`.
    default int integer(int otherwise) {
        return asInt().orElse(otherwise);
    }

    /// The boolean, or `otherwise`.
    default boolean bool(boolean otherwise) {
        return asBool().orElse(otherwise);
    }

    /// The string-valued fields of this object, in order: labels, annotations, selectors.
    default SequencedMap<String, String> strings() {
        var strings = new LinkedHashMap<String, String>();
        fields().forEach((name, value) -> value.asString().ifPresent(text -> strings.put(name, text)));
        return Collections.unmodifiableSequencedMap(strings);
    }

    /// Compact JSON.
    default String text() {
        var out = new StringBuilder();
        JsonWriter.compact(this, out);
        return out.toString();
    }

    /// Indented JSON, two blanks a level.
    default String pretty() {
        var out = new StringBuilder();
        JsonWriter.pretty(this, 0, out);
        return out.append('\n').toString();
    }

    /// Compact JSON in UTF-8.
    default byte[] bytes() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    /// A number from its decimal text.
    static Num number(String text) {
        if (text.indexOf('.') < 0 && text.indexOf('e') < 0 && text.indexOf('E') < 0) {
            var exact = new BigDecimal(text);
            try {
                return new Int(exact.longValueExact());
            } catch (ArithmeticException beyond64Bits) {
                return new Dec(exact.doubleValue());
            }
        }
        return new Dec(Double.parseDouble(text));
    }
}
