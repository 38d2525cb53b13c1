/// HTTP/1.1 on loopback, small enough to have a thousand servers in one process: one virtual thread per
/// connection and nothing else per server but its socket.
///
/// Bodies are whole and bounded, never streams; no TLS, no upgrade. Knows nothing of pods, services or
/// Kubernetes. Read [dev.sluice.local.traffic.http.HttpListener] for the server and
/// [dev.sluice.local.traffic.http.ConnectionPool] for the client.
///
/// @see "RFC 9110 (semantics), RFC 9112 (HTTP/1.1)"
@NullMarked
package dev.sluice.local.traffic.http;

import org.jspecify.annotations.NullMarked;
