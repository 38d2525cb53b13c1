package dev.sluice.rollout;

import java.util.List;
import java.util.regex.Pattern;

/// What is wrong with a spec, as the condition `InvalidSpec` says it in Argo's words. Written and read here alone.
///
/// ```
/// The Rollout "web" is invalid: <first problem> (and 2 more: <second>; <third>)
/// ```
record Invalidity(Rollout.Kind kind, String name, List<Problem> problems) {
    private static final Pattern MORE = Pattern.compile(" \\(and (\\d+) more: ");

    static Invalidity of(Rollout rollout, List<Problem> problems) {
        return new Invalidity(rollout.kind(), rollout.name(), problems);
    }

    private static String lead(Rollout.Kind kind, String name) {
        return "The %s \"%s\" is invalid: ".formatted(kind, name);
    }

    @Override
    public String toString() {
        var rest = problems.stream().skip(1).map(Problem::toString).toList();
        return lead(kind, name)
                + problems.getFirst()
                + (rest.isEmpty() ? "" : " (and %d more: %s)".formatted(rest.size(), String.join("; ", rest)));
    }

    /// The problems of such a message, without whose they are.
    static String problems(Rollout rollout, String message) {
        var lead = lead(rollout.kind(), rollout.name());
        return message.startsWith(lead) ? message.substring(lead.length()) : message;
    }

    /// Of several problems the first whole, and how many there are besides.
    static String first(Rollout rollout, String message) {
        var problems = problems(rollout, message);
        var more = MORE.matcher(problems);
        while (more.find()) {
            // A value is quoted whole, and may say anything.
            if (!quoted(problems, more.start())) {
                return problems.substring(0, more.start()) + " (and " + more.group(1) + " more)";
            }
        }
        return problems;
    }

    /// Whether a place lies within a JSON string.
    private static boolean quoted(String text, int place) {
        boolean quoted = false;
        for (int i = 0; i < place; i++) {
            char c = text.charAt(i);
            if (c == '"') quoted = !quoted;
            else if (c == '\\' && quoted) i++;
        }
        return quoted;
    }
}
