package dev.sluice.kube;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the users of a cluster what happened to an object, as `core/v1` Events.
///
/// [#event] only queues: it never waits, and nothing that goes wrong here reaches its caller. Events are written in the
/// order in which they were told, one at a time. What is told again in the same words is one Event with a count.
///
/// Three bounds: what waits to be written (further events are dropped), what is remembered for counting (forgotten, the
/// next one is a new Event), and how many events one object may have: a burst, then one per interval, as client-go has
/// it, so that an object in a loop does not flood its cluster. What is dropped is counted.
///
/// @see "Kubernetes API: Event v1 core; client-go, tools/record: aggregation and spam filter"
public final class EventRecorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

    /// The source component of Argo Rollouts.
    public static final String COMPONENT = "rollouts-controller";

    /// Longest message; the rest is cut, as an Event is read in a table.
    private static final int LONGEST_MESSAGE = 4_096;

    /// @param queue events that wait to be written
    /// @param remembered different events that are counted, and objects whose rate is known
    /// @param burst events of one object at once; zero for no limit
    /// @param refill after which an object may have one more
    /// @param tries of writing one event
    /// @param retry between them
    public record Options(int queue, int remembered, int burst, Duration refill, int tries, Duration retry) {
        /// The figures of client-go: 1,000 waiting, 4,096 remembered, 25 and one per 5 minutes, 12 tries 10 s apart.
        public static final Options STANDARD =
                new Options(1_000, 4_096, 25, Duration.ofMinutes(5), 12, Duration.ofSeconds(10));
    }

    /// @param created Events made
    /// @param counted Events whose count was raised
    /// @param dropped not even tried: the queue was full, or the object has had too many
    /// @param failed given up
    public record Stats(int waiting, long created, long counted, long dropped, long failed) {}

    private record Told(
            Json.Obj regarding, String namespace, boolean warning, String reason, String message, Instant at) {
        /// Equal for what is said again.
        String words() {
            return regarding.without("resourceVersion").text() + '\n' + warning + '\n' + reason + '\n' + message;
        }

        String object() {
            return regarding.without("resourceVersion").text();
        }
    }

    private record Written(String name, int count, Instant first) {}

    private record Allowance(double tokens, Instant at) {}

    /// A map that forgets what was least recently put.
    private static final class Bounded<V> extends LinkedHashMap<String, V> {
        private static final long serialVersionUID = 1L;
        private final int most;

        Bounded(int most) {
            super(16, 0.75f, true);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
            return size() > most;
        }
    }

    private final Gateway gateway;
    private final Time time;
    private final String component;
    private final Options options;
    private final ArrayDeque<Told> queue = new ArrayDeque<>();
    private final Bounded<Written> written;
    private final Bounded<Allowance> allowances;
    private Instant last = Instant.MIN;
    private boolean writing;
    private boolean closed;
    private int failures;
    private long created;
    private long counted;
    private long dropped;
    private long failed;

    public EventRecorder(Gateway gateway, Time time) {
        this(gateway, time, COMPONENT, Options.STANDARD);
    }

    public EventRecorder(Gateway gateway, Time time, String component, Options options) {
        this.gateway = gateway;
        this.time = time;
        this.component = component;
        this.options = options;
        this.written = new Bounded<>(options.remembered());
        this.allowances = new Bounded<>(options.remembered());
    }

    /// Tells of an object.
    ///
    /// @param regarding the object, with `apiVersion`, `kind` and `metadata`
    /// @param warning `Warning` rather than `Normal`
    /// @param reason as in Argo Rollouts' list of reasons
    public void event(Json.Obj regarding, boolean warning, String reason, String message) {
        boolean starts;
        synchronized (this) {
            if (closed) return;
            var metadata = regarding.at("metadata");
            var involved = Json.Obj.EMPTY;
            for (var field : new String[] {"apiVersion", "kind"}) {
                var value = regarding.at(field).string("");
                if (!value.isEmpty()) involved = involved.with(field, value);
            }
            for (var field : new String[] {"namespace", "name", "uid", "resourceVersion"}) {
                var value = metadata.at(field).string("");
                if (!value.isEmpty()) involved = involved.with(field, value);
            }
            var cut = message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE - 1) + "…";
            // Strictly increasing: names are made of it, and two events must never seem to have come the other way.
            var now = time.now();
            last = now.isAfter(last) ? now : last.plusNanos(1);
            // An Event lives in a namespace, whatever it is about.
            var told = new Told(involved, metadata.at("namespace").string("default"), warning, reason, cut, last);
            if (queue.size() >= options.queue() || !allowed(told.object(), now)) {
                dropped++;
                return;
            }
            queue.add(told);
            starts = !writing;
            writing = true;
        }
        if (starts) time.soon(this::write);
    }

    public synchronized Stats stats() {
        return new Stats(queue.size(), created, counted, dropped, failed);
    }

    /// Drops what waits, and takes no more.
    @Override
    public synchronized void close() {
        closed = true;
        queue.clear();
    }

    private boolean allowed(String object, Instant now) {
        if (options.burst() <= 0) return true;
        var before = allowances.get(object);
        double tokens = options.burst();
        if (before != null) {
            double earned = (double) Duration.between(before.at(), now).toNanos()
                    / options.refill().toNanos();
            tokens = Math.min(options.burst(), before.tokens() + Math.max(0, earned));
        }
        boolean allowed = tokens >= 1;
        allowances.put(object, new Allowance(allowed ? tokens - 1 : tokens, now));
        return allowed;
    }

    /// Writes the first of the queue, and arranges the next.
    private void write() {
        Told told;
        Optional<Written> before;
        synchronized (this) {
            var first = queue.peek();
            if (first == null) {
                writing = false;
                return;
            }
            told = first;
            before = Optional.ofNullable(written.get(told.words()));
        }
        boolean over;
        try {
            over = before.isPresent() ? count(told, before.get()) : create(told, 1, told.at());
        } catch (RuntimeException ours) {
            LOG.error("writing an event crashed; it is given up", ours);
            over = given(told, "crashed: " + ours);
        }
        synchronized (this) {
            if (over) {
                failures = 0;
                queue.poll();
            } else if (++failures >= options.tries()) {
                failures = 0;
                queue.poll();
                given(told, "no answer in " + options.tries() + " tries");
            }
            if (queue.isEmpty()) {
                writing = false;
                return;
            }
            if (over || failures == 0) time.soon(this::write);
            else time.at(time.now().plus(options.retry()), this::write);
        }
    }

    /// @return whether it is over, well or not; false to try again
    private boolean count(Told told, Written before) {
        var ref = ObjectRef.of(ResourceType.EVENTS, told.namespace(), before.name());
        var body = Json.obj("count", before.count() + 1, "lastTimestamp", seconds(told.at()));
        return switch (gateway.send(new Request.Patch(ref, PatchType.MERGE, body))) {
            case Reply.Done _ -> {
                synchronized (this) {
                    counted++;
                    written.put(told.words(), new Written(before.name(), before.count() + 1, before.first()));
                }
                yield true;
            }
            // Events are deleted after a while; the count goes on in a new one.
            case Reply.Refused refused when refused.notFound() -> create(told, before.count() + 1, before.first());
            case Reply.Refused refused -> refused(told, refused);
            // The count is absolute, so a repetition does no harm.
            case Reply.Lost _ -> false;
        };
    }

    private boolean create(Told told, int count, Instant first) {
        var name = told.regarding().at("name").string("") + "." + Long.toHexString(nanos(told.at()));
        var body = Json.obj(
                "apiVersion", "v1",
                "kind", "Event",
                "metadata", Json.obj("name", name, "namespace", told.namespace()),
                "involvedObject", told.regarding(),
                "reason", told.reason(),
                "message", told.message(),
                "source", Json.obj("component", component),
                "firstTimestamp", seconds(first),
                "lastTimestamp", seconds(told.at()),
                "count", count,
                "type", told.warning() ? "Warning" : "Normal",
                "reportingComponent", component,
                "reportingInstance", "");
        var ref = ObjectRef.of(ResourceType.EVENTS, told.namespace(), name);
        return switch (gateway.send(new Request.Create(ref, body))) {
            case Reply.Done _ -> made(told, new Written(name, count, first));
            // Names are ours alone: it is our own, whose answer was lost.
            case Reply.Refused refused when refused.alreadyExists() -> made(told, new Written(name, count, first));
            case Reply.Refused refused -> refused(told, refused);
            case Reply.Lost _ -> false;
        };
    }

    private synchronized boolean made(Told told, Written event) {
        created++;
        written.put(told.words(), event);
        return true;
    }

    /// A server that is overwhelmed may be asked again; one that forbids it may not.
    private boolean refused(Told told, Reply.Refused refused) {
        if (refused.code() == 429 || refused.code() >= 500) return false;
        return given(told, refused.code() + " " + refused.reason() + ": " + refused.message());
    }

    private synchronized boolean given(Told told, String why) {
        failed++;
        LOG.warn(
                "event {} of {} is not written: {}",
                told.reason(),
                told.regarding().at("name").string(""),
                why);
        return true;
    }

    private static long nanos(Instant at) {
        return ChronoUnit.NANOS.between(Instant.EPOCH, at);
    }

    /// `metav1.Time`: whole seconds.
    private static String seconds(Instant at) {
        return Rfc3339.seconds(at);
    }
}
