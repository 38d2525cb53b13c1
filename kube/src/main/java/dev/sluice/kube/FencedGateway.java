package dev.sluice.kube;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import java.util.Optional;
import java.util.function.Consumer;

/// Lets writes through only while a term of leadership is held. Make one per term: what an earlier term has begun then
/// cannot write in a later one.
///
/// A refused write was not sent. Its code is 412, so that nobody takes it for a conflict and tries again.
public record FencedGateway(Gateway server, Fence fence) implements Gateway {
    /// The reason of the refusal.
    public static final String NOT_LEADER = "NotLeader";

    @Override
    public Reply send(Request request) {
        if (request.writes() && !fence.holds()) {
            return new Reply.Refused(
                    412,
                    NOT_LEADER,
                    request.verb() + " was not sent: term " + fence.term() + " of this controller's leadership is over",
                    Optional.empty());
        }
        return server.send(request);
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        return server.watch(selection, resourceVersion, listener);
    }
}
