package dev.sluice.rollout;

import java.util.Optional;

/// `spec.workloadRef`: the workload that the template, and where the Rollout has none the selector, come from.
///
/// @param kind `Deployment`, `ReplicaSet` or `PodTemplate`
/// @see "Argo Rollouts spec A1, B23"
public record WorkloadRef(String kind, String name, ScaleDown scaleDown) {
    /// What becomes of the pods that the workload has of its own.
    public enum ScaleDown {
        /// They are left alone.
        NEVER("never"),
        /// They go once the first revision is promoted and healthy.
        ON_SUCCESS("onsuccess"),
        /// They go one by one as pods of the first revision become ready.
        PROGRESSIVELY("progressively");

        private final String text;

        ScaleDown(String text) {
            this.text = text;
        }

        public static Optional<ScaleDown> of(String text) {
            for (var mode : values()) {
                if (mode.text.equals(text)) return Optional.of(mode);
            }
            return Optional.empty();
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /// As messages name it.
    @Override
    public String toString() {
        return kind + " " + name;
    }
}
