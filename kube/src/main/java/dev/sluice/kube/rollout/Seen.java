package dev.sluice.kube.rollout;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.json.Json;
import dev.sluice.rollout.Observation;
import dev.sluice.spi.TrafficRouter;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/// An observation with the trees it was made from: what the executor needs to write a decision down.
///
/// @param source the Rollout as it was read
/// @param sides names of a DeploymentCanary's two Deployments by the hash under which the core knows them; empty for a
///     Rollout, whose sides are its own
/// @param replicaSets the ReplicaSets of a Rollout, by name
/// @param routings what the routers were asked with
/// @param routed the objects that they name
/// @param notes what the author of the manifest should know
public record Seen(
        Observation observation,
        Json.Obj source,
        Json.Obj sides,
        Map<String, Json.Obj> replicaSets,
        List<Routing> routings,
        SortedMap<ObjectRef, Json.Obj> routed,
        List<Note> notes) {
    public Seen {
        replicaSets = Map.copyOf(replicaSets);
        routings = List.copyOf(routings);
        notes = List.copyOf(notes);
    }

    /// One router and its part of the spec.
    public record Routing(TrafficRouter router, TrafficRouter.Route route) {}
}
