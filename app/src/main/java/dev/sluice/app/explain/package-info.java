/// How a [dev.sluice.explain.TrafficExplanation] is shown to people and to programs.
@org.jspecify.annotations.NullMarked
package dev.sluice.app.explain;
