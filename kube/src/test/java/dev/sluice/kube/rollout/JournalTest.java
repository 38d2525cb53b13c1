package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.json.Json;
import dev.sluice.rollout.Because;
import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Observation;
import dev.sluice.rollout.Rollout;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JournalTest {
    private static final Key WEB = new Key("shop", "web");
    private static final Key CART = new Key("shop", "cart");

    private static Rollout rollout() {
        return new RolloutCodec(Map.of())
                .decode(Json.obj("metadata", Json.obj("name", "web", "namespace", "shop")))
                .rollout();
    }

    /// A pass that waits for something, such as `pod 3`.
    private static void note(Journal journal, Key key, String awaited) {
        var rollout = rollout();
        var seen = new Observation(
                Instant.EPOCH,
                rollout,
                List.of(),
                true,
                "",
                List.of(),
                new LinkedHashMap<>(),
                Optional.empty(),
                List.of(),
                List.of());
        var decision = new Decision(
                List.of(), rollout.status(), List.of(), Optional.empty(), Optional.of(new Because("Waiting", awaited)));
        journal.add(key, seen, decision, "done");
    }

    private static List<String> awaited(Journal journal, Key key) {
        return journal.of(key).stream()
                .map(entry -> entry.decision().awaiting().orElseThrow().sentence())
                .toList();
    }

    @Test
    void whatWaitsForTheSameIsNotedOnce() {
        var journal = new Journal();
        for (var what : List.of("pod 1", "pod 1", "pod 2", "pod 2", "pod 1")) note(journal, WEB, what);
        assertThat(awaited(journal, WEB)).containsExactly("pod 1", "pod 2", "pod 1");
    }

    @Test
    void ofEachRolloutTheLast64AreKept() {
        var journal = new Journal();
        for (int i = 0; i < 100; i++) note(journal, WEB, "pod " + i);
        assertThat(awaited(journal, WEB)).hasSize(64).startsWith("pod 36").endsWith("pod 99");
    }

    @Test
    void theOldestOfAllGoFirstButNeverTheLastOfARollout() {
        // An entry without ReplicaSets counts 4.
        var journal = new Journal(20);
        note(journal, CART, "a human");
        for (int i = 0; i < 10; i++) note(journal, WEB, "pod " + i);
        assertThat(awaited(journal, CART)).containsExactly("a human");
        assertThat(awaited(journal, WEB)).containsExactly("pod 6", "pod 7", "pod 8", "pod 9");
    }

    @Test
    void manyRolloutsKeepOneEach() {
        var journal = new Journal(40);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 50; i++) note(journal, new Key("shop", "web-" + i), "round " + round);
        }
        for (int i = 0; i < 50; i++) {
            assertThat(awaited(journal, new Key("shop", "web-" + i))).containsExactly("round 2");
        }
    }

    @Test
    void whatIsForgottenMakesRoom() {
        var journal = new Journal(20);
        for (int i = 0; i < 5; i++) note(journal, WEB, "pod " + i);
        journal.forget(WEB);
        assertThat(journal.of(WEB)).isEmpty();
        for (int i = 0; i < 5; i++) note(journal, CART, "pod " + i);
        assertThat(awaited(journal, CART)).hasSize(5);
    }
}
