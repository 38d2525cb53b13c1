package dev.sluice.kube.client;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Leave;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import dev.sluice.spi.Time;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A real API server, over HTTP.
///
/// `send` blocks its caller, so call it on a virtual thread; no call takes longer than the time limit plus what the
/// rate limit holds it back, which is at most the time limit again; leave is asked for in between, and may be for a
/// shorter time. Calls about Leases are not held back. Nothing is repeated here: whoever sent a request
/// knows whether a second one does harm. What may or may not have been done is [Reply.Lost]: no answer in time, a cut
/// connection, an unreadable or oversized answer to a write, and those refusals that do not mean "not done" (502 and
/// 504 of proxies and of the server's own time limit, and failures of etcd reported as 500).
///
/// A list is read in pages; the reply is the whole of it, as of one resource version.
public final class KubeGateway implements Gateway, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KubeGateway.class);

    private static final int MOST_PAGES = 10_000;

    /// The longest that a server can make its callers wait: they prefer its word to their own backoff, and one proxy
    /// that says "in a day" must not blind a controller for a day.
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(1);

    /// Names come from manifests; nothing that could lead to another path, or out of it, is let through.
    private static final Pattern PATH_SEGMENT = Pattern.compile("[A-Za-z0-9_:-][A-Za-z0-9_.:-]*");

    /// @param timeout of one HTTP exchange, and the longest that the rate limit holds it back
    /// @param largestBody bytes of one answer (a page of a list, one object) and of one line of a watch
    /// @param pageSize objects per page of a list
    /// @param qps calls per second in the long run; zero for no limit
    /// @param burst calls at once
    /// @param watchFor how long a watch lasts at least before it is renewed; at most twice as long, at random
    /// @param seed of that
    public record Settings(
            Duration timeout, int largestBody, int pageSize, double qps, int burst, Duration watchFor, long seed) {
        public Settings {
            if (!timeout.isPositive()) throw new IllegalArgumentException("timeout: " + timeout + " is not positive");
            if (watchFor.toSeconds() < 1) throw new IllegalArgumentException("watchFor: " + watchFor + " is below 1 s");
            if (largestBody < 1) throw new IllegalArgumentException("largestBody: " + largestBody + " is below 1");
        }

        /// 10 s, 64 MiB, pages of 500; 40 calls a second, 80 at once (Argo's flags); watches of 5 to 10 minutes.
        public static Settings standard(long seed) {
            return new Settings(Duration.ofSeconds(10), 64 * 1024 * 1024, 500, 40, 80, Duration.ofMinutes(5), seed);
        }
    }

    private final Http http;
    private final Reach reach;
    private final Time time;
    private final Settings settings;
    private final RateLimit limit;
    private final Consumer<Call> observer;
    private final RandomGenerator random;
    private final Set<WireWatch> watches = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /// @param observer told of each call when it is over, on the caller's thread; it must not block
    /// @throws KubeconfigException when the kubeconfig has no such cluster or its credentials cannot be read
    public KubeGateway(ClusterAccess access, Settings settings, Time time, Consumer<Call> observer) {
        this.http = new Http(access.resolve(settings.timeout()));
        this.reach = new Reach(time, http.server());
        this.time = time;
        this.settings = settings;
        this.limit = new RateLimit(settings.qps(), settings.burst(), time);
        this.observer = observer;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(settings.seed());
    }

    @Override
    public Reply send(Request request) {
        return send(request, Leave.ALWAYS);
    }

    @Override
    public Reply send(Request request, Leave leave) {
        return switch (request) {
            case Request.Get(var ref) -> call(request, ref, leave, new Http.Out("GET", ref.path(), Optional.empty()));
            case Request.List(var selection) -> list(selection, leave);
            case Request.Create(var ref, var body) -> {
                var path = ref.subresource().isEmpty() ? ref.type().path(namespace(ref)) : ref.path();
                yield call(request, ref, leave, new Http.Out("POST", path, body("application/json", body)));
            }
            case Request.Patch(var ref, var type, var body) ->
                call(request, ref, leave, new Http.Out("PATCH", ref.path(), body(type.mediaType(), body)));
            case Request.Replace(var ref, var body) ->
                call(request, ref, leave, new Http.Out("PUT", ref.path(), body("application/json", body)));
            case Request.Delete delete ->
                call(
                        request,
                        delete.ref(),
                        leave,
                        new Http.Out("DELETE", delete.ref().path(), body("application/json", options(delete))));
        };
    }

    private static Optional<String> namespace(ObjectRef ref) {
        return Optional.of(ref.namespace()).filter(namespace -> !namespace.isEmpty());
    }

    private static Optional<Http.Out.Body> body(String mediaType, Json body) {
        return Optional.of(new Http.Out.Body(mediaType, body.text()));
    }

    private static Json.Obj options(Request.Delete delete) {
        var options = Json.obj("kind", "DeleteOptions", "apiVersion", "v1", "propagationPolicy", delete.propagation());
        var preconditions = Json.Obj.EMPTY;
        if (delete.uid().isPresent())
            preconditions = preconditions.with("uid", delete.uid().get());
        if (delete.resourceVersion().isPresent()) {
            preconditions = preconditions.with(
                    "resourceVersion", delete.resourceVersion().get());
        }
        if (!preconditions.isEmpty()) options = options.with("preconditions", preconditions);
        if (delete.grace().isPresent()) {
            options = options.with("gracePeriodSeconds", delete.grace().get().toSeconds());
        }
        return options;
    }

    private Reply call(Request request, ObjectRef ref, Leave leave, Http.Out out) {
        var named = request instanceof Request.Create ? ref.name() : ref.name().isEmpty() ? "(none)" : ref.name();
        for (var segment : List.of(ref.namespace(), named, ref.subresource())) {
            if (!segment.isEmpty() && !PATH_SEGMENT.matcher(segment).matches()) {
                return new Reply.Refused(
                        400, "BadRequest", "\"" + segment + "\" can be no part of an object's path", Optional.empty());
            }
        }
        return exchange(request.verb(), ref.type(), ref.namespace(), ref.name(), request.writes(), leave, out);
    }

    // ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────

    private Reply list(Selection selection, Leave leave) {
        var items = new ArrayList<Json>();
        var next = "";
        int limit = settings.pageSize();
        for (int page = 0; page < MOST_PAGES; page++) {
            var query = new Query().with("labelSelector", selection.labels());
            if (limit > 0) query.with("limit", Integer.toString(limit)).with("continue", next);
            var reply = exchange(
                    "list",
                    selection.type(),
                    selection.namespace().orElse(""),
                    "",
                    false,
                    leave,
                    new Http.Out("GET", selection.type().path(selection.namespace()) + query, Optional.empty()));
            if (reply instanceof Reply.Refused(var code, var _, var _, var _) && code == 410 && !next.isEmpty()) {
                // The snapshot was compacted away while we read it: once more, in one piece.
                items.clear();
                next = "";
                limit = 0;
                continue;
            }
            if (!(reply instanceof Reply.Done(var answer))) return reply;
            items.addAll(answer.at("items").items());
            next = answer.at("metadata", "continue").string("");
            if (next.isEmpty()) {
                var metadata = answer.at("metadata").obj().without("continue").without("remainingItemCount");
                return new Reply.Done(answer.with("metadata", metadata).with("items", new Json.Arr(items)));
            }
        }
        return new Reply.Lost("the list has more than " + MOST_PAGES + " pages");
    }

    // ── one exchange ────────────────────────────────────────────────────────────────────────────────────────────────

    private Reply exchange(
            String verb, ResourceType type, String namespace, String name, boolean writes, Leave leave, Http.Out out) {
        if (closed) return new Reply.Lost("the gateway is closed");
        // Who holds a lease paces itself, and a renewal behind everybody else's calls would end the leadership just
        // when there is most to do.
        var wait = type.equals(ResourceType.LEASES) ? Optional.of(Duration.ZERO) : limit.reserve(settings.timeout());
        if (wait.isEmpty()) {
            return new Reply.Refused(
                    429,
                    "ClientRateLimit",
                    "our own limit of " + settings.qps() + " calls a second is exceeded; see --qps and --burst",
                    Optional.of(settings.timeout()));
        }
        pause(wait.get());
        Duration within;
        switch (leave.ask()) {
            case Leave.Denied(var why) -> {
                return why;
            }
            case Leave.Given(var given) ->
                within = given.compareTo(settings.timeout()) < 0 ? given : settings.timeout();
        }
        var begun = time.now();
        Reply reply;
        int status = 0;
        try {
            var answer = http.exchange(out, within, settings.largestBody());
            status = answer.code();
            answered();
            reply = reply(answer, writes);
        } catch (Http.NoAnswer none) {
            var lost = none.lost.loss().nobody() ? none.lost : named(out.method() + " " + out.target(), none.lost);
            if (none.unreached) lost(lost);
            reply = lost;
        } catch (RuntimeException ours) {
            LOG.error("{} {} crashed", out.method(), out.target(), ours);
            reply = new Reply.Lost(out.method() + " " + out.target() + ": " + Http.why(ours));
        }
        var took = Duration.between(begun, time.now());
        tell(new Call(verb, type.kind(), namespace, name, status, took, wait.get()));
        return reply;
    }

    private static Reply.Lost named(String what, Reply.Lost lost) {
        return new Reply.Lost(lost.loss(), what + ": " + lost.why());
    }

    private void lost(Reply.Lost lost) {
        // What was under way at the end fails, and nobody goes on trying.
        if (!closed) reach.lost(lost).ifPresent(LOG::warn);
    }

    private void answered() {
        reach.answered().ifPresent(LOG::info);
    }

    private void tell(Call call) {
        try {
            observer.accept(call);
        } catch (RuntimeException ours) {
            LOG.error("the observer of calls crashed", ours);
        }
    }

    /// Waits through the injected clock, as all waiting here.
    private void pause(Duration wait) {
        if (!wait.isPositive()) return;
        var over = new CountDownLatch(1);
        time.at(time.now().plus(wait), over::countDown);
        try {
            // The clock has promised; the bound is for a clock that was closed meanwhile.
            if (!over.await(wait.plusSeconds(1).toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.debug("the clock did not ring");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Reply reply(Http.Answer answer, boolean writes) {
        boolean done = answer.code() >= 200 && answer.code() < 300;
        Json json;
        try {
            json = Json.parse(answer.body());
        } catch (JsonSyntaxException e) {
            if (done) return new Reply.Lost("the answer is no JSON: " + e.getMessage());
            json = Json.Null.VALUE;
        }
        if (done) {
            return json instanceof Json.Obj object
                    ? new Reply.Done(object)
                    : new Reply.Lost("the answer is no JSON object");
        }
        var message = json.at("message").asString().orElseGet(() -> excerpt(answer.body()));
        if (writes && mayBeDone(answer.code(), message)) {
            return new Reply.Lost("HTTP " + answer.code() + ": " + message);
        }
        return new Reply.Refused(
                answer.code(),
                json.at("reason").asString().orElseGet(() -> reason(answer.code())),
                message,
                retryAfter(json, answer.retryAfter()));
    }

    /// Not every error says that nothing was done.
    private static boolean mayBeDone(int code, String message) {
        return code == 502 || code == 504 || code == 500 && message.startsWith("etcdserver: ");
    }

    private static Optional<Duration> retryAfter(Json status, Optional<String> header) {
        return status.at("details", "retryAfterSeconds")
                .asLong()
                .or(() -> header.filter(text -> text.matches("[0-9]{1,9}")).map(Long::parseLong))
                .filter(seconds -> seconds > 0)
                .map(seconds -> Duration.ofSeconds(Math.min(seconds, LONGEST_RETRY_AFTER.toSeconds())));
    }

    /// The reasons of those who answer without a `Status`: proxies, mostly.
    private static String reason(int code) {
        return switch (code) {
            case 400 -> "BadRequest";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "NotFound";
            case 409 -> "Conflict";
            case 410 -> "Expired";
            case 429 -> "TooManyRequests";
            case 503 -> "ServiceUnavailable";
            default -> "HTTP " + code;
        };
    }

    private static String excerpt(String body) {
        var text = body.substring(0, Math.min(body.length(), 300)).strip();
        return text.isEmpty() ? "no explanation" : text;
    }

    // ── watches ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        long least = settings.watchFor().toSeconds();
        long seconds;
        synchronized (random) {
            seconds = least + random.nextLong(least + 1);
        }
        var query = new Query()
                .with("watch", "true")
                .with("allowWatchBookmarks", "true")
                .with("resourceVersion", resourceVersion)
                .with("timeoutSeconds", Long.toString(seconds))
                .with("labelSelector", selection.labels());
        var out = new Http.Out("GET", selection.type().path(selection.namespace()) + query, Optional.empty());
        var watch = new WireWatch(out, settings, Duration.ofSeconds(seconds), listener);
        watches.add(watch);
        Thread.ofVirtual().name("sluice-watch-" + selection.type().plural()).start(() -> {
            try {
                var begun = new CallOfWatch(selection);
                watch.run(http, begun);
            } finally {
                watches.remove(watch);
            }
        });
        if (closed) watch.close();
        return watch;
    }

    /// Holds a watch back by the rate limit, and reports its beginning.
    private final class CallOfWatch implements WireWatch.Beginning {
        private final Selection selection;
        private Duration throttled = Duration.ZERO;

        CallOfWatch(Selection selection) {
            this.selection = selection;
        }

        @Override
        public Optional<String> refused() {
            if (closed) return Optional.of("the gateway is closed");
            var wait = limit.reserve(settings.timeout());
            if (wait.isEmpty()) return Optional.of("our own rate limit is exceeded; see --qps and --burst");
            throttled = wait.get();
            pause(throttled);
            return Optional.empty();
        }

        @Override
        public void lost(Reply.Lost lost) {
            KubeGateway.this.lost(named("watching " + selection.type().plural(), lost));
        }

        @Override
        public void begun(int status) {
            if (status != 0) answered();
            tell(new Call(
                    "watch",
                    selection.type().kind(),
                    selection.namespace().orElse(""),
                    "",
                    status,
                    Duration.ZERO,
                    throttled));
        }
    }

    /// Ends every watch; later calls are [Reply.Lost].
    @Override
    public void close() {
        closed = true;
        for (var watch : watches) watch.close();
        http.close();
    }

    /// A query string; what is empty is left out.
    private static final class Query {
        private final StringBuilder text = new StringBuilder();

        Query with(String name, String value) {
            if (value.isEmpty()) return this;
            text.append(text.isEmpty() ? '?' : '&')
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
            return this;
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
