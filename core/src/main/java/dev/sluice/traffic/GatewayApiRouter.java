package dev.sluice.traffic;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.spi.TrafficRouter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// Gateway API: weights of `backendRefs` in HTTPRoutes, under the key of the plugin that does this for
/// Argo Rollouts, so that its manifests go on working (`httpRoute`, `httpRoutes[].name`, `namespace`).
///
/// A rule belongs to the split when it names both services; every such rule of every named route gets the same weights.
/// Served means: every parent has accepted the generation that holds them.
///
/// @see "Gateway API v1: HTTPRoute.spec.rules[].backendRefs[].weight, status.parents[].conditions"
public final class GatewayApiRouter implements TrafficRouter {
    public static final String NAME = "argoproj-labs/gatewayAPI";

    /// It holds nothing.
    public GatewayApiRouter() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.WEIGHT, Capability.VERIFY);
    }

    @Override
    public List<ResourceType> kinds() {
        return List.of(ResourceType.HTTP_ROUTES);
    }

    @Override
    public List<Mistake> check(Route route) {
        if (!names(route).isEmpty()) return List.of();
        return List.of(new Mistake(
                "httpRoute", "must name an HTTPRoute", "set httpRoute: NAME, or httpRoutes: [{name: NAME}]"));
    }

    private static List<String> names(Route route) {
        var names = new ArrayList<String>();
        route.configuration().at("httpRoute").asString().ifPresent(names::add);
        for (var entry : route.configuration().at("httpRoutes").items()) {
            entry.at("name").asString().ifPresent(names::add);
        }
        return names;
    }

    @Override
    public List<ObjectRef> reads(Route route) {
        var namespace = route.configuration().at("namespace").string(route.namespace());
        return names(route).stream()
                .map(name -> ObjectRef.of(ResourceType.HTTP_ROUTES, namespace, name))
                .toList();
    }

    @Override
    public Reading read(Route route, SortedMap<ObjectRef, Json.Obj> seen) {
        var mistakes = new ArrayList<Mistake>();
        Optional<Reading.Weights> first = Optional.empty();
        boolean uneven = false;
        boolean served = true;
        boolean known = true;
        for (var ref : reads(route)) {
            var object = seen.get(ref);
            if (object == null) {
                mistakes.add(new Mistake(ref.toString(), "must exist", "create the HTTPRoute, or name another one"));
                continue;
            }
            int rules = 0;
            for (var rule : object.at("spec", "rules").items()) {
                if (!splits(rule, route)) continue;
                rules++;
                var weights = new Reading.Weights(
                        percent(rule, route, route.canaryService()),
                        percent(rule, route, route.stableService()),
                        Optional.empty());
                if (first.isPresent() && !first.get().equals(weights)) uneven = true;
                first = first.or(() -> Optional.of(weights));
            }
            if (rules == 0) {
                mistakes.add(new Mistake(
                        ref + " spec.rules[].backendRefs",
                        "no rule names both %s and %s".formatted(route.canaryService(), route.stableService()),
                        "list both services as backends of the rule that is to be split"));
            }
            var accepted = accepted(object);
            known &= accepted.isPresent();
            served &= accepted.orElse(false);
        }
        if (!mistakes.isEmpty() || first.isEmpty()) return new Reading.Unusable(mistakes);
        // Rules that differ are nobody's wish: the largest canary weight counts as served, and writing makes them even.
        var answer = first.get();
        if (uneven) return new Reading.Weights(mostCanary(route, seen), -1, Optional.of(false));
        return new Reading.Weights(answer.canary(), answer.stable(), known ? Optional.of(served) : Optional.empty());
    }

    private int mostCanary(Route route, SortedMap<ObjectRef, Json.Obj> seen) {
        return reads(route).stream()
                .flatMap(ref -> seen.getOrDefault(ref, Json.Obj.EMPTY).at("spec", "rules").items().stream())
                .filter(rule -> splits(rule, route))
                .mapToInt(rule -> percent(rule, route, route.canaryService()))
                .max()
                .orElse(0);
    }

    /// Whether every parent that reports has accepted this generation; absent where none reports.
    private static Optional<Boolean> accepted(Json.Obj object) {
        long generation = object.at("metadata", "generation").asLong().orElse(0L);
        var parents = object.at("status", "parents").items();
        if (parents.isEmpty()) return Optional.empty();
        return Optional.of(parents.stream()
                .allMatch(parent -> parent.at("conditions").items().stream()
                        .anyMatch(condition -> condition.at("type").string("").equals("Accepted")
                                && condition.at("status").string("").equals("True")
                                && condition.at("observedGeneration").asLong().orElse(0L) >= generation)));
    }

    private static boolean splits(Json rule, Route route) {
        return backend(rule, route.canaryService()).isPresent()
                && backend(rule, route.stableService()).isPresent();
    }

    private static Optional<Json> backend(Json rule, String service) {
        return rule.at("backendRefs").items().stream()
                .filter(ref -> isService(ref, service))
                .findFirst();
    }

    private static boolean isService(Json ref, String service) {
        return ref.at("kind").string("Service").equals("Service")
                && ref.at("name").string("").equals(service);
    }

    /// A backend's share on the scale of the strategy. The API's default weight is 1; only the two services count, as
    /// further backends are their owner's business.
    private static int percent(Json rule, Route route, String service) {
        int canary = weight(rule, route.canaryService());
        int stable = weight(rule, route.stableService());
        int own = service.equals(route.canaryService()) ? canary : stable;
        if (canary + stable == route.maxWeight()) return own;
        return canary + stable == 0 ? 0 : Math.round((float) own * route.maxWeight() / (canary + stable));
    }

    private static int weight(Json rule, String service) {
        return backend(rule, service).map(ref -> ref.at("weight").integer(1)).orElse(0);
    }

    @Override
    public List<Edit> write(Route route, SortedMap<ObjectRef, Json.Obj> seen, int canary, int stable) {
        var edits = new ArrayList<Edit>();
        for (var ref : reads(route)) {
            var object = seen.get(ref);
            if (object == null) continue;
            var rules = object.at("spec", "rules").items().stream()
                    .map(rule -> splits(rule, route) ? weighted(rule, route, canary, stable) : rule)
                    .toList();
            var edited = object.withAt(List.of("spec", "rules"), rules);
            if (!edited.equals(object)) edits.add(new Edit(ref, object, edited));
        }
        return edits;
    }

    private static Json weighted(Json rule, Route route, int canary, int stable) {
        var refs = rule.at("backendRefs").items().stream()
                .map(ref -> isService(ref, route.canaryService())
                        ? withWeight(ref, canary)
                        : isService(ref, route.stableService()) ? withWeight(ref, stable) : ref)
                .toList();
        return rule.obj().with("backendRefs", refs);
    }

    private static Json withWeight(Json ref, int weight) {
        var fields = new LinkedHashMap<>(ref.fields());
        fields.put("weight", Json.of(weight));
        return new Json.Obj(fields);
    }
}
