package dev.sluice.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MetricProvidersTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private record Fixed(String name) implements MetricProvider.Factory, MetricProvider {
        @Override
        public String type() {
            return "Fixed";
        }

        @Override
        public MetricProvider create(Setting setting) {
            return this;
        }

        @Override
        public Measurement measure(Query query, Secrets secrets, Deadline deadline) {
            return new Measurement.Value(Json.of(1), "1");
        }
    }

    private static final class Nowhere implements Gateway, Time {
        @Override
        public Reply send(Request request) {
            return new Reply.Lost("nowhere");
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            return () -> {};
        }

        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public Timer at(Instant when, Runnable task) {
            return () -> {};
        }
    }

    private static MetricProvider.Setting setting() {
        var nowhere = new Nowhere();
        return new MetricProvider.Setting(nowhere, nowhere, kubeconfig -> nowhere, Map.of("EMPTY", ""));
    }

    @Test
    void areFoundByName() {
        var providers = MetricProviders.of(List.of(new Fixed("web"), new Fixed("job")), setting());
        assertThat(providers.names()).containsExactly("job", "web");
        assertThat(providers.named("web")).isPresent();
        assertThat(providers.named("datadog")).isEmpty();
    }

    @Test
    void twoOfOneNameStopTheStartAndBothJarsAreNamed() {
        assertThatThrownBy(() -> MetricProviders.of(List.of(new Fixed("web"), new Fixed("web")), setting()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("\"web\"")
                .hasMessageMatching("(?s).*Fixed of file:.* and .*Fixed of file:.*");
    }

    @Test
    void aProviderThatMeasuresAtOnceHasNothingToResume() {
        var provider = new Fixed("web");
        var query = new MetricProvider.Query(Json.Obj.EMPTY, new MetricProvider.Run("ns", "run", "uid"), "m", 1, NOW);
        var running = new Measurement.Running(NOW, Measurement.none());
        var deadline = Deadline.in(Duration.ofSeconds(5), NOW);
        assertThat(provider.resume(query, running, Secrets.NONE, deadline)).isInstanceOf(Measurement.Failed.class);
        assertThat(provider.terminate(query, running, Secrets.NONE, deadline)).isInstanceOf(Measurement.Failed.class);
        assertThat(provider.facts(query)).isEmpty();
        assertThat(provider.sweep(query, 10, deadline)).isEmpty();
    }

    @Test
    void aDeadlineThatHasPassedLeavesNothing() {
        var deadline = Deadline.in(Duration.ofSeconds(5), NOW);
        assertThat(deadline.left(NOW.plusSeconds(2))).isEqualTo(Duration.ofSeconds(3));
        assertThat(deadline.left(NOW.plusSeconds(9))).isZero();
        assertThat(deadline.atMost(Duration.ofSeconds(1), NOW)).isEqualTo(Duration.ofSeconds(1));
        assertThat(deadline.atMost(Duration.ofSeconds(30), NOW)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void anEmptyEnvironmentVariableCountsAsNotSet() {
        assertThat(setting().variable("EMPTY")).isEmpty();
        assertThat(setting().variable("ABSENT")).isEmpty();
    }
}
