package dev.sluice.local.traffic;

import dev.sluice.json.Json;
import dev.sluice.local.traffic.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// One entry of `rules[].matches`: all its conditions must hold.
///
/// @see "Gateway API: HTTPRouteMatch"
record RouteMatch(PathMatch path, Optional<String> method, List<Named> headers, List<Named> query) {

    /// How a path is compared.
    enum How {
        /// Weaker than a regular expression, which is weaker than an exact path.
        PREFIX,
        REGULAR,
        EXACT
    }

    record PathMatch(How how, String value, Pattern pattern) {
        boolean takes(String path) {
            return switch (how) {
                case EXACT -> path.equals(value);
                case REGULAR -> pattern.matcher(path).matches();
                // By whole elements: /ab is not below /a.
                case PREFIX ->
                    value.equals("/")
                            || path.startsWith(value)
                                    && (path.length() == value.length() || path.charAt(value.length()) == '/');
            };
        }
    }

    /// A condition on a header or a query parameter.
    record Named(String name, Pattern value) {}

    /// What of a match cannot be served; the route is not accepted then.
    static final class Unsupported extends Exception {
        Unsupported(String why) {
            super(why);
        }
    }

    static RouteMatch of(Json match) throws Unsupported {
        var method = match.at("method").asString();
        return new RouteMatch(
                path(match.at("path")), method, named(match.at("headers")), named(match.at("queryParams")));
    }

    private static PathMatch path(Json path) throws Unsupported {
        var value = path.at("value").string("/");
        var how = switch (path.at("type").string("PathPrefix")) {
            case "PathPrefix" -> How.PREFIX;
            case "Exact" -> How.EXACT;
            case "RegularExpression" -> How.REGULAR;
            case String other -> throw new Unsupported("path match type " + other + " is not supported");
        };
        // A slash at the end of a prefix says nothing.
        if (how == How.PREFIX && value.length() > 1 && value.endsWith("/")) {
            value = value.substring(0, value.length() - 1);
        }
        return new PathMatch(how, value, how == How.REGULAR ? pattern(value) : Pattern.compile(""));
    }

    private static List<Named> named(Json list) throws Unsupported {
        var named = new ArrayList<Named>();
        for (var item : list.items()) {
            var value = item.at("value").string("");
            named.add(new Named(
                    item.at("name").string(""),
                    switch (item.at("type").string("Exact")) {
                        case "Exact" -> Pattern.compile(Pattern.quote(value));
                        case "RegularExpression" -> pattern(value);
                        case String other -> throw new Unsupported("match type " + other + " is not supported");
                    }));
        }
        return List.copyOf(named);
    }

    private static Pattern pattern(String value) throws Unsupported {
        try {
            return Pattern.compile(value);
        } catch (PatternSyntaxException wrong) {
            throw new Unsupported("\"" + value + "\" is not a regular expression: " + wrong.getDescription());
        }
    }

    boolean takes(HttpRequest request) {
        if (method.isPresent() && !method.get().equals(request.method())) return false;
        if (!path.takes(request.path())) return false;
        if (!all(headers, name -> request.headers().first(name))) return false;
        if (query.isEmpty()) return true;
        var parameters = request.query();
        return all(query, name -> Optional.ofNullable(parameters.get(name)));
    }

    private static boolean all(List<Named> conditions, Function<String, Optional<String>> values) {
        for (var condition : conditions) {
            var value = values.apply(condition.name);
            if (value.isEmpty() || !condition.value.matcher(value.get()).matches()) return false;
        }
        return true;
    }

    /// Whether a host name is one of those of a route: exact, or `*.` and any number of labels before the rest.
    static boolean host(String pattern, String host) {
        var lower = pattern.toLowerCase(Locale.ROOT);
        return lower.startsWith("*.")
                ? host.endsWith(lower.substring(1)) && host.length() > lower.length() - 1
                : host.equals(lower);
    }
}
