package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Much goes wrong at once, and the end is the same: one write in twenty is refused or unheard, watches are cut every
/// 15 s, and two controllers whose clocks are 40 s apart want to lead.
interface FaultRunContract {
    Cluster cluster();

    @Test
    default void aCanaryThroughEverything() throws IOException {
        var pause = Json.obj("pause", Json.Obj.EMPTY);
        var steps = List.of(Json.obj("setWeight", 25), pause, Json.obj("setWeight", 75), pause);
        var strategy = Scene.routed(steps).withAt(List.of("canary", "scaleDownDelaySeconds"), 1);
        Json.Obj calm;
        try (var scene = Scene.on(cluster(), "calm")) {
            play(scene, strategy);
            calm = scene.rests().outcome();
        }
        var writers = Collections.synchronizedList(new ArrayList<String>());
        var contenders = new ArrayList<Contender>();
        try (var scene = Scene.on(cluster(), "storm", _ -> {
                    contenders.add(new Contender(cluster(), "storm", "early", Duration.ofSeconds(-20), 1, writers));
                    contenders.add(new Contender(cluster(), "storm", "late", Duration.ofSeconds(20), 2, writers));
                    var cutter = Thread.ofVirtual().start(() -> cut(contenders));
                    return () -> {
                        cutter.interrupt();
                        contenders.forEach(Contender::close);
                    };
                });
                var reachable = new Reachable(scene.gateway(), "storm")) {
            play(scene, strategy);
            scene.comesTo(calm);
            assertThat(reachable.lost()).isEmpty();
            assertThat(reachable.looks()).isPositive();
            int terms = terms(scene);
            int changes = changes(writers);
            System.out.printf(
                    "fault run on the %s cluster: %d writes, %d spoilt, %d terms, the writer changed %d times%n",
                    cluster().name(),
                    writers.size(),
                    contenders.stream().mapToInt(Contender::spoilt).sum(),
                    terms,
                    changes);
            // Whoever writes leads: the writer cannot have changed more often than the leader.
            assertThat(changes).isLessThanOrEqualTo(terms);
            assertThat(contenders.stream().filter(Contender::leads).count()).isLessThanOrEqualTo(1);
        }
    }

    private static void play(Scene scene, Json.Obj strategy) {
        scene.route().withDataPlane().rollout(4, strategy);
        scene.weighs(100, 0).reaches("Healthy", "");
        scene.image("v2");
        scene.weighs(75, 25).reaches("Paused", "CanaryPauseStep");
        scene.status(Json.obj("pauseConditions", Json.Null.VALUE));
        scene.weighs(25, 75).reaches("Paused", "CanaryPauseStep");
        scene.status(Json.obj("abort", true));
        scene.weighs(100, 0).reaches("Degraded", "RolloutAborted");
        scene.status(Json.obj("abort", false));
        scene.weighs(75, 25).reaches("Paused", "CanaryPauseStep");
        scene.status(Json.obj("promoteFull", true));
        scene.selects("stable", "v2").weighs(100, 0);
        scene.pods("v1", 0).pods("v2", 4).reaches("Healthy", "");
    }

    private static void cut(List<Contender> contenders) {
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(Duration.ofSeconds(15).toNanos());
            contenders.forEach(Contender::cutWatches);
        }
    }

    /// How many terms of leadership there were.
    private static int terms(Scene scene) {
        var lease = ObjectRef.of(ResourceType.LEASES, "storm", "argo-rollouts-controller-lock");
        return 1
                + scene.gateway()
                        .send(new Request.Get(lease))
                        .answer()
                        .orElseThrow()
                        .at("spec", "leaseTransitions")
                        .integer(0);
    }

    private static int changes(List<String> writers) {
        int changes = 0;
        for (int i = 1; i < writers.size(); i++) {
            if (!writers.get(i).equals(writers.get(i - 1))) changes++;
        }
        return changes;
    }
}
