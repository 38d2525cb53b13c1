package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Server-side apply: merges what a manager says into an object, field by field, by who owns what.
public final class ServerSideApply {
    private ServerSideApply() {}

    /// What became of an apply.
    public sealed interface Outcome {}

    /// The merged object with its new `metadata.managedFields`, to be pruned, defaulted and validated like any
    /// other.
    public record Applied(Json.Obj object) implements Outcome {}

    /// Other managers own, with another value, what was applied; nothing was changed.
    public record Conflicted(List<Conflict> conflicts, String message) implements Outcome {}

    /// The applied object cannot be applied to anything.
    public record Refused(int code, String message) implements Outcome {}

    /// One field that another manager owns.
    ///
    /// @param field the path as kubectl shows it, such as `.spec.replicas`
    public record Conflict(String manager, String message, String field) {}

    /// `live` after `applied`.
    ///
    /// @param live empty when the object does not exist yet
    /// @param subresource `status`, `scale`, or empty
    /// @param force take ownership of what others own
    public static Outcome apply(
            KindSchema kind,
            Optional<Json.Obj> live,
            Json.Obj applied,
            String manager,
            String subresource,
            boolean force,
            Instant time) {
        return new Refused(501, "server-side apply is not there yet: " + kind.kind());
    }
}
