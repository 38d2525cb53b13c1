package dev.sluice.kube;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Read your own writes, in one place: what the server answers goes into the caches before the caller sees it.
///
/// Answers about an object or its `status` are objects and are learned; those of other subresources (`scale`,
/// `eviction`) are of other kinds and are not. A deletion answered by a `Status` has removed the object; one answered
/// by the object has only marked it.
///
/// @see "Kubernetes API conventions, the answer to DELETE"
///
/// @param caches those there are at the moment
public record LearningGateway(Gateway server, Supplier<List<ObjectCache>> caches) implements Gateway {
    public LearningGateway(Gateway server, List<ObjectCache> caches) {
        this(server, supplying(List.copyOf(caches)));
    }

    private static Supplier<List<ObjectCache>> supplying(List<ObjectCache> caches) {
        return () -> caches;
    }

    @Override
    public Reply send(Request request) {
        var reply = server.send(request);
        if (reply instanceof Reply.Done(var answer)) {
            switch (request) {
                case Request.Get(var ref) -> learn(ref, answer);
                case Request.Create(var ref, var _) -> learn(ref, answer);
                case Request.Patch(var ref, var _, var _) -> learn(ref, answer);
                case Request.Replace(var ref, var _) -> learn(ref, answer);
                case Request.Delete delete -> {
                    if (answer.at("kind").string("").equals("Status")) {
                        var gone =
                                answer.at("details", "uid").string(delete.uid().orElse(""));
                        for (var cache : caches.get()) cache.learnGone(delete.ref(), gone);
                    } else {
                        learn(delete.ref(), answer);
                    }
                }
                case Request.List _ -> {}
            }
        }
        return reply;
    }

    private void learn(ObjectRef ref, Json.Obj answer) {
        if (!ref.subresource().isEmpty() && !ref.subresource().equals("status")) return;
        for (var cache : caches.get()) {
            if (cache.selection().type().equals(ref.type())) cache.learn(answer);
        }
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        return server.watch(selection, resourceVersion, listener);
    }
}
