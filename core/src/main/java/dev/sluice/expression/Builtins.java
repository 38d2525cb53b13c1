package dev.sluice.expression;

import static dev.sluice.expression.Type.ArrayOf.ANYTHINGS;
import static dev.sluice.expression.Type.Basic.ANY;
import static dev.sluice.expression.Type.Basic.BOOL;
import static dev.sluice.expression.Type.Basic.DURATION;
import static dev.sluice.expression.Type.Basic.FLOAT;
import static dev.sluice.expression.Type.Basic.INT;
import static dev.sluice.expression.Type.Basic.INT64;
import static dev.sluice.expression.Type.Basic.LOCATION;
import static dev.sluice.expression.Type.Basic.NIL;
import static dev.sluice.expression.Type.Basic.STRING;
import static dev.sluice.expression.Type.Basic.TIME;
import static dev.sluice.expression.Type.MapOf.OBJECT;
import static dev.sluice.expression.Type.typedListOf;

import dev.sluice.expression.Builtin.Signature;
import dev.sluice.format.GoDuration;
import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;

/// The closed table of functions. Those that take a predicate are evaluated by [Machine]; here is only their shape.
final class Builtins {
    private static final int DEEPEST = 500;
    private static final int LONGEST_DURATION = 200;

    /// An argument of a function that takes a predicate.
    record Argument(boolean predicate, boolean optional) {}

    private static final Argument VALUE = new Argument(false, false);
    private static final Argument PREDICATE = new Argument(true, false);
    private static final Argument MAYBE_VALUE = new Argument(false, true);
    private static final Argument MAYBE_PREDICATE = new Argument(true, true);

    private static final SequencedMap<String, Builtin> TABLE = table();

    private Builtins() {}

    /// The arguments of a function that takes a predicate; empty for every other name.
    static Optional<List<Argument>> predicateShape(String name) {
        return switch (name) {
            case "all",
                    "none",
                    "any",
                    "one",
                    "filter",
                    "map",
                    "find",
                    "findIndex",
                    "findLast",
                    "findLastIndex",
                    "groupBy" -> Optional.of(List.of(VALUE, PREDICATE));
            case "count", "sum" -> Optional.of(List.of(VALUE, MAYBE_PREDICATE));
            case "sortBy", "reduce" -> Optional.of(List.of(VALUE, PREDICATE, MAYBE_VALUE));
            default -> Optional.empty();
        };
    }

    /// A function of the language that takes no predicate.
    static Optional<Builtin> named(String name) {
        return Optional.ofNullable(TABLE.get(name));
    }

    static boolean isBuiltin(String name) {
        return TABLE.containsKey(name) || predicateShape(name).isPresent();
    }

    /// One of Argo's own functions.
    static Optional<Builtin> provider(String name, Names.Functions functions) {
        boolean there = switch (functions) {
            case NONE -> false;
            case TIME -> name.equals("isNaN") || name.equals("isInf");
            case CONDITION -> true;
        };
        return there ? Optional.ofNullable(PROVIDER.get(name)) : Optional.empty();
    }

    private static final SequencedMap<String, Builtin> PROVIDER = provider();

    private static SequencedMap<String, Builtin> provider() {
        var table = new LinkedHashMap<String, Builtin>();
        add(table, Builtin.of("asInt", (in, _) -> Value.of(asInt(in.getFirst())), Signature.of(INT64, ANY)));
        add(table, Builtin.of("asFloat", (in, _) -> Value.of(asFloat(in.getFirst())), Signature.of(FLOAT, ANY)));
        add(
                table,
                Builtin.of(
                        "isNaN",
                        (in, _) -> Value.of(Double.isNaN(real("isNaN", in.getFirst()))),
                        Signature.of(BOOL, FLOAT)));
        add(
                table,
                Builtin.of(
                        "isInf",
                        (in, _) -> Value.of(Double.isInfinite(real("isInf", in.getFirst()))),
                        Signature.of(BOOL, FLOAT)));
        // Both look at the provider's result whatever they are asked about: Argo Rollouts does, and templates rely on
        // it.
        add(table, Builtin.of("isNil", (_, m) -> Value.of(m.result().isNil()), Signature.of(BOOL, ANY)));
        add(
                table,
                Builtin.of(
                        "default",
                        (in, m) -> m.result().isNil() ? in.get(1) : m.result(),
                        Signature.of(ANY, ANY, ANY)));
        return table;
    }

    private static void add(SequencedMap<String, Builtin> table, Builtin builtin) {
        table.put(builtin.name(), builtin);
    }

    private static long asInt(Value in) {
        return switch (in) {
            case Value.Int(var value) -> value;
            case Value.Real(var value) -> GoNumber.truncate(value);
            case Value.Text(var text) -> {
                var parsed = GoNumber.parseInt(text, 10);
                if (parsed.isPresent()) yield parsed.get();
                throw new Fault(
                        "strconv.ParseInt: parsing " + GoText.quote(text) + ": " + GoNumber.intProblem(text, 10));
            }
            default -> throw unsupported("asInt", in);
        };
    }

    private static double asFloat(Value in) {
        return switch (in) {
            case Value.Int(var value) -> value;
            case Value.Real(var value) -> value;
            case Value.Text(var text) -> {
                var parsed = GoNumber.parseFloat(text);
                if (parsed.isPresent()) yield parsed.get();
                throw new Fault(
                        "strconv.ParseFloat: parsing " + GoText.quote(text) + ": " + GoNumber.floatProblem(text));
            }
            default -> throw unsupported("asFloat", in);
        };
    }

    private static Fault unsupported(String function, Value in) {
        return new Fault(function + "() not supported on " + in.goType() + " " + GoText.plain(in, new Meter()));
    }

    private static double real(String function, Value in) {
        if (Operations.isNumber(in)) return Operations.toReal(in);
        throw new Fault("cannot use " + in.goType() + " as argument (type float64) to call " + function);
    }

    private static SequencedMap<String, Builtin> table() {
        var table = new LinkedHashMap<String, Builtin>();
        for (var builtin : List.of(
                Builtin.of("len", one("len", Builtins::hasLength, _ -> INT), (in, _) -> length(in.getFirst())),
                Builtin.of("type", (in, _) -> Value.of(typeName(in.getFirst())), Signature.of(STRING, ANY)),
                Builtin.of("abs", one("abs", Builtins::maybeNumber, t -> t), (in, _) -> abs(in.getFirst())),
                rounding("ceil"),
                rounding("floor"),
                rounding("round"),
                Builtin.of("int", one("int", Builtins::maybeNumberOrText, _ -> INT), (in, _) -> integer(in.getFirst())),
                Builtin.of(
                        "float", one("float", Builtins::maybeNumberOrText, _ -> FLOAT), (in, _) -> real(in.getFirst())),
                Builtin.of(
                        "string",
                        (in, m) -> Value.of(GoText.plain(in.getFirst(), m.meter())),
                        Signature.of(STRING, ANY)),
                Builtin.of(
                        "trim",
                        (in, m) -> made(
                                m,
                                trimmed(
                                        text(in.getFirst()),
                                        in.size() > 1 ? Optional.of(text(in.get(1))) : Optional.empty())),
                        Signature.of(STRING, STRING),
                        Signature.of(STRING, STRING, STRING)),
                Builtin.of(
                        "trimPrefix",
                        (in, m) -> made(m, withoutPrefix(text(in.getFirst()), in.size() > 1 ? text(in.get(1)) : " ")),
                        Signature.of(STRING, STRING, STRING),
                        Signature.of(STRING, STRING)),
                Builtin.of(
                        "trimSuffix",
                        (in, m) -> made(m, withoutSuffix(text(in.getFirst()), in.size() > 1 ? text(in.get(1)) : " ")),
                        Signature.of(STRING, STRING, STRING),
                        Signature.of(STRING, STRING)),
                Builtin.of(
                        "upper",
                        (in, m) -> made(m, text(in.getFirst()).toUpperCase(Locale.ROOT)),
                        Signature.of(STRING, STRING)),
                Builtin.of(
                        "lower",
                        (in, m) -> made(m, text(in.getFirst()).toLowerCase(Locale.ROOT)),
                        Signature.of(STRING, STRING)),
                Builtin.of("split", (in, m) -> split(in, 0, m), splitting()),
                Builtin.of("splitAfter", (in, m) -> split(in, 1, m), splitting()),
                Builtin.of(
                        "replace",
                        (in, m) -> replaced(in, m),
                        Signature.of(STRING, STRING, STRING, STRING, INT),
                        Signature.of(STRING, STRING, STRING, STRING)),
                Builtin.of("repeat", (in, m) -> repeated(in, m), Signature.of(STRING, STRING, INT)),
                Builtin.of(
                        "join",
                        (in, m) -> joined(in, m),
                        Signature.of(STRING, ANYTHINGS, STRING),
                        Signature.of(STRING, ANYTHINGS),
                        Signature.of(STRING, typedListOf(STRING), STRING),
                        Signature.of(STRING, typedListOf(STRING))),
                Builtin.of(
                        "indexOf",
                        (in, _) ->
                                place(text(in.getFirst()), text(in.getFirst()).indexOf(text(in.get(1)))),
                        Signature.of(INT, STRING, STRING)),
                Builtin.of(
                        "lastIndexOf",
                        (in, _) ->
                                place(text(in.getFirst()), text(in.getFirst()).lastIndexOf(text(in.get(1)))),
                        Signature.of(INT, STRING, STRING)),
                Builtin.of(
                        "hasPrefix",
                        (in, _) -> Value.of(text(in.getFirst()).startsWith(text(in.get(1)))),
                        Signature.of(BOOL, STRING, STRING)),
                Builtin.of(
                        "hasSuffix",
                        (in, _) -> Value.of(text(in.getFirst()).endsWith(text(in.get(1)))),
                        Signature.of(BOOL, STRING, STRING)),
                Builtin.of("max", aggregate("max"), (in, m) -> extreme("max", ">", in, m)),
                Builtin.of("min", aggregate("min"), (in, m) -> extreme("min", "<", in, m)),
                Builtin.of("mean", aggregate("mean"), (in, m) -> mean(in, m)),
                Builtin.of("median", aggregate("median"), (in, m) -> median(in, m)),
                Builtin.of(
                        "toJSON",
                        (in, m) -> Value.of(GoText.json(in.getFirst(), m.meter())),
                        Signature.of(STRING, ANY)),
                Builtin.of("fromJSON", (in, m) -> parsed(text(in.getFirst()), m), Signature.of(ANY, STRING)),
                Builtin.of(
                        "toBase64",
                        (in, m) -> made(
                                m,
                                Base64.getEncoder()
                                        .encodeToString(text(in.getFirst()).getBytes(StandardCharsets.UTF_8))),
                        Signature.of(STRING, STRING)),
                Builtin.of(
                        "fromBase64", (in, m) -> made(m, decoded(text(in.getFirst()))), Signature.of(STRING, STRING)),
                Builtin.of("now", Builtins::checkNow, Builtins::now),
                Builtin.of("duration", (in, _) -> duration(text(in.getFirst())), Signature.of(DURATION, STRING)),
                Builtin.of("date", Builtins::checkDate, (in, _) -> date(in)),
                Builtin.of(
                        "timezone",
                        (in, _) -> new Value.Zone(GoTime.zone(text(in.getFirst()))),
                        Signature.of(LOCATION, STRING)),
                Builtin.of("first", end("first"), (in, _) -> item(in.getFirst(), true)),
                Builtin.of("last", end("last"), (in, _) -> item(in.getFirst(), false)),
                Builtin.of("get", Builtins::checkGet, (in, m) -> got(in.getFirst(), in.get(1), m)),
                Builtin.of("take", Builtins::checkTake, (in, m) -> taken(in.getFirst(), in.get(1), m)),
                Builtin.of("keys", ofMap("cannot get keys from ", "", ANYTHINGS), (in, m) -> keys(in.getFirst(), m)),
                Builtin.of(
                        "values", ofMap("cannot get values from ", "", ANYTHINGS), (in, m) -> values(in.getFirst(), m)),
                Builtin.of(
                        "toPairs",
                        ofMap("cannot transform ", " to pairs", ANYTHINGS),
                        (in, m) -> pairs(in.getFirst(), m)),
                Builtin.of(
                        "fromPairs",
                        ofArray("cannot transform ", " from pairs", OBJECT),
                        (in, m) -> fromPairs(in.getFirst(), m)),
                Builtin.of("reverse", ofArray("cannot reverse ", "", ANYTHINGS), (in, m) -> reversed(in.getFirst(), m)),
                Builtin.of("uniq", ofArray("cannot uniq ", "", ANYTHINGS), (in, m) -> unique(in.getFirst(), m)),
                Builtin.of("concat", Builtins::checkConcat, (in, m) -> concatenated(in, m)),
                Builtin.of("flatten", ofArray("cannot flatten ", "", ANYTHINGS), (in, m) -> flat(in.getFirst(), m)),
                Builtin.of(
                        "sort",
                        (in, m) -> sorted(in, m),
                        Signature.of(ANYTHINGS, ANYTHINGS, STRING),
                        Signature.of(ANYTHINGS, typedListOf(INT), STRING),
                        Signature.of(ANYTHINGS, typedListOf(FLOAT), STRING),
                        Signature.of(ANYTHINGS, typedListOf(STRING), STRING),
                        Signature.of(ANYTHINGS, ANYTHINGS),
                        Signature.of(ANYTHINGS, typedListOf(FLOAT)),
                        Signature.of(ANYTHINGS, typedListOf(STRING)),
                        Signature.of(ANYTHINGS, typedListOf(INT))),
                bits("bitand", (x, y) -> x & y),
                bits("bitor", (x, y) -> x | y),
                bits("bitxor", (x, y) -> x ^ y),
                bits("bitnand", (x, y) -> x & ~y),
                bits("bitshl", (x, y) -> shift(y) > 63 ? 0 : x << y),
                bits("bitshr", (x, y) -> x >> Math.min(63, shift(y))),
                bits("bitushr", (x, y) -> shift(y) > 63 ? 0 : x >>> y),
                Builtin.of("bitnot", (in, _) -> Value.of(~whole("bitnot", in.getFirst())), Signature.of(INT, INT)))) {
            add(table, builtin);
        }
        return table;
    }

    // What checks are made of.

    private interface TypeTest {
        boolean test(Type type);
    }

    private interface TypeOf {
        Type of(Type type);
    }

    private static void count(Builtin.Call call, int wanted) {
        if (call.count() != wanted) {
            throw call.wrong("invalid number of arguments (expected " + wanted + ", got " + call.count() + ")");
        }
    }

    private static Builtin.Check one(String name, TypeTest fits, TypeOf out) {
        return call -> {
            count(call, 1);
            if (!fits.test(call.type(0))) {
                throw call.wrong("invalid argument for " + name + " (type "
                        + call.type(0).goName() + ")");
            }
            return out.of(call.type(0));
        };
    }

    private static boolean hasLength(Type type) {
        return type.isUnknown() || type == STRING || type instanceof Type.ArrayOf || type instanceof Type.MapOf;
    }

    private static boolean maybeNumber(Type type) {
        return type.isUnknown() || type.isNumber();
    }

    private static boolean maybeNumberOrText(Type type) {
        return maybeNumber(type) || type == STRING;
    }

    private static boolean maybeArray(Type type) {
        return type.isUnknown() || type instanceof Type.ArrayOf;
    }

    private static Builtin.Check aggregate(String name) {
        return call -> {
            if (call.count() == 0) throw call.wrong("not enough arguments to call " + name);
            for (var type : call.types()) {
                if (maybeArray(type)) return ANY;
                if (!type.isNumber()) {
                    throw call.wrong("invalid argument for " + name + " (type " + type.goName() + ")");
                }
            }
            return call.type(0);
        };
    }

    private static Builtin.Check end(String name) {
        return call -> {
            count(call, 1);
            if (call.type(0) instanceof Type.ArrayOf(var element, var _)) return element;
            if (call.type(0).isUnknown()) return ANY;
            throw call.wrong(
                    "cannot get " + name + " element from " + call.type(0).goName());
        };
    }

    private static Builtin.Check ofMap(String before, String after, Type out) {
        return call -> {
            count(call, 1);
            if (call.type(0).isUnknown() || call.type(0) instanceof Type.MapOf) return out;
            throw call.wrong(before + call.type(0).goName() + after);
        };
    }

    private static Builtin.Check ofArray(String before, String after, Type out) {
        return call -> {
            count(call, 1);
            if (maybeArray(call.type(0))) return out;
            throw call.wrong(before + call.type(0).goName() + after);
        };
    }

    private static Type checkConcat(Builtin.Call call) {
        if (call.count() == 0) throw call.wrong("invalid number of arguments (expected at least 1, got 0)");
        for (var type : call.types()) {
            if (!maybeArray(type)) throw call.wrong("cannot concat " + type.goName());
        }
        return ANYTHINGS;
    }

    private static Type checkTake(Builtin.Call call) {
        count(call, 2);
        if (!maybeArray(call.type(0)))
            throw call.wrong("cannot take from " + call.type(0).goName());
        if (!call.type(1).isUnknown() && !call.type(1).isInteger()) {
            throw call.wrong("cannot take " + call.type(1).goName() + " elements");
        }
        return call.type(0);
    }

    private static Type checkGet(Builtin.Call call) {
        count(call, 2);
        var key = call.type(1);
        return switch (call.type(0)) {
            case Type.ArrayOf(var element, var _) -> {
                if (!key.isInteger() && !key.isUnknown()) {
                    throw new Fault(call.places().get(1), "non-integer slice index " + key.goName());
                }
                yield element;
            }
            case Type.MapOf map -> {
                if (!key.assignableTo(map.key()) && !key.isUnknown()) {
                    throw new Fault(
                            call.places().get(1),
                            "cannot use " + key.goName() + " to get an element from " + map.goName());
                }
                yield map.element();
            }
            case Type.Basic basic when basic.isUnknown() -> Type.Basic.UNKNOWN;
            default ->
                throw new Fault(
                        call.places().getFirst(), "type " + call.type(0).goName() + " does not support indexing");
        };
    }

    private static Type checkNow(Builtin.Call call) {
        if (call.count() == 0 || call.count() == 1 && call.type(0) == LOCATION) return TIME;
        throw call.wrong("invalid number of arguments (expected 0, got " + call.count() + ")");
    }

    private static Type checkDate(Builtin.Call call) {
        if (call.count() < 1) {
            throw call.wrong("invalid number of arguments (expected at least 1, got " + call.count() + ")");
        }
        int texts = call.type(0) == LOCATION ? call.count() - 1 : call.count();
        if (texts > 3) throw call.wrong("invalid number of arguments (expected at most 3, got " + texts + ")");
        if (texts < 1) throw call.wrong("invalid number of arguments (expected at least 1, got 0)");
        for (int i = call.count() - texts; i < call.count(); i++) {
            var type = call.type(i);
            if (!type.isUnknown() && type != STRING) {
                var shown = type == NIL ? "nil" : type.goName();
                throw call.wrong("interface conversion: interface {} is " + shown + ", not string");
            }
        }
        return TIME;
    }

    private static Signature[] splitting() {
        return new Signature[] {
            Signature.of(typedListOf(STRING), STRING, STRING), Signature.of(typedListOf(STRING), STRING, STRING, INT)
        };
    }

    // What bodies are made of.

    /// A value as the string it must be.
    static String text(Value value) {
        if (value instanceof Value.Text(var text)) return text;
        throw conversion(value, "string");
    }

    /// A value as the bool it must be.
    static boolean bool(Value value) {
        if (value instanceof Value.Bool(var bool)) return bool;
        throw conversion(value, "bool");
    }

    private static Fault conversion(Value value, String wanted) {
        var type = value.isNil() ? "nil" : value.goType();
        return new Fault("interface conversion: interface {} is " + type + ", not " + wanted);
    }

    private static List<Value> array(Value value, String before, String after) {
        if (value instanceof Value.Array(var items, var _)) return items;
        throw new Fault(before + kind(value) + after);
    }

    private static Value.Dict dict(Value value, String before, String after) {
        if (value instanceof Value.Dict dict) return dict;
        throw new Fault(before + kind(value) + after);
    }

    /// Go's `reflect.Kind`, as these messages have it.
    private static String kind(Value value) {
        return switch (value) {
            case Value.Nil _ -> "invalid";
            case Value.Array _ -> "slice";
            case Value.Dict _ -> "map";
            case Value.Time _ -> "struct";
            case Value.Span _ -> "int64";
            case Value.Zone _ -> "ptr";
            case Value.Function _ -> "func";
            case Value.Bool _, Value.Int _, Value.Real _, Value.Text _ -> value.goType();
        };
    }

    private static Value made(Machine machine, String text) {
        machine.meter().cells(text.length());
        return Value.of(text);
    }

    private static Value list(Machine machine, List<Value> items) {
        machine.meter().cells(items.size());
        return new Value.Array(items);
    }

    private static Value length(Value in) {
        return switch (in) {
            case Value.Array(var items, var _) -> Value.of(items.size());
            case Value.Dict dict -> Value.of(dict.entries().size());
            case Value.Text(var text) -> Value.of(text.codePointCount(0, text.length()));
            default -> throw new Fault("invalid argument for len (type " + in.goType() + ")");
        };
    }

    private static String typeName(Value in) {
        return switch (in) {
            case Value.Nil _ -> "nil";
            case Value.Bool _ -> "bool";
            case Value.Int _ -> "int";
            case Value.Real _ -> "float";
            case Value.Text _ -> "string";
            case Value.Array _ -> "array";
            case Value.Dict _ -> "map";
            case Value.Time _ -> "time.Time";
            case Value.Span _ -> "time.Duration";
            case Value.Zone _ -> "time.Location";
            case Value.Function _ -> "func";
        };
    }

    private static Value abs(Value in) {
        return switch (in) {
            case Value.Int(var value) -> Value.of(Math.abs(value));
            case Value.Real(var value) -> Value.of(Math.abs(value));
            default -> throw new Fault("invalid argument for abs (type " + in.goType() + ")");
        };
    }

    private static Builtin rounding(String name) {
        return Builtin.of(name, one(name, Builtins::maybeNumber, _ -> FLOAT), (in, _) -> {
            if (!Operations.isNumber(in.getFirst())) {
                throw new Fault("invalid argument for " + name + " (type "
                        + in.getFirst().goType() + ")");
            }
            double value = Operations.toReal(in.getFirst());
            return Value.of(
                    switch (name) {
                        case "ceil" -> Math.ceil(value);
                        case "floor" -> Math.floor(value);
                        // Half away from zero, where Java's own goes to the even or the greater.
                        default ->
                            Math.abs(value) >= 0x1p52
                                    ? value
                                    : Math.copySign(
                                            Math.floor(Math.abs(value))
                                                    + (Math.abs(value) - Math.floor(Math.abs(value)) >= 0.5 ? 1 : 0),
                                            value);
                    });
        });
    }

    private static Value integer(Value in) {
        if (in instanceof Value.Text(var text)) {
            var parsed = GoNumber.parseInt(text, 10);
            if (parsed.isEmpty()) throw new Fault("invalid operation: int(" + text + ")");
            return Value.of(parsed.get());
        }
        if (in instanceof Value.Span(var nanos)) return Value.of(nanos);
        return Value.of(Operations.toInteger(in));
    }

    private static Value real(Value in) {
        if (in instanceof Value.Text(var text)) {
            var parsed = GoNumber.parseFloat(text);
            if (parsed.isEmpty()) throw new Fault("invalid operation: float(" + text + ")");
            return Value.of(parsed.get());
        }
        return Value.of(Operations.toReal(in));
    }

    private static String trimmed(String text, Optional<String> chars) {
        IntPredicate trim = chars.<IntPredicate>map(any -> c -> any.indexOf(c) >= 0)
                .orElse(c -> Character.isWhitespace(c) || c == '\u00a0' || c == '\u0085');
        int start = 0;
        int end = text.length();
        while (start < end && trim.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (end > start && trim.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    private static String withoutPrefix(String text, String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static String withoutSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    /// A place in code points for one in characters.
    private static Value place(String text, int at) {
        return Value.of(at < 0 ? -1L : text.codePointCount(0, at));
    }

    /// @param keep how much of each separator stays: 0 nothing, 1 all
    private static Value split(List<Value> in, int keep, Machine machine) {
        var text = text(in.getFirst());
        var separator = text(in.get(1));
        long most = in.size() > 2 ? Operations.toInteger(in.get(2)) : -1;
        var parts = new ArrayList<Value>();
        if (most != 0) {
            int from = 0;
            while (most < 0 || parts.size() < most - 1) {
                int at = separator.isEmpty()
                        ? from < text.length() ? text.offsetByCodePoints(from, 1) : -1
                        : text.indexOf(separator, from);
                if (at < 0 || separator.isEmpty() && at == text.length()) break;
                machine.meter().cells(1);
                parts.add(Value.of(text.substring(from, keep == 1 ? at + separator.length() : at)));
                from = at + separator.length();
            }
            if (!(separator.isEmpty() && text.isEmpty())) parts.add(Value.of(text.substring(from)));
        }
        machine.meter().cells(text.length() + parts.size());
        return new Value.Array(parts, STRING);
    }

    private static Value replaced(List<Value> in, Machine machine) {
        var text = text(in.getFirst());
        var old = text(in.get(1));
        var by = text(in.get(2));
        long most = in.size() > 3 ? Operations.toInteger(in.get(3)) : -1;
        var out = new StringBuilder();
        int from = 0;
        long done = 0;
        while (most < 0 || done < most) {
            int at;
            if (old.isEmpty()) {
                // The empty text is found before every character and at the end.
                if (done > 0 && from >= text.length()) break;
                at = done == 0 ? 0 : text.offsetByCodePoints(from, 1);
            } else {
                at = text.indexOf(old, from);
            }
            if (at < 0) break;
            machine.meter().cells(at - from + by.length() + 1);
            out.append(text, from, at).append(by);
            from = at + old.length();
            done++;
        }
        machine.meter().cells(text.length() - from);
        return Value.of(out.append(text, from, text.length()).toString());
    }

    private static Value repeated(List<Value> in, Machine machine) {
        var text = text(in.getFirst());
        long times = Operations.toInteger(in.get(1));
        if (times < 0) {
            throw new Fault("invalid argument for repeat (expected positive integer, got " + times + ")");
        }
        if (times > Limits.CELLS) throw new Fault("memory budget exceeded");
        machine.meter().cells(text.length() * times);
        return Value.of(text.repeat((int) times));
    }

    private static Value joined(List<Value> in, Machine machine) {
        if (!(in.getFirst() instanceof Value.Array(var items, var _))) {
            throw new Fault("invalid argument for join (type " + in.getFirst().goType() + ")");
        }
        var glue = in.size() > 1 ? text(in.get(1)) : "";
        var out = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            var item = text(items.get(i));
            machine.meter().cells(glue.length() + item.length());
            if (i > 0) out.append(glue);
            out.append(item);
        }
        return Value.of(out.toString());
    }

    private static Value extreme(String name, String better, List<Value> in, Machine machine) {
        Value best = Value.Nil.VALUE;
        machine.meter().deeper(DEEPEST);
        for (var argument : in) {
            machine.meter().step();
            if (argument instanceof Value.Array(var items, var _)) {
                for (var item : items) {
                    var inner = extreme(name, better, List.of(item), machine);
                    if (!Operations.isNumber(inner)) throw invalid(name, inner);
                    if (best.isNil() || Operations.compare(better, inner, best)) best = inner;
                }
            } else if (Operations.isNumber(argument)) {
                if (best.isNil() || Operations.compare(better, argument, best)) best = argument;
            } else if (in.size() == 1) {
                best = argument;
            } else {
                throw invalid(name, argument);
            }
        }
        machine.meter().back();
        return best;
    }

    private static Fault invalid(String name, Value argument) {
        return new Fault("invalid argument for " + name + " (type " + argument.goType() + ")");
    }

    private static void numbers(String name, List<Value> in, List<Double> out, Machine machine) {
        machine.meter().deeper(DEEPEST);
        for (var argument : in) {
            machine.meter().step();
            if (argument instanceof Value.Array(var items, var _)) {
                numbers(name, items, out, machine);
            } else {
                if (!Operations.isNumber(argument)) throw invalid(name, argument);
                out.add(Operations.toReal(argument));
            }
        }
        machine.meter().back();
    }

    private static Value mean(List<Value> in, Machine machine) {
        var all = new ArrayList<Double>();
        numbers("mean", in, all, machine);
        if (all.isEmpty()) return Value.of(0.0);
        double sum = 0;
        for (double one : all) sum += one;
        return Value.of(sum / all.size());
    }

    private static Value median(List<Value> in, Machine machine) {
        var all = new ArrayList<Double>();
        numbers("median", in, all, machine);
        if (all.isEmpty()) return Value.of(0.0);
        Collections.sort(all);
        int half = all.size() / 2;
        return Value.of(all.size() % 2 == 1 ? all.get(half) : (all.get(half - 1) + all.get(half)) / 2);
    }

    private static Value parsed(String text, Machine machine) {
        machine.meter().cells(text.length());
        try {
            return Value.of(Json.parse(text));
        } catch (JsonSyntaxException error) {
            throw new Fault("fromJSON: " + error.getMessage());
        }
    }

    private static String decoded(String text) {
        try {
            var bytes = Base64.getDecoder().decode(text.replace("\n", "").replace("\r", ""));
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (IllegalArgumentException | CharacterCodingException error) {
            throw new Fault("illegal base64 data");
        }
    }

    private static Value now(List<Value> in, Machine machine) {
        var zone = !in.isEmpty() && in.getFirst() instanceof Value.Zone(var id) ? id : ZoneOffset.UTC;
        return new Value.Time(machine.now().atZone(zone));
    }

    private static Value duration(String text) {
        var parsed = text.length() > LONGEST_DURATION ? Optional.<java.time.Duration>empty() : GoDuration.parse(text);
        if (parsed.isPresent()) return new Value.Span(parsed.get().toNanos());
        throw new Fault(GoDuration.problem(text.length() > LONGEST_DURATION ? "" : text));
    }

    private static Value date(List<Value> in) {
        Optional<ZoneId> given =
                in.getFirst() instanceof Value.Zone(var id) ? Optional.of(id) : Optional.<ZoneId>empty();
        var texts = given.isPresent() ? in.subList(1, in.size()) : in;
        if (texts.isEmpty()) throw new Fault("invalid number of arguments (expected at least 1, got 0)");
        var zone = given.orElse(ZoneOffset.UTC);
        var text = text(texts.getFirst());
        if (texts.size() > 1) {
            if (texts.size() > 2) zone = GoTime.zone(text(texts.get(2)));
            return new Value.Time(GoTime.parse(text(texts.get(1)), text, zone));
        }
        for (var layout : GoTime.USUAL) {
            var time = attempt(layout, text, zone);
            if (time.isPresent()) return time.get();
        }
        throw new Fault("invalid date " + text);
    }

    private static Optional<Value> attempt(String layout, String text, ZoneId zone) {
        try {
            return Optional.of(new Value.Time(GoTime.parse(layout, text, zone)));
        } catch (Fault notThisLayout) {
            return Optional.empty();
        }
    }

    private static Value item(Value in, boolean first) {
        return switch (in) {
            case Value.Array(var items, var _) when !items.isEmpty() -> first ? items.getFirst() : items.getLast();
            default -> Value.Nil.VALUE;
        };
    }

    private static Value got(Value base, Value key, Machine machine) {
        if (base.isNil()) return Value.Nil.VALUE;
        if (base instanceof Value.Array(var items, var _)) {
            long index = Operations.toInteger(key);
            if (index < 0) index += items.size();
            return index >= 0 && index < items.size() ? items.get((int) index) : Value.Nil.VALUE;
        }
        if (base instanceof Value.Dict || base instanceof Value.Text) {
            try {
                return Operations.fetch(base, key, machine.meter());
            } catch (Fault absent) {
                return Value.Nil.VALUE;
            }
        }
        return Value.Nil.VALUE;
    }

    private static Value taken(Value in, Value count, Machine machine) {
        var items = array(in, "cannot take from ", "");
        if (!(count instanceof Value.Int(var wanted))) {
            throw new Fault("cannot take " + kind(count) + " elements");
        }
        if (wanted < 0) throw new Fault("reflect.Value.Slice: slice index out of bounds");
        int end = (int) Math.min(wanted, items.size());
        machine.meter().cells(end);
        var element = in instanceof Value.Array(var _, var type) ? type : ANY;
        return new Value.Array(items.subList(0, end), element);
    }

    private static Value keys(Value in, Machine machine) {
        return list(
                machine,
                List.copyOf(dict(in, "cannot get keys from ", "").entries().keySet()));
    }

    private static Value values(Value in, Machine machine) {
        return list(
                machine,
                List.copyOf(dict(in, "cannot get values from ", "").entries().values()));
    }

    private static Value pairs(Value in, Machine machine) {
        var pairs = new ArrayList<Value>();
        dict(in, "cannot transform ", " to pairs").entries().forEach((key, value) -> {
            machine.meter().cells(2);
            pairs.add(new Value.Array(List.of(key, value)));
        });
        return list(machine, pairs);
    }

    private static Value fromPairs(Value in, Machine machine) {
        var entries = new LinkedHashMap<Value, Value>();
        for (var pair : array(in, "cannot transform ", " from pairs")) {
            if (!(pair instanceof Value.Array(var two, var _))) {
                throw new Fault("invalid pair " + GoText.plain(pair, machine.meter()));
            }
            if (two.size() != 2) throw new Fault("invalid pair length " + GoText.plain(pair, machine.meter()));
            entries.put(Operations.hashable(two.getFirst()), two.get(1));
        }
        machine.meter().cells(entries.size());
        return new Value.Dict(entries, ANY, ANY);
    }

    private static Value reversed(Value in, Machine machine) {
        return list(machine, array(in, "cannot reverse ", "").reversed());
    }

    private static Value unique(Value in, Machine machine) {
        var kept = new ArrayList<Value>();
        for (var item : array(in, "cannot uniq ", "")) {
            boolean known = false;
            for (var other : kept) {
                machine.meter().step();
                if (Operations.equal(item, other, machine.meter())) {
                    known = true;
                    break;
                }
            }
            if (!known) kept.add(item);
        }
        return list(machine, kept);
    }

    private static Value concatenated(List<Value> in, Machine machine) {
        var all = new ArrayList<Value>();
        for (var argument : in) {
            var items = array(argument, "cannot concat ", "");
            machine.meter().cells(items.size());
            all.addAll(items);
        }
        return new Value.Array(all);
    }

    private static Value flat(Value in, Machine machine) {
        var all = new ArrayList<Value>();
        flatten(array(in, "cannot flatten ", ""), all, machine);
        return new Value.Array(all);
    }

    private static void flatten(List<Value> items, List<Value> into, Machine machine) {
        machine.meter().deeper(DEEPEST);
        for (var item : items) {
            machine.meter().cells(1);
            if (item instanceof Value.Array(var inner, var _)) flatten(inner, into, machine);
            else into.add(item);
        }
        machine.meter().back();
    }

    private static Value sorted(List<Value> in, Machine machine) {
        var items = array(in.getFirst(), "invalid argument for sort (type ", ")");
        boolean descending = in.size() > 1 && descending(in.get(1));
        return list(machine, sorted(items, items, descending, machine));
    }

    /// `asc` or `desc`.
    static boolean descending(Value order) {
        return switch (text(order)) {
            case "asc" -> false;
            case "desc" -> true;
            default -> throw new Fault("invalid order " + text(order) + ", expected asc or desc");
        };
    }

    /// The items in the order of their keys; equal ones keep their places.
    static List<Value> sorted(List<Value> items, List<Value> keys, boolean descending, Machine machine) {
        var places = new ArrayList<Integer>(items.size());
        for (int i = 0; i < items.size(); i++) places.add(i);
        places.sort((a, b) -> {
            machine.meter().step();
            OptionalInt order = Operations.order(keys.get(a), keys.get(b));
            if (order.isEmpty()) throw Operations.undefined("<", keys.get(a), keys.get(b));
            return descending ? -order.getAsInt() : order.getAsInt();
        });
        return places.stream().map(items::get).toList();
    }

    private static Builtin bits(String name, LongBinaryOperator operation) {
        return Builtin.of(
                name,
                (in, _) -> Value.of(operation.applyAsLong(whole(name, in.getFirst()), whole(name, in.get(1)))),
                Signature.of(INT, INT, INT));
    }

    private static long whole(String name, Value in) {
        if (in instanceof Value.Int(var value)) return value;
        throw new Fault("cannot use " + in.goType() + " as argument (type int) to call " + name);
    }

    private static long shift(long count) {
        if (count < 0) throw new Fault("invalid operation: negative shift count " + count + " (type int)");
        return count;
    }
}
