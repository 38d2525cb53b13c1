package dev.sluice.local.schema;

import static dev.sluice.local.schema.Samples.json;
import static dev.sluice.local.schema.Samples.kind;
import static dev.sluice.local.schema.Samples.stored;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidationTest {
    private static final Json.Obj POD = json("""
            {'apiVersion':'v1','kind':'Pod','metadata':{'name':'p'},
             'spec':{'containers':[{'name':'c','image':'i'}]}}""");

    private static List<String> problems(KindSchema kind, Json object) {
        return Validation.validate(kind, stored(kind, object.obj()), Optional.empty()).stream()
                .map(Problem::toString)
                .toList();
    }

    private static List<String> problems(KindSchema kind, Json.Obj object, Json.Obj old) {
        return Validation.validate(kind, stored(kind, object), Optional.of(stored(kind, old))).stream()
                .map(Problem::toString)
                .toList();
    }

    @Test
    void whatIsRightIsFound() {
        assertThat(problems(Samples.deployments(), Samples.deployment())).isEmpty();
        assertThat(problems(Samples.pods(), POD)).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{'replicas':-1} | spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                "{'selector':{'matchLabels':{'app':'x'}}} | spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`",
                "{'selector':{'matchLabels':null}} | spec.selector: Invalid value: {}: empty selector is invalid for deployment",
                "{'strategy':{'type':'Sometimes'}} | spec.strategy: Unsupported value: {\"Type\":\"Sometimes\",\"RollingUpdate\":null}: supported values: \"Recreate\", \"RollingUpdate\"",
                "{'strategy':{'type':'Recreate','rollingUpdate':{}}} | spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
                "{'strategy':{'rollingUpdate':{'maxSurge':0,'maxUnavailable':0}}} | spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
                "{'progressDeadlineSeconds':10,'minReadySeconds':10} | spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds",
                "{'template':{'spec':{'restartPolicy':'Never'}}} | spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"",
                "{'template':{'spec':{'containers':null}}} | spec.template.spec.containers: Required value",
                "{'template':{'spec':{'containers':[{'name':'a'}]}}} | spec.template.spec.containers[0].image: Required value",
                "{'template':{'metadata':{'labels':{'app':'web','b':'-'}}}} | spec.template.metadata.labels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            })
    void aDeploymentIsRefusedInTheServersWords(String patch, String expected) {
        var object = MergePatch.apply(Samples.deployment(), Json.obj("spec", json(patch)));
        assertThat(problems(Samples.deployments(), object)).containsExactly(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{'name':'A','image':'i'} | spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "{'image':'i'} | spec.containers[0].name: Required value",
                "{'name':'a','image':'i','ports':[{'containerPort':70000}]} | spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
                "{'name':'a','image':'i','ports':[{'containerPort':1,'protocol':'X'}]} | spec.containers[0].ports[0].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
                "{'name':'a','image':'i','ports':[{'containerPort':1,'name':'h'},{'containerPort':2,'name':'h'}]} | spec.containers[0].ports[1].name: Duplicate value: \"h\"",
                "{'name':'a','image':'i','volumeMounts':[{'name':'x','mountPath':'/x'}]} | spec.containers[0].volumeMounts[0].name: Not found: \"x\"",
                "{'name':'a','image':'i','resources':{'limits':{'cpu':'1'},'requests':{'cpu':'2'}}} | spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
                "{'name':'a','image':'i','readinessProbe':{}} | spec.containers[0].readinessProbe: Required value: must specify a handler type",
                "{'name':'a','image':'i','readinessProbe':{'exec':{'command':['a']},'tcpSocket':{'port':1}}} | spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
                "{'name':'a','image':'i','livenessProbe':{'successThreshold':2,'tcpSocket':{'port':1}}} | spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
                "{'name':'a','image':'i','imagePullPolicy':'Now'} | spec.containers[0].imagePullPolicy: Unsupported value: \"Now\": supported values: \"Always\", \"IfNotPresent\", \"Never\"",
                "{'name':'a','image':'i','env':[{'value':'x'}]} | spec.containers[0].env[0].name: Required value",
            })
    void aContainerIsRefusedInTheServersWords(String container, String expected) {
        var object = POD.withAt(List.of("spec", "containers"), List.of(json(container)));
        assertThat(problems(Samples.pods(), object)).containsExactly(expected);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | spec.ports: Required value",
                "{'ports':[{'port':80},{'port':81,'name':'b'}]} | spec.ports[0].name: Required value",
                "{'ports':[{'port':80,'name':'a'},{'port':81,'name':'a'}]} | spec.ports[1].name: Duplicate value: \"a\"",
                "{'ports':[{'port':80,'name':'a'},{'port':80,'name':'b'}]} | spec.ports[1]: Duplicate value: {\"Name\":\"\",\"Protocol\":\"TCP\",\"AppProtocol\":null,\"Port\":80,\"TargetPort\":0,\"NodePort\":0}",
                "{'ports':[{'port':80}],'type':'Nowhere'} | spec.type: Unsupported value: \"Nowhere\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"",
                "{'type':'ExternalName'} | spec.externalName: Required value",
            })
    void aServiceIsRefusedInTheServersWords(String spec, String expected) {
        assertThat(problems(Samples.services(), Json.obj("spec", json(spec)))).containsExactly(expected);
    }

    @Test
    void withoutASelectorNothingMatches() {
        var object = Samples.deployment().withoutAt(List.of("spec", "selector"));
        assertThat(problems(Samples.deployments(), object))
                .containsExactly(
                        "spec.selector: Required value",
                        "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match"
                                + " template `labels`");
    }

    @Test
    void aHeadlessServiceNeedsNoPorts() {
        assertThat(problems(Samples.services(), json("{'spec':{'clusterIP':'None','selector':{'a':'b'}}}")))
                .isEmpty();
    }

    @Test
    void selectorsAndRolesDoNotChange() {
        var old = Samples.deployment();
        var other = old.withAt(List.of("spec", "selector", "matchLabels"), json("{'app':'web','v':'1'}"))
                .withAt(List.of("spec", "template", "metadata", "labels"), json("{'app':'web','v':'1'}"));
        assertThat(problems(Samples.deployments(), other, old))
                .containsExactly(
                        "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"web\",\"v\":\"1\"}}: field is"
                                + " immutable");
        var roles = kind("rbac.authorization.k8s.io", "v1", "RoleBinding");
        assertThat(problems(
                        roles,
                        json("{'roleRef':{'kind':'Role','name':'b'}}"),
                        json("{'roleRef':{'kind':'Role','name':'a'}}")))
                .containsExactly(
                        "roleRef: Invalid value: {\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"Role\","
                                + "\"name\":\"b\"}: cannot change roleRef");
    }

    @Test
    void aPodMayChangeItsImageAndLittleElse() {
        var image = POD.withAt(List.of("spec", "containers"), List.of(json("{'name':'c','image':'j'}")));
        assertThat(problems(Samples.pods(), image, POD)).isEmpty();
        var name = POD.withAt(List.of("spec", "hostname"), "x");
        assertThat(problems(Samples.pods(), name, POD))
                .singleElement()
                .asString()
                .startsWith("spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`")
                .contains("hostname");
    }

    @Test
    void aJobSaysHowItsPodsEnd() {
        assertThat(problems(kind("batch", "v1", "Job"), json("""
                        {'spec':{'selector':{},'template':{'spec':{'containers':[{'name':'c','image':'i'}]}}}}""")))
                .containsExactly("spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\","
                        + " \"Never\"");
    }

    @Test
    void severalProblemsMakeOneMessage() {
        var kind = Samples.services();
        var problems = Validation.validate(
                kind, stored(kind, json("{'spec':{'ports':[{'port':0,'name':'A'}]}}")), Optional.empty());
        assertThat(Problem.message(kind, "web", problems))
                .startsWith("Service \"web\" is invalid: [spec.ports[0].port: Invalid value: 0: must be between 1 and"
                        + " 65535, inclusive, spec.ports[0].name: Invalid value: \"A\": a lowercase RFC 1123 label");
        assertThat(problems.getFirst().reason().wire()).isEqualTo("FieldValueInvalid");
    }

    // ------------------------------------------------------------------------------------------ custom resources

    private static KindSchema custom(String schema) {
        var crd = json("""
                {'metadata':{'name':'foos.x.io'},'spec':{'group':'x.io','names':{'kind':'Foo','plural':'foos'},
                 'versions':[{'name':'v1','served':true,'storage':true,
                  'schema':{'openAPIV3Schema':{'type':'object','properties':{'spec':%s}}}}]}}""".formatted(schema));
        return Schemas.builtIn().with(crd).find("x.io", "v1", "Foo").orElseThrow();
    }

    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'type':'integer'                       | 'x' | spec.f: Invalid value: \"string\": spec.f in body must be of type integer: \"string\"",
                "'type':'integer'                       | 1.5 | spec.f: Invalid value: \"number\": spec.f in body must be of type integer: \"number\"",
                "'type':'string'                        | 1 | spec.f: Invalid value: \"integer\": spec.f in body must be of type string: \"integer\"",
                "'type':'integer','minimum':1           | 0 | spec.f: Invalid value: 0: spec.f in body should be greater than or equal to 1",
                "'type':'integer','maximum':1           | 2 | spec.f: Invalid value: 2: spec.f in body should be less than or equal to 1",
                "'type':'integer','minimum':1,'exclusiveMinimum':true | 1 | spec.f: Invalid value: 1: spec.f in body should be greater than 1",
                "'type':'integer','multipleOf':2        | 3 | spec.f: Invalid value: 3: spec.f in body should be a multiple of 2",
                "'type':'string','enum':['a','b']       | 'c' | spec.f: Unsupported value: \"c\": supported values: \"a\", \"b\"",
                "'type':'string','pattern':'^[a-z]+$'   | 'A' | spec.f: Invalid value: \"A\": spec.f in body should match '^[a-z]+$'",
                "'type':'string','minLength':2          | 'A' | spec.f: Invalid value: \"A\": spec.f in body should be at least 2 chars long",
                "'type':'string','maxLength':2          | 'AAA' | spec.f: Too long: may not be more than 2 bytes",
                "'type':'string','format':'date-time'   | 'now' | spec.f: Invalid value: \"now\": spec.f in body must be of type date-time: \"now\"",
                "'type':'array','maxItems':1,'items':{'type':'integer'} | [1,2] | spec.f: Too many: 2: must have at most 1 item",
                "'type':'array','minItems':1,'items':{'type':'integer'} | [] | spec.f: Invalid value: 0: spec.f in body should have at least 1 items",
                "'type':'array','items':{'type':'string','x-kubernetes-list-type':'atomic'},'x-kubernetes-list-type':'set' | ['a','a'] | spec.f[1]: Duplicate value: \"a\"",
                "'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['n'],'items':{'type':'object','properties':{'n':{'type':'string'},'v':{'type':'string'}}} | [{'n':'a'},{'n':'a','v':'x'}] | spec.f[1]: Duplicate value: {\"n\":\"a\"}",
                "'type':'object','required':['a'],'properties':{'a':{'type':'string'}} | {} | spec.f.a: Required value",
                "'type':'object','x-kubernetes-preserve-unknown-fields':true,'oneOf':[{'required':['a']},{'required':['b']}] | {'a':1,'b':2} | <nil>: Invalid value: \"\": \"spec.f\" must validate one and only one schema (oneOf). Found 2 valid alternatives",
                "'type':'string','not':{'enum':['x']} | 'x' | <nil>: Invalid value: \"\": \"spec.f\" must not validate the schema (not)",
            })
    void aCustomResourceIsHeldToItsSchema(String schema, String value, String expected) {
        var kind = custom("{'type':'object','properties':{'f':{" + schema + "}}}");
        assertThat(problems(kind, json("{'spec':{'f':" + value + "}}"))).containsExactly(expected);
    }

    @ParameterizedTest(name = "{0} with {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'x-kubernetes-int-or-string':true,'anyOf':[{'type':'integer'},{'type':'string'}] | '25%'",
                "'x-kubernetes-int-or-string':true,'anyOf':[{'type':'integer'},{'type':'string'}] | 3",
                "'type':'object','x-kubernetes-preserve-unknown-fields':true | {'a':[1,{}]}",
                "'x-kubernetes-preserve-unknown-fields':true | [1,'a']",
                "'type':'string','nullable':true | null",
                "'type':'string' | null",
                "'type':'number' | 1",
                "'type':'object','additionalProperties':{'type':'string'} | {'a':'b'}",
            })
    void whatASchemaAllowsPasses(String schema, String value) {
        var kind = custom("{'type':'object','properties':{'f':{" + schema + "}}}");
        assertThat(problems(kind, json("{'spec':{'f':" + value + "}}"))).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'type':'object','properties':{'a':{}} | spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields",
                "'type':'array' | spec.validation.openAPIV3Schema.properties[spec].items: Required value: must be specified",
                "'type':'array','items':{} | spec.validation.openAPIV3Schema.properties[spec].items.type: Required value: must not be empty for specified array items",
                "'type':'object','uniqueItems':true | spec.validation.openAPIV3Schema.properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
                "'type':'frob' | spec.validation.openAPIV3Schema.properties[spec].type: Unsupported value: \"frob\": supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"",
                "'type':'array','items':{'type':'object'},'x-kubernetes-list-type':'map' | spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
                "'type':'integer','default':'x' | spec.validation.openAPIV3Schema.properties[spec].default: Invalid value: \"string\":  in body must be of type integer: \"string\"",
            })
    void aDefinitionMustBeStructural(String schema, String expected) {
        var crd = json("""
                {'metadata':{'name':'foos.x.io'},'spec':{'group':'x.io','scope':'Namespaced',
                 'names':{'kind':'Foo','plural':'foos'},
                 'versions':[{'name':'v1','served':true,'storage':true,
                  'schema':{'openAPIV3Schema':{'type':'object','properties':{'spec':{%s}}}}}]}}""".formatted(schema));
        assertThat(problems(kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"), crd))
                .containsExactly(expected);
    }

    @Test
    void aDefinitionIsNamedAfterItsResource() {
        var crd = json("""
                {'metadata':{'name':'bars.x.io'},'spec':{'group':'x.io','scope':'Nowhere',
                 'names':{'kind':'Foo','plural':'foos'},
                 'versions':[{'name':'v1','served':true,'storage':false,'schema':{'openAPIV3Schema':{}}}]}}""");
        assertThat(problems(kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"), crd))
                .contains(
                        "metadata.name: Invalid value: \"bars.x.io\": must be spec.names.plural+\".\"+spec.group",
                        "spec.scope: Unsupported value: \"Nowhere\": supported values: \"Cluster\", \"Namespaced\"",
                        "spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root");
    }

    @Test
    void neitherIntegerNorString() {
        var kind = custom("{'type':'object','properties':{'f':{'x-kubernetes-int-or-string':true,"
                + "'anyOf':[{'type':'integer'},{'type':'string'}]}}}");
        assertThat(problems(kind, json("{'spec':{'f':true}}")))
                .containsExactly(
                        "spec.f: Invalid value: \"boolean\": spec.f in body must be of type integer,string: \"boolean\"",
                        "<nil>: Invalid value: \"\": \"spec.f\" must validate at least one schema (anyOf)",
                        "spec.f: Invalid value: \"boolean\": spec.f in body must be of type integer: \"boolean\"");
    }

    @Test
    void wrongTypesOfBuiltInKindsAreRefusedBeforeAnythingElse() {
        assertThat(Decoding.problem(Samples.deployments(), json("{'spec':{'replicas':'3'}}")))
                .contains(
                        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32");
        assertThat(Decoding.problem(
                        Samples.deployments(),
                        json("{'spec':{'template':{'spec':{'containers':[{'env':[{'name':'A','value':1}]}]}}}}")))
                .contains("json: cannot unmarshal number into Go struct field"
                        + " EnvVar.spec.template.spec.containers.env.value of type string");
        assertThat(Decoding.problem(Samples.pods(), json("{'spec':{'containers':{}}}")))
                .contains("json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type"
                        + " []v1.Container");
        assertThat(Decoding.problem(Samples.deployments(), json("{'metadata':{'labels':{'a':1}}}")))
                .contains(
                        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string");
        assertThat(Decoding.problem(Samples.deployments(), Samples.deployment()))
                .isEmpty();
    }
}
