package dev.sluice.local.traffic.http;

/// What became of a request that was to be sent.
public sealed interface Outcome {
    record Answered(HttpResponse response) implements Outcome {}

    /// No response.
    ///
    /// @param sent whether any byte may have reached the peer; where not, asking another one is always safe
    record Failed(Failure failure, String why, boolean sent) implements Outcome {}

    /// Why there was no response.
    enum Failure {
        /// Nobody listens there.
        REFUSED,
        /// No connection in time, or none possible at all.
        UNREACHABLE,
        /// The peer ended the connection without a response, or within it.
        RESET,
        /// The response did not come in time.
        TIMEOUT,
        /// What came is no HTTP/1.1 response, or too large.
        MALFORMED
    }
}
