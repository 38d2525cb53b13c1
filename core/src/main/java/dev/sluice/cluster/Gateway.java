package dev.sluice.cluster;

import java.util.function.Consumer;

/// One API server. Everything that Sluice reads or writes in a cluster passes through here.
///
/// An implementation bounds every call in time and never throws for what the world does: see [Reply].
public interface Gateway {
    /// Sends one request and waits for the reply.
    Reply send(Request request);

    /// Sends a request that needs leave, which is asked for at the last moment: after whatever holds the
    /// request back. An implementation that makes requests wait, or that waits for a reply no longer than the
    /// leave is for, has a method of its own for it.
    default Reply send(Request request, Leave leave) {
        return switch (leave.ask()) {
            case Leave.Given _ -> send(request);
            case Leave.Denied(var why) -> why;
        };
    }

    /// Follows a selection from a resource version on (the one of a list). Events arrive one at a time, in order; the
    /// last is a [WatchEvent.Closed], also after [Watch#close].
    Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener);

    /// A watch under way.
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
