package dev.sluice.local.traffic.promql;

import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/// A parsed query.
sealed interface Expr {
    /// The four types of PromQL.
    enum Type {
        SCALAR("scalar"),
        VECTOR("instant vector"),
        MATRIX("range vector"),
        STRING("string");

        final String words;

        Type(String words) {
            this.words = words;
        }
    }

    Type type();

    record Literal(double value) implements Expr {
        @Override
        public Type type() {
            return Type.SCALAR;
        }
    }

    record Text(String value) implements Expr {
        @Override
        public Type type() {
            return Type.STRING;
        }
    }

    /// `name{a="b"}[5m] offset 1m`.
    ///
    /// @param range milliseconds, empty for an instant vector
    /// @param offset milliseconds, may be negative
    record Selector(List<Matcher> matchers, Optional<Long> range, long offset) implements Expr {
        public Selector {
            matchers = List.copyOf(matchers);
        }

        boolean matches(Labels labels) {
            for (var matcher : matchers) {
                if (!matcher.matches(labels)) return false;
            }
            return true;
        }

        @Override
        public Type type() {
            return range.isPresent() ? Type.MATRIX : Type.VECTOR;
        }
    }

    /// One condition on a label; regular expressions match whole values.
    record Matcher(String label, Sign sign, String value, Pattern pattern) {
        enum Sign {
            EQUAL,
            NOT_EQUAL,
            MATCH,
            NO_MATCH
        }

        boolean matches(Labels labels) {
            var actual = labels.get(label);
            return switch (sign) {
                case EQUAL -> actual.equals(value);
                case NOT_EQUAL -> !actual.equals(value);
                case MATCH -> pattern.matcher(actual).matches();
                case NO_MATCH -> !pattern.matcher(actual).matches();
            };
        }

        /// Whether a series without the label would match too.
        boolean takesEmpty() {
            return matches(Labels.NONE);
        }
    }

    record Negated(Expr operand) implements Expr {
        @Override
        public Type type() {
            return operand.type();
        }
    }

    /// @param bool comparisons answer 0 or 1 rather than filter
    record Binary(Operator operator, Expr left, Expr right, boolean bool, Matching matching) implements Expr {
        @Override
        public Type type() {
            return left.type() == Type.SCALAR && right.type() == Type.SCALAR ? Type.SCALAR : Type.VECTOR;
        }
    }

    /// Which labels decide that two samples belong together: `on` only these, else all but these.
    record Matching(boolean on, List<String> labels) {
        static final Matching ALL = new Matching(false, List.of());

        public Matching {
            labels = List.copyOf(labels);
        }

        Labels key(Labels sample) {
            return on ? sample.only(labels) : sample.nameless().without(labels);
        }
    }

    /// `sum by (a) (…)`; `grouping` absent folds everything into one.
    record Aggregate(Fold fold, Expr operand, Optional<Matching> grouping) implements Expr {
        @Override
        public Type type() {
            return Type.VECTOR;
        }
    }

    enum Fold {
        SUM,
        AVG,
        MIN,
        MAX,
        COUNT
    }

    record Call(Function function, List<Expr> arguments) implements Expr {
        public Call {
            arguments = List.copyOf(arguments);
        }

        @Override
        public Type type() {
            return function.result;
        }
    }

    /// The functions, with the types of their arguments.
    enum Function {
        RATE(Type.VECTOR, Type.MATRIX),
        IRATE(Type.VECTOR, Type.MATRIX),
        INCREASE(Type.VECTOR, Type.MATRIX),
        DELTA(Type.VECTOR, Type.MATRIX),
        AVG_OVER_TIME(Type.VECTOR, Type.MATRIX),
        MIN_OVER_TIME(Type.VECTOR, Type.MATRIX),
        MAX_OVER_TIME(Type.VECTOR, Type.MATRIX),
        SUM_OVER_TIME(Type.VECTOR, Type.MATRIX),
        COUNT_OVER_TIME(Type.VECTOR, Type.MATRIX),
        LAST_OVER_TIME(Type.VECTOR, Type.MATRIX),
        HISTOGRAM_QUANTILE(Type.VECTOR, Type.SCALAR, Type.VECTOR),
        ABS(Type.VECTOR, Type.VECTOR),
        CEIL(Type.VECTOR, Type.VECTOR),
        FLOOR(Type.VECTOR, Type.VECTOR),
        ROUND(Type.VECTOR, Type.VECTOR),
        CLAMP_MIN(Type.VECTOR, Type.VECTOR, Type.SCALAR),
        CLAMP_MAX(Type.VECTOR, Type.VECTOR, Type.SCALAR),
        ABSENT(Type.VECTOR, Type.VECTOR),
        SCALAR(Type.SCALAR, Type.VECTOR),
        VECTOR(Type.VECTOR, Type.SCALAR),
        TIME(Type.SCALAR);

        final Type result;

        @SuppressWarnings("ImmutableEnumChecker") // List.of is.
        final List<Type> parameters;

        Function(Type result, Type... parameters) {
            this.result = result;
            this.parameters = List.of(parameters);
        }
    }

    /// The binary operators by how tightly they bind.
    enum Operator {
        OR("or", 1),
        AND("and", 2),
        UNLESS("unless", 2),
        EQUAL("==", 3),
        NOT_EQUAL("!=", 3),
        AT_MOST("<=", 3),
        LESS("<", 3),
        AT_LEAST(">=", 3),
        GREATER(">", 3),
        PLUS("+", 4),
        MINUS("-", 4),
        TIMES("*", 5),
        DIVIDED("/", 5),
        MODULO("%", 5),
        POWER("^", 6);

        final String sign;
        final int binds;

        Operator(String sign, int binds) {
            this.sign = sign;
            this.binds = binds;
        }

        boolean set() {
            return binds <= 2;
        }

        boolean comparison() {
            return binds == 3;
        }

        /// The comparison that this is.
        BiPredicate<Double, Double> test() {
            return switch (this) {
                case EQUAL -> (a, b) -> a.doubleValue() == b.doubleValue();
                case NOT_EQUAL -> (a, b) -> a.doubleValue() != b.doubleValue();
                case AT_MOST -> (a, b) -> a <= b;
                case LESS -> (a, b) -> a < b;
                case AT_LEAST -> (a, b) -> a >= b;
                case GREATER -> (a, b) -> a > b;
                case OR, AND, UNLESS, PLUS, MINUS, TIMES, DIVIDED, MODULO, POWER ->
                    throw new IllegalStateException(sign + " compares nothing");
            };
        }

        double calculate(double a, double b) {
            return switch (this) {
                case PLUS -> a + b;
                case MINUS -> a - b;
                case TIMES -> a * b;
                case DIVIDED -> a / b;
                case MODULO -> a % b;
                case POWER -> Math.pow(a, b);
                case OR, AND, UNLESS, EQUAL, NOT_EQUAL, AT_MOST, LESS, AT_LEAST, GREATER ->
                    throw new IllegalStateException(sign + " calculates nothing");
            };
        }
    }
}
