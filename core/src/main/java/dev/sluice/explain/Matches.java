package dev.sluice.explain;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Which requests a rule of an HTTPRoute takes, as far as that can be told from the manifest.
///
/// @see "Gateway API v1: HTTPRoute.spec.rules[].matches, precedence"
final class Matches {
    private Matches() {}

    /// The matches of a rule; a rule without any takes every path.
    static List<Json> of(Json rule) {
        var matches = rule.at("matches").items();
        return matches.isEmpty() ? List.of(Json.Obj.EMPTY) : matches;
    }

    private static String path(Json match) {
        return match.at("path", "value").string("/");
    }

    private static String kind(Json match) {
        return match.at("path", "type").string("PathPrefix");
    }

    private static int conditions(Json match) {
        return match.at("headers").items().size()
                + match.at("queryParams").items().size();
    }

    /// Whether some requests match both.
    static boolean overlap(Json one, Json two) {
        var methods = List.of(one.at("method").string(""), two.at("method").string(""));
        if (methods.stream().noneMatch(String::isEmpty) && !methods.get(0).equals(methods.get(1))) return false;
        if (disjoint(one, two)) return false;
        boolean exactOne = kind(one).equals("Exact");
        boolean exactTwo = kind(two).equals("Exact");
        if (kind(one).equals("RegularExpression") || kind(two).equals("RegularExpression")) return true;
        if (exactOne && exactTwo) return path(one).equals(path(two));
        if (exactOne) return under(path(one), path(two));
        if (exactTwo) return under(path(two), path(one));
        return under(path(one), path(two)) || under(path(two), path(one));
    }

    /// Whether they want different values of one header.
    private static boolean disjoint(Json one, Json two) {
        for (var header : one.at("headers").items()) {
            for (var other : two.at("headers").items()) {
                boolean same = header.at("name")
                        .string("")
                        .equalsIgnoreCase(other.at("name").string(""));
                boolean exact = header.at("type").string("Exact").equals("Exact")
                        && other.at("type").string("Exact").equals("Exact");
                if (same && exact && !header.at("value").equals(other.at("value"))) return true;
            }
        }
        return false;
    }

    private static boolean under(String path, String prefix) {
        var cut = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
        return path.equals(prefix) || path.equals(cut) || path.startsWith(cut + "/");
    }

    /// Whether `one` takes every request that `two` takes.
    static boolean covers(Json one, Json two) {
        if (conditions(one) > 0 || !one.at("method").string("").isEmpty()) {
            return one.at("headers").equals(two.at("headers"))
                    && one.at("queryParams").equals(two.at("queryParams"))
                    && one.at("method").equals(two.at("method"))
                    && covered(one, two);
        }
        return covered(one, two);
    }

    private static boolean covered(Json one, Json two) {
        if (kind(one).equals("PathPrefix")) {
            return !kind(two).equals("RegularExpression") && under(path(two), path(one))
                    || path(one).equals("/");
        }
        return kind(one).equals(kind(two)) && path(one).equals(path(two));
    }

    /// The order in which a gateway prefers: less is preferred. Ties go to the older route and the earlier rule.
    static final Comparator<Json> PRECEDENCE = Comparator.<Json>comparingInt(
                    match -> kind(match).equals("Exact") ? 0 : 1)
            .thenComparingInt(match -> -path(match).length())
            .thenComparingInt(match -> match.at("method").string("").isEmpty() ? 1 : 0)
            .thenComparingInt(match -> -match.at("headers").items().size())
            .thenComparingInt(match -> -match.at("queryParams").items().size());

    /// As people write it: `/api`, `/ with header x-user`.
    static String text(Json rule) {
        var texts = new ArrayList<String>();
        for (var match : of(rule)) {
            var text = new StringBuilder().append('"').append(path(match)).append('"');
            if (kind(match).equals("Exact")) text.append(" exactly");
            for (var header : match.at("headers").items()) {
                text.append(" with header ")
                        .append(header.at("name").string(""))
                        .append(": ")
                        .append(header.at("value").string(""));
            }
            texts.add(text.toString());
        }
        return String.join(", ", texts);
    }
}
