package dev.sluice.kube.rollout;

import java.util.List;
import java.util.stream.Collectors;

/// What the author of a manifest should know, though it stands in the way of nothing.
///
/// @param text names the field, and what comes of it
public record Note(Kind kind, String text) {
    /// What it is about.
    public enum Kind {
        /// A field that nobody knows: most likely a slip. It is kept as it is.
        UNKNOWN_FIELD("UnknownField", true),
        /// A field of Argo's that this version does not act on.
        NOT_ACTED_ON("NotActedOn", false),
        /// Another's pods have the same labels.
        SHARED_LABELS("SharedLabels", true),
        /// Pods that run and will not, as fewer are asked for than are there.
        SCALING_DOWN("ScalingDown", true);

        private final String reason;
        private final boolean told;

        Kind(String reason, boolean told) {
            this.reason = reason;
            this.told = told;
        }

        /// Reason of the Event.
        public String reason() {
            return reason;
        }

        /// Whether an Event tells of it; the others are shown to whoever looks.
        boolean told() {
            return told;
        }
    }

    /// All of one kind in one Event, whose message has a limit of its own.
    static String message(List<Note> notes) {
        return notes.stream().map(Note::text).collect(Collectors.joining("; "));
    }
}
