package dev.sluice.cluster;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A label selector: every requirement must hold.
///
/// @see "Kubernetes API: LabelSelector, and its string form in list and watch"
public record LabelSelector(List<Requirement> requirements) {
    public static final LabelSelector EVERYTHING = new LabelSelector(List.of());

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /// The operators; `EQUALS` and `NOT_EQUALS` exist in the string form only.
    public enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        NOT_EXISTS
    }

    /// One requirement on one key.
    public record Requirement(String key, Operator operator, List<String> values) {
        public Requirement {
            values = List.copyOf(values);
        }

        boolean matches(Map<String, String> labels) {
            var value = labels.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case NOT_EXISTS -> value == null;
            };
        }

        @Override
        public String toString() {
            return switch (operator) {
                case IN ->
                    values.size() == 1 ? key + "=" + values.getFirst() : key + " in (" + String.join(",", values) + ")";
                case NOT_IN ->
                    values.size() == 1
                            ? key + "!=" + values.getFirst()
                            : key + " notin (" + String.join(",", values) + ")";
                case EXISTS -> key;
                case NOT_EXISTS -> "!" + key;
            };
        }
    }

    public static LabelSelector of(Map<String, String> labels) {
        var requirements = new ArrayList<Requirement>();
        new TreeMap<>(labels)
                .forEach((key, value) -> requirements.add(new Requirement(key, Operator.IN, List.of(value))));
        return new LabelSelector(requirements);
    }

    /// Reads the structured form: `matchLabels` and `matchExpressions`.
    ///
    /// @throws IllegalArgumentException for an operator that does not exist
    public static LabelSelector of(Json selector) {
        var requirements =
                new ArrayList<>(of(selector.at("matchLabels").strings()).requirements());
        for (var expression : selector.at("matchExpressions").items()) {
            var values = expression.at("values").items().stream()
                    .flatMap(value -> value.asString().stream())
                    .toList();
            var operator = switch (expression.at("operator").string("")) {
                case "In" -> Operator.IN;
                case "NotIn" -> Operator.NOT_IN;
                case "Exists" -> Operator.EXISTS;
                case "DoesNotExist" -> Operator.NOT_EXISTS;
                case String other ->
                    throw new IllegalArgumentException(
                            "matchExpressions: operator \"" + other + "\" is none of In, NotIn, Exists, DoesNotExist");
            };
            requirements.add(new Requirement(expression.at("key").string(""), operator, values));
        }
        return new LabelSelector(requirements);
    }

    /// Reads the string form: `app=web,tier!=db,env in (a,b),!old,new`.
    ///
    /// @throws IllegalArgumentException when it is malformed; the message names the part
    public static LabelSelector parse(String text) {
        var requirements = new ArrayList<Requirement>();
        for (var part : split(text)) requirements.add(requirement(part.strip()));
        return new LabelSelector(requirements);
    }

    private static List<String> split(String text) {
        var parts = new ArrayList<String>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '(' -> depth++;
                case ')' -> depth--;
                case ',' -> {
                    if (depth == 0) {
                        parts.add(text.substring(start, i));
                        start = i + 1;
                    }
                }
                default -> {}
            }
        }
        if (!text.isBlank()) parts.add(text.substring(start));
        return parts;
    }

    private static Requirement requirement(String part) {
        for (var sign : List.of("!=", "==", "=")) {
            int at = part.indexOf(sign);
            if (at > 0) {
                var operator = sign.equals("!=") ? Operator.NOT_IN : Operator.IN;
                return checked(
                        part,
                        part.substring(0, at).strip(),
                        operator,
                        List.of(part.substring(at + sign.length()).strip()));
            }
        }
        if (part.startsWith("!")) return checked(part, part.substring(1).strip(), Operator.NOT_EXISTS, List.of());
        if (!part.endsWith(")")) return checked(part, part, Operator.EXISTS, List.of());
        int open = part.indexOf('(');
        var head = open < 0 ? new String[0] : part.substring(0, open).strip().split("\\s+");
        if (head.length != 2 || !(head[1].equals("in") || head[1].equals("notin"))) throw malformed(part);
        var values = List.of(part.substring(open + 1, part.length() - 1).split(",", -1)).stream()
                .map(String::strip)
                .toList();
        return checked(part, head[0], head[1].equals("in") ? Operator.IN : Operator.NOT_IN, values);
    }

    private static Requirement checked(String part, String key, Operator operator, List<String> values) {
        if (!key.matches("[A-Za-z0-9./_-]+") || values.stream().anyMatch(v -> !v.matches("[A-Za-z0-9._-]*"))) {
            throw malformed(part);
        }
        return new Requirement(key, operator, values);
    }

    private static IllegalArgumentException malformed(String part) {
        return new IllegalArgumentException("label selector: \"" + part
                + "\" is none of key=value, key!=value, key in (a,b), key notin (a,b), key, !key");
    }

    public boolean matches(Map<String, String> labels) {
        return requirements.stream().allMatch(requirement -> requirement.matches(labels));
    }

    /// Whether the labels of an object's metadata match.
    public boolean matches(Json object) {
        return matches(object.at("metadata", "labels").strings());
    }

    /// The string form, as the scale subresource shows it.
    @Override
    public String toString() {
        return requirements.stream().map(Requirement::toString).collect(Collectors.joining(","));
    }
}
