package dev.sluice.local.schema;

import static dev.sluice.local.schema.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.local.schema.StrategicMerge.Merged;
import dev.sluice.local.schema.StrategicMerge.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategicMergeTest {
    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            value = {
                // containers, by name
                "{'containers':[{'name':'a','image':'x'},{'name':'b'}]} | {'containers':[{'name':'a','image':'y'}]} | {'containers':[{'name':'a','image':'y'},{'name':'b'}]}",
                "{'containers':[{'name':'a'}]} | {'containers':[{'name':'b'}]} | {'containers':[{'name':'b'},{'name':'a'}]}",
                "{'containers':[{'name':'a'},{'name':'b'}]} | {'containers':[{'name':'a','$patch':'delete'}]} | {'containers':[{'name':'b'}]}",
                "{'containers':[{'name':'a'},{'name':'b'}]} | {'containers':[{'name':'c'},{'$patch':'replace'}]} | {'containers':[{'name':'c'}]}",
                "{'containers':[{'name':'a','image':'x','tty':true}]} | {'containers':[{'name':'a','tty':null}]} | {'containers':[{'name':'a','image':'x'}]}",
                "{'containers':[{'name':'a','env':[{'name':'A','value':'1'}]}]} | {'containers':[{'name':'a','env':[{'name':'B','value':'2'}]}]} | {'containers':[{'name':'a','env':[{'name':'B','value':'2'},{'name':'A','value':'1'}]}]}",
                // a list without a merge key is replaced
                "{'tolerations':[{'key':'a'}]} | {'tolerations':[{'key':'b'}]} | {'tolerations':[{'key':'b'}]}",
                "{'containers':[{'name':'a','args':['1','2']}]} | {'containers':[{'name':'a','args':['3']}]} | {'containers':[{'name':'a','args':['3']}]}",
                // objects
                "{'nodeSelector':{'a':'1'}} | {'nodeSelector':{'b':'2'}} | {'nodeSelector':{'a':'1','b':'2'}}",
                "{'nodeSelector':{'a':'1'}} | {'nodeSelector':{'$patch':'replace','b':'2'}} | {'nodeSelector':{'b':'2'}}",
                "{'nodeSelector':{'a':'1'}} | {'nodeSelector':{'$patch':'delete'}} | {'nodeSelector':{}}",
                "{'nodeSelector':{'a':'1'}} | {'nodeSelector':null} | {}",
                "{} | {'nodeSelector':{'a':'1','b':null}} | {'nodeSelector':{'a':'1'}}",
                "{} | {'nodeSelector':{'$patch':'delete','a':'1'}} | {}",
                // retainKeys: a volume changes its source
                "{'volumes':[{'name':'v','emptyDir':{}}]} | {'volumes':[{'name':'v','$retainKeys':['name','secret'],'secret':{'secretName':'s'}}]} | {'volumes':[{'name':'v','secret':{'secretName':'s'}}]}",
                // setElementOrder: what the patch names in its order, what it does not know keeps its place
                "{'containers':[{'name':'a'},{'name':'b'},{'name':'s'}]} | {'$setElementOrder/containers':[{'name':'b'},{'name':'a'}]} | {'containers':[{'name':'b'},{'name':'a'},{'name':'s'}]}",
                "{'containers':[{'name':'s'},{'name':'a'},{'name':'b'}]} | {'$setElementOrder/containers':[{'name':'n'},{'name':'a'},{'name':'b'}],'containers':[{'name':'n'}]} | {'containers':[{'name':'n'},{'name':'s'},{'name':'a'},{'name':'b'}]}",
            })
    void aPodSpecIsMerged(String spec, String patch, String expected) {
        var merged = StrategicMerge.apply(Samples.pods(), Json.obj("spec", json(spec)), Json.obj("spec", json(patch)));
        assertThat(merged).isEqualTo(new Merged(Json.obj("spec", json(expected))));
    }

    @Test
    void theOrderOfAMergedListIsObservable() {
        var merged = StrategicMerge.apply(
                Samples.pods(),
                json("{'spec':{'containers':[{'name':'a'}]}}"),
                json("{'spec':{'containers':[{'name':'b'}]}}"));
        assertThat(((Merged) merged).object().text())
                .isEqualTo("{\"spec\":{\"containers\":[{\"name\":\"b\"},{\"name\":\"a\"}]}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "['a','b'] | {'finalizers':['c']} | ['c','a','b']",
                "['a','b'] | {'finalizers':['b']} | ['a','b']",
                "['a','b'] | {'$deleteFromPrimitiveList/finalizers':['a']} | ['b']",
                "['a','b'] | {'$setElementOrder/finalizers':['b','a']} | ['b','a']",
            })
    void finalizersAreASet(String live, String patch, String expected) {
        var merged = StrategicMerge.apply(
                Samples.pods(),
                Json.obj("metadata", Json.obj("finalizers", Json.parse(live.replace('\'', '"')))),
                Json.obj("metadata", json(patch)));
        assertThat(merged)
                .isEqualTo(new Merged(
                        Json.obj("metadata", Json.obj("finalizers", Json.parse(expected.replace('\'', '"'))))));
    }

    @Test
    void aStrategyGivesUpItsRollingUpdateWhenItBecomesRecreate() {
        var live = Samples.stored(Samples.deployments(), Samples.deployment());
        var patch = json("{'spec':{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}}");
        assertThat(((Merged) StrategicMerge.apply(Samples.deployments(), live, patch))
                        .object()
                        .at("spec", "strategy"))
                .isEqualTo(json("{'type':'Recreate'}"));
    }

    @Test
    void whatIsWrongWithAPatchIsSaid() {
        var live = json("{'spec':{'containers':[{'name':'a'}],'nodeSelector':{'a':'1'}}}");
        assertThat(StrategicMerge.apply(Samples.pods(), live, json("{'spec':{'containers':[{'image':'x'}]}}")))
                .isEqualTo(new Refused(500, "map: map[image:x] does not contain declared merge key: name"));
        assertThat(StrategicMerge.apply(Samples.pods(), live, json("{'spec':{'nodeSelector':{'$patch':'frob'}}}")))
                .isEqualTo(new Refused(
                        400,
                        "unknown patch type: \"frob\" in map: {\"$patch\":\"frob\"}; $patch is replace or delete"));
        assertThat(StrategicMerge.apply(
                        Samples.pods(), live, json("{'spec':{'nodeSelector':{'$retainKeys':['a'],'b':'1'}}}")))
                .isInstanceOf(Refused.class);
    }
}
