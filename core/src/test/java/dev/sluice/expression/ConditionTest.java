package dev.sluice.expression;

import static dev.sluice.expression.Condition.Verdict.ERROR;
import static dev.sluice.expression.Condition.Verdict.FAILED;
import static dev.sluice.expression.Condition.Verdict.INCONCLUSIVE;
import static dev.sluice.expression.Condition.Verdict.SUCCESSFUL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.expression.Condition.Moment;
import dev.sluice.expression.Condition.Outcome;
import dev.sluice.expression.Condition.Verdict;
import dev.sluice.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {
    private static final Instant NOW = Instant.parse("2023-08-14T12:30:45Z");

    private static Outcome judge(String success, String failure, Value result) {
        return new Condition(Optional.of(success), Optional.of(failure)).judge(result, NOW);
    }

    @ParameterizedTest(name = "success {0}, failure {1}: {2}")
    @CsvSource({
        "'', '', SUCCESSFUL",
        "true, '', SUCCESSFUL",
        "false, '', FAILED",
        "'', true, FAILED",
        "'', false, SUCCESSFUL",
        "true, true, FAILED",
        "false, true, FAILED",
        "true, false, SUCCESSFUL",
        "false, false, INCONCLUSIVE"
    })
    void theTwoConditionsGiveTheVerdict(String success, String failure, Verdict verdict) {
        assertThat(judge(success, failure, Value.of(1.0))).isEqualTo(new Outcome(verdict, ""));
    }

    @Test
    void absentConditionsAreAsEmptyOnes() {
        assertThat(new Condition(Optional.empty(), Optional.empty())
                        .judge(Value.Nil.VALUE, NOW)
                        .verdict())
                .isEqualTo(SUCCESSFUL);
    }

    @Test
    void anErrorNamesTheConditionAndTheCause() {
        assertThat(judge("a == true", "true", Value.of(true)))
                .isEqualTo(new Outcome(ERROR, "could not evaluate successCondition \"a == true\": unknown name a"));
        assertThat(judge("true", "a == true", Value.of(true)))
                .isEqualTo(new Outcome(ERROR, "could not evaluate failureCondition \"a == true\": unknown name a"));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiterString = " | ",
            value = {
                "1 | int",
                "1.5 | float64",
                "string(1) | string",
                "nil | <nil>",
                "asInt('1') | int64",
                "[1] | []interface {}",
                "1..2 | []int",
                "{a: 1} | map[string]interface {}",
                "now() | time.Time",
                "split('a', 'b') | []string",
                "asInt | func(interface {}) int64"
            })
    void anOutcomeThatIsNoBoolIsAnError(String source, String type) {
        assertThat(judge(source, "", Value.of(1.0)).message())
                .isEqualTo("could not evaluate successCondition \"" + source + "\": expected bool, but got " + type);
    }

    @Test
    void noDataHasItsOwnWords() {
        var words = "metric result is nil or empty: no data returned from the metric provider";
        assertThat(judge("result > 1", "", Value.Nil.VALUE))
                .isEqualTo(new Outcome(ERROR, "could not evaluate successCondition \"result > 1\": " + words));
        assertThat(judge("result[0] > 1", "", Value.floats(List.of())).message())
                .isEqualTo("could not evaluate successCondition \"result[0] > 1\": " + words);
    }

    @Test
    void aConditionMayProvideForNoData() {
        assertThat(judge("default(result, 0) < 0.05", "", Value.Nil.VALUE).verdict())
                .isEqualTo(SUCCESSFUL);
        assertThat(judge("default(result, 1) < 0.05", "", Value.Nil.VALUE).verdict())
                .isEqualTo(FAILED);
        assertThat(judge("isNil(result) || result > 1", "", Value.Nil.VALUE).verdict())
                .isEqualTo(ERROR); // as in the original: the type of `result` is nil, so `nil > 1` does not compile
        assertThat(judge("len(result) == 0", "", Value.of(Json.arr())).verdict())
                .isEqualTo(SUCCESSFUL);
    }

    @ParameterizedTest(name = "{0} over {1}: {2}")
    @CsvSource(
            delimiterString = " | ",
            value = {
                "result[0] >= 0.95 | [0.99] | SUCCESSFUL",
                "result[0] >= 0.95 | [0.9] | FAILED",
                "len(result) == 0 or result[0] < 5 | [4] | SUCCESSFUL",
                "all(result, # < 1000) | [1, 2, 3] | SUCCESSFUL",
                "all(result, {# > 1}) | [1, 2, 3] | FAILED",
                "asFloat(result) >= 1.1 | \"1.1\" | SUCCESSFUL",
                "result.ok && result.successPercent >= 0.9 | {\"ok\": true, \"successPercent\": 0.95} | SUCCESSFUL",
                "result == true | true | SUCCESSFUL",
                "!isNaN(result) and !isInf(result) | 1 | SUCCESSFUL",
                "max(result) - min(result) < 2 | [1, 2, 2.5] | SUCCESSFUL"
            })
    void conditionsAsPeopleWriteThem(String source, String result, Verdict verdict) {
        assertThat(judge(source, "", Value.of(Json.parse(result)))).isEqualTo(new Outcome(verdict, ""));
        assertThat(flaws(source)).isEmpty();
    }

    private static List<String> flaws(String source) {
        return new Condition(Optional.empty(), Optional.of(source))
                .flaws().stream().map(Condition.Flaw::cause).toList();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " | ",
            value = {
                "result[0] < | unexpected token EOF (1:12: \"result[0] <^\")",
                "result[0] <> 5 | unexpected token Operator(\">\") (1:12: \"result[0] <^> 5\")",
                "reslut > 1 | unknown name reslut (1:1: \"^reslut > 1\")",
                "asFlot(result) > 1 | unknown name asFlot (1:1: \"^asFlot(result) > 1\")",
                "asInt(result) | expected bool, but got int64",
                "result == 1 ? 2 : 3 | expected bool, but got int"
            })
    void whatCanJudgeNothingIsKnownBeforeAnythingIsMeasured(String source, String cause) {
        assertThat(flaws(source)).containsExactly(cause);
    }

    /// What depends on the value is not.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "result",
                "result.ok",
                "result[0]",
                "isNil(result) || result > 1",
                "default(result, 0) < 0.05",
                "any(result, {.code >= 500})",
                "result in ['a', 'b']",
                "let x = result; x > 1",
                "result matches '^ok'",
                "len(result) > 0 and result[len(result) - 1] < 5",
                "result + 1 > 2",
                "result.a?.b ?? false"
            })
    void whatDependsOnTheValueIsNot(String source) {
        assertThat(flaws(source)).isEmpty();
    }

    @Test
    void bothConditionsAreLookedAt() {
        assertThat(new Condition(Optional.of("result >"), Optional.of("result <"))
                        .flaws().stream().map(Condition.Flaw::toString))
                .containsExactly(
                        "successCondition \"result >\" can judge nothing: unexpected token EOF (1:9: \"result >^\")",
                        "failureCondition \"result <\" can judge nothing: unexpected token EOF (1:9: \"result <^\")");
    }

    @Test
    void betweenTheTwoConditionsIsInconclusive() {
        assertThat(judge("result >= 0.95", "result < 0.9", Value.of(0.92)).verdict())
                .isEqualTo(INCONCLUSIVE);
    }

    @Test
    void theTimesOfARangeQueryAreExpressionsToo() {
        assertThat(Condition.moment("now() - duration(\"1h\")", NOW))
                .isEqualTo(new Moment.At(Instant.parse("2023-08-14T11:30:45Z")));
        assertThat(Condition.moment("1 + 1", NOW)).isEqualTo(new Moment.None("expected time.Time, but got int"));
        assertThat(Condition.moment("result", NOW)).isEqualTo(new Moment.None("unknown name result"));
    }
}
