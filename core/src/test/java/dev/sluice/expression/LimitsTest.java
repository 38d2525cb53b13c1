package dev.sluice.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// Hostile texts end with an error, not with the controller.
class LimitsTest {
    private static final Value RESULT = Value.of(Json.parse("{\"a\": [1, 2, 3], \"s\": \"x\"}"));

    private static String message(String source) {
        var got = Expression.evaluate(source, Names.condition(RESULT), new Environment(RESULT, Instant.EPOCH));
        return got instanceof ExpressionError error ? error.message() : "no error";
    }

    @Test
    void aSourceHasALength() {
        assertThat(message(" ".repeat(70_000))).isEqualTo("expression is longer than 65536 characters");
    }

    @Test
    void aSourceHasADepth() {
        assertThat(message("(".repeat(10_000))).isEqualTo("expression nests deeper than 200");
        assertThat(message("-".repeat(10_000) + "1")).isEqualTo("expression nests deeper than 200");
        assertThat(message("[".repeat(10_000))).isEqualTo("expression nests deeper than 200");
        assertThat(message("not ".repeat(1_000) + "true")).isEqualTo("expression nests deeper than 200");
        assertThat(message("1" + " + 1".repeat(4_000))).isEqualTo("expression nests deeper than 200");
        assertThat(message("result" + ".a".repeat(4_000))).isEqualTo("expression nests deeper than 200");
        assertThat(message("if true { 1 } else ".repeat(3_000) + "{ 2 }"))
                .isEqualTo("expression nests deeper than 200");
        assertThat(message("let x = ".repeat(1_000) + "1")).isEqualTo("expression nests deeper than 200");
    }

    @Test
    void aSourceHasANumberOfNodes() {
        assertThat(message("[" + "1,".repeat(20_000) + "]"))
                .isEqualTo("compilation failed: expression exceeds maximum allowed nodes");
    }

    @Test
    void nodesSharedByChainedComparisonsDoNotMultiplyWithoutBound() {
        var source = "1";
        for (int i = 0; i < 100; i++) source = "(" + source + " ?: 2)";
        assertThat(message(source)).startsWith("non-bool expression");
        var flag = "true";
        for (int i = 0; i < 100; i++) flag = "(" + flag + " ?: false)";
        assertThat(message(flag)).isEqualTo("compilation failed: expression exceeds maximum allowed nodes");
    }

    @Test
    void anEvaluationHasSteps() {
        assertThat(message("all(1..10000, all(1..10000, all(1..10000, # > 0)))"))
                .endsWith("budget exceeded");
        assertThat(message("any(1..1000, any(map(1..900, #), any(1..1000, # < 0)))"))
                .endsWith("budget exceeded");
        assertThat(message("repeat('a', 900000) matches '(a|b|c|d|e)*(x|y)$'")).isEqualTo("step budget exceeded");
        assertThat(message("uniq(1..100000) == []")).isEqualTo("step budget exceeded");
    }

    @Test
    void anEvaluationHasMemory() {
        assertThat(message("1..999999999")).isEqualTo("memory budget exceeded");
        assertThat(message("repeat(repeat('x', 1000), 1001)")).isEqualTo("memory budget exceeded");
        assertThat(message("reduce(1..100, #acc + #acc, 'x')")).isEqualTo("memory budget exceeded");
        assertThat(message("reduce(1..100, [#acc, #acc], 1) | flatten()")).isEqualTo("memory budget exceeded");
        assertThat(message("reduce(1..100, [#acc, #acc], 1) | toJSON()")).isEqualTo("memory budget exceeded");
        assertThat(message("reduce(1..100, [#acc, #acc], 1) | string()")).isEqualTo("memory budget exceeded");
        assertThat(message("reduce(1..100, concat(#acc, #acc), [1]) | len()")).isEqualTo("memory budget exceeded");
    }

    @Test
    void deepValuesAreNotFollowedForEver() {
        assertThat(message("reduce(1..5000, [#acc], 1) | string()")).isEqualTo("recursion depth exceeded");
        assertThat(message("reduce(1..5000, [#acc], 1) | toJSON()")).isEqualTo("recursion depth exceeded");
        assertThat(message("reduce(1..5000, [#acc], 1) | flatten()")).isEqualTo("recursion depth exceeded");
        assertThat(message("reduce(1..5000, [#acc], 1) | max()")).isEqualTo("recursion depth exceeded");
        assertThat(message("let d = reduce(1..5000, [#acc], 1); d == d")).isEqualTo("recursion depth exceeded");
        assertThat(message("let d = reduce(1..5000, ({a: #acc}), 1); d == d")).isEqualTo("recursion depth exceeded");
        assertThat(message("let d = reduce(1..60, [#acc, #acc], 1); d == d")).isEqualTo("step budget exceeded");
    }
}
