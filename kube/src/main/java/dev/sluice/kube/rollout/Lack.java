package dev.sluice.kube.rollout;

import dev.sluice.cluster.ResourceType;
import dev.sluice.rollout.Problem;

/// Why no copies are held of a kind that a Rollout may need. Who needs it is told this, and not another cause.
public sealed interface Lack {
    /// The cluster does not serve it.
    record Unserved() implements Lack {}

    /// The account may not read it.
    ///
    /// @param message the server's
    record Forbidden(String message) implements Lack {}

    /// One of the two, and nobody has said which.
    record Either() implements Lack {}

    /// A mistake that is the cluster's rather than the manifest's: what is written there is right.
    default Problem problem(String path, ResourceType kind) {
        var name = kind.plural() + (kind.group().isEmpty() ? "" : "." + kind.group());
        return switch (this) {
            case Unserved() ->
                new Problem(
                        path,
                        "",
                        "is known, but this cluster does not serve " + kind.kind() + " (" + name + "/" + kind.version()
                                + ")",
                        "install its definition; the controller notices within a minute");
            case Forbidden(var message) ->
                new Problem(
                        path,
                        "",
                        "is known, but the controller may not read " + kind.kind() + " (" + message + ")",
                        "grant get, list, watch and patch on " + name + "; the controller notices within a minute");
            case Either() ->
                new Problem(
                        path,
                        "",
                        "is known, but this cluster does not serve, or does not permit reading, " + kind.kind() + " ("
                                + name + "/" + kind.version() + ")",
                        "install its definition, or grant get, list, watch and patch on it; the controller notices"
                                + " within a minute");
        };
    }
}
