package dev.sluice.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.Templates.Plan;
import dev.sluice.analysis.Templates.Ref;
import dev.sluice.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplatesTest {
    private final SequencedMap<Ref, Json.Obj> library = new LinkedHashMap<>();

    private void template(String name, String spec) {
        library.put(new Ref(name, false), Json.parse(spec.replace('\'', '"')).obj());
    }

    private void clusterTemplate(String name, String spec) {
        library.put(new Ref(name, true), Json.parse(spec.replace('\'', '"')).obj());
    }

    private Plan plan(String args, String... names) {
        return plan(Json.Obj.EMPTY, args, names);
    }

    private Plan plan(Json.Obj block, String args, String... names) {
        var refs = List.of(names).stream().map(name -> new Ref(name, false)).toList();
        return Templates.plan(
                refs,
                ref -> Optional.ofNullable(library.get(ref)),
                Arguments.of(Json.parse(args.replace('\'', '"'))),
                block);
    }

    private static Plan spec(String spec) {
        return new Plan.Spec(Json.parse(spec.replace('\'', '"')).obj());
    }

    @Test
    void metricsAndArgumentsOfTemplatesAddUp() {
        template("a", "{'metrics': [{'name': 'm1'}], 'args': [{'name': 'x'}], 'dryRun': [{'metricName': 'm1'}]}");
        template("b", "{'metrics': [{'name': 'm2'}], 'args': [{'name': 'y', 'value': '2'}]}");
        assertThat(plan("[{'name': 'x', 'value': '1'}, {'name': 'unasked', 'value': '0'}]", "a", "b"))
                .isEqualTo(spec("""
                        {'metrics': [{'name': 'm1'}, {'name': 'm2'}],
                         'args': [{'name': 'x', 'value': '1'}, {'name': 'y', 'value': '2'}],
                         'dryRun': [{'metricName': 'm1'}]}"""));
    }

    @Test
    void nestedTemplatesAreTakenOnceAndThoseOfTheClusterLast() {
        template("a", "{'templates': [{'templateName': 'c', 'clusterScope': true}, {'templateName': 'b'}]}");
        template("b", "{'metrics': [{'name': 'mb'}], 'templates': [{'templateName': 'a'}]}");
        clusterTemplate(
                "c", "{'metrics': [{'name': 'mc'}], 'templates': [{'templateName': 'c', 'clusterScope': true}]}");
        assertThat(plan("[]", "a", "b")).isEqualTo(spec("{'metrics': [{'name': 'mb'}, {'name': 'mc'}]}"));
    }

    @Test
    void whatMustBeFetchedIsListed() {
        template("a", "{'templates': [{'templateName': 'b'}, {'templateName': 'c', 'clusterScope': true}]}");
        assertThat(Templates.missing(
                        List.of(new Ref("a", false), new Ref("x", false)),
                        ref -> Optional.ofNullable(library.get(ref))))
                .containsExactly(new Ref("b", false), new Ref("c", true), new Ref("x", false));
    }

    @Test
    void theValueOfTheOneWhoRunsItWins() {
        template("a", "{'metrics': [{'name': 'm'}], 'args': [{'name': 'x', 'value': 'old'}]}");
        assertThat(plan("[{'name': 'x', 'value': 'new'}]", "a"))
                .isEqualTo(spec("{'metrics': [{'name': 'm'}], 'args': [{'name': 'x', 'value': 'new'}]}"));
        assertThat(plan("[{'name': 'x', 'valueFrom': {'secretKeyRef': {'name': 's', 'key': 'k'}}}]", "a"))
                .isEqualTo(spec("{'metrics': [{'name': 'm'}], 'args': [{'name': 'x', 'valueFrom': {'secretKeyRef':"
                        + " {'name': 's', 'key': 'k'}}}]}"));
    }

    @Test
    void rulesOfTheOneWhoRunsItComeFirst() {
        template("a", "{'metrics': [{'name': 'm'}], 'measurementRetention': [{'metricName': 'm', 'limit': 5}]}");
        var block = Json.parse("{\"dryRun\": [{\"metricName\": \".*\"}]}").obj();
        assertThat(plan(block, "[]", "a"))
                .isEqualTo(spec("{'metrics': [{'name': 'm'}], 'dryRun': [{'metricName': '.*'}], 'measurementRetention':"
                        + " [{'metricName': 'm', 'limit': 5}]}"));
    }

    @ParameterizedTest(name = "{2}")
    @CsvSource(
            delimiterString = " | ",
            quoteCharacter = '^',
            value = {
                "{'metrics': [{'name': 'm'}]} | {'metrics': [{'name': 'm'}]} | two metrics have the same name 'm'",
                "{'metrics': [{'name': 'm'}], 'dryRun': [{'metricName': 'm'}]} | {'dryRun': [{'metricName': 'm'}]} | two Dry-Run metric rules have the same name 'm'",
                "{'metrics': [{'name': 'm'}], 'measurementRetention': [{'metricName': 'm'}]} | {'measurementRetention': [{'metricName': 'm'}]} | two Measurement Retention metric rules have the same name 'm'",
                "{'metrics': [{'name': 'm'}], 'args': [{'name': 'x', 'value': '1'}]} | {'args': [{'name': 'x', 'value': '2'}]} | Argument `x` specified multiple times with different values: '1', '2'",
                "{'metrics': [{'name': 'm'}], 'args': [{'name': 'x'}]} | {} | args.x was not resolved",
                "{'args': []} | {} | no metrics specified",
                "{'templates': [{'templateName': 'gone'}]} | {} | analysistemplates.argoproj.io \"gone\" not found",
                "{'templates': [{'templateName': 'gone', 'clusterScope': true}]} | {} | clusteranalysistemplates.argoproj.io \"gone\" not found"
            })
    void whatContradictsItselfIsRefused(String a, String b, String message) {
        template("a", a);
        template("b", b);
        assertThat(plan("[]", "a", "b")).isEqualTo(new Plan.Refused(message));
    }

    @Test
    void theSameArgumentTwiceIsFineWhenItsValuesAgree() {
        template("a", "{'metrics': [{'name': 'm'}], 'args': [{'name': 'x'}, {'name': 'y', 'value': '1'}]}");
        template("b", "{'args': [{'name': 'x', 'value': '2'}, {'name': 'y', 'value': '1'}]}");
        assertThat(plan("[]", "a", "b"))
                .isEqualTo(
                        spec(
                                "{'metrics': [{'name': 'm'}], 'args': [{'name': 'x', 'value': '2'}, {'name': 'y', 'value': '1'}]}"));
    }
}
