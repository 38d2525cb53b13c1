package dev.sluice.kube.rollout;

import java.time.Duration;
import java.util.Optional;

/// How carrying out a decision ended.
public sealed interface Outcome {
    /// Every write is done.
    record Complete() implements Outcome {}

    /// The world had moved: look again at once, nothing is wrong.
    record Moved(String what) implements Outcome {}

    /// A write failed or its outcome is unknown; what was done before it stands.
    record Stopped(String what, Optional<Duration> retryAfter) implements Outcome {}
}
