package dev.sluice.rollout;

import java.util.Optional;
import java.util.OptionalInt;

/// What a strategy adds to pod templates beside what `spec.template` asks for. It makes no revision: neither the hash
/// nor the comparison of templates knows of it.
///
/// @param updating of the newest pods while an update is under way: `canaryMetadata`, `previewMetadata`
/// @param serving of the stable pods: `stableMetadata`, `activeMetadata`
/// @param antiAffinity of the newest pods against the stable ones while an update is under way
/// @see "Argo Rollouts spec B21, B22"
public record Additions(PodMetadata updating, PodMetadata serving, Optional<AntiAffinity> antiAffinity) {
    public static final Additions NONE = new Additions(PodMetadata.NONE, PodMetadata.NONE, Optional.empty());

    /// `antiAffinity`.
    ///
    /// @param weight of `preferredDuringSchedulingIgnoredDuringExecution`; absent where it is
    ///     `requiredDuringSchedulingIgnoredDuringExecution`
    public record AntiAffinity(OptionalInt weight) {}

    /// What the ReplicaSet of a revision has of it.
    ///
    /// @param metadata what is remembered to be ours, as far as the template has it
    /// @param apart the term in its template
    /// @param onPods whether all its pods are known to have this metadata, and no more what it had before
    public record Of(PodMetadata metadata, Optional<Apart> apart, boolean onPods) {
        public static final Of NOBODY = new Of(PodMetadata.NONE, Optional.empty(), true);
    }

    /// What a revision's pods shall have.
    ///
    /// @param newest hash of the revision that the spec asks for
    /// @param stable hash of the one last promoted, or the empty string
    PodMetadata metadata(String hash, String newest, String stable) {
        if (hash.equals(newest)) return updating(newest, stable) ? updating : serving;
        return hash.equals(stable) ? serving : PodMetadata.NONE;
    }

    /// What the newest revision's pods keep away from.
    Optional<Apart> apart(String newest, String stable) {
        return antiAffinity.filter(_ -> updating(newest, stable)).map(anti -> new Apart(stable, anti.weight()));
    }

    private static boolean updating(String newest, String stable) {
        return !stable.isEmpty() && !stable.equals(newest);
    }
}
