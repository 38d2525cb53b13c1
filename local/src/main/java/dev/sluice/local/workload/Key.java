package dev.sluice.local.workload;

import dev.sluice.json.Json;

/// The name of an object of a kind that is known from the context.
record Key(String namespace, String name) implements Comparable<Key> {
    static Key of(Json object) {
        return new Key(Meta.namespace(object), Meta.name(object));
    }

    @Override
    public int compareTo(Key other) {
        int order = namespace.compareTo(other.namespace);
        return order != 0 ? order : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
