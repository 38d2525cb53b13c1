package dev.sluice.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Which cluster, which namespace, as whom: kubectl's options of the same names.
///
/// @param timeout of one request
public record Connection(
        Optional<Path> kubeconfig,
        Optional<String> context,
        Optional<String> namespace,
        Optional<String> user,
        List<String> groups,
        Duration timeout) {
    static final Duration TIMEOUT = Duration.ofSeconds(10);

    public Connection {
        groups = List.copyOf(groups);
    }
}
