package dev.sluice.explain;

import dev.sluice.explain.TrafficObservation.Pod;
import dev.sluice.explain.TrafficObservation.Route;
import dev.sluice.explain.TrafficObservation.Sample;
import dev.sluice.explain.TrafficObservation.Service;
import dev.sluice.explain.TrafficObservation.ServicePort;
import dev.sluice.explain.TrafficObservation.Split;
import dev.sluice.explain.TrafficObservation.Version;
import dev.sluice.json.Json;
import dev.sluice.strategy.BasicCanary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// One walk along the way of a request: gateways, routes, Services, endpoints, pods. Nothing stops it, so that it finds
/// all causes and not only the first.
final class Walk {
    /// Percentage points by which a ratio of pods may miss the weight before that is worth saying.
    private static final double TOLERANCE = 1;
    /// `appProtocol` of ports on which a client stays connected and asks again and again.
    private static final Set<String> LONG_LIVED =
            Set.of("kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss", "h2c", "http2", "grpc", "ws", "wss");
    /// A measured value that says nothing: no sample, or no number in any.
    private static final Pattern EMPTY = Pattern.compile("\\[]|null|\\[?NaN(,NaN)*]?");
    /// Such as `version="v2"` in a query.
    private static final Pattern MATCHER = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"([^\"]*)\"");

    private final TrafficObservation seen;
    private final Version newest;
    private final Optional<Version> stable;
    private final Optional<Asked> asked;
    private final List<Hop> hops = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    Walk(TrafficObservation seen) {
        this.seen = seen;
        this.newest = seen.newest();
        this.stable = seen.stable();
        this.asked = seen.subject().asked();
    }

    TrafficExplanation explain() {
        double reach = switch (seen.subject().split()) {
            case Split.ByRoute split -> byRoute(split);
            case Split.ByPods split -> byPods(split);
            case Split.BySwitch split -> bySwitch(split);
        };
        replicas();
        pods();
        ratio();
        held();
        outerWay();
        owners();
        metrics(reach);
        asAsked();
        return new TrafficExplanation(
                seen.subject().kind() + " " + seen.namespace() + "/"
                        + seen.subject().name(),
                newest.shown(),
                asked.map(Asked::percent),
                reach,
                hops,
                findings);
    }

    private void ok(String where, String text) {
        hops.add(new Hop(Level.OK, where, text, Optional.empty()));
    }

    private void find(Level level, Cause cause, String where, String evidence, String remedy) {
        hops.add(new Hop(level, where, evidence, Optional.of(cause.code())));
        findings.add(new Finding(level, cause, where, evidence, remedy));
    }

    /// Whether traffic should reach the new version at all.
    private boolean wanted() {
        return asked.map(a -> a.weight() > 0).orElse(true);
    }

    private boolean split() {
        return stable.isPresent() && !stable.get().value().equals(newest.value());
    }

    // ── gateways and routes ──────────────────────────────────────────────────────────────────────────────────────

    private double byRoute(Split.ByRoute split) {
        double reach = 1;
        boolean any = false;
        double own = service(split.canaryService(), newest, wanted());
        double other = service(split.stableService(), stable.orElse(newest), true);
        var serviceHops = List.copyOf(hops);
        hops.clear();
        for (var name : split.routes()) {
            var route = seen.routes().stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst();
            var where = "HTTPRoute " + local(name);
            if (route.isEmpty()) {
                find(
                        Level.BAD,
                        Cause.ROUTE_NOT_IN_FORCE,
                        where,
                        "does not exist, but trafficRouting names it",
                        "create HTTPRoute %s with both Services as backends, or name another".formatted(name));
                reach = 0;
                continue;
            }
            any = true;
            reach = Math.min(reach, route(route.get(), split, own, other));
        }
        hops.addAll(serviceHops);
        otherEntries(split);
        return any ? 100 * reach : 0;
    }

    private double route(Route route, Split.ByRoute split, double own, double other) {
        var where = "HTTPRoute " + local(route.name());
        for (var parent : route.parents()) {
            var gateway = seen.gateways().stream()
                    .filter(candidate -> candidate.name().equals(parent))
                    .findFirst();
            gateway.ifPresent(found -> {
                if (found.programmed().orElse(true)) {
                    ok(
                            "Gateway " + local(parent),
                            found.listeners()
                                    + found.programmed()
                                            .map(_ -> ", programmed")
                                            .orElse(""));
                } else {
                    find(
                            Level.BAD,
                            Cause.ROUTE_NOT_IN_FORCE,
                            "Gateway " + local(parent),
                            "is not programmed" + colon(found.message()),
                            "kubectl describe gateway " + local(parent) + "; look at its class and its controller");
                }
            });
        }
        boolean inForce = inForce(route);
        double reach = 1;
        int rules = 0;
        for (int i = 0; i < route.rules().size(); i++) {
            var rule = route.rules().get(i);
            var canary = backend(rule, split.canaryService());
            var stableRef = backend(rule, split.stableService());
            if (canary.isEmpty() || stableRef.isEmpty()) continue;
            rules++;
            int to = canary.get().at("weight").integer(1);
            int rest = stableRef.get().at("weight").integer(1);
            weights(route, i, rule, split, to, rest);
            boolean ports = backendPorts(where + " rule " + (i + 1), List.of(canary.get(), stableRef.get()));
            boolean caught = earlier(route, i, split);
            double share = to + rest == 0 ? 0 : (double) to / (to + rest);
            double here = inForce && ports && !caught ? share * own + (1 - share) * other : 0;
            reach = Math.min(reach, here);
        }
        if (rules == 0) {
            find(
                    Level.BAD,
                    Cause.OTHER_WEIGHTS,
                    where,
                    "no rule names both %s and %s, so no weight can be set"
                            .formatted(split.canaryService(), split.stableService()),
                    "list both as backendRefs of the rule that is to be split");
            return 0;
        }
        return reach;
    }

    /// Whether a gateway has taken the route as it stands; says so where none has.
    private boolean inForce(Route route) {
        var where = "HTTPRoute " + local(route.name());
        if (route.parents().isEmpty()) {
            find(
                    Level.BAD,
                    Cause.ROUTE_NOT_IN_FORCE,
                    where,
                    "is attached to no gateway: spec.parentRefs is empty, so it takes no request",
                    "name the Gateway in its spec.parentRefs"
                            + seen.gateways().stream()
                                    .findFirst()
                                    .map(gateway -> ", such as " + local(gateway.name()))
                                    .orElse("; kubectl get gateway -A shows those there are"));
            return false;
        }
        if (!route.problems().isEmpty()) {
            find(
                    Level.BAD,
                    Cause.ROUTE_NOT_IN_FORCE,
                    where,
                    String.join("; ", route.problems()),
                    "correct what the parent complains about; until then it serves an older state of the route, or none");
            return false;
        }
        if (!route.reported()) {
            find(
                    Level.BAD,
                    Cause.ROUTE_NOT_IN_FORCE,
                    where,
                    "no gateway has taken it: status.parents is empty, parentRefs names "
                            + String.join(", ", route.parents()),
                    "look whether that Gateway exists and its controller runs: kubectl get gateway -A");
            return false;
        }
        return true;
    }

    private void weights(Route route, int index, Json rule, Split.ByRoute split, int to, int rest) {
        var where = "HTTPRoute %s rule %d".formatted(local(route.name()), index + 1);
        var text = "%s: %s %d, %s %d"
                .formatted(Matches.text(rule), split.stableService(), rest, split.canaryService(), to);
        if (asked.isEmpty()) {
            ok(where, text);
            return;
        }
        int max = asked.get().max();
        var told = seen.subject().told();
        int wants = told.orElse(asked.get().weight());
        boolean other = (long) to * max != (long) wants * (to + rest);
        if (other && told.isPresent()) {
            find(
                    Level.BAD,
                    Cause.OTHER_WEIGHTS,
                    where,
                    text
                            + ", but the controller asked for %d of %d for %s"
                                    .formatted(wants, max, split.canaryService())
                            + route.writer().map(writer -> "; " + writer).orElse(""),
                    "let only the controller write the weights (a GitOps tool: ignore backendRefs[].weight), and look"
                            + " whether the controller runs");
        } else if ((other || wants != asked.get().weight()) && newest.desired() > 0 && ready(newest) > 0) {
            find(
                    Level.WARN,
                    Cause.OTHER_WEIGHTS,
                    where,
                    text
                            + ": the step asks for %d, the controller has told the router %s up to now"
                                    .formatted(
                                            asked.get().weight(),
                                            told.map(String::valueOf).orElse("nothing")),
                    "sluice why %s     shows what the controller waits for"
                            .formatted(seen.subject().typed()));
        } else {
            ok(where, text);
        }
    }

    private boolean backendPorts(String where, List<Json> refs) {
        boolean fits = true;
        for (var ref : refs) {
            var name = ref.at("name").string("");
            var service = find(name);
            var port = ref.at("port").asInt();
            if (service.isEmpty() || port.isEmpty()) continue;
            if (service.get().ports().stream().noneMatch(p -> p.port() == port.get())) {
                fits = false;
                find(
                        Level.BAD,
                        Cause.PORT_MISMATCH,
                        where,
                        "sends to port %d of %s, which has %s"
                                .formatted(
                                        port.get(),
                                        name,
                                        service.get().ports().stream()
                                                .map(p -> "" + p.port())
                                                .collect(Collectors.joining(", "))),
                        "name a port of the Service in backendRefs");
            }
        }
        return fits;
    }

    /// Rules that are preferred to the split one for some of its requests.
    ///
    /// @return whether one of them takes all of its requests
    private boolean earlier(Route route, int index, Split.ByRoute split) {
        boolean all = false;
        for (var other : seen.routes()) {
            boolean same = other.name().equals(route.name());
            if (!same && (!sharesParent(route, other) || !sharesHost(route, other))) continue;
            for (int i = 0; i < other.rules().size(); i++) {
                if (same && i == index) continue;
                var rule = other.rules().get(i);
                if (backend(rule, split.canaryService()).isPresent()
                        && backend(rule, split.stableService()).isPresent()) continue;
                var verdict = catches(other, i, route, index);
                boolean ours = reachesUs(rule);
                if (verdict == Caught.NOTHING || verdict == Caught.SOME && !ours) continue;
                all |= verdict == Caught.ALL;
                find(
                        verdict == Caught.ALL ? Level.BAD : Level.WARN,
                        Cause.EARLIER_RULE,
                        "HTTPRoute %s rule %d".formatted(local(other.name()), i + 1),
                        "%s has only %s: %s of rule %d%s match it first"
                                .formatted(
                                        Matches.text(rule),
                                        backends(rule),
                                        verdict == Caught.ALL ? "all requests" : "some requests",
                                        index + 1,
                                        same ? "" : " of HTTPRoute " + local(route.name())),
                        "to share it as well, list %s and %s as backends of that rule; else remove the rule or make it"
                                        .formatted(split.stableService(), split.canaryService())
                                + " narrower");
            }
        }
        return all;
    }

    private enum Caught {
        NOTHING,
        SOME,
        ALL
    }

    private static Caught catches(Route other, int i, Route route, int index) {
        boolean earlier = other.name().equals(route.name())
                ? i < index
                : (other.created() + other.name()).compareTo(route.created() + route.name()) < 0;
        boolean some = false;
        boolean all = true;
        for (var wanted : Matches.of(route.rules().get(index))) {
            boolean taken = false;
            for (var match : Matches.of(other.rules().get(i))) {
                if (!Matches.overlap(match, wanted)) continue;
                int order = Matches.PRECEDENCE.compare(match, wanted);
                if (order > 0 || order == 0 && !earlier) continue;
                some = true;
                taken |= Matches.covers(match, wanted);
            }
            all &= taken;
        }
        return !some ? Caught.NOTHING : all ? Caught.ALL : Caught.SOME;
    }

    private static boolean sharesParent(Route one, Route two) {
        return one.parents().stream().anyMatch(two.parents()::contains);
    }

    private static boolean sharesHost(Route one, Route two) {
        if (one.hostnames().isEmpty() || two.hostnames().isEmpty()) return true;
        return one.hostnames().stream().anyMatch(a -> two.hostnames().stream().anyMatch(b -> hosts(a, b)));
    }

    private static boolean hosts(String one, String two) {
        if (one.equals(two)) return true;
        return one.startsWith("*.") && two.endsWith(one.substring(1))
                || two.startsWith("*.") && one.endsWith(two.substring(1));
    }

    private boolean reachesUs(Json rule) {
        return rule.at("backendRefs").items().stream()
                .flatMap(ref -> find(ref.at("name").string("")).stream())
                .anyMatch(service -> service.selects(newest.labels())
                        || stable.filter(version -> service.selects(version.labels()))
                                .isPresent());
    }

    private static String backends(Json rule) {
        var names = rule.at("backendRefs").items().stream()
                .map(ref -> ref.at("name").string("?"))
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "no backend" : names;
    }

    private static Optional<Json> backend(Json rule, String service) {
        return rule.at("backendRefs").items().stream()
                .filter(ref -> ref.at("kind").string("Service").equals("Service")
                        && ref.at("name").string("").equals(service))
                .findFirst();
    }

    /// Services beside the split ones that lead to the same pods.
    private void otherEntries(Split.ByRoute split) {
        if (!split()
                || asked.filter(a -> a.weight() > 0 && a.weight() < a.max()).isEmpty()) return;
        for (var service : seen.services()) {
            if (service.name().equals(split.canaryService()) || service.name().equals(split.stableService())) continue;
            if (!service.selects(stable.orElse(newest).labels())) continue;
            boolean outside = List.of("LoadBalancer", "NodePort").contains(service.type());
            var routed = seen.routes().stream()
                    .filter(route -> route.rules().stream()
                            .anyMatch(rule -> backend(rule, service.name()).isPresent()))
                    .findFirst();
            find(
                    outside || routed.isPresent() ? Level.WARN : Level.NOTE,
                    Cause.OTHER_ENTRY,
                    "Service " + service.name(),
                    "selects the same pods and is not split: whoever calls it%s gets %.0f %% of %s, whatever the weight"
                            .formatted(
                                    routed.map(route -> " (as HTTPRoute " + local(route.name()) + " does)")
                                            .orElse(outside ? " (it is a " + service.type() + ")" : ""),
                                    100 * share(service, newest),
                                    newest.shown()),
                    "send clients through HTTPRoute %s, or split that entry too"
                            .formatted(split.routes().stream().map(this::local).collect(Collectors.joining(", "))));
        }
    }

    // ── Services ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// A Service that is meant for one version.
    ///
    /// @param needed whether it matters that it reaches that version now
    /// @return the share of its requests that reaches the newest version
    private double service(String name, Version meant, boolean needed) {
        var where = "Service " + name;
        var found = find(name);
        if (found.isEmpty()) {
            find(
                    Level.BAD,
                    Cause.ROUTE_NOT_IN_FORCE,
                    where,
                    "does not exist",
                    "create Service %s, or name another one in the strategy".formatted(name));
            return 0;
        }
        var service = found.get();
        boolean forNewest = meant.value().equals(newest.value());
        if (!service.selects(meant.labels()) && (needed || forNewest)) {
            wrongSelector(where, service, meant, needed);
        } else if (forNewest
                && split()
                && wanted()
                && stable.filter(version -> service.selects(version.labels())).isPresent()
                && count(service, stable.get()) > 0) {
            find(
                    Level.WARN,
                    Cause.SELECTOR_ON_OLD_VERSION,
                    where,
                    "selector %s is not narrowed to %s: %d pods of %s are behind it too"
                            .formatted(text(service.selector()), newest.shown(), count(service, stable.get()), old()),
                    selectorRemedy(service, newest));
        } else {
            ok(where, "selector " + text(service.selector()) + named(service));
        }
        boolean open = endpoints(service, meant, forNewest && wanted());
        return open ? share(service, newest) : 0;
    }

    private String old() {
        return stable.map(Version::shown).orElse("the old version");
    }

    private void wrongSelector(String where, Service service, Version meant, boolean needed) {
        boolean forNewest = meant.value().equals(newest.value());
        var is = stable.filter(version -> service.selects(version.labels()))
                .filter(_ -> forNewest)
                .map(version -> "is " + version.shown() + " (" + version.value() + ")")
                .or(() -> Optional.of(newest)
                        .filter(version -> !forNewest && service.selects(version.labels()))
                        .map(version -> "is " + version.shown() + " (" + version.value() + ")"))
                .orElse("matches no version of this " + word());
        // The controller moves a selector only once pods can serve; that it waits is then the lesser evil.
        boolean waits = written().contains(service.name()) && forNewest && ready(newest) == 0;
        var level = !needed ? Level.NOTE : waits ? Level.WARN : Level.BAD;
        if (level == Level.NOTE) {
            ok(
                    where,
                    "selector " + differing(service, meant) + " " + is + "; nothing is to reach " + meant.shown()
                            + " yet");
            return;
        }
        find(
                level,
                Cause.SELECTOR_ON_OLD_VERSION,
                where,
                "selector %s %s, not %s (%s)".formatted(differing(service, meant), is, meant.shown(), meant.value())
                        + service.writer().map(writer -> "; " + writer).orElse("")
                        + (waits ? "; the controller moves it once a pod of " + meant.shown() + " is available" : ""),
                selectorRemedy(service, meant));
    }

    /// The Services whose selectors the controller writes: those that the strategy names, and no other.
    private List<String> written() {
        return switch (seen.subject().split()) {
            case Split.ByRoute(var canary, var stableService, var _) -> List.of(canary, stableService);
            case Split.BySwitch(var active, var preview) ->
                preview.map(name -> List.of(active, name)).orElse(List.of(active));
            case Split.ByPods(var _, var pinned) -> pinned;
        };
    }

    private String selectorRemedy(Service service, Version meant) {
        if (written().contains(service.name())) {
            var why = "sluice why " + seen.subject().typed();
            var writer = service.writer().map(TrafficObservation.Writer::manager);
            return writer.filter(manager -> !seen.subject().writers().contains(manager))
                    .map(other ->
                            "keep %s from writing it; the controller puts the selector right by itself where it runs (%s)"
                                    .formatted(other, why))
                    .orElse(why + "     shows what the controller waits for before it moves the selector");
        }
        var patch = new TreeMap<String, Object>();
        service.selector().forEach((key, value) -> {
            var right = meant.labels().get(key);
            if (value.equals(right)) return;
            // One Service for both versions must not ask for either; by hand, it is moved from one to the other.
            if (seen.subject().driven()) patch.put(key, Json.Null.VALUE);
            else if (right != null) patch.put(key, right);
        });
        return "kubectl -n %s patch service %s -p '%s'"
                .formatted(
                        seen.namespace(),
                        service.name(),
                        Json.obj("spec", Json.obj("selector", patch)).text());
    }

    /// The part of a selector by which it misses a version.
    private static String differing(Service service, Version meant) {
        var wrong = new TreeMap<String, String>();
        service.selector().forEach((key, value) -> {
            if (!value.equals(meant.labels().get(key))) wrong.put(key, value);
        });
        return text(wrong.isEmpty() ? service.selector() : wrong);
    }

    private static String text(Map<String, String> labels) {
        if (labels.isEmpty()) return "(none)";
        return labels.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }

    private String named(Service service) {
        var names = new ArrayList<String>();
        stable.filter(version -> service.selects(version.labels())).ifPresent(version -> names.add(version.shown()));
        if (service.selects(newest.labels()) && !names.contains(newest.shown())) names.add(newest.shown());
        return names.isEmpty() ? "" : ": " + String.join(" and ", names);
    }

    /// Ports and endpoints of a Service.
    ///
    /// @return whether its ports lead anywhere
    private boolean endpoints(Service service, Version meant, boolean matters) {
        var where = "Service " + service.name();
        boolean open = true;
        for (var port : service.ports()) {
            if (listens(port, meant)) continue;
            open = false;
            find(
                    Level.BAD,
                    Cause.PORT_MISMATCH,
                    where,
                    "port %d goes to targetPort %s, which no container of %s has (%s)"
                            .formatted(
                                    port.port(),
                                    port.target(),
                                    meant.shown(),
                                    meant.ports().isEmpty()
                                            ? "none declares a port"
                                            : "declared: "
                                                    + meant.ports().stream()
                                                            .map(p -> p.name().isEmpty()
                                                                    ? "" + p.number()
                                                                    : p.number() + " " + p.name())
                                                            .collect(Collectors.joining(", "))),
                    "set targetPort to a port on which the container listens");
        }
        seen.slices().stream()
                .filter(slice -> slice.service().equals(service.name()))
                .findFirst()
                .ifPresent(slice -> {
                    var text = slice.ready() + " ready endpoint" + (slice.ready() == 1 ? "" : "s")
                            + (slice.notReady() > 0 ? ", " + slice.notReady() + " not ready" : "");
                    hops.add(new Hop(
                            slice.ready() == 0 && matters ? Level.BAD : Level.OK,
                            "EndpointSlice of " + service.name(),
                            text,
                            Optional.empty()));
                });
        var strangers = seen.pods().stream()
                .filter(pod -> service.selects(pod.labels()) && !mine(pod))
                .toList();
        if (!strangers.isEmpty() && seen.subject().driven()) {
            find(
                    Level.WARN,
                    Cause.TWO_OWNERS,
                    where,
                    "selects %d pods that are not of this %s, such as %s"
                            .formatted(
                                    strangers.size(),
                                    word(),
                                    strangers.getFirst().name()),
                    "scale down what owns them, or give the pods of each their own label and select it");
        }
        return open;
    }

    private static boolean listens(ServicePort port, Version version) {
        if (!port.target().matches("[0-9]+")) {
            return version.ports().stream().anyMatch(p -> p.name().equals(port.target()));
        }
        // A container need not declare the ports on which it listens; only what it does declare can contradict.
        return version.ports().isEmpty()
                || version.ports().stream().anyMatch(p -> port.target().equals("" + p.number()));
    }

    private boolean mine(Pod pod) {
        return seen.subject().owned().contains(pod.owner());
    }

    private Optional<Service> find(String name) {
        return seen.services().stream()
                .filter(service -> service.name().equals(name))
                .findFirst();
    }

    private long count(Service service, Version version) {
        return seen.pods().stream()
                .filter(pod -> service.selects(pod.labels()) && version.has(pod))
                .count();
    }

    private double share(Service service, Version version) {
        var behind = seen.pods().stream()
                .filter(pod -> pod.ready() && service.selects(pod.labels()))
                .toList();
        if (behind.isEmpty()) return 0;
        return (double) behind.stream().filter(pod -> version.has(pod)).count() / behind.size();
    }

    /// The subject in a sentence: `rollout`, `deploymentcanary`.
    private String word() {
        return seen.subject().kind().toLowerCase(Locale.ROOT);
    }

    private long ready(Version version) {
        return seen.pods().stream()
                .filter(pod -> pod.ready() && version.has(pod))
                .count();
    }

    private double byPods(Split.ByPods split) {
        double reach = 1;
        boolean any = false;
        for (var name : split.pinned()) {
            service(name, name.equals(split.pinned().getFirst()) ? newest : stable.orElse(newest), false);
        }
        var leading = seen.services().stream()
                .filter(service -> !split.pinned().contains(service.name()))
                .filter(service -> service.selects(newest.labels())
                        || stable.filter(v -> service.selects(v.labels())).isPresent()
                        || seen.subject().kind().equals("Service"))
                .toList();
        boolean open = leading.stream().anyMatch(service -> service.selects(newest.labels()));
        for (var service : leading) {
            // Where another Service leads to both, one for the old version may be meant so.
            boolean aside = open && !service.selects(newest.labels());
            if (aside && wanted()) {
                find(
                        Level.WARN,
                        Cause.OTHER_ENTRY,
                        "Service " + service.name(),
                        "selector %s is %s only: whoever calls it never reaches %s"
                                .formatted(differing(service, newest), old(), newest.shown()),
                        "send clients to a Service that selects both versions");
                continue;
            }
            any = true;
            var share = leadingService(service);
            routesTo(service);
            reach = Math.min(reach, share);
        }
        if (!any) {
            find(
                    Level.BAD,
                    Cause.OTHER_ENTRY,
                    "Service",
                    "no Service of namespace %s selects pods of %s %s (%s)"
                            .formatted(
                                    seen.namespace(),
                                    seen.subject().kind(),
                                    seen.subject().name(),
                                    text(newest.labels())),
                    "create a Service whose selector is a part of these labels, without the version");
            return 0;
        }
        return 100 * reach;
    }

    private double leadingService(Service service) {
        var where = "Service " + service.name();
        // What does not exist has no labels that a selector could miss.
        boolean missed = !newest.labels().isEmpty() && !service.selects(newest.labels());
        if (missed && wanted()) wrongSelector(where, service, newest, true);
        else ok(where, "selector " + text(service.selector()) + named(service));
        boolean open = endpoints(service, newest, wanted());
        return open ? share(service, newest) : 0;
    }

    /// Routes on the way to a Service that is divided by its pods or by its selector.
    private void routesTo(Service service) {
        for (var route : seen.routes()) {
            var refs = route.rules().stream()
                    .flatMap(rule -> backend(rule, service.name()).stream())
                    .toList();
            if (refs.isEmpty()) continue;
            var where = "HTTPRoute " + local(route.name());
            if (inForce(route)) ok(where, "leads to " + service.name());
            backendPorts(where, refs);
        }
    }

    private double bySwitch(Split.BySwitch split) {
        double reach = service(split.activeService(), wanted() ? newest : stable.orElse(newest), true);
        find(split.activeService()).ifPresent(this::routesTo);
        split.previewService().ifPresent(name -> service(name, newest, false));
        return 100 * reach;
    }

    // ── pods ─────────────────────────────────────────────────────────────────────────────────────────────────────

    private void replicas() {
        if (!wanted() && newest.desired() == 0) return;
        var where = newest.owner().isEmpty() ? "ReplicaSet of " + newest.shown() : newest.owner();
        if (newest.desired() > 0) return;
        var hints = new ArrayList<>(seen.subject().hints());
        find(
                Level.BAD,
                Cause.NO_REPLICAS,
                where,
                (newest.owner().isEmpty() ? "does not exist" : newest.shown() + " has 0 replicas")
                        + newest.trouble().map(why -> ": " + why).orElse("")
                        + (hints.isEmpty() ? "" : "; " + String.join("; ", hints)),
                noReplicasRemedy());
    }

    private String noReplicasRemedy() {
        if (!seen.subject().driven()) {
            return "kubectl -n %s scale %s --replicas=1"
                    .formatted(seen.namespace(), newest.owner().replace(' ', '/'));
        }
        return seen.subject().replicas() == 0
                ? "raise spec.replicas of %s %s"
                        .formatted(word(), seen.subject().name())
                : "sluice why %s     shows what the controller waits for"
                        .formatted(seen.subject().typed());
    }

    private void pods() {
        var pods = seen.pods().stream().filter(pod -> newest.has(pod)).toList();
        // Without replicas there may be pods all the same, such as one that somebody has started by hand to try it.
        if (newest.desired() == 0 && (pods.isEmpty() || !wanted())) return;
        var where = "Pods of " + newest.shown();
        if (pods.isEmpty()) {
            find(
                    Level.BAD,
                    Cause.PODS_NOT_READY,
                    where,
                    "%s wants %d, 0 exist%s"
                            .formatted(
                                    newest.owner(),
                                    newest.desired(),
                                    colon(newest.trouble().orElse(""))),
                    "kubectl -n %s describe %s     (quota, admission, image policy)"
                            .formatted(
                                    seen.namespace(),
                                    newest.owner().toLowerCase(Locale.ROOT).replace(' ', '/')));
            return;
        }
        var broken = pods.stream().filter(pod -> !pod.ready()).toList();
        if (broken.isEmpty()) {
            ok(where, "%d of %d ready".formatted(pods.size(), pods.size()));
            return;
        }
        var reasons = new TreeMap<String, Integer>();
        for (var pod : broken) reasons.merge(pod.trouble().isEmpty() ? "not ready" : pod.trouble(), 1, Integer::sum);
        find(
                broken.size() == pods.size() ? Level.BAD : Level.WARN,
                Cause.PODS_NOT_READY,
                where,
                "%d of %d not ready: %s"
                        .formatted(
                                broken.size(),
                                pods.size(),
                                reasons.entrySet().stream()
                                        .map(entry -> entry.getValue() > 1
                                                ? entry.getKey() + " (" + entry.getValue() + " pods)"
                                                : entry.getKey())
                                        .collect(Collectors.joining("; "))),
                podRemedy(broken.getFirst()));
    }

    private String podRemedy(Pod pod) {
        var at = "-n " + seen.namespace() + " ";
        var trouble = pod.trouble();
        if (trouble.contains("ImagePull") || trouble.contains("InvalidImageName")) {
            return "correct the image or its pull secret: kubectl %sdescribe pod %s".formatted(at, pod.name());
        }
        if (trouble.contains("CrashLoop") || trouble.contains("Error") || trouble.contains("OOMKilled")) {
            return "read why it ended: kubectl %slogs %s --previous".formatted(at, pod.name());
        }
        if (trouble.startsWith("Pending") || trouble.contains("Unschedulable")) {
            return "make room or lower its requests: kubectl %sdescribe pod %s".formatted(at, pod.name());
        }
        return "look at its readiness probe: kubectl %sdescribe pod %s".formatted(at, pod.name());
    }

    private void ratio() {
        if (!(seen.subject().split() instanceof Split.ByPods(var surge, var _))) return;
        if (asked.isEmpty() || !split()) return;
        int weight = asked.get().weight();
        int max = asked.get().max();
        int replicas = seen.subject().replicas();
        if (weight == 0 || weight == max || replicas == 0) return;
        var ideal = BasicCanary.ideal(replicas, weight, max, surge);
        int pods = ideal.canary() + ideal.stable();
        double got = 100.0 * ideal.canary() / pods;
        if (Math.abs(got - asked.get().percent()) < TOLERANCE) return;
        int fewest = max / gcd(weight, max);
        find(
                Level.WARN,
                Cause.RATIO_TOO_COARSE,
                seen.subject().kind() + " " + seen.subject().name(),
                "%d of %d is asked, but %d replicas come no nearer than %d of %d pods (%.1f %%)"
                        .formatted(weight, max, replicas, ideal.canary(), pods, got),
                "use %d replicas, a weight that %d pods can express, or %s"
                        .formatted(
                                fewest,
                                replicas,
                                seen.subject().kind().equals("Rollout")
                                        ? "a router (trafficRouting)"
                                        : "a Rollout with a router"));
    }

    // ── clients that do not move ─────────────────────────────────────────────────────────────────────────────────

    /// What keeps a client on the version that it has. How long connections live is told by no object; that a port
    /// is meant for long ones is.
    private void held() {
        if (!split() || !wanted()) return;
        switch (seen.subject().split()) {
            case Split.ByRoute split -> sessions(split);
            case Split.ByPods(var _, var pinned) ->
                seen.services().stream()
                        .filter(service -> !pinned.contains(service.name()) && leadsToBoth(service))
                        .forEach(service -> {
                            affinity(service);
                            connections(service);
                        });
            // Affinity ends with the endpoint; a connection does not, as long as the old pods stay up.
            case Split.BySwitch(var active, var _) -> find(active).ifPresent(this::connections);
        }
    }

    private boolean leadsToBoth(Service service) {
        return service.selects(newest.labels())
                && stable.filter(version -> service.selects(version.labels())).isPresent();
    }

    private void affinity(Service service) {
        service.affinity()
                .ifPresent(seconds -> find(
                        Level.WARN,
                        Cause.HELD_ON_OLD_VERSION,
                        "Service " + service.name(),
                        ("sessionAffinity ClientIP: an address stays with its pod until it has been quiet for %d s, so who"
                                        + " came before stays on %s; a proxy before it is one address for all its users")
                                .formatted(seconds, old()),
                        "kubectl -n %s patch service %s -p '{\"spec\":{\"sessionAffinity\":\"None\"}}'"
                                .formatted(seen.namespace(), service.name())));
    }

    private void connections(Service service) {
        for (var port : service.ports()) {
            if (!LONG_LIVED.contains(port.protocol())) continue;
            find(
                    Level.NOTE,
                    Cause.HELD_ON_OLD_VERSION,
                    "Service " + service.name(),
                    "port %d speaks %s: a Service shares out connections, not requests, so who is connected stays on %s"
                            .formatted(port.port(), port.protocol(), old()),
                    "bound the age of connections (a server can end them), or divide requests by a router");
        }
    }

    private void sessions(Split.ByRoute split) {
        for (var route : seen.routes()) {
            if (!split.routes().contains(route.name())) continue;
            for (int i = 0; i < route.rules().size(); i++) {
                var rule = route.rules().get(i);
                var session = rule.at("sessionPersistence");
                boolean ours = backend(rule, split.canaryService()).isPresent()
                        && backend(rule, split.stableService()).isPresent();
                if (!ours || session.isNull()) continue;
                var length = session.at("absoluteTimeout")
                        .asString()
                        .or(() -> session.at("idleTimeout").asString().map(idle -> idle + " of silence"))
                        .map(limit -> " for " + limit)
                        .orElse("");
                find(
                        Level.WARN,
                        Cause.HELD_ON_OLD_VERSION,
                        "HTTPRoute %s rule %d".formatted(local(route.name()), i + 1),
                        "sessionPersistence (%s) keeps a session%s on the backend that it began with: only new sessions are divided, the others stay on %s"
                                .formatted(session.at("type").string("Cookie"), length, old()),
                        "remove sessionPersistence from the rule or shorten its timeouts, or wait for sessions to end");
            }
        }
    }

    // ── what is seen of the way from outside ─────────────────────────────────────────────────────────────────────

    /// Load balancers and gateways without an address, or with another than asked for: no name outside leads there.
    private void outerWay() {
        for (var service : seen.services()) {
            boolean ours = service.selects(newest.labels())
                    || stable.filter(version -> service.selects(version.labels()))
                            .isPresent();
            if (!service.type().equals("LoadBalancer")
                    || !ours
                    || !service.addresses().isEmpty()) continue;
            find(
                    Level.WARN,
                    Cause.OUTER_WAY,
                    "Service " + service.name(),
                    "is a LoadBalancer without an address: status.loadBalancer.ingress is empty, so nobody outside comes"
                            + " this way",
                    "kubectl -n %s describe service %s     shows what its load balancer waits for"
                            .formatted(seen.namespace(), service.name()));
        }
        for (var gateway : seen.gateways()) {
            boolean ours = seen.routes().stream()
                    .anyMatch(route -> route.parents().contains(gateway.name())
                            && route.rules().stream().anyMatch(this::reachesUs));
            var missing = gateway.wanted().stream()
                    .filter(address -> !gateway.addresses().contains(address))
                    .toList();
            // One that is not programmed is a finding already, and has no address for the same reason.
            if (!ours || missing.isEmpty() || !gateway.programmed().orElse(true)) continue;
            find(
                    Level.WARN,
                    Cause.OUTER_WAY,
                    "Gateway " + local(gateway.name()),
                    "asks for %s and has %s: names that lead to the former do not lead here"
                            .formatted(
                                    String.join(", ", missing),
                                    gateway.addresses().isEmpty()
                                            ? "no address"
                                            : String.join(", ", gateway.addresses())),
                    "kubectl describe gateway %s     and compare with what the names of its clients lead to"
                            .formatted(local(gateway.name())));
        }
    }

    // ── what the analyses see ────────────────────────────────────────────────────────────────────────────────────

    /// Metrics that found nothing each time, while the new version can be reached; where it cannot, no wonder.
    private void metrics(double reach) {
        if (!wanted() || reach <= 0 || ready(newest) == 0) return;
        for (var metric : seen.metrics()) {
            var samples = metric.samples();
            if (samples.isEmpty() || !samples.stream().allMatch(Walk::nothing)) continue;
            var last = samples.getLast();
            var times = samples.size() == 1
                    ? "its only measurement"
                    : "each of its %d measurements".formatted(samples.size());
            var mismatch = mismatch(metric.query());
            var found = last.error()
                    .map(why -> times + " is an error, not a value (" + why + ")")
                    .orElse(times + " is empty (" + last.value() + ")");
            var why = last.error().isPresent() && mismatch.isEmpty()
                    ? ""
                    : mismatch.orElse(
                            metric.query().isEmpty()
                                    ? ""
                                    : "; either nobody calls " + newest.shown() + ", or the labels are others: "
                                            + metric.query());
            find(
                    Level.WARN,
                    Cause.METRIC_MEASURES_NOTHING,
                    "AnalysisRun " + metric.run(),
                    "metric %s: %s, while %d ready %s of %s can get %.0f %% of the requests%s"
                            .formatted(
                                    metric.name(),
                                    found,
                                    ready(newest),
                                    ready(newest) == 1 ? "pod" : "pods",
                                    newest.shown(),
                                    reach,
                                    why),
                    mismatch.isPresent()
                            ? "correct the query in the AnalysisTemplate; until then this metric judges nothing"
                            : last.error().isPresent()
                                    ? "look whether the metric provider answers: kubectl -n %s describe analysisrun %s"
                                            .formatted(seen.namespace(), metric.run())
                                    : "ask the metric system the same, and compare: kubectl -n %s get pods --show-labels"
                                            .formatted(seen.namespace()));
        }
    }

    private static boolean nothing(Sample sample) {
        return sample.error().isPresent() && sample.value().isEmpty()
                || EMPTY.matcher(sample.value()).matches();
    }

    /// Labels in a query that pods of the new version have with another value. Metric systems write what is no
    /// letter as an underscore. A label that pods do not have may come from elsewhere, and is left alone.
    private Optional<String> mismatch(String query) {
        var labels = new TreeMap<String, String>();
        newest.labels().forEach((key, value) -> labels.put(key.replaceAll("[^a-zA-Z0-9_]", "_"), value));
        labels.put("namespace", seen.namespace());
        var wrong = new ArrayList<String>();
        var matcher = MATCHER.matcher(query);
        while (matcher.find()) {
            var is = labels.get(matcher.group(1));
            var text = matcher.group(1) + "=\"" + is + "\"";
            if (is == null || is.equals(matcher.group(2))) continue;
            var words = matcher.group() + " where " + newest.shown() + " has " + text;
            if (!wrong.contains(words)) wrong.add(words);
        }
        return wrong.isEmpty() ? Optional.empty() : Optional.of("; its query asks for " + String.join(" and ", wrong));
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    // ── owners, and what is no fault ─────────────────────────────────────────────────────────────────────────────

    private void owners() {
        if (!seen.subject().driven()) return;
        var routes =
                seen.subject().split() instanceof Split.ByRoute(var _, var _, var names) ? names : List.<String>of();
        for (var other : seen.others()) {
            var shared = new ArrayList<String>();
            written().stream().filter(other.services()::contains).forEach(name -> shared.add("Service " + name));
            routes.stream().filter(other.routes()::contains).forEach(name -> shared.add("HTTPRoute " + local(name)));
            seen.services().stream()
                    .filter(service -> service.selects(other.labels()) && service.selects(newest.labels()))
                    .map(service -> "Service " + service.name())
                    .filter(name -> !shared.contains(name))
                    .forEach(shared::add);
            if (shared.isEmpty()) continue;
            find(
                    Level.WARN,
                    Cause.TWO_OWNERS,
                    "Rollout " + other.name(),
                    "claims %s as well: both write it, or both get its traffic".formatted(String.join(" and ", shared)),
                    "give each rollout its own Services and rules, or delete rollout " + other.name());
        }
        if (seen.subject().writers().size() > 1) {
            find(
                    Level.WARN,
                    Cause.TWO_OWNERS,
                    seen.subject().kind() + " " + seen.subject().name(),
                    "its status is written by "
                            + String.join(" and ", seen.subject().writers()),
                    "let one controller own it: stop the other, or set the instance id label");
        }
    }

    private void asAsked() {
        asked.flatMap(Asked::whyNoMore)
                .ifPresent(why -> find(
                        Level.NOTE,
                        Cause.AS_ASKED,
                        seen.subject().kind() + " " + seen.subject().name(),
                        why,
                        asked.get().weight() == 0 && why.contains("aborted")
                                ? "sluice retry " + seen.subject().typed()
                                : "sluice promote " + seen.subject().typed() + "     goes on"));
    }

    private String local(String name) {
        return localName(seen.namespace(), name);
    }

    private static String localName(String namespace, String name) {
        return name.startsWith(namespace + "/") ? name.substring(namespace.length() + 1) : name;
    }

    private static String colon(String text) {
        return text.isEmpty() ? "" : ": " + text;
    }
}
