package dev.sluice.local.schema;

import static dev.sluice.local.schema.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.local.schema.ServerSideApply.Applied;
import dev.sluice.local.schema.ServerSideApply.Conflict;
import dev.sluice.local.schema.ServerSideApply.Conflicted;
import dev.sluice.local.schema.ServerSideApply.Refused;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerSideApplyTest {
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
    private static final KindSchema KIND = Samples.deployments();

    private static Json.Obj web(String spec) {
        return json(
                "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'shop'},'spec':%s}"
                        .formatted(spec));
    }

    private static Json.Obj container(String container) {
        return web("{'template':{'spec':{'containers':[" + container + "]}}}");
    }

    private static ServerSideApply.Outcome outcome(
            Optional<Json.Obj> live, Json.Obj applied, String manager, boolean force) {
        return ServerSideApply.apply(KIND, live, applied, manager, "", force, NOON);
    }

    private static Json.Obj apply(Json.Obj live, Json.Obj applied, String manager) {
        return ((Applied) outcome(Optional.of(live), applied, manager, false)).object();
    }

    private static Json.Obj create(Json.Obj applied, String manager) {
        return ((Applied) outcome(Optional.empty(), applied, manager, false)).object();
    }

    private static Json owned(Json object, String manager) {
        return object.at("metadata", "managedFields").items().stream()
                .filter(entry -> entry.at("manager").string("").equals(manager))
                .findFirst()
                .map(entry -> entry.at("fieldsV1"))
                .orElse(Json.Null.VALUE);
    }

    @Test
    void theFirstApplyCreatesAndOwnsWhatItSays() {
        var object = create(web("{'replicas':2,'selector':{'matchLabels':{'app':'web'}}}"), "alice");
        assertThat(object.at("metadata", "managedFields")).isEqualTo(Json.arr(json("""
                {'manager':'alice','operation':'Apply','apiVersion':'apps/v1','time':'2026-01-02T12:00:00Z',
                 'fieldsType':'FieldsV1','fieldsV1':{'f:spec':{'f:replicas':{},'f:selector':{}}}}""")));
    }

    @Test
    void listItemsAreOwnedByTheirKeys() {
        var object = create(container("{'name':'web','image':'web:1','ports':[{'containerPort':80}]}"), "alice");
        assertThat(owned(object, "alice")).isEqualTo(Json.parse("""
                {"f:spec":{"f:template":{"f:spec":{"f:containers":{
                 "k:{\\"name\\":\\"web\\"}":{".":{},"f:image":{},"f:name":{},
                  "f:ports":{"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}}}}}}}}"""));
    }

    @Test
    void whatAnotherManagerOwnsIsAConflict() {
        var live = create(web("{'replicas':2}"), "alice");
        assertThat(outcome(Optional.of(live), web("{'replicas':3}"), "bob", false))
                .isEqualTo(new Conflicted(
                        List.of(new Conflict("alice", "conflict with \"alice\"", ".spec.replicas")),
                        "Apply failed with 1 conflict: conflict with \"alice\": .spec.replicas"));
    }

    @Test
    void theSameValueIsNoConflictAndIsOwnedTogether() {
        var both = apply(create(web("{'replicas':2}"), "alice"), web("{'replicas':2}"), "bob");
        assertThat(owned(both, "alice")).isEqualTo(owned(both, "bob"));
        assertThat(apply(both, web("{}"), "bob").at("spec", "replicas")).isEqualTo(Json.of(2));
    }

    @Test
    void forceTakesOver() {
        var live = create(web("{'replicas':2,'paused':true}"), "alice");
        var taken = ((Applied) outcome(Optional.of(live), web("{'replicas':3}"), "bob", true)).object();
        assertThat(taken.at("spec", "replicas")).isEqualTo(Json.of(3));
        assertThat(owned(taken, "alice")).isEqualTo(json("{'f:spec':{'f:paused':{}}}"));
        assertThat(owned(taken, "bob")).isEqualTo(json("{'f:spec':{'f:replicas':{}}}"));
    }

    @Test
    void conflictsWithSeveralManagersAreListedByManager() {
        var live = apply(create(web("{'replicas':2,'paused':true}"), "alice"), web("{'minReadySeconds':1}"), "bob");
        var outcome =
                outcome(Optional.of(live), web("{'replicas':3,'paused':false,'minReadySeconds':2}"), "carol", false);
        assertThat(((Conflicted) outcome).message()).isEqualTo("""
                Apply failed with 3 conflicts: conflicts with "alice":
                - .spec.paused
                - .spec.replicas
                conflicts with "bob":
                - .spec.minReadySeconds""");
    }

    @Test
    void anOrdinaryWriteIsNamedWithItsVersion() {
        var live = ManagedFields.update(KIND, Optional.empty(), web("{'replicas':2}"), "kubectl-create", "", NOON);
        assertThat(((Conflicted) outcome(Optional.of(live), web("{'replicas':3}"), "alice", false)).message())
                .isEqualTo(
                        "Apply failed with 1 conflict: conflict with \"kubectl-create\" using apps/v1: .spec.replicas");
    }

    @Test
    void whatIsNoLongerAppliedAndOwnedByNobodyElseGoes() {
        var live = create(container("{'name':'web','image':'a','args':['x']},{'name':'sidecar','image':'b'}"), "alice");
        var less = apply(live, container("{'name':'web','image':'a'}"), "alice");
        assertThat(less.at("spec", "template", "spec", "containers"))
                .isEqualTo(Json.arr(json("{'name':'web','image':'a'}")));
    }

    @Test
    void anItemThatAnotherManagerSharesStaysWithWhatIsHis() {
        var live = create(container("{'name':'web','image':'a','tty':true}"), "alice");
        var both = apply(live, container("{'name':'web','workingDir':'/'}"), "bob");
        var gone = apply(both, web("{}"), "alice");
        assertThat(gone.at("spec", "template", "spec", "containers"))
                .isEqualTo(Json.arr(json("{'name':'web','workingDir':'/'}")));
    }

    @Test
    void whatNobodyAppliedStays() {
        var live = create(web("{'replicas':2}"), "alice").withAt(List.of("spec", "progressDeadlineSeconds"), 600);
        var next = apply(live, web("{'paused':true}"), "alice");
        assertThat(next.at("spec")).isEqualTo(json("{'progressDeadlineSeconds':600,'paused':true}"));
    }

    @Test
    void finalizersAreOwnedOneByOne() {
        var alice = json("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','finalizers':['x/a']}}");
        var bob = json("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','finalizers':['x/b']}}");
        var both = apply(create(alice, "alice"), bob, "bob");
        assertThat(owned(both, "bob")).isEqualTo(Json.parse("""
                {"f:metadata":{"f:finalizers":{"v:\\"x/b\\"":{}}}}"""));
        var bare = json("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'}}");
        assertThat(apply(both, bare, "alice").at("metadata", "finalizers")).isEqualTo(Json.arr("x/b"));
    }

    @Test
    void labelsAreOwnedOneByOneAndSelectorsAsAWhole() {
        var alice = web("{'selector':{'matchLabels':{'a':'1'}},'template':{'spec':{'nodeSelector':{'a':'1'}}}}")
                .withAt(List.of("metadata", "labels"), json("{'a':'1','b':'2'}"));
        var object = create(alice, "alice");
        assertThat(owned(object, "alice")).isEqualTo(json("""
                {'f:metadata':{'f:labels':{'f:a':{},'f:b':{}}},
                 'f:spec':{'f:selector':{},'f:template':{'f:spec':{'f:nodeSelector':{}}}}}"""));
        var fewer = alice.withAt(List.of("metadata", "labels"), json("{'a':'1'}"));
        assertThat(apply(object, fewer, "alice").at("metadata", "labels")).isEqualTo(json("{'a':'1'}"));
    }

    @Test
    void applyingTwiceIsApplyingOnceTimesIncluded() {
        for (var kind : List.of(Samples.deployments(), Samples.services(), Samples.kind("batch", "v1", "Job"))) {
            for (int seed = 0; seed < 300; seed++) {
                var config = Generator.of(seed).object(kind).without("status");
                var first = ServerSideApply.apply(kind, Optional.empty(), config, "alice", "", false, NOON);
                if (!(first instanceof Applied(var object))) continue;
                var stored = Samples.stored(kind, object);
                var second = ServerSideApply.apply(
                        kind, Optional.of(stored), config, "alice", "", false, NOON.plusSeconds(60));
                assertThat(second).as("%s, seed %d", kind.kind(), seed).isInstanceOf(Applied.class);
                var again = Samples.stored(kind, ((Applied) second).object());
                assertThat(without(again)).as("%s, seed %d", kind.kind(), seed).isEqualTo(without(stored));
            }
        }
    }

    private static Json without(Json.Obj object) {
        return object.withoutAt(List.of("metadata", "managedFields"));
    }

    @Test
    void twoManagersWithDifferentFieldsMeetInEitherOrder() {
        for (int seed = 0; seed < 300; seed++) {
            var one = Generator.of(seed).object(KIND).without("status");
            var two = Generator.of(seed + 100_000L).object(KIND).without("status");
            var first = outcome(Optional.empty(), one, "one", true);
            if (!(first instanceof Applied(var object))) continue;
            if (!(outcome(Optional.of(object), two, "two", true) instanceof Applied(var both))) continue;
            // Whatever "one" still owns is as it said, and when both let go nothing of theirs is left.
            var bare = json("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'}}");
            var less = apply(apply(both, bare, "one"), bare, "two");
            assertThat(without(less).obj()).as("seed %d", seed).isEqualTo(bare);
        }
    }

    @Test
    void kubectlTakesOverFromItsOwnClientSideApply() {
        var config = web("{'replicas':2}");
        var annotated = config.withAt(
                List.of("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"), config.text());
        var live = ManagedFields.update(KIND, Optional.empty(), annotated, "kubectl-client-side-apply", "", NOON);
        var outcome = outcome(Optional.of(live), web("{'replicas':3}"), "kubectl", false);
        assertThat(((Applied) outcome).object().at("spec", "replicas")).isEqualTo(Json.of(3));
        assertThat(outcome(Optional.of(live), web("{'replicas':3}"), "other", false))
                .isInstanceOf(Conflicted.class);
    }

    @Test
    void aListWithTheSameKeyTwiceIsRefused() {
        assertThat(outcome(Optional.empty(), container("{'name':'a'},{'name':'a'}"), "alice", false))
                .isEqualTo(new Refused(
                        500,
                        "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): "
                                + ".spec.template.spec.containers: duplicate entries for key [name=\"a\"]"));
    }

    @Test
    void aFieldThatNobodyDeclaredIsRefused() {
        assertThat(outcome(Optional.empty(), web("{'foo':1,'replicas':'x'}"), "alice", false))
                .isEqualTo(new Refused(
                        500,
                        "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): errors:\n"
                                + "  .spec.foo: field not declared in schema\n"
                                + "  .spec.replicas: expected numeric (int or float), got string"));
    }

    @Test
    void theStatusIsNotOwnedThroughTheMainEndpoint() {
        var config = web("{'replicas':1}").with("status", json("{'replicas':4}"));
        assertThat(owned(create(config, "alice"), "alice")).isEqualTo(json("{'f:spec':{'f:replicas':{}}}"));
        var status = ((Applied)
                        ServerSideApply.apply(KIND, Optional.of(web("{}")), config, "alice", "status", false, NOON))
                .object();
        assertThat(owned(status, "alice")).isEqualTo(json("{'f:status':{'f:replicas':{}}}"));
    }
}
