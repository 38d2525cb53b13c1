package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.e2e.rights.Guard;
import dev.sluice.json.Json;
import dev.sluice.kube.SystemTime;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A scene that begins in mid-flight: what an Argo Rollouts controller has left is there, and then the production
/// controller starts. Every write of it is on record.
final class TakeOver implements AutoCloseable {
    /// A Rollout beside the one that the scene is about; what is written of it is of no interest.
    private static final String MARKER = "marker";

    private final Recorder recorder;
    private final Scene scene;
    private final Json before;
    private final Set<String> pods;
    private final List<String> sets;

    TakeOver(Cluster cluster, String namespace, Snapshot snapshot) throws IOException {
        recorder = new Recorder(new Guard(cluster.gateway(), Scene.RIGHTS, Guard.book()));
        var later = new Later(Scene.production(recorder, namespace));
        scene = Scene.on(cluster, namespace, later);
        snapshot.restore(scene.gateway(), namespace);
        before = scene.status();
        pods = pods();
        sets = sets();
        later.begin();
    }

    /// A controller that does not start with the scene.
    private static final class Later implements Scene.Controller, AutoCloseable {
        private final Scene.Controller controller;
        private Optional<SystemTime> time = Optional.empty();
        private Optional<AutoCloseable> running = Optional.empty();

        Later(Scene.Controller controller) {
            this.controller = controller;
        }

        @Override
        public AutoCloseable start(SystemTime its) {
            time = Optional.of(its);
            return this;
        }

        void begin() throws IOException {
            running = Optional.of(controller.start(time.orElseThrow()));
        }

        @Override
        public void close() throws Exception {
            if (running.isPresent()) running.get().close();
        }
    }

    Scene scene() {
        return scene;
    }

    /// The Rollout's status as it was found.
    Json before() {
        return before;
    }

    /// It has been looked at more than once, and whatever that led to is written: what the scene is about was seen, and
    /// seen again, before a younger Rollout that has come to rest by now.
    TakeOver looked() {
        scene.label("seen", "again").other(MARKER, ArgoRows.canary()).otherReaches(MARKER, "Healthy");
        return this;
    }

    /// What was written until now, oldest first.
    List<Recorder.Write> writes() {
        return recorder.writes().stream()
                .filter(write -> !write.ref().name().startsWith(MARKER))
                .toList();
    }

    /// The same in words, such as `patch rollouts/web:status`.
    List<String> written() {
        return writes().stream().map(Recorder.Write::what).toList();
    }

    /// The first write of which this is said, with this at this path of what was sent.
    Recorder.Write first(String what, Object value, String... path) {
        return writes().stream()
                .filter(write ->
                        write.what().equals(what) && write.body().at(path).equals(Json.of(value)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no such write among " + writes()));
    }

    /// Every pod and every ReplicaSet is the one that was found, and there is no other.
    TakeOver hasKeptAll() {
        assertThat(pods()).isEqualTo(pods);
        return hasKeptItsSets();
    }

    /// It has been looked at, has kept all, and nothing was written.
    TakeOver isLeftAlone() {
        looked().hasKeptAll();
        assertThat(written()).isEmpty();
        return this;
    }

    /// No pod that was found has been replaced, though others may have come.
    TakeOver hasKeptItsPods() {
        assertThat(pods()).containsAll(pods);
        return hasKeptItsSets();
    }

    TakeOver hasKeptItsSets() {
        assertThat(sets()).isEqualTo(sets);
        return this;
    }

    private Set<String> pods() {
        return notOfMarker(scene.podNames().stream()).collect(Collectors.toSet());
    }

    private List<String> sets() {
        return notOfMarker(scene.replicaSetNames().stream()).toList();
    }

    private static Stream<String> notOfMarker(Stream<String> names) {
        return names.filter(name -> !name.startsWith(MARKER));
    }

    @Override
    public void close() {
        scene.close();
    }
}
