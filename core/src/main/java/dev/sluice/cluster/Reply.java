package dev.sluice.cluster;

import dev.sluice.json.Json;
import java.time.Duration;
import java.util.Optional;

/// What came back of a [Request]. Failures of the world are values here, never exceptions.
public sealed interface Reply {
    /// It was done; `object` is the object, the list or the `Status` that the server sent.
    record Done(Json.Obj object) implements Reply {}

    /// The server said no: it was *not* done.
    ///
    /// @param code HTTP status
    /// @param reason the machine-readable reason of the `Status`, such as `Conflict`
    /// @param retryAfter the server's own advice
    record Refused(int code, String reason, String message, Optional<Duration> retryAfter) implements Reply {
        public boolean conflict() {
            return code == 409 && !reason.equals("AlreadyExists");
        }

        public boolean alreadyExists() {
            return code == 409 && reason.equals("AlreadyExists");
        }

        public boolean notFound() {
            return code == 404;
        }
    }

    /// No answer: it may or may not have been done.
    ///
    /// @param why in a sentence, for people; programs ask for the `loss`
    record Lost(Loss loss, String why) implements Reply {
        public Lost(String why) {
            this(Loss.OTHER, why);
        }
    }

    /// The object, where it was done.
    default Optional<Json.Obj> answer() {
        return this instanceof Done(var object) ? Optional.of(object) : Optional.empty();
    }
}
