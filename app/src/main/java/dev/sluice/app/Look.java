package dev.sluice.app;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import java.util.Optional;

/// Whether a kind that a cluster need not have can be looked at. An API server asks whether one may before it looks
/// whether there is such a kind, so a refusal may mean either.
public sealed interface Look {
    /// It is there.
    record Given() implements Look {}

    /// The cluster does not serve it.
    record Absent() implements Look {}

    /// This account may not read it, if it is there at all.
    record Forbidden(String message) implements Look {}

    /// No answer that says: it may be there, and whoever goes on asking learns of it.
    record Unclear() implements Look {}

    /// @param namespace the one to look into, or all
    static Look at(Gateway gateway, ResourceType kind, Optional<String> namespace) {
        var selection = new Selection(kind, kind.namespaced() ? namespace : Optional.empty(), "");
        return switch (gateway.send(new Request.List(selection))) {
            case Reply.Done _ -> new Given();
            case Reply.Refused refused when refused.notFound() -> new Absent();
            case Reply.Refused refused when refused.code() == 403 -> new Forbidden(refused.message());
            case Reply.Refused _, Reply.Lost _ -> new Unclear();
        };
    }
}
