package dev.sluice.strategy;

/// Pods of one side.
///
/// @param replicas asked for
/// @param available of those that exist
public record Size(int replicas, int available) {
    /// Available pods that stay when the pending change of size is done.
    public int kept() {
        return Math.min(available, replicas);
    }
}
