package dev.sluice.kube.analysis;

import dev.sluice.analysis.AnalysisRun;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.json.MergePatch;
import dev.sluice.kube.FakeCluster;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// AnalysisRuns that any thread may patch, and watches that never say anything: what the caches know they have read
/// or written themselves.
final class StillCluster implements Gateway {
    private final Map<ObjectRef, Json.Obj> runs = new TreeMap<>();
    private long revision = 100;
    private Runnable changed = () -> {};

    synchronized void put(String name, String spec) {
        var run = FakeCluster.object(ResourceType.ANALYSIS_RUNS, Lab.NS, name)
                .with("spec", Json.parse(spec.replace('\'', '"')))
                .withAt(List.of("metadata", "uid"), "uid-" + name);
        runs.put(Lab.ref(name), stamped(run));
    }

    private Json.Obj stamped(Json.Obj run) {
        return run.withAt(List.of("metadata", "resourceVersion"), Long.toString(++revision));
    }

    private String phase(String name) {
        return AnalysisRun.of(runs.getOrDefault(Lab.ref(name), Json.Obj.EMPTY))
                .status()
                .phase()
                .map(Object::toString)
                .orElse("");
    }

    /// Tells once a run is in a phase; at once where it is.
    synchronized void whenPhase(String name, String phase, Runnable told) {
        changed = () -> {
            if (phase(name).equals(phase)) told.run();
        };
        changed.run();
    }

    @Override
    public synchronized Reply send(Request request) {
        return switch (request) {
            case Request.List _ ->
                new Reply.Done(Json.obj(
                        "metadata",
                        Json.obj("resourceVersion", Long.toString(revision)),
                        "items",
                        List.copyOf(runs.values())));
            case Request.Patch(var ref, var _, var body) -> {
                var now = stamped(MergePatch.apply(runs.getOrDefault(ref, Json.Obj.EMPTY), body)
                        .obj());
                runs.put(ref, now);
                changed.run();
                yield new Reply.Done(now);
            }
            case Request.Get _, Request.Create _, Request.Replace _, Request.Delete _ ->
                new Reply.Refused(405, "MethodNotAllowed", "not here", Optional.empty());
        };
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        return () -> listener.accept(new WatchEvent.Closed(false, "closed by us"));
    }
}
