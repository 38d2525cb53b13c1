package dev.sluice.analysis;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A metric's measurements so far and what they add up to.
///
/// @param measurements the newest ones, oldest first
/// @param count measurements that count: successful, failed and inconclusive ones
/// @param metadata facts of the query, such as the one with arguments filled in
/// @param unknown fields that we do not know and keep
/// @see "argoproj.io/v1alpha1: AnalysisRun status.metricResults[]"
public record MetricResult(
        String name,
        AnalysisPhase phase,
        List<Measured> measurements,
        String message,
        int count,
        int successful,
        int failed,
        int inconclusive,
        int error,
        int consecutiveError,
        int consecutiveSuccess,
        boolean dryRun,
        SequencedMap<String, String> metadata,
        Json.Obj unknown) {
    public MetricResult {
        measurements = List.copyOf(measurements);
        metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
    }

    /// A metric about to get its first measurement.
    static MetricResult first(String name, boolean dryRun, SequencedMap<String, String> metadata) {
        return new MetricResult(
                name, AnalysisPhase.RUNNING, List.of(), "", 0, 0, 0, 0, 0, 0, 0, dryRun, metadata, Json.Obj.EMPTY);
    }

    public Optional<Measured> last() {
        return measurements.isEmpty() ? Optional.empty() : Optional.of(measurements.getLast());
    }

    /// The number of the measurement after those that have ended, from 1. It names a job, so it must not repeat.
    public int nextOrdinal() {
        return count + error + 1;
    }

    /// With one measurement more, or with the one in flight replaced by what became of it.
    MetricResult with(Measured measured) {
        var all = new ArrayList<>(measurements);
        if (last().filter(Measured::inFlight).isPresent()) all.removeLast();
        all.add(measured);
        var phase = measured.phase();
        if (!phase.completed()) return with(all);
        boolean good = phase == AnalysisPhase.SUCCESSFUL;
        boolean broken = phase == AnalysisPhase.ERROR;
        return new MetricResult(
                name,
                this.phase,
                all,
                message,
                broken ? count : count + 1,
                good ? successful + 1 : successful,
                phase == AnalysisPhase.FAILED ? failed + 1 : failed,
                phase == AnalysisPhase.INCONCLUSIVE ? inconclusive + 1 : inconclusive,
                broken ? error + 1 : error,
                broken ? consecutiveError + 1 : 0,
                good ? consecutiveSuccess + 1 : 0,
                dryRun,
                metadata,
                unknown);
    }

    private MetricResult with(List<Measured> all) {
        return new MetricResult(
                name,
                phase,
                all,
                message,
                count,
                successful,
                failed,
                inconclusive,
                error,
                consecutiveError,
                consecutiveSuccess,
                dryRun,
                metadata,
                unknown);
    }

    /// The newest `limit` measurements; what they added up to stays.
    MetricResult trimmed(int limit) {
        int size = measurements.size();
        return size <= limit ? this : with(measurements.subList(size - limit, size));
    }

    MetricResult assessed(AnalysisPhase verdict, String words) {
        return new MetricResult(
                name,
                verdict,
                measurements,
                words,
                count,
                successful,
                failed,
                inconclusive,
                error,
                consecutiveError,
                consecutiveSuccess,
                dryRun,
                metadata,
                unknown);
    }
}
