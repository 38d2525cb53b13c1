package dev.sluice.kube.rollout;

import dev.sluice.cluster.ObjectRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Who reads which object: an index in both directions, as large as what is read.
///
/// Say what is read before reading it: a change between the two is then told to the reader, once too often at worst.
final class Readers {
    private final Map<Key, Set<ObjectRef>> reads = new HashMap<>();
    private final Map<ObjectRef, Set<Key>> readers = new HashMap<>();

    /// @param refs all that it reads; empty for one that is gone
    synchronized void reads(Key reader, Set<ObjectRef> refs) {
        var before = reads.getOrDefault(reader, Set.of());
        if (before.equals(refs)) return;
        for (var ref : before) {
            var others = readers.getOrDefault(ref, new HashSet<>());
            others.remove(reader);
            if (others.isEmpty()) readers.remove(ref);
        }
        if (refs.isEmpty()) reads.remove(reader);
        else reads.put(reader, Set.copyOf(refs));
        for (var ref : refs) readers.computeIfAbsent(ref, _ -> new HashSet<>()).add(reader);
    }

    /// In the order of their names, so that a seed gives the same run again.
    synchronized List<Key> of(ObjectRef ref) {
        return readers.getOrDefault(ref, Set.of()).stream().sorted().toList();
    }
}
