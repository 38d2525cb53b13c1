package dev.sluice.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
    private final VirtualTime time = new VirtualTime();
    private final WorkQueue<String> queue = new WorkQueue<>(time);

    private List<String> pollAll() {
        var polled = new ArrayList<String>();
        for (var key = queue.poll(); key.isPresent(); key = queue.poll()) polled.add(key.get());
        return polled;
    }

    @Test
    void aKeyAddedTwiceIsHandedOutOnce() {
        queue.add("a");
        queue.add("b");
        queue.add("a");
        assertThat(pollAll()).containsExactly("a", "b");
    }

    @Test
    void aKeyAddedWhileProcessedRunsAgainAfterwardsAndNeverAtOnce() {
        queue.add("a");
        assertThat(queue.poll()).contains("a");
        queue.add("a");
        queue.add("a");
        assertThat(queue.poll()).isEmpty();
        queue.done("a");
        assertThat(pollAll()).containsExactly("a");
        queue.done("a");
        assertThat(queue.idle()).isTrue();
    }

    @Test
    void aBusyKeyGoesToTheEndOfTheLine() {
        queue.add("busy");
        queue.poll();
        queue.add("busy");
        queue.add("other");
        queue.done("busy");
        assertThat(pollAll()).containsExactly("other", "busy");
    }

    @Test
    void theEarliestWishStays() {
        queue.addAfter("a", Duration.ofMinutes(10));
        queue.addAfter("a", Duration.ofMinutes(1));
        queue.addAfter("a", Duration.ofMinutes(5));
        time.advance(Duration.ofSeconds(59));
        assertThat(queue.poll()).isEmpty();
        time.advance(Duration.ofSeconds(1));
        assertThat(pollAll()).containsExactly("a");
        queue.done("a");
        time.advance(Duration.ofHours(1));
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void aPassNowDoesNotTakeALaterWishBack() {
        queue.addAfter("a", Duration.ofMinutes(10));
        queue.add("a");
        assertThat(pollAll()).containsExactly("a");
        queue.done("a");
        time.advance(Duration.ofMinutes(10));
        assertThat(pollAll()).containsExactly("a");
    }

    @Test
    void aWishInThePastIsNow() {
        queue.addAt("a", time.now().minusSeconds(1));
        assertThat(queue.poll()).contains("a");
    }

    @Test
    void keysDueAtOnceComeInTheOrderOfTheirWishes() {
        queue.addAfter("late", Duration.ofSeconds(2));
        queue.addAfter("second", Duration.ofSeconds(1));
        queue.addAfter("third", Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(5));
        assertThat(pollAll()).containsExactly("second", "third", "late");
    }

    @Test
    void backoffDoublesFromAMillisecondToTenSecondsAndIsForgotten() {
        var waits = new ArrayList<Long>();
        for (int i = 0; i < 17; i++) {
            queue.retry("a");
            var from = time.now();
            time.until(Duration.ofMinutes(1), () -> queue.depth() == 1);
            waits.add(Duration.between(from, time.now()).toMillis());
            queue.poll();
            queue.done("a");
        }
        assertThat(waits)
                .startsWith(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L)
                .endsWith(4096L, 8192L, 10_000L, 10_000L, 10_000L);
        assertThat(queue.failures("a")).isEqualTo(17);
        queue.forget("a");
        queue.retry("a");
        time.advance(Duration.ofMillis(1));
        assertThat(queue.poll()).contains("a");
    }

    @Test
    void afterCloseNothingIsHandedOutAndNoTimerIsLeft() {
        queue.add("a");
        queue.poll();
        queue.addAfter("b", Duration.ofSeconds(1));
        queue.add("c");
        queue.close();
        queue.add("d");
        queue.addAfter("e", Duration.ofSeconds(1));
        queue.add("a");
        queue.done("a");
        assertThat(queue.poll()).isEmpty();
        assertThat(time.pending()).isZero();
    }

    @Test
    void doneWithoutPollIsOurMistakeAndSaysSo() {
        assertThatThrownBy(() -> queue.done("a")).hasMessageContaining("done(a) without poll");
    }

    @Test
    void itCountsWhatItDid() {
        queue.add("a");
        time.advance(Duration.ofMillis(40));
        queue.poll();
        time.advance(Duration.ofMillis(400));
        queue.retry("a");
        queue.done("a");
        var stats = queue.stats();
        assertThat(stats.adds()).isEqualTo(1);
        assertThat(stats.retries()).isEqualTo(1);
        assertThat(stats.waiting()).isEqualTo(1);
        assertThat(stats.latency().sum()).isEqualTo(Duration.ofMillis(40));
        assertThat(stats.work().sum()).isEqualTo(Duration.ofMillis(400));
        assertThat(stats.work().counts()).containsExactly(0L, 0L, 0L, 0L, 0L, 1L, 1L, 1L, 1L, 1L);
    }

    @Test
    void whateverTheScheduleNoKeyIsLostNorRunTwiceAtOnce() {
        for (long seed = 0; seed < 300; seed++) {
            var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
            var clock = new VirtualTime();
            var fuzzed = new WorkQueue<Integer>(clock);
            var lastAdded = new TreeMap<Integer, Integer>();
            var lastSeen = new TreeMap<Integer, Integer>();
            var running = new TreeSet<Integer>();
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(5)) {
                    case 0 -> {
                        int key = random.nextInt(6);
                        fuzzed.add(key);
                        lastAdded.put(key, step);
                    }
                    case 1 -> {
                        int key = random.nextInt(6);
                        fuzzed.addAfter(key, Duration.ofMillis(random.nextInt(50)));
                        lastAdded.put(key, step);
                    }
                    case 2 -> clock.advance(Duration.ofMillis(random.nextInt(20)));
                    case 3 -> {
                        int now = step;
                        fuzzed.poll().ifPresent(key -> {
                            assertThat(running.add(key)).as("seed %d", now).isTrue();
                            lastSeen.put(key, now);
                        });
                    }
                    default -> {
                        if (!running.isEmpty()) fuzzed.done(running.removeFirst());
                    }
                }
            }
            while (!running.isEmpty()) fuzzed.done(running.removeFirst());
            clock.advance(Duration.ofSeconds(1));
            for (var key = fuzzed.poll(); key.isPresent(); key = fuzzed.poll()) lastSeen.put(key.get(), 1_000);
            lastAdded.forEach((key, added) -> assertThat(lastSeen.get(key)).isGreaterThan(added));
        }
    }

    @Test
    void underVirtualTimeWorkersTakeOneKeyPerEvent() {
        var order = new ArrayList<String>();
        new Workers<>(queue, time, 2, key -> {
            order.add(key);
            return true;
        });
        queue.add("a");
        queue.add("b");
        queue.add("c");
        assertThat(order).isEmpty();
        time.settle();
        assertThat(order).containsExactly("a", "b", "c");
    }

    @Test
    void aCrashedPassIsRunAgainAndHarmsNoOther() {
        var passes = new AtomicInteger();
        var done = new ArrayList<String>();
        var workers = new Workers<>(queue, time, 1, key -> {
            if (key.equals("bad") && passes.incrementAndGet() < 4) throw new IllegalStateException("planted");
            done.add(key);
            return true;
        });
        queue.add("bad");
        queue.add("good");
        time.advance(Duration.ofSeconds(1));
        assertThat(done).containsExactly("good", "bad");
        assertThat(workers.crashes()).isEqualTo(3);
        assertThat(queue.failures("bad")).isZero();
    }

    @Test
    void onThreadsEveryKeyIsSeenAfterItsLastAddAndNoneTwiceAtOnce() throws InterruptedException {
        try (var clock = new SystemTime()) {
            var threaded = new WorkQueue<Integer>(clock);
            var wanted = new AtomicInteger[20];
            for (int i = 0; i < wanted.length; i++) wanted[i] = new AtomicInteger();
            var seen = new ConcurrentHashMap<Integer, Integer>();
            var inside = ConcurrentHashMap.<Integer>newKeySet();
            var violations = new AtomicInteger();
            var workers = new Workers<>(threaded, clock, 4, key -> {
                if (!inside.add(key)) violations.incrementAndGet();
                seen.put(key, wanted[key].get());
                inside.remove(key);
                return true;
            });
            var adders = new CountDownLatch(4);
            for (int t = 0; t < 4; t++) {
                Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        wanted[i % 20].incrementAndGet();
                        threaded.add(i % 20);
                    }
                    adders.countDown();
                });
            }
            assertThat(adders.await(20, TimeUnit.SECONDS)).isTrue();
            while (!threaded.idle()) Thread.onSpinWait();
            assertThat(workers.drain(Duration.ofSeconds(20))).isTrue();
            assertThat(violations).hasValue(0);
            for (int i = 0; i < 20; i++) assertThat(seen).containsEntry(i, wanted[i].get());
        }
    }

    @Test
    void drainWaitsForThePassUnderWay() throws InterruptedException {
        try (var clock = new SystemTime()) {
            var threaded = new WorkQueue<String>(clock);
            var started = new CountDownLatch(1);
            var go = new CountDownLatch(1);
            var finished = new AtomicInteger();
            var workers = new Workers<>(threaded, clock, 1, key -> {
                started.countDown();
                try {
                    if (go.await(20, TimeUnit.SECONDS)) finished.incrementAndGet();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return true;
            });
            threaded.add("a");
            threaded.add("never");
            assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(workers.drain(Duration.ofMillis(1))).isFalse();
            go.countDown();
            assertThat(workers.drain(Duration.ofSeconds(20))).isTrue();
            assertThat(finished).hasValue(1);
        }
    }
}
