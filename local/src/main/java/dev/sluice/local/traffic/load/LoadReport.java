package dev.sluice.local.traffic.load;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The account of all requests up to an instant. Two of them give the account of the time between.
///
/// @param requests answered or failed; those under way are in none
/// @param failed no answer, or a status of 500 and above
/// @param versions by the version that answered; empty for none
/// @param reasons of failure: `refused`, `unreachable`, `reset`, `timeout`, `malformed`, `http-503`, …
/// @param firstFailures the first few, in full
/// @param behind the most that an open loop was late with a request
public record LoadReport(
        Instant from,
        Instant to,
        long requests,
        long failed,
        SortedMap<String, Version> versions,
        SortedMap<String, Long> reasons,
        List<FailedRequest> firstFailures,
        Latencies latencies,
        Duration behind) {

    public LoadReport {
        versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
        reasons = Collections.unmodifiableSortedMap(new TreeMap<>(reasons));
        firstFailures = List.copyOf(firstFailures);
    }

    /// What one version answered.
    ///
    /// @param statuses count by HTTP status, 0 for no answer
    /// @param first when the first request that it answered was made
    /// @param last when the last was
    public record Version(
            long requests,
            long failed,
            SortedMap<Integer, Long> statuses,
            Instant first,
            Instant last,
            Optional<Instant> firstFailure,
            Optional<Instant> lastFailure,
            Latencies latencies) {
        public Version {
            statuses = Collections.unmodifiableSortedMap(new TreeMap<>(statuses));
        }

        private Version minus(Version earlier) {
            var rest = new TreeMap<>(statuses);
            earlier.statuses.forEach((status, count) -> rest.merge(status, -count, Long::sum));
            rest.values().removeIf(count -> count == 0);
            return new Version(
                    requests - earlier.requests,
                    failed - earlier.failed,
                    rest,
                    first,
                    last,
                    firstFailure,
                    lastFailure,
                    latencies.minus(earlier.latencies));
        }
    }

    /// One request that failed.
    ///
    /// @param number counted from 0, in the order of being made
    /// @param status 0 for no answer
    public record FailedRequest(long number, Instant at, String version, int status, String reason, String why) {}

    public long requests(String version) {
        var one = versions.get(version);
        return one == null ? 0 : one.requests;
    }

    /// The share of the requests that a version answered, 0 … 1; failures without an answer count in the whole.
    public double share(String version) {
        return requests == 0 ? 0 : (double) requests(version) / requests;
    }

    /// Requests per second over the whole time.
    public double rate() {
        double seconds = Duration.between(from, to).toNanos() / 1e9;
        return seconds <= 0 ? 0 : requests / seconds;
    }

    /// The account of what came after an earlier one of the same generator. Instants of versions, first
    /// failures and lateness stay those of the whole time.
    public LoadReport since(LoadReport earlier) {
        var rest = new TreeMap<String, Version>();
        versions.forEach((name, version) -> {
            var before = earlier.versions.get(name);
            var after = before == null ? version : version.minus(before);
            if (after.requests > 0) rest.put(name, after);
        });
        var left = new TreeMap<>(reasons);
        earlier.reasons.forEach((reason, count) -> left.merge(reason, -count, Long::sum));
        left.values().removeIf(count -> count == 0);
        return new LoadReport(
                earlier.to,
                to,
                requests - earlier.requests,
                failed - earlier.failed,
                rest,
                left,
                firstFailures,
                latencies.minus(earlier.latencies),
                behind);
    }
}
