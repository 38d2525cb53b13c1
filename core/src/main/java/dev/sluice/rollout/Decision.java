package dev.sluice.rollout;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What to do, whole and as data: it prints, compares and serialises.
///
/// @param moves the writes, in order; the first that fails ends the pass
/// @param status the status after them, whole; written last, as the difference to the one that was read
/// @param statusEvents told once the status is written
/// @param wakeAt when to look again though nothing has happened
/// @param awaiting the guard that is not met, where the rollout waits for something
public record Decision(
        List<Move> moves,
        RolloutStatus status,
        List<Event> statusEvents,
        Optional<Instant> wakeAt,
        Optional<Because> awaiting) {
    public Decision {
        moves = List.copyOf(moves);
        statusEvents = List.copyOf(statusEvents);
    }

    /// One write with its reason.
    ///
    /// @param events told once it is done
    public record Move(Action action, Because because, List<Event> events) {
        public Move {
            events = List.copyOf(events);
        }
    }

    /// An Event of the API, on the Rollout.
    public record Event(boolean warning, String reason, String message) {
        public static Event normal(String reason, String message) {
            return new Event(false, reason, message);
        }

        public static Event warning(String reason, String message) {
            return new Event(true, reason, message);
        }
    }

    /// The actions alone.
    public List<Action> actions() {
        return moves.stream().map(Move::action).toList();
    }

    /// Whether carrying it out changes nothing.
    public boolean empty(RolloutStatus before) {
        return moves.isEmpty() && status.equals(before);
    }
}
