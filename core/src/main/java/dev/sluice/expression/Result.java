package dev.sluice.expression;

/// What an evaluation came to: a value, or an [ExpressionError].
public sealed interface Result permits Result.Of, ExpressionError {
    /// The expression's value.
    record Of(Value value) implements Result {}
}
