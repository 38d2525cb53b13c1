package dev.sluice.local.api;

import static dev.sluice.local.api.Cluster.CONFIG_MAPS;
import static dev.sluice.local.api.Cluster.DEPLOYMENTS;
import static dev.sluice.local.api.Cluster.PODS;
import static dev.sluice.local.api.Cluster.ROLLOUTS;
import static dev.sluice.local.api.Cluster.configMap;
import static dev.sluice.local.api.Cluster.deployment;
import static dev.sluice.local.api.Cluster.pod;
import static dev.sluice.local.api.Cluster.rollout;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the API server promises about single objects.
class ObjectsTest {
    private final Cluster cluster = new Cluster();

    private static String message(ApiResponse response) {
        return response.json().at("message").string("");
    }

    @Test
    void aNewObjectGetsUidVersionAndCreationTime() {
        var made = cluster.made(CONFIG_MAPS, configMap("a", "k", "v"));
        var metadata = made.at("metadata");
        assertThat(metadata.at("uid").string(""))
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        assertThat(metadata.at("creationTimestamp").string("")).isEqualTo("2026-11-21T09:30:00Z");
        assertThat(metadata.at("namespace").string("")).isEqualTo("default");
        assertThat(cluster.get(CONFIG_MAPS + "/a").json()).isEqualTo(made);
    }

    @Test
    void theSameSeedMakesTheSameCluster() {
        var other = new Cluster();
        assertThat(cluster.made(CONFIG_MAPS, Json.obj("metadata", Json.obj("generateName", "a-"))))
                .isEqualTo(other.made(CONFIG_MAPS, Json.obj("metadata", Json.obj("generateName", "a-"))));
    }

    @Test
    void aNameIsGeneratedFromItsPrefix() {
        var made = cluster.made(CONFIG_MAPS, Json.obj("metadata", Json.obj("generateName", "run-")));
        assertThat(Metadata.name(made)).matches("run-[bcdfghjklmnpqrstvwxz2456789]{5}");
    }

    @Test
    void creatingTwiceIsRefusedInKubernetesWords() {
        cluster.made(DEPLOYMENTS, deployment("web", 1));
        var again = cluster.post(DEPLOYMENTS, deployment("web", 1));
        assertThat(again.code()).isEqualTo(409);
        assertThat(again.json()).isEqualTo(Json.parse("""
                                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
                                 "message":"deployments.apps \\"web\\" already exists","reason":"AlreadyExists",
                                 "details":{"name":"web","group":"apps","kind":"deployments"},"code":409}"""));
    }

    @Test
    void aMissingObjectIsNamed() {
        var missing = cluster.get(DEPLOYMENTS + "/nope");
        assertThat(missing.code()).isEqualTo(404);
        assertThat(message(missing)).isEqualTo("deployments.apps \"nope\" not found");
    }

    @Test
    void aMissingNamespaceIsNamed() {
        var missing = cluster.post("/api/v1/namespaces/nope/configmaps", configMap("a"));
        assertThat(missing.code()).isEqualTo(404);
        assertThat(message(missing)).isEqualTo("namespaces \"nope\" not found");
    }

    @Test
    void aBadNameIsExplained() {
        var refused = cluster.post(CONFIG_MAPS, configMap("Bad_Name"));
        assertThat(refused.code()).isEqualTo(422);
        assertThat(message(refused))
                .startsWith(
                        "ConfigMap \"Bad_Name\" is invalid: metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC"
                                + " 1123 subdomain must consist of");
        assertThat(refused.json().at("details", "causes").at(0).at("reason").string(""))
                .isEqualTo("FieldValueInvalid");
    }

    @Test
    void noNameAtAllIsRequired() {
        var refused = cluster.post(CONFIG_MAPS, Json.obj("metadata", Json.Obj.EMPTY));
        assertThat(refused.code()).isEqualTo(422);
        assertThat(message(refused))
                .isEqualTo(
                        "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required");
    }

    @Test
    void aStalePutIsAConflict() {
        var first = cluster.made(CONFIG_MAPS, configMap("a", "k", "1"));
        cluster.merge(CONFIG_MAPS + "/a", Json.obj("data", Json.obj("k", "2")));
        var stale = cluster.put(CONFIG_MAPS + "/a", first.withAt(List.of("data", "k"), "3"));
        assertThat(stale.code()).isEqualTo(409);
        assertThat(message(stale))
                .isEqualTo(
                        "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply"
                                + " your changes to the latest version and try again");
        assertThat(stale.json().at("reason").string("")).isEqualTo("Conflict");
    }

    @Test
    void aPatchLocksOnlyIfItNamesAVersion() {
        var first = cluster.made(CONFIG_MAPS, configMap("a", "k", "1"));
        assertThat(cluster.merge(CONFIG_MAPS + "/a", Json.obj("data", Json.obj("k", "2")))
                        .code())
                .isEqualTo(200);
        var locked = Json.obj(
                "metadata",
                Json.obj("resourceVersion", first.at("metadata", "resourceVersion")),
                "data",
                Json.obj("k", "3"));
        assertThat(cluster.merge(CONFIG_MAPS + "/a", locked).code()).isEqualTo(409);
    }

    @Test
    void aPutWithoutVersionWinsForConfigMapsAndIsRefusedForCustomResources() {
        cluster.made(CONFIG_MAPS, configMap("a", "k", "1"));
        assertThat(cluster.put(CONFIG_MAPS + "/a", configMap("a", "k", "2")).code())
                .isEqualTo(200);
        cluster.made(ROLLOUTS, rollout("web", 1));
        var refused = cluster.put(ROLLOUTS + "/web", rollout("web", 2));
        assertThat(refused.code()).isEqualTo(422);
        assertThat(message(refused))
                .isEqualTo(
                        "rollouts.argoproj.io \"web\" is invalid: metadata.resourceVersion: Invalid value: 0: must be"
                                + " specified for an update");
    }

    @Test
    void aPutOfAnotherNameIsABadRequest() {
        cluster.made(CONFIG_MAPS, configMap("a"));
        var refused = cluster.put(CONFIG_MAPS + "/a", configMap("b"));
        assertThat(refused.code()).isEqualTo(400);
        assertThat(message(refused)).isEqualTo("the name of the object (b) does not match the name on the URL (a)");
    }

    @Test
    void whatChangesNothingIsNotWritten() {
        var first = cluster.made(ROLLOUTS, rollout("web", 1));
        var same = cluster.merge(ROLLOUTS + "/web", Json.obj("spec", Json.obj("replicas", 1)));
        assertThat(same.json().at("metadata", "resourceVersion")).isEqualTo(first.at("metadata", "resourceVersion"));
    }

    @Test
    void theGenerationCountsWhatIsWanted() {
        assertThat(Metadata.generation(cluster.made(ROLLOUTS, rollout("web", 1))))
                .isEqualTo(1);
        var labelled = cluster.merge(ROLLOUTS + "/web", Json.obj("metadata", Json.obj("labels", Json.obj("x", "y"))));
        assertThat(Metadata.generation(labelled.json())).isEqualTo(1);
        var scaled = cluster.merge(ROLLOUTS + "/web", Json.obj("spec", Json.obj("replicas", 2)));
        assertThat(Metadata.generation(scaled.json())).isEqualTo(2);
        var judged = cluster.merge(ROLLOUTS + "/web/status", Json.obj("status", Json.obj("phase", "Healthy")));
        assertThat(Metadata.generation(judged.json())).isEqualTo(2);
    }

    @Test
    void theObjectDoesNotWriteStatusAndTheStatusDoesNotWriteSpec() {
        cluster.made(ROLLOUTS, rollout("web", 1).with("status", Json.obj("phase", "Lying")));
        assertThat(cluster.get(ROLLOUTS + "/web").json().has("status")).isFalse();
        var both = Json.obj("spec", Json.obj("replicas", 9), "status", Json.obj("phase", "Healthy"));
        var main = cluster.merge(ROLLOUTS + "/web", both).json();
        assertThat(main.has("status")).isFalse();
        assertThat(main.at("spec", "replicas").integer(0)).isEqualTo(9);
        var status = cluster.merge(
                        ROLLOUTS + "/web/status",
                        Json.obj("spec", Json.obj("replicas", 1), "status", Json.obj("phase", "Healthy")))
                .json();
        assertThat(status.at("status", "phase").string("")).isEqualTo("Healthy");
        assertThat(status.at("spec", "replicas").integer(0)).isEqualTo(9);
    }

    @Test
    void anAnalysisRunKeepsItsStatusOnTheMainResource() {
        var path = "/apis/argoproj.io/v1alpha1/namespaces/default/analysisruns";
        cluster.made(path, Json.obj("metadata", Json.obj("name", "run"), "spec", Json.Obj.EMPTY));
        var judged = cluster.merge(path + "/run", Json.obj("status", Json.obj("phase", "Running")))
                .json();
        assertThat(judged.at("status", "phase").string("")).isEqualTo("Running");
        assertThat(Metadata.generation(judged)).isEqualTo(2);
        assertThat(cluster.merge(path + "/run/status", Json.Obj.EMPTY).code()).isEqualTo(404);
    }

    @Test
    void dryRunDoesEverythingButWrite() {
        var dry = cluster.post(CONFIG_MAPS + "?dryRun=All", configMap("a"));
        assertThat(dry.code()).isEqualTo(201);
        assertThat(dry.json().at("metadata", "uid").string("")).isNotEmpty();
        assertThat(cluster.get(CONFIG_MAPS + "/a").code()).isEqualTo(404);
    }

    @Test
    void aFinalizerHoldsADeletedObject() {
        cluster.made(CONFIG_MAPS, configMap("a").withAt(List.of("metadata", "finalizers"), List.of("sluice.dev/x")));
        var held = cluster.delete(CONFIG_MAPS + "/a").json();
        assertThat(held.at("kind").string("")).isEqualTo("ConfigMap");
        assertThat(held.at("metadata", "deletionTimestamp").string("")).isEqualTo("2026-11-21T09:30:00Z");
        assertThat(held.at("metadata", "deletionGracePeriodSeconds").integer(-1))
                .isZero();
        var refused = cluster.merge(
                CONFIG_MAPS + "/a",
                Json.obj("metadata", Json.obj("finalizers", Json.arr("sluice.dev/x", "sluice.dev/y"))));
        assertThat(message(refused))
                .contains(
                        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted,"
                                + " found new finalizers []string{\"sluice.dev/y\"}");
        cluster.merge(CONFIG_MAPS + "/a", Json.parse("{\"metadata\":{\"finalizers\":null}}"));
        assertThat(cluster.get(CONFIG_MAPS + "/a").code()).isEqualTo(404);
    }

    @Test
    void aForegroundDeletionWaitsForTheGarbageCollector() {
        cluster.made(DEPLOYMENTS, deployment("web", 1));
        var held = cluster.delete(DEPLOYMENTS + "/web", Json.obj("propagationPolicy", "Foreground"))
                .json();
        assertThat(Metadata.finalizers(held)).containsExactly("foregroundDeletion");
        assertThat(Metadata.generation(held)).isEqualTo(2);
    }

    @Test
    void aScheduledPodGoesGracefullyAndTheKubeletEndsIt() {
        cluster.made(PODS, pod("web", "node-1"));
        var going = cluster.delete(PODS + "/web").json();
        assertThat(going.at("metadata", "deletionTimestamp").string("")).isEqualTo("2026-11-21T09:30:30Z");
        assertThat(going.at("metadata", "deletionGracePeriodSeconds").integer(0))
                .isEqualTo(30);
        assertThat(cluster.get(PODS + "/web").code()).isEqualTo(200);
        cluster.delete(PODS + "/web", Json.obj("gracePeriodSeconds", 0));
        assertThat(cluster.get(PODS + "/web").code()).isEqualTo(404);
    }

    @Test
    void anUnscheduledPodGoesAtOnce() {
        cluster.made(PODS, pod("web", ""));
        cluster.delete(PODS + "/web");
        assertThat(cluster.get(PODS + "/web").code()).isEqualTo(404);
    }

    @Test
    void aDeleteMayNameTheIncarnationAndTheState() {
        var made = cluster.made(CONFIG_MAPS, configMap("a"));
        var wrong = cluster.delete(CONFIG_MAPS + "/a", Json.obj("preconditions", Json.obj("uid", "other")));
        assertThat(wrong.code()).isEqualTo(409);
        assertThat(message(wrong))
                .startsWith(
                        "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not"
                                + " match the UID in record (");
        var stale = cluster.delete(CONFIG_MAPS + "/a", Json.obj("preconditions", Json.obj("resourceVersion", "1")));
        assertThat(stale.code()).isEqualTo(409);
        var right = cluster.delete(
                CONFIG_MAPS + "/a", Json.obj("preconditions", Json.obj("uid", made.at("metadata", "uid"))));
        assertThat(right.json().at("status").string("")).isEqualTo("Success");
    }

    @Test
    void aTerminatingNamespaceTakesNothingNew() {
        cluster.made("/api/v1/namespaces", Json.obj("metadata", Json.obj("name", "shop")));
        var going = cluster.delete("/api/v1/namespaces/shop").json();
        assertThat(going.at("status", "phase").string("")).isEqualTo("Terminating");
        var refused = cluster.post("/api/v1/namespaces/shop/configmaps", configMap("a"));
        assertThat(refused.code()).isEqualTo(403);
        assertThat(message(refused))
                .isEqualTo("configmaps \"a\" is forbidden: unable to create new content in namespace shop because it is"
                        + " being terminated");
        cluster.put("/api/v1/namespaces/shop/finalize", going.withAt(List.of("spec", "finalizers"), Json.arr()));
        assertThat(cluster.get("/api/v1/namespaces/shop").code()).isEqualTo(404);
    }

    @Test
    void aServiceGetsAnAddressOfItsOwnAndKeepsIt() {
        var path = "/api/v1/namespaces/default/services";
        var body = Json.obj(
                "metadata", Json.obj("name", "web"), "spec", Json.obj("ports", Json.arr(Json.obj("port", 80))));
        assertThat(cluster.made(path, body).at("spec", "clusterIP").string("")).isEqualTo("127.96.0.1");
        assertThat(cluster.put(path + "/web", body)
                        .json()
                        .at("spec", "clusterIP")
                        .string(""))
                .isEqualTo("127.96.0.1");
    }

    @Test
    void anAddressThatAServiceAsksForMustBeOfTheRangeAndFree() {
        var path = "/api/v1/namespaces/default/services";
        cluster.made(path, service("first", "127.96.0.7"));
        assertThat(message(cluster.post(path, service("second", "127.96.0.7"))))
                .isEqualTo("Service \"second\" is invalid: spec.clusterIPs: Invalid value: [\"127.96.0.7\"]: failed to"
                        + " allocate IP 127.96.0.7: provided IP is already allocated");
        assertThat(message(cluster.post(path, service("second", "10.0.0.1"))))
                .isEqualTo("Service \"second\" is invalid: spec.clusterIPs: Invalid value: [\"10.0.0.1\"]: failed to"
                        + " allocate IP 10.0.0.1: the provided IP (10.0.0.1) is not in the valid range. The range of"
                        + " valid IPs is 127.96.0.0/16");
        cluster.made(path, service("headless", "None"));
    }

    private static Json.Obj service(String name, String address) {
        return Json.obj(
                "metadata",
                Json.obj("name", name),
                "spec",
                Json.obj("clusterIP", address, "ports", Json.arr(Json.obj("port", 80))));
    }
}
