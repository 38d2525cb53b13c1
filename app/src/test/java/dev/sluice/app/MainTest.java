package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is typed, and the code it ends with.
class MainTest {
    private final Bench bench = new Bench();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version | 0",
                "--help | 0",
                "promote --help | 0",
                "set image --help | 0",
                "list | 0",
                "list -n shop -o yaml | 0",
                "-n shop list | 0",
                "'' | 2",
                "lits | 2",
                "get | 2",
                "get a b | 2",
                "get service/web | 2",
                "get UPPER | 2",
                "list pods | 2",
                "list -l a=b=c | 2",
                "list -o csv | 2",
                "list -o jsonpath={.items[*].name} | 0",
                "list -o jsonpath={.items[ | 2",
                "promote web --dry-run=server | 2",
                "list --request-timeout soon | 2",
                "status web --until done | 2",
                "status web --timeout -3s | 2",
                "restart web --in never | 2",
                "set | 2",
                "set image web | 2",
                "set image web app | 2",
                "set image web app= | 2",
                "undo web --to-revision x | 2",
                "undo web --to-revision -1 | 2",
                "promote web --fulll | 2",
                "get web | 7",
                "abort web | 7",
                "set image web app=v2 | 7",
                "explain web | 7",
                "-n shop explain web -o json | 7",
                "explain --service web | 2",
                "explain web --traffic | 7",
                "diagnose web --traffic | 7",
                "demo --help | 0",
                "controller --rollout-threads 0 | 2",
                "controller --healthzPort 99999 | 2",
                "local | 2",
                "local up --port -1 | 2"
            })
    void eachEndsWithItsCode(String words, int code) {
        var ended = bench.run(words.isEmpty() ? new String[0] : words.split(" "));
        assertThat(ended.code()).as(ended.err()).isEqualTo(code);
        if (code == 2 && !words.isEmpty()) assertThat(ended.err()).startsWith("error SLU-A001  ");
        if (code != 0) assertThat(ended.out()).isEmpty();
    }

    @Test
    void aSlipIsAnsweredWithTheNearestCommand() {
        assertThat(bench.run("lits").err()).isEqualTo("""
                error SLU-A001  there is no command "lits"
                  do    sluice list     is probably meant
                        sluice --help     shows what it understands
                """);
    }

    @Test
    void whatIsNotUnderstoodIsNamedWithWhatIsMeant() {
        assertThat(bench.run("local", "dwon").err()).isEqualTo("""
                error SLU-A001  there is no command "dwon"
                  do    sluice local down     is probably meant
                        sluice local --help     shows what it understands
                """);
        assertThat(bench.run("status", "web", "--untl", "paused").err()).isEqualTo("""
                error SLU-A001  there is no option "--untl"
                  do    sluice status --until     is probably meant
                        sluice status --help     shows what it understands
                """);
        assertThat(bench.run("list", "rollouts", "web").err())
                .startsWith("error SLU-A001  \"web\" is one word too many\n");
    }

    @Test
    void aNumberThatIsNoneAndAnImageThatIsMissingAreSaidInPlainWords() {
        assertThat(bench.run("undo", "web", "--to-revision", "x").err())
                .startsWith("error SLU-A001  Invalid value for option '--to-revision': 'x' is no whole number\n");
        assertThat(bench.run("set", "image", "web").err()).startsWith("error SLU-A001  no CONTAINER=IMAGE is given\n");
    }

    @Test
    void aNamespaceThatDoesNotExistIsToldFromOneThatIsEmpty() {
        assertThat(bench.run("list", "-n", "nowhere"))
                .isEqualTo(new Bench.Ended(
                        0,
                        "",
                        "No resources found.\nnote: there is no namespace nowhere; sluice list -A shows the rollouts of"
                                + " all\n"));
        assertThat(bench.run("get", "web", "-n", "nowhere").err())
                .contains("  why   namespace nowhere does not exist\n");
        assertThat(bench.run("get", "web", "-n", "default").err()).contains("  why   namespace default has none\n");
    }

    @Test
    void explainWithoutTrafficIsWhy() {
        var paused = new Bench().pausedCanary();
        var why = paused.run("why", "web");
        assertThat(why.out()).isNotEmpty();
        assertThat(paused.run("explain", "web")).isEqualTo(why);
        assertThat(paused.run("-n", "shop", "diagnose", "rollout", "web")).isEqualTo(why);
    }

    @Test
    void theHelpListsEveryCommand() {
        var help = bench.run("--help").out();
        for (var command : Commands.ALL)
            assertThat(help).contains("  " + command.names().getFirst());
    }

    @Test
    void aDefectIsReportedAsOneWithoutAStack() {
        var ended = bench.run("version", "-o", "json");
        assertThat(Json.parse(ended.out()).at("kind").string("")).isEqualTo("Version");
    }

    @Test
    void yamlKeepsWhatCouldBeReadAsSomethingElseInQuotes() {
        assertThat(Yaml.text(Json.parse("""
                {"a":"yes","b":"1","c":"x: y","d":[],"e":[{"f":1,"g":[2,"z"]},"h"],"i":{"j":null},"k":""}
                """))).isEqualTo("""
                a: "yes"
                b: "1"
                c: "x: y"
                d: []
                e:
                - f: 1
                  g:
                  - 2
                  - z
                - h
                i:
                  j: null
                k: ""
                """);
    }
}
