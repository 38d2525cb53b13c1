package dev.sluice.kube;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Leave;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import java.util.Optional;
import java.util.function.Consumer;

/// Lets writes through only while a term of leadership is held. Make one per term: what an earlier term has begun then
/// cannot write in a later one.
///
/// The fence is asked when the write is about to leave, after the rate limit, and a write that is under way when
/// another may lead is given up: see [Fence#left].
///
/// A refused write was not sent. Its code is 412, so that nobody takes it for a conflict and tries again.
public record FencedGateway(Gateway server, Fence fence) implements Gateway {
    /// The reason of the refusal.
    public static final String NOT_LEADER = "NotLeader";

    @Override
    public Reply send(Request request) {
        if (!request.writes()) return server.send(request);
        // What has no leave now need not wait to be told so.
        if (!fence.holds()) return refused(request);
        return server.send(
                request,
                () -> fence.left()
                        .<Leave.Answer>map(Leave.Given::new)
                        .orElseGet(() -> new Leave.Denied(refused(request))));
    }

    private Reply.Refused refused(Request request) {
        return new Reply.Refused(
                412,
                NOT_LEADER,
                request.verb() + " was not sent: term " + fence.term() + " of this controller's leadership is over",
                Optional.empty());
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        return server.watch(selection, resourceVersion, listener);
    }
}
