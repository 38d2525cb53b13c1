package dev.sluice.app;

import java.time.InstantSource;

/// What the program finds outside itself; a test brings its own.
///
/// @param clusters how clusters are reached
/// @param clock what time it is, for ages and countdowns
public record World(Terminal terminal, Clusters clusters, InstantSource clock) {
    /// The process's terminal, real clusters, the system's clock.
    public static World system() {
        return new World(Terminal.system(), connection -> KubeClusters.open(connection), InstantSource.system());
    }
}
