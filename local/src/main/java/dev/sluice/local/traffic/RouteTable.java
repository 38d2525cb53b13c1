package dev.sluice.local.traffic;

import dev.sluice.format.GoDuration;
import dev.sluice.json.Json;
import dev.sluice.local.traffic.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// All rules of all accepted routes, in the order in which they are tried: the first that matches wins.
///
/// @see "Gateway API: HTTPRouteRule, matches: precedence of conflicting rules"
final class RouteTable {
    static final RouteTable EMPTY = new RouteTable(List.of());

    private final List<Entry> entries;

    private RouteTable(List<Entry> entries) {
        this.entries = entries;
    }

    /// One match of one rule under one host name.
    ///
    /// @param host empty for any
    /// @param created of the route, as written in its metadata
    /// @param place of the rule in its route
    record Entry(String host, RouteMatch match, Rule rule, String created, int place) {
        /// Exact host, then longer wildcard; exact path, then regular expression, then longer prefix; a method;
        /// more headers; more query parameters; the older route; the first by name; the first in the route.
        static final Comparator<Entry> ORDER = Comparator.<Entry>comparingInt(entry -> entry.hostRank())
                .thenComparing(entry -> entry.host.length(), Comparator.reverseOrder())
                .thenComparing(entry -> entry.match.path().how(), Comparator.reverseOrder())
                .thenComparing(entry -> entry.match.path().value().length(), Comparator.reverseOrder())
                .thenComparing(entry -> entry.match.method().isPresent(), Comparator.reverseOrder())
                .thenComparing(entry -> entry.match.headers().size(), Comparator.reverseOrder())
                .thenComparing(entry -> entry.match.query().size(), Comparator.reverseOrder())
                .thenComparing(entry -> entry.created)
                .thenComparing(entry -> entry.rule.route)
                .thenComparingInt(entry -> entry.place);

        private int hostRank() {
            if (host.isEmpty()) return 2;
            return host.startsWith("*.") ? 1 : 0;
        }
    }

    /// Where a rule may send a request.
    ///
    /// @param problem why it cannot, empty where it can; its share of requests gets 500 then
    record Target(String namespace, String service, int port, int weight, List<RouteFilter> filters, String problem) {}

    /// One rule.
    ///
    /// @param route `namespace/name`
    record Rule(String route, List<RouteFilter> filters, List<Target> targets, WeightedTurns turns, Duration timeout) {}

    /// What a route came to: entries, or the reason why there are none, and what is wrong with its backends.
    record Reading(List<Entry> entries, Optional<String> unsupported, Optional<Problem> unresolved) {}

    /// A reference that leads nowhere.
    ///
    /// @param reason as in the condition `ResolvedRefs`
    record Problem(String reason, String message) {}

    /// Looks up whether a Service's port exists.
    interface Lookup {
        /// @return the problem, empty where it exists
        Optional<Problem> check(String namespace, String service, int port);
    }

    static RouteTable of(List<Entry> entries) {
        var sorted = new ArrayList<>(entries);
        sorted.sort(Entry.ORDER);
        return new RouteTable(List.copyOf(sorted));
    }

    Optional<Entry> find(HttpRequest request) {
        var host = request.host();
        for (var entry : entries) {
            if (!entry.host.isEmpty() && !RouteMatch.host(entry.host, host)) continue;
            if (entry.match.takes(request)) return Optional.of(entry);
        }
        return Optional.empty();
    }

    /// Reads a route.
    ///
    /// @param hosts those it is served under; one empty for any
    /// @param turns the turns of rules already served, by rule and weights: an unchanged rule goes on where it
    ///     was
    static Reading read(Json.Obj route, List<String> hosts, Lookup lookup, Map<String, WeightedTurns> turns) {
        var namespace = route.at("metadata", "namespace").string("");
        var name = namespace + "/" + route.at("metadata", "name").string("");
        var created = route.at("metadata", "creationTimestamp").string("");
        var entries = new ArrayList<Entry>();
        Optional<Problem> unresolved = Optional.empty();
        int place = 0;
        for (var rule : route.at("spec", "rules").items()) {
            try {
                var targets = new ArrayList<Target>();
                for (var ref : rule.at("backendRefs").items()) {
                    var target = target(ref, namespace, lookup);
                    if (unresolved.isEmpty()) unresolved = target.problem;
                    targets.add(target.target);
                }
                var weights = targets.stream().map(Target::weight).toList();
                var key = name + " " + place + " " + rule.at("backendRefs").text();
                var read = new Rule(
                        name,
                        RouteFilter.of(rule.at("filters"), namespace),
                        List.copyOf(targets),
                        turns.computeIfAbsent(key, _ -> new WeightedTurns(weights)),
                        timeout(rule.at("timeouts")));
                var matches = rule.at("matches").items();
                if (matches.isEmpty()) matches = List.of(Json.Obj.EMPTY);
                for (var match : matches) {
                    var wanted = RouteMatch.of(match);
                    for (var host : hosts) {
                        entries.add(new Entry(host.toLowerCase(Locale.ROOT), wanted, read, created, place));
                    }
                }
            } catch (RouteMatch.Unsupported unsupported) {
                var why = "spec.rules[" + place + "]: " + unsupported.getMessage();
                return new Reading(List.of(), Optional.of(why), unresolved);
            }
            place++;
        }
        return new Reading(List.copyOf(entries), Optional.empty(), unresolved);
    }

    private record Checked(Target target, Optional<Problem> problem) {}

    private static Checked target(Json ref, String namespace, Lookup lookup) throws RouteMatch.Unsupported {
        var service = ref.at("name").string("");
        var other = ref.at("namespace").string(namespace);
        int port = ref.at("port").integer(0);
        var problem = problem(ref, namespace, other, service, port, lookup);
        var target = new Target(
                other,
                service,
                port,
                Math.clamp(ref.at("weight").integer(1), 0, 1_000_000),
                RouteFilter.of(ref.at("filters"), namespace),
                problem.map(Problem::message).orElse(""));
        return new Checked(target, problem);
    }

    private static Optional<Problem> problem(
            Json ref, String namespace, String other, String service, int port, Lookup lookup) {
        var kind = ref.at("kind").string("Service");
        var group = ref.at("group").string("");
        if (!kind.equals("Service") || !group.isEmpty()) {
            return Optional.of(new Problem(
                    "InvalidKind",
                    "backendRef of kind " + kind + (group.isEmpty() ? "" : "." + group)
                            + "; only Services are known here"));
        }
        if (!other.equals(namespace)) {
            return Optional.of(new Problem(
                    "RefNotPermitted",
                    "backendRef to Service " + other + "/" + service
                            + " in another namespace; no ReferenceGrant allows it"));
        }
        return lookup.check(other, service, port);
    }

    private static Duration timeout(Json timeouts) {
        var text = timeouts.at("request").string(timeouts.at("backendRequest").string(""));
        return GoDuration.parse(text)
                .filter(duration -> duration.isPositive() && duration.compareTo(Forwarder.RESPONSE) < 0)
                .orElse(Forwarder.RESPONSE);
    }
}
