package dev.sluice.local.api;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/// Where container logs are kept; who runs the pods implements it, `pods/log` serves it.
@FunctionalInterface
public interface PodLogs {
    /// The log of one container, or empty where the pod has none (yet).
    Optional<Source> open(Query query);

    /// What a client wants to read.
    ///
    /// @param container the only container where the client named none
    /// @param previous the log of the container's last incarnation
    /// @param follow go on with what is written from now on, until the container ends
    /// @param tailLines only the last so many lines
    /// @param since only lines from this instant on
    /// @param timestamps each line begins with its instant (RFC 3339)
    record Query(
            String namespace,
            String pod,
            String container,
            boolean previous,
            boolean follow,
            OptionalInt tailLines,
            Optional<Instant> since,
            boolean timestamps) {}

    /// An opened log.
    interface Source {
        /// Copies the log, flushing line by line when it is followed, and returns at its end, or as soon as the reader
        /// has gone away (the stream throws).
        ///
        /// @param patience the longest time to go without a line before the reader is checked by a flush
        void copyTo(OutputStream out, Duration patience) throws IOException;
    }
}
