package dev.sluice.e2e.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.e2e.RealTier;
import dev.sluice.e2e.controlplane.ControlPlane;
import dev.sluice.e2e.controlplane.User;
import dev.sluice.json.Json;
import dev.sluice.kube.Backoff;
import dev.sluice.kube.EventRecorder;
import dev.sluice.kube.Fence;
import dev.sluice.kube.FencedGateway;
import dev.sluice.kube.LeaderElection;
import dev.sluice.kube.LearningGateway;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.client.CallCounts;
import dev.sluice.kube.client.ClusterAccess;
import dev.sluice.kube.client.KubeGateway;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// What the edge takes for granted of an API server, held against a real one.
@Tag("real")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EdgeTest {
    private static final Duration SOON = Duration.ofMinutes(1);
    private static final ResourceType MAPS = ResourceType.CONFIG_MAPS;
    private static final Selection OURS = Selection.in(MAPS, "edge").labelled("edge=yes");

    private static Optional<ControlPlane> started = Optional.empty();
    private static final SystemTime TIME = new SystemTime();
    private static final CallCounts COUNTS = new CallCounts();
    private static final AtomicReference<KubeGateway> GATEWAY = new AtomicReference<>();

    @BeforeAll
    static void start() throws Exception {
        started = Optional.of(ControlPlane.start(RealTier.required(EdgeTest.class)));
        var settings = new KubeGateway.Settings(Duration.ofSeconds(10), 1 << 20, 7, 200, 400, Duration.ofMinutes(5), 1);
        GATEWAY.set(new KubeGateway(ClusterAccess.of(plane().kubeconfig(User.ADMIN)), settings, TIME, COUNTS));
        assertThat(gateway()
                        .send(new Request.Create(
                                ObjectRef.of(ResourceType.NAMESPACES, "", "edge"),
                                Json.obj(
                                        "apiVersion", "v1",
                                        "kind", "Namespace",
                                        "metadata", Json.obj("name", "edge")))))
                .isInstanceOf(Reply.Done.class);
    }

    @AfterAll
    static void stop() {
        var gateway = GATEWAY.get();
        if (gateway != null) gateway.close();
        TIME.close();
        started.ifPresent(ControlPlane::close);
    }

    private static ControlPlane plane() {
        return started.orElseThrow();
    }

    private static KubeGateway gateway() {
        return GATEWAY.get();
    }

    private static ObjectRef map(String name) {
        return ObjectRef.of(MAPS, "edge", name);
    }

    private static Json.Obj body(String name) {
        return Json.obj(
                "apiVersion",
                "v1",
                "kind",
                "ConfigMap",
                "metadata",
                Json.obj("name", name, "namespace", "edge", "labels", Json.obj("edge", "yes")),
                "data",
                Json.obj("n", "0"));
    }

    private static ObjectCache cache(Selection selection) {
        var standard = ObjectCache.Options.standard(1);
        var quick = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
        return new ObjectCache(
                gateway(),
                TIME,
                selection,
                new ObjectCache.Options(Duration.ofSeconds(30), quick, standard.strip(), 4_096, 1));
    }

    @Test
    @Order(1)
    void aListInPagesIsOneList() {
        for (int i = 0; i < 20; i++) gateway().send(new Request.Create(map("page-" + i), body("page-" + i)));
        var list = gateway().send(new Request.List(OURS)).answer().orElseThrow();
        assertThat(list.at("items").items()).hasSize(20);
        assertThat(list.at("metadata", "resourceVersion").string("")).matches("[0-9]+");
        assertThat(list.at("metadata").fields()).doesNotContainKeys("continue", "remainingItemCount");
        assertThat(COUNTS.count("list", "ConfigMap", 200)).isEqualTo(3);
    }

    @Test
    @Order(2)
    void refusalsCarryTheirReasons() {
        var taken = gateway().send(new Request.Create(map("page-0"), body("page-0")));
        assertThat(taken)
                .isInstanceOfSatisfying(
                        Reply.Refused.class,
                        it -> assertThat(it.alreadyExists()).isTrue());
        var stale = gateway()
                .send(new Request.Patch(
                        map("page-0"), PatchType.MERGE, Json.obj("metadata", Json.obj("resourceVersion", "1"))));
        assertThat(stale)
                .isInstanceOfSatisfying(
                        Reply.Refused.class, it -> assertThat(it.conflict()).isTrue());
        var wrongUid =
                gateway().send(new Request.Delete(map("page-0"), Optional.of("other"), Optional.empty(), "Background"));
        assertThat(wrongUid)
                .isInstanceOfSatisfying(
                        Reply.Refused.class, it -> assertThat(it.conflict()).isTrue());
        assertThat(gateway().send(new Request.Get(map("absent"))))
                .isInstanceOfSatisfying(
                        Reply.Refused.class, it -> assertThat(it.notFound()).isTrue());
    }

    @Test
    @Order(3)
    void aWatchFromTheFirstVersionIsServedOrExpires() throws Exception {
        var first = new CompletableFuture<WatchEvent>();
        var last = new CompletableFuture<WatchEvent.Closed>();
        var watch = gateway().watch(OURS, "1", event -> {
            first.complete(event);
            if (event instanceof WatchEvent.Closed closed) last.complete(closed);
        });
        assertThat(first.get(60, TimeUnit.SECONDS)).isNotNull();
        watch.close();
        assertThat(last.get(60, TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    @Order(4)
    void theCacheReadsItsOwnWritesAndEqualsTheServer() throws Exception {
        try (var cache = cache(OURS)) {
            cache.start();
            plane().await("synced", SOON, cache::synced);
            var learning = new LearningGateway(gateway(), List.of(cache));
            for (int i = 0; i < 50; i++) {
                var name = "own-" + i % 5;
                learning.send(new Request.Create(map(name), body(name)));
                assertThat(cache.get("edge", name)).isPresent();
                learning.send(new Request.Patch(
                        map(name), PatchType.MERGE, Json.obj("data", Json.obj("n", Integer.toString(i)))));
                assertThat(cache.get("edge", name).orElseThrow().at("data", "n").string(""))
                        .isEqualTo(Integer.toString(i));
                if (i % 3 == 0) {
                    learning.send(new Request.Delete(map(name), Optional.empty(), Optional.empty(), "Background"));
                    assertThat(cache.get("edge", name)).isEmpty();
                }
            }
            plane().await("equal", SOON, () -> same(cache));
            assertThat(cache.stats().corrections()).isZero();
        }
    }

    private static boolean same(ObjectCache cache) {
        var server = gateway().send(new Request.List(OURS)).answer().orElse(Json.Obj.EMPTY);
        var listed = server.at("items").items().stream()
                .map(item -> item.at("metadata", "name").string("") + "@"
                        + item.at("metadata", "resourceVersion").string(""))
                .sorted()
                .toList();
        var shown = cache.all().stream()
                .map(item -> item.at("metadata", "name").string("") + "@"
                        + item.at("metadata", "resourceVersion").string(""))
                .sorted()
                .toList();
        return listed.equals(shown);
    }

    @Test
    @Order(5)
    void eventsAreMadeAndCounted() throws Exception {
        var recorder = new EventRecorder(gateway(), TIME);
        var about = gateway().send(new Request.Get(map("page-1"))).answer().orElseThrow();
        for (int i = 0; i < 3; i++) recorder.event(about, true, "RolloutAborted", "three times");
        recorder.event(about, false, "Updated VirtualService", "a reason with a blank");
        plane().await(
                        "written",
                        SOON,
                        () -> recorder.stats().created() + recorder.stats().counted() == 4);
        var events = gateway()
                .send(new Request.List(Selection.in(ResourceType.EVENTS, "edge")))
                .answer()
                .orElseThrow();
        assertThat(events.at("items").items().stream()
                        .map(event -> event.at("reason").string("") + " x"
                                + event.at("count").integer(0) + " "
                                + event.at("type").string("") + " "
                                + event.at("source", "component").string("")))
                .containsExactlyInAnyOrder(
                        "RolloutAborted x3 Warning rollouts-controller",
                        "Updated VirtualService x1 Normal rollouts-controller");
    }

    @Test
    @Order(6)
    void theSecondCandidateLeadsWhenTheFirstGivesTheLeaseBack() throws Exception {
        var fence = new AtomicReference<Fence>();
        var first = election("first", fence);
        first.start();
        plane().await("first leads", SOON, first::leading);
        var second = election("second", new AtomicReference<>());
        second.start();
        plane().await("second sees it", SOON, () -> second.leader().equals(Optional.of("first")));
        var fenced = new FencedGateway(gateway(), fence.get());
        assertThat(fenced.send(new Request.Create(map("led"), body("led")))).isInstanceOf(Reply.Done.class);
        first.close();
        assertThat(fenced.send(new Request.Create(map("late"), body("late")))).isInstanceOf(Reply.Refused.class);
        plane().await("second leads", SOON, second::leading);
        second.close();
    }

    private static LeaderElection election(String identity, AtomicReference<Fence> fence) {
        var settings = LeaderElection.Settings.standard("edge", "", identity, identity.hashCode());
        return new LeaderElection(gateway(), TIME, settings, new LeaderElection.Listener() {
            @Override
            public void elected(Fence begun) {
                fence.set(begun);
            }

            @Override
            public void deposed(String why) {}
        });
    }

    /// What makes a server that lost its history hard to find out: see [ObjectCache].
    @Test
    @Order(7)
    void aWatchFromTheFutureIsTakenAndSilent() throws Exception {
        var now = gateway()
                .send(new Request.List(OURS))
                .answer()
                .orElseThrow()
                .at("metadata", "resourceVersion")
                .string("");
        long answered = COUNTS.count("watch", "ConfigMap", 200);
        var heard = new CopyOnWriteArrayList<WatchEvent>();
        var ahead = gateway().watch(OURS, Long.toString(Long.parseLong(now) + 1_000_000), heard::add);
        var first = new CompletableFuture<WatchEvent>();
        var present = gateway().watch(OURS, now, first::complete);
        plane().await("both are taken", SOON, () -> COUNTS.count("watch", "ConfigMap", 200) == answered + 2);
        gateway().send(new Request.Create(map("future"), body("future")));
        assertThat(first.get(60, TimeUnit.SECONDS)).isInstanceOf(WatchEvent.Added.class);
        assertThat(heard).isEmpty();
        ahead.close();
        present.close();
    }

    @Test
    @Order(8)
    void aServerThatWasKilledIsFollowedAgain() throws Exception {
        try (var cache = cache(OURS)) {
            cache.start();
            plane().await("synced", SOON, cache::synced);
            plane().killApiServer();
            plane().await("trouble", SOON, () -> cache.trouble().isPresent());
            assertThat(gateway().send(new Request.Get(map("page-1")))).isInstanceOf(Reply.Lost.class);
            plane().restartApiServer();
            plane().await(
                            "written",
                            SOON,
                            () -> gateway().send(new Request.Create(map("after"), body("after")))
                                    instanceof Reply.Done);
            plane().await("seen", SOON, () -> cache.get("edge", "after").isPresent());
            plane().await("equal", SOON, () -> same(cache));
        }
    }
}
