package dev.sluice.expression;

import java.util.List;
import java.util.Optional;

/// The tree of an expression. `at` is the offset in the source an error about the node points to.
sealed interface Node {
    int at();

    /// A number, a string, `true`, `false`, `nil`.
    record Literal(Value value, int at) implements Node {}

    /// A variable or a function by name.
    record Name(String name, int at) implements Node {}

    /// `!x`, `not x`, `-x`, `+x`
    record Unary(String operator, Node operand, int at) implements Node {}

    record Binary(String operator, Node left, Node right, int at) implements Node {}

    /// The end of a chain of members with a `?.` in it: where a `nil` found on the way becomes the value of the whole.
    record Chain(Node body, int at) implements Node {}

    /// `base.name`, `base[index]`, `base?.name`, `base?.[index]`
    record Member(Node base, Node property, boolean optional, boolean called, int at) implements Node {}

    /// `base[from:to]`
    record Slice(Node base, Optional<Node> from, Optional<Node> to, int at) implements Node {}

    /// A call of what an expression names: Argo's functions, methods of times and durations.
    record Call(Node callee, List<Node> arguments, int at) implements Node {}

    /// A call of a function of the language.
    record BuiltinCall(String name, List<Node> arguments, int at) implements Node {}

    /// What is evaluated for each item: `{# > 1}` or the same without braces.
    record Predicate(Node body, int at) implements Node {}

    /// `#` (empty name), `#index`, `#acc`
    record Pointer(String name, int at) implements Node {}

    record Let(String name, Node value, Node body, int at) implements Node {}

    /// `a; b`: the value is the last one's.
    record Sequence(List<Node> nodes, int at) implements Node {}

    /// `c ? a : b`, `a ?: b`, `if c { a } else { b }`
    record Conditional(Node condition, Node then, Node otherwise, int at) implements Node {}

    record ArrayLiteral(List<Node> items, int at) implements Node {}

    record MapLiteral(List<Pair> pairs, int at) implements Node {}

    /// One `key: value` of a map.
    record Pair(Node key, Node value) {}
}
