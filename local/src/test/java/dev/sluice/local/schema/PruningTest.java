package dev.sluice.local.schema;

import static dev.sluice.local.schema.Samples.json;
import static dev.sluice.local.schema.Samples.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PruningTest {
    @Test
    void aBuiltInKindTakesTheRoundTripThroughItsTypes() {
        var pruned = Pruning.prune(Samples.deployments(), json("""
                {'spec':{'replicas':0,'paused':false,'minReadySeconds':0,'unknown':1,'strategy':{},
                 'template':{'metadata':{'creationTimestamp':null},'spec':{'containers':[
                  {'env':[],'name':'c','command':null,'resources':{'limits':{'memory':'1024Mi','cpu':0.5}}}]}}},
                 'kind':'Deployment','apiVersion':'apps/v1'}"""));
        assertThat(pruned.text()).isEqualTo("""
                {'kind':'Deployment','apiVersion':'apps/v1','metadata':{},'spec':{'replicas':0,'selector':null,\
                'template':{'metadata':{},'spec':{'containers':[{'name':'c','resources':{'limits':{'cpu':'500m',\
                'memory':'1Gi'}}}]}},'strategy':{}},'status':{}}""".replace('\'', '"'));
    }

    @Test
    void timesThatWereNeverSetAreNull() {
        var event = Pruning.prune(kind("", "v1", "Event"), json("{'metadata':{'name':'e'},'reason':'Up'}"));
        assertThat(event.at("firstTimestamp")).isEqualTo(Json.Null.VALUE);
        assertThat(event.fields()).containsKeys("eventTime", "reportingComponent", "source");
        var pod = Pruning.prune(Samples.pods(), json("{'status':{'conditions':[{'type':'Ready','status':'True'}]}}"));
        assertThat(pod.at("status", "conditions").at(0).text())
                .isEqualTo(
                        "{\"type\":\"Ready\",\"status\":\"True\",\"lastProbeTime\":null,\"lastTransitionTime\":null}");
    }

    @Test
    void timesAreWrittenInOneWay() {
        var lease = Pruning.prune(kind("coordination.k8s.io", "v1", "Lease"), json("""
                {'metadata':{'creationTimestamp':'2026-01-02T03:04:05.5+02:00'},
                 'spec':{'renewTime':'2026-01-02T04:04:05.500000+01:00'}}"""));
        assertThat(lease.at("metadata", "creationTimestamp")).isEqualTo(Json.of("2026-01-02T01:04:05Z"));
        assertThat(lease.at("spec", "renewTime")).isEqualTo(Json.of("2026-01-02T03:04:05.500000Z"));
    }

    @Test
    void theTextOfASecretBecomesData() {
        var secret = Pruning.prune(kind("", "v1", "Secret"), json("{'data':{'a':'eA=='},'stringData':{'b':'y'}}"));
        assertThat(secret.at("data")).isEqualTo(json("{'a':'eA==','b':'eQ=='}"));
        assertThat(secret.has("stringData")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'spec':{'foo':1}} | spec.foo",
                "{'spec':{'template':{'spec':{'containers':[{'name':'a'},{'imagee':'b'}]}}}} | spec.template.spec.containers[1].imagee",
                "{'metadata':{'labels':{'free':'x'},'label':{}}} | metadata.label",
                "{'spec':{'selector':{'matchLabels':{'any':'x'}}}} | ",
            })
    void unknownFieldsAreNamedByTheirPath(String object, String path) {
        var unknown = Pruning.unknownFields(Samples.deployments(), json(object));
        assertThat(String.join(",", unknown)).isEqualTo(path == null ? "" : path);
    }

    @Test
    void aCustomResourceLosesWhatItsSchemaDoesNotName() {
        var crd = json("""
                {'metadata':{'name':'foos.x.io'},'spec':{'group':'x.io','names':{'kind':'Foo','plural':'foos'},
                 'versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object',
                  'properties':{'spec':{'type':'object','properties':{'a':{'type':'string'},
                   'free':{'type':'object','x-kubernetes-preserve-unknown-fields':true,
                    'properties':{'b':{'type':'object','properties':{'c':{'type':'string'}}}}},
                   'map':{'type':'object','additionalProperties':{'type':'object','properties':{'d':{'type':'string'}}}},
                   'inner':{'type':'object','x-kubernetes-embedded-resource':true,
                    'properties':{'spec':{'type':'object'}}}}}}}}}]}}""");
        var foo = Schemas.builtIn().with(crd).find("x.io", "v1", "Foo").orElseThrow();
        var object = json("""
                {'apiVersion':'x.io/v1','kind':'Foo','metadata':{'name':'f','nonsense':1},'other':1,
                 'spec':{'a':'1','x':1,'free':{'y':1,'b':{'c':'1','z':1}},'map':{'k':{'d':'1','e':1}},
                  'inner':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},'spec':{'gone':1}}}}""");
        assertThat(Pruning.prune(foo, object)).isEqualTo(json("""
                {'apiVersion':'x.io/v1','kind':'Foo','metadata':{'name':'f'},
                 'spec':{'a':'1','free':{'y':1,'b':{'c':'1'}},'map':{'k':{'d':'1'}},
                  'inner':{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},'spec':{}}}}"""));
        assertThat(Pruning.unknownFields(foo, object))
                .containsExactly(
                        "metadata.nonsense",
                        "other",
                        "spec.x",
                        "spec.free.b.z",
                        "spec.map.k.e",
                        "spec.inner.spec.gone");
    }

    @Test
    void pruningTwiceIsPruningOnce() {
        for (var kind : Schemas.builtIn().all()) {
            for (int seed = 0; seed < 40; seed++) {
                var once = Pruning.prune(kind, Generator.of(seed).object(kind));
                assertThat(Pruning.prune(kind, once))
                        .as("%s, seed %d", kind.kind(), seed)
                        .isSameAs(once);
                assertThat(Pruning.unknownFields(kind, once)).isEmpty();
            }
        }
    }

    /// The short way of a patch: what it shares with the stored object is taken as it is.
    @Test
    void whatAnObjectSharesWithAStoredOneNeedNoSecondLook() {
        for (var kind : Schemas.builtIn().all()) {
            for (int seed = 0; seed < 20; seed++) {
                var stored = Samples.stored(kind, Generator.of(seed).object(kind));
                var patch = Generator.of(1_000 + seed).object(kind);
                var patched = MergePatch.apply(stored, patch).obj();
                var as = "%s, seed %d".formatted(kind.kind(), seed);
                var pruned = Pruning.prune(kind, patched);
                assertThat(Pruning.prune(kind, patched, stored)).as(as).isEqualTo(pruned);
                assertThat(Defaults.apply(kind, pruned, stored)).as(as).isEqualTo(Defaults.apply(kind, pruned));
                // Not all that is generated may be stored, such as data that are no base64.
                if (Decoding.problem(kind, stored).isEmpty()) {
                    assertThat(Decoding.problem(kind, patched, stored))
                            .as(as)
                            .isEqualTo(Decoding.problem(kind, patched));
                }
                var odd =
                        patched.withAt(List.of("spec", "odd"), Json.obj("a", 1)).with("other", 1);
                assertThat(Pruning.unknownFields(kind, odd, stored)).as(as).isEqualTo(Pruning.unknownFields(kind, odd));
                var wrong = patched.withAt(List.of("metadata", "labels"), Json.obj("a", 1));
                assertThat(Decoding.problem(kind, wrong, stored)).as(as).isPresent();
            }
        }
    }
}
