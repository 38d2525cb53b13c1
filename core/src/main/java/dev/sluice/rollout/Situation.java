package dev.sluice.rollout;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// What a Rollout needs before its strategy has a say; the first that applies.
sealed interface Situation {
    /// There is no such Rollout, though Services carry its name.
    record Missing(Instant since) implements Situation {}

    /// It is being deleted: its owner references do the rest.
    record Leaving() implements Situation {}

    /// Its author has to act first.
    record Invalid(List<Problem> problems) implements Situation {}

    /// No ReplicaSet has the template that the spec asks for.
    record NewRevision(String hash) implements Situation {}

    /// An abort of nothing: the newest revision is the stable one, or there is no stable one left to go back to.
    record PointlessAbort() implements Situation {}

    /// `spec.replicas` is absent.
    record Undefaulted() implements Situation {}

    /// `spec.replicas` was changed since the newest or the stable ReplicaSet was scaled.
    record Resized() implements Situation {}

    /// The strategy goes on.
    record UnderWay() implements Situation {}

    static Situation of(Pass pass) {
        var seen = pass.seen;
        if (seen.missingSince().isPresent())
            return new Missing(seen.missingSince().get());
        if (seen.rollout().deleting()) return new Leaving();
        if (!seen.problems().isEmpty()) return new Invalid(seen.problems());
        if (seen.newest().isEmpty()) return new NewRevision(seen.podHash());
        if (seen.status().abort() && seen.fullyPromoted()) return new PointlessAbort();
        // One that is on record already stays: a failed analysis would abort anew at each pass.
        boolean fresh = seen.status().abort() && seen.status().abortedAt().isEmpty();
        if (fresh && seen.stableLost()) return new PointlessAbort();
        if (seen.rollout().spec().replicas().isEmpty()) return new Undefaulted();
        return resized(seen) ? new Resized() : new UnderWay();
    }

    static boolean resized(Observation seen) {
        // A stable ReplicaSet that is being deleted is scaled by nobody, and would stay different for ever.
        return Stream.concat(seen.newest().stream(), seen.wayBack().stream())
                .anyMatch(rs -> rs.replicas() > 0
                        && rs.desiredAtScale().filter(d -> d != seen.replicas()).isPresent());
    }
}
