package dev.sluice.kube.rollout;

import dev.sluice.json.Json;

/// Where Events of the API go. Telling never fails and never waits: an event is news, not state.
@FunctionalInterface
public interface Events {
    void event(Json.Obj regarding, boolean warning, String reason, String message);
}
