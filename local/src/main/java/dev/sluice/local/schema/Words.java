package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The kinds of names that occur inside objects, and what the API server says of one that is none.
final class Words {
    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
    private static final String QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final String LABEL_VALUE = "(" + QUALIFIED + ")?";
    private static final String CONFIG_KEY = "[-._a-zA-Z0-9]+";

    private Words() {}

    // Written out rather than matched by the expressions above: labels are checked on every write of every pod.

    private static boolean lower(char c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean alphanumeric(char c) {
        return lower(c) || digit(c) || (c >= 'A' && c <= 'Z');
    }

    private static boolean isLabel(String text, int from, int to) {
        if (from >= to || text.charAt(from) == '-' || text.charAt(to - 1) == '-') return false;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!lower(c) && !digit(c) && c != '-') return false;
        }
        return true;
    }

    private static boolean isSubdomain(String text) {
        int from = 0;
        while (true) {
            int dot = text.indexOf('.', from);
            if (!isLabel(text, from, dot < 0 ? text.length() : dot)) return false;
            if (dot < 0) return true;
            from = dot + 1;
        }
    }

    private static boolean isQualified(String text) {
        if (text.isEmpty() || !alphanumeric(text.charAt(0)) || !alphanumeric(text.charAt(text.length() - 1))) {
            return false;
        }
        for (int i = 1; i < text.length() - 1; i++) {
            char c = text.charAt(i);
            if (!alphanumeric(c) && c != '-' && c != '_' && c != '.') return false;
        }
        return true;
    }

    private static boolean isConfigKey(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!alphanumeric(c) && c != '-' && c != '_' && c != '.') return false;
        }
        return !text.isEmpty();
    }

    private static boolean isPortName(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!lower(c) && !digit(c) && c != '-') return false;
        }
        return !text.isEmpty();
    }

    private static String tooLong(int max) {
        return "must be no more than " + max + " characters";
    }

    /// A value as Go prints it.
    static String go(Json value) {
        return switch (value) {
            case Json.Obj object -> {
                var fields = new ArrayList<String>();
                new TreeMap<>(object.fields()).forEach((name, field) -> fields.add(name + ":" + go(field)));
                yield "map[" + String.join(" ", fields) + "]";
            }
            case Json.Arr(var items) ->
                "[" + String.join(" ", items.stream().map(Words::go).toList()) + "]";
            case Json.Str(var text) -> text;
            case Json.Null _ -> "<nil>";
            case Json.Num _, Json.Bool _ -> value.text();
        };
    }

    static List<String> label(String text) {
        var wrong = new ArrayList<String>();
        if (text.length() > 63) wrong.add(tooLong(63));
        if (!isLabel(text, 0, text.length())) {
            wrong.add("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must"
                    + " start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for"
                    + " validation is '" + LABEL + "')");
        }
        return wrong;
    }

    static List<String> label1035(String text) {
        var wrong = new ArrayList<String>();
        if (text.length() > 63) wrong.add(tooLong(63));
        if (!isLabel(text, 0, text.length()) || !lower(text.charAt(0))) {
            wrong.add("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
                    + " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123',"
                    + " regex used for validation is '" + LABEL_1035 + "')");
        }
        return wrong;
    }

    static List<String> subdomain(String text) {
        var wrong = new ArrayList<String>();
        if (text.length() > 253) wrong.add(tooLong(253));
        if (!isSubdomain(text)) {
            wrong.add("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
                    + " and must start and end with an alphanumeric character (e.g. 'example.com', regex used for"
                    + " validation is '" + SUBDOMAIN + "')");
        }
        return wrong;
    }

    static List<String> labelValue(String text) {
        var wrong = new ArrayList<String>();
        if (text.length() > 63) wrong.add(tooLong(63));
        if (!text.isEmpty() && !isQualified(text)) {
            wrong.add("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
                    + " and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or"
                    + " '12345', regex used for validation is '" + LABEL_VALUE + "')");
        }
        return wrong;
    }

    static List<String> qualified(String text) {
        var wrong = new ArrayList<String>();
        int slash = text.indexOf('/');
        var name = text.substring(slash + 1);
        if (slash >= 0) {
            var prefix = text.substring(0, slash);
            if (prefix.isEmpty()) wrong.add("prefix part must be non-empty");
            else for (var what : subdomain(prefix)) wrong.add("prefix part " + what);
        }
        if (name.isEmpty()) wrong.add("name part must be non-empty");
        else if (name.length() > 63) wrong.add("name part " + tooLong(63));
        if (!isQualified(name)) {
            wrong.add("name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with"
                    + " an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
                    + " validation is '" + QUALIFIED + "')");
        }
        return wrong;
    }

    static List<String> configKey(String text) {
        var wrong = new ArrayList<String>();
        if (text.length() > 253) wrong.add(tooLong(253));
        if (!isConfigKey(text)) {
            wrong.add("a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',"
                    + "  or 'KEY_NAME',  or 'key-name', regex used for validation is '" + CONFIG_KEY + "')");
        } else if (text.equals(".") || text.equals("..")) {
            wrong.add("must not be '" + text + "'");
        } else if (text.startsWith("..")) {
            wrong.add("must not start with '..'");
        }
        return wrong;
    }

    static List<String> environment(String text) {
        boolean printable = !text.isEmpty() && text.chars().allMatch(c -> c > 31 && c < 127 && c != '=');
        return printable
                ? List.of()
                : List.of("a valid environment variable name must consist only of printable ASCII characters other than"
                        + " '='");
    }

    /// An IANA service name, as ports have it.
    static List<String> portName(String text) {
        var wrong = new ArrayList<String>();
        if (text.length() > 15) wrong.add("must be no more than 15 characters");
        if (!isPortName(text)) {
            wrong.add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }
        if (text.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
            wrong.add("must contain at least one letter (a-z)");
        }
        if (text.contains("--")) wrong.add("must not contain consecutive hyphens");
        if (text.startsWith("-") || text.endsWith("-")) wrong.add("must not begin or end with a hyphen");
        return wrong;
    }

    /// Labels and annotations of a template, whose metadata nobody else checks.
    static void metadata(Json metadata, Path path, List<Problem> problems) {
        labels(metadata.at("labels").strings(), path.child("labels"), problems);
        metadata.at("annotations").fields().keySet().forEach(key -> {
            for (var wrong : qualified(key.toLowerCase(Locale.ROOT))) {
                problems.add(Problem.invalid(path.child("annotations"), new Json.Str(key), wrong));
            }
        });
    }

    static void labels(Map<String, String> labels, Path path, List<Problem> problems) {
        labels.forEach((key, value) -> {
            for (var wrong : qualified(key)) problems.add(Problem.invalid(path, new Json.Str(key), wrong));
            for (var wrong : labelValue(value)) problems.add(Problem.invalid(path, new Json.Str(value), wrong));
        });
    }
}
