package dev.sluice.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectCacheTest {
    private static final ResourceType RS = ResourceType.REPLICA_SETS;
    private static final Selection ALL = Selection.all(RS);

    private final VirtualTime time = new VirtualTime();
    private final FakeCluster cluster = new FakeCluster(time);
    private final List<String> told = new ArrayList<>();
    private ObjectCache cache = new ObjectCache(cluster, time, ALL, ObjectCache.Options.standard(1));

    private ObjectCache started() {
        cache.listen((old, now) -> told.add(old.map(ObjectCacheTest::text).orElse("-") + " -> "
                + now.map(ObjectCacheTest::text).orElse("-")));
        cache.start();
        time.settle();
        return cache;
    }

    private static String text(Json.Obj object) {
        return object.at("metadata", "name").string("") + "@"
                + object.at("metadata", "resourceVersion").string("");
    }

    private static Json.Obj rs(String name, Object... labels) {
        return FakeCluster.object(RS, "shop", name, labels);
    }

    private static ObjectRef ref(String name) {
        return ObjectRef.of(RS, "shop", name);
    }

    private List<String> shown() {
        return cache.all().stream().map(ObjectCacheTest::text).toList();
    }

    @Test
    void itListsThenFollows() {
        cluster.put(RS, rs("b"));
        cluster.put(RS, rs("a"));
        assertThat(cache.synced()).isFalse();
        started();
        assertThat(cache.synced()).isTrue();
        assertThat(shown()).containsExactly("a@102", "b@101");
        cluster.put(RS, rs("c"));
        cluster.remove(ref("b"));
        cluster.put(RS, rs("a", "x", "y"));
        time.settle();
        assertThat(shown()).containsExactly("a@105", "c@103");
        assertThat(told).containsExactly("- -> a@102", "- -> b@101", "- -> c@103", "b@101 -> -", "a@102 -> a@105");
    }

    @Test
    void whatListsLeaveOutIsAddedAndManagedFieldsAreDropped() {
        cluster.put(RS, rs("a").withAt(List.of("metadata", "managedFields"), Json.arr("much")));
        started();
        var object = cache.get("shop", "a").orElseThrow();
        assertThat(object.at("kind").string("")).isEqualTo("ReplicaSet");
        assertThat(object.at("apiVersion").string("")).isEqualTo("apps/v1");
        assertThat(object.at("metadata", "managedFields").isNull()).isTrue();
    }

    @Test
    void anObjectWithoutANameHarmsNoOther() {
        cluster.garble = request -> Optional.of(new Reply.Done(Json.obj(
                "metadata",
                Json.obj("resourceVersion", "7"),
                "items",
                Json.arr(Json.obj("spec", 1), "nonsense", rs("good")))));
        started();
        assertThat(cache.get("shop", "good")).isPresent();
        assertThat(cache.stats().unreadable()).isEqualTo(2);
    }

    @Test
    void aCutWatchGoesOnFromTheLastVersionWithoutAList() {
        started();
        cluster.put(RS, rs("a"));
        time.settle();
        cluster.cutWatches(false);
        cluster.put(RS, rs("b"));
        time.settle();
        assertThat(shown()).containsExactly("a@101", "b@102");
        assertThat(cache.stats().lists()).isEqualTo(1);
    }

    @Test
    void anExpiredWatchListsAnewAfterABackoff() {
        cluster.put(RS, rs("a"));
        started();
        cluster.cutWatches(true);
        cluster.remove(ref("a"));
        cluster.put(RS, rs("b"));
        cluster.compact();
        time.settle();
        assertThat(shown()).containsExactly("a@101");
        assertThat(cache.trouble()).hasValueSatisfying(why -> assertThat(why).contains("expired"));
        time.advance(Duration.ofSeconds(2));
        assertThat(shown()).containsExactly("b@103");
        assertThat(cache.trouble()).isEmpty();
        assertThat(told).containsExactly("- -> a@101", "- -> b@103", "a@101 -> -");
    }

    @Test
    void failedListsBackOffAndTheServersAdviceIsTaken() {
        cluster.refuse = request -> Optional.of(new Reply.Lost("timeout"));
        started();
        time.advance(Duration.ofMinutes(10));
        assertThat(cluster.requests.size()).isBetween(12, 30);
        assertThat(cache.trouble()).hasValue("list lost: timeout");
        assertThat(cache.synced()).isFalse();

        cluster.refuse = request ->
                Optional.of(new Reply.Refused(429, "TooManyRequests", "", Optional.of(Duration.ofMinutes(9))));
        time.advance(Duration.ofMinutes(2));
        int after = cluster.requests.size();
        time.advance(Duration.ofMinutes(6));
        assertThat(cluster.requests).hasSize(after);

        cluster.refuse = request -> Optional.empty();
        time.advance(Duration.ofMinutes(10));
        assertThat(cache.synced()).isTrue();
    }

    @Test
    void whereWatchesNeverWorkListsKeepTheCopyFresh() {
        started();
        for (int i = 0; i < 30; i++) {
            cluster.put(RS, rs("a", "n", "" + i));
            for (var watch : List.copyOf(cluster.watches)) watch.deaf = true;
            cluster.cutWatches(false);
            time.advance(Duration.ofSeconds(5));
        }
        cluster.refuse = request -> Optional.empty();
        time.until(Duration.ofMinutes(3), () -> shown().equals(List.of("a@" + cluster.revision())));
    }

    @Test
    void aWriteOfOurOwnShowsAtOnceAndItsEventIsNotToldTwice() {
        started();
        var gateway = new LearningGateway(cluster, List.of(cache));
        gateway.send(new Request.Create(ref("a"), rs("a")));
        assertThat(shown()).containsExactly("a@101");
        gateway.send(new Request.Patch(ref("a"), PatchType.MERGE, Json.obj("spec", Json.obj("replicas", 3))));
        assertThat(shown()).containsExactly("a@102");
        gateway.send(new Request.Delete(ref("a"), Optional.empty(), Optional.empty(), "Background"));
        assertThat(shown()).isEmpty();
        time.settle();
        assertThat(shown()).isEmpty();
        assertThat(told).containsExactly("- -> a@101", "a@101 -> a@102", "a@102 -> -");
    }

    @Test
    void anAnswerThatOvertookTheWatchIsNotTakenBackByIt() {
        started();
        cluster.wire = deliver -> deliver.accept(Duration.ofSeconds(5));
        cluster.put(RS, rs("a"));
        cluster.put(RS, rs("a", "n", "2"));
        cache.learn(cluster.put(RS, rs("a", "n", "3")));
        time.advance(Duration.ofSeconds(10));
        assertThat(told).containsExactly("- -> a@103");
    }

    @Test
    void aLateAnswerDoesNotResurrectWhatTheWatchHasSeenDeleted() {
        started();
        var answer = cluster.put(RS, rs("a"));
        cluster.remove(ref("a"));
        time.settle();
        cache.learn(answer);
        assertThat(shown()).isEmpty();
    }

    @Test
    void aLateEventDoesNotResurrectWhatAnAnswerSaidIsGone() {
        var gateway = new LearningGateway(cluster, List.of(cache));
        started();
        cluster.put(RS, rs("a"));
        time.settle();
        cluster.wire = deliver -> deliver.accept(Duration.ofSeconds(5));
        cluster.put(RS, rs("a", "n", "2"));
        gateway.send(new Request.Delete(ref("a"), Optional.empty(), Optional.empty(), "Background"));
        time.advance(Duration.ofSeconds(10));
        assertThat(told).containsExactly("- -> a@101", "a@101 -> -");
    }

    @Test
    void deletedAndMadeAnewIsToldAsTwoChanges() {
        started();
        cluster.put(RS, rs("a"));
        time.settle();
        cluster.remove(ref("a"));
        cache.learn(cluster.put(RS, rs("a")));
        time.settle();
        assertThat(told).containsExactly("- -> a@101", "a@101 -> -", "- -> a@103");
    }

    @Test
    void aListThatWasOvertakenDoesNotUndo() {
        started();
        cluster.put(RS, rs("old"));
        time.settle();
        cluster.cutWatches(true);
        cluster.duringList = () -> {
            cache.learn(cluster.put(RS, rs("new")));
            cache.learn(cluster.put(RS, rs("old", "n", "2")));
            cluster.duringList = () -> {};
        };
        time.advance(Duration.ofSeconds(2));
        assertThat(shown()).containsExactly("new@102", "old@103");
        assertThat(told).doesNotContain("new@102 -> -");
    }

    @Test
    void aStaleListIsNotTakenUnlessTheServerInsists() {
        started();
        cluster.answerStale(ALL, 1);
        cluster.put(RS, rs("a"));
        time.settle();
        cluster.cutWatches(true);
        time.advance(Duration.ofSeconds(10));
        assertThat(shown()).containsExactly("a@101");
        assertThat(told).containsExactly("- -> a@101");
    }

    @Test
    void aServerRestoredFromABackupIsBelievedInTheEnd() {
        started();
        cluster.put(RS, rs("a"));
        cluster.put(RS, rs("b"));
        time.settle();
        cluster.remove(ref("b"));
        cluster.turnBack(10);
        cluster.put(RS, rs("a", "n", "restored"));
        cluster.cutWatches(true);
        time.advance(Duration.ofMinutes(1));
        assertThat(shown()).containsExactly("a@11");
        cluster.put(RS, rs("c"));
        time.settle();
        assertThat(shown()).containsExactly("a@11", "c@12");
    }

    /// What becomes of a server that is started anew on the same port, so soon that nobody was refused.
    private void startAnew(long revision) {
        cluster.remove(ref("a"));
        cluster.remove(ref("b"));
        cluster.turnBack(revision);
        cluster.cutWatches(false);
    }

    @Test
    void aServerThatLostItsHistoryIsFollowedAgainWithinMinutes() {
        started();
        for (int i = 0; i < 9; i++) cluster.put(RS, rs("a"));
        cluster.put(RS, rs("b"));
        time.settle();
        assertThat(shown()).containsExactly("a@109", "b@110");
        startAnew(10);
        cluster.put(RS, rs("a"));
        time.advance(Duration.ofMinutes(1));
        assertThat(shown()).as("the watch from the future is silent").containsExactly("a@109", "b@110");
        time.advance(Duration.ofMinutes(2));
        assertThat(shown()).containsExactly("a@11");
        assertThat(told).endsWith("a@109 -> -", "b@110 -> -", "- -> a@11");
        assertThat(cache.trouble()).isEmpty();
        cluster.put(RS, rs("c"));
        time.settle();
        assertThat(shown()).as("followed from the new history").containsExactly("a@11", "c@12");
    }

    @Test
    void aServerThatLostItsHistoryAndHasCaughtUpIsBelievedToo() {
        started();
        cluster.put(RS, rs("a"));
        time.settle();
        for (int i = 0; i < 5; i++) cluster.put(RS, rs("b"));
        time.settle();
        startAnew(10);
        cluster.put(RS, rs("a"));
        cluster.put(RS, rs("b"));
        // Objects of other kinds move the count on, which nobody here sees.
        for (int i = 0; i < 200; i++)
            cluster.put(ResourceType.PODS, FakeCluster.object(ResourceType.PODS, "shop", "p"));
        time.advance(Duration.ofMinutes(3));
        assertThat(shown()).containsExactly("a@11", "b@12");
        cluster.put(RS, rs("c"));
        time.settle();
        assertThat(shown()).containsExactly("a@11", "b@12", "c@213");
    }

    @Test
    void listsThatFailWhileAServerIsDoubtedComeWithABackoff() {
        started();
        cluster.put(RS, rs("a"));
        time.settle();
        startAnew(10);
        time.until(Duration.ofMinutes(3), () -> cache.trouble().isPresent());
        cluster.refuse = _ -> Optional.of(new Reply.Lost("timeout"));
        long before = cache.stats().lists();
        time.advance(Duration.ofMinutes(10));
        assertThat(cache.stats().lists() - before).isBetween(10L, 30L);
        cluster.refuse = _ -> Optional.empty();
        time.advance(Duration.ofMinutes(3));
        assertThat(shown()).isEmpty();
        assertThat(cache.trouble()).isEmpty();
    }

    @Test
    void aWatchThatIsQuietFromItsBeginningIsComparedOnceAndNotDoubted() {
        cluster.put(RS, rs("a"));
        started();
        time.advance(Duration.ofMinutes(5));
        assertThat(cache.stats().lists()).as("a list comes just before").isEqualTo(1);
        cluster.cutWatches(false);
        time.advance(Duration.ofMinutes(9));
        assertThat(cache.stats().lists()).isEqualTo(2);
        assertThat(cache.stats().watches()).isEqualTo(2);
        assertThat(told).containsExactly("- -> a@101");
    }

    @Test
    void whatAWatchSwallowsTheComparisonFindsAndTheWatchIsReplaced() {
        started();
        cluster.watches.getFirst().deaf = true;
        cluster.put(RS, rs("a"));
        time.advance(Duration.ofMinutes(14));
        assertThat(shown()).isEmpty();
        time.advance(Duration.ofMinutes(25));
        assertThat(shown()).containsExactly("a@101");
        assertThat(cache.stats().corrections()).isEqualTo(1);
        assertThat(cache.stats().deafWatches()).isEqualTo(1);
        cluster.put(RS, rs("b"));
        time.settle();
        assertThat(shown()).containsExactly("a@101", "b@102");
    }

    @Test
    void whatCameAndWentBeforeAListIsNotShownWhenItsEventsComeAtLast() {
        started();
        cluster.wire = deliver -> deliver.accept(Duration.ofMinutes(40));
        cluster.put(RS, rs("ghost"));
        cluster.remove(ref("ghost"));
        time.advance(Duration.ofHours(1));
        assertThat(cache.stats().lists()).isGreaterThan(1);
        assertThat(told).isEmpty();
    }

    @Test
    void indicesFollowTheObjects() {
        started();
        var owned = rs("a", "app", "web")
                .withAt(List.of("metadata", "ownerReferences"), Json.arr(Json.obj("uid", "owner-1")));
        cluster.put(RS, owned);
        cluster.put(RS, FakeCluster.object(RS, "other", "a", "app", "web"));
        time.settle();
        cache.index("name", object -> List.of(object.at("metadata", "name").string("")));
        assertThat(cache.ownedBy("owner-1")).hasSize(1);
        assertThat(cache.labelled("app", "web")).hasSize(2);
        assertThat(cache.by("name", "a")).hasSize(2);
        assertThat(cache.in("shop")).hasSize(1);
        assertThat(cache.matching("shop", LabelSelector.parse("app!=web"))).isEmpty();
        cluster.put(RS, rs("a", "app", "db"));
        time.settle();
        assertThat(cache.ownedBy("owner-1")).isEmpty();
        assertThat(cache.labelled("app", "web")).hasSize(1);
        assertThatThrownBy(() -> cache.by("nonsense", "")).hasMessageContaining("no index named nonsense");
    }

    @Test
    void anObjectThatLeavesTheSelectionIsGoneAndMayComeBack() {
        cache = new ObjectCache(cluster, time, ALL.labelled("app=web"), ObjectCache.Options.standard(1));
        started();
        cluster.put(RS, rs("a", "app", "web"));
        cluster.put(RS, rs("a", "app", "db"));
        time.settle();
        assertThat(shown()).isEmpty();
        cache.learn(cluster.put(RS, rs("a", "app", "web")));
        assertThat(shown()).containsExactly("a@103");
        cache.learn(cluster.put(RS, rs("a", "app", "db")));
        assertThat(shown()).isEmpty();
        time.settle();
        assertThat(shown()).isEmpty();
        assertThat(told).containsExactly("- -> a@101", "a@101 -> -", "- -> a@103", "a@103 -> -");
    }

    @Test
    void aListenerThatComesLateIsToldWhatThereIs() {
        started();
        cluster.put(RS, rs("a"));
        time.settle();
        var late = new ArrayList<String>();
        cache.listen((old, now) -> late.add(now.map(ObjectCacheTest::text).orElse("-")));
        assertThat(late).containsExactly("a@101");
    }

    @Test
    void aListenerSeesTheChangeInTheStoreAndMayLearnInside() {
        cache.listen((old, now) -> now.ifPresent(object -> {
            assertThat(cache.get("shop", object.at("metadata", "name").string("")))
                    .contains(object);
            if (object.at("metadata", "name").string("").equals("a")) cache.learn(cluster.put(RS, rs("b")));
        }));
        started();
        cluster.put(RS, rs("a"));
        time.settle();
        assertThat(told).containsExactly("- -> a@101", "- -> b@102");
    }

    @Test
    void aCrashingListenerHarmsNoOther() {
        cache.listen((old, now) -> {
            throw new IllegalStateException("planted");
        });
        started();
        cluster.put(RS, rs("a"));
        time.settle();
        assertThat(told).containsExactly("- -> a@101");
    }

    @Test
    void whoWaitsForTheFirstListIsCalledAfterTheListenersKnowIt() {
        cluster.put(RS, rs("a"));
        cache.whenSynced(() -> told.add("synced"));
        started();
        assertThat(told).containsExactly("- -> a@101", "synced");
        cache.whenSynced(() -> told.add("at once"));
        assertThat(told).endsWith("at once");
    }

    @Test
    void afterCloseThereIsSilence() {
        started();
        cache.close();
        assertThat(cluster.watches).isEmpty();
        cluster.put(RS, rs("a"));
        cache.learn(cluster.put(RS, rs("b")));
        time.advance(Duration.ofHours(2));
        assertThat(told).isEmpty();
        assertThat(time.pending()).isZero();
        assertThat(cluster.requests).hasSize(1);
    }

    @Test
    void versionsThatAreNoNumbersAreTakenInTheOrderTheyCome() {
        started();
        for (var watch : cluster.watches) {
            watch.listener.accept(new dev.sluice.cluster.WatchEvent.Added(opaque("a", "x9")));
            watch.listener.accept(new dev.sluice.cluster.WatchEvent.Modified(opaque("a", "x1")));
        }
        assertThat(shown()).containsExactly("a@x1");
    }

    private static Json.Obj opaque(String name, String version) {
        return rs(name).withAt(List.of("metadata", "uid"), "u").withAt(List.of("metadata", "resourceVersion"), version);
    }
}
