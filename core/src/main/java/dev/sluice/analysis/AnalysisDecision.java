package dev.sluice.analysis;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What to do about one run, whole and as data.
///
/// @param moves in order; those that ask providers may run side by side
/// @param status the new status, whole; written as the difference to the one that was read
/// @param events told once the status is written
/// @param wakeAt when to look again though nothing has happened
public record AnalysisDecision(
        List<Move> moves, AnalysisRunStatus status, List<Event> events, Optional<Instant> wakeAt) {
    public AnalysisDecision {
        moves = List.copyOf(moves);
        events = List.copyOf(events);
    }

    /// One action with its reason.
    ///
    /// @param code a stable word to group and to test by
    /// @param because in words an operator is shown
    public record Move(AnalysisAction action, String code, String because) {}

    /// An Event of the API, on the AnalysisRun.
    public record Event(boolean warning, String reason, String message) {}

    public List<AnalysisAction> actions() {
        return moves.stream().map(Move::action).toList();
    }

    /// Whether carrying it out changes nothing.
    public boolean empty(AnalysisRunStatus before) {
        return moves.isEmpty() && status.equals(before);
    }
}
