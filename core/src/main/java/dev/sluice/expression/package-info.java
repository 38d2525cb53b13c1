/// The condition language of analyses: what `successCondition`, `failureCondition` and the times of a Prometheus range
/// query are written in. It is expr-lang 1.17 with the names that Argo Rollouts adds.
///
/// Read [Condition] for how a measurement gets its verdict, [Expression] for the language itself. The road of a text is
/// `Lexer` → `Parser` (to the records of `Node`) → `Checker` (compile-time types, so that a misspelt name fails before
/// the first measurement) → `Machine` (which walks the records).
///
/// The package knows no provider, no analysis and no clock: the value to judge and the time that `now()` answers
/// come in an [Environment]. Every text is safe to run: source, nodes, nesting, steps and memory are bounded by
/// `Limits`, there is no reflection and no way out of the closed table of functions, and regular expressions run in
/// linear time.
///
/// Where we differ from the original on purpose:
/// - `keys`, `values`, `toPairs` and `groupBy` keep the order of the map; Go's maps have none;
/// - strings are cut and counted by code point, not by byte;
/// - `isNaN` and `isInf` take an integer where the original takes only the literal of one;
/// - time zone abbreviations other than UTC and GMT have offset zero also where the local zone would know better.
package dev.sluice.expression;
