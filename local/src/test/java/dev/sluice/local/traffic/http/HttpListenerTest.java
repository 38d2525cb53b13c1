package dev.sluice.local.traffic.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class HttpListenerTest {
    private static final Limits QUICK = Limits.SERVER.withTimes(
            Duration.ofMillis(150), Duration.ofMillis(150), Duration.ofSeconds(30), Duration.ofMillis(300));
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Watchdog watchdog = new Watchdog(Duration.ofMillis(50));
    private final ConnectionPool pool =
            new ConnectionPool(Limits.SERVER, watchdog, Duration.ofSeconds(2), Duration.ofSeconds(5), 16);
    private final ArrayList<HttpListener> listeners = new ArrayList<>();

    @AfterEach
    void close() {
        listeners.forEach(HttpListener::close);
        pool.close();
        watchdog.close();
    }

    private HttpListener open(Limits limits, HttpListener.Handler handler) {
        try {
            var listener = HttpListener.open(new InetSocketAddress("127.0.0.1", 0), limits, watchdog, handler);
            listeners.add(listener);
            return listener;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private HttpListener echo(Limits limits) {
        return open(
                limits,
                request -> HttpResponse.text(
                        200,
                        request.method() + " " + request.target() + " "
                                + request.body().text()));
    }

    /// Sends raw bytes and reads until the server closes.
    private static String raw(HttpListener listener, String text) throws IOException {
        try (var socket = new Socket("127.0.0.1", listener.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static HttpResponse answer(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Answered.class);
        return ((Outcome.Answered) outcome).response();
    }

    @Test
    void aConnectionIsUsedForManyRequests() {
        var listener = echo(Limits.SERVER);
        for (int i = 0; i < 50; i++) {
            var response = answer(pool.send(listener.address(), HttpRequest.get("/n/" + i, "web"), LONG));
            assertThat(response.bodyText()).isEqualTo("GET /n/" + i + " ");
        }
        assertThat(pool.opened()).isEqualTo(1);
        assertThat(listener.connections()).isEqualTo(1);
    }

    @Test
    void bodiesArriveByLengthAndByChunks() throws IOException {
        var listener = echo(Limits.SERVER);
        var posted = answer(pool.send(listener.address(), HttpRequest.post("/", "web", Body.of("hello")), LONG));
        assertThat(posted.bodyText()).isEqualTo("POST / hello");
        var chunked = raw(
                listener,
                "POST /c HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                        + "5;note=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n");
        assertThat(chunked).startsWith("HTTP/1.1 200 OK\r\n").endsWith("POST /c hello world");
    }

    @Test
    void aLargeBodyComesThroughWhole() {
        var listener = echo(Limits.SERVER);
        var text = "0123456789".repeat(90_000);
        var response = answer(pool.send(listener.address(), HttpRequest.post("/", "web", Body.of(text)), LONG));
        assertThat(response.bodyText()).isEqualTo("POST / " + text);
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        var listener = echo(Limits.SERVER);
        var answers = raw(
                listener,
                "GET /1 HTTP/1.1\r\nHost: w\r\n\r\nGET /2 HTTP/1.1\r\nHost: w\r\n\r\n"
                        + "GET /3 HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n");
        assertThat(answers).containsSubsequence("GET /1", "GET /2", "Connection: close", "GET /3");
    }

    @Test
    void headHasNoBodyAndExpectGetsItsContinue() throws IOException {
        var listener = echo(Limits.SERVER);
        assertThat(raw(listener, "HEAD /x HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n"))
                .contains("Content-Length: 8")
                .endsWith("\r\n\r\n");
        assertThat(raw(
                        listener,
                        "POST / HTTP/1.1\r\nHost: w\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                                + "Connection: close\r\n\r\nab"))
                .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | GET / HTTP/1.1~~",
                "400 | GET / HTTP/1.1~Host: a~Host: b~~",
                "400 | GET /~~",
                "400 | GET / HTTP/1.1~Host : w~~",
                "400 | GET / HTTP/1.1~Host: w~X: 1~ folded~~",
                "400 | GET / HTTP/1.1~Host: w~novalue~~",
                "400 | G@T / HTTP/1.1~Host: w~~",
                "400 | POST / HTTP/1.1~Host: w~Content-Length: 3~Transfer-Encoding: chunked~~abc",
                "400 | POST / HTTP/1.1~Host: w~Content-Length: 3~Content-Length: 4~~abcd",
                "400 | POST / HTTP/1.1~Host: w~Content-Length: +3~~abc",
                "400 | POST / HTTP/1.1~Host: w~Transfer-Encoding: chunked~~zz~abc",
                "501 | POST / HTTP/1.1~Host: w~Transfer-Encoding: gzip, chunked~~",
                "505 | GET / HTTP/2.0~Host: w~~",
                "413 | POST / HTTP/1.1~Host: w~Content-Length: 2000000~~",
                "413 | POST / HTTP/1.1~Host: w~Transfer-Encoding: chunked~~1f0000~~",
            })
    void whatIsNotHttpIsRefusedWithItsStatusAndClosed(int status, String request) throws IOException {
        var answer = raw(echo(Limits.SERVER), request.replace("~", "\r\n"));
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("Connection: close");
    }

    @Test
    void anOversizedHeadIsCutOff() throws IOException {
        var listener = echo(Limits.SERVER);
        var big = "GET / HTTP/1.1\r\nHost: w\r\nX-Big: " + "x".repeat(40_000) + "\r\n\r\n";
        assertThat(raw(listener, big)).startsWith("HTTP/1.1 431 ");
        assertThat(raw(listener, "GET /" + "x".repeat(40_000) + " HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 414 ");
        assertThat(raw(listener, "GET / HTTP/1.1\r\nHost: w\r\n" + "X: 1\r\n".repeat(200) + "\r\n"))
                .startsWith("HTTP/1.1 431 ");
    }

    @Test
    void aClientThatDribblesItsRequestIsCutOff() throws IOException {
        var listener = echo(QUICK);
        assertThat(raw(listener, "GET / HTTP/1.1\r\nHost: w\r\nX-Never: end")).startsWith("HTTP/1.1 408 ");
        assertThat(raw(listener, "POST / HTTP/1.1\r\nHost: w\r\nContent-Length: 5\r\n\r\nab"))
                .startsWith("HTTP/1.1 408 ");
    }

    @Test
    void aClientThatNeverReadsIsCutOff() throws Exception {
        var served = new CountDownLatch(1);
        var huge = "x".repeat(32 << 20);
        var listener = open(QUICK, _ -> {
            served.countDown();
            return HttpResponse.text(200, huge);
        });
        try (var socket = new Socket("127.0.0.1", listener.port())) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: w\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(served.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(eventually(() -> listener.connections() == 0)).isTrue();
        }
    }

    private boolean eventually(BooleanSupplier condition) throws InterruptedException {
        var met = new CountDownLatch(1);
        watchdog.onRound(() -> {
            if (condition.getAsBoolean()) met.countDown();
        });
        return met.await(20, TimeUnit.SECONDS);
    }

    @Test
    void aHandlerThatFailsIsOneAnswerOnly() {
        var listener = open(Limits.SERVER, request -> {
            if (request.path().equals("/bad")) throw new IllegalStateException("planted");
            return HttpResponse.text(200, "fine");
        });
        assertThat(answer(pool.send(listener.address(), HttpRequest.get("/bad", "w"), LONG))
                        .status())
                .isEqualTo(500);
        assertThat(answer(pool.send(listener.address(), HttpRequest.get("/good", "w"), LONG))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void drainingAnswersAndAsksTheClientToLeave() {
        var listener = echo(Limits.SERVER);
        var before = answer(pool.send(listener.address(), HttpRequest.get("/", "w"), LONG));
        assertThat(before.headers().has("Connection")).isFalse();
        listener.drain();
        for (int i = 0; i < 3; i++) {
            var during = answer(pool.send(listener.address(), HttpRequest.get("/", "w"), LONG));
            assertThat(during.headers().lists("Connection", "close")).isTrue();
        }
        assertThat(pool.opened()).as("each answer ended its connection").isEqualTo(3);
    }

    @Test
    void finishingWaitsForTheRequestUnderWayAndDropsNone() throws Exception {
        var arrived = new CountDownLatch(8);
        var go = new CountDownLatch(1);
        var listener = open(Limits.SERVER, _ -> {
            arrived.countDown();
            go.await();
            return HttpResponse.text(200, "late but whole");
        });
        var answered = new AtomicInteger();
        var clients = new ArrayList<Thread>();
        for (int i = 0; i < 8; i++) {
            clients.add(Thread.startVirtualThread(() -> {
                var response = answer(pool.send(listener.address(), HttpRequest.get("/", "w"), LONG));
                if (response.bodyText().equals("late but whole")) answered.incrementAndGet();
            }));
        }
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        var finished = new AtomicInteger(-1);
        var finisher = Thread.startVirtualThread(() -> {
            try {
                finished.set(listener.finish(LONG) ? 1 : 0);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        go.countDown();
        for (var client : clients) client.join();
        finisher.join();
        assertThat(answered).hasValue(8);
        assertThat(finished).hasValue(1);
        assertThat(pool.send(listener.address(), HttpRequest.get("/", "w"), LONG))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                    assertThat(failed.failure()).isEqualTo(Outcome.Failure.REFUSED);
                    assertThat(failed.sent()).isFalse();
                });
    }

    @Test
    void whatHasConnectedBeforeTheEndIsStillAnswered() throws Exception {
        // One connection at a time, so that the others wait in the accept queue.
        var go = new CountDownLatch(1);
        var arrived = new CountDownLatch(1);
        var listener = open(Limits.SERVER.withConnections(1), _ -> {
            arrived.countDown();
            go.await();
            return HttpResponse.text(200, "ok");
        });
        var sockets = new ArrayList<Socket>();
        for (int i = 0; i < 4; i++) {
            var socket = new Socket("127.0.0.1", listener.port());
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: w\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            sockets.add(socket);
        }
        assertThat(arrived.await(20, TimeUnit.SECONDS)).isTrue();
        listener.drain();
        var finisher = Thread.startVirtualThread(() -> {
            try {
                listener.finish(LONG);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        go.countDown();
        int answered = 0;
        for (var socket : sockets) {
            var text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            if (text.startsWith("HTTP/1.1 200")) answered++;
            socket.close();
        }
        finisher.join();
        assertThat(answered).isEqualTo(4);
    }

    @Test
    void aKeptConnectionThatThePeerHasClosedIsNotUsedAgain() throws Exception {
        var first = echo(Limits.SERVER);
        answer(pool.send(first.address(), HttpRequest.get("/", "w"), LONG));
        first.close();
        assertThat(eventually(() -> watchdog.connections() <= 1)).isTrue();
        var second = HttpListener.open(first.address(), Limits.SERVER, watchdog, _ -> HttpResponse.text(200, "new"));
        listeners.add(second);
        assertThat(answer(pool.send(first.address(), HttpRequest.get("/", "w"), LONG))
                        .bodyText())
                .isEqualTo("new");
    }

    @Test
    void aSilentServerIsATimeoutAndADeadOneAReset() throws Exception {
        var forever = new CountDownLatch(1);
        var listener = open(Limits.SERVER, _ -> {
            forever.await();
            return HttpResponse.empty(204);
        });
        assertThat(pool.send(listener.address(), HttpRequest.get("/", "w"), Duration.ofMillis(50)))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                    assertThat(failed.failure()).isEqualTo(Outcome.Failure.TIMEOUT);
                    assertThat(failed.sent()).isTrue();
                });
        var result = new AtomicInteger();
        var client = Thread.startVirtualThread(() -> {
            if (pool.send(listener.address(), HttpRequest.get("/", "w"), LONG) instanceof Outcome.Failed failed
                    && failed.failure() == Outcome.Failure.RESET) {
                result.set(1);
            }
        });
        assertThat(eventually(() -> listener.connections() >= 1)).isTrue();
        listener.close();
        client.join();
        assertThat(result).hasValue(1);
    }

    @Test
    void whoConnectsInTheMomentOfTheCloseIsNotLeftWaiting() throws Exception {
        for (int round = 0; round < 100; round++) {
            var listener = echo(Limits.SERVER);
            var both = new CyclicBarrier(2);
            var client = CompletableFuture.supplyAsync(() -> connects(listener.address(), both));
            both.await(20, TimeUnit.SECONDS);
            LockSupport.parkNanos(round * 1000L);
            listener.close();
            assertThat(client.get(20, TimeUnit.SECONDS)).as("round %d", round).isNotEqualTo("left waiting");
        }
    }

    private static String connects(InetSocketAddress address, CyclicBarrier both) {
        try (var socket = new Socket()) {
            both.await(20, TimeUnit.SECONDS);
            socket.setSoTimeout(10_000);
            socket.connect(address, 10_000);
            // Who only listens may wait for ever: in one moment of the close Linux drops a connection that the client
            // takes for made, and tells it only when it says something.
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: web\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() < 0 ? "ended" : "answered";
        } catch (SocketTimeoutException left) {
            return "left waiting";
        } catch (IOException refused) {
            return "refused";
        } catch (InterruptedException | BrokenBarrierException | TimeoutException never) {
            throw new AssertionError(never);
        }
    }

    @Test
    void onlyLoopbackIsListenedOnAndATakenPortIsNamed() {
        assertThatThrownBy(() -> HttpListener.open(
                        new InetSocketAddress("0.0.0.0", 0), Limits.SERVER, watchdog, _ -> HttpResponse.empty(204)))
                .isInstanceOf(IllegalArgumentException.class);
        var listener = echo(Limits.SERVER);
        assertThatThrownBy(() ->
                        HttpListener.open(listener.address(), Limits.SERVER, watchdog, _ -> HttpResponse.empty(204)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + listener.port());
    }

    @Test
    void aThousandListenersOnTheirOwnAddressesAllAnswerAndAllEnd() throws Exception {
        var all = new ArrayList<HttpListener>();
        for (int i = 0; i < 1000; i++) {
            var at = new InetSocketAddress("127.77." + (i / 250) + "." + (i % 250 + 1), 0);
            all.add(HttpListener.open(at, Limits.SERVER, watchdog, _ -> HttpResponse.text(200, "here")));
        }
        listeners.addAll(all);
        for (var listener : all) {
            assertThat(answer(pool.send(listener.address(), HttpRequest.get("/", "w"), LONG))
                            .status())
                    .isEqualTo(200);
        }
        all.forEach(HttpListener::close);
        pool.close();
        assertThat(eventually(() -> watchdog.connections() == 0)).isTrue();
    }
}
