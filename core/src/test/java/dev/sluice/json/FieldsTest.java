package dev.sluice.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/// The fields of an object against the map that the JDK has, few fields and many.
class FieldsTest {
    private static SequencedMap<String, Json> map(int size) {
        var map = new LinkedHashMap<String, Json>();
        // Names whose hashes meet: "Aa" and "BB" have the same.
        for (int i = 0; i < size; i++) map.put((i % 2 == 0 ? "Aa" : "BB") + i / 2, Json.of(i));
        return map;
    }

    @Test
    void saysWhatAMapSays() {
        for (int size : List.of(0, 1, 2, 7, 8, 9, 15, 16, 17, 100)) {
            var map = map(size);
            var fields = Fields.of(map);
            assertThat(fields).hasSize(size).isEqualTo(map).hasSameHashCodeAs(map);
            assertThat(map).isEqualTo(fields);
            assertThat(List.copyOf(fields.keySet())).isEqualTo(List.copyOf(map.keySet()));
            assertThat(List.copyOf(fields.values())).isEqualTo(List.copyOf(map.values()));
            assertThat(fields.reversed()).containsExactlyEntriesOf(map.reversed());
            map.forEach((name, value) -> assertThat(fields.get(name)).isEqualTo(value));
            assertThat(fields.get("other")).isNull();
            assertThat(fields.containsKey("other")).isFalse();
        }
    }

    @Test
    void changesAsAMapWouldAndLeavesTheOldFieldsAlone() {
        var random = new Random(1);
        var map = new LinkedHashMap<String, Json>();
        var fields = Fields.NONE;
        for (int i = 0; i < 2_000; i++) {
            var name = "f" + random.nextInt(24);
            var before = fields;
            var copy = new LinkedHashMap<>(fields);
            if (random.nextInt(3) == 0) {
                map.remove(name);
                fields = fields.without(name);
            } else {
                map.put(name, Json.of(i));
                fields = fields.with(name, Json.of(i));
            }
            assertThat(new ArrayList<>(fields.entrySet())).isEqualTo(new ArrayList<>(map.entrySet()));
            assertThat(new ArrayList<>(before.entrySet())).isEqualTo(new ArrayList<>(copy.entrySet()));
            assertThat(fields).hasSameHashCodeAs(map);
        }
    }

    @Test
    void equalityDoesNotDependOnTheOrder() {
        for (int size : List.of(2, 8, 9, 40)) {
            var there = Fields.of(map(size));
            var back = Fields.of(new LinkedHashMap<>(map(size)).reversed());
            assertThat(there).isEqualTo(back).hasSameHashCodeAs(back);
            assertThat(there).isNotEqualTo(back.with("Aa0", Json.of("other")));
            assertThat(there).isNotEqualTo(back.without("Aa0").with("Cc", Json.of(0)));
        }
    }

    @Test
    void aValueThatIsThereAlreadyChangesNothing() {
        var value = Json.of("v");
        var object = Json.obj("a", 1, "b", value);
        assertThat(object.with("b", value)).isSameAs(object);
        assertThat(object.without("c")).isSameAs(object);
        assertThat(MergePatch.apply(object, Json.obj("c", Json.Null.VALUE))).isSameAs(object);
    }

    @Test
    void aMergePatchSharesWhatItDoesNotName() {
        var object =
                Json.obj("spec", Json.obj("replicas", 1, "template", Json.obj("a", 1)), "status", Json.obj("b", 2));
        var patched = MergePatch.apply(object, Json.obj("spec", Json.obj("replicas", 2)));
        assertThat(patched)
                .isEqualTo(Json.obj(
                        "spec", Json.obj("replicas", 2, "template", Json.obj("a", 1)), "status", Json.obj("b", 2)));
        assertThat(patched.at("status")).isSameAs(object.at("status"));
        assertThat(patched.at("spec", "template")).isSameAs(object.at("spec", "template"));
    }

    @Test
    void cannotBeChanged() {
        var fields = Json.obj("a", 1).fields();
        assertThatThrownBy(() -> fields.put("b", Json.of(2))).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> fields.remove("a")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(fields::clear).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(fields::pollFirstEntry).isInstanceOf(UnsupportedOperationException.class);
    }
}
