package dev.sluice.e2e.rollout;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Leave;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// A way to a cluster on which every write that may have changed it is on record.
final class Recorder implements Gateway {
    private final Gateway server;
    private final List<Write> writes = new CopyOnWriteArrayList<>();

    Recorder(Gateway server) {
        this.server = server;
    }

    /// @param at when it was sent
    record Write(Instant at, Request request) {
        ObjectRef ref() {
            return switch (request) {
                case Request.Get(var ref) -> ref;
                case Request.List(var selection) -> throw new IllegalStateException("no write: " + selection);
                case Request.Create create -> create.ref();
                case Request.Patch patch -> patch.ref();
                case Request.Replace replace -> replace.ref();
                case Request.Delete delete -> delete.ref();
            };
        }

        /// What was sent; nothing where it was a deletion.
        Json body() {
            return switch (request) {
                case Request.Get _, Request.List _, Request.Delete _ -> Json.Obj.EMPTY;
                case Request.Create create -> create.body();
                case Request.Patch patch -> patch.body();
                case Request.Replace replace -> replace.body();
            };
        }

        /// `patch rollouts/web:status`; of an Event, `tell RolloutPaused`.
        String what() {
            if (ref().type().equals(ResourceType.EVENTS)) {
                return "tell " + body().at("reason").string("");
            }
            var part = ref().subresource().isEmpty() ? "" : ":" + ref().subresource();
            return request.verb() + " " + ref().type().plural() + "/" + ref().name() + part;
        }

        @Override
        public String toString() {
            return at + " " + what() + " " + body();
        }
    }

    /// All so far, oldest first.
    List<Write> writes() {
        return List.copyOf(writes);
    }

    /// What was refused has changed nothing: it was decided on a version that was not the newest any more.
    private Reply noted(Instant at, Request request, Reply reply) {
        if (request.writes() && !(reply instanceof Reply.Refused)) writes.add(new Write(at, request));
        return reply;
    }

    @Override
    public Reply send(Request request) {
        return noted(Instant.now(), request, server.send(request));
    }

    @Override
    public Reply send(Request request, Leave leave) {
        return noted(Instant.now(), request, server.send(request, leave));
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        return server.watch(selection, resourceVersion, listener);
    }
}
