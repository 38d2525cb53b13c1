package dev.sluice.local.traffic;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.traffic.http.Headers;
import dev.sluice.local.traffic.http.HttpListener;
import dev.sluice.local.traffic.http.HttpRequest;
import dev.sluice.local.traffic.http.HttpResponse;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Watchdog;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A gateway for all `Gateway` objects of the cluster, on one address, whatever their class and listener ports:
/// it serves the `HTTPRoute`s that name one of them and says so in their status.
///
/// The status is written after the routes are in force: who sees `observedGeneration` sees what is served.
///
/// | what | answer |
/// |---|---|
/// | no route matches | 404 |
/// | the backend's Service does not exist, or must not be referred to | 500 |
/// | all weights are 0 | 500 |
/// | the Service has no ready endpoints | 503 |
///
/// Not supported: TLS, ReferenceGrant (a backend in another namespace is refused), the filters RequestRedirect
/// and ExtensionRef, parents that are Services.
///
/// @see "Gateway API v1: HTTPRoute, Gateway"
final class HttpGateway implements AutoCloseable {
    static final String CONTROLLER = "sluice.dev/local-gateway";

    private static final Logger log = LoggerFactory.getLogger(HttpGateway.class);
    private static final int MIRRORED_AT_ONCE = 64;
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final Gateway cluster;
    private final Time time;
    private final Services services;
    private final Forwarder forwarder;
    private final HttpListener listener;
    private final Mirror routes;
    private final Mirror gateways;
    private final Semaphore changes = new Semaphore(0);
    private final Semaphore mirrors = new Semaphore(MIRRORED_AT_ONCE);
    private final Thread builder;
    private volatile RouteTable table = RouteTable.EMPTY;
    private volatile boolean closed;
    private Map<String, WeightedTurns> turns = new TreeMap<>();

    HttpGateway(
            InetSocketAddress at, Gateway cluster, Time time, Services services, Forwarder forwarder, Watchdog watchdog)
            throws IOException {
        this.cluster = cluster;
        this.time = time;
        this.services = services;
        this.forwarder = forwarder;
        var onAnyChange = new Mirror.Listener() {
            @Override
            public void put(String key, Json.Obj object) {
                changes.release();
            }

            @Override
            public void removed(String key) {
                changes.release();
            }
        };
        routes = new Mirror(cluster, ResourceType.HTTP_ROUTES, onAnyChange);
        gateways = new Mirror(cluster, ResourceType.GATEWAYS, onAnyChange);
        services.onChange(_ -> changes.release());
        listener = HttpListener.open(at, Limits.SHARED, watchdog, this::handle);
        builder = Thread.ofVirtual().name("routes").unstarted(this::build);
    }

    void start(Duration atMost) throws InterruptedException {
        routes.start();
        gateways.start();
        routes.awaitListed(atMost);
        gateways.awaitListed(atMost);
        changes.release();
        builder.start();
    }

    HttpListener listener() {
        return listener;
    }

    InetSocketAddress address() {
        return listener.address();
    }

    // Requests

    private HttpResponse handle(HttpRequest request) {
        var found = table.find(request);
        if (found.isEmpty()) {
            var why = "no HTTPRoute matches " + request.method() + " " + request.host() + request.path();
            return forwarder.answer(new Entry(Entry.Kind.GATEWAY, "", "", ""), 404, why);
        }
        var match = found.get().match();
        var rule = found.get().rule();
        var namespace = rule.route().substring(0, rule.route().indexOf('/'));
        int choice = rule.turns().next();
        if (choice < 0) {
            return forwarder.answer(
                    new Entry(Entry.Kind.GATEWAY, namespace, "", rule.route()),
                    500,
                    "no backend of HTTPRoute " + rule.route() + " has a weight above 0");
        }
        var target = rule.targets().get(choice);
        var entry = new Entry(Entry.Kind.GATEWAY, target.namespace(), target.service(), rule.route());
        var backend = services.backend(target.namespace(), target.service(), target.port());
        if (!target.problem().isEmpty() || backend.isEmpty()) {
            var why = target.problem().isEmpty() ? "service " + target.service() + " has gone" : target.problem();
            return forwarder.answer(entry, 500, "HTTPRoute " + rule.route() + ": " + why);
        }
        var changed = asked(request, match, rule.filters());
        changed = asked(changed, match, target.filters());
        var response = forwarder.forward(entry, backend.get(), changed, rule.timeout());
        return response.with(answered(answered(response.headers(), target.filters()), rule.filters()));
    }

    private HttpRequest asked(HttpRequest request, RouteMatch match, List<RouteFilter> filters) {
        var changed = request;
        for (var filter : filters) {
            changed = switch (filter) {
                case RouteFilter.ModifyHeaders modify ->
                    modify.ofRequest() ? changed.with(modify.apply(changed.headers())) : changed;
                case RouteFilter.Rewrite rewrite -> rewritten(changed, match, rewrite);
                case RouteFilter.Mirror mirror -> {
                    mirror(changed, mirror);
                    yield changed;
                }
            };
        }
        return changed;
    }

    private static Headers answered(Headers headers, List<RouteFilter> filters) {
        var changed = headers;
        for (var filter : filters) {
            if (filter instanceof RouteFilter.ModifyHeaders modify && !modify.ofRequest()) {
                changed = modify.apply(changed);
            }
        }
        return changed;
    }

    private static HttpRequest rewritten(HttpRequest request, RouteMatch match, RouteFilter.Rewrite rewrite) {
        var path = request.path();
        var query = request.target().substring(path.length());
        if (rewrite.fullPath().isPresent()) {
            path = rewrite.fullPath().get();
        } else if (rewrite.prefix().isPresent() && match.path().how() == RouteMatch.How.PREFIX) {
            var prefix = match.path().value();
            var rest = prefix.equals("/") ? path : path.substring(prefix.length());
            var front = rewrite.prefix().get();
            if (front.endsWith("/")) front = front.substring(0, front.length() - 1);
            path = front + rest;
            if (!path.startsWith("/")) path = "/" + path;
        }
        var changed = request.withTarget(path + query);
        return rewrite.host().map(host -> changed.withHeader("Host", host)).orElse(changed);
    }

    /// A copy is best effort: it never delays the request, and is dropped where too many are under way.
    private void mirror(HttpRequest request, RouteFilter.Mirror mirror) {
        if (mirror.turns().next() != 0) return;
        var backend = services.backend(mirror.namespace(), mirror.service(), mirror.port());
        if (backend.isEmpty() || !mirrors.tryAcquire()) return;
        var entry = new Entry(Entry.Kind.MIRROR, mirror.namespace(), mirror.service(), "");
        Thread.ofVirtual().name("mirror").start(() -> {
            try {
                var unused = forwarder.forward(entry, backend.get(), request, Forwarder.RESPONSE);
                log.trace("mirrored: {}", unused.status());
            } finally {
                mirrors.release();
            }
        });
    }

    // Routes

    private void build() {
        boolean again = false;
        try {
            while (!closed) {
                // What could not be written is tried again, also without a change.
                if (again) {
                    boolean changed = changes.tryAcquire(AGAIN.toNanos(), TimeUnit.NANOSECONDS);
                    log.trace("routes again, changed: {}", changed);
                } else {
                    changes.acquire();
                }
                changes.drainPermits();
                again = !round();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Puts all routes in force, then reports.
    ///
    /// @return whether every status could be written
    private boolean round() {
        try {
            var allGateways = gateways.objects();
            var next = new TreeMap<String, WeightedTurns>();
            var entries = new ArrayList<RouteTable.Entry>();
            var reports = new LinkedHashMap<Json.Obj, Report>();
            for (var route : routes.objects().values()) {
                var report = report(route, allGateways);
                if (report.parents.isEmpty()) continue;
                var known = new TreeMap<>(turns);
                var reading = RouteTable.read(route, report.hosts, this::check, known);
                next.putAll(known);
                reports.put(route, report.with(reading));
                if (report.accepted()) entries.addAll(reading.entries());
            }
            // Only what is in use is kept.
            turns = used(next, entries);
            table = RouteTable.of(entries);
            boolean all = true;
            for (var report : reports.entrySet()) all &= write(report.getKey(), report.getValue());
            for (var gateway : allGateways.entrySet()) all &= write(gateway.getKey(), gateway.getValue(), reports);
            return all;
        } catch (RuntimeException bug) {
            log.error("cannot put routes in force; those before stay", bug);
            return false;
        }
    }

    private static Map<String, WeightedTurns> used(Map<String, WeightedTurns> turns, List<RouteTable.Entry> entries) {
        var used = new TreeMap<String, WeightedTurns>();
        turns.forEach((key, turn) -> {
            if (entries.stream().anyMatch(entry -> entry.rule().turns() == turn)) used.put(key, turn);
        });
        return used;
    }

    private Optional<RouteTable.Problem> check(String namespace, String service, int port) {
        var key = namespace + "/" + service;
        if (services.find(key).isEmpty()) {
            return Optional.of(new RouteTable.Problem("BackendNotFound", "Service " + key + " does not exist"));
        }
        if (services.backend(namespace, service, port).isEmpty()) {
            return Optional.of(new RouteTable.Problem(
                    "BackendNotFound",
                    "Service " + key + " has no port " + port + "; it has "
                            + new TreeMap<>(services.backends(key)).keySet()));
        }
        return Optional.empty();
    }

    // Status

    /// What is said about a route, parent by parent.
    ///
    /// @param parents those that are ours, with the reason why not accepted, empty where it is
    /// @param hosts under which the route is served by those that accept it
    private record Report(
            Map<Json, RouteTable.Problem> parents, List<String> hosts, Optional<RouteTable.Problem> unresolved) {
        private static final RouteTable.Problem FINE = new RouteTable.Problem("Accepted", "");

        boolean accepted() {
            return parents.containsValue(FINE);
        }

        Report with(RouteTable.Reading reading) {
            var all = new LinkedHashMap<>(parents);
            reading.unsupported()
                    .ifPresent(why -> all.replaceAll((_, _) -> new RouteTable.Problem("UnsupportedValue", why)));
            return new Report(all, hosts, reading.unresolved());
        }
    }

    private Report report(Json.Obj route, Map<String, Json.Obj> all) {
        var namespace = route.at("metadata", "namespace").string("");
        var wanted = new ArrayList<String>();
        for (var host : route.at("spec", "hostnames").items()) host.asString().ifPresent(wanted::add);
        var parents = new LinkedHashMap<Json, RouteTable.Problem>();
        var hosts = new ArrayList<String>();
        for (var ref : route.at("spec", "parentRefs").items()) {
            if (!ref.at("kind").string("Gateway").equals("Gateway")) continue;
            if (!ref.at("group").string("gateway.networking.k8s.io").equals("gateway.networking.k8s.io")) continue;
            var key =
                    ref.at("namespace").string(namespace) + "/" + ref.at("name").string("");
            var gateway = all.get(key);
            // Not ours to speak about: a Gateway that does not exist is nobody's.
            if (gateway == null) continue;
            parents.put(ref, attach(ref, gateway, namespace, wanted, hosts));
        }
        return new Report(parents, List.copyOf(hosts), Optional.empty());
    }

    private RouteTable.Problem attach(
            Json ref, Json.Obj gateway, String namespace, List<String> wanted, List<String> hosts) {
        boolean named = false;
        boolean allowed = false;
        boolean hosted = false;
        for (var listener : gateway.at("spec", "listeners").items()) {
            var section = ref.at("sectionName").asString();
            var port = ref.at("port").asInt();
            if (section.isPresent() && !section.equals(listener.at("name").asString())) continue;
            if (port.isPresent() && !port.equals(listener.at("port").asInt())) continue;
            if (!listener.at("protocol").string("HTTP").equals("HTTP")) continue;
            named = true;
            if (!allows(listener, gateway, namespace)) continue;
            allowed = true;
            var common = common(listener.at("hostname").string(""), wanted);
            hosted |= !common.isEmpty();
            for (var host : common) {
                if (!hosts.contains(host)) hosts.add(host);
            }
        }
        if (hosted) return Report.FINE;
        if (!named) return new RouteTable.Problem("NoMatchingParent", "no HTTP listener of the Gateway is meant");
        if (!allowed) {
            return new RouteTable.Problem(
                    "NotAllowedByListeners", "no listener takes routes from namespace " + namespace);
        }
        return new RouteTable.Problem("NoMatchingListenerHostname", "no listener has one of the route's host names");
    }

    private boolean allows(Json listener, Json.Obj gateway, String namespace) {
        var from = listener.at("allowedRoutes", "namespaces");
        return switch (from.at("from").string("Same")) {
            case "All" -> true;
            case "Selector" -> {
                var ref = ObjectRef.of(ResourceType.NAMESPACES, "", namespace);
                var selector = LabelSelector.of(from.at("selector"));
                yield cluster.send(new Request.Get(ref))
                        .answer()
                        .filter(selector::matches)
                        .isPresent();
            }
            default -> gateway.at("metadata", "namespace").string("").equals(namespace);
        };
    }

    /// The host names that listener and route have in common; one empty where neither names any.
    private static List<String> common(String listener, List<String> wanted) {
        if (wanted.isEmpty()) return List.of(listener);
        if (listener.isEmpty()) return wanted;
        var common = new ArrayList<String>();
        for (var host : wanted) {
            if (host.equals(listener) || RouteMatch.host(listener, host)) common.add(host);
            else if (RouteMatch.host(host, listener)) common.add(listener);
        }
        return common;
    }

    private boolean write(Json.Obj route, Report report) {
        var generation = route.at("metadata", "generation").asLong().orElse(1L);
        var before = route.at("status", "parents").items();
        var parents = new ArrayList<Json>();
        // What other controllers have said about other parents stays.
        for (var parent : before) {
            if (!parent.at("controllerName").string("").equals(CONTROLLER)) parents.add(parent);
        }
        report.parents.forEach((ref, problem) -> {
            var old = before.stream()
                    .filter(parent -> parent.at("controllerName").string("").equals(CONTROLLER)
                            && parent.at("parentRef").equals(ref))
                    .findFirst()
                    .map(parent -> parent.at("conditions"))
                    .orElse(Json.Arr.EMPTY);
            boolean accepted = problem.equals(Report.FINE);
            var conditions = List.of(
                    condition(old, "Accepted", accepted, problem, generation),
                    condition(
                            old,
                            "ResolvedRefs",
                            report.unresolved.isEmpty(),
                            report.unresolved.orElse(new RouteTable.Problem("ResolvedRefs", "")),
                            generation));
            parents.add(Json.obj("parentRef", ref, "controllerName", CONTROLLER, "conditions", conditions));
        });
        return patched(ResourceType.HTTP_ROUTES, route, route.at("status"), Json.obj("parents", parents));
    }

    private boolean write(String key, Json.Obj gateway, Map<Json.Obj, Report> reports) {
        var generation = gateway.at("metadata", "generation").asLong().orElse(1L);
        var fine = new RouteTable.Problem("Accepted", "");
        var programmed = new RouteTable.Problem("Programmed", "");
        var resolved = new RouteTable.Problem("ResolvedRefs", "");
        var listeners = new ArrayList<Json>();
        for (var each : gateway.at("spec", "listeners").items()) {
            var name = each.at("name").string("");
            int attached = 0;
            for (var report : reports.entrySet()) {
                var namespace = report.getKey().at("metadata", "namespace").string("");
                for (var parent : report.getValue().parents.entrySet()) {
                    var ref = parent.getKey();
                    var named = ref.at("namespace").string(namespace) + "/"
                            + ref.at("name").string("");
                    boolean here = named.equals(key)
                            && ref.at("sectionName").string(name).equals(name);
                    if (here && parent.getValue().equals(Report.FINE)) attached++;
                }
            }
            var old = gateway.at("status", "listeners").items().stream()
                    .filter(status -> status.at("name").string("").equals(name))
                    .findFirst()
                    .map(status -> status.at("conditions"))
                    .orElse(Json.Arr.EMPTY);
            boolean http = each.at("protocol").string("HTTP").equals("HTTP");
            var verdict = http ? fine : new RouteTable.Problem("UnsupportedProtocol", "only HTTP is served here");
            listeners.add(Json.obj(
                    "name",
                    name,
                    "supportedKinds",
                    List.of(Json.obj("group", "gateway.networking.k8s.io", "kind", "HTTPRoute")),
                    "attachedRoutes",
                    attached,
                    "conditions",
                    List.of(
                            condition(old, "Accepted", http, verdict, generation),
                            condition(
                                    old,
                                    "Programmed",
                                    http,
                                    http ? programmed : new RouteTable.Problem("Invalid", verdict.message()),
                                    generation),
                            condition(old, "ResolvedRefs", true, resolved, generation))));
        }
        var old = gateway.at("status", "conditions");
        var status = Json.obj(
                "addresses",
                        List.of(Json.obj(
                                "type",
                                "IPAddress",
                                "value",
                                address().getAddress().getHostAddress())),
                "conditions",
                        List.of(
                                condition(old, "Accepted", true, fine, generation),
                                condition(old, "Programmed", true, programmed, generation)),
                "listeners", listeners);
        return patched(ResourceType.GATEWAYS, gateway, gateway.at("status"), status);
    }

    private Json condition(Json old, String type, boolean holds, RouteTable.Problem why, long generation) {
        var status = holds ? "True" : "False";
        var since = old.items().stream()
                .filter(condition -> condition.at("type").string("").equals(type)
                        && condition.at("status").string("").equals(status))
                .findFirst()
                .flatMap(condition -> condition.at("lastTransitionTime").asString())
                .orElseGet(() -> time.now().truncatedTo(ChronoUnit.SECONDS).toString());
        return Json.obj(
                "type", type,
                "status", status,
                "reason", why.reason(),
                "message", why.message(),
                "observedGeneration", generation,
                "lastTransitionTime", since);
    }

    /// Writes a status where it differs.
    ///
    /// @return false where it should be tried again
    private boolean patched(ResourceType type, Json.Obj object, Json before, Json.Obj status) {
        boolean same = status.fields().entrySet().stream()
                .allMatch(field -> field.getValue().equals(before.at(field.getKey())));
        if (same) return true;
        var ref = ObjectRef.of(type, object).sub("status");
        var lock = Json.obj("resourceVersion", object.at("metadata", "resourceVersion"));
        var patch = Json.obj("metadata", lock, "status", status);
        return switch (cluster.send(new Request.Patch(ref, PatchType.MERGE, patch))) {
            case Reply.Done _ -> true;
            // Somebody was faster: the watch brings what they wrote, and another round. Gone: nothing to say.
            case Reply.Refused refused when refused.conflict() || refused.notFound() -> true;
            case Reply.Refused refused -> {
                log.warn("cannot write the status of {}: {}", ref, refused.message());
                yield false;
            }
            case Reply.Lost(var _, var why) -> {
                log.warn("cannot write the status of {}: {}", ref, why);
                yield false;
            }
        };
    }

    @Override
    public void close() {
        closed = true;
        builder.interrupt();
        routes.close();
        gateways.close();
        listener.close();
    }
}
