package dev.sluice.analysis;

/// One thing to do for a run, as a value. Those that ask a provider come back as an [AnalysisObservation.Answer].
public sealed interface AnalysisAction {
    /// Asks the provider for a new measurement.
    record Measure(Question question) implements AnalysisAction {}

    /// Asks the provider to look after a measurement that it is still at.
    record Resume(Question question, Measured inFlight) implements AnalysisAction {}

    /// Asks the provider to end a measurement that it is still at, because the run is over.
    record Terminate(Question question, Measured inFlight) implements AnalysisAction {}

    /// Lets the provider remove what measurements older than the newest `keep` have left behind.
    record Sweep(Question question, int keep) implements AnalysisAction {}

    /// Removes the run, whose time to live is over.
    record Delete(AnalysisRun run) implements AnalysisAction {}
}
