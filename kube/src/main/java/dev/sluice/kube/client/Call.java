package dev.sluice.kube.client;

import java.time.Duration;

/// One call of the API server, when it is over; of a watch, when it has begun or failed to.
///
/// @param verb `get`, `list`, `watch`, `create`, `patch`, `update`, `delete`
/// @param namespace empty for all or none
/// @param name empty for lists and watches
/// @param status the HTTP status; 0 where no answer came
/// @param took without `throttled`
/// @param throttled how long our own rate limit held it back
public record Call(
        String verb, String kind, String namespace, String name, int status, Duration took, Duration throttled) {}
