package dev.sluice.kube.rollout;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Sees one thing that is driven like a Rollout and everything a decision about it may look at, at one moment, from the
/// local copies.
public sealed interface Observer permits RolloutObserver, PairObserver {
    /// What is driven.
    ResourceType type();

    /// Kinds whose objects it owns: a change of one wakes its owner.
    List<ResourceType> owned();

    /// Kinds whose objects its spec may name: a change of one wakes all that name it.
    List<ResourceType> named();

    /// Those that read this object of a router when they were last observed, from whatever namespace: a Rollout's route
    /// may be its platform team's, and stand in that team's namespace.
    List<Key> readers(ObjectRef ref);

    /// The one that an object says it is managed by, there or not.
    ///
    /// @param type one of [#named]
    Optional<Key> manager(ResourceType type, Json.Obj object);

    /// The part of an object in which such names stand.
    Json naming(Json.Obj object);

    /// @return empty when there is no such object, and nothing that it has left behind
    Optional<Seen> observe(Key key, Instant now);
}
