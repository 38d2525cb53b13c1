package dev.sluice.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SystemTimeTest {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

    private final AtomicReference<Instant> wall = new AtomicReference<>(NOON);
    private final AtomicLong nanos = new AtomicLong();

    private void pass(Duration monotonic, Duration shown) {
        nanos.addAndGet(monotonic.toNanos());
        wall.updateAndGet(w -> w.plus(shown));
    }

    @Test
    void aSmallStepBackOfTheWallClockIsNotFollowed() {
        try (var time = new SystemTime(wall::get, nanos::get)) {
            pass(Duration.ofSeconds(5), Duration.ofMillis(4_200));
            assertThat(time.now()).isEqualTo(NOON.plusSeconds(5));
        }
    }

    @Test
    void timeLostInSuspensionIsTaken() {
        try (var time = new SystemTime(wall::get, nanos::get)) {
            pass(Duration.ofSeconds(1), Duration.ofMinutes(10));
            assertThat(time.now()).isEqualTo(NOON.plusSeconds(600));
        }
    }

    @Test
    void aGreatStepBackIsFollowed() {
        try (var time = new SystemTime(wall::get, nanos::get)) {
            pass(Duration.ofSeconds(1), Duration.ofHours(-1));
            assertThat(time.now()).isEqualTo(NOON.minusSeconds(3_600));
            pass(Duration.ofSeconds(1), Duration.ofSeconds(1));
            assertThat(time.now()).isEqualTo(NOON.minusSeconds(3_599));
        }
    }

    @Test
    void tasksRunOnVirtualThreadsAndAFailedOneHarmsNoOther() throws InterruptedException {
        try (var time = new SystemTime()) {
            var ran = new CountDownLatch(2);
            var virtual = new AtomicBoolean();
            time.soon(() -> {
                throw new IllegalStateException("planted");
            });
            time.soon(() -> {
                virtual.set(Thread.currentThread().isVirtual());
                ran.countDown();
            });
            time.at(time.now().plusMillis(20), ran::countDown);
            assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(virtual).isTrue();
        }
    }

    @Test
    void aCancelledTaskDoesNotRun() throws InterruptedException {
        try (var time = new SystemTime()) {
            var ran = new AtomicBoolean();
            var later = new CountDownLatch(1);
            time.at(time.now().plusMillis(2_000), () -> ran.set(true)).cancel();
            time.at(time.now().plusMillis(2_050), later::countDown);
            assertThat(later.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(ran).isFalse();
        }
    }
}
