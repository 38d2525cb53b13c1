package dev.sluice.local.workload;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The cluster as a controller sees it: one cache per kind, writes with preconditions, a clock, a seed.
///
/// Every write tells the cache what came of it, so the next look is at least as new as the last write.
final class World implements AutoCloseable {
    private final Gateway gateway;
    private final Time time;
    private final Seed seed;
    private final Map<String, Cache> caches = new TreeMap<>();
    private long lastTick;
    private boolean started;
    private boolean closed;

    World(Gateway gateway, Time time, Seed seed) {
        this.gateway = gateway;
        this.time = time;
        this.seed = seed;
    }

    Time time() {
        return time;
    }

    Instant now() {
        return time.now();
    }

    Seed seed() {
        return seed;
    }

    /// Nanoseconds since 1970, each value once: what is named by it is listed in the order in which it happened, also
    /// within one second.
    synchronized long tick() {
        var now = time.now();
        lastTick = Math.max(lastTick + 1, now.getEpochSecond() * 1_000_000_000L + now.getNano());
        return lastTick;
    }

    /// The cache of a kind, shared by all who ask.
    synchronized Cache cache(ResourceType type) {
        var cache = caches.get(type.toString());
        if (cache != null) return cache;
        var fresh = new Cache(gateway, time, type, this);
        caches.put(type.toString(), fresh);
        if (started && !closed) fresh.start();
        return fresh;
    }

    synchronized void start() {
        started = true;
        caches.values().forEach(Cache::start);
    }

    /// Whether the caches of all kinds asked for have been filled once.
    synchronized boolean synced() {
        return caches.values().stream().allMatch(Cache::synced);
    }

    Reply get(ObjectRef ref) {
        return gateway.send(new Request.Get(ref));
    }

    Reply create(ResourceType type, Json.Obj object) {
        var reply = gateway.send(new Request.Create(ObjectRef.of(type, object), object));
        reply.answer().ifPresent(answer -> learn(type, answer));
        return reply;
    }

    /// Creates what hangs on an object, such as a `binding`; the answer is a `Status`.
    Reply post(ObjectRef ref, Json.Obj body) {
        return gateway.send(new Request.Create(ref, body));
    }

    /// Makes an object that was seen the one that is wanted; refused with 409 if it has changed since.
    Reply update(ResourceType type, Json.Obj seen, Json.Obj wanted) {
        return patch(type, ObjectRef.of(type, seen), seen, wanted);
    }

    /// The same for `status`.
    Reply updateStatus(ResourceType type, Json.Obj seen, Json status) {
        return patch(type, ObjectRef.of(type, seen).sub("status"), seen, seen.with("status", status));
    }

    /// Annotations written as part of the status, which does not count as a change of what is wanted.
    Reply updateAnnotations(ResourceType type, Json.Obj seen, Json.Obj wanted) {
        return patch(type, ObjectRef.of(type, seen).sub("status"), seen, wanted);
    }

    private Reply patch(ResourceType type, ObjectRef ref, Json.Obj seen, Json.Obj wanted) {
        var patch = MergePatch.diff(seen, wanted);
        if (patch.isEmpty()) return new Reply.Done(seen);
        patch = patch.withAt(List.of("metadata", "resourceVersion"), seen.at("metadata", "resourceVersion"));
        var reply = gateway.send(new Request.Patch(ref, PatchType.MERGE, patch));
        reply.answer().filter(answer -> !Meta.uid(answer).isEmpty()).ifPresent(answer -> {
            // What was the last finalizer of an object on its way out: the answer is its last state.
            if (Meta.deleting(answer)
                    && Meta.finalizers(answer).isEmpty()
                    && !Meta.finalizers(seen).isEmpty()) return;
            learn(type, answer);
        });
        return reply;
    }

    /// Deletes this incarnation of an object.
    ///
    /// @param propagation `Background`, `Foreground`, `Orphan`
    Reply delete(ResourceType type, Json.Obj seen, String propagation) {
        return delete(type, seen, propagation, Optional.empty());
    }

    Reply delete(ResourceType type, Json.Obj seen, String propagation, Optional<Duration> grace) {
        var reply = gateway.send(new Request.Delete(
                ObjectRef.of(type, seen), Optional.of(Meta.uid(seen)), Optional.empty(), propagation, grace));
        // A pod that is given time is answered as it is now; whether anything else is still there, the watch tells.
        reply.answer()
                .filter(answer -> type.equals(ResourceType.PODS))
                .filter(answer -> Meta.uid(answer).equals(Meta.uid(seen)) && Meta.deleting(answer))
                .filter(answer ->
                        answer.at("metadata", "deletionGracePeriodSeconds").integer(0) > 0)
                .ifPresent(answer -> learn(type, answer));
        return reply;
    }

    private void learn(ResourceType type, Json.Obj answer) {
        Optional<Cache> cache;
        synchronized (this) {
            cache = Optional.ofNullable(caches.get(type.toString()));
        }
        cache.ifPresent(known -> known.learn(answer));
    }

    @Override
    public void close() {
        List<Cache> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(caches.values());
        }
        all.forEach(Cache::close);
    }
}
