package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Wakes a command when something it shows has changed. It is told *that*, not what: the command reads anew, so a
/// missed or repeated event does no harm.
final class Follow implements AutoCloseable {
    /// A watch that cannot be had is asked for again after this.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Api api;
    private final List<Selection> selections;
    private final Semaphore changed = new Semaphore(0);
    private final Map<Selection, Gateway.Watch> watches = new LinkedHashMap<>();
    private final Map<Selection, AtomicBoolean> over = new LinkedHashMap<>();

    Follow(Api api, List<Selection> selections) {
        this.api = api;
        this.selections = List.copyOf(selections);
        open();
    }

    private void open() {
        for (var selection : selections) {
            var ended = over.get(selection);
            if (ended != null && !ended.get()) continue;
            var version =
                    api.answer(selection).at("metadata", "resourceVersion").string("");
            var closed = new AtomicBoolean();
            over.put(selection, closed);
            var old = watches.put(selection, api.gateway().watch(selection, version, event -> told(event, closed)));
            if (old != null) old.close();
            // What happened between the reading before and this watch has no event.
            if (ended != null) changed.release();
        }
    }

    private void told(WatchEvent event, AtomicBoolean closed) {
        switch (event) {
            case WatchEvent.Bookmark _ -> {}
            case WatchEvent.Closed _ -> {
                closed.set(true);
                changed.release();
            }
            case WatchEvent.Added _, WatchEvent.Modified _, WatchEvent.Deleted _ -> changed.release();
        }
    }

    /// Waits for a change, at most so long.
    void await(Duration most) throws InterruptedException {
        boolean lost = over.values().stream().anyMatch(AtomicBoolean::get);
        var wait = lost && most.compareTo(PATIENCE) > 0 ? PATIENCE : most;
        if (changed.tryAcquire(Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS)) changed.drainPermits();
        open();
    }

    @Override
    public void close() {
        watches.values().forEach(Gateway.Watch::close);
    }
}
