package dev.sluice.kube;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/// An API server of a few dozen lines, and a wire to it that can be cut, slowed, reordered and made to stutter.
///
/// Works under [VirtualTime] only: watches deliver on its thread.
public final class FakeCluster implements Gateway {
    private record Logged(long revision, Optional<Json.Obj> before, Optional<Json.Obj> after, ResourceType type) {}

    final class FakeWatch implements Watch {
        final Selection selection;
        final Consumer<WatchEvent> listener;
        /// Nothing up to here is told, even where the server has yet to come to it: as a real one does.
        final long from;

        boolean open = true;
        boolean deaf;

        FakeWatch(Selection selection, long from, Consumer<WatchEvent> listener) {
            this.selection = selection;
            this.from = from;
            this.listener = listener;
        }

        @Override
        public void close() {
            end(false, "closed by us");
        }

        void end(boolean expired, String why) {
            if (!open) return;
            open = false;
            watches.remove(this);
            listener.accept(new WatchEvent.Closed(expired, why));
        }

        void deliver(WatchEvent event, Duration lag) {
            time.at(time.now().plus(lag), () -> {
                if (open) listener.accept(event);
            });
        }
    }

    final VirtualTime time;
    public final List<Request> requests = new ArrayList<>();
    final List<FakeWatch> watches = new ArrayList<>();
    /// Asked before each request; an answer here is the reply, and nothing is done.
    public Function<Request, Optional<Reply>> refuse = request -> Optional.empty();
    /// Asked after each request was done; an answer here replaces the reply.
    public Function<Request, Optional<Reply>> garble = request -> Optional.empty();
    /// Called while a list is on its way back, after it was read.
    Runnable duringList = () -> {};
    /// How an event reaches a watch: the standard wire delivers at once, in order, once.
    Consumer<Consumer<Duration>> wire = deliver -> deliver.accept(Duration.ZERO);

    private final Map<ObjectRef, Json.Obj> objects = new TreeMap<>();
    private final ArrayDeque<Logged> log = new ArrayDeque<>();
    private long revision = 100;
    private long compacted = 0;
    private long uids;
    private final ArrayDeque<Reply> staleLists = new ArrayDeque<>();

    public FakeCluster(VirtualTime time) {
        this.time = time;
    }

    public static Json.Obj object(ResourceType type, String namespace, String name, Object... labels) {
        return Json.obj(
                "apiVersion",
                type.apiVersion(),
                "kind",
                type.kind(),
                "metadata",
                Json.obj("namespace", namespace, "name", name, "labels", Json.obj(labels)));
    }

    public Json.Obj put(ResourceType type, Json.Obj object) {
        var ref = ObjectRef.of(type, object);
        var before = Optional.ofNullable(objects.get(ref));
        var uid = before.map(old -> old.at("metadata", "uid").string("")).orElseGet(() -> "uid-" + ++uids);
        var stamped = object.withAt(List.of("metadata", "uid"), uid)
                .withAt(List.of("metadata", "resourceVersion"), Long.toString(++revision));
        objects.put(ref, stamped);
        commit(new Logged(revision, before, Optional.of(stamped), type));
        return stamped;
    }

    public Optional<Json.Obj> remove(ObjectRef ref) {
        var old = objects.remove(ref);
        if (old == null) return Optional.empty();
        var last = old.withAt(List.of("metadata", "resourceVersion"), Long.toString(++revision));
        commit(new Logged(revision, Optional.of(last), Optional.empty(), ref.type()));
        return Optional.of(last);
    }

    public Optional<Json.Obj> get(ObjectRef ref) {
        return Optional.ofNullable(objects.get(ref));
    }

    public List<Json.Obj> list(Selection selection) {
        return objects.entrySet().stream()
                .filter(entry -> entry.getKey().type().equals(selection.type()))
                .map(Map.Entry::getValue)
                .filter(object -> in(selection, object))
                .toList();
    }

    long revision() {
        return revision;
    }

    /// Sets the revision back, as a restored backup does.
    void turnBack(long to) {
        revision = to;
        log.clear();
    }

    /// Forgets history: watches from before answer 410.
    void compact() {
        compacted = revision;
        log.clear();
    }

    void cutWatches(boolean expired) {
        for (var watch : List.copyOf(watches)) watch.end(expired, expired ? "410 Expired" : "connection reset");
    }

    /// The next lists answer what they would answer now.
    void answerStale(Selection selection, int times) {
        for (int i = 0; i < times; i++) staleLists.add(new Reply.Done(listAnswer(selection)));
    }

    void answerFresh() {
        staleLists.clear();
    }

    @Override
    public Reply send(Request request) {
        requests.add(request);
        var refused = refuse.apply(request);
        if (refused.isPresent()) return refused.get();
        var reply = apply(request);
        return garble.apply(request).orElse(reply);
    }

    private Reply apply(Request request) {
        return switch (request) {
            case Request.Get(var ref) -> get(ref).<Reply>map(Reply.Done::new).orElseGet(FakeCluster::notFound);
            case Request.List(var selection) -> {
                if (!staleLists.isEmpty()) yield staleLists.poll();
                var answer = listAnswer(selection);
                duringList.run();
                yield new Reply.Done(answer);
            }
            case Request.Create(var ref, var body) ->
                objects.containsKey(ref)
                        ? new Reply.Refused(409, "AlreadyExists", ref + " exists", Optional.empty())
                        : new Reply.Done(put(ref.type(), body));
            case Request.Patch(var ref, var _, var body) -> patch(ref, body.obj());
            case Request.Replace(var ref, var body) -> {
                var old = objects.get(ref);
                if (old == null) yield notFound();
                yield body.at("metadata", "resourceVersion").equals(old.at("metadata", "resourceVersion"))
                        ? new Reply.Done(put(ref.type(), body))
                        : new Reply.Refused(409, "Conflict", "the object has been modified", Optional.empty());
            }
            case Request.Delete delete ->
                remove(delete.ref())
                        .<Reply>map(old -> new Reply.Done(Json.obj(
                                "kind",
                                "Status",
                                "status",
                                "Success",
                                "details",
                                Json.obj("uid", old.at("metadata", "uid")))))
                        .orElseGet(FakeCluster::notFound);
        };
    }

    /// A status is part of its object here.
    private Reply patch(ObjectRef target, Json.Obj patch) {
        var ref = new ObjectRef(target.type(), target.namespace(), target.name(), "");
        var old = objects.get(ref);
        if (old == null) return notFound();
        var locked = patch.at("metadata", "resourceVersion").asString();
        if (locked.isPresent()
                && !locked.get().equals(old.at("metadata", "resourceVersion").string(""))) {
            return new Reply.Refused(409, "Conflict", "the object has been modified", Optional.empty());
        }
        return new Reply.Done(put(ref.type(), merge(old, patch)));
    }

    private static Json.Obj merge(Json.Obj into, Json.Obj patch) {
        var merged = into;
        for (var field : patch.fields().entrySet()) {
            if (field.getValue().isNull()) merged = merged.without(field.getKey());
            else if (field.getValue() instanceof Json.Obj deeper) {
                merged = merged.with(
                        field.getKey(), merge(merged.at(field.getKey()).obj(), deeper));
            } else merged = merged.with(field.getKey(), field.getValue());
        }
        return merged;
    }

    private static Reply notFound() {
        return new Reply.Refused(404, "NotFound", "not found", Optional.empty());
    }

    private Json.Obj listAnswer(Selection selection) {
        return Json.obj(
                "kind",
                selection.type().kind() + "List",
                "metadata",
                Json.obj("resourceVersion", Long.toString(revision)),
                "items",
                list(selection).stream()
                        .map(object -> object.without("kind").without("apiVersion"))
                        .toList());
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        long from = Long.parseLong(resourceVersion);
        var watch = new FakeWatch(selection, from, listener);
        watches.add(watch);
        if (from < compacted) {
            time.soon(() -> watch.end(true, "too old resource version"));
            return watch;
        }
        for (var logged : log) offer(watch, logged);
        return watch;
    }

    private void commit(Logged logged) {
        log.add(logged);
        for (var watch : List.copyOf(watches)) offer(watch, logged);
    }

    private void offer(FakeWatch watch, Logged logged) {
        if (watch.deaf || logged.revision() <= watch.from || !logged.type().equals(watch.selection.type())) return;
        boolean before = logged.before().filter(o -> in(watch.selection, o)).isPresent();
        boolean after = logged.after().filter(o -> in(watch.selection, o)).isPresent();
        if (!before && !after) return;
        var object = logged.after().or(logged::before).orElseThrow();
        WatchEvent event = !after
                ? new WatchEvent.Deleted(object)
                : before ? new WatchEvent.Modified(object) : new WatchEvent.Added(object);
        wire.accept(lag -> watch.deliver(event, lag));
    }

    private static boolean in(Selection selection, Json.Obj object) {
        return selection
                        .namespace()
                        .map(object.at("metadata", "namespace").string("")::equals)
                        .orElse(true)
                && LabelSelector.parse(selection.labels()).matches(object);
    }
}
