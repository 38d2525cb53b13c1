package dev.sluice.expression;

import dev.sluice.json.Json;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A value of the language. Immutable.
///
/// Integers and floats are different kinds that compare by number: literals like `1` and what `len`
/// answers are integers, every number of a JSON text is a float, as Go's decoder has it.
public sealed interface Value {

    /// `nil`
    record Nil() implements Value {
        public static final Value VALUE = new Nil();
    }

    record Bool(boolean value) implements Value {}

    /// A 64-bit integer; overflow wraps.
    record Int(long value) implements Value {}

    record Real(double value) implements Value {}

    record Text(String value) implements Value {}

    /// An array.
    ///
    /// @param element the item type its Go type names; [Type.Basic#ANY] for what JSON or the language made
    record Array(List<Value> items, Type element) implements Value {
        public Array {
            items = List.copyOf(items);
        }

        public Array(List<Value> items) {
            this(items, Type.Basic.ANY);
        }
    }

    /// A map in the order its entries were made.
    ///
    /// @param key [Type.Basic#STRING] for what JSON or a literal made, [Type.Basic#ANY] for what `groupBy` and
    ///     `fromPairs` made
    record Dict(SequencedMap<Value, Value> entries, Type key, Type element) implements Value {
        public Dict {
            entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
        }
    }

    /// A point in time with the zone it is shown in.
    record Time(ZonedDateTime at) implements Value {}

    /// A length of time in nanoseconds.
    record Span(long nanos) implements Value {}

    /// A time zone.
    record Zone(ZoneId id) implements Value {}

    /// A function that is named without being called.
    record Function(String name, String goName) implements Value {}

    static Value of(boolean value) {
        return new Bool(value);
    }

    static Value of(long value) {
        return new Int(value);
    }

    static Value of(double value) {
        return new Real(value);
    }

    static Value of(String value) {
        return new Text(value);
    }

    /// What a Prometheus vector is: an array whose items are known to be floats.
    static Value floats(List<Double> samples) {
        return new Array(samples.stream().map(Value::of).toList(), Type.Basic.FLOAT);
    }

    /// What Go's decoder makes of a JSON value: numbers become floats.
    static Value of(Json json) {
        return switch (json) {
            case Json.Null() -> Nil.VALUE;
            case Json.Bool(var value) -> of(value);
            case Json.Num number -> of(number.toDouble());
            case Json.Str(var value) -> of(value);
            case Json.Arr(var items) -> {
                var values = new ArrayList<Value>(items.size());
                for (var item : items) values.add(of(item));
                yield new Array(values);
            }
            case Json.Obj(var fields) -> {
                var entries = new LinkedHashMap<Value, Value>();
                fields.forEach((name, field) -> entries.put(of(name), of(field)));
                yield new Dict(entries, Type.Basic.STRING, Type.Basic.ANY);
            }
        };
    }

    /// The type of this value, as the checker sees a variable that holds it.
    default Type type() {
        return switch (this) {
            case Nil() -> Type.Basic.NIL;
            case Bool(var _) -> Type.Basic.BOOL;
            case Int(var _) -> Type.Basic.INT;
            case Real(var _) -> Type.Basic.FLOAT;
            case Text(var _) -> Type.Basic.STRING;
            case Array(var _, var element) -> new Type.ArrayOf(element, "[]" + element.goName());
            case Dict(var _, var key, var element) -> new Type.MapOf(key, element);
            case Time(var _) -> Type.Basic.TIME;
            case Span(var _) -> Type.Basic.DURATION;
            case Zone(var _) -> Type.Basic.LOCATION;
            case Function(var name, var goName) -> new Type.Function(name, goName);
        };
    }

    /// Go's name of the type, as `%T` prints it.
    default String goType() {
        return this instanceof Nil ? "<nil>" : type().goName();
    }

    default boolean isNil() {
        return this instanceof Nil;
    }
}
