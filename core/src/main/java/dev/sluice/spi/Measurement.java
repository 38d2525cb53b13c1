package dev.sluice.spi;

import dev.sluice.json.Json;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// What came of measuring. A provider brings values; whether they are good is decided by the conditions, in the core.
///
/// @see "argoproj.io/v1alpha1: AnalysisRun status.metricResults[].measurements[]"
public sealed interface Measurement {
    /// Facts for the measurement's `metadata`, such as the name of a job; never a secret.
    SequencedMap<String, String> metadata();

    /// A value to judge.
    ///
    /// @param value what conditions see as `result`; numbers may be NaN or infinite, `null` is "no data"
    /// @param text the value as it is recorded
    record Value(Json value, String text, SequencedMap<String, String> metadata) implements Measurement {
        public Value {
            metadata = copy(metadata);
        }

        public Value(Json value, String text) {
            this(value, text, none());
        }
    }

    /// A verdict that the provider's system reached by itself; conditions do not apply.
    record Verdict(Outcome outcome, String message, SequencedMap<String, String> metadata) implements Measurement {
        public Verdict {
            metadata = copy(metadata);
        }
    }

    enum Outcome {
        SUCCESSFUL,
        FAILED,
        INCONCLUSIVE
    }

    /// Not done yet: ask again with [MetricProvider#resume] at `resumeAt`, or earlier when something is heard.
    ///
    /// @param metadata what `resume` needs to find it again; it survives a restart of the controller
    record Running(Instant resumeAt, SequencedMap<String, String> metadata) implements Measurement {
        public Running {
            metadata = copy(metadata);
        }
    }

    /// No value was got: the system is away, the query is wrong, the answer is malformed. The measurement's phase is
    /// `Error`, and the next one is taken as the metric's limits allow.
    ///
    /// @param message what, where, what was expected; free of secrets
    record Failed(String message, SequencedMap<String, String> metadata) implements Measurement {
        public Failed {
            metadata = copy(metadata);
        }

        public Failed(String message) {
            this(message, none());
        }
    }

    /// No facts.
    static SequencedMap<String, String> none() {
        return Collections.unmodifiableSequencedMap(new LinkedHashMap<>());
    }

    private static SequencedMap<String, String> copy(Map<String, String> metadata) {
        return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
    }
}
