package dev.sluice.local.api;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A path under the API root that is about objects.
///
/// @param namespace empty for cluster-scoped objects and for a list over all namespaces
/// @param name empty for the collection
/// @param subresource empty for the object itself
record Route(String group, String version, String namespace, String plural, String name, String subresource) {

    /// Takes a path apart; empty where it cannot be about objects.
    static Optional<Route> of(String path) {
        var parts = Arrays.stream(path.split("/", -1))
                .filter(part -> !part.isEmpty())
                .toList();
        if (parts.size() >= 3 && parts.getFirst().equals("api")) {
            return within("", parts.get(1), parts.subList(2, parts.size()));
        }
        if (parts.size() >= 4 && parts.getFirst().equals("apis")) {
            return within(parts.get(1), parts.get(2), parts.subList(3, parts.size()));
        }
        return Optional.empty();
    }

    private static Optional<Route> within(String group, String version, List<String> parts) {
        // `namespaces/shop/pods` is in a namespace; `namespaces/shop`, `…/status` and `…/finalize` are the namespace.
        boolean within = parts.getFirst().equals("namespaces")
                && parts.size() >= 3
                && !(group.isEmpty()
                        && parts.size() == 3
                        && List.of("status", "finalize").contains(parts.get(2)));
        var namespace = within ? parts.get(1) : "";
        var rest = within ? parts.subList(2, parts.size()) : parts;
        if (rest.size() > 3) return Optional.empty();
        return Optional.of(new Route(
                group,
                version,
                namespace,
                rest.getFirst(),
                rest.size() > 1 ? rest.get(1) : "",
                rest.size() > 2 ? rest.get(2) : ""));
    }
}
