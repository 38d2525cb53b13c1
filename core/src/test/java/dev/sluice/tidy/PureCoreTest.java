package dev.sluice.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The core is a function: no clock, thread, file, chance or hash order. The second test tests the first.
class PureCoreTest {
    private static final Path CORE = Path.of(
            Json.class.getProtectionDomain().getCodeSource().getLocation().getPath());

    @Test
    void theCoreCallsNothingImpure() {
        assertThat(PureCore.violations(CORE)).isEmpty();
    }

    @Test
    void theCoreRequiresNothingButJavaBase() {
        var module = java.lang.module.ModuleFinder.of(CORE)
                .find("dev.sluice.core")
                .orElseThrow()
                .descriptor();
        assertThat(module.requires())
                .extracting(java.lang.module.ModuleDescriptor.Requires::name)
                .containsExactly("java.base");
    }

    /// What the rule must catch, compiled like anything else.
    static final class Impure {
        Instant clock() {
            return Instant.now();
        }

        Map<String, String> hashed() {
            return new HashMap<>();
        }

        Random chance() {
            return new Random();
        }

        Random seeded() {
            return new Random(7);
        }

        void thread() {
            Thread.ofVirtual().start(() -> {});
        }
    }

    @Test
    void anImpureClassIsNamedWithItsMethodAndTheRemedy() throws IOException {
        try (var in = Impure.class.getResourceAsStream("PureCoreTest$Impure.class")) {
            var found = PureCore.violations(java.util.Objects.requireNonNull(in).readAllBytes());
            assertThat(found)
                    .containsExactly(
                            "dev.sluice.tidy.PureCoreTest$Impure.clock calls java.time.Instant.now: take"
                                    + " Observation.now()",
                            "dev.sluice.tidy.PureCoreTest$Impure.hashed calls java.util.HashMap.<init>: use"
                                    + " LinkedHashMap or TreeMap: order is observable",
                            "dev.sluice.tidy.PureCoreTest$Impure.chance calls java.util.Random.<init>: pass a seed in",
                            "dev.sluice.tidy.PureCoreTest$Impure.thread calls java.lang.Thread.ofVirtual: leave"
                                    + " concurrency to the edge");
        }
    }
}
