package dev.sluice.local.workload;

import dev.sluice.cluster.Reply;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Writes Events: what happened to an object, for `kubectl describe`.
///
/// The same thing said again about the same object only counts up. One object may cause [#BURST] different events, then
/// one in five minutes. An event that cannot be written is dropped: losing one is never an error.
final class Events {
    static final int BURST = 25;
    private static final int REMEMBERED = 4096;
    private static final Duration REFILL = Duration.ofMinutes(5);

    private final World world;
    private final String component;
    private final Map<Saying, Json.Obj> said = bounded();
    private final Map<String, Allowance> allowances = bounded();

    private record Saying(String uid, String type, String reason, String message) {}

    private static final class Allowance {
        private int left = BURST;
        private Instant refilled;

        Allowance(Instant now) {
            this.refilled = now;
        }

        boolean take(Instant now) {
            long more = Duration.between(refilled, now).dividedBy(REFILL);
            if (more > 0) {
                left = (int) Math.min(BURST, left + more);
                refilled = refilled.plus(REFILL.multipliedBy(more));
            }
            return left > 0 && left-- > 0;
        }
    }

    /// @param component who speaks, such as `kubelet`
    Events(World world, String component) {
        this.world = world;
        this.component = component;
    }

    void normal(ResourceType type, Json about, String reason, String message) {
        say("Normal", type, about, reason, message);
    }

    void warning(ResourceType type, Json about, String reason, String message) {
        say("Warning", type, about, reason, message);
    }

    private void say(String kind, ResourceType type, Json about, String reason, String message) {
        var now = world.now();
        var saying = new Saying(Meta.uid(about), kind, reason, message);
        Optional<Json.Obj> before;
        synchronized (this) {
            before = Optional.ofNullable(said.get(saying));
            if (before.isEmpty()
                    && !allowances
                            .computeIfAbsent(saying.uid(), _ -> new Allowance(now))
                            .take(now)) return;
        }
        var reply = before.map(old -> again(old, now)).orElseGet(() -> first(kind, type, about, reason, message, now));
        if (reply instanceof Reply.Refused refused && refused.notFound()) {
            reply = first(kind, type, about, reason, message, now);
        }
        reply.answer().ifPresent(event -> {
            synchronized (this) {
                said.put(saying, event);
            }
        });
    }

    private Reply again(Json.Obj old, Instant now) {
        var more = old.with("count", old.at("count").integer(1) + 1).with("lastTimestamp", Meta.stamp(now));
        return world.update(ResourceType.EVENTS, old, more);
    }

    private Reply first(String kind, ResourceType type, Json about, String reason, String message, Instant now) {
        var namespace = type.namespaced() ? Meta.namespace(about) : "default";
        var involved = Meta.reference(type, about)
                .with("apiVersion", type.apiVersion())
                .with("resourceVersion", about.at("metadata", "resourceVersion").string(""));
        var name = Meta.name(about) + "." + Long.toHexString(world.tick());
        return world.create(
                ResourceType.EVENTS,
                Json.obj(
                        "apiVersion",
                        "v1",
                        "kind",
                        "Event",
                        "metadata",
                        Json.obj("name", name, "namespace", namespace),
                        "involvedObject",
                        involved,
                        "reason",
                        reason,
                        "message",
                        message.length() > 1024 ? message.substring(0, 1021) + "..." : message,
                        "source",
                        Json.obj("component", component),
                        "firstTimestamp",
                        Meta.stamp(now),
                        "lastTimestamp",
                        Meta.stamp(now),
                        "count",
                        1,
                        "type",
                        kind,
                        "reportingComponent",
                        component,
                        "reportingInstance",
                        ""));
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    /// Removes what is older than an hour, and the oldest of what is too much: events must not fill the cluster.
    static final class Sweeper {
        static final int MOST = 5000;
        static final Duration LIFETIME = Duration.ofHours(1);
        private static final Duration PAUSE = Duration.ofMinutes(1);
        private static final Key ALL = new Key("", "events");

        private final World world;
        private final Cache events;
        private final Worker worker;

        Sweeper(World world) {
            this.world = world;
            this.events = world.cache(ResourceType.EVENTS);
            this.worker = new Worker("event-sweeper", world.time(), PAUSE, _ -> sweep());
            events.listen((_, _) -> worker.add(ALL));
        }

        Worker worker() {
            return worker;
        }

        private Outcome sweep() {
            var all = events.all();
            if (all.isEmpty()) return Outcome.settled();
            var bound = world.now().minus(LIFETIME);
            int surplus = all.size() - MOST;
            // Most often nothing is due: then there is nothing to sort either.
            var old = surplus > 0
                    ? all.stream()
                    : all.stream().filter(event -> !last(event).isAfter(bound));
            Outcome outcome = Outcome.settled();
            for (var event : oldestFirst(old)) {
                if (surplus-- <= 0 && last(event).isAfter(bound)) break;
                outcome = outcome.and(Outcome.of(world.delete(ResourceType.EVENTS, event, "Background")));
            }
            return outcome.and(new Outcome.Again(world.now().plus(PAUSE)));
        }

        private static List<Json.Obj> oldestFirst(Stream<Json.Obj> events) {
            return events.sorted(Comparator.<Json.Obj, Instant>comparing(Sweeper::last)
                            .thenComparing(Meta.BY_AGE))
                    .toList();
        }

        private static Instant last(Json event) {
            return Meta.instant(event.at("lastTimestamp"))
                    .or(() -> Meta.instant(event.at("eventTime")))
                    .orElseGet(() -> Meta.created(event));
        }
    }
}
