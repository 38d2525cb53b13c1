package dev.sluice.local.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.SystemTime;
import dev.sluice.local.traffic.http.Body;
import dev.sluice.local.traffic.http.ConnectionPool;
import dev.sluice.local.traffic.http.Headers;
import dev.sluice.local.traffic.http.HttpRequest;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Outcome;
import dev.sluice.local.traffic.http.Watchdog;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two clusters on one machine, with the same names, ports and seed: neither takes an address of the other.
@Timeout(120)
class SideBySideTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    private final SystemTime time = new SystemTime();
    private final Watchdog watchdog = new Watchdog(Duration.ofMillis(10));
    private final ConnectionPool client =
            new ConnectionPool(Limits.SERVER, watchdog, Duration.ofSeconds(2), Duration.ofSeconds(10), 4);
    private final List<AutoCloseable> parts = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var part : parts.reversed()) part.close();
        client.close();
        watchdog.close();
        time.close();
    }

    private <T extends AutoCloseable> T with(T part) {
        parts.add(part);
        return part;
    }

    private TrafficPlane cluster(String version) throws Exception {
        var pods = with(new RealPods());
        var cluster = with(LocalCluster.builder(time).seed(7).runtime(pods).start());
        var plane = with(TrafficPlane.start(TrafficPlane.Settings.DEFAULT, pods, cluster.gateway("plane"), time));
        var labels = Json.obj("app", "web");
        create(
                cluster,
                ResourceType.PODS,
                Json.obj("name", "web", "labels", labels),
                Json.obj("containers", Json.arr(Json.obj("name", "web", "image", "demo/web:" + version))));
        create(
                cluster,
                ResourceType.SERVICES,
                Json.obj("name", "web"),
                Json.obj("selector", labels, "ports", Json.arr(Json.obj("port", 80, "targetPort", 8080))));
        return plane;
    }

    private static void create(LocalCluster cluster, ResourceType type, Json.Obj metadata, Json.Obj spec) {
        var ref = ObjectRef.of(type, "default", metadata.at("name").string(""));
        var object = Json.obj("apiVersion", type.apiVersion(), "kind", type.kind(), "metadata", metadata, "spec", spec);
        assertThat(cluster.gateway("test").send(new Request.Create(ref, object)))
                .isInstanceOf(Reply.Done.class);
    }

    private void eventually(BooleanSupplier condition) throws InterruptedException {
        var met = new CountDownLatch(1);
        watchdog.onRound(() -> {
            if (met.getCount() > 0 && condition.getAsBoolean()) met.countDown();
        });
        assertThat(met.await(60, TimeUnit.SECONDS))
                .as("the condition was met in time")
                .isTrue();
    }

    private String version(InetSocketAddress at) {
        var request = new HttpRequest("GET", "/", Headers.of("Host", "web"), Body.NONE, "", true);
        return client.send(at, request, LONG) instanceof Outcome.Answered(var response)
                ? response.headers().first("X-Version", "none")
                : "no answer";
    }

    @Test
    void eachServiceLeadsToThePodsOfItsOwnCluster() throws Exception {
        var one = cluster("v1");
        var two = cluster("v2");
        eventually(() -> one.endpoints("default", "web", 80).size() == 1
                && two.endpoints("default", "web", 80).size() == 1);
        eventually(() -> one.service("default", "web", 80).isPresent()
                && two.service("default", "web", 80).isPresent());
        assertThat(one.problems()).isEmpty();
        assertThat(two.problems()).isEmpty();
        assertThat(version(one.service("default", "web", 80).orElseThrow())).isEqualTo("v1");
        assertThat(version(two.service("default", "web", 80).orElseThrow())).isEqualTo("v2");
    }
}
