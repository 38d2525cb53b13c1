package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// One ordered log with a single revision counter, and keyed maps over it.
///
/// A revision is the `resourceVersion` of an object or a list. The log keeps the last [#history] changes; what is older
/// is compacted: a watch or a page that starts there is answered 410. Not safe for threads: [ApiServer] holds its lock.
final class Store {
    /// Where an object stands in its collection; ordered as lists are.
    record Key(String namespace, String name) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int order = namespace.compareTo(other.namespace);
            return order != 0 ? order : name.compareTo(other.name);
        }
    }

    /// One change: `before` empty for a creation, `after` empty for a removal.
    ///
    /// @param last the object as watchers see it: `after`, or what was removed, with the revision of the removal
    record Change(
            long revision,
            String collection,
            Key key,
            Optional<Json.Obj> before,
            Optional<Json.Obj> after,
            Json.Obj last) {}

    private final int history;
    private final TreeMap<String, TreeMap<Key, Json.Obj>> collections = new TreeMap<>();
    private final ArrayDeque<Change> log = new ArrayDeque<>();
    private final TreeMap<String, List<Feed>> feeds = new TreeMap<>();
    private long revision = 1;
    private long compacted;

    Store(int history) {
        this.history = history;
    }

    long revision() {
        return revision;
    }

    /// The oldest revision from which everything since is still known.
    long oldest() {
        return compacted;
    }

    NavigableMap<Key, Json.Obj> objects(String collection) {
        return Collections.unmodifiableNavigableMap(collections.getOrDefault(collection, EMPTY));
    }

    private static final TreeMap<Key, Json.Obj> EMPTY = new TreeMap<>();

    Optional<Json.Obj> get(String collection, Key key) {
        var objects = collections.get(collection);
        return Optional.ofNullable(objects == null ? null : objects.get(key));
    }

    /// Puts an object and gives it the next revision.
    Json.Obj put(String collection, Key key, Json.Obj object) {
        var stored = stamped(object, ++revision);
        var objects = collections.computeIfAbsent(collection, _ -> new TreeMap<>());
        var before = Optional.ofNullable(objects.put(key, stored));
        append(new Change(revision, collection, key, before, Optional.of(stored), stored));
        return stored;
    }

    /// Removes an object; what is returned carries the revision of the removal.
    ///
    /// @param last the object as it was when it went, where that differs from what is stored
    Json.Obj remove(String collection, Key key, Json.Obj last) {
        var objects = collections.computeIfAbsent(collection, _ -> new TreeMap<>());
        var before = Optional.ofNullable(objects.remove(key));
        var gone = stamped(last, ++revision);
        append(new Change(revision, collection, key, before, Optional.empty(), gone));
        return gone;
    }

    static Json.Obj stamped(Json.Obj object, long revision) {
        return object.with("metadata", object.at("metadata").obj().with("resourceVersion", Long.toString(revision)));
    }

    private void append(Change change) {
        log.addLast(change);
        while (log.size() > history) compacted = log.removeFirst().revision();
        for (var feed : feeds.getOrDefault(change.collection(), List.of())) feed.offer(change);
    }

    /// Forgets the log up to a revision, as a cluster's compaction does.
    void compact(long upTo) {
        while (!log.isEmpty() && log.getFirst().revision() <= upTo)
            compacted = log.removeFirst().revision();
    }

    /// The changes of a collection after a revision.
    List<Change> since(String collection, long after) {
        var changes = new ArrayList<Change>();
        for (var newest = log.descendingIterator(); newest.hasNext(); ) {
            var change = newest.next();
            if (change.revision() <= after) break;
            if (change.collection().equals(collection)) changes.add(change);
        }
        Collections.reverse(changes);
        return changes;
    }

    /// A collection as it was at a revision that is not compacted: today's, with what came later undone.
    NavigableMap<Key, Json.Obj> objectsAt(String collection, long at) {
        if (at >= revision) return objects(collection);
        var objects = new TreeMap<>(objects(collection));
        for (var change : since(collection, at).reversed()) {
            change.before()
                    .ifPresentOrElse(before -> objects.put(change.key(), before), () -> objects.remove(change.key()));
        }
        return objects;
    }

    /// Makes a feed receive all further changes of a collection.
    void attach(String collection, Feed feed) {
        feeds.merge(collection, List.of(feed), (old, more) -> {
            var both = new ArrayList<>(old);
            both.addAll(more);
            return List.copyOf(both);
        });
    }

    void detach(String collection, Feed feed) {
        feeds.computeIfPresent(collection, (_, old) -> {
            var rest = old.stream().filter(other -> other != feed).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    Collection<Feed> feeds() {
        return feeds.values().stream().flatMap(List::stream).toList();
    }

    Collection<Feed> feeds(String collection) {
        return feeds.getOrDefault(collection, List.of());
    }
}
