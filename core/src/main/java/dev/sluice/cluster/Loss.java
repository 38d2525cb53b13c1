package dev.sluice.cluster;

/// How there came to be no answer to a [Request].
public enum Loss {
    /// Nothing listens at the address.
    REFUSED,
    /// The name of the host leads nowhere.
    UNKNOWN_HOST,
    /// There is no way through the network.
    NO_ROUTE,
    /// It is not, or not provably, the server that is meant.
    CERTIFICATE,
    /// The two do not agree on how to talk.
    HANDSHAKE,
    /// It was there, and took the connection away before it answered.
    CUT,
    /// It may be there: no answer came in time.
    LATE,
    /// None of these: an answer that could not be read or was too large, a gateway that is closed.
    OTHER;

    /// Whether nobody was reached, so that it does not matter what was wanted there.
    public boolean nobody() {
        return switch (this) {
            case REFUSED, UNKNOWN_HOST, NO_ROUTE, CERTIFICATE, HANDSHAKE, CUT -> true;
            case LATE, OTHER -> false;
        };
    }
}
