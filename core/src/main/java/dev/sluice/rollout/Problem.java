package dev.sluice.rollout;

/// One mistake in a manifest, as its author is told it.
///
/// @param path the field, such as `spec.strategy.canary.steps[3].setWeight`
/// @param value what stands there, as JSON text; empty where nothing does
/// @param expectation what would be right
/// @param remedy what to do
public record Problem(String path, String value, String expectation, String remedy) {
    @Override
    public String toString() {
        return path + ": " + (value.isEmpty() ? "" : value + " ") + expectation + "; " + remedy;
    }
}
