package dev.sluice.providers;

import dev.sluice.json.Json;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.MetricProvider.Query;
import dev.sluice.spi.MetricProvider.Run;
import dev.sluice.spi.Secrets;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What a test needs to ask a provider.
public final class Asking {
    public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    public static final Run RUN = new Run("shop", "web-7-2", "0a1b2c3d-0000-4000-8000-000000000001");

    /// Real time, because real sockets wait by it.
    public static final Time CLOCK = new Time() {
        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public Timer at(Instant when, Runnable task) {
            throw new UnsupportedOperationException("providers set no timers");
        }
    };

    private Asking() {}

    public static Query query(Json spec) {
        return new Query(spec, RUN, "success-rate", 1, NOW);
    }

    /// Long enough for any answer on the loopback.
    public static Deadline patient() {
        return Deadline.in(Duration.ofSeconds(30), CLOCK.now());
    }

    /// Soon over.
    public static Deadline hasty() {
        return Deadline.in(Duration.ofMillis(300), CLOCK.now());
    }

    /// Hides one word.
    public static Secrets hiding(String word) {
        return new Secrets() {
            @Override
            public Optional<String> read(String namespace, String name, String key) {
                return Optional.empty();
            }

            @Override
            public String redacted(String text) {
                return text.replace(word, "*****");
            }
        };
    }
}
