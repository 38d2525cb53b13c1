package dev.sluice.local.schema;

import static dev.sluice.local.schema.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CelRulesTest {
    private static final String FIELDS = """
            'n':{'type':'integer'},'max':{'type':'integer'},'ratio':{'type':'number'},'name':{'type':'string'},
            'on':{'type':'boolean'},'size':{'type':'string'},'when':{'type':'string','format':'date-time'},
            'port':{'x-kubernetes-int-or-string':true},'names':{'type':'array','items':{'type':'string'}},
            'labels':{'type':'object','additionalProperties':{'type':'string'}},
            'my-field':{'type':'string'},'namespace':{'type':'string'},
            'items':{'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['name'],
             'items':{'type':'object','required':['name'],
              'properties':{'name':{'type':'string'},'v':{'type':'integer'}}}}""";

    private static Json.Obj crd(String rules) {
        return json("""
                {'metadata':{'name':'foos.x.io'},'spec':{'group':'x.io','scope':'Namespaced',
                 'names':{'kind':'Foo','plural':'foos'},
                 'versions':[{'name':'v1','served':true,'storage':true,
                  'schema':{'openAPIV3Schema':{'type':'object','properties':{'spec':{'type':'object',
                   'x-kubernetes-validations':[%s],'properties':{%s}}}}}}]}}""".formatted(rules, FIELDS));
    }

    private static Json.Obj withRule(String rule) {
        var quoted = Json.obj("rule", rule).text();
        var crd = crd("");
        var versions = crd.at("spec", "versions").at(0).obj();
        var changed = versions.withAt(
                List.of("schema", "openAPIV3Schema", "properties", "spec", "x-kubernetes-validations"),
                List.of(Json.parse(quoted)));
        return crd.withAt(List.of("spec", "versions"), List.of(changed));
    }

    private static List<String> problems(Json.Obj crd, String spec, Optional<String> old) {
        var kind = Schemas.builtIn().with(crd).find("x.io", "v1", "Foo").orElseThrow();
        return Validation.validate(kind, Json.obj("spec", json(spec)), old.map(text -> Json.obj("spec", json(text))))
                .stream()
                .map(Problem::toString)
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "self.n <= self.max                          | {'n':1,'max':2}",
                "self.n <= 10 && self.ratio < 1              | {'n':1,'ratio':0.5}",
                "self.ratio == 1.0                           | {'ratio':1}",
                "self.name.startsWith('a')                   | {'name':'abc'}",
                "self.name.matches('b+')                     | {'name':'abbc'}",
                "has(self.name) && !has(self.size)           | {'name':'a'}",
                "has(self.name) ? self.name != '' : true     | {}",
                "self.names.all(n, n.size() > 1)             | {'names':['aa','bb']}",
                "self.names.exists(n, n == 'b')              | {'names':['a','b']}",
                "self.names.map(n, n + '!').size() == 2      | {'names':['a','b']}",
                "self.names.filter(n, n == 'a') == ['a']     | {'names':['a','b']}",
                "'b' in self.names                           | {'names':['a','b']}",
                "self.names.isSorted()                       | {'names':['a','b']}",
                "self.names.indexOf('b') == 1                | {'names':['a','b']}",
                "self.items.map(i, i.v).sum() == 3           | {'items':[{'name':'a','v':1},{'name':'b','v':2}]}",
                "self.items.map(i, i.v).max() == 2           | {'items':[{'name':'a','v':1},{'name':'b','v':2}]}",
                "self.items.all(i, has(i.v))                 | {'items':[{'name':'a','v':1}]}",
                "self.labels['a/b'] == 'c'                   | {'labels':{'a/b':'c'}}",
                "self.labels.all(k, self.labels[k] != '')    | {'labels':{'a/b':'c'}}",
                "'x' in self.labels                          | {'labels':{'x':'c'}}",
                "self.my__dash__field == 'x'                 | {'my-field':'x'}",
                "self.__namespace__ == 'x'                   | {'namespace':'x'}",
                "type(self.port) == int ? self.port > 0 : self.port != '' | {'port':80}",
                "type(self.port) == int ? self.port > 0 : self.port != '' | {'port':'http'}",
                "quantity(self.size).isLessThan(quantity('1Gi')) | {'size':'512Mi'}",
                "!isQuantity(self.name)                      | {'name':'x'}",
                "self.name.find('[0-9]+') == '12'            | {'name':'a12b'}",
                "url(self.name).getHost() == 'x.io:80'       | {'name':'http://x.io:80/a'}",
                "self.when < timestamp('2027-01-01T00:00:00Z') | {'when':'2026-01-01T00:00:00Z'}",
                "self.name.lowerAscii() == 'a'               | {'name':'A'}",
            })
    void aRuleThatHoldsIsSilent(String rule, String spec) {
        assertThat(problems(withRule(rule), spec, Optional.empty())).isEmpty();
    }

    @Test
    void aBrokenRuleSaysItsMessage() {
        var rules = "{'rule':'self.n <= self.max','message':'n must not exceed max'}";
        assertThat(problems(crd(rules), "{'n':3,'max':2}", Optional.empty()))
                .containsExactly("spec: Invalid value: \"object\": n must not exceed max");
        assertThat(problems(crd("{'rule':'self.n <= self.max'}"), "{'n':3,'max':2}", Optional.empty()))
                .containsExactly("spec: Invalid value: \"object\": failed rule: self.n <= self.max");
    }

    @Test
    void aMessageMayBeComputedAndPointAtAField() {
        var rules = "{'rule':'self.n <= self.max','messageExpression':'\\\"n is \\\" + string(self.n)',"
                + "'fieldPath':'.n','reason':'FieldValueForbidden'}";
        assertThat(problems(crd(rules), "{'n':3,'max':2}", Optional.empty()))
                .containsExactly("spec.n: Forbidden: n is 3");
    }

    @Test
    void aTransitionRuleIsAskedOnlyWhenThereIsAnOldValue() {
        var crd = crd("{'rule':'self.n == oldSelf.n','message':'n is immutable'}");
        assertThat(problems(crd, "{'n':1}", Optional.empty())).isEmpty();
        assertThat(problems(crd, "{'n':1}", Optional.of("{'n':1}"))).isEmpty();
        assertThat(problems(crd, "{'n':2}", Optional.of("{'n':1}")))
                .containsExactly("spec: Invalid value: \"object\": n is immutable");
    }

    @Test
    void anOptionalOldValueIsAskedAlways() {
        var crd = crd("{'rule':'oldSelf.hasValue() || self.n == 0','optionalOldSelf':true,'message':'begin at 0'}");
        assertThat(problems(crd, "{'n':1}", Optional.empty()))
                .containsExactly("spec: Invalid value: \"object\": begin at 0");
        assertThat(problems(crd, "{'n':1}", Optional.of("{'n':1}"))).isEmpty();
    }

    @Test
    void listItemsAreCorrelatedByTheirKeys() {
        var crd = crd("").text()
                .replace(
                        "\"v\":{\"type\":\"integer\"}",
                        "\"v\":{\"type\":\"integer\",\"x-kubernetes-validations\":[{\"rule\":\"self >= oldSelf\"}]}");
        assertThat(problems(
                        Json.parse(crd).obj(),
                        "{'items':[{'name':'b','v':1},{'name':'a','v':5}]}",
                        Optional.of("{'items':[{'name':'a','v':5},{'name':'b','v':2}]}")))
                .containsExactly("spec.items[0].v: Invalid value: \"integer\": failed rule: self >= oldSelf");
    }

    @Test
    void aRuleThatCannotBeEvaluatedIsAProblemNotACrash() {
        assertThat(problems(withRule("self.n / (self.max - self.max) == 1"), "{'n':3,'max':2}", Optional.empty()))
                .singleElement()
                .asString()
                .startsWith("spec: Invalid value: \"object\": ")
                .contains("evaluating rule: self.n / (self.max - self.max) == 1");
    }

    @Test
    void aLoopIsBounded() {
        var names = new StringBuilder("{'names':[");
        for (int i = 0; i < 400; i++) names.append(i == 0 ? "'a'" : ",'a'");
        var rule = "self.names.all(a, self.names.all(b, self.names.all(c, a == b && b == c)))";
        assertThat(problems(withRule(rule), names.append("]}").toString(), Optional.empty()))
                .singleElement()
                .asString()
                .contains("evaluating rule");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "self.nope == 1 | undefined field 'nope'",
                "self.n == 'a'  | found no matching overload for '_==_'",
                "self.n         | cel expression must evaluate to a bool",
                "self.n >       | compilation failed",
            })
    void aDefinitionWithARuleThatDoesNotCompileIsRefused(String rule, String expected) {
        var crds = Samples.kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
        var problems = Validation.validate(crds, Samples.stored(crds, withRule(rule)), Optional.empty());
        assertThat(problems).singleElement().satisfies(problem -> {
            assertThat(problem.path())
                    .isEqualTo("spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule");
            assertThat(problem.text()).contains(expected);
        });
    }

    @Test
    void theRootSeesNameAndKind() {
        var crd = crd("").text()
                .replace(
                        "\"openAPIV3Schema\":{\"type\":\"object\",",
                        "\"openAPIV3Schema\":{\"type\":\"object\",\"x-kubernetes-validations\":"
                                + "[{\"rule\":\"self.metadata.name.size() < 4 && self.kind == 'Foo'\"}],");
        var kind = Schemas.builtIn()
                .with(Json.parse(crd).obj())
                .find("x.io", "v1", "Foo")
                .orElseThrow();
        var object = json("{'kind':'Foo','apiVersion':'x.io/v1','metadata':{'name':'abc'}}");
        assertThat(Validation.validate(kind, object, Optional.empty())).isEmpty();
        assertThat(Validation.validate(kind, object.withAt(List.of("metadata", "name"), "abcd"), Optional.empty()))
                .hasSize(1);
    }
}
