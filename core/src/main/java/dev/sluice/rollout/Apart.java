package dev.sluice.rollout;

import java.util.OptionalInt;

/// A term of `podAntiAffinity`: pods keep off the nodes that have pods of another revision.
///
/// @param hash label `rollouts-pod-template-hash` of those pods
/// @param weight of a preference, 1 to 100; absent where it is required
public record Apart(String hash, OptionalInt weight) {
    /// Such as `must not share a node with pods of 5f4d`.
    @Override
    public String toString() {
        var how = weight.isPresent()
                ? "prefer not to share a node (weight %d)".formatted(weight.getAsInt())
                : "must not share a node";
        return how + " with pods of " + hash;
    }
}
