package dev.sluice.explain;

import java.util.List;
import java.util.Optional;

/// Where a request goes, and all that keeps it from the new version.
///
/// @param newest how people call the version that traffic should reach
/// @param asked per cent; absent where nobody asked for a share
/// @param reach per cent of the requests that can reach the new version, by what was seen
/// @param hops in the order of the way
/// @param findings every cause, in the order of the way
public record TrafficExplanation(
        String subject, String newest, Optional<Double> asked, double reach, List<Hop> hops, List<Finding> findings) {
    public TrafficExplanation {
        hops = List.copyOf(hops);
        findings = List.copyOf(findings);
    }

    public static TrafficExplanation of(TrafficObservation seen) {
        return new Walk(seen).explain();
    }

    /// Whether anything but notes was found.
    public boolean faulty() {
        return findings.stream().anyMatch(finding -> finding.level() != Level.NOTE);
    }
}
