package dev.sluice.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.JsonPatch.Failed;
import dev.sluice.json.JsonPatch.Patched;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPatchTest {
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{'a':1}            | [{'op':'add','path':'/b','value':2}]                         | {'a':1,'b':2}",
                "{'a':1}            | [{'op':'add','path':'/a','value':[3]}]                       | {'a':[3]}",
                "{'a':[1,3]}        | [{'op':'add','path':'/a/1','value':2}]                       | {'a':[1,2,3]}",
                "{'a':[1]}          | [{'op':'add','path':'/a/-','value':2}]                       | {'a':[1,2]}",
                "{'a':[1]}          | [{'op':'add','path':'/a/1','value':2}]                       | {'a':[1,2]}",
                "{'a':{'b':1}}      | [{'op':'remove','path':'/a/b'}]                              | {'a':{}}",
                "{'a':[1,2,3]}      | [{'op':'remove','path':'/a/0'}]                              | {'a':[2,3]}",
                "{'a':{'b':1}}      | [{'op':'replace','path':'/a/b','value':null}]                | {'a':{'b':null}}",
                "{'a':{}}           | [{'op':'replace','path':'/a/b','value':1}]                    | {'a':{'b':1}}",
                "{'a':{'b':1}}      | [{'op':'move','from':'/a/b','path':'/c'}]                    | {'a':{},'c':1}",
                "{'a':{'b':1}}      | [{'op':'copy','from':'/a','path':'/a/c'}]                    | {'a':{'b':1,'c':{'b':1}}}",
                "{'a/b':{'m~n':1}}  | [{'op':'replace','path':'/a~1b/m~0n','value':2}]             | {'a/b':{'m~n':2}}",
                "{'a':1}            | [{'op':'test','path':'/a','value':1},{'op':'remove','path':'/a'}] | {}",
                "{'a':1}            | [{'op':'test','path':'/b','value':null}]                     | {'a':1}",
                "{'a':1}            | [{'op':'replace','path':'','value':7}]                       | 7",
            })
    void everyOperationOfTheRfc(String document, String patch, String expected) {
        assertThat(JsonPatch.apply(json(document), json(patch))).isEqualTo(new Patched(json(expected)));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "[{'op':'test','path':'/a','value':2}]                        | 0 | false | testing value /a failed: test failed",
                "[{'op':'remove','path':'/a'},{'op':'remove','path':'/a'}]    | 1 | false | remove operation does not apply: doc is missing path: \"/a\": missing value",
                "[{'op':'add','path':'/x/y','value':1}]                       | 0 | false | add operation does not apply: doc is missing path: \"/x/y\": missing value",
                "[{'op':'replace','path':'/l/01','value':1}]                  | 0 | false | replace operation does not apply: doc is missing path: \"/l/01\": \"01\" is no array index",
                "[{'op':'add','path':'/l/9','value':1}]                       | 0 | false | add operation does not apply: doc is missing path: \"/l/9\": Unable to access invalid index: 9: invalid index referenced",
                "[{'op':'move','from':'/o','path':'/o/x'}]                    | 0 | false | move operation does not apply: \"/o\" contains \"/o/x\"",
                "[{'op':'frob','path':'/a'}]                                  | 0 | true  | Unexpected kind: frob",
                "[{'op':'add','path':'a','value':1}]                          | 0 | true  | \"a\" is no JSON pointer: it must be empty or begin with /",
                "[{'op':'add','path':'/b'}]                                   | 0 | true  | add operation has no value",
                "{}                                                           | -1 | true | a JSON patch is an array of operations, but this is an object",
            })
    void aPatchThatDoesNotFitSaysWhichOperationAndWhy(String patch, int operation, boolean malformed, String message) {
        assertThat(JsonPatch.apply(json("{'a':1,'l':[1,2],'o':{}}"), json(patch)))
                .isEqualTo(new Failed(operation, malformed, message));
    }

    @Test
    void copyingCannotBlowUpTheDocument() {
        var patch = new ArrayList<Json>();
        for (int i = 0; i < 60; i++) patch.add(Json.obj("op", "copy", "from", "/a", "path", "/a/-"));
        assertThat(JsonPatch.apply(json("{'a':[0]}"), new Json.Arr(patch)))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.message()).contains("copy operations make the document larger"));
    }

    @Test
    void theDifferenceOfTwoDocumentsLeadsFromOneToTheOther() {
        for (int seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            var from = any(random, 4);
            var to = any(random, 4);
            assertThat(JsonPatch.apply(from, JsonPatch.diff(from, to)))
                    .as("seed %d: %s to %s", seed, from, to)
                    .isEqualTo(new Patched(to));
        }
    }

    private static Json json(String text) {
        return Json.parse(text.strip().replace('\'', '"'));
    }

    private static Json any(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 4)) {
            case 0 -> Json.of(random.nextInt(3));
            case 1 -> Json.of("s" + random.nextInt(3));
            case 2 -> Json.of(random.nextBoolean());
            case 3 -> Json.Null.VALUE;
            case 4 -> {
                var items = new ArrayList<Json>();
                for (int i = random.nextInt(4); i > 0; i--) items.add(any(random, depth - 1));
                yield new Json.Arr(items);
            }
            default -> {
                var fields = new LinkedHashMap<String, Json>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    fields.put("a/~b" + random.nextInt(4), any(random, depth - 1));
                }
                yield new Json.Obj(fields);
            }
        };
    }
}
