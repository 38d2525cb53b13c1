package dev.sluice.strategy;

import java.util.Optional;

/// Pods of one side.
///
/// @param replicas asked for
/// @param available of those that exist
/// @param mixed available of whatever template, where the side is between two of them: which of its
///     pods end when it gets fewer is not known
public record Size(int replicas, int available, Optional<Integer> mixed) {
    /// One whose pods are all alike: those that are not available end first.
    public Size(int replicas, int available) {
        this(replicas, available, Optional.empty());
    }

    /// Available pods that stay when the pending change of size is done.
    public int kept() {
        return Math.min(available, replicas);
    }

    /// Pods that may be counted on while this side gives way: all of them, for those that are not available end
    /// first and must not hold up their own end; of a mixed side only the available ones.
    int giving() {
        return mixed.map(pods -> Math.min(pods, replicas)).orElse(replicas);
    }
}
