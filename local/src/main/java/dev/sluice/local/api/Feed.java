package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// The events of one watch, in order, between the store that writes them and one reader that takes them in its own
/// time.
///
/// Bounded: a reader that falls [#CAPACITY] events behind loses the watch (410), never an event in the middle of it.
public final class Feed {
    /// Events that may wait for a reader, beyond those that the watch began with.
    static final int CAPACITY = 10_000;

    /// What kind of line an event is.
    public enum Type {
        ADDED,
        MODIFIED,
        DELETED,
        BOOKMARK,
        ERROR
    }

    /// One event; of an `ERROR` the object is a `Status`, of a `BOOKMARK` it is metadata only.
    public record Event(Type type, Json.Obj object) {}

    private final Predicate<Store.Change> about;
    private final Predicate<Json.Obj> selected;
    private final LinkedBlockingQueue<Event> waiting = new LinkedBlockingQueue<>();
    /// Events that may wait: what the watch began with is never too much.
    private final int room;
    private final Runnable release;
    private volatile Runnable wake = () -> {};
    private volatile boolean ended;
    private volatile long revision;

    Feed(
            Predicate<Store.Change> about,
            Predicate<Json.Obj> selected,
            List<Event> replay,
            long revision,
            java.util.function.Consumer<Feed> release) {
        this.about = about;
        this.selected = selected;
        this.revision = revision;
        this.release = () -> release.accept(this);
        this.room = CAPACITY + replay.size();
        waiting.addAll(replay);
    }

    /// Calls `ready` whenever there is something to take; at once where there is already.
    void onReady(Runnable ready) {
        wake = ready;
        if (!waiting.isEmpty()) ready.run();
    }

    /// True while something is there to be taken.
    boolean waits() {
        return !waiting.isEmpty();
    }

    void offer(Store.Change change) {
        if (ended || change.revision() <= revision) return;
        revision = change.revision();
        var event = translate(change, about, selected);
        if (event.isPresent()) offer(event.get());
    }

    void offer(Event event) {
        if (ended) return;
        if (waiting.size() >= room) {
            end(Optional.of(Failure.expired("the watcher fell " + CAPACITY + " events behind")
                    .status()));
            return;
        }
        waiting.add(event);
        wake.run();
    }

    /// How one change looks to a watcher of a part of the collection: what enters the part is added, what leaves it is
    /// deleted.
    static Optional<Event> translate(Store.Change change, Predicate<Store.Change> about, Predicate<Json.Obj> selected) {
        if (!about.test(change)) return Optional.empty();
        boolean was = change.before().filter(selected).isPresent();
        boolean is = change.after().filter(selected).isPresent();
        if (was && is) return Optional.of(new Event(Type.MODIFIED, change.last()));
        if (is) return Optional.of(new Event(Type.ADDED, change.last()));
        if (!was) return Optional.empty();
        return Optional.of(new Event(
                Type.DELETED,
                change.after().isEmpty()
                        ? change.last()
                        : Store.stamped(change.before().orElseThrow(), change.revision())));
    }

    /// Ends the watch; what waits is still given out, then the error if there is one.
    void end(Optional<Json.Obj> error) {
        if (ended) return;
        ended = true;
        error.ifPresent(status -> waiting.add(new Event(Type.ERROR, status)));
        release.run();
        wake.run();
    }

    /// Ends the watch from the reader's side; nothing more is given out.
    public void close() {
        ended = true;
        waiting.clear();
        release.run();
        wake.run();
    }

    /// True once the watch has ended and everything was taken.
    public boolean exhausted() {
        return ended && waiting.isEmpty();
    }

    /// The revision up to which everything that concerns this watch has been queued.
    long revision() {
        return revision;
    }

    /// Takes what there is, without waiting.
    List<Event> take() {
        var events = new ArrayList<Event>();
        waiting.drainTo(events);
        return events;
    }

    /// Takes the next event, waiting for one.
    Optional<Event> take(Duration patience) throws InterruptedException {
        return Optional.ofNullable(waiting.poll(patience.toMillis(), TimeUnit.MILLISECONDS));
    }
}
