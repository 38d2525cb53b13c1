package dev.sluice.local.api;

import static dev.sluice.local.api.Cluster.CONFIG_MAPS;
import static dev.sluice.local.api.Cluster.DEPLOYMENTS;
import static dev.sluice.local.api.Cluster.configMap;
import static dev.sluice.local.api.Cluster.deployment;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import org.junit.jupiter.api.Test;

/// The kinds of patch, and what is said of those that do not fit.
class PatchesTest {
    private static final String JSON_PATCH = "application/json-patch+json";
    private static final String STRATEGIC = "application/strategic-merge-patch+json";
    private final Cluster cluster = new Cluster();

    private static String message(ApiResponse response) {
        return response.json().at("message").string("");
    }

    @Test
    void aJsonPatchDoesWhatItSays() {
        cluster.made(CONFIG_MAPS, configMap("a", "k", "1"));
        var patched = cluster.patch(
                CONFIG_MAPS + "/a",
                JSON_PATCH,
                Json.parse("[{\"op\":\"test\",\"path\":\"/data/k\",\"value\":\"1\"},"
                        + "{\"op\":\"replace\",\"path\":\"/data/k\",\"value\":\"2\"}]"));
        assertThat(patched.json().at("data", "k").string("")).isEqualTo("2");
    }

    @Test
    void aJsonPatchWhoseTestFailsIsUnprocessable() {
        cluster.made(CONFIG_MAPS, configMap("a", "k", "1"));
        var refused = cluster.patch(
                CONFIG_MAPS + "/a", JSON_PATCH, Json.parse("[{\"op\":\"test\",\"path\":\"/data/k\",\"value\":\"9\"}]"));
        assertThat(refused.code()).isEqualTo(422);
        assertThat(message(refused)).isEqualTo("the server rejected our request due to an error in our request");
        assertThat(refused.json().at("reason").string("")).isEqualTo("Invalid");
    }

    @Test
    void aStrategicPatchMergesContainersByName() {
        cluster.made(DEPLOYMENTS, deployment("web", 1));
        var patched = cluster.patch(
                DEPLOYMENTS + "/web",
                STRATEGIC,
                Json.parse("{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"web:v2\"},"
                        + "{\"name\":\"side\",\"image\":\"side:v1\"}]}}}}"));
        assertThat(patched.json().at("spec", "template", "spec", "containers").items())
                .extracting(c -> c.at("image").string(""))
                .containsExactlyInAnyOrder("web:v2", "side:v1");
        assertThat(Metadata.generation(patched.json())).isEqualTo(2);
    }

    @Test
    void customResourcesKnowNoStrategicPatch() {
        cluster.made(Cluster.ROLLOUTS, Cluster.rollout("web", 1));
        var refused = cluster.patch(Cluster.ROLLOUTS + "/web", STRATEGIC, Json.Obj.EMPTY);
        assertThat(refused.code()).isEqualTo(415);
        assertThat(message(refused))
                .isEqualTo("the body of the request was in an unknown format - accepted media types include:"
                        + " application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
    }

    @Test
    void anUnknownFieldWarnsIsRefusedOrIsDroppedAsAsked() {
        var body = deployment("web", 1).withAt(java.util.List.of("spec", "replicsa"), 3);
        var strict = cluster.post(DEPLOYMENTS + "?fieldValidation=Strict", body);
        assertThat(strict.code()).isEqualTo(400);
        assertThat(message(strict))
                .isEqualTo(
                        "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown"
                                + " field \"spec.replicsa\"");
        var warned = cluster.post(DEPLOYMENTS, body);
        assertThat(warned.warnings()).containsExactly("unknown field \"spec.replicsa\"");
        assertThat(warned.json().at("spec").obj().has("replicsa")).isFalse();
        cluster.delete(DEPLOYMENTS + "/web");
        assertThat(cluster.post(DEPLOYMENTS + "?fieldValidation=Ignore", body).warnings())
                .isEmpty();
    }

    @Test
    void forceIsForApplyOnly() {
        cluster.made(CONFIG_MAPS, configMap("a"));
        assertThat(message(cluster.merge(CONFIG_MAPS + "/a?force=true", Json.Obj.EMPTY)))
                .isEqualTo(
                        "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply"
                                + " patch");
    }

    @Test
    void anApplyMustSayWhoApplies() {
        var refused = cluster.patch(CONFIG_MAPS + "/a", Content.APPLY_PATCH, configMap("a"));
        assertThat(message(refused))
                .isEqualTo(
                        "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply"
                                + " patch");
    }

    @Test
    void anApplyClaimsWhatItSaysAndNothingElse() {
        cluster.made(DEPLOYMENTS, deployment("web", 1));
        var applied = cluster.patch(
                DEPLOYMENTS + "/web?fieldManager=alice",
                Content.APPLY_PATCH,
                Json.parse("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\"},"
                        + "\"spec\":{\"minReadySeconds\":5}}"));
        assertThat(applied.code()).isEqualTo(200);
        assertThat(applied.json().at("spec", "template", "spec", "containers").items())
                .isNotEmpty();
        var alice = applied.json().at("metadata", "managedFields").items().stream()
                .filter(entry -> entry.at("manager").string("").equals("alice"))
                .findFirst()
                .orElseThrow();
        assertThat(alice.at("fieldsV1").text()).isEqualTo("{\"f:spec\":{\"f:minReadySeconds\":{}}}");
    }

    @Test
    void aValueOfTheWrongTypeIsABadRequest() {
        var body = deployment("web", 1).withAt(java.util.List.of("spec", "replicas"), "3");
        var refused = cluster.post(DEPLOYMENTS, body);
        assertThat(refused.code()).isEqualTo(400);
        assertThat(message(refused))
                .isEqualTo("Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal"
                        + " string into Go struct field DeploymentSpec.spec.replicas of type int32");
    }

    @Test
    void aPatchOfNothingIsNotFound() {
        assertThat(cluster.merge(CONFIG_MAPS + "/a", Json.Obj.EMPTY).code()).isEqualTo(404);
    }

    @Test
    void aPatchCannotRename() {
        cluster.made(CONFIG_MAPS, configMap("a"));
        var refused = cluster.merge(CONFIG_MAPS + "/a", Json.obj("metadata", Json.obj("name", "b")));
        assertThat(refused.code()).isEqualTo(400);
        assertThat(message(refused)).isEqualTo("the name of the object (b) does not match the name on the URL (a)");
    }
}
