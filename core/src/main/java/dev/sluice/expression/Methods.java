package dev.sluice.expression;

import static dev.sluice.expression.Type.Basic.BOOL;
import static dev.sluice.expression.Type.Basic.DURATION;
import static dev.sluice.expression.Type.Basic.FLOAT;
import static dev.sluice.expression.Type.Basic.INT;
import static dev.sluice.expression.Type.Basic.LOCATION;
import static dev.sluice.expression.Type.Basic.STRING;
import static dev.sluice.expression.Type.Basic.TIME;

import dev.sluice.expression.Builtin.Signature;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The methods of Go's times, durations and zones that a condition may call: `now().Hour()`,
/// `duration("90s").Minutes()`. `Month()` and `Weekday()` answer plain integers here.
final class Methods {
    private static final SequencedMap<String, Builtin> TABLE = table();

    private Methods() {}

    /// The method of a type; its body gets the receiver first.
    static Optional<Builtin> of(Type receiver, String name) {
        return Optional.ofNullable(TABLE.get(receiver.goName() + "." + name));
    }

    /// The method a [Type.Function] of [#of] stands for.
    static Optional<Builtin> named(String fullName) {
        return Optional.ofNullable(TABLE.get(fullName));
    }

    private interface OnTime {
        Value of(ZonedDateTime at, List<Value> in);
    }

    private interface OnSpan {
        Value of(long nanos, List<Value> in);
    }

    private static SequencedMap<String, Builtin> table() {
        var table = new LinkedHashMap<String, Builtin>();
        time(table, "Year", INT, (at, _) -> Value.of(at.getYear()));
        time(table, "Month", INT, (at, _) -> Value.of(at.getMonthValue()));
        time(table, "Day", INT, (at, _) -> Value.of(at.getDayOfMonth()));
        time(table, "YearDay", INT, (at, _) -> Value.of(at.getDayOfYear()));
        time(table, "Weekday", INT, (at, _) -> Value.of(at.getDayOfWeek().getValue() % 7));
        time(table, "Hour", INT, (at, _) -> Value.of(at.getHour()));
        time(table, "Minute", INT, (at, _) -> Value.of(at.getMinute()));
        time(table, "Second", INT, (at, _) -> Value.of(at.getSecond()));
        time(table, "Nanosecond", INT, (at, _) -> Value.of(at.getNano()));
        time(table, "Unix", INT, (at, _) -> Value.of(at.toEpochSecond()));
        time(table, "UnixMilli", INT, (at, _) -> Value.of(at.toEpochSecond() * 1_000 + at.getNano() / 1_000_000));
        time(table, "UnixMicro", INT, (at, _) -> Value.of(at.toEpochSecond() * 1_000_000 + at.getNano() / 1_000));
        time(table, "UnixNano", INT, (at, _) -> Value.of(at.toEpochSecond() * 1_000_000_000 + at.getNano()));
        time(table, "IsZero", BOOL, (at, _) -> Value.of(at.toEpochSecond() == -62_135_596_800L && at.getNano() == 0));
        time(table, "UTC", TIME, (at, _) -> new Value.Time(at.withZoneSameInstant(java.time.ZoneOffset.UTC)));
        time(table, "Location", LOCATION, (at, _) -> new Value.Zone(at.getZone()));
        time(table, "String", STRING, (at, _) -> Value.of(GoTime.shown(at)));
        time(table, "Format", STRING, (at, in) -> Value.of(GoTime.format(at, layout(in.getFirst()))), STRING);
        time(table, "After", BOOL, (at, in) -> Value.of(compared(at, in) > 0), TIME);
        time(table, "Before", BOOL, (at, in) -> Value.of(compared(at, in) < 0), TIME);
        time(table, "Equal", BOOL, (at, in) -> Value.of(compared(at, in) == 0), TIME);
        time(table, "Compare", INT, (at, in) -> Value.of(compared(at, in)), TIME);
        time(table, "Sub", DURATION, (at, in) -> Operations.subtract(new Value.Time(at), in.getFirst()), TIME);
        time(table, "Add", TIME, (at, in) -> Operations.add(new Value.Time(at), in.getFirst(), new Meter()), DURATION);
        time(table, "AddDate", TIME, Methods::addDate, INT, INT, INT);
        time(table, "In", TIME, (at, in) -> in(at, in.getFirst()), LOCATION);
        time(table, "Truncate", TIME, (at, in) -> truncated(at, in.getFirst()), DURATION);

        span(table, "Hours", FLOAT, (nanos, _) -> Value.of(nanos / 3.6e12));
        span(table, "Minutes", FLOAT, (nanos, _) -> Value.of(nanos / 6e10));
        span(table, "Seconds", FLOAT, (nanos, _) -> Value.of(nanos / 1e9));
        span(table, "Milliseconds", INT, (nanos, _) -> Value.of(nanos / 1_000_000));
        span(table, "Microseconds", INT, (nanos, _) -> Value.of(nanos / 1_000));
        span(table, "Nanoseconds", INT, (nanos, _) -> Value.of(nanos));
        span(table, "String", STRING, (nanos, _) -> Value.of(GoText.plain(new Value.Span(nanos), new Meter())));
        span(table, "Abs", DURATION, (nanos, _) -> new Value.Span(Math.abs(nanos)));
        span(
                table,
                "Truncate",
                DURATION,
                (nanos, in) -> new Value.Span(unit(in) <= 0 ? nanos : nanos - nanos % unit(in)),
                DURATION);
        span(table, "Round", DURATION, (nanos, in) -> new Value.Span(rounded(nanos, unit(in))), DURATION);

        add(
                table,
                LOCATION,
                Builtin.of(
                        "String",
                        (in, _) -> in.getFirst() instanceof Value.Zone(var id)
                                ? Value.of(GoTime.zoneName(id))
                                : Value.Nil.VALUE,
                        Signature.of(STRING)));
        return table;
    }

    private static void add(SequencedMap<String, Builtin> table, Type receiver, Builtin method) {
        table.put(receiver.goName() + "." + method.name(), method);
    }

    private static void time(
            SequencedMap<String, Builtin> table, String name, Type out, OnTime body, Type... arguments) {
        Builtin.Body whole = (in, _) -> {
            if (!(in.getFirst() instanceof Value.Time(var at))) throw new Fault(name + " is not defined here");
            return body.of(at, in.subList(1, in.size()));
        };
        add(table, TIME, Builtin.of(name, whole, Signature.of(out, arguments)));
    }

    private static void span(
            SequencedMap<String, Builtin> table, String name, Type out, OnSpan body, Type... arguments) {
        Builtin.Body whole = (in, _) -> {
            if (!(in.getFirst() instanceof Value.Span(var nanos))) throw new Fault(name + " is not defined here");
            return body.of(nanos, in.subList(1, in.size()));
        };
        add(table, DURATION, Builtin.of(name, whole, Signature.of(out, arguments)));
    }

    private static String layout(Value in) {
        var layout = Builtins.text(in);
        if (layout.length() > 1_000) throw new Fault("time layout too long");
        return layout;
    }

    private static int compared(ZonedDateTime at, List<Value> in) {
        if (!(in.getFirst() instanceof Value.Time(var other))) throw wrong(in.getFirst(), "time.Time");
        return Integer.signum(at.toInstant().compareTo(other.toInstant()));
    }

    private static Fault wrong(Value given, String wanted) {
        return new Fault("reflect: Call using " + given.goType() + " as type " + wanted);
    }

    private static Value in(ZonedDateTime at, Value zone) {
        if (!(zone instanceof Value.Zone(var id))) throw wrong(zone, "*time.Location");
        return new Value.Time(at.withZoneSameInstant(id));
    }

    private static Value addDate(ZonedDateTime at, List<Value> in) {
        try {
            // Go normalises 31 February to 3 March, where Java would stop at 28 February.
            var months = at.toLocalDate()
                    .withDayOfMonth(1)
                    .plusYears(Operations.toInteger(in.getFirst()))
                    .plusMonths(Operations.toInteger(in.get(1)))
                    .plusDays(Math.addExact(at.getDayOfMonth() - 1L, Operations.toInteger(in.get(2))));
            return new Value.Time(months.atTime(at.toLocalTime()).atZone(at.getZone()));
        } catch (DateTimeException | ArithmeticException beyond) {
            throw new Fault("time out of range");
        }
    }

    private static long unit(List<Value> in) {
        if (!(in.getFirst() instanceof Value.Span(var nanos))) throw wrong(in.getFirst(), "time.Duration");
        return nanos;
    }

    /// Go counts from the year 1.
    private static Value truncated(ZonedDateTime at, Value unit) {
        long nanos = unit(List.of(unit));
        if (nanos <= 0) return new Value.Time(at);
        var sinceYearOne = java.math.BigInteger.valueOf(at.toEpochSecond() + 62_135_596_800L)
                .multiply(java.math.BigInteger.valueOf(1_000_000_000))
                .add(java.math.BigInteger.valueOf(at.getNano()));
        long beyond = sinceYearOne.mod(java.math.BigInteger.valueOf(nanos)).longValue();
        try {
            return new Value.Time(at.minus(Duration.ofNanos(beyond)));
        } catch (DateTimeException outOfRange) {
            throw new Fault("time out of range");
        }
    }

    private static long rounded(long nanos, long unit) {
        if (unit <= 0) return nanos;
        long rest = nanos % unit;
        boolean up = Math.abs(rest) >= unit - Math.abs(rest);
        return nanos - rest + (up ? Long.signum(nanos) * unit : 0);
    }
}
