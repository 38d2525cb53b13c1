package dev.sluice.kube.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Leave;
import dev.sluice.cluster.Loss;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.PatchType;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.json.Json;
import dev.sluice.kube.SystemTime;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubeGatewayTest {
    private static final ResourceType RS = ResourceType.REPLICA_SETS;
    private static final ObjectRef WEB = ObjectRef.of(RS, "shop", "web");

    @TempDir
    private Path directory;

    private final WireServer server = new WireServer();
    private final SystemTime time = new SystemTime();
    private final CallCounts counts = new CallCounts();
    private KubeGateway gateway;

    @BeforeEach
    void connect() throws IOException {
        gateway = gateway(Duration.ofSeconds(20), 100_000, 1_000, 1_000);
    }

    private KubeGateway gateway(Duration timeout, int largestBody, double qps, int burst) throws IOException {
        return new KubeGateway(
                ClusterAccess.of(server.kubeconfig(directory, "{token: t0p}")),
                new KubeGateway.Settings(timeout, largestBody, 2, qps, burst, Duration.ofMinutes(1), 1),
                time,
                counts);
    }

    @AfterEach
    void disconnect() {
        gateway.close();
        server.close();
        time.close();
    }

    @Test
    void everyVerbGoesToItsPathWithItsBody() {
        gateway.send(new Request.Get(WEB));
        gateway.send(new Request.Create(WEB, Json.obj("spec", 1)));
        gateway.send(new Request.Create(
                ObjectRef.of(ResourceType.PODS, "shop", "p").sub("eviction"), Json.obj("kind", "Eviction")));
        gateway.send(new Request.Create(ObjectRef.of(ResourceType.EVENTS, "shop", ""), Json.Obj.EMPTY));
        gateway.send(new Request.Patch(WEB.sub("status"), PatchType.MERGE, Json.obj("status", Json.obj("a", 1))));
        gateway.send(new Request.Patch(WEB, PatchType.JSON, Json.arr(Json.obj("op", "remove"))));
        gateway.send(new Request.Patch(WEB, PatchType.STRATEGIC, Json.Obj.EMPTY));
        gateway.send(new Request.Delete(
                WEB, Optional.of("u1"), Optional.of("7"), "Foreground", Optional.of(Duration.ofSeconds(3))));
        gateway.send(new Request.Get(ObjectRef.of(ResourceType.CRDS, "", "rollouts.argoproj.io")));
        var rs = "/apis/apps/v1/namespaces/shop/replicasets";
        assertThat(server.seen.stream().map(s -> s.method() + " " + s.target() + " " + s.mediaType() + " " + s.body()))
                .containsExactly(
                        "GET " + rs + "/web null ",
                        "POST " + rs + " application/json {\"spec\":1}",
                        "POST /api/v1/namespaces/shop/pods/p/eviction application/json {\"kind\":\"Eviction\"}",
                        "POST /api/v1/namespaces/shop/events application/json {}",
                        "PATCH " + rs + "/web/status application/merge-patch+json {\"status\":{\"a\":1}}",
                        "PATCH " + rs + "/web application/json-patch+json [{\"op\":\"remove\"}]",
                        "PATCH " + rs + "/web application/strategic-merge-patch+json {}",
                        "DELETE " + rs + "/web application/json {\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\","
                                + "\"propagationPolicy\":\"Foreground\",\"preconditions\":{\"uid\":\"u1\","
                                + "\"resourceVersion\":\"7\"},\"gracePeriodSeconds\":3}",
                        "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.argoproj.io null ");
        assertThat(server.seen).allMatch(seen -> seen.authorization().equals("Bearer t0p"));
    }

    @Test
    void whatTheServerSendsIsTheAnswer() {
        server.answer = exchange -> WireServer.send(exchange, 201, "{\"kind\":\"ReplicaSet\",\"spec\":{\"größe\":1}}");
        assertThat(gateway.send(new Request.Create(WEB, Json.Obj.EMPTY)))
                .isEqualTo(new Reply.Done(Json.obj("kind", "ReplicaSet", "spec", Json.obj("größe", 1))));
        assertThat(counts.count("create", "ReplicaSet", 201)).isEqualTo(1);
    }

    @Test
    void aListIsReadInPagesAndIsOneList() {
        server.answer = exchange -> {
            boolean second = exchange.getRequestURI().toString().contains("continue=more");
            WireServer.send(
                    exchange,
                    200,
                    Json.obj(
                                    "metadata",
                                    second
                                            ? Json.obj("resourceVersion", "9")
                                            : Json.obj(
                                                    "resourceVersion",
                                                    "9",
                                                    "continue",
                                                    "more",
                                                    "remainingItemCount",
                                                    1),
                                    "items",
                                    second ? Json.arr(3) : Json.arr(1, 2))
                            .text());
        };
        var reply = gateway.send(new Request.List(Selection.in(RS, "shop").labelled("app in (a, b),!c")));
        assertThat(reply.answer())
                .contains(Json.obj("metadata", Json.obj("resourceVersion", "9"), "items", Json.arr(1, 2, 3)));
        assertThat(server.seen.getFirst().target())
                .isEqualTo(
                        "/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app+in+%28a%2C+b%29%2C%21c&limit=2");
    }

    @Test
    void aListWhosePagesExpireIsReadInOnePiece() {
        server.answer = exchange -> {
            var target = exchange.getRequestURI().toString();
            if (target.contains("continue=")) WireServer.send(exchange, 410, WireServer.status(410, "Expired", "old"));
            else if (target.contains("limit=")) {
                WireServer.send(exchange, 200, "{\"metadata\":{\"continue\":\"x\"},\"items\":[1,2]}");
            } else WireServer.send(exchange, 200, "{\"metadata\":{\"resourceVersion\":\"12\"},\"items\":[1,2,3]}");
        };
        var reply = gateway.send(new Request.List(Selection.all(RS)));
        assertThat(reply.answer().orElseThrow().at("items").items()).hasSize(3);
        assertThat(server.seen).hasSize(3);
    }

    @Test
    void aStatusBecomesARefusal() {
        server.answer = exchange -> WireServer.send(
                exchange,
                429,
                "{\"kind\":\"Status\",\"reason\":\"TooManyRequests\",\"message\":\"slow down\",\"details\":{\"retryAfterSeconds\":7}}");
        assertThat(gateway.send(new Request.Patch(WEB, PatchType.MERGE, Json.Obj.EMPTY)))
                .isEqualTo(new Reply.Refused(429, "TooManyRequests", "slow down", Optional.of(Duration.ofSeconds(7))));
        server.answer = exchange -> WireServer.send(exchange, 409, WireServer.status(409, "Conflict", "modified"));
        assertThat(gateway.send(new Request.Get(WEB)))
                .isInstanceOfSatisfying(
                        Reply.Refused.class,
                        refused -> assertThat(refused.conflict()).isTrue());
    }

    @Test
    void aRefusalWithoutAStatusIsOneToo() {
        server.answer = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "3");
            WireServer.send(exchange, 503, "<html>upstream is down</html>");
        };
        assertThat(gateway.send(new Request.Get(WEB)))
                .isEqualTo(new Reply.Refused(
                        503,
                        "ServiceUnavailable",
                        "<html>upstream is down</html>",
                        Optional.of(Duration.ofSeconds(3))));
    }

    @Test
    void aServerThatAsksForADayOfPatienceGetsAMinute() {
        server.answer = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "86400");
            WireServer.send(exchange, 503, "closed for maintenance");
        };
        assertThat(gateway.send(new Request.Get(WEB)))
                .isInstanceOfSatisfying(
                        Reply.Refused.class,
                        refused -> assertThat(refused.retryAfter()).contains(Duration.ofMinutes(1)));
        server.answer = exchange -> WireServer.send(
                exchange, 429, "{\"kind\":\"Status\",\"details\":{\"retryAfterSeconds\":999999999999}}");
        assertThat(gateway.send(new Request.Get(WEB)))
                .isInstanceOfSatisfying(
                        Reply.Refused.class,
                        refused -> assertThat(refused.retryAfter()).contains(Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"502 proxy", "504 timed out", "500 etcdserver: request timed out"})
    void aWriteThatMayHaveBeenDoneIsLostAReadIsRefused(String answer) {
        int code = Integer.parseInt(answer.substring(0, 3));
        server.answer = exchange ->
                WireServer.send(exchange, code, WireServer.status(code, "InternalError", answer.substring(4)));
        assertThat(gateway.send(new Request.Create(WEB, Json.Obj.EMPTY))).isInstanceOf(Reply.Lost.class);
        assertThat(gateway.send(new Request.Get(WEB))).isInstanceOf(Reply.Refused.class);
    }

    @Test
    void noAnswerInTimeIsLostAndNothingIsRepeated() throws IOException, InterruptedException {
        gateway.close();
        gateway = gateway(Duration.ofMillis(300), 100_000, 1_000, 1_000);
        server.answer = exchange -> await(server);
        assertThat(gateway.send(new Request.Create(WEB, Json.Obj.EMPTY))).isInstanceOf(Reply.Lost.class);
        assertThat(server.seen).hasSize(1);
        assertThat(counts.count("create", "ReplicaSet", 0)).isEqualTo(1);
    }

    @Test
    void aBodyThatDoesNotEndIsLost() throws IOException {
        gateway.close();
        gateway = gateway(Duration.ofMillis(300), 100_000, 1_000, 1_000);
        server.answer = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            await(server);
        };
        assertThat(gateway.send(new Request.Get(WEB)))
                .isInstanceOfSatisfying(
                        Reply.Lost.class, lost -> assertThat(lost.why()).contains("300 ms"));
    }

    @Test
    void aCutConnectionIsLost() {
        server.answer = exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write('{');
            exchange.close();
        };
        assertThat(gateway.send(new Request.Create(WEB, Json.Obj.EMPTY))).isInstanceOf(Reply.Lost.class);
    }

    @Test
    void anOversizedAnswerIsLostAndSaysSo() {
        server.answer = exchange -> WireServer.send(exchange, 200, "\"" + "x".repeat(200_000) + "\"");
        assertThat(gateway.send(new Request.Get(WEB)))
                .isInstanceOfSatisfying(
                        Reply.Lost.class, lost -> assertThat(lost.why()).contains("larger than 100000 bytes"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>", "[1]", "{\"a\":", ""})
    void anAnswerThatIsNoObjectIsLost(String body) {
        server.answer = exchange -> WireServer.send(exchange, 200, body);
        assertThat(gateway.send(new Request.Get(WEB))).isInstanceOf(Reply.Lost.class);
    }

    @Test
    void noServerIsLost() {
        server.close();
        assertThat(gateway.send(new Request.Get(WEB)))
                .isEqualTo(
                        new Reply.Lost(Loss.REFUSED, "http://127.0.0.1:" + server.port() + " refuses the connection"));
    }

    @Test
    void afterCloseEverythingIsLost() {
        gateway.close();
        assertThat(gateway.send(new Request.Get(WEB))).isEqualTo(new Reply.Lost("the gateway is closed"));
        assertThat(server.seen).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secrets/s", "a/b", "a?x=1", "a b", "a%2fb", "..", ".", "ä"})
    void aNameThatWouldLeadElsewhereIsRefusedHere(String name) {
        assertThat(gateway.send(new Request.Get(ObjectRef.of(RS, "shop", name))))
                .isInstanceOfSatisfying(
                        Reply.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(400));
        assertThat(gateway.send(new Request.Get(ObjectRef.of(RS, name, "web")))).isInstanceOf(Reply.Refused.class);
        assertThat(server.seen).isEmpty();
    }

    @Test
    void anObjectWithoutANameIsRefusedRatherThanTheWholeCollectionDeleted() {
        var nameless = ObjectRef.of(RS, "shop", "");
        assertThat(gateway.send(new Request.Delete(nameless, Optional.empty(), Optional.empty(), "Background")))
                .isInstanceOf(Reply.Refused.class);
        assertThat(server.seen).isEmpty();
    }

    /// One call at once and 10 a second, by a clock that stands still, so that the waits are exact; what is
    /// due later is done at once.
    private KubeGateway limited(List<Duration> waits) throws IOException {
        var start = Instant.parse("2026-01-01T00:00:00Z");
        var still = new Time() {
            @Override
            public Instant now() {
                return start;
            }

            @Override
            public Timer at(Instant when, Runnable task) {
                waits.add(Duration.between(start, when));
                task.run();
                return () -> {};
            }
        };
        return new KubeGateway(
                ClusterAccess.of(server.kubeconfig(directory, "{}")),
                new KubeGateway.Settings(Duration.ofSeconds(20), 100_000, 2, 10, 1, Duration.ofMinutes(1), 1),
                still,
                counts);
    }

    @Test
    void ourOwnRateLimitHoldsCallsBackThroughTheClockAndSaysHowLong() throws IOException {
        gateway.close();
        var waits = new ArrayList<Duration>();
        gateway = limited(waits);
        for (int i = 0; i < 4; i++)
            assertThat(gateway.send(new Request.Get(WEB))).isInstanceOf(Reply.Done.class);
        assertThat(waits).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(300));
        assertThat(counts.throttledCalls()).isEqualTo(3);
        assertThat(counts.throttled()).isEqualTo(Duration.ofMillis(600));
    }

    @Test
    void whatWouldWaitLongerThanTheTimeoutIsRefusedUnsent() throws IOException {
        gateway.close();
        gateway = gateway(Duration.ofMillis(500), 100_000, 0.01, 1);
        assertThat(gateway.send(new Request.Get(WEB))).isInstanceOf(Reply.Done.class);
        assertThat(gateway.send(new Request.Get(WEB))).isInstanceOfSatisfying(Reply.Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo("ClientRateLimit");
            assertThat(refused.retryAfter()).isPresent();
        });
        assertThat(server.seen).hasSize(1);
    }

    @Test
    void leaveIsAskedForAfterTheRateLimitHasHeldTheWriteBack() throws IOException {
        gateway.close();
        var waits = new ArrayList<Duration>();
        gateway = limited(waits);
        gateway.send(new Request.Get(WEB));
        var gone = new Reply.Refused(412, "NotLeader", "over", Optional.empty());
        var waitedWhenAsked = new ArrayList<Duration>();
        var reply = gateway.send(new Request.Create(WEB, Json.Obj.EMPTY), () -> {
            waitedWhenAsked.addAll(waits);
            return new Leave.Denied(gone);
        });
        assertThat(reply).isEqualTo(gone);
        assertThat(waitedWhenAsked).containsExactly(Duration.ofMillis(100));
        assertThat(server.seen).as("only the read").hasSize(1);
    }

    @Test
    void aWriteIsGivenUpWhenItsLeaveIsOver() {
        server.answer = exchange -> await(server);
        var reply =
                gateway.send(new Request.Create(WEB, Json.Obj.EMPTY), () -> new Leave.Given(Duration.ofMillis(300)));
        assertThat(reply)
                .isInstanceOfSatisfying(
                        Reply.Lost.class, lost -> assertThat(lost.why()).contains("300 ms"));
    }

    @Test
    void aRenewalOfALeaseDoesNotStandBehindTheRateLimit() throws IOException {
        gateway.close();
        gateway = gateway(Duration.ofMillis(500), 100_000, 0.01, 1);
        assertThat(gateway.send(new Request.Get(WEB))).isInstanceOf(Reply.Done.class);
        assertThat(gateway.send(new Request.Get(WEB))).isInstanceOf(Reply.Refused.class);
        var lease = ObjectRef.of(ResourceType.LEASES, "argo-rollouts", "lock");
        assertThat(gateway.send(new Request.Replace(lease, Json.Obj.EMPTY))).isInstanceOf(Reply.Done.class);
        assertThat(counts.throttledCalls()).isZero();
    }

    @Test
    void countsAreByKindNamespaceNameVerbAndStatusWithinABound() {
        for (int i = 0; i < CallCounts.LIMIT + 10; i++) {
            counts.accept(new Call("get", "Pod", "shop", "p" + i, 200, Duration.ZERO, Duration.ZERO));
        }
        assertThat(counts.counts()).hasSize(CallCounts.LIMIT + 1);
        assertThat(counts.counts()).containsEntry(new CallCounts.Series("Pod", "", "", "get", 200), 10L);
        assertThat(counts.count("get", "Pod", 200)).isEqualTo(CallCounts.LIMIT + 10);
    }

    static void await(WireServer server) {
        try {
            if (!server.released.await(30, TimeUnit.SECONDS)) throw new IllegalStateException("never released");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
