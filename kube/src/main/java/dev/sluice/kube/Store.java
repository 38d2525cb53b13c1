package dev.sluice.kube;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The objects of one selection as far as they are known, and the rules by which news is taken or refused.
///
/// News comes in any order, late or twice: from a watch, from lists, and from the answers to our own writes. Each is
/// judged by its own resource version against that of what is stored. What is *not* stored needs more care: it may be
/// new, or it may be an old report of something that has been deleted since. Four things tell:
///
/// - the version of the last *list*: what was not in it did not exist then;
/// - a *tombstone*, kept for each deletion seen, the last [#tombstoneLimit] of them;
/// - the *floor*, the latest version among the tombstones that were dropped: at or below it the answer is unknown, the
///   news is refused and [#doubt] raised, upon which the owner compares with the server;
/// - the *position*, up to which the watch has shown everything: an answer to a write that is at or below it, of an
///   object that is not stored, is of an object that is gone.
///
/// Not safe for several threads; [ObjectCache] locks.
final class Store {
    /// @param namespace empty for cluster-scoped objects
    record Key(String namespace, String name) implements Comparable<Key> {
        static Key of(Json object) {
            var metadata = object.at("metadata");
            return new Key(
                    metadata.at("namespace").string(""), metadata.at("name").string(""));
        }

        @Override
        public int compareTo(Key other) {
            int byNamespace = namespace.compareTo(other.namespace);
            return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
        }
    }

    record Change(Optional<Json.Obj> old, Optional<Json.Obj> now) {}

    /// @param serial the count of changes when it was stored
    private record Entry(Json.Obj object, long serial) {}

    /// @param version of the deletion, where known
    /// @param last this incarnation is gone for good: it did not merely leave the selection
    private record Tombstone(String uid, String version, boolean last, long serial) {}

    private final Selection selection;
    private final LabelSelector selector;
    private final int tombstoneLimit;
    private final NavigableMap<Key, Entry> entries = new TreeMap<>();
    private final Map<Key, Tombstone> tombstones;
    private final Map<String, Function<Json.Obj, List<String>>> indexers = new TreeMap<>();
    private final Map<String, NavigableMap<String, SortedSet<Key>>> indices = new TreeMap<>();
    private String floor = "0";
    private String listed = "";
    private String position = "";
    private boolean doubt;
    private long serial;

    Store(Selection selection, int tombstoneLimit) {
        this.selection = selection;
        this.selector = LabelSelector.parse(selection.labels());
        this.tombstoneLimit = tombstoneLimit;
        this.tombstones = new LinkedHashMap<>();
    }

    void index(String name, Function<Json.Obj, List<String>> values) {
        indexers.put(name, values);
        var index = new TreeMap<String, SortedSet<Key>>();
        indices.put(name, index);
        entries.forEach((key, entry) -> indexIn(index, values.apply(entry.object()), key));
    }

    Optional<Json.Obj> get(Key key) {
        return Optional.ofNullable(entries.get(key)).map(Entry::object);
    }

    List<Json.Obj> all() {
        return entries.values().stream().map(Entry::object).toList();
    }

    List<Json.Obj> in(String namespace) {
        var found = new ArrayList<Json.Obj>();
        for (var entry : entries.tailMap(new Key(namespace, "")).entrySet()) {
            if (!entry.getKey().namespace().equals(namespace)) break;
            found.add(entry.getValue().object());
        }
        return found;
    }

    List<Json.Obj> by(String index, String value) {
        var values = indices.get(index);
        if (values == null)
            throw new IllegalArgumentException("no index named " + index + ", only " + indices.keySet());
        var keys = values.get(value);
        if (keys == null) return List.of();
        var found = new ArrayList<Json.Obj>(keys.size());
        for (var key : keys) get(key).ifPresent(found::add);
        return found;
    }

    int size() {
        return entries.size();
    }

    int tombstones() {
        return tombstones.size();
    }

    String position() {
        return position;
    }

    void advance(String version) {
        if (!version.isEmpty()) position = Version.later(position, version);
    }

    /// The count of changes so far. Take it before a list is asked for, and hand it to [#replace].
    long serial() {
        return serial;
    }

    /// Whether news was refused that may have been true; asking lowers the flag.
    boolean doubt() {
        var was = doubt;
        doubt = false;
        return was;
    }

    /// Takes a report from the watch that an object is so.
    List<Change> seen(Json.Obj object) {
        return put(object, false);
    }

    /// Takes the server's answer to a write or read of our own.
    List<Change> learned(Json.Obj object) {
        var key = Key.of(object);
        if (selection.namespace().isPresent() && !selection.namespace().get().equals(key.namespace())) return List.of();
        return selector.matches(object) ? put(object, true) : left(object);
    }

    private List<Change> put(Json.Obj object, boolean own) {
        var key = Key.of(object);
        var version = version(object);
        var entry = entries.get(key);
        if (entry == null) {
            if (own && Version.atMost(version, position)) return List.of();
            return buried(key, object) ? List.of() : List.of(store(key, object));
        }
        var stored = version(entry.object());
        if (stored.equals(version) || Version.before(version, stored)) return List.of();
        if (uid(object).equals(uid(entry.object()))) return List.of(store(key, object));
        // Deleted and made anew: two facts, told as two.
        var removed = remove(key, version(object), true);
        tombstones.remove(key);
        return List.of(removed, store(key, object));
    }

    /// Whether a report of an object that is not stored is older than its deletion.
    private boolean buried(Key key, Json.Obj object) {
        var version = version(object);
        if (Version.atMost(version, listed)) return true;
        var tombstone = tombstones.get(key);
        if (tombstone != null) {
            var same = !tombstone.uid().isEmpty() && tombstone.uid().equals(uid(object));
            if (same && tombstone.last()) return true;
            if (Version.atMost(version, tombstone.version())) return true;
            if (same
                    && !selective()
                    && Version.compare(version, tombstone.version()).isEmpty()) return true;
        }
        // Also where there is a tombstone: it may be of an earlier deletion than one that was dropped.
        if (!Version.atMost(version, floor)) return false;
        doubt = true;
        return true;
    }

    /// Takes a report from the watch that an object is gone, or has left the selection.
    List<Change> left(Json.Obj object) {
        var key = Key.of(object);
        var entry = entries.get(key);
        if (entry == null) {
            bury(key, uid(object), version(object), false);
            return List.of();
        }
        boolean older = Version.before(version(object), version(entry.object()));
        boolean same = uid(object).equals(uid(entry.object()));
        if (older && (!same || selective())) return List.of();
        return List.of(remove(key, version(object), false));
    }

    /// Takes the server's answer that an incarnation has been deleted for good.
    List<Change> gone(Key key, String uid) {
        var entry = entries.get(key);
        if (entry != null && uid.equals(uid(entry.object()))) {
            return List.of(remove(key, version(entry.object()), true));
        }
        if (entry == null) bury(key, uid, position, true);
        return List.of();
    }

    /// What a list brought to light.
    ///
    /// @param missed reports that the watch must have swallowed: it was past them
    record Replaced(List<Change> changes, int missed) {}

    /// Takes a whole list.
    ///
    /// @param before [#serial] before the list was asked for
    Replaced replace(List<Json.Obj> items, String version, long before) {
        var changes = new ArrayList<Change>();
        var keys = new TreeSet<Key>();
        int missed = 0;
        for (var item : items) {
            var key = Key.of(item);
            keys.add(key);
            var entry = entries.get(key);
            var tombstone = tombstones.get(key);
            boolean lagging = !Version.atMost(version(item), position);
            if (entry == null) {
                if (tombstone != null && outlived(item, version, tombstone, before)) continue;
                if (Version.before(version, floor)) {
                    doubt = true;
                    continue;
                }
                tombstones.remove(key);
                changes.add(store(key, item));
                if (!lagging) missed++;
            } else if (Version.compare(version(item), version(entry.object())).isPresent()
                    || entry.serial() <= before) {
                var taken = put(item, false);
                changes.addAll(taken);
                if (!lagging && !taken.isEmpty()) missed++;
            }
        }
        for (var key : List.copyOf(entries.keySet())) {
            var entry = entries.get(key);
            if (entry == null || keys.contains(key)) continue;
            var order = Version.compare(version(entry.object()), version);
            if (order.isPresent() ? order.getAsInt() <= 0 : entry.serial() <= before) {
                changes.add(remove(key, version, false));
            }
        }
        listed = version;
        advance(version);
        return new Replaced(changes, missed);
    }

    /// The first of the listed objects that is stored in a later state, though the list is as late as that state. One
    /// history cannot have both.
    Optional<Key> earlier(List<Json.Obj> items, String version) {
        return items.stream()
                .filter(item -> {
                    var entry = entries.get(Key.of(item));
                    if (entry == null) return false;
                    var stored = version(entry.object());
                    return Version.before(version(item), stored) && Version.atMost(stored, version);
                })
                .map(Key::of)
                .findFirst();
    }

    /// Whether a listed object has been deleted since the list was read.
    private static boolean outlived(Json.Obj item, String listVersion, Tombstone tombstone, long before) {
        if (tombstone.last() && tombstone.uid().equals(uid(item))) return true;
        var order = Version.compare(listVersion, tombstone.version());
        return order.isPresent() ? order.getAsInt() < 0 : tombstone.serial() > before;
    }

    /// Forgets all versions, after the server's history went backwards (restored from a backup), and takes a list as it
    /// is.
    Replaced restart(List<Json.Obj> items, String version) {
        tombstones.clear();
        floor = "0";
        listed = version;
        position = version;
        var changes = new ArrayList<Change>();
        var wanted = new TreeMap<Key, Json.Obj>();
        for (var item : items) wanted.put(Key.of(item), item);
        for (var key : List.copyOf(entries.keySet())) {
            var entry = entries.get(key);
            var item = wanted.get(key);
            if (entry != null && (item == null || !uid(item).equals(uid(entry.object())))) {
                changes.add(remove(key, version, false));
            }
        }
        tombstones.clear();
        wanted.forEach((key, item) -> {
            if (!get(key).equals(Optional.of(item))) changes.add(store(key, item));
        });
        return new Replaced(changes, 0);
    }

    private boolean selective() {
        return !selection.labels().isEmpty();
    }

    private Change store(Key key, Json.Obj object) {
        tombstones.remove(key);
        var old = entries.put(key, new Entry(object, ++serial));
        reindex(key, old == null ? null : old.object(), object);
        return new Change(Optional.ofNullable(old).map(Entry::object), Optional.of(object));
    }

    private Change remove(Key key, String version, boolean last) {
        var old = entries.remove(key);
        if (old == null) throw new IllegalStateException(key + " is not stored");
        reindex(key, old.object(), null);
        bury(key, uid(old.object()), Version.later(version(old.object()), version), last);
        return new Change(Optional.of(old.object()), Optional.empty());
    }

    private void bury(Key key, String uid, String version, boolean last) {
        var older = tombstones.get(key);
        // A late report of an earlier deletion says nothing about the later one.
        if (older != null && Version.before(version, older.version())) return;
        boolean sameLast = older != null && older.last() && older.uid().equals(uid);
        tombstones.remove(key);
        tombstones.put(key, new Tombstone(uid, version, last || sameLast, ++serial));
        while (tombstones.size() > tombstoneLimit) {
            var eldest = tombstones.entrySet().iterator().next();
            if (Version.before(floor, eldest.getValue().version())) {
                floor = eldest.getValue().version();
            }
            tombstones.remove(eldest.getKey());
        }
    }

    private void reindex(Key key, Json.@Nullable Obj old, Json.@Nullable Obj now) {
        indexers.forEach((name, values) -> {
            var index = indices.get(name);
            if (index == null) return;
            if (old != null) {
                for (var value : values.apply(old)) {
                    var keys = index.get(value);
                    if (keys == null) continue;
                    keys.remove(key);
                    if (keys.isEmpty()) index.remove(value);
                }
            }
            if (now != null) indexIn(index, values.apply(now), key);
        });
    }

    private static void indexIn(Map<String, SortedSet<Key>> index, List<String> values, Key key) {
        for (var value : values)
            index.computeIfAbsent(value, any -> new TreeSet<>()).add(key);
    }

    static String version(Json object) {
        return object.at("metadata", "resourceVersion").string("");
    }

    static String uid(Json object) {
        return object.at("metadata", "uid").string("");
    }
}
