package dev.sluice.local.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A CustomResourceDefinition makes its kind served at once, and takes it away with all its objects.
class DefinitionsTest {
    private static final String CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String SHIPS = "/apis/sea.example.com/v1/namespaces/default/ships";
    private final Cluster cluster = new Cluster();

    static Json.Obj ships() {
        return Json.parse("""
                        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
                         "metadata":{"name":"ships.sea.example.com"},
                         "spec":{"group":"sea.example.com","scope":"Namespaced",
                          "names":{"plural":"ships","singular":"ship","kind":"Ship","shortNames":["sh"]},
                          "versions":[{"name":"v1","served":true,"storage":true,
                           "subresources":{"status":{},"scale":{"specReplicasPath":".spec.crew",
                             "statusReplicasPath":".status.aboard"}},
                           "additionalPrinterColumns":[
                            {"name":"Crew","type":"integer","jsonPath":".spec.crew"},
                            {"name":"Flag","type":"string","jsonPath":".spec.flag","priority":1},
                            {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}],
                           "schema":{"openAPIV3Schema":{"type":"object","properties":{
                            "spec":{"type":"object","properties":{
                             "crew":{"type":"integer","default":3},"flag":{"type":"string"}}},
                            "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}""").obj();
    }

    private static Json.Obj ship(String name) {
        return Json.obj(
                "apiVersion",
                "sea.example.com/v1",
                "kind",
                "Ship",
                "metadata",
                Json.obj("name", name),
                "spec",
                Json.obj("flag", "NL"));
    }

    @Test
    void anUnknownKindIsNoPath() {
        assertThat(cluster.get(SHIPS).code()).isEqualTo(404);
    }

    @Test
    void theKindIsServedAndEstablishedInTheSameRequest() {
        var made = cluster.made(CRDS, ships());
        assertThat(made.at("status", "conditions").items())
                .extracting(c -> c.at("type").string("") + c.at("status").string(""))
                .containsExactly("NamesAcceptedTrue", "EstablishedTrue");
        assertThat(made.at("status", "storedVersions")).isEqualTo(Json.arr("v1"));
        assertThat(cluster.made(SHIPS, ship("a")).at("kind").string("")).isEqualTo("Ship");
        assertThat(cluster.get("/apis/sea.example.com/v1")
                        .json()
                        .at("resources")
                        .items())
                .extracting(r -> r.at("name").string(""))
                .containsExactly("ships", "ships/scale", "ships/status");
    }

    @Test
    void itsObjectsGetDefaultsAndLoseUnknownFields() {
        cluster.made(CRDS, ships());
        var made = cluster.made(SHIPS, ship("a").withAt(List.of("spec", "colour"), "red"));
        assertThat(made.at("spec")).isEqualTo(Json.obj("flag", "NL", "crew", 3));
    }

    @Test
    void itsColumnsAreShown() {
        cluster.made(CRDS, ships());
        cluster.made(SHIPS, ship("a"));
        var table = cluster.server
                .handle(ApiRequest.get(SHIPS, "spec").header("accept", "application/json;as=Table;v=v1;g=meta.k8s.io"))
                .json();
        assertThat(table.at("columnDefinitions").items())
                .extracting(c -> c.at("name").string(""))
                .containsExactly("Name", "Crew", "Flag", "Age");
        assertThat(table.at("rows").at(0).at("cells")).isEqualTo(Json.arr("a", 3, "NL", "0s"));
    }

    @Test
    void theNameMustFollowFromGroupAndPlural() {
        var refused = cluster.post(CRDS, ships().withAt(List.of("metadata", "name"), "boats.sea.example.com"));
        assertThat(refused.code()).isEqualTo(422);
        assertThat(refused.json().at("message").string(""))
                .contains("metadata.name: Invalid value: \"boats.sea.example.com\": must be"
                        + " spec.names.plural+\".\"+spec.group");
    }

    @Test
    void deletingItDeletesItsObjectsAndEndsTheirWatches() {
        cluster.made(CRDS, ships());
        cluster.made(SHIPS, ship("a"));
        var type = ResourceType.namespaced("sea.example.com", "v1", "ships", "Ship");
        var events = cluster.watch(Selection.all(type), "");
        cluster.time.settle();
        cluster.delete(CRDS + "/ships.sea.example.com");
        cluster.time.settle();
        assertThat(cluster.get(SHIPS).code()).isEqualTo(404);
        assertThat(cluster.get(CRDS + "/ships.sea.example.com").code()).isEqualTo(404);
        assertThat(events)
                .hasExactlyElementsOfTypes(WatchEvent.Added.class, WatchEvent.Deleted.class, WatchEvent.Closed.class);
    }

    @Test
    void anObjectWithAFinalizerHoldsItsDefinitionAndNothingNewIsMadeMeanwhile() {
        cluster.made(CRDS, ships());
        cluster.made(SHIPS, ship("a").withAt(List.of("metadata", "finalizers"), List.of("sea.example.com/x")));
        cluster.delete(CRDS + "/ships.sea.example.com");
        assertThat(cluster.get(CRDS + "/ships.sea.example.com").code()).isEqualTo(200);
        assertThat(cluster.post(SHIPS, ship("b")).code()).isEqualTo(405);
        cluster.merge(SHIPS + "/a", Json.parse("{\"metadata\":{\"finalizers\":null}}"));
        assertThat(cluster.get(CRDS + "/ships.sea.example.com").code()).isEqualTo(404);
    }
}
