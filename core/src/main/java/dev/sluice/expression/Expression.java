package dev.sluice.expression;

/// A text that was compiled: ready to be evaluated, or the error that keeps it from it.
public sealed interface Expression permits Compiled, ExpressionError {

    /// Reads and checks an expression.
    ///
    /// @param source at most 65,536 characters
    /// @param names  what the text may refer to, and of which type each name is
    static Expression compile(String source, Names names) {
        try {
            var tree = new Parser(source, names).whole();
            var type = new Checker(names).check(tree);
            return new Compiled(source, tree, type, names);
        } catch (Fault fault) {
            return ExpressionError.of(source, fault);
        }
    }

    /// Reads, checks and evaluates in one go.
    static Result evaluate(String source, Names names, Environment environment) {
        return switch (compile(source, names)) {
            case Compiled compiled -> compiled.evaluate(environment);
            case ExpressionError error -> error;
        };
    }
}
