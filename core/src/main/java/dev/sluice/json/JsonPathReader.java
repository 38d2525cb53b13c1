package dev.sluice.json;

import dev.sluice.json.JsonPath.Comparison;
import dev.sluice.json.JsonPath.Operand;
import dev.sluice.json.JsonPath.Operator;
import dev.sluice.json.JsonPath.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A recursive-descent reader of [JsonPath]:
///
/// ```
/// text     = ( '{' path '}' )+  |  path                        the second without braces
/// path     = [ '$' | '@' ] step*
/// step     = '.' name | '.' '*' | '..' [ name | '*' ] | '[' bracket ']'
/// bracket  = '*' | '?(' operand [ sign operand ] ')' | part ( ',' part )*
/// part     = integer | [integer] ':' [integer] [ ':' integer ] | quoted | '*'
/// operand  = ( '@' | '$' ) step* | quoted | number | 'true' | 'false'
/// ```
final class JsonPathReader {
    private static final int MAX_LENGTH = 4_096;
    private static final int MAX_STEPS = 64;
    private static final String ENDS_NAME = ".,[]{}()$@ \t\r\n";
    private static final String ENDS_NAME_IN_FILTER = ENDS_NAME + "!<>=";

    private final String text;
    private int at;
    private boolean inFilter;

    JsonPathReader(String text) {
        this.text = text;
    }

    JsonPath whole() {
        if (text.length() > MAX_LENGTH) throw new JsonPathException("a jsonpath is longer than " + MAX_LENGTH);
        blank();
        if (at == text.length()) throw expected("a path such as {.status.phase}");
        if (text.charAt(at) != '{') return new JsonPath(text, List.of(bare()));
        var branches = new ArrayList<List<Step>>();
        while (take('{')) {
            blank();
            if (text.startsWith("range", at) || text.startsWith("end", at)) {
                throw expected("a path that finds values; use [*] instead of range");
            }
            branches.add(path());
            blank();
            if (!take('}')) throw expected("'}' or another step");
            blank();
        }
        if (at < text.length()) throw expected("'{' or the end: text between braces has no value to find");
        return new JsonPath(text, branches);
    }

    /// A path without braces; its first dot may be missing.
    private List<Step> bare() {
        List<Step> steps = new ArrayList<>();
        if (".$@[".indexOf(text.charAt(at)) >= 0) {
            steps = path();
        } else {
            steps.add(new Step.Field(name()));
            steps(steps);
        }
        blank();
        if (at < text.length()) throw expected("'.', '[' or the end");
        return steps;
    }

    private List<Step> path() {
        var steps = new ArrayList<Step>();
        int start = at;
        if (take('$')) steps.add(new Step.Root());
        else take('@');
        steps(steps);
        if (at == start) throw expected("'$', '@', '.' or '['");
        return steps;
    }

    private void steps(List<Step> steps) {
        while (at < text.length() && (text.charAt(at) == '.' || text.charAt(at) == '[')) {
            if (steps.size() >= MAX_STEPS) throw expected("at most " + MAX_STEPS + " steps");
            step(steps);
        }
    }

    private void step(List<Step> steps) {
        if (take('[')) {
            steps.add(bracket());
            return;
        }
        at++;
        if (take('.')) {
            steps.add(new Step.Descend());
            if (take('*')) steps.add(new Step.Every());
            else if (startsName()) steps.add(new Step.Field(name()));
            return;
        }
        if (take('*')) {
            steps.add(new Step.Every());
        } else if (startsName()) {
            steps.add(new Step.Field(name()));
        } else if (!(at == text.length() || text.charAt(at) == '[' || text.charAt(at) == '}')) {
            // A dot alone is the value itself: {.}, {.['a']}.
            throw expected("a field name or '*'");
        }
    }

    private boolean startsName() {
        return at < text.length() && endsName().indexOf(text.charAt(at)) < 0;
    }

    private String endsName() {
        return inFilter ? ENDS_NAME_IN_FILTER : ENDS_NAME;
    }

    private String name() {
        var name = new StringBuilder();
        while (startsName()) {
            char c = text.charAt(at++);
            if (c == '\\') {
                if (at == text.length()) throw expected("a character after '\\'");
                c = text.charAt(at++);
            }
            name.append(c);
        }
        if (name.isEmpty()) throw expected("a field name");
        return name.toString();
    }

    private Step bracket() {
        blank();
        if (text.startsWith("?(", at)) {
            at += 2;
            return filter();
        }
        var parts = new ArrayList<Step>();
        do {
            if (parts.size() >= MAX_STEPS) throw expected("at most " + MAX_STEPS + " parts");
            blank();
            parts.add(part());
            blank();
        } while (take(','));
        if (!take(']')) throw expected("',' or ']'");
        return parts.size() == 1 ? parts.getFirst() : new Step.Union(List.copyOf(parts));
    }

    private Step part() {
        if (take('*')) return new Step.Every();
        if (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"')) return new Step.Field(quoted());
        var from = integer();
        if (!take(':')) {
            return new Step.Index(from.orElseThrow(() -> expected("an index, a slice, a quoted name, '*' or '?('")));
        }
        var to = integer();
        int stride = take(':') ? integer().orElse(1) : 1;
        if (stride < 1) throw expected("a stride of at least 1");
        return new Step.Slice(from, to, stride);
    }

    private Optional<Integer> integer() {
        int start = at;
        if (!take('-')) take('+');
        int digits = at;
        while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) at++;
        if (at == digits) {
            at = start;
            return Optional.empty();
        }
        try {
            return Optional.of(Integer.parseInt(text.substring(start, at)));
        } catch (NumberFormatException beyond32Bits) {
            at = start;
            throw expected("an index of 32 bits");
        }
    }

    private Step filter() {
        if (inFilter) throw expected("no filter inside a filter");
        inFilter = true;
        var left = operand();
        blank();
        Optional<Comparison> comparison = Optional.empty();
        if (at < text.length() && text.charAt(at) != ')') {
            var operator = operator();
            comparison = Optional.of(new Comparison(operator, operand()));
            blank();
        }
        if (!take(')')) throw expected("')'");
        blank();
        if (!take(']')) throw expected("']'");
        inFilter = false;
        return new Step.Filter(left, comparison);
    }

    private Operator operator() {
        for (var operator : Operator.values()) {
            if (text.startsWith(operator.sign, at)) {
                at += operator.sign.length();
                return operator;
            }
        }
        throw expected("one of == != < <= > >= or ')'");
    }

    private Operand operand() {
        blank();
        if (at >= text.length()) throw expected("a path or a value");
        char c = text.charAt(at);
        if (c == '@' || c == '$' || c == '.') return new Operand.Path(List.copyOf(path()));
        if (c == '\'' || c == '"') return new Operand.Literal(Json.of(quoted()));
        int start = at;
        while (at < text.length() && " \t\r\n)]}!<>=".indexOf(text.charAt(at)) < 0) at++;
        var word = text.substring(start, at);
        if (word.equals("true") || word.equals("false")) return new Operand.Literal(Json.of(word.equals("true")));
        try {
            if (Json.parse(word) instanceof Json.Num number) return new Operand.Literal(number);
        } catch (JsonSyntaxException notANumber) {
            // Told below, with the place.
        }
        at = start;
        throw expected("@, $, a quoted string, a number, true or false");
    }

    private String quoted() {
        char quote = text.charAt(at++);
        var value = new StringBuilder();
        while (true) {
            if (at >= text.length()) throw expected("the closing " + quote);
            char c = text.charAt(at++);
            if (c == quote) return value.toString();
            if (c == '\\') {
                if (at == text.length()) throw expected("a character after '\\'");
                c = text.charAt(at++);
            }
            value.append(c);
        }
    }

    private boolean take(char c) {
        if (at >= text.length() || text.charAt(at) != c) return false;
        at++;
        return true;
    }

    private void blank() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private JsonPathException expected(String what) {
        return new JsonPathException("jsonpath \"" + text + "\", column " + (at + 1) + ": expected " + what);
    }
}
