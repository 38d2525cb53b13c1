package dev.sluice.kube.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.kube.SystemTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
    private static final Selection ALL = Selection.all(ResourceType.ROLLOUTS);

    @TempDir
    private Path directory;

    private final WireServer server = new WireServer();
    private final SystemTime time = new SystemTime();
    private final CallCounts counts = new CallCounts();
    private final LinkedBlockingQueue<WatchEvent> events = new LinkedBlockingQueue<>();
    private KubeGateway gateway;

    @BeforeEach
    void connect() throws IOException {
        gateway = gateway(Duration.ofSeconds(20));
    }

    private KubeGateway gateway(Duration timeout) throws IOException {
        return new KubeGateway(
                ClusterAccess.of(server.kubeconfig(directory, "{}")),
                new KubeGateway.Settings(timeout, 10_000, 500, 0, 0, Duration.ofMinutes(5), 1),
                time,
                counts);
    }

    @AfterEach
    void disconnect() {
        gateway.close();
        server.close();
        time.close();
    }

    private static String line(String type, String name) {
        return Json.obj("type", type, "object", Json.obj("metadata", Json.obj("name", name))) + "\n";
    }

    private Gateway.Watch watch(Consumer<WatchEvent> also) {
        return gateway.watch(ALL, "42", event -> {
            events.add(event);
            also.accept(event);
        });
    }

    private List<WatchEvent> all() throws InterruptedException {
        var seen = new ArrayList<WatchEvent>();
        while (true) {
            var event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).as("after %s", seen).isNotNull();
            seen.add(event);
            if (event instanceof WatchEvent.Closed) return seen;
        }
    }

    private WatchEvent.Closed closed() throws InterruptedException {
        return (WatchEvent.Closed) all().getLast();
    }

    @Test
    void linesBecomeEventsHoweverTheyAreCutIntoChunks() throws InterruptedException {
        var text = line("ADDED", "a") + line("MODIFIED", "größer") + line("DELETED", "a")
                + "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"77\"}}}\n";
        server.answer = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (var b : text.getBytes(StandardCharsets.UTF_8)) {
                exchange.getResponseBody().write(b);
                exchange.getResponseBody().flush();
            }
            exchange.close();
        };
        watch(event -> {});
        assertThat(all())
                .containsExactly(
                        new WatchEvent.Added(named("a")),
                        new WatchEvent.Modified(named("größer")),
                        new WatchEvent.Deleted(named("a")),
                        new WatchEvent.Bookmark("77"),
                        new WatchEvent.Closed(false, "ended by the server"));
        assertThat(counts.count("watch", "Rollout", 200)).isEqualTo(1);
    }

    private static Json.Obj named(String name) {
        return Json.obj("metadata", Json.obj("name", name));
    }

    @Test
    void itAsksForBookmarksAndForAnEndAtARandomTime() throws InterruptedException {
        server.answer = WireServer.chunks("");
        for (int i = 0; i < 5; i++) {
            watch(event -> {});
            closed();
        }
        assertThat(server.seen)
                .allSatisfy(seen -> assertThat(seen.target())
                        .matches("/apis/argoproj.io/v1alpha1/rollouts\\?watch=true&allowWatchBookmarks=true"
                                + "&resourceVersion=42&timeoutSeconds=([345][0-9]{2}|600)"));
        assertThat(server.seen.stream().map(WireServer.Seen::target).distinct()).hasSizeGreaterThan(1);
    }

    @Test
    void goneInTheMidstIsExpired() throws InterruptedException {
        server.answer = WireServer.chunks(
                line("ADDED", "a"),
                "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old\"}}\n",
                line("ADDED", "never"));
        watch(event -> {});
        assertThat(all())
                .containsExactly(
                        new WatchEvent.Added(named("a")), new WatchEvent.Closed(true, "HTTP 410 Expired: too old"));
    }

    @Test
    void goneAtOnceIsExpired() throws InterruptedException {
        server.answer = exchange -> WireServer.send(exchange, 410, WireServer.status(410, "Gone", "too old"));
        watch(event -> {});
        assertThat(all()).containsExactly(new WatchEvent.Closed(true, "HTTP 410 Gone: too old"));
    }

    @Test
    void aRefusalIsNotExpired() throws InterruptedException {
        server.answer = exchange -> WireServer.send(exchange, 403, WireServer.status(403, "Forbidden", "you may not"));
        watch(event -> {});
        assertThat(all()).containsExactly(new WatchEvent.Closed(false, "HTTP 403 Forbidden: you may not"));
    }

    @Test
    void aLineThatWasCutIsNoEvent() throws InterruptedException {
        server.answer = exchange -> {
            exchange.sendResponseHeaders(200, 5_000);
            exchange.getResponseBody()
                    .write((line("ADDED", "a") + "{\"type\":\"ADDED\"").getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            exchange.close();
        };
        watch(event -> {});
        var seen = all();
        assertThat(seen).hasSize(2).first().isEqualTo(new WatchEvent.Added(named("a")));
        assertThat(closed(seen).expired()).isFalse();
    }

    private static WatchEvent.Closed closed(List<WatchEvent> seen) {
        return (WatchEvent.Closed) seen.getLast();
    }

    @Test
    void anUnreadableLineHarmsNoOther() throws InterruptedException {
        server.answer = WireServer.chunks("<html>\n", "\n", "{\"type\":\"NEW\"}\n", line("ADDED", "a"));
        watch(event -> {});
        assertThat(all()).hasSize(2).first().isEqualTo(new WatchEvent.Added(named("a")));
    }

    @Test
    void aLineWithoutEndIsBounded() throws InterruptedException {
        server.answer = WireServer.chunks("x".repeat(20_000));
        watch(event -> {});
        assertThat(closed().why()).isEqualTo("a line is longer than 10000 bytes");
    }

    @Test
    void noAnswerInTimeEndsIt() throws IOException, InterruptedException {
        gateway.close();
        gateway = gateway(Duration.ofMillis(200));
        server.answer = exchange -> KubeGatewayTest.await(server);
        watch(event -> {});
        assertThat(closed().why()).isEqualTo("no answer within 200 ms");
        assertThat(counts.count("watch", "Rollout", 0)).isEqualTo(1);
    }

    @Test
    void noServerEndsIt() throws InterruptedException {
        server.close();
        watch(event -> {});
        assertThat(closed().expired()).isFalse();
    }

    @Test
    void closedByUsItStillEndsInExactlyOneClosed() throws InterruptedException {
        server.answer = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(line("ADDED", "a").getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            KubeGatewayTest.await(server);
        };
        var watch = watch(event -> {});
        assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(new WatchEvent.Added(named("a")));
        watch.close();
        watch.close();
        assertThat(all()).containsExactly(new WatchEvent.Closed(false, "closed by us"));
        assertThat(events).isEmpty();
    }

    @Test
    void closingTheGatewayEndsItsWatches() throws InterruptedException {
        server.answer = exchange -> KubeGatewayTest.await(server);
        watch(event -> {});
        gateway.close();
        assertThat(closed().why()).isNotEmpty();
        watch(event -> {});
        assertThat(closed().why()).isEqualTo("the gateway is closed");
    }

    @Test
    void aCrashingListenerEndsItsWatchOnly() throws InterruptedException {
        server.answer = WireServer.chunks(line("ADDED", "a"), line("ADDED", "b"));
        watch(event -> {
            if (event instanceof WatchEvent.Added) throw new IllegalStateException("planted");
        });
        var seen = all();
        assertThat(seen).hasSize(2);
        assertThat(closed(seen).why()).contains("planted");
    }

    @Test
    void aSlowListenerGetsEveryEventInOrderOnAVirtualThread() throws InterruptedException {
        int many = 2_000;
        server.answer = WireServer.chunks(
                IntStream.range(0, many).mapToObj(i -> line("ADDED", "r" + i)).toArray(String[]::new));
        var virtual = new AtomicBoolean(true);
        var go = new CountDownLatch(1);
        watch(event -> {
            if (!Thread.currentThread().isVirtual()) virtual.set(false);
            try {
                if (!go.await(20, TimeUnit.SECONDS)) virtual.set(false);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(new WatchEvent.Added(named("r0")));
        go.countDown();
        var seen = all();
        assertThat(seen).hasSize(many);
        assertThat(seen.get(many - 2)).isEqualTo(new WatchEvent.Added(named("r" + (many - 1))));
        assertThat(virtual).isTrue();
    }
}
