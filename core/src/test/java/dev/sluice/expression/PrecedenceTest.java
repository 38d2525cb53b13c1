package dev.sluice.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How texts group: the tree, written with all its parentheses.
class PrecedenceTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " => ",
            value = {
                "a or b and c => (a or (b and c))",
                "a and b or c => ((a and b) or c)",
                "a || b && c == d => (a || (b && (c == d)))",
                "a == b + c => (a == (b + c))",
                "a + b * c => (a + (b * c))",
                "a * b + c => ((a * b) + c)",
                "a - b - c => ((a - b) - c)",
                "a / b * c % d => (((a / b) * c) % d)",
                "a ** b ** c => (a ** (b ** c))",
                "a * b ** c => (a * (b ** c))",
                "-a ** b => (- (a ** b))",
                "-a * b => ((- a) * b)",
                "a ** -b => (a ** (- b))",
                "-a.b => (- a.b)",
                "-a[0] => (- a[0])",
                "not a and b => ((not a) and b)",
                "not a == b => ((not a) == b)",
                "not a * b => (not (a * b))",
                "!a + b => ((! a) + b)",
                "not not a => (not (not a))",
                "a in b and c => ((a in b) and c)",
                "a not in b or c => ((not (a in b)) or c)",
                "a + b not in c => (not ((a + b) in c))",
                "a == b in c => ((a == b) in c)",
                "a in b..c => (a in (b .. c))",
                "a..b + c => (a .. (b + c))",
                "a contains b == c => ((a contains b) == c)",
                "a matches b or c => ((a matches b) or c)",
                "a < b < c => ((a < b) && (b < c))",
                "a < b == c => ((a < b) == c)",
                "a ?? b ?? c => ((a ?? b) ?? c)",
                "a + b ?? c => (a + (b ?? c))",
                "a == b ?? c => (a == (b ?? c))",
                "-a ?? b => (- (a ?? b))",
                "a.b ?? c[0] => (a.b ?? c[0])",
                "a ? b : c ? d : e => (a ? b : (c ? d : e))",
                "a or b ? c : d => ((a or b) ? c : d)",
                "a ? b : c or d => (a ? b : (c or d))",
                "a ?: b => (a ? a : b)",
                "a | len() => len(a)",
                "a + b | len() => len((a + b))",
                "a or b | string() | len() => len(string((a or b)))",
                "a ? b | len() : c => (a ? len(b) : c)",
                "a ? b : c | len() => (a ? b : len(c))",
                "a?.b.c => <a?.b.c>",
                "a?.b[0].c => <a?.b>[0].c",
                "a.b(c) + d => (a.b(c) + d)",
                "a[b:c][d] => a[b:c][d]",
                "map(a, # + 1 > b) => map(a, {((# + 1) > b)})",
                "filter(a, .b or .c) => filter(a, {(#.b or #.c)})",
                "(a or b) and c => ((a or b) and c)",
                "let x = a or b; x and c => let x = (a or b); (x and c)",
                "if a { b } else { c } => (a ? b : c)"
            })
    void groupsAs(String source, String grouped) {
        assertThat(show(new Parser(source, Names.none()).whole())).isEqualTo(grouped);
    }

    private static String show(Node node) {
        return switch (node) {
            case Node.Literal(Value.Text(var text), var _) -> text;
            case Node.Literal(var value, var _) -> LanguageTest.show(value);
            case Node.Name(var name, var _) -> name;
            case Node.Unary(var operator, var operand, var _) -> "(" + operator + " " + show(operand) + ")";
            case Node.Binary(var operator, var left, var right, var _) ->
                "(" + show(left) + " " + operator + " " + show(right) + ")";
            case Node.Chain(var body, var _) -> "<" + show(body) + ">";
            case Node.Member member
            when member.property() instanceof Node.Literal(Value.Text(var name), var _) ->
                show(member.base()) + (member.optional() ? "?." : ".") + name;
            case Node.Member member -> show(member.base()) + "[" + show(member.property()) + "]";
            case Node.Slice slice ->
                show(slice.base()) + "["
                        + slice.from().map(PrecedenceTest::show).orElse("") + ":"
                        + slice.to().map(PrecedenceTest::show).orElse("") + "]";
            case Node.Call(var callee, var arguments, var _) -> show(callee) + "(" + show(arguments) + ")";
            case Node.BuiltinCall(var name, var arguments, var _) -> name + "(" + show(arguments) + ")";
            case Node.Predicate(var body, var _) -> "{" + show(body) + "}";
            case Node.Pointer(var name, var _) -> "#" + name;
            case Node.Let(var name, var value, var body, var _) ->
                "let " + name + " = " + show(value) + "; " + show(body);
            case Node.Sequence(var nodes, var _) ->
                nodes.stream().map(PrecedenceTest::show).collect(Collectors.joining("; "));
            case Node.Conditional(var condition, var then, var otherwise, var _) ->
                "(" + show(condition) + " ? " + show(then) + " : " + show(otherwise) + ")";
            case Node.ArrayLiteral(var items, var _) -> "[" + show(items) + "]";
            case Node.MapLiteral(var pairs, var _) ->
                pairs.stream()
                        .map(pair -> show(pair.key()) + ": " + show(pair.value()))
                        .collect(Collectors.joining(", ", "{", "}"));
        };
    }

    private static String show(List<Node> nodes) {
        return nodes.stream().map(PrecedenceTest::show).collect(Collectors.joining(", "));
    }
}
