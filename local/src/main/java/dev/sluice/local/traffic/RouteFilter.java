package dev.sluice.local.traffic;

import dev.sluice.json.Json;
import dev.sluice.local.traffic.http.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is done to a request or its answer on the way.
///
/// @see "Gateway API: HTTPRouteFilter; those missing here are refused, as the specification demands"
sealed interface RouteFilter {
    /// Changes headers of the request or of the response.
    record ModifyHeaders(boolean ofRequest, Headers set, Headers add, List<String> remove) implements RouteFilter {
        Headers apply(Headers headers) {
            var changed = new Headers[] {headers};
            set.forEach((name, value) -> changed[0] = changed[0].with(name, value));
            add.forEach((name, value) -> changed[0] = changed[0].plus(name, value));
            remove.forEach(name -> changed[0] = changed[0].without(name));
            return changed[0];
        }
    }

    /// Sends a copy of some requests elsewhere.
    ///
    /// @param turns picks 0 for "copy this one"
    record Mirror(String namespace, String service, int port, WeightedTurns turns) implements RouteFilter {}

    /// Rewrites host and path.
    ///
    /// @param fullPath replaces the whole path
    /// @param prefix replaces the prefix that matched
    record Rewrite(Optional<String> host, Optional<String> fullPath, Optional<String> prefix) implements RouteFilter {}

    static List<RouteFilter> of(Json list, String namespace) throws RouteMatch.Unsupported {
        var filters = new ArrayList<RouteFilter>();
        for (var filter : list.items()) filters.add(one(filter, namespace));
        return List.copyOf(filters);
    }

    private static RouteFilter one(Json filter, String namespace) throws RouteMatch.Unsupported {
        return switch (filter.at("type").string("")) {
            case "RequestHeaderModifier" -> headers(true, filter.at("requestHeaderModifier"));
            case "ResponseHeaderModifier" -> headers(false, filter.at("responseHeaderModifier"));
            case "RequestMirror" -> mirror(filter.at("requestMirror"), namespace);
            case "URLRewrite" -> {
                var path = filter.at("urlRewrite", "path");
                yield new Rewrite(
                        filter.at("urlRewrite", "hostname").asString(),
                        path.at("replaceFullPath").asString(),
                        path.at("replacePrefixMatch").asString());
            }
            case String other ->
                throw new RouteMatch.Unsupported("filter " + other + " is not supported by this gateway; it has"
                        + " RequestHeaderModifier, ResponseHeaderModifier, RequestMirror, URLRewrite");
        };
    }

    private static RouteFilter headers(boolean ofRequest, Json modifier) {
        var remove = new ArrayList<String>();
        for (var name : modifier.at("remove").items()) name.asString().ifPresent(remove::add);
        return new ModifyHeaders(ofRequest, pairs(modifier.at("set")), pairs(modifier.at("add")), List.copyOf(remove));
    }

    private static Headers pairs(Json list) {
        var headers = Headers.NONE;
        for (var pair : list.items()) {
            headers = headers.plus(pair.at("name").string(""), pair.at("value").string(""));
        }
        return headers;
    }

    private static RouteFilter mirror(Json mirror, String namespace) {
        var backend = mirror.at("backendRef");
        int numerator = mirror.at("percent")
                .asInt()
                .orElse(mirror.at("fraction", "numerator").integer(100));
        int denominator = mirror.at("fraction", "denominator").integer(100);
        return new Mirror(
                backend.at("namespace").string(namespace),
                backend.at("name").string(""),
                backend.at("port").integer(0),
                new WeightedTurns(
                        List.of(Math.clamp(numerator, 0, denominator), Math.max(0, denominator - numerator))));
    }
}
