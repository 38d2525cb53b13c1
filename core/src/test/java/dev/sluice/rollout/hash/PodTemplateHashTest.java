package dev.sluice.rollout.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodTemplateHashTest {
    private static String hash(String template) {
        return PodTemplateHash.of(Json.parse(template), Optional.empty());
    }

    @Test
    void agreesWithTheHashesOfAnArgoRolloutsCluster() {
        assertThat(hash("""
                {"metadata":{"labels":{"app":"canary-scaledowndelay"}},"spec":{"containers":[
                  {"name":"canary-scaledowndelay","image":"nginx:1.19-alpine",
                   "ports":[{"name":"http","containerPort":80,"protocol":"TCP"}],
                   "resources":{"requests":{"cpu":"5m","memory":"16Mi"}}}]}}""")).isEqualTo("674d8cf959");
        assertThat(hash("""
                {"metadata":{"labels":{"app":"dynamic-stable-scale"}},"spec":{"containers":[
                  {"name":"dynamic-stable-scale","image":"nginx:1.19-alpine",
                   "ports":[{"name":"http","containerPort":80,"protocol":"TCP"}],
                   "resources":{"requests":{"cpu":"5m","memory":"16Mi"}}}],
                  "readinessGates":[{"conditionType":"argoproj.io/e2e-readiness"}]}}""")).isEqualTo("6b56c8cdb4");
    }

    @Test
    void writesFieldsInGoOrderAndStructsEvenWhenEmpty() {
        assertThat(PodTemplateHash.goJson(Json.parse("""
                {"spec":{"containers":[{"image":"i","name":"a<b","unknown":1}]}}"""))).isEqualTo("""
                {"metadata":{},"spec":{"containers":[{"name":"a\\u003cb","image":"i","resources":{}}]}}""");
    }

    @Test
    void halfASurrogatePairCountsAsTheReplacementCharacter() {
        assertThat(PodTemplateHash.goJson(Json.parse("{\"spec\":{\"hostname\":\"x\\ud800y\",\"containers\":[]}}")))
                .contains("\"hostname\":\"x\ufffdy\"");
    }

    @Test
    void theCollisionCountChangesTheHash() {
        var template = Json.parse("{\"spec\":{\"containers\":[{\"name\":\"a\"}]}}");
        assertThat(PodTemplateHash.of(template, Optional.of(0)))
                .isNotEqualTo(PodTemplateHash.of(template, Optional.empty()))
                .isNotEqualTo(PodTemplateHash.of(template, Optional.of(1)));
    }

    @Test
    void stepsWithoutAnyHaveTheHashOfNull() {
        assertThat(StepsHash.of(Json.Null.VALUE)).isEqualTo("5ffbfbbd64");
        assertThat(StepsHash.of(Json.arr())).isEqualTo("5ffbfbbd64");
        assertThat(StepsHash.of(Json.parse("[{\"setWeight\":50},{\"pause\":{}}]")))
                .isEqualTo("757f5f97b");
    }
}
