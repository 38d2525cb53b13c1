package dev.sluice.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.format.GoDuration;
import dev.sluice.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The language by example: `language.txt` beside this class says what each expression is, or which error.
class LanguageTest {
    private static final Instant NOW = Instant.parse("2023-08-14T12:30:45Z");

    record Example(int line, String over, Names names, Value result, String source, String expected, boolean fails) {
        @Override
        public String toString() {
            return line + ": " + source + " over " + over;
        }
    }

    static List<Example> examples() {
        var examples = new ArrayList<Example>();
        var over = "";
        var names = Names.none();
        var result = Value.Nil.VALUE;
        int number = 0;
        for (var line : read("language.txt").lines().toList()) {
            number++;
            if (line.isBlank() || line.startsWith("# ") && !line.startsWith("# >") || line.startsWith("##")) continue;
            if (line.equals("#")) continue;
            if (line.startsWith("@ ") && !line.startsWith("@ =!")) {
                over = line.substring(2);
                if (over.equals("time")) {
                    names = Names.time();
                    result = Value.Nil.VALUE;
                } else if (over.startsWith("floats ")) {
                    result = Value.floats(Json.parse(over.substring(7)).items().stream()
                            .map(item -> ((Json.Num) item).toDouble())
                            .toList());
                    names = Names.condition(result);
                } else {
                    result = Value.of(Json.parse(over.substring(over.indexOf(' ') + 1)));
                    names = Names.condition(result);
                }
                continue;
            }
            boolean fails = line.contains(" =! ");
            var parts = line.split(fails ? " =! " : " => ", 2);
            assertThat(parts).as("line %d", number).hasSize(2);
            examples.add(new Example(number, over, names, result, parts[0], parts[1], fails));
        }
        return examples;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void isAsTheExampleSays(Example example) {
        var got = Expression.evaluate(example.source(), example.names(), new Environment(example.result(), NOW));
        switch (got) {
            case Result.Of(var value) ->
                assertThat(show(value)).isEqualTo(example.fails() ? "an error" : example.expected());
            case ExpressionError error ->
                assertThat(error.message()).isEqualTo(example.fails() ? example.expected() : "the value");
        }
    }

    @Test
    void theExamplesAreMany() {
        assertThat(examples()).hasSizeGreaterThan(400);
    }

    @Test
    void everyFunctionHasAnExample() {
        var sources = examples().stream().map(Example::source).collect(Collectors.joining("\n"));
        var functions = Stream.of(
                ("all any one none map filter find findIndex findLast findLastIndex count sum mean median min max reduce"
                                + " sort sortBy groupBy reverse concat flatten uniq join split splitAfter replace repeat"
                                + " indexOf lastIndexOf hasPrefix hasSuffix trim trimPrefix trimSuffix upper lower len"
                                + " first last take keys values toPairs fromPairs get type int float string abs ceil floor"
                                + " round toJSON fromJSON toBase64 fromBase64 now date timezone duration bitand bitor"
                                + " bitxor bitnand bitnot bitshl bitshr bitushr asInt asFloat isNaN isInf isNil default")
                        .split(" "));
        assertThat(functions).allSatisfy(name -> assertThat(sources).contains(name + "("));
    }

    static String read(String name) {
        try (var in = LanguageTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A value with its kind in sight.
    static String show(Value value) {
        return switch (value) {
            case Value.Nil _ -> "nil";
            case Value.Bool(var bool) -> Boolean.toString(bool);
            case Value.Int(var number) -> Long.toString(number);
            case Value.Real(var number) -> {
                var text = GoNumber.text(number);
                yield text.contains(".") || text.contains("e") || text.contains("Inf") || text.equals("NaN")
                        ? text
                        : text + ".0";
            }
            case Value.Text(var text) -> GoText.quote(text);
            case Value.Array(var items, var _) ->
                items.stream().map(LanguageTest::show).collect(Collectors.joining(", ", "[", "]"));
            case Value.Dict dict ->
                dict.entries().entrySet().stream()
                        .map(entry -> show(entry.getKey()) + ": " + show(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"));
            case Value.Time(var at) -> GoTime.shown(at);
            case Value.Span(var nanos) -> GoDuration.text(Duration.ofNanos(nanos));
            case Value.Zone(var id) -> id.toString();
            case Value.Function(var name, var _) -> name;
        };
    }
}
