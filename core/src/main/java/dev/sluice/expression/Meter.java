package dev.sluice.expression;

/// Counts what one evaluation uses up, and ends it at the bounds of [Limits].
final class Meter {
    private int steps;
    private long cells;
    private int depth;

    /// One node evaluated, or one state of a regular expression visited.
    void step() {
        if (++steps > Limits.STEPS) throw new Fault("step budget exceeded");
    }

    /// Items, entries or characters made.
    void cells(long made) {
        cells += made;
        if (cells > Limits.CELLS) throw new Fault("memory budget exceeded");
    }

    /// One level down in a nested value.
    void deeper(int deepest) {
        if (++depth > deepest) throw new Fault("recursion depth exceeded");
    }

    void back() {
        depth--;
    }
}
