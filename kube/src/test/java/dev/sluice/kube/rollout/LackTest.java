package dev.sluice.kube.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.FakeCluster;
import dev.sluice.kube.ObjectCache;
import dev.sluice.kube.VirtualTime;
import dev.sluice.rollout.RolloutEngine;
import dev.sluice.spi.TrafficRouter;
import dev.sluice.traffic.GatewayApiRouter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A router that is known, on a cluster without the kind by which it is told weights.
class LackTest {
    private static final Map<String, TrafficRouter> ROUTERS = Map.of(GatewayApiRouter.NAME, new GatewayApiRouter());
    private static final ObjectRef ROLLOUT = ObjectRef.of(ResourceType.ROLLOUTS, "shop", "web");
    private static final String PATH =
            "spec.strategy.canary.trafficRouting.plugins[\"argoproj-labs/gatewayAPI\"]: is known, but ";

    private final VirtualTime time = new VirtualTime();
    private final FakeCluster cluster = new FakeCluster(time);
    private final Caches caches = new Caches(
            cluster, time, Optional.empty(), RolloutController.kinds(Map.of()), ObjectCache.Options.standard(1));
    private final RolloutController controller = new RolloutController(
            cluster,
            time,
            caches,
            ROUTERS,
            (_, _) -> new AnalysisRunMaker.Made.Impossible("there are no analyses here"),
            (_, _, _, _) -> {},
            RolloutEngine::decide);

    @BeforeEach
    void start() {
        service("web-canary");
        service("web-stable");
        cluster.put(
                ResourceType.ROLLOUTS,
                FakeCluster.object(ResourceType.ROLLOUTS, "shop", "web").with("spec", json("""
                        {'replicas': 1, 'selector': {'matchLabels': {'app': 'web'}},
                         'template': {'metadata': {'labels': {'app': 'web'}},
                                      'spec': {'containers': [{'name': 'web', 'image': 'web:v1'}]}},
                         'strategy': {'canary': {'canaryService': 'web-canary', 'stableService': 'web-stable',
                            'trafficRouting': {'plugins': {'argoproj-labs/gatewayAPI': {'httpRoute': 'web'}}}}}}""")));
    }

    private static Json.Obj json(String text) {
        return Json.parse(text.replace('\'', '"')).obj();
    }

    private void service(String name) {
        cluster.put(
                ResourceType.SERVICES,
                FakeCluster.object(ResourceType.SERVICES, "shop", name)
                        .with("spec", json("{'selector': {'app': 'web'}}")));
    }

    private void route() {
        cluster.put(
                ResourceType.HTTP_ROUTES,
                FakeCluster.object(ResourceType.HTTP_ROUTES, "shop", "web").with("spec", json("""
                        {'rules': [{'backendRefs': [{'name': 'web-stable', 'weight': 100},
                                                    {'name': 'web-canary', 'weight': 0}]}]}""")));
    }

    private String message() {
        for (int second = 0; second < 10; second++) {
            while (controller.step()) {}
            time.advance(Duration.ofSeconds(1));
        }
        return cluster.get(ROLLOUT).orElseThrow().at("status", "message").string("");
    }

    @Test
    void aKindThatIsNotServedIsToldAsSuchAndNotAsAnUnknownRouter() {
        caches.lacks(ResourceType.HTTP_ROUTES, new Lack.Unserved());
        caches.start();
        assertThat(message())
                .contains(PATH + "this cluster does not serve HTTPRoute (httproutes.gateway.networking.k8s.io/v1);"
                        + " install its definition")
                .doesNotContain("does not know");
    }

    @Test
    void aKindThatMayNotBeReadIsToldWithTheServersWords() {
        caches.lacks(ResourceType.HTTP_ROUTES, new Lack.Forbidden("anna may not list"));
        caches.start();
        assertThat(message())
                .contains(PATH + "the controller may not read HTTPRoute (anna may not list); grant get, list, watch and"
                        + " patch on httproutes.gateway.networking.k8s.io");
    }

    @Test
    void whereNobodySaidWhichOfTheTwoNeitherIsClaimed() {
        caches.start();
        assertThat(message()).contains(PATH + "this cluster does not serve, or does not permit reading, HTTPRoute");
    }

    @Test
    void anotherCauseIsToldAsSoonAsItIsKnown() {
        caches.lacks(ResourceType.HTTP_ROUTES, new Lack.Unserved());
        caches.start();
        assertThat(message()).contains("does not serve");
        caches.lacks(ResourceType.HTTP_ROUTES, new Lack.Forbidden("anna may not list"));
        controller.lookAgain();
        assertThat(message()).contains("anna may not list").doesNotContain("does not serve");
    }

    @Test
    void aKindThatComesLaterIsUsedAndFollowed() {
        caches.lacks(ResourceType.HTTP_ROUTES, new Lack.Unserved());
        caches.start();
        assertThat(message()).contains("does not serve");

        caches.join(ResourceType.HTTP_ROUTES, () -> controller.joined(ResourceType.HTTP_ROUTES));
        assertThat(message()).as("the next cause").contains("must exist; create the HTTPRoute");
        route();
        assertThat(message()).as("heard of by the watch").doesNotContain("InvalidSpec");
        assertThat(caches.lack(ResourceType.HTTP_ROUTES)).isEmpty();
    }

    @Test
    void nothingWaitsForAKindThatIsAboutToJoin() {
        caches.start();
        message();
        cluster.refuse = request -> request instanceof Request.List(var selection)
                        && selection.type().equals(ResourceType.HTTP_ROUTES)
                ? Optional.of(new Reply.Lost("timeout"))
                : Optional.empty();
        caches.join(ResourceType.HTTP_ROUTES, () -> controller.joined(ResourceType.HTTP_ROUTES));
        message();
        assertThat(caches.synced()).isTrue();
        assertThat(caches.has(ResourceType.HTTP_ROUTES)).isFalse();
        cluster.refuse = _ -> Optional.empty();
        time.advance(Duration.ofMinutes(1));
        assertThat(caches.has(ResourceType.HTTP_ROUTES)).isTrue();
    }
}
