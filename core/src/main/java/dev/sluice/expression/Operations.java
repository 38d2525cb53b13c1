package dev.sluice.expression;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.OptionalInt;

/// What the operators do with values. An operator that is not defined for its operands is a [Fault] without a place.
final class Operations {
    /// Levels of arrays and maps that are compared; far more than any JSON text has.
    private static final int DEEPEST = 512;

    private Operations() {}

    static Value add(Value a, Value b, Meter meter) {
        return switch (a) {
            case Value.Int(var x) when b instanceof Value.Int(var y) -> Value.of(x + y);
            case Value.Text(var x)
            when b instanceof Value.Text(var y) -> {
                meter.cells(x.length() + y.length());
                yield Value.of(x + y);
            }
            case Value.Time(var x) when b instanceof Value.Span(var y) -> later(x, y);
            case Value.Span(var x) when b instanceof Value.Time(var y) -> later(y, x);
            case Value.Span(var x) when b instanceof Value.Span(var y) -> new Value.Span(x + y);
            default -> {
                if (!isNumber(a) || !isNumber(b)) throw undefined("+", a, b);
                yield Value.of(real(a) + real(b));
            }
        };
    }

    static Value subtract(Value a, Value b) {
        return switch (a) {
            case Value.Int(var x) when b instanceof Value.Int(var y) -> Value.of(x - y);
            case Value.Time(var x) when b instanceof Value.Time(var y) -> between(y, x);
            case Value.Time(var x) when b instanceof Value.Span(var y) -> later(x, -y);
            case Value.Span(var x) when b instanceof Value.Span(var y) -> new Value.Span(x - y);
            default -> {
                if (!isNumber(a) || !isNumber(b)) throw undefined("-", a, b);
                yield Value.of(real(a) - real(b));
            }
        };
    }

    static Value multiply(Value a, Value b) {
        return switch (a) {
            case Value.Int(var x) when b instanceof Value.Int(var y) -> Value.of(x * y);
            case Value.Int(var x) when b instanceof Value.Span(var y) -> new Value.Span(x * y);
            case Value.Span(var x) when b instanceof Value.Int(var y) -> new Value.Span(x * y);
            case Value.Span(var x) when b instanceof Value.Span(var y) -> new Value.Span(x * y);
            case Value.Real(var x) when b instanceof Value.Span(var y) -> new Value.Span(GoNumber.truncate(x * y));
            case Value.Span(var x) when b instanceof Value.Real(var y) -> new Value.Span(GoNumber.truncate(x * y));
            default -> {
                if (!isNumber(a) || !isNumber(b)) throw undefined("*", a, b);
                yield Value.of(real(a) * real(b));
            }
        };
    }

    /// Always a float, also between integers; by zero it is infinite, or NaN.
    static Value divide(Value a, Value b) {
        if (!isNumber(a) || !isNumber(b)) throw undefined("/", a, b);
        return Value.of(real(a) / real(b));
    }

    static Value modulo(Value a, Value b) {
        if (!(a instanceof Value.Int(var x)) || !(b instanceof Value.Int(var y))) throw undefined("%", a, b);
        if (y == 0) throw new Fault("runtime error: integer divide by zero");
        return Value.of(x % y);
    }

    static Value power(Value a, Value b) {
        return Value.of(Math.pow(toReal(a), toReal(b)));
    }

    static Value negate(Value a) {
        return switch (a) {
            case Value.Int(var x) -> Value.of(-x);
            case Value.Real(var x) -> Value.of(-x);
            default -> throw new Fault("invalid operation: - " + a.goType());
        };
    }

    static boolean isNumber(Value a) {
        return a instanceof Value.Int || a instanceof Value.Real;
    }

    private static double real(Value a) {
        return switch (a) {
            case Value.Int(var x) -> x;
            case Value.Real(var x) -> x;
            default -> throw new Fault("invalid operation: float(" + a.goType() + ")");
        };
    }

    static double toReal(Value a) {
        return real(a);
    }

    /// Where Go converts to `int`: floats are cut, everything else is an error.
    static long toInteger(Value a) {
        return switch (a) {
            case Value.Int(var x) -> x;
            case Value.Real(var x) -> GoNumber.truncate(x);
            default -> throw new Fault("invalid operation: int(" + a.goType() + ")");
        };
    }

    private static Value later(ZonedDateTime at, long nanos) {
        try {
            return new Value.Time(at.plusNanos(nanos));
        } catch (java.time.DateTimeException | ArithmeticException beyond) {
            throw new Fault("time out of range");
        }
    }

    private static Value between(ZonedDateTime from, ZonedDateTime to) {
        try {
            return new Value.Span(Duration.between(from, to).toNanos());
        } catch (ArithmeticException beyond) {
            // Go saturates at 290 years as well.
            return new Value.Span(from.isBefore(to) ? Long.MAX_VALUE : Long.MIN_VALUE);
        }
    }

    static Fault undefined(String operator, Value a, Value b) {
        return new Fault("invalid operation: " + a.goType() + " " + operator + " " + b.goType());
    }

    /// `==`: numbers by value whatever their kind, arrays item by item, maps with values of the same
    /// kind; different kinds are unequal, never an error.
    static boolean equal(Value a, Value b, Meter meter) {
        if (a instanceof Value.Int(var x) && b instanceof Value.Int(var y)) return x == y;
        if (isNumber(a) && isNumber(b)) return real(a) == real(b);
        if (a instanceof Value.Array(var x, var _) && b instanceof Value.Array(var y, var _)) {
            return equalItems(x, y, Operations::equal, meter);
        }
        return identical(a, b, meter);
    }

    private interface Equality {
        boolean of(Value a, Value b, Meter meter);
    }

    private static boolean equalItems(List<Value> x, List<Value> y, Equality equality, Meter meter) {
        if (x.size() != y.size()) return false;
        meter.deeper(DEEPEST);
        boolean equal = true;
        for (int i = 0; equal && i < x.size(); i++) {
            meter.step();
            equal = equality.of(x.get(i), y.get(i), meter);
        }
        meter.back();
        return equal;
    }

    /// Equal in kind too, as Go's `reflect.DeepEqual`.
    private static boolean identical(Value a, Value b, Meter meter) {
        return switch (a) {
            case Value.Real(var x) -> b instanceof Value.Real(var y) && x == y;
            case Value.Time(var x) ->
                b instanceof Value.Time(var y) && x.toInstant().equals(y.toInstant());
            case Value.Array(var x, var _) ->
                b instanceof Value.Array(var y, var _) && equalItems(x, y, Operations::identical, meter);
            case Value.Dict x -> b instanceof Value.Dict y && x.key().equals(y.key()) && equalEntries(x, y, meter);
            case Value.Nil _, Value.Bool _, Value.Int _, Value.Text _, Value.Span _, Value.Zone _ -> a.equals(b);
            case Value.Function _ -> false;
        };
    }

    private static boolean equalEntries(Value.Dict x, Value.Dict y, Meter meter) {
        if (x.entries().size() != y.entries().size()) return false;
        meter.deeper(DEEPEST);
        boolean equal = true;
        for (var entry : x.entries().entrySet()) {
            meter.step();
            var other = y.entries().get(entry.getKey());
            equal = other != null && identical(entry.getValue(), other, meter);
            if (!equal) break;
        }
        meter.back();
        return equal;
    }

    /// `<`, `>`, `<=`, `>=`: numbers, strings by code point, times, durations; an error for everything else.
    static boolean compare(String operator, Value a, Value b) {
        if (isNumber(a) && isNumber(b) && !(a instanceof Value.Int && b instanceof Value.Int)) {
            double x = real(a);
            double y = real(b);
            return switch (operator) {
                case "<" -> x < y;
                case ">" -> x > y;
                case "<=" -> x <= y;
                default -> x >= y;
            };
        }
        var order = order(a, b);
        if (order.isEmpty()) throw undefined(operator, a, b);
        int difference = order.getAsInt();
        return switch (operator) {
            case "<" -> difference < 0;
            case ">" -> difference > 0;
            case "<=" -> difference <= 0;
            default -> difference >= 0;
        };
    }

    /// A total order, for sorting; empty between kinds that have none.
    static OptionalInt order(Value a, Value b) {
        return switch (a) {
            case Value.Int(var x) when b instanceof Value.Int(var y) -> OptionalInt.of(Long.compare(x, y));
            case Value.Text(var x) when b instanceof Value.Text(var y) -> OptionalInt.of(byCodePoint(x, y));
            case Value.Bool(var x) when b instanceof Value.Bool(var y) -> OptionalInt.empty();
            case Value.Time(var x)
            when b instanceof Value.Time(var y) -> OptionalInt.of(x.toInstant().compareTo(y.toInstant()));
            case Value.Span(var x) when b instanceof Value.Span(var y) -> OptionalInt.of(Long.compare(x, y));
            default -> {
                if (!isNumber(a) || !isNumber(b)) yield OptionalInt.empty();
                int byValue = Double.compare(real(a), real(b));
                // Beyond 2^53 a float equals several integers: putting floats first keeps the order transitive.
                int byKind = Boolean.compare(a instanceof Value.Int, b instanceof Value.Int);
                yield OptionalInt.of(byValue != 0 ? byValue : byKind);
            }
        };
    }

    private static int byCodePoint(String x, String y) {
        int length = Math.min(x.length(), y.length());
        for (int i = 0; i < length; i++) {
            char a = x.charAt(i);
            char b = y.charAt(i);
            if (a != b) {
                boolean beyondA = Character.isSurrogate(a);
                boolean beyondB = Character.isSurrogate(b);
                return beyondA == beyondB ? Character.compare(a, b) : Boolean.compare(beyondA, beyondB);
            }
        }
        return Integer.compare(x.length(), y.length());
    }

    /// `a in b`
    static boolean in(Value a, Value b, Meter meter) {
        return switch (b) {
            case Value.Nil() -> false;
            case Value.Array(var items, var _) -> {
                for (var item : items) {
                    meter.step();
                    if (equal(item, a, meter)) yield true;
                }
                yield false;
            }
            case Value.Dict dict -> dict.entries().containsKey(key(dict, a));
            default -> throw new Fault("operator \"in\" not defined on " + b.goType());
        };
    }

    /// A value as a key of a map.
    static Value key(Value.Dict dict, Value wanted) {
        if (dict.key() == Type.Basic.STRING) {
            return switch (wanted) {
                case Value.Text text -> text;
                case Value.Nil() -> Value.of("");
                default ->
                    throw new Fault("reflect.Value.MapIndex: value of type " + wanted.goType()
                            + " is not assignable to type string");
            };
        }
        return hashable(wanted);
    }

    static Value hashable(Value key) {
        if (key instanceof Value.Array || key instanceof Value.Dict || key instanceof Value.Function) {
            throw new Fault("runtime error: hash of unhashable type " + key.goType());
        }
        return key;
    }

    /// `base[key]`, `base.key`
    static Value fetch(Value base, Value key, Meter meter) {
        return switch (base) {
            case Value.Array(var items, var _) -> items.get(index(key, items.size()));
            case Value.Text(var text) -> {
                var points = text.codePoints().toArray();
                meter.cells(points.length);
                yield Value.of(points[index(key, points.length)]);
            }
            case Value.Dict dict -> dict.entries().getOrDefault(key(dict, key), Value.Nil.VALUE);
            default -> throw new Fault("cannot fetch " + GoText.plain(key, meter) + " from " + base.goType());
        };
    }

    private static int index(Value key, int length) {
        long index = toInteger(key);
        if (index < 0) index += length;
        if (index < 0 || index >= length) {
            throw new Fault("index out of range: " + index + " (array length is " + length + ")");
        }
        return (int) index;
    }

    /// `base[from:to]`: bounds beyond the ends are moved to them.
    static Value slice(Value base, Value from, Value to, Meter meter) {
        return switch (base) {
            case Value.Array(var items, var element) -> {
                int end = bound(to, items.size());
                int start = Math.min(bound(from, items.size()), end);
                meter.cells(end - start);
                yield new Value.Array(items.subList(start, end), element);
            }
            case Value.Text(var text) -> {
                int length = text.codePointCount(0, text.length());
                int end = bound(to, length);
                int start = Math.min(bound(from, length), end);
                meter.cells(text.length());
                yield Value.of(text.substring(text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, end)));
            }
            default -> throw new Fault("cannot slice " + GoText.plain(base, meter));
        };
    }

    private static int bound(Value bound, int length) {
        if (bound.isNil()) throw new Fault("invalid operation: int(<nil>)");
        long at = toInteger(bound);
        if (at < 0) at += length;
        return Math.clamp(at, 0, length);
    }
}
