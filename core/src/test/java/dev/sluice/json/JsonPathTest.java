package dev.sluice.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPathTest {
    private static final Json SHOP = Json.parse("""
            {"data": {"ok": true, "rate": 0.25, "none": null, "a.b": "dotted", "app/name": "slash"},
             "items": [
               {"name": "web", "size": 3, "tags": ["x", "y"]},
               {"name": "api", "size": 5, "owner": {"name": "ann"}},
               {"name": "db", "size": 5.0, "hidden": false}],
             "limit": 4}""");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {$.data.ok}                      | [true]
            {.data.ok}                       | [true]
            { .data.rate }                   | [0.25]
            {.data.none}                     | [null]
            {.data.missing}                  | []
            {.data.missing.deeper[0].x}      | []
            {.data.a\\.b}                    | ["dotted"]
            {.data['a.b']}                   | ["dotted"]
            {.data["app/name"]}              | ["slash"]
            {.data.app/name}                 | ["slash"]
            {$.['limit']}                    | [4]
            {.items[0].name}                 | ["web"]
            {.items[-1].name}                | ["db"]
            {.items[7].name}                 | []
            {.items[*].name}                 | ["web","api","db"]
            {.items.*.name}                  | ["web","api","db"]
            {.items[1:].name}                | ["api","db"]
            {.items[:2].name}                | ["web","api"]
            {.items[-2:].name}               | ["api","db"]
            {.items[0:3:2].name}             | ["web","db"]
            {.items[0,2].name}               | ["web","db"]
            {.data['ok','rate']}             | [true,0.25]
            {..name}                         | ["web","api","ann","db"]
            {.items[?(@.size==5)].name}      | ["api","db"]
            {.items[?(@.size > 3)].name}     | ["api","db"]
            {.items[?(@.size<=3)].name}      | ["web"]
            {.items[?(@.size>$.limit)].name} | ["api","db"]
            {.items[?(@.name=="api")].size}  | [5]
            {.items[?(@.name!='api')].size}  | [3,5]
            {.items[?(@.owner)].name}        | ["api"]
            {.items[?(@.hidden==false)].name}| ["db"]
            {.items[?(@.name==5)].name}      | []
            {.items[?(@.owner.name=="ann")].name} | ["api"]
            {.items[?(@.tags[0]=="x")].name} | ["web"]
            {.limit}{.data.ok}               | [4,true]
            .data.ok                         | [true]
            data.ok                          | [true]
            items[0].name                    | ["web"]
            $.limit                          | [4]
            """)
    void findsWhatKubectlFinds(String path, String found) {
        assertThat(new Json.Arr(JsonPath.parse(path).all(SHOP)).text()).isEqualTo(found);
    }

    @Test
    void theWholeDocumentIsTheRoot() {
        assertThat(JsonPath.ROOT.first(SHOP)).contains(SHOP);
        assertThat(JsonPath.parse("{@}").first(SHOP)).contains(SHOP);
    }

    @Test
    void aValueThatIsNullIsFoundAndOneThatIsNotThereIsNot() {
        assertThat(JsonPath.parse("{.data.none}").first(SHOP)).contains(Json.Null.VALUE);
        assertThat(JsonPath.parse("{.nothing}").first(SHOP)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {.a[}                 | column 5: expected an index
            {.a                   | column 4: expected '}'
            {}                    | column 2: expected '$', '@', '.' or '['
            {.a}text              | column 5: expected '{' or the end
            {.a['x}               | column 8: expected the closing '
            {.a[1,]}              | column 7: expected an index
            {.a[::0]}             | column 8: expected a stride of at least 1
            {.a[99999999999]}     | column 5: expected an index of 32 bits
            {range .items[*]}     | column 2: expected a path that finds values; use [*]
            {.a[?(@.x=1)]}        | column 10: expected one of ==
            {.a[?(@.x==)]}        | column 12: expected @, $, a quoted string
            {.a[?(@.x==1]}        | column 13: expected ')'
            {.a[?(@.b[?(@.c)])]}  | column 13: expected no filter inside a filter
            {.a b}                | column 5: expected '}' or another step
            a b                   | column 3: expected '.', '[' or the end
            """)
    void saysWhereAPathIsMalformed(String path, String message) {
        assertThatThrownBy(() -> JsonPath.parse(path))
                .isInstanceOf(JsonPathException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aPathThatMultipliesIsStopped() {
        Json deep = Json.of(1);
        for (int i = 0; i < 400; i++) deep = Json.arr(deep);
        var document = deep;
        assertThatThrownBy(() -> JsonPath.parse("{..}{......}").all(document))
                .isInstanceOf(JsonPathException.class)
                .hasMessageContaining("more than 100000 values");
    }
}
