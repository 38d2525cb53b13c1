package dev.sluice.local.traffic.promql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Reads a query: precedence climbing over the text itself, types checked on the way.
///
/// ```
///   expr      = unary { operator [ "bool" ] [ ("on" | "ignoring") labels ] unary }
///   unary     = { "+" | "-" } primary
///   primary   = number | string | "(" expr ")" | fold | function "(" … ")" | selector
///   selector  = name [ "{" matchers "}" ] [ "[" duration "]" ] [ "offset" [ "-" ] duration ]
/// ```
final class Parser {
    private static final int LONGEST = 10_000;
    private static final int DEEPEST = 100;

    private final String text;
    private int at;
    private int depth;

    private Parser(String text) {
        this.text = text;
    }

    static Expr parse(String query) throws PromQlException {
        if (query.length() > LONGEST) {
            throw PromQlException.parse(query, 0, "a query of more than " + LONGEST + " characters");
        }
        var parser = new Parser(query);
        var expr = parser.expr(0);
        parser.blanks();
        if (parser.at < query.length()) throw parser.unexpected();
        return expr;
    }

    private Expr expr(int weakest) throws PromQlException {
        if (++depth > DEEPEST) throw error("nested deeper than " + DEEPEST);
        var left = unary();
        while (true) {
            var operator = peekOperator();
            if (operator.isEmpty() || operator.get().binds < weakest) break;
            left = binary(operator.get(), left);
        }
        depth--;
        return left;
    }

    private Expr unary() throws PromQlException {
        blanks();
        int start = at;
        if (take("-")) {
            // Binds less tightly than ^, more tightly than *: -2^2 is -4.
            var operand = operandOfSign();
            if (operand.type() != Expr.Type.SCALAR && operand.type() != Expr.Type.VECTOR) {
                throw PromQlException.parse(
                        text,
                        start,
                        "unary expression only allowed on expressions of type scalar or instant vector, got \""
                                + operand.type().words + "\"");
            }
            return operand instanceof Expr.Literal(double value) ? new Expr.Literal(-value) : new Expr.Negated(operand);
        }
        if (take("+")) return operandOfSign();
        return primary();
    }

    private Expr operandOfSign() throws PromQlException {
        return expr(Expr.Operator.POWER.binds);
    }

    private Expr binary(Expr.Operator operator, Expr left) throws PromQlException {
        int start = at;
        at += operator.sign.length();
        boolean bool = takeWord("bool");
        if (bool && !operator.comparison()) {
            throw PromQlException.parse(text, start, "bool modifier can only be used on comparison operators");
        }
        var matching = Expr.Matching.ALL;
        if (takeWord("on")) matching = new Expr.Matching(true, labelNames());
        else if (takeWord("ignoring")) matching = new Expr.Matching(false, labelNames());
        if (peekWord("group_left") || peekWord("group_right")) {
            throw error("group_left and group_right are not supported here; aggregate one side first");
        }
        // ^ is the one operator that groups from the right.
        var right = expr(operator == Expr.Operator.POWER ? operator.binds : operator.binds + 1);
        for (var side : List.of(left, right)) {
            if (side.type() != Expr.Type.SCALAR && side.type() != Expr.Type.VECTOR) {
                throw PromQlException.parse(
                        text, start, "binary expression must contain only scalar and instant vector types");
            }
        }
        boolean scalars = left.type() == Expr.Type.SCALAR && right.type() == Expr.Type.SCALAR;
        boolean vectors = left.type() == Expr.Type.VECTOR && right.type() == Expr.Type.VECTOR;
        if (operator.comparison() && scalars && !bool) {
            throw PromQlException.parse(text, start, "comparisons between scalars must use BOOL modifier");
        }
        if (operator.set() && !vectors) {
            throw PromQlException.parse(
                    text, start, "set operator \"" + operator.sign + "\" not allowed in binary scalar expression");
        }
        if (!vectors && !matching.equals(Expr.Matching.ALL)) {
            throw PromQlException.parse(text, start, "vector matching only allowed between instant vectors");
        }
        return new Expr.Binary(operator, left, right, bool, matching);
    }

    private Optional<Expr.Operator> peekOperator() {
        blanks();
        for (var operator : Expr.Operator.values()) {
            boolean word = Character.isLetter(operator.sign.charAt(0));
            if (word ? peekWord(operator.sign) : text.startsWith(operator.sign, at)) return Optional.of(operator);
        }
        return Optional.empty();
    }

    private Expr primary() throws PromQlException {
        blanks();
        if (at >= text.length()) throw error("unexpected end of input");
        char c = text.charAt(at);
        if (take("(")) {
            var inner = expr(0);
            expect(")");
            return inner;
        }
        if (c == '"' || c == '\'' || c == '`') return new Expr.Text(string());
        if (c == '{') return selector("");
        if (Character.isDigit(c) || c == '.') return number();
        if (!nameStart(c)) throw unexpected();
        int start = at;
        var name = name();
        switch (name.toLowerCase(Locale.ROOT)) {
            case "nan" -> {
                return new Expr.Literal(Double.NaN);
            }
            case "inf" -> {
                return new Expr.Literal(Double.POSITIVE_INFINITY);
            }
            default -> {}
        }
        for (var fold : Expr.Fold.values()) {
            boolean named = name.equalsIgnoreCase(fold.name());
            if (named && (peek("(") || peekWord("by") || peekWord("without"))) return aggregate(fold);
        }
        if (peek("(")) return call(name, start);
        return selector(name);
    }

    private Expr aggregate(Expr.Fold fold) throws PromQlException {
        var grouping = grouping();
        expect("(");
        int start = at;
        var operand = expr(0);
        expect(")");
        if (operand.type() != Expr.Type.VECTOR) {
            throw PromQlException.parse(
                    text, start, "expected type instant vector in aggregation expression, got " + operand.type().words);
        }
        if (grouping.isEmpty()) grouping = grouping();
        return new Expr.Aggregate(fold, operand, grouping);
    }

    private Optional<Expr.Matching> grouping() throws PromQlException {
        if (takeWord("by")) return Optional.of(new Expr.Matching(true, labelNames()));
        if (takeWord("without")) return Optional.of(new Expr.Matching(false, labelNames()));
        return Optional.empty();
    }

    private Expr call(String name, int start) throws PromQlException {
        Optional<Expr.Function> found = Optional.empty();
        for (var function : Expr.Function.values()) {
            if (function.name().toLowerCase(Locale.ROOT).equals(name)) found = Optional.of(function);
        }
        if (found.isEmpty()) {
            var known = new ArrayList<String>();
            for (var fold : Expr.Fold.values()) known.add(fold.name().toLowerCase(Locale.ROOT));
            for (var function : Expr.Function.values())
                known.add(function.name().toLowerCase(Locale.ROOT));
            throw PromQlException.parse(
                    text,
                    start,
                    "unknown function with name \"" + name + "\"; this subset has " + String.join(", ", known));
        }
        var function = found.get();
        expect("(");
        var arguments = new ArrayList<Expr>();
        while (!peek(")")) {
            if (!arguments.isEmpty()) expect(",");
            int argument = at;
            var expr = expr(0);
            int index = arguments.size();
            if (index < function.parameters.size() && expr.type() != function.parameters.get(index)) {
                throw PromQlException.parse(
                        text,
                        argument,
                        "expected type " + function.parameters.get(index).words + " in call to function \"" + name
                                + "\", got " + expr.type().words);
            }
            arguments.add(expr);
        }
        expect(")");
        if (arguments.size() != function.parameters.size()) {
            throw PromQlException.parse(
                    text,
                    start,
                    "expected " + function.parameters.size() + " argument(s) in call to \"" + name + "\", got "
                            + arguments.size());
        }
        return new Expr.Call(function, arguments);
    }

    private Expr selector(String name) throws PromQlException {
        int start = at;
        var matchers = new ArrayList<Expr.Matcher>();
        if (!name.isEmpty()) matchers.add(matcher(Labels.NAME, Expr.Matcher.Sign.EQUAL, name, start));
        if (take("{")) {
            while (!peek("}")) {
                matchers.add(matcher());
                if (!peek("}")) expect(",");
            }
            expect("}");
        }
        if (matchers.stream().allMatch(Expr.Matcher::takesEmpty)) {
            throw PromQlException.parse(text, start, "vector selector must contain at least one non-empty matcher");
        }
        Optional<Long> range = Optional.empty();
        if (take("[")) {
            int duration = at;
            long length = duration();
            if (length <= 0) throw PromQlException.parse(text, duration, "duration must be greater than 0");
            if (peek(":")) throw error("subqueries are not supported here");
            expect("]");
            range = Optional.of(length);
        }
        long offset = 0;
        if (takeWord("offset")) {
            boolean negative = take("-");
            offset = negative ? -duration() : duration();
        }
        return new Expr.Selector(matchers, range, offset);
    }

    private Expr.Matcher matcher() throws PromQlException {
        blanks();
        if (at >= text.length() || !nameStart(text.charAt(at))) throw unexpected();
        int start = at;
        var label = name();
        Expr.Matcher.Sign sign;
        if (take("=~")) sign = Expr.Matcher.Sign.MATCH;
        else if (take("!~")) sign = Expr.Matcher.Sign.NO_MATCH;
        else if (take("!=")) sign = Expr.Matcher.Sign.NOT_EQUAL;
        else if (take("=")) sign = Expr.Matcher.Sign.EQUAL;
        else throw error("expected a label matching operator: one of = != =~ !~");
        blanks();
        return matcher(label, sign, string(), start);
    }

    private Expr.Matcher matcher(String label, Expr.Matcher.Sign sign, String value, int start) throws PromQlException {
        boolean regular = sign == Expr.Matcher.Sign.MATCH || sign == Expr.Matcher.Sign.NO_MATCH;
        try {
            return new Expr.Matcher(
                    label, sign, value, Pattern.compile(regular ? value : Pattern.quote(value), Pattern.DOTALL));
        } catch (PatternSyntaxException wrong) {
            throw PromQlException.parse(text, start, "error parsing regexp: " + wrong.getDescription());
        }
    }

    private List<String> labelNames() throws PromQlException {
        expect("(");
        var names = new ArrayList<String>();
        while (!peek(")")) {
            if (!names.isEmpty()) expect(",");
            blanks();
            if (at >= text.length() || !nameStart(text.charAt(at))) throw unexpected();
            names.add(name());
        }
        expect(")");
        return names;
    }

    private Expr number() throws PromQlException {
        int start = at;
        while (at < text.length()) {
            char c = Character.toLowerCase(text.charAt(at));
            boolean sign = (c == '+' || c == '-')
                    && at > start
                    && Character.toLowerCase(text.charAt(at - 1)) == 'e'
                    && !text.startsWith("0x", start);
            if (!Character.isLetterOrDigit(c) && c != '.' && !sign) break;
            at++;
        }
        var digits = text.substring(start, at).toLowerCase(Locale.ROOT);
        try {
            if (digits.startsWith("0x")) return new Expr.Literal(Long.parseLong(digits.substring(2), 16));
            if (digits.matches("[0-9]*\\.?[0-9]*(e[+-]?[0-9]+)?")) return new Expr.Literal(Double.parseDouble(digits));
        } catch (NumberFormatException _) {
            // Reported below.
        }
        throw PromQlException.parse(text, start, "bad number or duration syntax: \"" + digits + "\"");
    }

    /// `1h30m`, `500ms`, or a plain number of seconds.
    private long duration() throws PromQlException {
        blanks();
        int start = at;
        while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '.')) at++;
        return duration(text.substring(start, at))
                .orElseThrow(() -> PromQlException.parse(
                        text,
                        start,
                        "not a valid duration string: \"" + text.substring(start, at) + "\"; one is 30s, 5m or 1h30m"));
    }

    /// Milliseconds of a duration, empty where it is none.
    static Optional<Long> duration(String digits) {
        if (digits.matches("[0-9]{1,9}(\\.[0-9]{1,3})?")) {
            return Optional.of(Math.round(Double.parseDouble(digits) * 1000));
        }
        var matcher = Pattern.compile("(?:(\\d{1,3})y)?(?:(\\d{1,4})w)?(?:(\\d{1,5})d)?(?:(\\d{1,6})h)?"
                        + "(?:(\\d{1,7})m)?(?:(\\d{1,9})s)?(?:(\\d{1,12})ms)?")
                .matcher(digits);
        if (digits.isEmpty() || !matcher.matches()) return Optional.empty();
        long[] units = {31_536_000_000L, 604_800_000L, 86_400_000L, 3_600_000L, 60_000L, 1000L, 1L};
        long total = 0;
        for (int i = 0; i < units.length; i++) {
            var part = matcher.group(i + 1);
            if (part != null) total += Long.parseLong(part) * units[i];
        }
        return Optional.of(total);
    }

    private String string() throws PromQlException {
        if (at >= text.length()) throw error("unexpected end of input, expected a string");
        char quote = text.charAt(at);
        if (quote != '"' && quote != '\'' && quote != '`') throw error("expected a string");
        int start = at++;
        var value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == quote) return value.toString();
            if (c != '\\' || quote == '`') {
                value.append(c);
                continue;
            }
            if (at == text.length()) break;
            char escaped = text.charAt(at++);
            switch (escaped) {
                case 'n' -> value.append('\n');
                case 't' -> value.append('\t');
                case 'r' -> value.append('\r');
                case '\\', '"', '\'' -> value.append(escaped);
                default ->
                    throw PromQlException.parse(
                            text,
                            at - 2,
                            "unknown escape sequence \"\\" + escaped + "\"; a backslash in a regular expression is"
                                    + " written twice");
            }
        }
        throw PromQlException.parse(text, start, "unterminated quoted string");
    }

    private static boolean nameStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == ':';
    }

    private String name() {
        int start = at;
        while (at < text.length() && (nameStart(text.charAt(at)) || Character.isDigit(text.charAt(at)))) at++;
        return text.substring(start, at);
    }

    private void blanks() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                while (at < text.length() && text.charAt(at) != '\n') at++;
            } else if (Character.isWhitespace(c)) {
                at++;
            } else {
                return;
            }
        }
    }

    private boolean peek(String sign) {
        blanks();
        return text.startsWith(sign, at);
    }

    private boolean take(String sign) {
        if (!peek(sign)) return false;
        at += sign.length();
        return true;
    }

    private boolean peekWord(String word) {
        blanks();
        if (!text.regionMatches(true, at, word, 0, word.length())) return false;
        int end = at + word.length();
        return end >= text.length() || !(nameStart(text.charAt(end)) || Character.isDigit(text.charAt(end)));
    }

    private boolean takeWord(String word) {
        if (!peekWord(word)) return false;
        at += word.length();
        return true;
    }

    private void expect(String sign) throws PromQlException {
        if (!take(sign)) {
            if (at >= text.length()) throw error("unexpected end of input, expected \"" + sign + "\"");
            throw error("unexpected \"" + text.charAt(at) + "\", expected \"" + sign + "\"");
        }
    }

    private PromQlException unexpected() {
        return at < text.length()
                ? error("unexpected character: \"" + text.charAt(at) + "\"")
                : error("unexpected end of input");
    }

    private PromQlException error(String why) {
        return PromQlException.parse(text, at, why);
    }
}
