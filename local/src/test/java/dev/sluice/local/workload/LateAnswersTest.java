package dev.sluice.local.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.local.VirtualTime;
import dev.sluice.local.api.ApiServer;
import dev.sluice.local.api.DirectGateway;
import dev.sluice.local.pod.PodRuntime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// On a busy machine a write takes longer than what it reports on: whatever came due meanwhile is looked at all the
/// same, and a status that was not taken is written again.
class LateAnswersTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    private final VirtualTime time = new VirtualTime();
    private final ApiServer server = new ApiServer(time, 1);
    private final Gateway user = new DirectGateway(server, "spec");
    private Optional<Controllers> controllers = Optional.empty();

    @AfterEach
    void close() {
        controllers.ifPresent(Controllers::close);
        assertThat(controllers.orElseThrow().errors()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 300, 900, 1500, 4000})
    void aPodThatAnswersBecomesReadyHoweverLongItsReportTakes(int millis) {
        begin((request, gateway) -> late(request, gateway, ResourceType.PODS, Duration.ofMillis(millis)));
        for (int i = 0; i < 12; i++) create(ResourceType.PODS, probed("web-" + i));
        assertThat(time.runUntil(() -> readyPods() == 12, LONG))
                .as("all are ready")
                .isTrue();
    }

    static Stream<Reply> refusals() {
        return Stream.of(
                new Reply.Refused(409, "Conflict", "the object has been modified", Optional.empty()),
                new Reply.Refused(500, "InternalError", "the server is unwell", Optional.empty()),
                new Reply.Refused(429, "TooManyRequests", "later", Optional.of(Duration.ofSeconds(1))),
                new Reply.Lost("the answer was lost"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void theReportThatAPodIsReadyIsRepeatedUntilItIsTaken(Reply refusal) {
        int[] refused = {0};
        begin((request, gateway) -> {
            if (statusOf(request, ResourceType.PODS) && saysReady(request) && refused[0] < 5) {
                refused[0]++;
                return refusal;
            }
            return gateway.send(request);
        });
        create(ResourceType.PODS, probed("web"));
        assertThat(time.runUntil(() -> readyPods() == 1, LONG))
                .as("it is ready")
                .isTrue();
        assertThat(refused[0]).isEqualTo(5);
    }

    @Test
    void aPodBecomesAvailableHoweverLongTheReportOfItsSetTakes() {
        begin((request, gateway) -> late(request, gateway, ResourceType.REPLICA_SETS, Duration.ofSeconds(4)));
        var set = SimulatedCluster.replicaSet("web", 3, "demo/web:v1");
        create(ResourceType.REPLICA_SETS, set.withAt(List.of("spec", "minReadySeconds"), Json.of(2)));
        assertThat(time.runUntil(
                        () -> SimulatedCluster.done(user.send(new Request.Get(
                                                ObjectRef.of(ResourceType.REPLICA_SETS, SimulatedCluster.NS, "web"))))
                                        .at("status", "availableReplicas")
                                        .integer(0)
                                == 3,
                        LONG))
                .as("all are available")
                .isTrue();
    }

    private void begin(BiFunction<Request, Gateway, Reply> network) {
        var direct = new DirectGateway(server, "controllers");
        var gateway = new Gateway() {
            @Override
            public Reply send(Request request) {
                return network.apply(request, direct);
            }

            @Override
            public Watch watch(Selection selection, String version, Consumer<WatchEvent> listener) {
                return direct.watch(selection, version, listener);
            }
        };
        var settings =
                new Controllers.Settings(new Seed(1), PodRuntime.VIRTUAL, PodTiming.USUAL, List.of("node-1"), 64);
        controllers = Optional.of(Controllers.start(gateway, time, settings));
    }

    /// What is asked is done at once; that it is done is heard later, while everything else goes on.
    private Reply late(Request request, Gateway gateway, ResourceType type, Duration delay) {
        var reply = gateway.send(request);
        if (statusOf(request, type) && !delay.isZero()) time.stand(time.now().plus(delay));
        return reply;
    }

    private static boolean statusOf(Request request, ResourceType type) {
        return request instanceof Request.Patch patch
                && patch.ref().type().equals(type)
                && patch.ref().subresource().equals("status");
    }

    private static boolean saysReady(Request request) {
        return request instanceof Request.Patch patch
                && patch.body()
                        .at("status", "containerStatuses")
                        .at(0)
                        .at("ready")
                        .bool(false);
    }

    private static Json.Obj probed(String name) {
        var spec = SimulatedCluster.podSpec("demo/web:v1");
        var probe = Json.obj("periodSeconds", 1, "httpGet", Json.obj("path", "/", "port", 8080));
        var container = spec.at("containers").at(0).obj().with("readinessProbe", probe);
        return SimulatedCluster.pod(name, spec.with("containers", Json.arr(container)));
    }

    private void create(ResourceType type, Json.Obj object) {
        SimulatedCluster.done(user.send(new Request.Create(ObjectRef.of(type, object), object)));
    }

    private long readyPods() {
        return SimulatedCluster.done(user.send(new Request.List(Selection.all(ResourceType.PODS))))
                .at("items")
                .items()
                .stream()
                .filter(Pods::ready)
                .count();
    }
}
