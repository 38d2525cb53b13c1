package dev.sluice.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EventRecorderTest {
    private static final Json.Obj WEB = Json.obj(
            "apiVersion",
            "argoproj.io/v1alpha1",
            "kind",
            "Rollout",
            "metadata",
            Json.obj("namespace", "shop", "name", "web", "uid", "u1", "resourceVersion", "7"),
            "spec",
            Json.obj("replicas", 3));

    private final VirtualTime time = new VirtualTime();
    private final FakeCluster cluster = new FakeCluster(time);
    private EventRecorder recorder = new EventRecorder(cluster, time);

    private List<Json.Obj> events() {
        return cluster.list(Selection.all(ResourceType.EVENTS));
    }

    private List<String> lines() {
        return events().stream()
                .map(event ->
                        event.at("reason").string("") + " x" + event.at("count").integer(0))
                .toList();
    }

    @Test
    void anEventHasTheFormThatOthersKnow() {
        recorder.event(WEB, false, "RolloutPaused", "Rollout is paused (CanaryPauseStep)");
        assertThat(cluster.requests).isEmpty();
        time.settle();
        var event = events().getFirst();
        assertThat(event.without("metadata").text())
                .isEqualTo(
                        "{\"apiVersion\":\"v1\",\"kind\":\"Event\",\"involvedObject\":{"
                                + "\"apiVersion\":\"argoproj.io/v1alpha1\",\"kind\":\"Rollout\",\"namespace\":\"shop\",\"name\":\"web\","
                                + "\"uid\":\"u1\",\"resourceVersion\":\"7\"},\"reason\":\"RolloutPaused\","
                                + "\"message\":\"Rollout is paused (CanaryPauseStep)\",\"source\":{\"component\":\"rollouts-controller\"},"
                                + "\"firstTimestamp\":\"2026-01-01T00:00:00Z\",\"lastTimestamp\":\"2026-01-01T00:00:00Z\",\"count\":1,"
                                + "\"type\":\"Normal\",\"reportingComponent\":\"rollouts-controller\",\"reportingInstance\":\"\"}");
        assertThat(event.at("metadata", "name").string("")).matches("web\\.[0-9a-f]{16}");
        assertThat(event.at("metadata", "namespace").string("")).isEqualTo("shop");
    }

    @Test
    void theSameWordsAreCountedOthersAreNot() {
        recorder.event(WEB, true, "RolloutAborted", "too bad");
        time.advance(Duration.ofSeconds(90));
        recorder.event(WEB.withAt(List.of("metadata", "resourceVersion"), "8"), true, "RolloutAborted", "too bad");
        recorder.event(WEB, false, "RolloutAborted", "too bad");
        recorder.event(WEB, true, "RolloutAborted", "worse");
        time.settle();
        assertThat(lines()).containsExactly("RolloutAborted x2", "RolloutAborted x1", "RolloutAborted x1");
        var counted = events().getFirst();
        assertThat(counted.at("firstTimestamp").string("")).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(counted.at("lastTimestamp").string("")).isEqualTo("2026-01-01T00:01:30Z");
    }

    @Test
    void eventsOfOneMomentHaveNamesInTheirOrder() {
        for (var reason : List.of("First", "Second", "Third")) recorder.event(WEB, false, reason, "");
        time.settle();
        assertThat(lines()).containsExactly("First x1", "Second x1", "Third x1");
    }

    @Test
    void aCountGoesOnWhenTheEventHasExpired() {
        recorder.event(WEB, false, "Again", "");
        time.settle();
        cluster.remove(ObjectRef.of(ResourceType.EVENTS, events().getFirst()));
        recorder.event(WEB, false, "Again", "");
        time.settle();
        assertThat(lines()).containsExactly("Again x2");
    }

    @Test
    void anAnswerThatWasLostMakesNoSecondEvent() {
        var first = new AtomicInteger();
        cluster.garble = request ->
                first.getAndIncrement() == 0 ? Optional.of(new Reply.Lost("cut on the way back")) : Optional.empty();
        recorder.event(WEB, false, "Once", "");
        recorder.event(WEB, false, "Then", "");
        time.settle();
        time.advance(Duration.ofSeconds(10));
        assertThat(lines()).containsExactly("Once x1", "Then x1");
        assertThat(recorder.stats().failed()).isZero();
    }

    @Test
    void aServerThatIsAwayIsTriedTwelveTimesThenTheNextHasItsTurn() {
        cluster.refuse = request -> Optional.of(new Reply.Lost("away"));
        recorder.event(WEB, false, "Lost", "");
        recorder.event(WEB, false, "Kept", "");
        time.advance(Duration.ofSeconds(109));
        cluster.refuse =
                request -> cluster.requests.size() <= 12 ? Optional.of(new Reply.Lost("away")) : Optional.empty();
        time.advance(Duration.ofMinutes(5));
        assertThat(lines()).containsExactly("Kept x1");
        assertThat(recorder.stats()).isEqualTo(new EventRecorder.Stats(0, 1, 0, 0, 1));
    }

    @Test
    void whatIsForbiddenIsNotTriedAgainNorHoldsUpOthers() {
        cluster.refuse = request -> request instanceof Request.Create create
                        && create.body().at("reason").string("").equals("Forbidden")
                ? Optional.of(
                        new Reply.Refused(403, "Forbidden", "the namespace is being terminated", Optional.empty()))
                : Optional.empty();
        recorder.event(WEB, false, "Forbidden", "");
        recorder.event(WEB, false, "Fine", "");
        time.settle();
        assertThat(lines()).containsExactly("Fine x1");
        assertThat(cluster.requests).hasSize(2);
    }

    @Test
    void anObjectInALoopIsHeldBackAnotherIsNot() {
        for (int i = 0; i < 40; i++) recorder.event(WEB, false, "Loop", "turn " + i);
        recorder.event(WEB.withAt(List.of("metadata", "name"), "other"), false, "Fine", "");
        time.settle();
        assertThat(lines()).hasSize(26);
        assertThat(recorder.stats().dropped()).isEqualTo(15);
        time.advance(Duration.ofMinutes(5));
        recorder.event(WEB, false, "Later", "");
        time.settle();
        assertThat(lines()).hasSize(27);
    }

    @Test
    void theQueueIsBounded() {
        cluster.refuse = request -> Optional.of(new Reply.Lost("away"));
        for (int i = 0; i < 3_000; i++) {
            recorder.event(WEB.withAt(List.of("metadata", "name"), "web-" + i), false, "Many", "");
        }
        assertThat(recorder.stats().waiting()).isEqualTo(1_000);
        assertThat(recorder.stats().dropped()).isEqualTo(2_000);
    }

    @Test
    void aLongMessageIsCut() {
        recorder.event(WEB, false, "Long", "x".repeat(100_000));
        time.settle();
        assertThat(events().getFirst().at("message").string("")).hasSize(4_096).endsWith("…");
    }

    @Test
    void whatIsAboutAClusterScopedObjectIsInDefault() {
        recorder.event(Json.obj("kind", "Namespace", "metadata", Json.obj("name", "shop")), false, "Seen", "");
        time.settle();
        assertThat(events().getFirst().at("metadata", "namespace").string("")).isEqualTo("default");
    }

    @Test
    void nothingReachesTheCaller() {
        cluster.refuse = request -> {
            throw new IllegalStateException("planted");
        };
        assertThatCode(() -> recorder.event(Json.Obj.EMPTY, false, "", "")).doesNotThrowAnyException();
        assertThatCode(time::settle).doesNotThrowAnyException();
        assertThat(recorder.stats().failed()).isEqualTo(1);
        recorder.close();
        recorder.event(WEB, false, "After", "");
        time.settle();
        assertThat(recorder.stats().waiting()).isZero();
    }

    @Test
    void whatIsForgottenIsANewEvent() {
        recorder = new EventRecorder(
                cluster,
                time,
                "c",
                new EventRecorder.Options(10, 2, 0, Duration.ofMinutes(1), 1, Duration.ofSeconds(1)));
        for (var reason : List.of("A", "B", "C", "A")) recorder.event(WEB, false, reason, "");
        time.settle();
        assertThat(lines()).containsExactly("A x1", "B x1", "C x1", "A x1");
    }
}
