package dev.sluice.expression;

import java.util.Optional;

/// How strongly operators bind, in the original's numbers.
///
/// Two of them surprise: `??` binds strongest of all and refuses to stand beside another operator without
/// parentheses, and `not` binds weaker than `*` but stronger than `+` and `==`, so `not a == b` is `(not a) == b`.
enum Operator {
    PIPE("|", 0),
    OR("or", 10),
    OR_SIGN("||", 10),
    AND("and", 15),
    AND_SIGN("&&", 15),
    EQUAL("==", 20),
    NOT_EQUAL("!=", 20),
    LESS("<", 20),
    GREATER(">", 20),
    GREATER_EQUAL(">=", 20),
    LESS_EQUAL("<=", 20),
    IN("in", 20),
    MATCHES("matches", 20),
    CONTAINS("contains", 20),
    STARTS_WITH("startsWith", 20),
    ENDS_WITH("endsWith", 20),
    RANGE("..", 25),
    PLUS("+", 30),
    MINUS("-", 30),
    TIMES("*", 60),
    DIVIDE("/", 60),
    MODULO("%", 60),
    POWER("**", 100),
    POWER_SIGN("^", 100),
    COALESCE("??", 500);

    /// Of `not` and `!`.
    static final int NEGATION = 50;

    /// Of the signs `-` and `+`: weaker than the power, so `-2 ** 2` is -4.
    static final int SIGN = 90;

    final String sign;
    final int precedence;

    Operator(String sign, int precedence) {
        this.sign = sign;
        this.precedence = precedence;
    }

    static Optional<Operator> binary(String sign) {
        for (var operator : values()) {
            if (operator.sign.equals(sign)) return Optional.of(operator);
        }
        return Optional.empty();
    }

    /// The binding of a prefix operator; empty when the sign is none.
    static Optional<Integer> unary(String sign) {
        return switch (sign) {
            case "not", "!" -> Optional.of(NEGATION);
            case "-", "+" -> Optional.of(SIGN);
            default -> Optional.empty();
        };
    }

    boolean isRightAssociative() {
        return this == POWER || this == POWER_SIGN;
    }

    /// Comparisons of order may be chained: `0 <= x < 10` is `0 <= x && x < 10`.
    boolean isOrder() {
        return this == LESS || this == GREATER || this == LESS_EQUAL || this == GREATER_EQUAL;
    }

    /// May `not` stand before it, as in `not in`?
    boolean isNegatable() {
        return this == IN || this == MATCHES || this == CONTAINS || this == STARTS_WITH || this == ENDS_WITH;
    }
}
