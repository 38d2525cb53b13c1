package dev.sluice.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "true",
                "-1",
                "9223372036854775807",
                "0.5",
                "1796052624.575",
                "0.0001",
                "\"a\\\"\\\\\\n\\u0001é\"",
                "{\"b\":1,\"a\":[1,2,{\"c\":null}]}"
            })
    void aTextSurvivesTheRoundTrip(String text) {
        assertThat(Json.parse(text).text()).isEqualTo(text);
        assertThat(Json.parse(Json.parse(text).pretty())).isEqualTo(Json.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1,]",
                "{\"a\":1,}",
                "01",
                "1.",
                "1e",
                "tru",
                "\"",
                "\"\\x\"",
                "\"\u0001\"",
                "1 2",
                "-",
                "{\"a\":1,\"a\":2}",
                "{a:1}",
                "1e999"
            })
    void whatIsNoJsonIsRefusedWithItsPlace(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(JsonSyntaxException.class)
                .hasMessageMatching("line \\d+, column \\d+: expected .*");
    }

    @Test
    void nestingIsBounded() {
        assertThat(Json.parse("[".repeat(512) + "]".repeat(512))).isInstanceOf(Json.Arr.class);
        assertThatThrownBy(() -> Json.parse("[".repeat(513) + "]".repeat(513))).hasMessageContaining("512 levels");
    }

    @Test
    void equalityOfObjectsIgnoresTheOrderThatPrintingKeeps() {
        assertThat(Json.parse("{\"a\":1,\"b\":2}")).isEqualTo(Json.parse("{\"b\":2,\"a\":1}"));
        assertThat(Json.parse("{\"b\":2,\"a\":1}").text()).isEqualTo("{\"b\":2,\"a\":1}");
    }

    @Test
    void pathsReadLeniently() {
        var json = Json.parse("{\"spec\":{\"replicas\":3,\"name\":\"x\"}}");
        assertThat(json.at("spec", "replicas").integer(1)).isEqualTo(3);
        assertThat(json.at("spec", "absent", "deep").isNull()).isTrue();
        assertThat(json.at("spec", "name").asInt()).isEmpty();
    }

    @Test
    void pathsWriteAndRemove() {
        var json = Json.obj("a", Json.obj("b", 1));
        assertThat(json.withAt(List.of("a", "c", "d"), "x").text()).isEqualTo("{\"a\":{\"b\":1,\"c\":{\"d\":\"x\"}}}");
        assertThat(json.withoutAt(List.of("a", "b")).text()).isEqualTo("{\"a\":{}}");
        assertThat(json.withoutAt(List.of("x", "b"))).isEqualTo(json);
    }

    @Test
    void whoWantsToKnowHearsWhereAFieldStandsTwiceAndTheLastCounts() {
        var repeated = new ArrayList<String>();
        var text = "{\"a\":1,\"b\":[{\"c\":1},{\"c\":1,\"d\":{},\"c\":2}],\"a\":3,\"e\":{\"f\":[],\"f\":4}}";
        var json = Json.parse(text.getBytes(StandardCharsets.UTF_8), repeated::add);
        assertThat(json.text()).isEqualTo("{\"a\":3,\"b\":[{\"c\":1},{\"c\":2,\"d\":{}}],\"e\":{\"f\":4}}");
        assertThat(repeated).containsExactly("b[1].c", "a", "e.f");
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(JsonSyntaxException.class)
                .hasMessageContaining("twice");
    }

    @Test
    void whatAYamlParserGivesIsJson() {
        var list = new ArrayList<Object>();
        list.add(null);
        list.add(new BigInteger("36893488147419103232"));
        var map = new LinkedHashMap<Object, Object>();
        map.put("a", list);
        map.put(80, null);
        assertThat(Json.of(map)).isEqualTo(Json.parse("{\"a\":[null,36893488147419103232],\"80\":null}"));
    }

    @Test
    void aMergePatchIsTheDifference() {
        var from = Json.parse("{\"a\":1,\"b\":{\"c\":1,\"d\":2},\"e\":[1]}").obj();
        var to = Json.parse("{\"b\":{\"c\":1,\"d\":3},\"e\":[2],\"f\":true}").obj();
        var patch = MergePatch.diff(from, to);
        assertThat(patch).isEqualTo(Json.parse("{\"a\":null,\"b\":{\"d\":3},\"e\":[2],\"f\":true}"));
        assertThat(MergePatch.apply(from, patch)).isEqualTo(to);
        assertThat(MergePatch.diff(to, to).isEmpty()).isTrue();
    }
}
