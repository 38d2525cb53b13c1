package dev.sluice.local.schema;

import static dev.sluice.local.schema.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenApiTest {
    private static final Json.Obj APPS =
            OpenApi.document(Schemas.builtIn(), "apps", "v1").orElseThrow();

    private static Json component(Json.Obj document, String name) {
        return document.at("components", "schemas", name);
    }

    @Test
    void theIndexNamesEveryGroupVersionThatIsServed() {
        var paths = OpenApi.index(Schemas.builtIn()).at("paths");
        assertThat(paths.fields().keySet()).contains("api/v1", "apis/apps/v1", "apis/batch/v1", "apis/policy/v1");
        assertThat(paths.at("apis/apps/v1", "serverRelativeURL").string(""))
                .startsWith("/openapi/v3/apis/apps/v1?hash=");
        assertThat(OpenApi.document(Schemas.builtIn(), "nope.io", "v1")).isEmpty();
    }

    @Test
    void aNewDefinitionChangesTheHashOfItsGroupAlone() {
        var before = OpenApi.index(Schemas.builtIn()).at("paths");
        var after = OpenApi.index(Schemas.builtIn().with(foo())).at("paths");
        assertThat(after.fields().keySet()).contains("apis/x.io/v1");
        assertThat(after.at("apis/apps/v1")).isEqualTo(before.at("apis/apps/v1"));
    }

    @Test
    void kubectlFindsMergeKeysAndListTypes() {
        var containers =
                component(APPS, "io.k8s.api.core.v1.PodSpec").at("properties").at("containers");
        assertThat(containers.at("x-kubernetes-patch-merge-key")).isEqualTo(Json.of("name"));
        assertThat(containers.at("x-kubernetes-patch-strategy")).isEqualTo(Json.of("merge"));
        assertThat(containers.at("x-kubernetes-list-type")).isEqualTo(Json.of("map"));
        assertThat(containers.at("x-kubernetes-list-map-keys")).isEqualTo(Json.arr("name"));
        var strategy = component(APPS, "io.k8s.api.apps.v1.DeploymentSpec").at("properties", "strategy");
        assertThat(strategy.at("x-kubernetes-patch-strategy")).isEqualTo(Json.of("retainKeys"));
    }

    @Test
    void kubectlFindsThatFieldsAreValidated() {
        var patch = APPS.at("paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch");
        assertThat(patch.at("parameters").items().stream().map(p -> p.at("name").string("")))
                .contains("fieldValidation");
        assertThat(patch.at("x-kubernetes-group-version-kind"))
                .isEqualTo(json("{'group':'apps','version':'v1','kind':'Deployment'}"));
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        for (var kind : Schemas.builtIn().all()) {
            var document = OpenApi.document(Schemas.builtIn(), kind.group(), kind.version());
            if (document.isEmpty()) continue;
            var known = document.get().at("components", "schemas").fields().keySet();
            var wanted = new ArrayList<String>();
            references(document.get(), wanted);
            assertThat(known)
                    .containsAll(wanted.stream()
                            .map(ref -> ref.substring("#/components/schemas/".length()))
                            .toList());
        }
    }

    private static void references(Json json, List<String> out) {
        json.at("$ref").asString().ifPresent(out::add);
        json.fields().values().forEach(field -> references(field, out));
        json.items().forEach(item -> references(item, out));
    }

    private static Json.Obj foo() {
        return json("""
                {'metadata':{'name':'foos.x.io'},'spec':{'group':'x.io','scope':'Namespaced',
                 'names':{'kind':'Foo','plural':'foos'},
                 'versions':[{'name':'v1','served':true,'storage':true,
                  'schema':{'openAPIV3Schema':{'type':'object','description':'A foo.','properties':{'spec':{
                   'type':'object','required':['n'],'properties':{'n':{'type':'integer','minimum':1,'default':3},
                    'port':{'x-kubernetes-int-or-string':true},
                    'any':{'type':'object','x-kubernetes-preserve-unknown-fields':true}}}}}}}]}}""");
    }

    @Test
    void customKindsAreDescribedByTheirSchema() {
        var document =
                OpenApi.document(Schemas.builtIn().with(foo()), "x.io", "v1").orElseThrow();
        var kind = component(document, "io.x.v1.Foo");
        assertThat(kind.at("description")).isEqualTo(Json.of("A foo."));
        assertThat(kind.at("x-kubernetes-group-version-kind"))
                .isEqualTo(Json.arr(json("{'group':'x.io','version':'v1','kind':'Foo'}")));
        assertThat(kind.at("properties", "spec", "required")).isEqualTo(Json.arr("n"));
        assertThat(kind.at("properties", "spec", "properties", "n"))
                .isEqualTo(json("{'type':'integer','minimum':1,'default':3}").with("minimum", 1.0));
        assertThat(document.at("paths").fields().keySet()).contains("/apis/x.io/v1/namespaces/{namespace}/foos/{name}");
    }
}
