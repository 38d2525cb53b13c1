package dev.sluice.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random texts never crash the language and always end.
///
/// The default run takes 200,000 of them. A million, or another seed:
///
/// ```
/// ./mvnw -pl core test -Dtest=FuzzTest -Dsluice.fuzz.runs=1000000 -Dsluice.fuzz.seed=7
/// ```
class FuzzTest {
    private static final int RUNS = Integer.getInteger("sluice.fuzz.runs", 200_000);
    private static final long SEED = Long.getLong("sluice.fuzz.seed", 20_230_814L);
    private static final Instant NOW = Instant.parse("2023-08-14T12:30:45Z");

    private static final List<Value> RESULTS = List.of(
            Value.Nil.VALUE,
            Value.of(0.97),
            Value.of("up"),
            Value.floats(List.of(0.1, 2.0, Double.NaN)),
            Value.of(Json.parse("{\"a\": 1, \"b\": \"x\", \"c\": [1, \"2\", null, {\"a\": [true]}], \"d\": {}}")),
            Value.of(Json.parse("[]")));

    @Test
    void generatedExpressionsEndWithAValueOrAnError() {
        var random = new Random(SEED);
        int values = 0;
        for (int i = 0; i < RUNS / 2; i++) {
            var source = new Generator(random).expression(1 + i % 4);
            if (run(source, RESULTS.get(i % RESULTS.size())) instanceof Result.Of) values++;
        }
        // A generator of which nothing compiles would test the parser's first line only.
        assertThat(values).isGreaterThan(RUNS / 20);
    }

    @Test
    void mutatedExamplesEndWithAValueOrAnError() {
        var random = new Random(SEED);
        var seeds = LanguageTest.examples().stream()
                .map(LanguageTest.Example::source)
                .toList();
        for (int i = 0; i < RUNS / 2; i++) {
            run(mutated(seeds, random), RESULTS.get(i % RESULTS.size()));
        }
    }

    private static Result run(String source, Value result) {
        try {
            var names = Names.condition(result);
            return Expression.evaluate(source, names, new Environment(result, NOW));
        } catch (RuntimeException | StackOverflowError crash) {
            throw new AssertionError("crashed on: " + source + "\nover: " + result, crash);
        }
    }

    private static String mutated(List<String> seeds, Random random) {
        var bytes = new ArrayList<Byte>();
        for (byte b : seeds.get(random.nextInt(seeds.size())).getBytes(StandardCharsets.UTF_8)) bytes.add(b);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(bytes.size() + 1);
            switch (random.nextInt(5)) {
                case 0 -> bytes.add(at, (byte) random.nextInt(256));
                case 1 -> {
                    if (at < bytes.size()) bytes.remove(at);
                }
                case 2 -> {
                    if (at < bytes.size())
                        bytes.set(at, (byte) "()[]{}.?|#'\"`:;,+-*/%^!=<>&0x_ e".charAt(random.nextInt(32)));
                }
                case 3 ->
                    bytes.subList(at, Math.min(bytes.size(), at + random.nextInt(8)))
                            .clear();
                default -> {
                    for (byte b : seeds.get(random.nextInt(seeds.size())).getBytes(StandardCharsets.UTF_8)) {
                        bytes.add(Math.min(at++, bytes.size()), b);
                    }
                }
            }
        }
        var array = new byte[bytes.size()];
        for (int i = 0; i < array.length; i++) array[i] = bytes.get(i);
        return new String(array, StandardCharsets.UTF_8);
    }

    /// Writes expressions by the grammar, mostly with sensible types.
    private static final class Generator {
        private final Random random;
        private int predicates;
        private int lets;

        Generator(Random random) {
            this.random = random;
        }

        private String any(String... of) {
            return of[random.nextInt(of.length)];
        }

        String expression(int depth) {
            if (depth <= 0) return leaf();
            int less = depth - 1;
            return switch (random.nextInt(22)) {
                case 0, 1, 2 ->
                    expression(less) + any(" + ", " - ", " * ", " / ", " % ", " ** ", "^") + expression(less);
                case 3, 4 -> expression(less) + any(" == ", " != ", " < ", " > ", " <= ", " >= ") + expression(less);
                case 5 -> expression(less) + any(" and ", " or ", " && ", " || ") + expression(less);
                case 6 ->
                    expression(less)
                            + any(" in ", " not in ", " contains ", " matches ", " startsWith ", " not endsWith ")
                            + expression(less);
                case 7 -> any("not ", "!", "-", "+") + expression(less);
                case 8 -> "(" + expression(less) + ")";
                case 9 -> expression(less) + " ? " + expression(less) + " : " + expression(less);
                case 10 -> "(" + expression(less) + " ?? " + leaf() + ")";
                case 11 -> "[" + expression(less) + ", " + expression(less) + "]";
                case 12 -> "{a: " + expression(less) + ", \"b\": " + expression(less) + "}";
                case 13 -> "(" + expression(less) + ")" + any(".a", ".b.c", "?.a", "?.a.b", "[0]", "[-1]", "?.[1]");
                case 14 -> "(" + expression(less) + ")[" + any("1", "", "-1") + ":" + any("2", "", "-1") + "]";
                case 15, 16 -> predicateCall(less);
                case 17, 18 -> call(less);
                case 19 ->
                    expression(less) + " | " + any("string", "len", "type", "first", "toJSON", "keys", "sort") + "()";
                case 20 -> {
                    var name = "v" + lets++;
                    var text = "let " + name + " = " + expression(less) + "; " + any(name, expression(less));
                    yield "(" + text + ")";
                }
                default -> "if " + expression(less) + " { " + expression(less) + " } else { " + expression(less) + " }";
            };
        }

        private String predicateCall(int depth) {
            var name = any(
                    "all",
                    "any",
                    "none",
                    "one",
                    "filter",
                    "map",
                    "find",
                    "findIndex",
                    "findLast",
                    "findLastIndex",
                    "count",
                    "sum",
                    "groupBy",
                    "sortBy",
                    "reduce");
            var collection = any("1..9", "[1, 2.5, 'a']", "result", "result.c", "[[1], [2]]", expression(depth));
            predicates++;
            var predicate =
                    any("# > 1", "#", ".a", "# == #", "#acc + #", "#index", "# % 2 == 0", "len(#)", expression(depth));
            predicates--;
            var tail = any("", "", "", ", 0", ", \"desc\"", ",");
            return name + "(" + collection + ", " + any(predicate, "{" + predicate + "}") + tail + ")";
        }

        private String call(int depth) {
            var name = any(
                    "len",
                    "type",
                    "abs",
                    "ceil",
                    "floor",
                    "round",
                    "int",
                    "float",
                    "string",
                    "trim",
                    "upper",
                    "split",
                    "splitAfter",
                    "replace",
                    "repeat",
                    "join",
                    "indexOf",
                    "lastIndexOf",
                    "hasPrefix",
                    "hasSuffix",
                    "max",
                    "min",
                    "mean",
                    "median",
                    "toJSON",
                    "fromJSON",
                    "toBase64",
                    "fromBase64",
                    "now",
                    "duration",
                    "date",
                    "timezone",
                    "first",
                    "last",
                    "get",
                    "take",
                    "keys",
                    "values",
                    "toPairs",
                    "fromPairs",
                    "reverse",
                    "uniq",
                    "concat",
                    "flatten",
                    "sort",
                    "bitand",
                    "bitor",
                    "bitxor",
                    "bitnand",
                    "bitshl",
                    "bitshr",
                    "bitushr",
                    "bitnot",
                    "asInt",
                    "asFloat",
                    "isNaN",
                    "isInf",
                    "isNil",
                    "default",
                    "now().Year",
                    "duration(\"1h\").Round",
                    "now().Add",
                    "now().Format",
                    "nothing");
            var arguments = new ArrayList<String>();
            for (int i = random.nextInt(4); i > 0; i--) arguments.add(expression(depth - 1));
            return name + "(" + String.join(", ", arguments) + ")";
        }

        private String leaf() {
            if (predicates > 0 && random.nextInt(3) == 0) return any("#", ".a", "#index", "#acc");
            return any(
                    "1",
                    "0",
                    "-1",
                    "2.5",
                    "1e3",
                    "0x1F",
                    "9223372036854775807",
                    "1_0",
                    "\"a\"",
                    "'1.5'",
                    "`b`",
                    "\"\"",
                    "\"(a|b)*c\"",
                    "true",
                    "false",
                    "nil",
                    "result",
                    "result.a",
                    "result.c[1]",
                    "result[0]",
                    "[]",
                    "{}",
                    "1..3",
                    "[3, 1, 2]",
                    "now()",
                    "duration(\"90s\")",
                    "timezone(\"UTC\")",
                    "$env",
                    "len",
                    "\"2006-01-02\"",
                    "1/0",
                    "\"😀é\"");
        }
    }
}
