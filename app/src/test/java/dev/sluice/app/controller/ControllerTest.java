package dev.sluice.app.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.Clusters;
import dev.sluice.app.Main;
import dev.sluice.app.Terminal;
import dev.sluice.app.World;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.Fence;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.client.CallCounts;
import dev.sluice.local.LocalCluster;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The wired controller on the embedded cluster, told what to do by the commands.
@Timeout(120)
class ControllerTest {
    private final SystemTime time = new SystemTime();
    private final LocalCluster cluster = LocalCluster.builder(time).seed(7).start();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Wiring wiring;

    @BeforeEach
    void aControllerAtWork() {
        Definitions.apply(cluster.gateway("admin"));
        wiring = Wiring.start(cluster.gateway("sluice"), time, Wiring.Settings.standard(), Fence.open(time));
        create(ResourceType.ROLLOUTS, Json.parse("""
                {"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"web","namespace":"default"},
                 "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},
                   "template":{"metadata":{"labels":{"app":"web"}},
                               "spec":{"containers":[{"name":"app","image":"demo:v1"}]}},
                   "strategy":{"canary":{"steps":[{"setWeight":34},{"pause":{}},{"setWeight":67}]}}}}
                """).obj());
    }

    @AfterEach
    void end() {
        wiring.close();
        cluster.close();
        time.close();
    }

    private void create(ResourceType type, Json.Obj object) {
        var reply = cluster.gateway("anna").send(new Request.Create(ObjectRef.of(type, object), object));
        assertThat(reply).isInstanceOf(Reply.Done.class);
    }

    private int run(String... words) {
        out.reset();
        err.reset();
        var terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("XDG_STATE_HOME", "/nowhere"),
                false);
        Clusters clusters = _ -> new Clusters.Session(cluster.gateway("anna"), "default", () -> "", () -> {});
        return Main.run(new World(terminal, clusters, time::now), words);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aReleaseFromTheFirstPodToTheLast() {
        assertThat(run("status", "web", "--timeout", "60s")).as(err()).isZero();
        assertThat(run("set", "image", "web", "app=demo:v2")).isZero();
        assertThat(run("status", "web", "--until", "paused", "--timeout", "60s"))
                .as(err())
                .isZero();
        assertThat(run("get", "web")).isZero();
        assertThat(out())
                .contains("Paused at 34 % – waiting for you")
                .contains("# revision:2")
                .contains("canary");

        assertThat(run("why", "web")).as(err()).isZero();
        assertThat(out())
                .startsWith("default/web   Paused at 34 % – waiting for you")
                .contains("waits for    ")
                .doesNotContain("waits for    nothing")
                .contains("would do     nothing at this moment")
                .contains("from the Events")
                .contains("RolloutPaused: ");

        var journal = ControllerProcess.journal(Optional.of(wiring), "default/web");
        assertThat(journal.code()).isEqualTo(200);
        var entries = Json.parse(journal.body()).at("entries").items();
        assertThat(entries).isNotEmpty();
        assertThat(entries.getFirst().at("moves").at(0).at("code").string("")).isEqualTo("NewTemplate");

        assertThat(run("promote", "web")).as(err()).isZero();
        assertThat(run("status", "web", "--timeout", "60s")).as(err()).isZero();
        assertThat(run("list")).isZero();
        assertThat(out()).contains("✔ Healthy");

        var metrics = Metrics.text("1", new CallCounts(), Optional.of(wiring));
        assertThat(metrics)
                .contains("rollout_info{namespace=\"default\",name=\"web\",strategy=\"canary\",traffic_router=\"\","
                        + "phase=\"Healthy\"} 1\n")
                .contains("rollout_info_replicas_available{namespace=\"default\",name=\"web\"} 3\n");
    }

    @Test
    void anAbortAndTheWayBack() {
        run("status", "web", "--timeout", "60s");
        run("set", "image", "web", "app=demo:v2");
        run("status", "web", "--until", "paused", "--timeout", "60s");
        assertThat(run("abort", "web")).as(err()).isZero();
        assertThat(run("status", "web", "--timeout", "60s")).isEqualTo(3);
        assertThat(err()).contains("SLU-A009").contains("Roll");
        assertThat(run("undo", "web")).as(err()).isZero();
        assertThat(run("status", "web", "--timeout", "60s")).as(err()).isZero();
    }

    @Test
    void aStoppedControllerWritesNothingMore() throws Exception {
        run("status", "web", "--timeout", "60s");
        assertThat(wiring.stop(java.time.Duration.ofSeconds(10))).isTrue();
        run("set", "image", "web", "app=demo:v2");
        assertThat(run("status", "web", "--watch=false")).isZero();
        assertThat(out()).startsWith("Changed – ");
    }
}
