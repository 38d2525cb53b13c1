package dev.sluice.local.api;

import static dev.sluice.local.api.Cluster.CONFIG_MAPS;
import static dev.sluice.local.api.Cluster.DEPLOYMENTS;
import static dev.sluice.local.api.Cluster.PODS;
import static dev.sluice.local.api.Cluster.configMap;
import static dev.sluice.local.api.Cluster.deployment;
import static dev.sluice.local.api.Cluster.pod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Tables, metadata-only answers and discovery: what kubectl lives on.
class FormsTest {
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    private final Cluster cluster = new Cluster();

    private Json.Obj table(String path) {
        return cluster.server
                .handle(ApiRequest.get(path, "spec").header("accept", TABLE))
                .json();
    }

    private Json cells(String path) {
        return table(path).at("rows").at(0).at("cells");
    }

    @Test
    void aDeploymentIsARow() {
        cluster.made(DEPLOYMENTS, deployment("web", 3));
        cluster.time.pass(Duration.ofMinutes(5).plusSeconds(7));
        var table = table(DEPLOYMENTS);
        assertThat(table.at("columnDefinitions").items())
                .extracting(c -> c.at("name").string("") + c.at("priority").integer(0))
                .containsExactly(
                        "Name0", "Ready0", "Up-to-date0", "Available0", "Age0", "Containers1", "Images1", "Selector1");
        assertThat(cells(DEPLOYMENTS)).isEqualTo(Json.arr("web", "0/3", 0, 0, "5m7s", "web", "web:v1", "app=web"));
        assertThat(table.at("rows").at(0).at("object", "kind").string("")).isEqualTo("PartialObjectMetadata");
        assertThat(table(DEPLOYMENTS + "?includeObject=Object")
                        .at("rows")
                        .at(0)
                        .at("object", "kind")
                        .string(""))
                .isEqualTo("Deployment");
    }

    @Test
    void aPodSaysInOneWordHowItIs() {
        cluster.made(PODS, pod("web", "n1"));
        assertThat(cells(PODS).at(2).string("")).isEqualTo("Pending");
        cluster.merge(PODS + "/web/status", Json.parse("""
                        {"status":{"phase":"Running","podIP":"127.1.0.1","containerStatuses":[{"name":"web","ready":false,
                         "restartCount":3,"image":"web:v1","imageID":"","state":{"waiting":{"reason":"CrashLoopBackOff"}},
                         "lastState":{"terminated":{"exitCode":1,"finishedAt":"2026-11-21T09:29:00Z"}}}]}}"""));
        assertThat(cells(PODS))
                .isEqualTo(Json.arr(
                        "web", "0/1", "CrashLoopBackOff", "3 (60s ago)", "0s", "127.1.0.1", "n1", "<none>", "<none>"));
        cluster.delete(PODS + "/web");
        assertThat(cells(PODS).at(2).string("")).isEqualTo("Terminating");
    }

    @Test
    void everyBuiltInKindHasATable() {
        var groups = cluster.get("/apis").json().at("groups").items().stream()
                .map(group ->
                        "/apis/" + group.at("preferredVersion", "groupVersion").string(""))
                .toList();
        var paths = new java.util.ArrayList<>(groups);
        paths.add("/api/v1");
        for (var path : paths) {
            for (var resource : cluster.get(path).json().at("resources").items()) {
                var name = resource.at("name").string("");
                if (name.contains("/") || resource.at("verbs").items().size() == 1) continue;
                assertThat(table(path + "/" + name).at("kind").string(""))
                        .as(name)
                        .isEqualTo("Table");
            }
        }
    }

    @Test
    void aListCanBeMetadataOnly() {
        cluster.made(CONFIG_MAPS, configMap("a", "k", "v"));
        var list = cluster.server
                .handle(ApiRequest.get(CONFIG_MAPS, "spec")
                        .header("accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"))
                .json();
        assertThat(list.at("kind").string("")).isEqualTo("PartialObjectMetadataList");
        assertThat(list.at("items").at(0).obj().has("data")).isFalse();
    }

    @Test
    void aClientThatWantsProtobufFirstGetsJson() {
        cluster.made(CONFIG_MAPS, configMap("a"));
        var both = ApiRequest.get(CONFIG_MAPS + "/a", "spec")
                .header("accept", "application/vnd.kubernetes.protobuf,application/json");
        assertThat(cluster.server.handle(both).code()).isEqualTo(200);
        var only = ApiRequest.get(CONFIG_MAPS + "/a", "spec").header("accept", "application/vnd.kubernetes.protobuf");
        assertThat(cluster.server.handle(only).code()).isEqualTo(406);
    }

    @Test
    void discoveryComesAggregatedAndPieceByPiece() {
        var aggregated = cluster.server
                .handle(ApiRequest.get("/apis", "spec").header("accept", Discovery.AGGREGATED + ",application/json"))
                .json();
        assertThat(aggregated.at("kind").string("")).isEqualTo("APIGroupDiscoveryList");
        var apps = aggregated.at("items").items().stream()
                .filter(group -> group.at("metadata", "name").string("").equals("apps"))
                .findFirst()
                .orElseThrow();
        assertThat(apps.at("versions").at(0).at("resources").items()).anySatisfy(resource -> {
            assertThat(resource.at("resource").string("")).isEqualTo("deployments");
            assertThat(resource.at("subresources").items())
                    .extracting(sub -> sub.at("subresource").string(""))
                    .containsExactly("scale", "status");
        });
        assertThat(cluster.get("/api").json().at("versions")).isEqualTo(Json.arr("v1"));
        assertThat(cluster.get("/apis/apps")
                        .json()
                        .at("preferredVersion", "groupVersion")
                        .string(""))
                .isEqualTo("apps/v1");
        assertThat(cluster.get("/apis/apps/v1").json().at("resources").items())
                .extracting(r -> r.at("name").string(""))
                .contains("deployments", "deployments/scale", "replicasets/status");
    }

    @Test
    void durationsAreShownAsKubectlUsersKnowThem() {
        var shown = List.of(
                Duration.ofSeconds(119),
                Duration.ofSeconds(120),
                Duration.ofSeconds(125),
                Duration.ofMinutes(61),
                Duration.ofHours(5).plusMinutes(3),
                Duration.ofHours(47),
                Duration.ofDays(3).plusHours(4),
                Duration.ofDays(400),
                Duration.ofDays(800),
                Duration.ofSeconds(-5));
        assertThat(shown.stream().map(Age::of))
                .containsExactly("119s", "2m", "2m5s", "61m", "5h3m", "47h", "3d4h", "400d", "2y70d", "<invalid>");
    }

    @Test
    void healthAndVersionAnswer() {
        assertThat(cluster.get("/readyz").body())
                .isEqualTo(new ApiResponse.Body.Text("text/plain; charset=utf-8", "ok"));
        assertThat(cluster.get("/version").json().at("gitVersion").string("")).startsWith("v1.34");
        assertThat(cluster.get("/nope").code()).isEqualTo(404);
    }

    @Test
    void everybodyMayDoEverything() {
        var review = cluster.post(
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                Json.obj("spec", Json.obj("resourceAttributes", Json.obj("verb", "create", "resource", "pods"))));
        assertThat(review.json().at("status", "allowed").bool(false)).isTrue();
    }
}
