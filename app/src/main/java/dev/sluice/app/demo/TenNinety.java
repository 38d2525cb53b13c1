package dev.sluice.app.demo;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;

/// Story 7: the weight holds whatever the number of pods.
final class TenNinety implements Story {
    @Override
    public String number() {
        return "7";
    }

    @Override
    public String name() {
        return "ten-ninety";
    }

    @Override
    public String title() {
        return "10 / 90 by weight with any number of pods";
    }

    @Override
    public void play(Scene scene) throws InterruptedException {
        var host = "shop.seven.example";
        scene.apply(Manifests.service("shop-stable", "app: shop") + Manifests.service("shop-canary", "app: shop"));
        scene.apply(Manifests.route(host));
        scene.apply(Manifests.routed(2, """
                steps:
                  - setCanaryScale: {replicas: 1}
                  - setWeight: 10
                  - pause: {}
                  - setCanaryScale: {replicas: 4}
                  - pause: {}
                """));
        scene.awaitHealthy("shop");
        scene.say("HTTPRoute shop sends " + host + " to 2 pods of v1.");
        try (var visitors = scene.visitorsOf(host)) {
            scene.image("shop", "demo/shop:v2");
            scene.awaitPauseAt("shop", 2);
            scene.say("Then 1 pod of v2 beside them, and a weight of 10.");
            visitors.plateau("v2", 10);
            scene.promote("shop");
            scene.awaitPauseAt("shop", 4);
            awaitCanaryPods(scene, 4);
            scene.say("Then 4 pods of v2.");
            visitors.plateau("v2", 10);
            scene.patch(ResourceType.ROLLOUTS, "shop", Json.obj("spec", Json.obj("replicas", 5)));
            scene.await(
                    "shop",
                    "5 pods of v1",
                    r -> r.at("status", "availableReplicas").integer(0) == 9);
            scene.say("Then 5 pods of v1.");
            visitors.plateau("v2", 10);
            visitors.leaveUnharmed();
        }
    }

    private static void awaitCanaryPods(Scene scene, int pods) throws InterruptedException {
        scene.await(
                "shop",
                pods + " pods of v2",
                r -> r.at("status", "updatedReplicas").integer(0) == pods
                        && r.at("status", "availableReplicas").integer(0) == 2 + pods);
    }
}
