package dev.sluice.local.traffic.http;

import java.io.IOException;

/// The peer did not speak HTTP/1.1, or too much of it.
final class MessageException extends IOException {
    private final int status;
    private final String why;

    MessageException(int status, String why) {
        super(why);
        this.status = status;
        this.why = why;
    }

    String why() {
        return why;
    }

    /// What to answer where the peer is a client.
    int status() {
        return status;
    }
}
