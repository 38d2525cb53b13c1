package dev.sluice.explain;

/// How much a hop or a finding weighs, the lightest first.
public enum Level {
    /// As it should be.
    OK,
    /// Worth knowing, and no fault.
    NOTE,
    /// Some requests go elsewhere than asked.
    WARN,
    /// The new version cannot be reached this way.
    BAD
}
