package dev.sluice.local.workload;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// All objects of one kind, in memory: listed once, then followed, listed anew whenever the watch is lost.
///
/// Whoever writes an object tells the cache what the server answered ([#learn]), so a controller reads its own writes
/// and needs no expectations; what the watch brings later is dropped where it is older. Objects come out ordered by
/// namespace and name. Safe for threads; listeners are called one at a time, in order, and must only take notes. They
/// may look into other caches of the same [World]: all have one lock, so no two wait for each other.
final class Cache implements AutoCloseable {
    /// Uids of removed objects that are remembered, so that a late answer does not bring one back.
    private static final int REMEMBERED = 4096;

    private static final Duration FIRST_RETRY = Duration.ofMillis(50);
    private static final Duration LAST_RETRY = Duration.ofSeconds(10);

    /// Told of every change; never both empty.
    interface Listener {
        void changed(Optional<Json.Obj> before, Optional<Json.Obj> after);
    }

    /// Objects by some property of theirs, such as the uid of their controller.
    final class Index {
        private final Function<Json.Obj, List<String>> keys;
        private final Map<String, TreeMap<Key, Json.Obj>> buckets = new LinkedHashMap<>();

        private Index(Function<Json.Obj, List<String>> keys) {
            this.keys = keys;
        }

        List<Json.Obj> get(String key) {
            synchronized (lock) {
                var bucket = buckets.get(key);
                return bucket == null ? List.of() : List.copyOf(bucket.values());
            }
        }

        int count(String key) {
            synchronized (lock) {
                var bucket = buckets.get(key);
                return bucket == null ? 0 : bucket.size();
            }
        }

        private void move(Key at, Optional<Json.Obj> before, Optional<Json.Obj> after) {
            before.ifPresent(old -> keys.apply(old).forEach(key -> {
                var bucket = buckets.get(key);
                if (bucket == null) return;
                bucket.remove(at);
                if (bucket.isEmpty()) buckets.remove(key);
            }));
            after.ifPresent(object -> keys.apply(object)
                    .forEach(key ->
                            buckets.computeIfAbsent(key, _ -> new TreeMap<>()).put(at, object)));
        }
    }

    private final Gateway gateway;
    private final Time time;
    private final ResourceType type;
    private final Object lock;
    private final TreeMap<Key, Json.Obj> objects = new TreeMap<>();
    private final List<Index> indices = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final Map<String, Boolean> gone = new LinkedHashMap<>(16, 0.75f, false) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };
    private Optional<Gateway.Watch> watch = Optional.empty();
    private Optional<Time.Timer> retry = Optional.empty();
    private int epoch;
    private int failures;
    private boolean synced;
    private boolean closed;

    /// @param lock shared by all caches whose listeners look into each other
    Cache(Gateway gateway, Time time, ResourceType type, Object lock) {
        this.gateway = gateway;
        this.time = time;
        this.type = type;
        this.lock = lock;
    }

    ResourceType type() {
        return type;
    }

    /// Adds an index; before [#start] only.
    Index index(Function<Json.Obj, List<String>> keys) {
        var index = new Index(keys);
        synchronized (lock) {
            indices.add(index);
            objects.forEach((key, object) -> index.move(key, Optional.empty(), Optional.of(object)));
        }
        return index;
    }

    /// Adds a listener; it first hears of everything already known.
    void listen(Listener listener) {
        synchronized (lock) {
            listeners.add(listener);
            for (var object : List.copyOf(objects.values())) listener.changed(Optional.empty(), Optional.of(object));
        }
    }

    void start() {
        time.soon(this::list);
    }

    /// Whether everything that exists has been seen once.
    boolean synced() {
        synchronized (lock) {
            return synced;
        }
    }

    Optional<Json.Obj> get(Key key) {
        synchronized (lock) {
            return Optional.ofNullable(objects.get(key));
        }
    }

    /// The object, if it is still the one with this uid.
    Optional<Json.Obj> get(Key key, String uid) {
        return get(key).filter(object -> Meta.uid(object).equals(uid));
    }

    List<Json.Obj> all() {
        synchronized (lock) {
            return List.copyOf(objects.values());
        }
    }

    List<Json.Obj> in(String namespace) {
        synchronized (lock) {
            return List.copyOf(objects.subMap(new Key(namespace, ""), new Key(namespace + "\0", ""))
                    .values());
        }
    }

    /// Takes in what the server answered to a write.
    void learn(Json.Obj object) {
        synchronized (lock) {
            if (!closed) seen(object);
        }
    }

    /// Takes in that the server removed an object.
    void forget(Json.Obj object) {
        synchronized (lock) {
            if (!closed) removed(object);
        }
    }

    private void list() {
        int mine;
        synchronized (lock) {
            if (closed) return;
            mine = ++epoch;
            watch = Optional.empty();
        }
        var reply = gateway.send(new Request.List(Selection.all(type)));
        if (!(reply instanceof Reply.Done(var list))) {
            // A kind that is not served has no objects; it may come to be served later.
            if (reply instanceof Reply.Refused refused && refused.notFound()) none();
            again(mine);
            return;
        }
        var version = list.at("metadata", "resourceVersion").string("");
        replace(list, version);
        var followed = gateway.watch(Selection.all(type), version, event -> on(event, mine));
        synchronized (lock) {
            if (!closed && mine == epoch) {
                watch = Optional.of(followed);
                return;
            }
        }
        followed.close();
    }

    private void none() {
        synchronized (lock) {
            for (var object : List.copyOf(objects.values())) removed(object);
            synced = true;
        }
    }

    private void replace(Json.Obj list, String version) {
        synchronized (lock) {
            if (closed) return;
            long listed = version.matches("[0-9]{1,18}") ? Long.parseLong(version) : 0;
            var left = new TreeMap<>(objects);
            for (var item : list.at("items").items()) {
                var object = whole(item.obj());
                left.remove(Key.of(object));
                seen(object);
            }
            // What was learned after the list was made is not in it, and has not gone.
            for (var object : left.values()) {
                if (Meta.version(object) <= listed) removed(object);
            }
            synced = true;
            failures = 0;
        }
    }

    private void on(WatchEvent event, int mine) {
        synchronized (lock) {
            if (closed || mine != epoch) return;
            switch (event) {
                case WatchEvent.Added(var object) -> seen(whole(object));
                case WatchEvent.Modified(var object) -> seen(whole(object));
                case WatchEvent.Deleted(var object) -> removed(object);
                case WatchEvent.Bookmark _ -> {}
                case WatchEvent.Closed _ -> again(mine);
            }
        }
    }

    private void again(int mine) {
        synchronized (lock) {
            if (closed || mine != epoch) return;
            epoch++;
            watch = Optional.empty();
            var wait = FIRST_RETRY.multipliedBy(1L << Math.min(failures++, 10));
            var when = time.now().plus(wait.compareTo(LAST_RETRY) < 0 ? wait : LAST_RETRY);
            retry = Optional.of(time.at(when, this::list));
        }
    }

    /// Items of a list do not always carry their kind; events and references need it.
    private Json.Obj whole(Json.Obj object) {
        if (object.has("kind") && object.has("apiVersion")) return object;
        var head = Json.obj("apiVersion", type.apiVersion(), "kind", type.kind());
        for (var field : object.fields().entrySet()) head = head.with(field.getKey(), field.getValue());
        return head;
    }

    private void seen(Json.Obj object) {
        if (gone.containsKey(Meta.uid(object))) return;
        var key = Key.of(object);
        var before = Optional.ofNullable(objects.get(key));
        if (before.isPresent() && Meta.version(before.get()) >= Meta.version(object)) return;
        objects.put(key, object);
        tell(key, before, Optional.of(object));
    }

    private void removed(Json.Obj object) {
        var key = Key.of(object);
        gone.put(Meta.uid(object), true);
        var before = Optional.ofNullable(objects.get(key))
                .filter(old -> Meta.uid(old).equals(Meta.uid(object)));
        if (before.isEmpty()) return;
        objects.remove(key);
        tell(key, before, Optional.empty());
    }

    private void tell(Key key, Optional<Json.Obj> before, Optional<Json.Obj> after) {
        for (var index : indices) index.move(key, before, after);
        for (var listener : listeners) listener.changed(before, after);
    }

    @Override
    public void close() {
        Optional<Gateway.Watch> last;
        synchronized (lock) {
            if (closed) return;
            closed = true;
            retry.ifPresent(Time.Timer::cancel);
            last = watch;
            watch = Optional.empty();
        }
        last.ifPresent(Gateway.Watch::close);
    }
}
