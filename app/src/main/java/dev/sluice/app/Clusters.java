package dev.sluice.app;

import dev.sluice.cluster.Gateway;
import java.util.function.Supplier;

/// Opens the way to a cluster.
@FunctionalInterface
public interface Clusters {
    /// @throws Complaint.Failure when there is no usable way to one
    Session open(Connection connection);

    /// A way that is open.
    ///
    /// @param namespace the one to use where a command names none
    /// @param server the URL of the API server, empty where there is none
    /// @param closing ends everything that was begun for it
    record Session(Gateway gateway, String namespace, Supplier<String> server, Runnable closing)
            implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }
}
