package dev.sluice.kube.rollout;

import dev.sluice.json.Json;

/// The name of a Rollout, in the queue and in the journal.
public record Key(String namespace, String name) implements Comparable<Key> {
    public static Key of(Json object) {
        return new Key(
                object.at("metadata", "namespace").string(""),
                object.at("metadata", "name").string(""));
    }

    @Override
    public int compareTo(Key other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
