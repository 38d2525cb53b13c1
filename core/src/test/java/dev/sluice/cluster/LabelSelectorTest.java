package dev.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.json.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {
    private static final Map<String, String> LABELS = Map.of("app", "web", "version", "2");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app=web | true",
                "app==web,version!=1 | true",
                "app in (web, db) | true",
                "app notin (web) | false",
                "version | true",
                "!version | false",
                "absent!=x | true",
                "absent notin (x) | true",
                "app=web,absent | false"
            })
    void theStringFormMatches(String selector, boolean matches) {
        assertThat(LabelSelector.parse(selector).matches(LABELS)).isEqualTo(matches);
        assertThat(LabelSelector.parse(LabelSelector.parse(selector).toString()).matches(LABELS))
                .isEqualTo(matches);
    }

    @Test
    void theStructuredFormMatchesAndPrints() {
        var selector = LabelSelector.of(Json.parse("""
                {"matchLabels":{"b":"2","a":"1"},
                 "matchExpressions":[{"key":"c","operator":"In","values":["x","y"]},{"key":"d","operator":"DoesNotExist"}]}
                """));
        assertThat(selector).hasToString("a=1,b=2,c in (x,y),!d");
        assertThat(selector.matches(Map.of("a", "1", "b", "2", "c", "y"))).isTrue();
        assertThat(selector.matches(Map.of("a", "1", "b", "2", "c", "y", "d", "")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "=x", "a in x)", "a in (x", "a is (x)", "a=b c", "a,,b"})
    void whatIsMalformedIsNamed(String selector) {
        assertThatThrownBy(() -> LabelSelector.parse(selector)).hasMessageContaining("label selector: ");
    }
}
