package dev.sluice.local.traffic.promql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;

/// Evaluates one parsed query at any instant of an interval. What the query selects is read once, before.
///
/// @see "Prometheus documentation: querying basics, operators, functions"
final class Evaluator {
    /// How old a sample may be to count as current.
    static final long LOOKBACK = 300_000;

    private static final long MOST_SAMPLES = 5_000_000;

    private final Expr expr;
    private final IdentityHashMap<Expr.Selector, List<SeriesStore.Samples>> selected = new IdentityHashMap<>();

    /// @param start the first instant, milliseconds since the epoch
    /// @param end the last
    Evaluator(Expr expr, SeriesStore store, long start, long end) throws PromQlException {
        this.expr = expr;
        select(expr, store, start, end);
    }

    private void select(Expr part, SeriesStore store, long start, long end) throws PromQlException {
        switch (part) {
            case Expr.Selector selector -> {
                long reach = selector.range().orElse(LOOKBACK);
                selected.put(
                        selector,
                        store.select(
                                selector::matches,
                                start - selector.offset() - reach,
                                end - selector.offset(),
                                MOST_SAMPLES));
            }
            case Expr.Negated(var operand) -> select(operand, store, start, end);
            case Expr.Binary binary -> {
                select(binary.left(), store, start, end);
                select(binary.right(), store, start, end);
            }
            case Expr.Aggregate aggregate -> select(aggregate.operand(), store, start, end);
            case Expr.Call call -> {
                for (var argument : call.arguments()) select(argument, store, start, end);
            }
            case Expr.Literal _, Expr.Text _ -> {}
        }
    }

    Value at(long time) throws PromQlException {
        return value(expr, time);
    }

    private Value value(Expr part, long time) throws PromQlException {
        return switch (part) {
            case Expr.Literal(double value) -> new Value.Scalar(value);
            case Expr.Text(var value) -> new Value.Text(value);
            case Expr.Selector selector -> selection(selector, time - selector.offset());
            case Expr.Negated(var operand) ->
                switch (value(operand, time)) {
                    case Value.Scalar(double value) -> new Value.Scalar(-value);
                    case Value.Vector vector -> each(vector, x -> -x);
                    case Value.Matrix _, Value.Text _ -> throw mistyped();
                };
            case Expr.Binary binary -> binary(binary, value(binary.left(), time), value(binary.right(), time));
            case Expr.Aggregate aggregate -> aggregate(aggregate, vector(aggregate.operand(), time));
            case Expr.Call call -> call(call, time);
        };
    }

    private Value selection(Expr.Selector selector, long time) {
        var series = selected.getOrDefault(selector, List.of());
        if (selector.range().isEmpty()) {
            var points = new ArrayList<Value.Point>();
            for (var samples : series) {
                int index = samples.inForceAt(time, LOOKBACK);
                if (index >= 0) points.add(new Value.Point(samples.labels(), samples.value(index)));
            }
            return new Value.Vector(points);
        }
        long from = time - selector.range().get();
        var windows = new ArrayList<Value.Window>();
        for (var samples : series) {
            int first = samples.lastAt(from) + 1;
            int last = samples.lastAt(time);
            if (last >= first) windows.add(new Value.Window(samples, first, last, from, time));
        }
        return new Value.Matrix(windows);
    }

    private Value.Vector vector(Expr part, long time) throws PromQlException {
        if (value(part, time) instanceof Value.Vector vector) return vector;
        throw mistyped();
    }

    private double scalar(Expr part, long time) throws PromQlException {
        if (value(part, time) instanceof Value.Scalar(double value)) return value;
        throw mistyped();
    }

    /// The parser has checked the types.
    private static IllegalStateException mistyped() {
        return new IllegalStateException("an operand of a type that the parser does not let pass");
    }

    private static Value.Vector each(Value.Vector vector, DoubleUnaryOperator change) {
        return new Value.Vector(vector.points().stream()
                .map(point -> new Value.Point(point.labels().nameless(), change.applyAsDouble(point.value())))
                .toList());
    }

    // Operators

    private static Value binary(Expr.Binary binary, Value left, Value right) throws PromQlException {
        var operator = binary.operator();
        if (left instanceof Value.Scalar(double a) && right instanceof Value.Scalar(double b)) {
            return new Value.Scalar(
                    operator.comparison() ? (operator.test().test(a, b) ? 1 : 0) : operator.calculate(a, b));
        }
        if (left instanceof Value.Vector vector && right instanceof Value.Scalar(double b)) {
            return withScalar(binary, vector, b, false);
        }
        if (left instanceof Value.Scalar(double a) && right instanceof Value.Vector vector) {
            return withScalar(binary, vector, a, true);
        }
        if (left instanceof Value.Vector one && right instanceof Value.Vector other) {
            return operator.set() ? set(binary, one, other) : vectors(binary, one, other);
        }
        throw mistyped();
    }

    private static Value withScalar(Expr.Binary binary, Value.Vector vector, double scalar, boolean scalarFirst) {
        var points = new ArrayList<Value.Point>();
        for (var point : vector.points()) {
            double a = scalarFirst ? scalar : point.value();
            double b = scalarFirst ? point.value() : scalar;
            combine(binary, point.labels(), point.labels().nameless(), a, b, point.value(), points);
        }
        return new Value.Vector(points);
    }

    /// @param kept the value that a comparison lets pass
    private static void combine(
            Expr.Binary binary,
            Labels filtered,
            Labels calculated,
            double a,
            double b,
            double kept,
            List<Value.Point> points) {
        if (!binary.operator().comparison()) {
            points.add(new Value.Point(calculated, binary.operator().calculate(a, b)));
            return;
        }
        boolean holds = binary.operator().test().test(a, b);
        if (binary.bool()) points.add(new Value.Point(calculated, holds ? 1 : 0));
        else if (holds) points.add(new Value.Point(filtered, kept));
    }

    private static Value vectors(Expr.Binary binary, Value.Vector left, Value.Vector right) throws PromQlException {
        var matching = binary.matching();
        var partners = new HashMap<Labels, Value.Point>();
        for (var point : right.points()) {
            var key = matching.key(point.labels());
            if (partners.put(key, point) != null) throw manyToMany(key, "right");
        }
        var seen = new HashSet<Labels>();
        var points = new ArrayList<Value.Point>();
        for (var point : left.points()) {
            var key = matching.key(point.labels());
            var partner = partners.get(key);
            if (partner == null) continue;
            if (!seen.add(key)) throw manyToMany(key, "left");
            var filtered = matching.on() ? point.labels().only(matching.labels()) : point.labels();
            combine(binary, filtered, key, point.value(), partner.value(), point.value(), points);
        }
        return new Value.Vector(points);
    }

    private static PromQlException manyToMany(Labels key, String side) {
        return PromQlException.execution("found duplicate series for the match group " + (key + "").replace("\"", "'")
                + " on the " + side + " side of the operation; aggregate that side, or match on more labels");
    }

    private static Value set(Expr.Binary binary, Value.Vector left, Value.Vector right) {
        var matching = binary.matching();
        var inLeft = new HashSet<Labels>();
        var inRight = new HashSet<Labels>();
        for (var point : left.points()) inLeft.add(matching.key(point.labels()));
        for (var point : right.points()) inRight.add(matching.key(point.labels()));
        var points = new ArrayList<Value.Point>();
        switch (binary.operator()) {
            case AND -> {
                for (var point : left.points()) {
                    if (inRight.contains(matching.key(point.labels()))) points.add(point);
                }
            }
            case UNLESS -> {
                for (var point : left.points()) {
                    if (!inRight.contains(matching.key(point.labels()))) points.add(point);
                }
            }
            case OR -> {
                points.addAll(left.points());
                for (var point : right.points()) {
                    if (!inLeft.contains(matching.key(point.labels()))) points.add(point);
                }
            }
            case EQUAL, NOT_EQUAL, AT_MOST, LESS, AT_LEAST, GREATER, PLUS, MINUS, TIMES, DIVIDED, MODULO, POWER ->
                throw mistyped();
        }
        return new Value.Vector(points);
    }

    private static Value aggregate(Expr.Aggregate aggregate, Value.Vector vector) {
        var groups = new LinkedHashMap<Labels, List<Double>>();
        for (var point : vector.points()) {
            var key = aggregate
                    .grouping()
                    .map(grouping -> grouping.key(point.labels()))
                    .orElse(Labels.NONE);
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(point.value());
        }
        var points = new ArrayList<Value.Point>();
        groups.forEach((labels, values) -> points.add(new Value.Point(labels, fold(aggregate.fold(), values))));
        return new Value.Vector(points);
    }

    private static double fold(Expr.Fold fold, List<Double> values) {
        return switch (fold) {
            case COUNT -> values.size();
            case SUM -> sum(values);
            case AVG -> sum(values) / values.size();
            // NaN gives way to any number, as in Prometheus.
            case MIN ->
                values.stream()
                        .reduce((a, b) -> b < a || Double.isNaN(a) ? b : a)
                        .orElse(Double.NaN);
            case MAX ->
                values.stream()
                        .reduce((a, b) -> b > a || Double.isNaN(a) ? b : a)
                        .orElse(Double.NaN);
        };
    }

    private static double sum(List<Double> values) {
        double sum = 0;
        for (double value : values) sum += value;
        return sum;
    }

    // Functions

    private Value call(Expr.Call call, long time) throws PromQlException {
        var arguments = call.arguments();
        return switch (call.function()) {
            case RATE -> windows(arguments.getFirst(), time, 2, window -> extrapolated(window, true, true));
            case INCREASE -> windows(arguments.getFirst(), time, 2, window -> extrapolated(window, true, false));
            case DELTA -> windows(arguments.getFirst(), time, 2, window -> extrapolated(window, false, false));
            case IRATE -> windows(arguments.getFirst(), time, 2, Evaluator::lastRate);
            case AVG_OVER_TIME -> windows(arguments.getFirst(), time, 1, w -> fold(Expr.Fold.AVG, values(w)));
            case MIN_OVER_TIME -> windows(arguments.getFirst(), time, 1, w -> fold(Expr.Fold.MIN, values(w)));
            case MAX_OVER_TIME -> windows(arguments.getFirst(), time, 1, w -> fold(Expr.Fold.MAX, values(w)));
            case SUM_OVER_TIME -> windows(arguments.getFirst(), time, 1, w -> fold(Expr.Fold.SUM, values(w)));
            case COUNT_OVER_TIME -> windows(arguments.getFirst(), time, 1, Value.Window::size);
            case LAST_OVER_TIME ->
                windows(arguments.getFirst(), time, 1, w -> w.samples().value(w.last()));
            case HISTOGRAM_QUANTILE -> quantiles(scalar(arguments.getFirst(), time), vector(arguments.getLast(), time));
            case ABS -> each(vector(arguments.getFirst(), time), Math::abs);
            case CEIL -> each(vector(arguments.getFirst(), time), Math::ceil);
            case FLOOR -> each(vector(arguments.getFirst(), time), Math::floor);
            case ROUND -> each(vector(arguments.getFirst(), time), x -> Math.floor(x + 0.5));
            case CLAMP_MIN -> {
                double least = scalar(arguments.getLast(), time);
                yield each(vector(arguments.getFirst(), time), x -> Math.max(x, least));
            }
            case CLAMP_MAX -> {
                double most = scalar(arguments.getLast(), time);
                yield each(vector(arguments.getFirst(), time), x -> Math.min(x, most));
            }
            case ABSENT ->
                vector(arguments.getFirst(), time).points().isEmpty()
                        ? new Value.Vector(List.of(new Value.Point(absent(arguments.getFirst()), 1)))
                        : new Value.Vector(List.of());
            case SCALAR -> {
                var points = vector(arguments.getFirst(), time).points();
                yield new Value.Scalar(points.size() == 1 ? points.getFirst().value() : Double.NaN);
            }
            case VECTOR -> new Value.Vector(List.of(new Value.Point(Labels.NONE, scalar(arguments.getFirst(), time))));
            case TIME -> new Value.Scalar(time / 1000.0);
        };
    }

    /// The labels that a missing series would have had for sure.
    private static Labels absent(Expr of) {
        var labels = new TreeMap<String, String>();
        if (of instanceof Expr.Selector selector) {
            for (var matcher : selector.matchers()) {
                if (matcher.sign() == Expr.Matcher.Sign.EQUAL) labels.put(matcher.label(), matcher.value());
            }
        }
        labels.remove(Labels.NAME);
        return Labels.of(labels);
    }

    private interface Digest {
        double of(Value.Window window);
    }

    private Value windows(Expr part, long time, int fewest, Digest digest) throws PromQlException {
        if (!(value(part, time) instanceof Value.Matrix(var windows))) throw mistyped();
        var points = new ArrayList<Value.Point>();
        for (var window : windows) {
            if (window.size() < fewest) continue;
            points.add(new Value.Point(window.samples().labels().nameless(), digest.of(window)));
        }
        return new Value.Vector(points);
    }

    private static List<Double> values(Value.Window window) {
        var values = new ArrayList<Double>(window.size());
        for (int i = window.first(); i <= window.last(); i++)
            values.add(window.samples().value(i));
        return values;
    }

    /// The change over a whole window, from samples that only cover a part of it: extended to an edge where
    /// that is near, else by half a sample distance, and never to before a counter was zero.
    ///
    /// @see "Prometheus, promql/functions: extrapolatedRate; the same rule gives the same number"
    private static double extrapolated(Value.Window window, boolean counter, boolean perSecond) {
        var samples = window.samples();
        double change = samples.value(window.last()) - samples.value(window.first());
        if (counter) {
            for (int i = window.first() + 1; i <= window.last(); i++) {
                if (samples.value(i) < samples.value(i - 1)) change += samples.value(i - 1);
            }
        }
        double toStart = (samples.time(window.first()) - window.from()) / 1000.0;
        double toEnd = (window.to() - samples.time(window.last())) / 1000.0;
        double covered = (samples.time(window.last()) - samples.time(window.first())) / 1000.0;
        double between = covered / (window.size() - 1);
        double near = between * 1.1;
        if (toStart >= near) toStart = between / 2;
        if (counter && change > 0 && samples.value(window.first()) >= 0) {
            toStart = Math.min(toStart, covered * (samples.value(window.first()) / change));
        }
        if (toEnd >= near) toEnd = between / 2;
        double factor = (covered + toStart + toEnd) / covered;
        if (perSecond) factor /= (window.to() - window.from()) / 1000.0;
        return change * factor;
    }

    private static double lastRate(Value.Window window) {
        var samples = window.samples();
        int last = window.last();
        double now = samples.value(last);
        double before = samples.value(last - 1);
        double seconds = (samples.time(last) - samples.time(last - 1)) / 1000.0;
        return (now < before ? now : now - before) / seconds;
    }

    private static Value quantiles(double quantile, Value.Vector vector) {
        var groups = new LinkedHashMap<Labels, TreeMap<Double, Double>>();
        for (var point : vector.points()) {
            var le = point.labels().get("le");
            double bound;
            try {
                bound = le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
            } catch (NumberFormatException noBucket) {
                continue;
            }
            groups.computeIfAbsent(point.labels().nameless().without(List.of("le")), _ -> new TreeMap<>())
                    .merge(bound, point.value(), Double::sum);
        }
        var points = new ArrayList<Value.Point>();
        groups.forEach((labels, buckets) -> points.add(new Value.Point(labels, quantile(quantile, buckets))));
        return new Value.Vector(points);
    }

    /// Linear within a bucket.
    ///
    /// @param buckets cumulative counts by upper bound
    /// @see "Prometheus documentation: histogram_quantile()"
    static double quantile(double quantile, SortedMap<Double, Double> buckets) {
        if (Double.isNaN(quantile)) return Double.NaN;
        if (quantile < 0) return Double.NEGATIVE_INFINITY;
        if (quantile > 1) return Double.POSITIVE_INFINITY;
        if (buckets.size() < 2 || buckets.lastKey() != Double.POSITIVE_INFINITY) return Double.NaN;
        // Rates of buckets may come out not quite cumulative.
        var counts = new TreeMap<Double, Double>();
        double most = 0;
        for (var bucket : buckets.entrySet()) {
            most = Math.max(most, bucket.getValue());
            counts.put(bucket.getKey(), most);
        }
        if (most == 0) return Double.NaN;
        double rank = quantile * most;
        double lower = 0;
        double below = 0;
        boolean first = true;
        for (var bucket : counts.entrySet()) {
            double upper = bucket.getKey();
            if (bucket.getValue() >= rank) {
                if (upper == Double.POSITIVE_INFINITY) return lower;
                if (first && upper <= 0) return upper;
                double inside = bucket.getValue() - below;
                return inside == 0 ? upper : lower + (upper - lower) * ((rank - below) / inside);
            }
            first = false;
            lower = upper;
            below = bucket.getValue();
        }
        return lower;
    }
}
