package dev.sluice.expression;

import dev.sluice.expression.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a source by operator precedence (Pratt).
///
/// ```
/// sequence   = expression { ";" expression }
/// expression = "let" name "=" expression ";" sequence
///            | "if" expression "{" sequence "}" "else" ( if | "{" sequence "}" )
///            | binary { "?" [ expression ] ":" expression }
/// binary     = unary { operator unary | "|" name "(" … ")" }
/// unary      = ( "not" | "!" | "-" | "+" ) binary | primary
/// primary    = ( literal | name | call | array | map | "(" sequence ")" | "#" [ name ] | "::" call ) { postfix }
/// postfix    = "." name [ "(" … ")" ] | "?." name | "?.[" … "]" | "[" expression "]" | "[" [ from ] ":" [ to ] "]"
/// ```
final class Parser {
    private final Lexer lexer;
    private final Names names;
    private Token current;

    /// The token before `current` while a `not` is looked past; see [#negated].
    private Optional<Token> held = Optional.empty();

    private int nodes;
    private int nesting;
    private int predicates;

    Parser(String source, Names names) {
        if (source.length() > Limits.SOURCE) {
            throw new Fault(0, "expression is longer than " + Limits.SOURCE + " characters");
        }
        this.lexer = new Lexer(source);
        this.names = names;
        this.current = lexer.next();
    }

    Node whole() {
        var tree = sequence();
        if (!current.is(Kind.EOF)) throw unexpected(current);
        return tree;
    }

    private void next() {
        if (held.isPresent()) {
            current = held.get();
            held = Optional.empty();
        } else {
            current = lexer.next();
        }
    }

    private void expect(Kind kind, String text) {
        if (!current.is(kind, text)) throw unexpected(current);
        next();
    }

    private Token name() {
        var token = current;
        if (!token.is(Kind.IDENTIFIER)) throw unexpected(token);
        next();
        return token;
    }

    private static Fault unexpected(Token token) {
        return new Fault(token.at(), "unexpected token " + token);
    }

    private <N extends Node> N made(N node) {
        if (++nodes > Limits.NODES) {
            throw new Fault(node.at(), "compilation failed: expression exceeds maximum allowed nodes");
        }
        return node;
    }

    private Node sequence() {
        var first = expression(0);
        if (!current.isOperator(";")) return first;
        var all = new ArrayList<Node>();
        all.add(first);
        while (current.isOperator(";")) {
            next();
            if (current.is(Kind.EOF)) break;
            all.add(expression(0));
        }
        return all.size() == 1 ? first : made(new Node.Sequence(List.copyOf(all), first.at()));
    }

    private Node expression(int precedence) {
        if (++nesting > Limits.DEPTH) throw tooDeep(current.at());
        try {
            if (precedence == 0 && current.isOperator("let")) return let();
            if (precedence == 0 && current.isOperator("if")) return ifElse();
            var left = binary(unary(), precedence);
            return precedence == 0 ? ternary(left) : left;
        } finally {
            nesting--;
        }
    }

    static Fault tooDeep(int at) {
        return new Fault(at, "expression nests deeper than " + Limits.DEPTH);
    }

    private Node binary(Node left, int precedence) {
        var previous = Optional.<Operator>empty();
        while (current.is(Kind.OPERATOR)) {
            var not = Optional.<Token>empty();
            if (current.isOperator("not")) {
                not = Optional.of(current);
                if (!negated(precedence)) return left;
            }
            var sign = current;
            var found = Operator.binary(sign.text());
            if (found.isEmpty() || found.get().precedence < precedence) return left;
            var operator = found.get();
            next();
            if (operator == Operator.PIPE) {
                left = call(name(), List.of(left), true);
            } else {
                if (previous.filter(Operator.COALESCE::equals).isPresent() && operator != Operator.COALESCE) {
                    throw new Fault(
                            sign.at(),
                            "Operator (" + sign.text()
                                    + ") and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.");
                }
                if (operator.isOrder()) {
                    left = order(left, sign, operator.precedence);
                } else {
                    int rightmost = operator.isRightAssociative() ? operator.precedence : operator.precedence + 1;
                    left = made(new Node.Binary(sign.text(), left, expression(rightmost), sign.at()));
                    if (not.isPresent())
                        left = made(new Node.Unary("not", left, not.get().at()));
                }
            }
            previous = found;
        }
        return left;
    }

    /// At a `not` after an operand: moves on to the operator it negates, or stays where it binds too weakly here.
    private boolean negated(int precedence) {
        var not = current;
        next();
        var operator = current.is(Kind.OPERATOR) ? Operator.binary(current.text()) : Optional.<Operator>empty();
        if (operator.isEmpty() || !operator.get().isNegatable()) throw unexpected(current);
        if (operator.get().precedence >= precedence) return true;
        held = Optional.of(current);
        current = not;
        return false;
    }

    private Node order(Node first, Token firstSign, int precedence) {
        var left = first;
        var sign = firstSign;
        var all = Optional.<Node>empty();
        while (true) {
            var right = expression(precedence + 1);
            Node one = made(new Node.Binary(sign.text(), left, right, sign.at()));
            int at = sign.at();
            all = Optional.of(all.<Node>map(before -> made(new Node.Binary("&&", before, one, at)))
                    .orElse(one));
            if (!current.is(Kind.OPERATOR)
                    || Operator.binary(current.text()).filter(Operator::isOrder).isEmpty()) return all.get();
            left = right;
            sign = current;
            next();
        }
    }

    private Node let() {
        expect(Kind.OPERATOR, "let");
        var name = name();
        expect(Kind.OPERATOR, "=");
        var value = expression(0);
        expect(Kind.OPERATOR, ";");
        return made(new Node.Let(name.text(), value, sequence(), name.at()));
    }

    private Node ifElse() {
        int at = current.at();
        next();
        var condition = expression(0);
        var then = block();
        expect(Kind.OPERATOR, "else");
        if (!current.isOperator("if")) return made(new Node.Conditional(condition, then, block(), at));
        if (++nesting > Limits.DEPTH) throw tooDeep(current.at());
        var otherwise = ifElse();
        nesting--;
        return made(new Node.Conditional(condition, then, otherwise, at));
    }

    private Node block() {
        expect(Kind.BRACKET, "{");
        var body = sequence();
        expect(Kind.BRACKET, "}");
        return body;
    }

    private Node ternary(Node condition) {
        var node = condition;
        while (current.isOperator("?")) {
            int at = current.at();
            next();
            Node then;
            if (current.isOperator(":")) {
                then = node;
            } else {
                then = expression(0);
            }
            expect(Kind.OPERATOR, ":");
            node = made(new Node.Conditional(node, then, expression(0), at));
        }
        return node;
    }

    private Node unary() {
        var token = current;
        if (token.is(Kind.OPERATOR)) {
            var binding = Operator.unary(token.text());
            if (binding.isPresent()) {
                next();
                return postfix(made(new Node.Unary(token.text(), expression(binding.get()), token.at())));
            }
        }
        if (token.isBracket("(")) {
            next();
            var inner = sequence();
            expect(Kind.BRACKET, ")");
            return postfix(inner);
        }
        if (token.isOperator("#") || token.isOperator(".")) {
            if (predicates == 0) throw unexpected(token);
            var name = "";
            if (token.isOperator("#")) {
                next();
                if (current.is(Kind.IDENTIFIER)) name = name().text();
            }
            return postfix(made(new Node.Pointer(name, token.at())));
        }
        if (token.isOperator("::")) {
            next();
            return postfix(call(name(), List.of(), false));
        }
        return primary();
    }

    private Node primary() {
        var token = current;
        return switch (token.kind()) {
            case IDENTIFIER -> {
                next();
                yield switch (token.text()) {
                    case "true" -> made(new Node.Literal(Value.of(true), token.at()));
                    case "false" -> made(new Node.Literal(Value.of(false), token.at()));
                    case "nil" -> made(new Node.Literal(Value.Nil.VALUE, token.at()));
                    default ->
                        postfix(
                                current.isBracket("(")
                                        ? call(token, List.of(), true)
                                        : made(new Node.Name(token.text(), token.at())));
                };
            }
            case NUMBER -> {
                next();
                yield made(new Node.Literal(number(token), token.at()));
            }
            case STRING -> {
                next();
                yield postfix(made(new Node.Literal(Value.of(token.text()), token.at())));
            }
            case BRACKET -> {
                if (token.text().equals("[")) yield postfix(array());
                if (token.text().equals("{")) yield postfix(map());
                throw unexpected(token);
            }
            case OPERATOR, EOF -> throw unexpected(token);
        };
    }

    private static Value number(Token token) {
        var text = token.text().replace("_", "");
        var lower = text.toLowerCase(java.util.Locale.ROOT);
        if (lower.startsWith("0x")) return integer(token, "hex", text, 2, 16);
        if (lower.contains(".") || lower.contains("e")) {
            var value = GoNumber.parseFloat(text);
            if (value.isEmpty()) {
                throw new Fault(
                        token.at(),
                        "invalid float literal: strconv.ParseFloat: parsing " + GoText.quote(text) + ": "
                                + GoNumber.floatProblem(text));
            }
            return Value.of(value.get());
        }
        if (lower.startsWith("0b")) return integer(token, "binary", text, 2, 2);
        if (lower.startsWith("0o")) return integer(token, "octal", text, 2, 8);
        return integer(token, "integer", text, 0, 10);
    }

    private static Value integer(Token token, String kind, String text, int prefix, int base) {
        var value = GoNumber.parseInt(text.substring(prefix), base);
        if (value.isPresent()) return Value.of(value.get());
        throw new Fault(
                token.at(),
                "invalid " + kind + " literal: strconv.ParseInt: parsing " + GoText.quote(text) + ": "
                        + GoNumber.intProblem(text.substring(prefix), base));
    }

    private Node call(Token name, List<Node> piped, boolean mayBeHidden) {
        boolean hidden = mayBeHidden && names.variable(name.text()).isPresent();
        if (!hidden) {
            var shape = Builtins.predicateShape(name.text());
            if (shape.isPresent()) return predicateCall(name, piped, shape.get());
            if (Builtins.named(name.text()).isPresent()) {
                return made(new Node.BuiltinCall(name.text(), arguments(piped), name.at()));
            }
        }
        var callee = made(new Node.Name(name.text(), name.at()));
        return made(new Node.Call(callee, arguments(piped), name.at()));
    }

    private Node predicateCall(Token name, List<Node> piped, List<Builtins.Argument> shape) {
        expect(Kind.BRACKET, "(");
        var arguments = new ArrayList<>(piped);
        var wanted = shape.subList(piped.size(), shape.size());
        for (int i = 0; i < wanted.size(); i++) {
            var argument = wanted.get(i);
            if (current.isBracket(")")) {
                if (argument.optional()) break;
                throw new Fault(current.at(), "expected at least " + wanted.size() + " arguments");
            }
            if (i > 0) expect(Kind.OPERATOR, ",");
            arguments.add(argument.predicate() ? predicate() : expression(0));
        }
        if (current.isOperator(",")) next();
        expect(Kind.BRACKET, ")");
        return made(new Node.BuiltinCall(name.text(), List.copyOf(arguments), name.at()));
    }

    private Node predicate() {
        int at = current.at();
        boolean braces = current.isBracket("{");
        if (braces) next();
        predicates++;
        Node body;
        if (braces) {
            body = sequence();
        } else {
            body = expression(0);
            if (current.isOperator(";")) throw new Fault(current.at(), "wrap predicate with brackets { and }");
        }
        predicates--;
        if (braces) expect(Kind.BRACKET, "}");
        return made(new Node.Predicate(body, at));
    }

    private List<Node> arguments(List<Node> piped) {
        var arguments = new ArrayList<>(piped);
        expect(Kind.BRACKET, "(");
        while (!current.isBracket(")")) {
            if (arguments.size() > piped.size()) {
                expect(Kind.OPERATOR, ",");
                if (current.isBracket(")")) break;
            }
            arguments.add(expression(0));
        }
        next();
        return List.copyOf(arguments);
    }

    private Node array() {
        int at = current.at();
        next();
        var items = new ArrayList<Node>();
        while (!current.isBracket("]")) {
            if (!items.isEmpty()) {
                expect(Kind.OPERATOR, ",");
                if (current.isBracket("]")) break;
            }
            items.add(expression(0));
        }
        next();
        return made(new Node.ArrayLiteral(List.copyOf(items), at));
    }

    private Node map() {
        int at = current.at();
        next();
        var pairs = new ArrayList<Node.Pair>();
        while (!current.isBracket("}")) {
            if (!pairs.isEmpty()) {
                expect(Kind.OPERATOR, ",");
                if (current.isBracket("}")) break;
            }
            Node key;
            if (current.is(Kind.NUMBER) || current.is(Kind.STRING) || current.is(Kind.IDENTIFIER)) {
                key = made(new Node.Literal(Value.of(current.text()), current.at()));
                next();
            } else if (current.isBracket("(")) {
                key = expression(0);
            } else {
                throw new Fault(
                        current.at(),
                        "a map key must be a quoted string, a number, a identifier, or an expression enclosed in"
                                + " parentheses (unexpected token " + current + ")");
            }
            expect(Kind.OPERATOR, ":");
            pairs.add(new Node.Pair(key, expression(0)));
        }
        next();
        return made(new Node.MapLiteral(List.copyOf(pairs), at));
    }

    private Node postfix(Node operand) {
        var node = operand;
        while (true) {
            boolean optional = current.isOperator("?.");
            if (optional || current.isOperator(".")) {
                next();
                node = optional && current.isBracket("[") ? index(node, true) : member(node, optional);
            } else if (current.isBracket("[")) {
                node = index(node, false);
            } else {
                return node;
            }
        }
    }

    private Node member(Node operand, boolean optional) {
        var property = current;
        // Words that are operators elsewhere are fine as names here: result.in, result.not
        boolean word = property.is(Kind.IDENTIFIER)
                || property.is(Kind.OPERATOR) && Lexer.isWord(property.text().charAt(0));
        if (!word) throw new Fault(property.at(), "expected name");
        next();
        boolean chained = operand instanceof Node.Chain;
        var base = operand instanceof Node.Chain(var body, var _) ? body : operand;
        var key = made(new Node.Literal(Value.of(property.text()), property.at()));
        boolean called = current.isBracket("(");
        Node node = made(new Node.Member(base, key, optional, called, property.at()));
        if (called) node = made(new Node.Call(node, arguments(List.of()), property.at()));
        return chained || optional ? made(new Node.Chain(node, property.at())) : node;
    }

    private Node index(Node base, boolean optional) {
        int at = current.at();
        next();
        var from = current.isOperator(":") ? Optional.<Node>empty() : Optional.of(expression(0));
        if (current.isOperator(":")) {
            next();
            var to = current.isBracket("]") ? Optional.<Node>empty() : Optional.of(expression(0));
            expect(Kind.BRACKET, "]");
            return made(new Node.Slice(base, from, to, at));
        }
        expect(Kind.BRACKET, "]");
        Node node = made(new Node.Member(base, from.orElseThrow(), optional, false, at));
        return optional ? made(new Node.Chain(node, at)) : node;
    }
}
