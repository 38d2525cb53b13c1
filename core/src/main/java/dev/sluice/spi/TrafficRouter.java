package dev.sluice.spi;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// One kind of router: a pure editor of the objects by which it is told weights.
///
/// It does no I/O. The observer fetches what [#reads] names, the executor patches what [#write] returns; so every
/// router shares one retry policy, one dry run and one test harness.
public interface TrafficRouter {
    /// As under `trafficRouting`, such as `istio`; for a plugin its key, such as `argoproj-labs/gatewayAPI`.
    String name();

    Set<Capability> capabilities();

    /// The kinds of objects that [#reads] may name, so that they can be followed from the start.
    List<ResourceType> kinds();

    /// Mistakes in the configuration, each as path below the configuration, expectation and remedy.
    List<Mistake> check(Route route);

    /// The objects that the observer shall fetch.
    List<ObjectRef> reads(Route route);

    /// Weights as the objects have them.
    Reading read(Route route, SortedMap<ObjectRef, Json.Obj> seen);

    /// The objects with other weights; those that hold them already are not among the edits.
    List<Edit> write(Route route, SortedMap<ObjectRef, Json.Obj> seen, int canary, int stable);

    /// What a router can do; the engine asks for these, never for a name.
    enum Capability {
        WEIGHT,
        HEADER,
        MIRROR,
        MANY_WAY,
        /// It can tell whether the data plane serves what the objects say.
        VERIFY
    }

    /// What is to be routed.
    ///
    /// @param namespace of the Rollout
    /// @param configuration the router's block in `trafficRouting`
    record Route(String namespace, String canaryService, String stableService, int maxWeight, Json.Obj configuration) {}

    /// What the objects say.
    sealed interface Reading {
        /// @param served whether the data plane has acknowledged it; absent where it cannot tell
        record Weights(int canary, int stable, Optional<Boolean> served) implements Reading {}

        /// The objects cannot carry weights: missing, or without the two services.
        record Unusable(List<Mistake> mistakes) implements Reading {}
    }

    /// One mistake.
    ///
    /// @param path where, relative to the router's configuration or naming the object
    record Mistake(String path, String expectation, String remedy) {}

    /// An object as it was read and as it shall be.
    record Edit(ObjectRef ref, Json.Obj from, Json.Obj to) {}
}
