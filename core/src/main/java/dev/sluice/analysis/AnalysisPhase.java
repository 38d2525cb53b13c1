package dev.sluice.analysis;

import java.util.Optional;

/// The phases of an AnalysisRun, of a metric in it and of a measurement (API field `status.phase`).
public enum AnalysisPhase {
    PENDING("Pending"),
    RUNNING("Running"),
    SUCCESSFUL("Successful"),
    FAILED("Failed"),
    ERROR("Error"),
    INCONCLUSIVE("Inconclusive");

    private final String text;

    AnalysisPhase(String text) {
        this.text = text;
    }

    /// Whether nothing more will be measured.
    public boolean completed() {
        return switch (this) {
            case PENDING, RUNNING -> false;
            case SUCCESSFUL, FAILED, ERROR, INCONCLUSIVE -> true;
        };
    }

    /// Whether a release that is judged so goes back: it failed, or could not be measured.
    public boolean bad() {
        return switch (this) {
            case FAILED, ERROR -> true;
            case PENDING, RUNNING, SUCCESSFUL, INCONCLUSIVE -> false;
        };
    }

    /// The phase of a wire text; empty for the empty string and for anything unknown.
    public static Optional<AnalysisPhase> of(String text) {
        for (var phase : values()) {
            if (phase.text.equals(text)) return Optional.of(phase);
        }
        return Optional.empty();
    }

    /// The wire text, such as `Successful`.
    @Override
    public String toString() {
        return text;
    }
}
