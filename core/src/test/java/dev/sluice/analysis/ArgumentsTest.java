package dev.sluice.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.Arguments.Resolved;
import dev.sluice.analysis.Placeholders.Filled;
import dev.sluice.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {
    private static final Json.Obj ROLLOUT = Json.parse("""
                    {"metadata": {"name": "web", "namespace": "shop", "uid": "u1",
                       "labels": {"app": "web", "example.com/tier": "front"}, "annotations": {"team": "red"}},
                     "spec": {"replicas": 5, "paused": true,
                       "template": {"spec": {"containers": [{"image": "web:1"}, {"image": "proxy:2"}]}}},
                     "status": {"pauseConditions": [{"reason": "CanaryPauseStep"}]}}
                    """).obj();

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "metadata.name, web",
        "metadata.namespace, shop",
        "metadata.uid, u1",
        "metadata.labels['app'], web",
        "metadata.labels['example.com/tier'], front",
        "metadata.annotations['team'], red",
        "metadata.labels['absent'], ''",
        "spec.replicas, 5",
        "spec.paused, true",
        "spec.template.spec.containers[1].image, proxy:2",
        "status.pauseConditions[0].reason, CanaryPauseStep"
    })
    void aFieldOfTheRolloutIsAnArgument(String path, String value) {
        assertThat(Arguments.field(path, ROLLOUT)).contains(value);
    }

    @ParameterizedTest
    @CsvSource({
        "spec.nothing",
        "spec.template",
        "spec.template.spec.containers",
        "metadata.generation",
        "spec..replicas",
        "spec.replicas[0]",
        "''"
    })
    void aPathThatLeadsToNoValueIsNone(String path) {
        assertThat(Arguments.field(path, ROLLOUT)).isEmpty();
    }

    @Test
    void hashesAndFieldsBecomeValuesAndSecretsStay() {
        var args = Json.parse("""
                [{"name": "a", "value": "1"},
                 {"name": "old", "valueFrom": {"podTemplateHashValue": "Stable"}},
                 {"name": "new", "valueFrom": {"podTemplateHashValue": "Latest"}},
                 {"name": "image", "valueFrom": {"fieldRef": {"fieldPath": "spec.template.spec.containers[0].image"}}},
                 {"name": "token", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
                """);
        var resolved = (Resolved.Fine) Arguments.ofRollout(args, ROLLOUT, "s1", "n2");
        assertThat(resolved.arguments().json()).isEqualTo(Json.parse("""
                        [{"name": "a", "value": "1"}, {"name": "old", "value": "s1"}, {"name": "new", "value": "n2"},
                         {"name": "image", "value": "web:1"},
                         {"name": "token", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
                        """));
        assertThat(resolved.arguments().secrets()).containsExactly(new Arguments.SecretArgument("token", "s", "k"));
    }

    @Test
    void anArgumentThatCannotBeResolvedIsNamed() {
        var args = Json.parse("[{\"name\": \"x\", \"valueFrom\": {\"fieldRef\": {\"fieldPath\": \"spec.no\"}}}]");
        assertThat(Arguments.ofRollout(args, ROLLOUT, "", ""))
                .isEqualTo(new Resolved.Wrong(
                        "args.x was not resolved: fieldPath spec.no does not lead to a value in the Rollout"));
    }

    private static SequencedMap<String, String> values(String... pairs) {
        var values = new LinkedHashMap<String, String>();
        for (int i = 0; i < pairs.length; i += 2) values.put(pairs[i], pairs[i + 1]);
        return values;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiterString = " => ",
            value = {
                "a{{args.x}}b => a1b",
                "{{ args.x }} => 1",
                "{{args.x}}{{args.y-z.w}} => 12",
                "{{args.x => {{args.x",
                "}}{{args.x}} => }}1",
                "{job='{{args.x}}'} => {job='1'}"
            })
    void placeholdersAreFilledWithValues(String text, String filled) {
        assertThat(Placeholders.fill(Json.of(text), values("x", "1", "y-z.w", "2")))
                .isEqualTo(new Filled.Tree(Json.of(filled)));
    }

    @Test
    void placeholdersAreFilledEverywhereAndValuesAreNotLookedThroughAgain() {
        var tree = Json.parse("{\"{{args.x}}\": [\"{{args.x}}\", {\"a\": \"b\\\"{{args.q}}\"}], \"n\": 5}");
        assertThat(Placeholders.fill(tree, values("x", "{{args.q}}", "q", "\"quoted\"\n")))
                .isEqualTo(new Filled.Tree(Json.of(
                        Map.of("{{args.q}}", Json.arr("{{args.q}}", Json.obj("a", "b\"\"quoted\"\n")), "n", 5))));
    }

    @Test
    void anUnknownTagIsNamedAsItStands() {
        assertThat(Placeholders.fill(Json.of("{{ args.nope }}"), values()))
                .isEqualTo(new Filled.Unresolved("failed to resolve {{ args.nope }}"));
        assertThat(Placeholders.fill(Json.of("{{x}}"), values("x", "1")))
                .isEqualTo(new Filled.Unresolved("failed to resolve {{x}}"));
    }
}
