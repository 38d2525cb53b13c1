package dev.sluice.kube;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A local copy of the objects of one selection, kept up to date.
///
/// ```
///            ok                    closed: go on from the last version
///   list ────────► follow ◄──────────────────────┐
///    ▲  ▲           │   │                          │
///    │  └─ failed,  │   └──────────────────────────┘
///    │     backoff  │ expired: backoff
///    └──────────────┘                   every `compareEvery`: list, and correct what differs
/// ```
///
/// A server may lose its history: an etcd restored from a backup, an embedded cluster started anew on the same port. It
/// does not say so. A watch from a version that it has not reached yet is silent, without so much as a bookmark, and
/// ends in good order. What gives it away is a list: one older than what was shown before, or one that shows an object
/// as it was before a state that the list is late enough to know. When lists insist, they are believed.
///
/// What the copy promises:
///
/// - it never shows an object as it was before a state that it has already shown, nor one again that is deleted;
/// - after [#learn] it shows that state or a newer one (read your own writes);
/// - once faults cease, it equals the server; what a watch swallows is found by the periodic comparison;
/// - iteration is ordered by namespace and name.
///
/// **Locking.** One lock guards store and reflector state; neither the gateway nor a listener is ever called with it
/// held. Changes are put into a queue under that lock and told by one thread at a time, in their order; so a listener
/// needs no lock of its own against itself, and when it is called the store already shows the change (or a later one).
/// A change made from inside a listener is told after that listener returns. Under virtual time all of this happens on
/// the one thread.
public final class ObjectCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectCache.class);

    /// Stale lists in a row after which the server is believed to have lost history, not us.
    private static final int STALE_LISTS_BELIEVED = 3;

    /// A watch that lived so long was well, whatever it brought.
    private static final Duration HEALTHY_WATCH = Duration.ofSeconds(10);

    /// A watch is doubted that has said nothing for so long. API servers send a bookmark every minute, so a healthy
    /// one has mostly spoken by then.
    private static final Duration FIRST_WORD = Duration.ofMinutes(2);

    /// Watches in a row that brought nothing, after which a list is made.
    private static final int WATCHES_BEFORE_LIST = 3;

    /// @param compareEvery how often the copy is compared with the server; zero for never. Jittered by up to a quarter
    /// @param strip what of an object is kept: applied to each before it is stored, to bound memory
    /// @param tombstones how many deletions are remembered against late reports
    /// @param seed of the jitter
    public record Options(
            Duration compareEvery, Backoff backoff, UnaryOperator<Json.Obj> strip, int tombstones, long seed) {
        /// Compares every 15 minutes (Argo's resync period), drops `managedFields`.
        public static Options standard(long seed) {
            return new Options(
                    Duration.ofMinutes(15),
                    Backoff.SERVER,
                    object -> object.withoutAt(List.of("metadata", "managedFields")),
                    4_096,
                    seed);
        }

        public Options comparingEvery(Duration interval) {
            return new Options(interval, backoff, strip, tombstones, seed);
        }
    }

    /// Is told of changes.
    public interface Listener {
        /// @param old the object as it was shown before, empty when it is new
        /// @param now the object as it is shown since, empty when it is gone. Never are both empty; an object
        ///     that was deleted and made anew is told as two changes
        void changed(Optional<Json.Obj> old, Optional<Json.Obj> now);
    }

    /// @param events lines of watches
    /// @param unreadable objects without a name, and those that `strip` failed on
    /// @param corrections changes that only the comparison with the server brought
    /// @param deafWatches watches replaced because they had swallowed something
    public record Stats(
            int objects,
            int tombstones,
            long lists,
            long watches,
            long events,
            long unreadable,
            long corrections,
            long deafWatches) {}

    private final Gateway gateway;
    private final Time time;
    private final Selection selection;
    private final Options options;

    private final ReentrantLock lock = new ReentrantLock();
    private final Store store;
    private final RandomGenerator random;
    private final List<Listener> listeners = new ArrayList<>();
    private final ArrayDeque<Runnable> untold = new ArrayDeque<>();
    private final List<Runnable> awaitingSync = new ArrayList<>();
    private boolean telling;
    private boolean started;
    private boolean closed;
    private boolean synced;
    private boolean listing;
    private long epoch;
    private Gateway.@Nullable Watch watch;
    private Time.@Nullable Timer next;
    private Time.@Nullable Timer comparison;
    private Time.@Nullable Timer firstWord;
    private Instant watchSince = Instant.MIN;
    private String positionAtWatch = "";
    private String heard = "";
    private String owed = "";
    private int failures;
    private int staleLists;
    /// Comparisons since a list was first doubted, which may have failed in between.
    private int doubts;

    private Optional<String> trouble = Optional.empty();
    private long lists;
    private long watches;
    private long events;
    private long unreadable;
    private long corrections;
    private long deafWatches;

    public ObjectCache(Gateway gateway, Time time, Selection selection, Options options) {
        this.gateway = gateway;
        this.time = time;
        this.selection = selection;
        this.options = options;
        this.store = new Store(selection, options.tombstones());
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(options.seed());
        store.index("owner", ObjectCache::ownerUids);
        store.index(
                "label",
                object -> object.at("metadata", "labels").strings().entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .toList());
    }

    public Selection selection() {
        return selection;
    }

    /// Begins to list and follow; returns at once.
    public void start() {
        lock.lock();
        try {
            if (started) return;
            started = true;
        } finally {
            lock.unlock();
        }
        time.soon(() -> list(false));
    }

    /// Whether the server's objects have been read once: before that, "not here" means nothing.
    public boolean synced() {
        return locked(() -> synced);
    }

    /// Runs a task as soon as [#synced] holds and the listeners know all of it; at once where that is so.
    public void whenSynced(Runnable task) {
        locked(() -> {
            if (synced) untold.add(task);
            else awaitingSync.add(task);
            return true;
        });
        tell();
    }

    /// Why the copy may be behind: the last failure of list or watch since when all was well.
    public Optional<String> trouble() {
        return locked(() -> trouble);
    }

    public Stats stats() {
        return locked(() -> new Stats(
                store.size(), store.tombstones(), lists, watches, events, unreadable, corrections, deafWatches));
    }

    /// Adds an index, before or after the start.
    ///
    /// @param values the values that an object is found under; a pure function
    public void index(String name, Function<Json.Obj, List<String>> values) {
        locked(() -> {
            store.index(name, values);
            return true;
        });
    }

    /// Adds a listener; it is first told of every object there is.
    public void listen(Listener listener) {
        locked(() -> {
            for (var object : store.all()) untold.add(() -> tell(listener, Optional.empty(), Optional.of(object)));
            listeners.add(listener);
            return true;
        });
        tell();
    }

    /// @param namespace empty for cluster-scoped objects
    public Optional<Json.Obj> get(String namespace, String name) {
        return locked(() -> store.get(new Store.Key(namespace, name)));
    }

    /// All objects, by namespace and name.
    public List<Json.Obj> all() {
        return locked(store::all);
    }

    public List<Json.Obj> in(String namespace) {
        return locked(() -> store.in(namespace));
    }

    /// The objects that name an owner by this uid.
    public List<Json.Obj> ownedBy(String uid) {
        return by("owner", uid);
    }

    /// The objects of one namespace that a selector matches.
    public List<Json.Obj> matching(String namespace, LabelSelector selector) {
        return in(namespace).stream().filter(selector::matches).toList();
    }

    public List<Json.Obj> labelled(String label, String value) {
        return by("label", label + "=" + value);
    }

    /// The objects found under a value of an index.
    ///
    /// @throws IllegalArgumentException when there is no such index
    public List<Json.Obj> by(String index, String value) {
        return locked(() -> store.by(index, value));
    }

    /// Takes the server's answer to a write or a read of our own, so that the next look shows it. Objects of another
    /// selection and older states are ignored.
    public void learn(Json.Obj written) {
        var kind = written.at("kind").string(selection.type().kind());
        if (!kind.equals(selection.type().kind())) return;
        ingest(written).ifPresent(object -> change(() -> store.learned(object)));
    }

    /// Takes the server's answer that an object has been removed: not merely marked for deletion.
    ///
    /// @param uid the incarnation; where the answer did not say, only the watch can tell
    public void learnGone(ObjectRef ref, String uid) {
        if (!ref.type().equals(selection.type()) || uid.isEmpty()) return;
        if (selection.namespace().filter(mine -> !mine.equals(ref.namespace())).isPresent()) return;
        change(() -> store.gone(new Store.Key(ref.namespace(), ref.name()), uid));
    }

    /// Ends it: no more requests, watches or calls of listeners. What is stored stays readable.
    @Override
    public void close() {
        Gateway.Watch last;
        lock.lock();
        try {
            closed = true;
            epoch++;
            last = watch;
            watch = null;
            if (next != null) next.cancel();
            if (comparison != null) comparison.cancel();
            if (firstWord != null) firstWord.cancel();
            untold.clear();
            awaitingSync.clear();
        } finally {
            lock.unlock();
        }
        if (last != null) last.close();
    }

    // ── list ────────────────────────────────────────────────────────────────────────────────────────────────────────

    private void list(boolean comparing) {
        long before;
        String shown;
        lock.lock();
        try {
            if (closed) return;
            if (comparing && (listing || watch == null)) {
                armComparison();
                return;
            }
            if (listing) {
                next = time.at(time.now().plus(options.backoff().first()), () -> list(false));
                return;
            }
            listing = true;
            lists++;
            before = store.serial();
            shown = store.position();
        } finally {
            lock.unlock();
        }
        Reply reply;
        try {
            reply = gateway.send(new Request.List(selection));
        } catch (RuntimeException ours) {
            // A gateway must not throw; one that does must not end the cache.
            LOG.error("listing {} crashed", selection, ours);
            reply = new Reply.Lost("the list crashed: " + ours);
        }
        // Stripping thousands of objects is not done under the lock.
        var items = reply.answer().stream()
                .flatMap(answer -> answer.at("items").items().stream())
                .flatMap(item -> ingest(item.obj()).stream())
                .toList();
        boolean follows;
        lock.lock();
        try {
            listing = false;
            if (closed) return;
            follows = switch (reply) {
                case Reply.Done(var answer) -> take(answer, items, before, shown, comparing);
                case Reply.Refused(var code, var reason, var message, var retryAfter) -> {
                    if (!comparing) failed("list refused: " + code + " " + reason + ": " + message, retryAfter);
                    yield false;
                }
                case Reply.Lost(var _, var why) -> {
                    if (!comparing) failed("list lost: " + why, Optional.empty());
                    yield false;
                }
            };
            if (comparing) armComparison();
        } finally {
            lock.unlock();
        }
        tell();
        if (follows) follow(true);
    }

    /// @param shown the position when the list was asked for
    /// @return whether a watch is to be started
    private boolean take(Json.Obj answer, List<Json.Obj> items, long before, String shown, boolean comparing) {
        var version = Store.version(answer);
        if (version.isEmpty() || !(answer.at("items") instanceof Json.Arr)) {
            if (!comparing) failed("the answer to a list has no items or no resourceVersion", Optional.empty());
            return false;
        }
        var doubtful = contradiction(items, version, shown);
        if (doubtful.isPresent() && ++staleLists < STALE_LISTS_BELIEVED) {
            trouble = doubtful;
            // While it compares, the next one that is due comes soon.
            if (!comparing) failed(doubtful.get(), Optional.empty());
            return false;
        }
        boolean restart = doubtful.isPresent();
        if (!restart && comparing && Version.before(version, store.position())) {
            // The watch has been faster than this list, which so says nothing new.
            staleLists = 0;
            return false;
        }
        if (restart) {
            LOG.warn(
                    "{}: {} lists contradict what was seen before ({}); taking the server's word",
                    selection,
                    staleLists,
                    doubtful.get());
        }
        var replaced = restart ? store.restart(items, version) : store.replace(items, version, before);
        staleLists = 0;
        enqueue(replaced.changes());
        if (!synced) {
            synced = true;
            untold.addAll(awaitingSync);
            awaitingSync.clear();
        }
        if (!comparing) {
            trouble = Optional.empty();
            heard = version;
            owed = "";
            if (comparison == null) armComparison();
            return true;
        }
        corrections += replaced.changes().size();
        if (restart) {
            trouble = Optional.empty();
            heard = version;
            owed = "";
            // One that has ended meanwhile is followed by another anyway.
            return watch != null;
        }
        // Deaf: it has passed a version without reporting it, or has not come to where the last comparison already was.
        boolean deaf = replaced.missed() > 0 || !owed.isEmpty() && Version.before(heard, owed);
        owed = replaced.changes().stream()
                .flatMap(change -> change.now().stream())
                .map(Store::version)
                .reduce("", Version::later);
        if (!deaf || watch == null) return false;
        deafWatches++;
        LOG.warn("{}: the watch has swallowed changes; following anew from {}", selection, store.position());
        heard = version;
        owed = "";
        return true;
    }

    /// Why a list cannot be of the history that was shown so far; the server is asked for the latest, so it is not that
    /// it lags behind.
    private Optional<String> contradiction(List<Json.Obj> items, String version, String shown) {
        if (Version.before(version, shown)) {
            return Optional.of("a list as of " + version + " came after " + shown + " was seen");
        }
        return store.earlier(items, version)
                .map(item -> "a list as of " + version + " has " + item + ", which was seen in a later state before");
    }

    private void compareAfter(Duration wait) {
        if (comparison != null) comparison.cancel();
        comparison = time.at(time.now().plus(wait), () -> list(true));
    }

    private void armComparison() {
        if (closed) return;
        if (staleLists > 0) {
            compareAfter(options.backoff().jittered(++doubts, random));
            return;
        }
        doubts = 0;
        if (!options.compareEvery().isPositive()) return;
        long interval = options.compareEvery().toNanos();
        comparison =
                time.at(time.now().plusNanos(interval + (long) (random.nextDouble() * interval / 4)), () -> list(true));
    }

    /// Arranges the next list after a failure.
    private void failed(String why, Optional<Duration> advice) {
        trouble = Optional.of(why);
        failures++;
        var wait = options.backoff().jittered(failures, random);
        if (advice.isPresent() && advice.get().compareTo(wait) > 0) wait = advice.get();
        LOG.debug("{}: {}; next list in {}", selection, why, wait);
        next = time.at(time.now().plus(wait), () -> list(false));
    }

    // ── watch ───────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Starts a watch from the last version seen, in place of the one under way.
    ///
    /// @param listed a list has just said that the server has come to that version
    private void follow(boolean listed) {
        long mine;
        String from;
        Gateway.Watch old;
        lock.lock();
        try {
            if (closed) return;
            mine = ++epoch;
            old = watch;
            watch = null;
            from = store.position();
            positionAtWatch = from;
            watchSince = time.now();
            watches++;
            armFirstWord(mine, listed);
        } finally {
            lock.unlock();
        }
        if (old != null) old.close();
        var begun = gateway.watch(selection, from, event -> onEvent(mine, event));
        boolean stale;
        lock.lock();
        try {
            // It may have ended before it was handed to us.
            stale = closed || epoch != mine;
            if (!stale) watch = begun;
        } finally {
            lock.unlock();
        }
        if (stale) begun.close();
    }

    /// Not needed where comparisons are as frequent.
    private void armFirstWord(long mine, boolean listed) {
        if (firstWord != null) firstWord.cancel();
        if (listed || options.compareEvery().compareTo(FIRST_WORD) <= 0) return;
        firstWord = time.at(time.now().plus(FIRST_WORD), () -> {
            locked(() -> {
                if (epoch == mine && !listing) compareAfter(options.backoff().first());
                return true;
            });
        });
    }

    private void onEvent(long mine, WatchEvent event) {
        lock.lock();
        try {
            if (epoch != mine) return;
            if (firstWord != null) firstWord.cancel();
            events++;
            switch (event) {
                case WatchEvent.Added(var object) -> report(object, store::seen);
                case WatchEvent.Modified(var object) -> report(object, store::seen);
                case WatchEvent.Deleted(var object) -> report(object, store::left);
                case WatchEvent.Bookmark(var version) -> hear(version);
                case WatchEvent.Closed(var expired, var why) -> ended(expired, why);
            }
        } finally {
            lock.unlock();
        }
        tell();
    }

    private void report(Json.Obj object, Function<Json.Obj, List<Store.Change>> taken) {
        ingest(object).ifPresent(kept -> enqueue(taken.apply(kept)));
        hear(Store.version(object));
        if (store.doubt() && !listing) {
            // Refused as perhaps older than a forgotten deletion; the server knows.
            compareAfter(options.backoff().first());
        }
    }

    private void hear(String version) {
        store.advance(version);
        if (!version.isEmpty()) heard = Version.later(heard, version);
        trouble = Optional.empty();
    }

    private void ended(boolean expired, String why) {
        epoch++;
        watch = null;
        boolean progressed = !store.position().equals(positionAtWatch);
        boolean lived = !time.now().isBefore(watchSince.plus(HEALTHY_WATCH));
        if (progressed || lived) failures = 0;
        LOG.debug("{}: watch closed ({}), {}", selection, why, expired ? "expired" : "going on");
        if (expired) {
            failed("watch expired: " + why, Optional.empty());
        } else if (progressed || lived) {
            trouble = Optional.empty();
            next = time.soon(() -> follow(false));
        } else {
            trouble = Optional.of("watch closed: " + why);
            failures++;
            // Where watching does not work at all, listing is what is left.
            Runnable again = failures % WATCHES_BEFORE_LIST == 0 ? () -> list(false) : () -> follow(false);
            next = time.at(time.now().plus(options.backoff().jittered(failures, random)), again);
        }
    }

    // ── what both bring ─────────────────────────────────────────────────────────────────────────────────────────────

    /// An object as it is stored: stripped, and with the `apiVersion` and `kind` that items of lists come without.
    private Optional<Json.Obj> ingest(Json.Obj raw) {
        if (raw.at("metadata", "name").string("").isEmpty()) {
            unreadable();
            LOG.warn("{}: an object without a name is ignored", selection);
            return Optional.empty();
        }
        var object = raw;
        if (!raw.has("kind") || !raw.has("apiVersion")) {
            object = Json.obj(
                    "apiVersion",
                    selection.type().apiVersion(),
                    "kind",
                    selection.type().kind());
            for (var field : raw.fields().entrySet()) object = object.with(field.getKey(), field.getValue());
        }
        try {
            return Optional.of(options.strip().apply(object));
        } catch (RuntimeException ours) {
            unreadable();
            LOG.error("{}: stripping {} crashed; it is ignored", selection, Store.Key.of(raw), ours);
            return Optional.empty();
        }
    }

    private void unreadable() {
        locked(() -> unreadable++);
    }

    private void change(Supplier<List<Store.Change>> made) {
        locked(() -> {
            if (!closed) enqueue(made.get());
            return true;
        });
        tell();
    }

    private void enqueue(List<Store.Change> changes) {
        if (changes.isEmpty() || listeners.isEmpty()) return;
        var told = List.copyOf(listeners);
        for (var change : changes) {
            untold.add(() -> {
                for (var listener : told) tell(listener, change.old(), change.now());
            });
        }
    }

    /// Tells what is untold, unless a caller further up the stack or another thread is at it and will go on.
    private void tell() {
        while (true) {
            Runnable first;
            lock.lock();
            try {
                if (telling || untold.isEmpty()) return;
                telling = true;
                first = untold.removeFirst();
            } finally {
                lock.unlock();
            }
            try {
                first.run();
            } catch (RuntimeException ours) {
                LOG.error("{}: a task that waited for the first list crashed", selection, ours);
            } finally {
                locked(() -> telling = false);
            }
        }
    }

    private void tell(Listener listener, Optional<Json.Obj> old, Optional<Json.Obj> now) {
        try {
            listener.changed(old, now);
        } catch (RuntimeException ours) {
            LOG.error("{}: a listener crashed", selection, ours);
        }
    }

    private <T> T locked(Supplier<T> task) {
        lock.lock();
        try {
            return task.get();
        } finally {
            lock.unlock();
        }
    }

    private static List<String> ownerUids(Json.Obj object) {
        return object.at("metadata", "ownerReferences").items().stream()
                .flatMap(owner -> owner.at("uid").asString().stream())
                .toList();
    }
}
