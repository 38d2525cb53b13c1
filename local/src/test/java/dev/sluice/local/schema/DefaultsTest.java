package dev.sluice.local.schema;

import static dev.sluice.local.schema.Samples.json;
import static dev.sluice.local.schema.Samples.kind;
import static dev.sluice.local.schema.Samples.stored;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultsTest {
    @Test
    void aDeploymentGetsWhatTheRealServerGivesIt() {
        var deployment = stored(Samples.deployments(), Samples.deployment());
        assertThat(deployment.at("spec").obj().without("template")).isEqualTo(json("""
                {'replicas':3,'selector':{'matchLabels':{'app':'web'}},
                 'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':'25%','maxSurge':'25%'}},
                 'revisionHistoryLimit':10,'progressDeadlineSeconds':600}"""));
        assertThat(deployment.at("spec", "template", "spec")).isEqualTo(json("""
                {'restartPolicy':'Always','terminationGracePeriodSeconds':30,'dnsPolicy':'ClusterFirst',
                 'securityContext':{},'schedulerName':'default-scheduler',
                 'containers':[{'name':'web','image':'web:1','ports':[{'containerPort':8080,'protocol':'TCP'}],
                  'resources':{},'terminationMessagePath':'/dev/termination-log',
                  'terminationMessagePolicy':'File','imagePullPolicy':'IfNotPresent'}]}"""));
    }

    @ParameterizedTest
    @CsvSource({
        "web, Always",
        "web:latest, Always",
        "web:1, IfNotPresent",
        "host:5000/web, Always",
        "host:5000/web:2, IfNotPresent",
        "web@sha256:0, IfNotPresent"
    })
    void thePullPolicyFollowsTheTag(String image, String policy) {
        var pod = json("{'spec':{'containers':[{'name':'c','image':'%s'}]}}".formatted(image));
        assertThat(stored(Samples.pods(), pod)
                        .at("spec", "containers")
                        .at(0)
                        .at("imagePullPolicy")
                        .string(""))
                .isEqualTo(policy);
    }

    @Test
    void aServicePortTargetsItself() {
        var service =
                stored(Samples.services(), json("{'spec':{'ports':[{'port':80},{'port':81,'targetPort':'web'}]}}"));
        assertThat(service).isEqualTo(json("""
                {'metadata':{},'spec':{'ports':[{'port':80,'protocol':'TCP','targetPort':80},
                 {'port':81,'protocol':'TCP','targetPort':'web'}],'type':'ClusterIP','sessionAffinity':'None',
                 'internalTrafficPolicy':'Cluster'},
                 'status':{'loadBalancer':{}}}"""));
    }

    @Test
    void aPodThatLimitsRequestsItsLimits() {
        var pod = stored(
                Samples.pods(),
                json("{'spec':{'containers':[{'name':'c','resources':{'limits':{'cpu':'0.5','memory':'1024Mi'}}}]}}"));
        assertThat(pod.at("spec", "containers").at(0).at("resources")).isEqualTo(json("""
                {'limits':{'cpu':'500m','memory':'1Gi'},'requests':{'cpu':'500m','memory':'1Gi'}}"""));
    }

    @Test
    void aJobRunsOnePodSixTimesAtMost() {
        var job = stored(kind("batch", "v1", "Job"), json("{'spec':{'template':{'spec':{'containers':[]}}}}"));
        assertThat(job.at("spec").obj().without("template")).isEqualTo(json("""
                {'parallelism':1,'completions':1,'backoffLimit':6,'completionMode':'NonIndexed','suspend':false,
                 'manualSelector':false,
                 'podReplacementPolicy':'TerminatingOrFailed'}"""));
    }

    @Test
    void anEmptyVolumeIsAnEmptyDirectory() {
        var pod = stored(Samples.pods(), json("""
                {'spec':{'containers':[],'volumes':[{'name':'tmp'},{'name':'cm','configMap':{'name':'x'}}]}}"""));
        assertThat(pod.at("spec", "volumes"))
                .isEqualTo(Json.arr(
                        json("{'name':'tmp','emptyDir':{}}"),
                        json("{'name':'cm','configMap':{'name':'x','defaultMode':420}}")));
    }

    @Test
    void aCustomResourceGetsTheDefaultsOfItsSchemaAlsoInsideDefaults() {
        var crd = json("""
                {'metadata':{'name':'foos.x.io'},'spec':{'group':'x.io','names':{'kind':'Foo','plural':'foos'},
                 'versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object',
                  'properties':{'spec':{'type':'object','default':{},'properties':{
                   'n':{'type':'integer','default':2},'gone':{'type':'string'},
                   'maybe':{'type':'string','nullable':true,'default':'x'},
                   'list':{'type':'array','items':{'type':'object','properties':{'p':{'type':'string','default':'q'}}}}}}}}}}]}}""");
        var foo = Schemas.builtIn().with(crd).find("x.io", "v1", "Foo").orElseThrow();
        assertThat(Defaults.apply(foo, json("{'kind':'Foo'}")))
                .isEqualTo(json("{'kind':'Foo','spec':{'n':2,'maybe':'x'}}"));
        assertThat(Defaults.apply(foo, json("{'spec':{'n':null,'maybe':null,'list':[{'p':null}],'gone':null}}")))
                .isEqualTo(json("{'spec':{'n':2,'maybe':null,'list':[{'p':'q'}]}}"));
    }

    @Test
    void defaultingTwiceIsDefaultingOnce() {
        for (var kind : Schemas.builtIn().all()) {
            for (int seed = 0; seed < 40; seed++) {
                var once = stored(kind, Generator.of(seed).object(kind));
                assertThat(Defaults.apply(kind, once))
                        .as("%s, seed %d", kind.kind(), seed)
                        .isEqualTo(once);
                assertThat(Pruning.prune(kind, once))
                        .as("%s, seed %d, pruned", kind.kind(), seed)
                        .isEqualTo(once);
            }
        }
    }
}
