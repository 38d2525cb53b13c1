package dev.sluice.expression;

/// The bounds of one expression. A condition of a template that anybody may write runs inside the controller, so each
/// of them is a hard stop; together they keep one evaluation within a few tens of milliseconds.
final class Limits {
    /// Characters of source.
    static final int SOURCE = 65_536;

    /// Nodes of the tree, as the original.
    static final int NODES = 10_000;

    /// Nesting of the tree: the checker and the machine recurse over it.
    static final int DEPTH = 200;

    /// Nodes evaluated and regular-expression states visited.
    static final int STEPS = 2_000_000;

    /// Array items, map entries and characters made during one evaluation, as the original's memory budget.
    static final int CELLS = 1_000_000;

    private Limits() {}
}
