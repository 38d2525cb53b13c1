package dev.sluice.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegexTest {
    private static boolean find(String pattern, String text) {
        return switch (Regex.compile(pattern)) {
            case Regex.Compilation.Ready(var regex) -> regex.find(text);
            case Regex.Compilation.Refused(var message) -> throw new AssertionError(message);
        };
    }

    @ParameterizedTest(name = "{0} in {1}: {2}")
    @CsvSource(
            delimiterString = " ~ ",
            value = {
                "b ~ abc ~ true",
                "^b ~ abc ~ false",
                "c$ ~ abc ~ true",
                "^$ ~ '' ~ true",
                "a.c ~ abc ~ true",
                "a(b|x)c ~ axc ~ true",
                "(?:ab)+$ ~ abab ~ true",
                "^a{2,3}$ ~ aaaa ~ false",
                "^a{2,}$ ~ aaaa ~ true",
                "^a{0}$ ~ '' ~ true",
                "a{,2} ~ a{,2} ~ true",
                "x{ ~ x{ ~ true",
                "[^a-c] ~ abc ~ false",
                "[]a] ~ ] ~ true",
                "[a-] ~ - ~ true",
                "[\\d_] ~ x_ ~ true",
                "[[:alpha:]]+ ~ 12a ~ true",
                "[[:^digit:]] ~ 12 ~ false",
                "\\bfoo\\b ~ a foo b ~ true",
                "\\bfoo\\b ~ afoo ~ false",
                "(?i)straße ~ STRAßE ~ true",
                "(?i)[a-c]x ~ BX ~ true",
                "(?i:a)b ~ AB ~ false",
                "\\pL+\\p{Greek} ~ xα ~ true",
                "\\p{^Lu} ~ ABC ~ false",
                "(?P<name>a)(?<other>b) ~ ab ~ true",
                "\\Qa.b\\E$ ~ xa.b ~ true",
                "\\x41\\x{42}\\103 ~ ABC ~ true",
                "a*?b+? ~ aab ~ true",
                "(a*)*b ~ aaac ~ false",
                "(|a)+$ ~ aaa ~ true",
                "😀+ ~ x😀😀 ~ true",
                "^(?:)*$ ~ '' ~ true"
            })
    void findsAMatchAnywhere(String pattern, String text, boolean found) {
        assertThat(find(pattern, text)).isEqualTo(found);
    }

    @Test
    void linesCountOnlyWhenAsked() {
        assertThat(find("^b$", "a\nb\nc")).isFalse();
        assertThat(find("(?m)^b$", "a\nb\nc")).isTrue();
        assertThat(find("a.b", "a\nb")).isFalse();
        assertThat(find("(?s)a.b", "a\nb")).isTrue();
        assertThat(find("a$", "a\n")).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " ~ ",
            value = {
                "( ~ missing closing ): `(`",
                ") ~ unexpected ): `)`",
                "[a ~ missing closing ]: `[a`",
                "* ~ missing argument to repetition operator: `*`",
                "a** ~ invalid nested repetition operator: `**`",
                "a++ ~ invalid nested repetition operator: `++`",
                "a{1001} ~ invalid repeat count: `{1001}`",
                "a{3,2} ~ invalid repeat count: `{3,2}`",
                "[z-a] ~ invalid character class range: `z-a`",
                "\\y ~ invalid escape sequence: `\\y`",
                "(?=a) ~ invalid or unsupported Perl syntax: `(?=`",
                "(?<!a) ~ invalid or unsupported Perl syntax: `(?<`",
                "\\8 ~ invalid escape sequence: `\\8`",
                "a\\ ~ trailing backslash at end of expression: ``",
                "\\p{Klingon} ~ invalid character class range: `\\p{Klingon}`"
            })
    void refusesWhatRe2Refuses(String pattern, String problem) {
        assertThat(Regex.compile(pattern)).isEqualTo(new Regex.Compilation.Refused("error parsing regexp: " + problem));
    }

    @Test
    void patternsThatHangABacktrackerTakeTimeProportionalToTheText() {
        var text = "a".repeat(20_000) + "!";
        assertThat(find("(a+)+$", text)).isFalse();
        assertThat(find("(a|aa)*$", text)).isTrue();
        assertThat(find("(.*)*x", text)).isFalse();
        assertThat(find("a?".repeat(200) + "a".repeat(200), "a".repeat(200))).isTrue();
    }

    @Test
    void patternsThatWouldGrowWithoutBoundAreRefused() {
        assertThat(Regex.compile("((a{1000}){1000}){1000}")).isInstanceOf(Regex.Compilation.Refused.class);
        assertThat(find("(?:(?:(?:){1000}){1000}){1000}", "")).isTrue();
        assertThat(Regex.compile("(".repeat(500) + ")".repeat(500))).isInstanceOf(Regex.Compilation.Refused.class);
    }

    /// Where both know the syntax, they must agree.
    @Test
    void agreesWithTheBacktrackerOfTheJdkOnRandomPatterns() {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var pattern = pattern(random, 3);
            var text = new StringBuilder();
            for (int j = random.nextInt(8); j > 0; j--) text.append("abc\n-".charAt(random.nextInt(5)));
            boolean expected =
                    Pattern.compile(pattern.replace("$", "\\z")).matcher(text).find();
            assertThat(find(pattern, text.toString()))
                    .as("%s in %s", pattern, text)
                    .isEqualTo(expected);
        }
    }

    private static String pattern(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 9)) {
            case 0 -> "a";
            case 1 -> "b";
            case 2 -> new String[] {".", "^", "$", "\\b", "\\w", "[ab]", "[^b]", "\\s", "-"}[random.nextInt(9)];
            case 3 -> "c";
            case 4 -> pattern(random, depth - 1) + pattern(random, depth - 1);
            case 5 -> "(?:" + pattern(random, depth - 1) + "|" + pattern(random, depth - 1) + ")";
            case 6 -> "(?:" + pattern(random, depth - 1) + ")" + "*+?".charAt(random.nextInt(3));
            case 7 -> "(" + pattern(random, depth - 1) + "){1,2}";
            default -> pattern(random, depth - 1) + "|" + pattern(random, depth - 1);
        };
    }
}
