package dev.sluice.app.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.kube.Fence;
import dev.sluice.kube.SystemTime;
import dev.sluice.local.LocalCluster;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The wired controller on a cluster where HTTPRoutes are not to be had at first.
@Timeout(120)
class RouterThereLaterTest {
    private static final ObjectRef ROLLOUT = ObjectRef.of(ResourceType.ROLLOUTS, "default", "web");
    private static final Reply.Refused ABSENT =
            new Reply.Refused(404, "NotFound", "the server could not find the requested resource", Optional.empty());
    private static final Reply.Refused FORBIDDEN =
            new Reply.Refused(403, "Forbidden", "anna cannot list httproutes", Optional.empty());

    private final SystemTime time = new SystemTime();
    private final LocalCluster cluster = LocalCluster.builder(time).seed(7).start();
    private final AtomicReference<Optional<Reply>> refusal = new AtomicReference<>(Optional.of(ABSENT));

    @AfterEach
    void end() {
        cluster.close();
        time.close();
    }

    /// The cluster, but for HTTPRoutes as long as they are refused.
    private final class Without implements Gateway {
        private final Gateway server = cluster.gateway("sluice");

        @Override
        public Reply send(Request request) {
            return request instanceof Request.List(var selection)
                            && selection.type().equals(ResourceType.HTTP_ROUTES)
                    ? refusal.get().orElseGet(() -> server.send(request))
                    : server.send(request);
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            return server.watch(selection, resourceVersion, listener);
        }
    }

    private void create(ResourceType type, String json) {
        var object = Json.parse(json.replace('\'', '"')).obj();
        assertThat(cluster.gateway("anna").send(new Request.Create(ObjectRef.of(type, object), object)))
                .isInstanceOf(Reply.Done.class);
    }

    private void service(String name) {
        create(ResourceType.SERVICES, """
                {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': '%s', 'namespace': 'default'},
                 'spec': {'selector': {'app': 'web'}, 'ports': [{'port': 80, 'targetPort': 8080}]}}""".formatted(name));
    }

    private void until(Predicate<Json> holds) {
        while (!holds.test(cluster.gateway("anna")
                .send(new Request.Get(ROLLOUT))
                .answer()
                .orElseThrow()
                .at("status"))) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static Predicate<Json> says(String words) {
        return status -> status.at("message").string("").contains(words);
    }

    @Test
    void itIsToldWhatIsMissingAndTheRouterIsUsedAsSoonAsItIsThere() {
        Definitions.apply(cluster.gateway("admin"));
        service("stable");
        service("canary");
        create(ResourceType.HTTP_ROUTES, """
                {'apiVersion': 'gateway.networking.k8s.io/v1', 'kind': 'HTTPRoute',
                 'metadata': {'name': 'web', 'namespace': 'default'},
                 'spec': {'rules': [{'backendRefs': [{'name': 'stable', 'port': 80, 'weight': 100},
                                                     {'name': 'canary', 'port': 80, 'weight': 0}]}]}}""");
        create(ResourceType.ROLLOUTS, """
                {'apiVersion': 'argoproj.io/v1alpha1', 'kind': 'Rollout',
                 'metadata': {'name': 'web', 'namespace': 'default'},
                 'spec': {'replicas': 1, 'selector': {'matchLabels': {'app': 'web'}},
                   'template': {'metadata': {'labels': {'app': 'web'}},
                                'spec': {'containers': [{'name': 'app', 'image': 'demo:v1'}]}},
                   'strategy': {'canary': {'stableService': 'stable', 'canaryService': 'canary',
                     'trafficRouting': {'plugins': {'argoproj-labs/gatewayAPI': {'httpRoute': 'web'}}}}}}}""");
        var settings = Wiring.Settings.standard().lookingEvery(Duration.ofMillis(100));
        try (var wiring = Wiring.start(new Without(), time, settings, Fence.open(time))) {
            until(says("this cluster does not serve HTTPRoute"));
            refusal.set(Optional.of(FORBIDDEN));
            until(says("the controller may not read HTTPRoute (anna cannot list httproutes)"));
            assertThat(wiring.notReady())
                    .as("others are looked after meanwhile")
                    .isEmpty();
            refusal.set(Optional.empty());
            until(status -> status.at("phase").string("").equals("Healthy"));
        }
    }
}
