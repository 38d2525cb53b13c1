package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// A controller that dies after each single write, with the answer unheard, leads to the same end as one that lives:
/// nothing is lost, nothing is done twice, and on the way nobody is sent where no pod is.
interface CrashContract {
    Cluster cluster();

    @Test
    default void aCanaryByWeight() throws IOException {
        var pause = Json.obj("pause", Json.Obj.EMPTY);
        var strategy = Scene.routed(List.of(Json.obj("setWeight", 50), pause))
                .withAt(List.of("canary", "scaleDownDelaySeconds"), 1);
        endsAlike("canary", new String[0], scene -> {
            scene.route().withDataPlane().rollout(2, strategy);
            scene.reaches("Healthy", "");
            scene.image("v2");
            scene.weighs(50, 50).reaches("Paused", "CanaryPauseStep");
            scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
            scene.selects("stable", "v2").weighs(100, 0);
            scene.pods("v1", 0).pods("v2", 2).reaches("Healthy", "");
        });
    }

    @Test
    default void aCanaryWithoutARouter() throws IOException {
        var steps = List.of(Json.obj("setWeight", 50), Json.obj("pause", Json.Obj.EMPTY));
        endsAlike("ratio", new String[] {"web"}, scene -> {
            scene.service("web").rollout(2, Json.obj("canary", Json.obj("steps", steps)));
            scene.reaches("Healthy", "");
            scene.image("v2");
            scene.reaches("Paused", "CanaryPauseStep");
            scene.status(Json.obj("abort", true));
            scene.reaches("Degraded", "RolloutAborted").pods("v1", 2).pods("v2", 0);
            scene.status(Json.obj("abort", false));
            scene.reaches("Paused", "CanaryPauseStep");
            scene.status(Json.obj("promoteFull", true));
            scene.pods("v1", 0).pods("v2", 2).reaches("Healthy", "");
        });
    }

    @Test
    default void blueGreen() throws IOException {
        var strategy = Json.obj(
                "blueGreen", Json.obj("activeService", "web", "previewService", "preview", "scaleDownDelaySeconds", 1));
        endsAlike("bluegreen", new String[] {"web"}, scene -> {
            scene.service("web").service("preview").rollout(2, strategy);
            scene.reaches("Healthy", "").selects("web", "v1");
            scene.image("v2");
            scene.selects("web", "v2");
            scene.pods("v1", 0).pods("v2", 2).reaches("Healthy", "");
        });
    }

    private void endsAlike(String name, String[] entries, Consumer<Scene> story) throws IOException {
        Json.Obj lived;
        try (var scene = Scene.on(cluster(), name + "-lives")) {
            story.accept(scene);
            lived = scene.rests().outcome();
        }
        var mortal = new AtomicReference<MortalController>();
        var namespace = name + "-dies";
        try (var scene = Scene.on(cluster(), namespace, _ -> {
                    mortal.set(new MortalController(cluster(), namespace));
                    return mortal.get();
                });
                var reachable = new Reachable(scene.gateway(), namespace, entries)) {
            story.accept(scene);
            scene.comesTo(lived);
            assertThat(reachable.lost()).isEmpty();
            assertThat(reachable.looks()).isPositive();
            System.out.printf(
                    "crash test: %s on the %s cluster, killed after each of %d writes%n",
                    name, cluster().name(), mortal.get().deaths());
            assertThat(mortal.get().deaths()).isGreaterThan(10);
        }
    }
}
