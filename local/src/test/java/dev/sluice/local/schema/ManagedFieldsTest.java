package dev.sluice.local.schema;

import static dev.sluice.local.schema.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManagedFieldsTest {
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
    private static final KindSchema KIND = Samples.deployments();

    private static Json.Obj write(Optional<Json.Obj> live, Json.Obj object, String manager, String sub, int second) {
        return ManagedFields.update(KIND, live, object, manager, sub, NOON.plusSeconds(second));
    }

    private static Json.Obj web() {
        return json("""
                {'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'shop','uid':'1',
                 'labels':{'app':'web'}},'spec':{'replicas':1},'status':{}}""");
    }

    @Test
    void theCreatorOwnsEverythingButIdentityAndStatus() {
        var object = write(Optional.empty(), web(), "kubectl", "", 0);
        assertThat(object.at("metadata", "managedFields")).isEqualTo(Json.arr(json("""
                {'manager':'kubectl','operation':'Update','apiVersion':'apps/v1','time':'2026-01-02T12:00:00Z',
                 'fieldsType':'FieldsV1','fieldsV1':{'f:metadata':{'f:labels':{'.':{},'f:app':{}}},
                  'f:spec':{'f:replicas':{}}}}""")));
    }

    @Test
    void whoeverChangesAFieldOwnsIt() {
        var live = write(Optional.empty(), web(), "kubectl", "", 0);
        var scaled = write(Optional.of(live), live.withAt(List.of("spec", "replicas"), 2), "hpa", "scale", 5);
        var entries = scaled.at("metadata", "managedFields");
        // What is written through a scale has no time, and what has no time comes first.
        assertThat(entries.at(0)).isEqualTo(json("""
                        {'manager':'hpa','operation':'Update','subresource':'scale','apiVersion':'apps/v1',
                         'fieldsType':'FieldsV1','fieldsV1':{'f:spec':{'f:replicas':{}}}}"""));
        assertThat(entries.at(1).at("manager")).isEqualTo(Json.of("kubectl"));
        assertThat(entries.at(1).at("fieldsV1").obj().has("f:spec")).isFalse();
    }

    @Test
    void aWriteThatChangesNothingLeavesTheTimesAlone() {
        var live = write(Optional.empty(), web(), "kubectl", "", 0);
        assertThat(write(Optional.of(live), live, "other", "", 60)).isEqualTo(live);
    }

    @Test
    void aClientThatForgetsTheManagedFieldsDoesNotLoseThem() {
        var live = write(Optional.empty(), web(), "kubectl", "", 0);
        assertThat(write(Optional.of(live), ManagedFields.without(live), "other", "", 60))
                .isEqualTo(live);
    }

    @Test
    void anEmptyListResetsThem() {
        var live = write(Optional.empty(), web(), "kubectl", "", 0);
        var reset = live.withAt(List.of("metadata", "managedFields"), Json.Arr.EMPTY);
        assertThat(write(Optional.of(live), reset, "other", "", 60)
                        .at("metadata")
                        .obj()
                        .has("managedFields"))
                .isFalse();
    }

    @Test
    void aStatusWriteOwnsTheStatusAlone() {
        var live = write(Optional.empty(), web(), "kubectl", "", 0);
        var status = write(Optional.of(live), live.withAt(List.of("status", "replicas"), 1), "controller", "status", 5);
        assertThat(status.at("metadata", "managedFields").at(1).at("fieldsV1"))
                .isEqualTo(json("{'f:status':{'f:replicas':{}}}"));
    }

    @Test
    void manyWritersAreFoldedOldestFirst() {
        var live = write(Optional.empty(), web(), "w0", "", 0);
        for (int i = 1; i < 15; i++) {
            var next = live.withAt(List.of("metadata", "annotations", "a" + i), "x");
            live = write(Optional.of(live), next, "w" + i, "", i);
        }
        var entries = live.at("metadata", "managedFields").items();
        assertThat(entries).hasSize(10);
        assertThat(entries.getFirst().at("manager")).isEqualTo(Json.of("ancient-changes"));
        assertThat(entries.getLast().at("manager")).isEqualTo(Json.of("w14"));
    }
}
