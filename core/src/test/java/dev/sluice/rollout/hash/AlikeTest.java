package dev.sluice.rollout.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A template is that of a ReplicaSet, though the API server has completed the latter.
///
/// @see "Argo Rollouts spec B3, lookup (b)"
class AlikeTest {
    private static boolean alike(String one, String other) {
        return PodTemplateHash.alike(spec(one), spec(other));
    }

    private static Json spec(String spec) {
        return Json.parse("{\"spec\":{%s}}".formatted(spec.replace('\'', '"')));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            the pod's own fields  | 'containers':[]  | 'containers':[],'restartPolicy':'Always','dnsPolicy':'ClusterFirst','terminationGracePeriodSeconds':30,'securityContext':{},'schedulerName':'default-scheduler'
            a container           | 'containers':[{'name':'a','image':'i:1'}] | 'containers':[{'name':'a','image':'i:1','imagePullPolicy':'IfNotPresent','resources':{},'terminationMessagePath':'/dev/termination-log','terminationMessagePolicy':'File'}]
            an image of no tag    | 'containers':[{'image':'h:5000/i'}] | 'containers':[{'image':'h:5000/i','imagePullPolicy':'Always'}]
            an image by digest    | 'containers':[{'image':'i@sha256:0'}] | 'containers':[{'image':'i@sha256:0','imagePullPolicy':'IfNotPresent'}]
            a port                | 'containers':[{'ports':[{'containerPort':1}]}] | 'containers':[{'ports':[{'containerPort':1,'protocol':'TCP'}]}]
            a port of the host    | 'hostNetwork':true,'containers':[{'ports':[{'containerPort':1}]}] | 'hostNetwork':true,'containers':[{'ports':[{'containerPort':1,'hostPort':1}]}]
            a probe               | 'containers':[{'readinessProbe':{'httpGet':{'port':1}}}] | 'containers':[{'readinessProbe':{'httpGet':{'port':1,'path':'/','scheme':'HTTP'},'timeoutSeconds':1,'periodSeconds':10,'successThreshold':1,'failureThreshold':3}}]
            a probe of zeros      | 'containers':[{'readinessProbe':{'timeoutSeconds':0}}] | 'containers':[{'readinessProbe':{'timeoutSeconds':1}}]
            a volume              | 'volumes':[{'name':'v'}] | 'volumes':[{'name':'v','emptyDir':{}}]
            a volume of a secret  | 'volumes':[{'name':'v','secret':{'secretName':'s'}}] | 'volumes':[{'name':'v','secret':{'secretName':'s','defaultMode':420}}]
            the service account   | 'serviceAccountName':'a' | 'serviceAccountName':'a','serviceAccount':'a'
            its older name        | 'serviceAccount':'a' | 'serviceAccountName':'a','serviceAccount':'a'
            a quantity            | 'containers':[{'resources':{'limits':{'cpu':0.5,'memory':'1024Mi'}}}] | 'containers':[{'resources':{'limits':{'cpu':'500m','memory':'1Gi'}}}]
            an empty list         | 'containers':[],'tolerations':[] | 'containers':[]
            """)
    void whatIsLeftOpenIsItsDefault(String what, String asked, String completed) {
        assertThat(alike(asked, completed)).isTrue();
        assertThat(alike(completed, completed)).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            another value than the default | 'containers':[] | 'containers':[],'restartPolicy':'Never'
            a pull policy                  | 'containers':[{'image':'i:1'}] | 'containers':[{'image':'i:1','imagePullPolicy':'Always'}]
            a mode of a volume             | 'volumes':[{'name':'v','secret':{}}] | 'volumes':[{'name':'v','secret':{'defaultMode':256}}]
            zero behind a pointer          | 'terminationGracePeriodSeconds':0 | 'terminationGracePeriodSeconds':30
            another image                  | 'containers':[{'image':'i:1'}] | 'containers':[{'image':'i:2'}]
            a container more               | 'containers':[{'image':'i:1'}] | 'containers':[{'image':'i:1'},{'image':'i:1'}]
            a kind of volume               | 'volumes':[{'name':'v'}] | 'volumes':[{'name':'v','secret':{}}]
            """)
    void whatDiffersIsAnotherTemplate(String what, String one, String other) {
        assertThat(alike(one, other)).isFalse();
        assertThat(alike(other, one)).isFalse();
    }
}
