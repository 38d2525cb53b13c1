package dev.sluice.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever happens to lists and watches: once it stops, the cache equals the server, the listeners were told a history
/// that leads there, and nothing was ever shown in an older state than before.
class ObjectCacheFaultsTest {
    private static final ResourceType RS = ResourceType.REPLICA_SETS;
    private static final int SEEDS = 450;

    /// What a run may contain. The answer to a deletion does not say at which version it happened; so it protects only
    /// against what claims to be current and is, and only as long as it is remembered. Hence three kinds of runs.
    private enum Kind {
        STALE_LISTS(4_096),
        ANSWERED_DELETIONS(4_096),
        TWO_TOMBSTONES(2);

        final int tombstones;

        Kind(int tombstones) {
            this.tombstones = tombstones;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "app=web"})
    void afterAnyScheduleOfFaultsTheCacheEqualsTheServer(String selector) {
        for (long seed = 0; seed < SEEDS; seed++) new Run(seed, selector, Kind.values()[(int) (seed % 3)]).whole();
    }

    private static final class Run {
        final long seed;
        final Kind kind;
        final RandomGenerator random;
        final VirtualTime time = new VirtualTime();
        final FakeCluster cluster = new FakeCluster(time);
        final Selection selection;
        final ObjectCache cache;
        final LearningGateway gateway;
        final Map<String, Json.Obj> mirror = new TreeMap<>();
        final Map<String, Long> latest = new TreeMap<>();
        final Set<String> deletedForGood = new HashSet<>();
        boolean faults = true;
        boolean fresh;
        int stale;

        Run(long seed, String selector, Kind kind) {
            this.seed = seed;
            this.kind = kind;
            random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            selection = Selection.all(RS).labelled(selector);
            var standard = ObjectCache.Options.standard(seed);
            cache = new ObjectCache(
                    cluster,
                    time,
                    selection,
                    new ObjectCache.Options(
                            Duration.ofMinutes(1), standard.backoff(), standard.strip(), kind.tombstones, seed));
            gateway = new LearningGateway(cluster, List.of(cache));
        }

        void whole() {
            cluster.wire = deliver -> {
                if (faults && random.nextInt(20) == 0) return; // swallowed
                deliver.accept(lag());
                if (faults && random.nextInt(10) == 0) deliver.accept(lag()); // stuttered
            };
            cluster.refuse = request -> faults && random.nextInt(6) == 0
                    ? Optional.of(new Reply.Refused(500, "InternalError", "planted", Optional.empty()))
                    : Optional.empty();
            cluster.garble = request -> {
                if (faults && random.nextInt(6) == 0) return Optional.of(new Reply.Lost("planted"));
                if (fresh) stale = 0;
                fresh = false;
                return Optional.empty();
            };
            cluster.duringList = () -> {
                fresh = true;
                if (faults && random.nextInt(3) == 0) write();
            };
            cache.listen(this::told);
            cache.start();
            for (int i = 0; i < 150; i++) {
                switch (random.nextInt(14)) {
                    case 0 -> cluster.cutWatches(false);
                    case 1 -> {
                        cluster.cutWatches(random.nextBoolean());
                        cluster.compact();
                    }
                    case 2 -> {
                        // Three in a row would be believed.
                        if (kind == Kind.STALE_LISTS && stale++ < 2) cluster.answerStale(selection, 1);
                    }
                    case 3 -> cluster.watches.forEach(watch -> watch.deaf = random.nextBoolean());
                    case 4, 5, 6, 7 -> time.advance(Duration.ofMillis(random.nextInt(3_000)));
                    default -> write();
                }
                check();
            }
            faults = false;
            cluster.answerFresh();
            // Two comparisons: the first corrects, the second finds a watch that is deaf.
            time.advance(Duration.ofMinutes(5));
            check();
            assertThat(cache.all()).as(because()).isEqualTo(cluster.list(selection));
            assertThat(List.copyOf(mirror.values()))
                    .as(because())
                    .containsExactlyInAnyOrderElementsOf(cluster.list(selection));
            // A watch may be deaf without having missed anything yet; then the comparisons find it out.
            put("next to last");
            time.advance(Duration.ofMinutes(5));
            assertThat(cache.get("shop", "next to last")).as(because()).isPresent();
            put("last");
            time.advance(Duration.ofSeconds(1));
            assertThat(cache.get("shop", "last")).as(because()).isPresent();
            cache.close();
            assertThat(time.pending()).as(because()).isLessThan(20);
        }

        void put(String name) {
            cluster.put(RS, FakeCluster.object(RS, "shop", name, "app", "web"));
        }

        /// Equal lags would keep the order; the wire mixes them.
        Duration lag() {
            return faults ? Duration.ofMillis(random.nextInt(2_000)) : Duration.ofMillis(100);
        }

        void write() {
            var name = "rs-" + random.nextInt(5);
            var ref = ObjectRef.of(RS, "shop", name);
            var labels = random.nextInt(3) == 0 ? "db" : "web";
            var body = FakeCluster.object(RS, "shop", name, "app", labels, "n", "" + random.nextInt(1_000));
            switch (random.nextInt(4)) {
                case 0 -> cluster.put(RS, body);
                case 1 -> cluster.remove(ref);
                case 2 -> {
                    if (kind == Kind.ANSWERED_DELETIONS && cluster.get(ref).isPresent() && random.nextInt(3) == 0) {
                        gateway.send(new Request.Delete(ref, Optional.empty(), Optional.empty(), "Background"));
                    } else gateway.send(new Request.Create(ref, body));
                }
                default ->
                    gateway.send(new Request.Patch(
                            ref,
                            dev.sluice.cluster.PatchType.MERGE,
                            Json.obj("metadata", Json.obj("labels", Json.obj("app", labels)))));
            }
        }

        void told(Optional<Json.Obj> old, Optional<Json.Obj> now) {
            var name = old.or(() -> now).orElseThrow().at("metadata", "name").string("");
            assertThat(Optional.ofNullable(mirror.get(name))).as(because()).isEqualTo(old);
            if (now.isPresent()) mirror.put(name, now.get());
            else mirror.remove(name);
            now.ifPresent(object -> {
                long version = Long.parseLong(Store.version(object));
                assertThat(version)
                        .as("%s: %s goes back in time", because(), name)
                        .isGreaterThan(latest.getOrDefault(name, 0L));
                latest.put(name, version);
                if (selection.labels().isEmpty()) {
                    assertThat(deletedForGood).as("%s: resurrected", because()).doesNotContain(Store.uid(object));
                }
            });
            if (old.isPresent() && now.isEmpty()) deletedForGood.add(Store.uid(old.get()));
        }

        void check() {
            assertThat(List.copyOf(mirror.values())).as(because()).containsExactlyInAnyOrderElementsOf(cache.all());
        }

        String because() {
            return "seed " + seed;
        }
    }
}
