package dev.sluice.expression;

/// An expression that was read and checked. Immutable; may be evaluated any number of times, from any thread.
public final class Compiled implements Expression {
    private final String source;
    private final Node tree;
    private final Type type;
    private final Names names;

    Compiled(String source, Node tree, Type type, Names names) {
        this.source = source;
        this.tree = tree;
        this.type = type;
        this.names = names;
    }

    public String source() {
        return source;
    }

    /// The type as far as it is known before evaluation.
    public Type type() {
        return type;
    }

    /// The value in an environment, or the error at which the evaluation stopped. Never throws, always ends.
    public Result evaluate(Environment environment) {
        try {
            return new Result.Of(new Machine(environment, names).run(tree));
        } catch (Fault fault) {
            return ExpressionError.of(source, fault);
        }
    }

    /// Go's name of the type of a value this expression came to, as `%T` prints it.
    String goTypeOf(Value value) {
        return value instanceof Value.Int && type == Type.Basic.INT64 ? type.goName() : value.goType();
    }

    @Override
    public String toString() {
        return source;
    }
}
