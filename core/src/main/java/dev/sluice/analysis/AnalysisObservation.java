package dev.sluice.analysis;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Everything a decision about one run may look at.
///
/// @param run as it is now, also with what we wrote ourselves
/// @param answers of providers that are not in the status yet; they stay until the status is written
/// @param underway the metrics whose provider was asked and has not answered
public record AnalysisObservation(AnalysisRun run, List<Answer> answers, List<String> underway, Instant now) {
    public AnalysisObservation {
        answers = List.copyOf(answers);
        underway = List.copyOf(underway);
    }

    /// What came of carrying out an [AnalysisAction].
    public sealed interface Answer {
        String metric();

        /// A measurement was taken, looked after or ended.
        ///
        /// @param ordinal of the question; an answer that is already in the status is known by it
        /// @param measured free of secrets
        /// @param facts of the query, for the metric's `metadata`; free of secrets
        record Taken(String metric, int ordinal, Measured measured, SequencedMap<String, String> facts)
                implements Answer {
            public Taken {
                facts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(facts));
            }
        }

        /// A secret that an argument names could not be read: the run cannot go on.
        ///
        /// @param message such as `key 'token' does not exist in secret 'prometheus'`
        record NoSecret(String metric, String message) implements Answer {}
    }
}
