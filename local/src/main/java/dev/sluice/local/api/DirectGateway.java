package dev.sluice.local.api;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The embedded API server without a network between: the same rules, no text.
///
/// Watch events are delivered by [dev.sluice.spi.Time#soon], so under virtual time in the order of the simulation, and
/// otherwise on a thread that is not the writer's; of one watch one at a time and in order either way.
public final class DirectGateway implements Gateway {
    private static final Logger LOG = LoggerFactory.getLogger(DirectGateway.class);
    private final ApiServer server;
    private final String user;

    /// @param user who calls: the audit's user and the field manager
    public DirectGateway(ApiServer server, String user) {
        this.server = server;
        this.user = user;
    }

    @Override
    public Reply send(Request request) {
        return reply(server.handle(translated(request)));
    }

    private ApiRequest translated(Request request) {
        return switch (request) {
            case Request.Get(var ref) -> call("GET", ref.path(), Map.of(), Optional.empty(), "");
            case Request.List(var selection) ->
                call("GET", path(selection), selectors(selection), Optional.empty(), "");
            case Request.Create(var ref, var body) ->
                call("POST", collection(ref), Map.of(), Optional.of(body), "application/json");
            case Request.Patch(var ref, var type, var body) ->
                call("PATCH", ref.path(), Map.of(), Optional.of(body), type.mediaType());
            case Request.Replace(var ref, var body) ->
                call("PUT", ref.path(), Map.of(), Optional.of(body), "application/json");
            case Request.Delete(var ref, var uid, var resourceVersion, var propagation, var grace) ->
                call(
                        "DELETE",
                        ref.path(),
                        Map.of(),
                        Optional.of(options(uid, resourceVersion, propagation, grace)),
                        "application/json");
        };
    }

    /// A subresource is posted to under the object's name, an object to its collection.
    private static String collection(ObjectRef ref) {
        if (!ref.subresource().isEmpty()) return ref.path();
        return ref.type().path(Optional.of(ref.namespace()).filter(namespace -> !namespace.isEmpty()));
    }

    private static Json options(
            Optional<String> uid, Optional<String> resourceVersion, String propagation, Optional<Duration> grace) {
        var preconditions = new LinkedHashMap<String, Json>();
        uid.ifPresent(value -> preconditions.put("uid", Json.of(value)));
        resourceVersion.ifPresent(value -> preconditions.put("resourceVersion", Json.of(value)));
        var options = Json.obj("kind", "DeleteOptions", "apiVersion", "v1");
        if (!propagation.isEmpty()) options = options.with("propagationPolicy", propagation);
        if (grace.isPresent())
            options = options.with("gracePeriodSeconds", grace.get().toSeconds());
        return preconditions.isEmpty() ? options : options.with("preconditions", new Json.Obj(preconditions));
    }

    private static String path(Selection selection) {
        return selection.type().path(selection.namespace());
    }

    private static Map<String, String> selectors(Selection selection) {
        return selection.labels().isEmpty() ? Map.of() : Map.of("labelSelector", selection.labels());
    }

    private ApiRequest call(
            String method, String path, Map<String, String> query, Optional<? extends Json> body, String contentType) {
        return new ApiRequest(
                method,
                path,
                query,
                contentType.isEmpty() ? Map.of() : Map.of("content-type", contentType),
                body.<ApiRequest.Body>map(ApiRequest.Body.Tree::new).orElse(ApiRequest.Body.NONE),
                user);
    }

    /// A response as the port has it.
    static Reply reply(ApiResponse response) {
        var json = response.json();
        if (response.succeeded()) return new Reply.Done(json);
        var retry = json.at("details", "retryAfterSeconds").asLong().map(Duration::ofSeconds);
        var text = response.body() instanceof ApiResponse.Body.Text(var _, var plain) ? plain.strip() : "";
        return new Reply.Refused(
                response.code(),
                json.at("reason").string(response.code() == 404 ? "NotFound" : ""),
                json.at("message").string(text),
                retry);
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        var query = new TreeMap<>(selectors(selection));
        query.put("watch", "true");
        if (!resourceVersion.isEmpty()) query.put("resourceVersion", resourceVersion);
        var response = server.handle(call("GET", path(selection), query, Optional.empty(), ""));
        if (response.body() instanceof ApiResponse.Body.Watching(var feed, var lines, var _)) {
            return new Pump(feed, lines, listener).start();
        }
        var refused = (Reply.Refused) reply(response);
        server.time().soon(() -> listener.accept(new WatchEvent.Closed(refused.code() == 410, refused.message())));
        return () -> {};
    }

    /// Carries the events of one feed to one listener.
    private final class Pump implements Watch {
        private final Feed feed;
        private final ApiResponse.Lines lines;
        private final Consumer<WatchEvent> listener;
        private final AtomicBoolean scheduled = new AtomicBoolean();
        private final AtomicBoolean closed = new AtomicBoolean();
        private volatile boolean ended;

        Pump(Feed feed, ApiResponse.Lines lines, Consumer<WatchEvent> listener) {
            this.feed = feed;
            this.lines = lines;
            this.listener = listener;
        }

        Watch start() {
            feed.onReady(this::wake);
            return this;
        }

        /// At most one run is scheduled or under way: that keeps the order.
        private void wake() {
            if (scheduled.compareAndSet(false, true)) server.time().soon(this::run);
        }

        private void run() {
            try {
                for (var event : feed.take()) {
                    if (closed.get() || ended) break;
                    deliver(translated(event));
                }
                if (!ended && (closed.get() || feed.exhausted())) {
                    deliver(new WatchEvent.Closed(
                            false, closed.get() ? "closed by the watcher" : "closed by the server"));
                }
            } finally {
                scheduled.set(false);
                // What came between the last take and here found `scheduled` set and woke nobody.
                if (!ended && (feed.waits() || feed.exhausted())) wake();
            }
        }

        private WatchEvent translated(Feed.Event event) {
            var object = lines.of(event).at("object").obj();
            return switch (event.type()) {
                case ADDED -> new WatchEvent.Added(object);
                case MODIFIED -> new WatchEvent.Modified(object);
                case DELETED -> new WatchEvent.Deleted(object);
                case BOOKMARK -> new WatchEvent.Bookmark(Metadata.resourceVersion(object));
                case ERROR ->
                    new WatchEvent.Closed(
                            object.at("code").integer(500) == 410,
                            object.at("message").string(""));
            };
        }

        private void deliver(WatchEvent event) {
            if (event instanceof WatchEvent.Closed) ended = true;
            try {
                listener.accept(event);
            } catch (RuntimeException bug) {
                // One bad event must not end the watch: the listener would believe that nothing happens any more.
                LOG.error("user={} because=watch listener failed", user, bug);
            }
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) feed.close();
        }
    }
}
