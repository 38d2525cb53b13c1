package dev.sluice.local.traffic.http;

import java.time.Duration;

/// What one peer may cost us at most.
///
/// @param head bytes of start line and header fields together
/// @param fields header fields
/// @param body bytes
/// @param headTime from the first byte of a message to the end of its head
/// @param bodyTime from the end of the head to the end of the body
/// @param idle how long a connection may wait for its next request
/// @param writeTime for one message to be taken by the peer
/// @param connections at a time; further ones wait in the accept queue of the system
public record Limits(
        int head,
        int fields,
        int body,
        Duration headTime,
        Duration bodyTime,
        Duration idle,
        Duration writeTime,
        int connections) {
    public static final Limits SERVER = new Limits(
            16 << 10,
            100,
            1 << 20,
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(60),
            Duration.ofSeconds(15),
            1024);

    /// For a gateway or a Service, which many clients share.
    public static final Limits SHARED = new Limits(
            SERVER.head,
            SERVER.fields,
            SERVER.body,
            SERVER.headTime,
            SERVER.bodyTime,
            SERVER.idle,
            SERVER.writeTime,
            8192);

    public Limits withTimes(Duration headTime, Duration bodyTime, Duration idle, Duration writeTime) {
        return new Limits(head, fields, body, headTime, bodyTime, idle, writeTime, connections);
    }

    public Limits withConnections(int connections) {
        return new Limits(head, fields, body, headTime, bodyTime, idle, writeTime, connections);
    }
}
