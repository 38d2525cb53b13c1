package dev.sluice.rollout.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The hashes against references computed with Kubernetes' own types (see the head of each file).
class HashVectorsTest {
    @ParameterizedTest(name = "{0}")
    @MethodSource
    void podTemplates(String name, String template, Optional<Integer> collisionCount, String hash) {
        assertThat(PodTemplateHash.of(Json.parse(template), collisionCount)).isEqualTo(hash);
    }

    static Stream<Arguments> podTemplates() throws IOException {
        return vectors("pod-templates.tsv");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void canarySteps(String name, String steps, Optional<Integer> none, String hash) {
        assertThat(StepsHash.of(Json.parse(steps))).isEqualTo(hash);
    }

    static Stream<Arguments> canarySteps() throws IOException {
        return vectors("canary-steps.tsv");
    }

    private static Stream<Arguments> vectors(String file) throws IOException {
        try (var in = HashVectorsTest.class.getResourceAsStream(file)) {
            // Only a line feed ends a line: U+2028 occurs inside.
            return Stream.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"))
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t"))
                    .map(part -> Arguments.of(
                            part[2],
                            part[3],
                            part[1].equals("-") ? Optional.empty() : Optional.of(Integer.valueOf(part[1])),
                            part[0]));
        }
    }
}
