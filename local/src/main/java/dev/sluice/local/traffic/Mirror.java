package dev.sluice.local.traffic;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All objects of one type, followed: lists, watches, and lists anew whenever a watch ends.
final class Mirror implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Mirror.class);
    private static final Duration SHORTEST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private final Gateway cluster;
    private final ResourceType type;
    private final Listener listener;
    private final SortedMap<String, Json.Obj> objects = new TreeMap<>();
    private final CountDownLatch listed = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /// Told of every change, one at a time.
    interface Listener {
        /// @param key `namespace/name`
        void put(String key, Json.Obj object);

        void removed(String key);
    }

    Mirror(Gateway cluster, ResourceType type, Listener listener) {
        this.cluster = cluster;
        this.type = type;
        this.listener = listener;
        this.thread = Thread.ofVirtual().name("mirror-" + type.plural()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Waits for the first complete list.
    boolean awaitListed(Duration atMost) throws InterruptedException {
        return listed.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    static String key(Json object) {
        return object.at("metadata", "namespace").string("") + "/"
                + object.at("metadata", "name").string("");
    }

    private void run() {
        var pause = SHORTEST;
        try {
            while (closed.getCount() > 0) {
                boolean went = round();
                pause = went || pause.compareTo(LONGEST) >= 0 ? (went ? SHORTEST : LONGEST) : pause.multipliedBy(2);
                if (closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) return;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException bug) {
            log.error("no longer following {}", type, bug);
        }
    }

    /// One list and the watch after it.
    ///
    /// @return whether the list came
    private boolean round() throws InterruptedException {
        switch (cluster.send(new Request.List(Selection.all(type)))) {
            case Reply.Done(var list) -> {
                replace(list);
                follow(list.at("metadata", "resourceVersion").string(""));
                return true;
            }
            case Reply.Refused refused -> log.debug("cannot list {}: {}", type, refused.message());
            case Reply.Lost(var _, var why) -> log.debug("cannot list {}: {}", type, why);
        }
        return false;
    }

    private synchronized void replace(Json list) {
        var seen = new TreeMap<String, Json.Obj>();
        for (var item : list.at("items").items()) seen.put(key(item), item.obj());
        for (var gone : new TreeMap<>(objects).keySet()) {
            if (!seen.containsKey(gone)) remove(gone);
        }
        seen.forEach(this::put);
        listed.countDown();
    }

    private void follow(String resourceVersion) throws InterruptedException {
        var over = new CountDownLatch(1);
        try (var _ = cluster.watch(Selection.all(type), resourceVersion, event -> {
            if (event instanceof WatchEvent.Closed) over.countDown();
            else take(event);
        })) {
            while (!over.await(200, TimeUnit.MILLISECONDS)) {
                if (closed.getCount() == 0) return;
            }
        }
    }

    private synchronized void take(WatchEvent event) {
        if (closed.getCount() == 0) return;
        switch (event) {
            case WatchEvent.Added(var object) -> put(key(object), object);
            case WatchEvent.Modified(var object) -> put(key(object), object);
            case WatchEvent.Deleted(var object) -> remove(key(object));
            case WatchEvent.Bookmark _, WatchEvent.Closed _ -> {}
        }
    }

    private void put(String key, Json.Obj object) {
        if (object.equals(objects.put(key, object))) return;
        told(() -> listener.put(key, object), key);
    }

    private void remove(String key) {
        if (objects.remove(key) != null) told(() -> listener.removed(key), key);
    }

    /// One object that cannot be understood must not harm the others.
    private void told(Runnable listening, String key) {
        try {
            listening.run();
        } catch (RuntimeException bug) {
            log.error("cannot take {} {}", type, key, bug);
        }
    }

    /// A copy of all objects.
    synchronized Map<String, Json.Obj> objects() {
        return new TreeMap<>(objects);
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
