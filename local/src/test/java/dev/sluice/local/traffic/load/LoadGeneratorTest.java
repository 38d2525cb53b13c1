package dev.sluice.local.traffic.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.local.SystemTime;
import dev.sluice.local.traffic.http.Body;
import dev.sluice.local.traffic.http.HttpListener;
import dev.sluice.local.traffic.http.HttpResponse;
import dev.sluice.local.traffic.http.Limits;
import dev.sluice.local.traffic.http.Watchdog;
import dev.sluice.local.traffic.load.LoadPlan.Pace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoadGeneratorTest {
    private final SystemTime time = new SystemTime();
    private final Watchdog watchdog = new Watchdog(Duration.ofMillis(50));
    private final ArrayList<HttpListener> listeners = new ArrayList<>();

    @AfterEach
    void close() {
        listeners.forEach(HttpListener::close);
        watchdog.close();
        time.close();
    }

    private InetSocketAddress server(HttpListener.Handler handler) throws IOException {
        var listener = HttpListener.open(new InetSocketAddress("127.0.0.1", 0), Limits.SHARED, watchdog, handler);
        listeners.add(listener);
        return listener.address();
    }

    private static HttpResponse by(String version, int status) {
        return HttpResponse.text(status, version).withHeader("X-Version", version);
    }

    @Test
    void everyRequestIsAccountedForByVersionAndStatus() throws Exception {
        var count = new AtomicInteger();
        var at = server(_ -> {
            int n = count.getAndIncrement();
            return n % 10 == 0 ? by("v2", n % 20 == 0 ? 500 : 200) : by("v1", 200);
        });
        var load = LoadGenerator.start(LoadPlan.closed(at, "/", 8).times(1000), time);
        assertThat(load.await(Duration.ofSeconds(30))).isTrue();
        var report = load.stop();
        assertThat(report.requests()).isEqualTo(1000);
        assertThat(report.versions().keySet()).containsExactly("v1", "v2");
        assertThat(report.requests("v1")).isEqualTo(900);
        assertThat(report.share("v2")).isEqualTo(0.1);
        assertThat(report.versions().get("v2").statuses()).isEqualTo(Map.of(200, 50L, 500, 50L));
        assertThat(report.failed()).isEqualTo(50);
        assertThat(report.reasons()).isEqualTo(Map.of("http-500", 50L));
        assertThat(report.firstFailures()).hasSize(50).allSatisfy(failure -> {
            assertThat(failure.version()).isEqualTo("v2");
            assertThat(failure.why()).isEqualTo("v2");
        });
        var canary = report.versions().get("v2");
        assertThat(canary.first()).isBeforeOrEqualTo(canary.firstFailure().orElseThrow());
        assertThat(canary.lastFailure().orElseThrow()).isBeforeOrEqualTo(canary.last());
        assertThat(report.latencies().count()).isEqualTo(1000);
        assertThat(load.connections()).as("connections are kept").isLessThanOrEqualTo(8);
    }

    @Test
    void anOpenLoopKeepsItsPaceWhileTheServerStands() throws Exception {
        var go = new CountDownLatch(1);
        var arrived = new CountDownLatch(100);
        var at = server(_ -> {
            arrived.countDown();
            go.await();
            return by("v1", 200);
        });
        // A closed loop would stop at its workers; here all 100 are made while not one is answered.
        var load = LoadGenerator.start(LoadPlan.open(at, "/", 1000).times(100), time);
        assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(load.report().requests()).isZero();
        go.countDown();
        assertThat(load.await(Duration.ofSeconds(30))).isTrue();
        var report = load.stop();
        assertThat(report.requests()).isEqualTo(100);
        assertThat(report.failed()).isZero();
    }

    @Test
    void whoWaitedForAPlaceIsChargedFromWhenTheRequestWasDue() throws Exception {
        var go = new CountDownLatch(1);
        var arrived = new CountDownLatch(1);
        var at = server(_ -> {
            arrived.countDown();
            go.await();
            return by("v1", 200);
        });
        var plan = LoadPlan.open(at, "/", 100).with(new Pace.OpenLoop(100, 1)).times(20);
        var load = LoadGenerator.start(plan, time);
        assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
        // Held back until the second request is overdue by the clock the generator goes by.
        long overdue = System.nanoTime() + 200_000_000;
        var waited = new CountDownLatch(1);
        watchdog.onRound(() -> {
            if (System.nanoTime() > overdue) waited.countDown();
        });
        assertThat(waited.await(30, TimeUnit.SECONDS)).isTrue();
        go.countDown();
        assertThat(load.await(Duration.ofSeconds(30))).isTrue();
        var report = load.stop();
        assertThat(report.requests()).isEqualTo(20);
        assertThat(report.behind()).isGreaterThan(Duration.ofMillis(100));
        assertThat(report.latencies().quantile(0.5)).isGreaterThan(Duration.ofMillis(50));
    }

    @Test
    void eachWayToFailHasItsName() throws Exception {
        var forever = new CountDownLatch(1);
        var silent = server(_ -> {
            forever.await();
            return by("v1", 200);
        });
        var closed = server(_ -> by("v1", 200));
        listeners.getLast().close();
        var broken = server(_ -> by("v1", 503));
        assertThat(run(LoadPlan.closed(closed, "/", 1).times(3)).reasons()).isEqualTo(Map.of("refused", 3L));
        assertThat(run(LoadPlan.closed(broken, "/", 1).times(3)).reasons()).isEqualTo(Map.of("http-503", 3L));
        var slow = LoadPlan.closed(silent, "/", 2).times(2).withTimeout(Duration.ofMillis(50));
        assertThat(run(slow).reasons()).isEqualTo(Map.of("timeout", 2L));
        var cut = LoadGenerator.start(LoadPlan.closed(silent, "/", 1).times(1), time);
        var connected = new CountDownLatch(1);
        var server = listeners.getFirst();
        watchdog.onRound(() -> {
            if (cut.connections() == 1 && server.connections() >= 1) connected.countDown();
        });
        assertThat(connected.await(30, TimeUnit.SECONDS)).isTrue();
        server.close();
        assertThat(cut.stop().reasons().keySet()).containsAnyOf("reset", "refused");
    }

    private LoadReport run(LoadPlan plan) throws InterruptedException {
        var load = LoadGenerator.start(plan, time);
        assertThat(load.await(Duration.ofSeconds(30))).isTrue();
        return load.stop();
    }

    @Test
    void twoReportsGiveTheAccountOfTheTimeBetween() throws Exception {
        var version = new AtomicReference<>("v1");
        var old = new AtomicLong();
        var at = server(_ -> {
            synchronized (old) {
                var now = version.get();
                if (now.equals("v1")) old.incrementAndGet();
                return by(now, 200);
            }
        });
        var load = LoadGenerator.start(LoadPlan.closed(at, "/", 4), time);
        var reached = new CountDownLatch(1);
        watchdog.onRound(() -> {
            if (load.report().requests() > 100) reached.countDown();
        });
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        synchronized (old) {
            version.set("v2");
        }
        var second = new CountDownLatch(1);
        // Who asked before is told v1, however late that arrives.
        watchdog.onRound(() -> {
            if (load.report().requests("v1") == old.get()) second.countDown();
        });
        assertThat(second.await(30, TimeUnit.SECONDS)).isTrue();
        var middle = load.report();
        var enough = new CountDownLatch(1);
        watchdog.onRound(() -> {
            if (load.report().since(middle).requests() > 200) enough.countDown();
        });
        assertThat(enough.await(30, TimeUnit.SECONDS)).isTrue();
        var end = load.stop();
        var between = end.since(middle);
        assertThat(between.share("v2")).isEqualTo(1.0);
        assertThat(between.requests()).isEqualTo(end.requests() - middle.requests());
        assertThat(between.latencies().count()).isEqualTo(between.requests());
        var all = load.between(Instant.EPOCH, time.now().plusSeconds(60));
        assertThat(all.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(end.requests());
        assertThat(load.between(time.now().plusSeconds(60), time.now().plusSeconds(120)))
                .isEmpty();
    }

    @Test
    void postsCarryTheirBodyAndHeaders() throws Exception {
        var at = server(request -> request.method().equals("POST")
                        && request.body().text().equals("{\"n\":1}")
                        && request.headers().first("X-User", "").equals("beta")
                        && request.host().equals("shop.example")
                ? by("v1", 200)
                : by("v1", 500));
        var plan = LoadPlan.closed(at, "/order", 2)
                .posting(Body.of("{\"n\":1}"))
                .withHeader("X-User", "beta")
                .withHost("shop.example")
                .times(10);
        assertThat(run(plan).failed()).isZero();
    }

    @Test
    void latenciesAreKnownToAFewPerCentInFixedMemory() {
        var latencies = new Latencies();
        var random = new Random(7);
        var exact = new ArrayList<Long>();
        for (int i = 0; i < 20_000; i++) {
            long micros = (long) Math.exp(random.nextDouble() * 16);
            exact.add(micros);
            latencies.add(micros * 1000);
        }
        exact.sort(null);
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
            long truth = exact.get((int) Math.ceil(share * exact.size()) - 1);
            assertThat(latencies.quantile(share).toNanos() / 1000.0).isBetween((double) truth, truth * 1.04 + 1);
        }
        assertThat(latencies.minus(latencies.copy()).count()).isZero();
        for (int bucket = 1; bucket < 900; bucket++) {
            assertThat(Latencies.bucket(Latencies.upper(bucket))).isEqualTo(bucket);
            assertThat(Latencies.bucket(Latencies.upper(bucket - 1) + 1)).isEqualTo(bucket);
        }
    }

    @Test
    void senselessPlansAreRefusedInWords() {
        var here = new InetSocketAddress("127.0.0.1", 1);
        assertThatThrownBy(() -> LoadPlan.closed(here, "/", 0)).hasMessageContaining("workers");
        assertThatThrownBy(() -> LoadPlan.open(here, "/", 0)).hasMessageContaining("perSecond");
        assertThatThrownBy(() -> LoadPlan.closed(new InetSocketAddress("192.0.2.1", 80), "/", 1))
                .hasMessageContaining("loopback");
    }
}
