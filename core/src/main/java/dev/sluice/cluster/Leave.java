package dev.sluice.cluster;

import java.time.Duration;

/// The leave to send something, which may be had now and not a moment later.
@FunctionalInterface
public interface Leave {
    /// For what needs none.
    Leave ALWAYS = () -> new Given(Duration.ofSeconds(Long.MAX_VALUE));

    Answer ask();

    sealed interface Answer {}

    /// @param within how long from now on the request may be under way; then its sender gives it up
    record Given(Duration within) implements Answer {}

    /// @param why the reply to a request that is not sent
    record Denied(Reply.Refused why) implements Answer {}
}
