package dev.sluice.local.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.local.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CacheTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Test
    void listenersOfTwoCachesLookIntoEachOtherAtOnce() throws Exception {
        var world = new World(new Nowhere(), new VirtualTime(), new Seed(1));
        var pods = world.cache(ResourceType.PODS);
        var sets = world.cache(ResourceType.REPLICA_SETS);
        var inPods = new CountDownLatch(1);
        var inSets = new CountDownLatch(1);
        var other = new AtomicReference<Thread>();
        pods.listen((_, _) -> {
            inPods.countDown();
            // Goes on when the other listener runs too, or can be seen to wait until this one is done.
            var patience = System.nanoTime() + LIMIT.toNanos();
            while (inSets.getCount() > 0 && !blocked(other.get()) && System.nanoTime() < patience) Thread.onSpinWait();
            sets.all();
        });
        sets.listen((_, _) -> {
            inSets.countDown();
            pods.all();
        });

        var one = Thread.ofPlatform().daemon().unstarted(() -> pods.learn(object("Pod")));
        var two = Thread.ofPlatform().daemon().unstarted(() -> {
            await(inPods);
            sets.learn(object("ReplicaSet"));
        });
        other.set(two);
        for (var thread : List.of(one, two)) thread.start();

        for (var thread : List.of(one, two)) {
            assertThat(thread.join(LIMIT))
                    .as("a listener that comes to its end")
                    .isTrue();
        }
        assertThat(pods.all()).hasSize(1);
        assertThat(sets.all()).hasSize(1);
    }

    private static boolean blocked(Thread thread) {
        return thread.getState() == Thread.State.BLOCKED;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private static Json.Obj object(String kind) {
        return Json.obj(
                "kind",
                kind,
                "metadata",
                Json.obj("namespace", "shop", "name", "a", "uid", "u", "resourceVersion", "1"));
    }

    /// Nothing is there, and nothing happens.
    private static final class Nowhere implements Gateway {
        @Override
        public Reply send(Request request) {
            throw new AssertionError("not asked for here: " + request);
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            return () -> {};
        }
    }
}
