package dev.sluice.explain;

import java.util.Optional;

/// One place that a request passes.
///
/// @param where such as `Service web-canary`
/// @param text what stands there, with values
/// @param code of the finding that this hop is about
public record Hop(Level level, String where, String text, Optional<String> code) {}
