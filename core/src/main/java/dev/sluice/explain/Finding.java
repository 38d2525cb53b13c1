package dev.sluice.explain;

/// One cause.
///
/// @param evidence what was seen, with values
/// @param remedy what to do, a command where there is one
public record Finding(Level level, Cause cause, String where, String evidence, String remedy) {
    /// Such as `SLU-T001`.
    public String code() {
        return cause.code();
    }
}
