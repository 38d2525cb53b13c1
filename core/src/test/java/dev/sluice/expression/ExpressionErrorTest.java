package dev.sluice.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;

class ExpressionErrorTest {
    private static final Instant NOW = Instant.EPOCH;

    private static ExpressionError error(String source, String result) {
        var value = Value.of(Json.parse(result));
        var got = Expression.evaluate(source, Names.condition(value), new Environment(value, NOW));
        assertThat(got).isInstanceOf(ExpressionError.class);
        return (ExpressionError) got;
    }

    @Test
    void aCaretStandsUnderThePlaceOfACompileError() {
        assertThat(error("result > 1 and reslt < 2", "1").text()).isEqualTo("""
                        unknown name reslt (1:16)
                         | result > 1 and reslt < 2
                         | ...............^""");
    }

    @Test
    void aCaretStandsUnderThePlaceOfAnEvaluationError() {
        assertThat(error("result.a > 1 and\n  result.b.c > 2", "{\"a\": 2}").text())
                .isEqualTo("""
                        cannot fetch c from <nil> (2:12)
                         |   result.b.c > 2
                         | ...........^""");
    }

    @Test
    void anErrorAtTheEndPointsBehindTheText() {
        assertThat(error("1 +", "1").text()).isEqualTo("""
                        unexpected token EOF (1:4)
                         | 1 +
                         | ...^""");
    }

    @Test
    void aLongLineIsShownAroundThePlace() {
        var error = error("[" + "1, ".repeat(2_000) + "x]", "1");
        assertThat(error.column()).isEqualTo(6_002);
        assertThat(error.caret().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(300));
    }

    @Test
    void furtherVariablesMustBeDeclaredAndGiven() {
        var args = new LinkedHashMap<String, Value>();
        args.put("limit", Value.of(0.5));
        var names = Names.condition(Value.of(0.4)).with("limit", Type.Basic.FLOAT);
        assertThat(Expression.evaluate("result < limit", names, new Environment(Value.of(0.4), NOW, args)))
                .isEqualTo(new Result.Of(Value.of(true)));
    }

    @Test
    void aCompiledExpressionKnowsItsType() {
        var compiled = (Compiled) Expression.compile("1 < 2", Names.none());
        assertThat(compiled.type()).isEqualTo(Type.Basic.BOOL);
        assertThat(compiled.source()).isEqualTo("1 < 2");
    }
}
