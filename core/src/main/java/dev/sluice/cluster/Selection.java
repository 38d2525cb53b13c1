package dev.sluice.cluster;

import java.util.Optional;

/// The objects of one type that a list or a watch is about.
///
/// @param namespace one namespace, or empty for all
/// @param labels a label selector in its string form, empty for every object
public record Selection(ResourceType type, Optional<String> namespace, String labels) {
    public static Selection all(ResourceType type) {
        return new Selection(type, Optional.empty(), "");
    }

    public static Selection in(ResourceType type, String namespace) {
        return new Selection(type, Optional.of(namespace), "");
    }

    public Selection labelled(String selector) {
        return new Selection(type, namespace, selector);
    }
}
