package dev.sluice.app.demo;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import java.time.Duration;

/// Story 6: staged faults, and what the controller says of each. The explanation is that of the unmet guard of the
/// last decision, or of what is wrong with the manifests.
final class WhyNoTraffic implements Story {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FEWER = 10;

    @Override
    public int number() {
        return 6;
    }

    @Override
    public String name() {
        return "why-no-traffic";
    }

    @Override
    public String title() {
        return "Why is v2 not getting traffic?";
    }

    @Override
    public void play(Scene scene) throws InterruptedException {
        // Nothing is all that v2 gets here; that takes fewer requests to see than a share does.
        int few = Math.max(1, scene.requests() / FEWER);
        selector(scene.beside("selector", few));
        notRunning(scene.beside("not-ready", few), "v2-never-ready", "the pods of v2 never become ready");
        notRunning(scene.beside("no-image", few), "v2-missing", "the image of v2 does not exist");
        noReplicas(scene.beside("no-replicas", few));
        paused(scene.beside("paused", few));
    }

    private static void prepare(Scene scene) throws InterruptedException {
        scene.apply(Manifests.service("shop-stable", "app: shop") + Manifests.service("shop-canary", "app: shop"));
        scene.apply(Manifests.route(scene.namespace() + ".example"));
        scene.apply(Manifests.routed(2, """
                steps:
                  - setWeight: 50
                  - pause: {}
                """));
        scene.awaitHealthy("shop");
    }

    private static void selector(Scene scene) throws InterruptedException {
        prepare(scene);
        scene.patch(
                ResourceType.SERVICES,
                "shop-canary",
                Json.obj("spec", Json.obj("selector", Json.obj("version", "v1"))));
        scene.image("shop", "demo/shop:v2");
        explain(scene, "the selector of Service shop-canary still says version=v1", "selects");
    }

    private static void notRunning(Scene scene, String tag, String fault) throws InterruptedException {
        prepare(scene);
        scene.image("shop", "demo/shop:" + tag);
        explain(scene, fault, "");
    }

    private static void noReplicas(Scene scene) throws InterruptedException {
        prepare(scene);
        scene.patch(
                ResourceType.ROLLOUTS,
                "shop",
                Json.obj(
                        "spec",
                        Json.obj(
                                "strategy",
                                Json.obj(
                                        "canary",
                                        Json.obj(
                                                "steps",
                                                Json.arr(
                                                        Json.obj("setCanaryScale", Json.obj("replicas", 0)),
                                                        Json.obj("setWeight", 50),
                                                        Json.obj("pause", Json.Obj.EMPTY)))))));
        scene.image("shop", "demo/shop:v2");
        explain(scene, "setCanaryScale asks for zero pods of v2", "");
    }

    private static void paused(Scene scene) throws InterruptedException {
        prepare(scene);
        scene.patch(ResourceType.ROLLOUTS, "shop", Json.obj("spec", Json.obj("paused", true)));
        scene.image("shop", "demo/shop:v2");
        explain(scene, "somebody has paused the Rollout", "");
    }

    private static void explain(Scene scene, String fault, String word) throws InterruptedException {
        try (var visitors = scene.visitorsOf(scene.namespace() + ".example")) {
            scene.await(
                    "an explanation",
                    PATIENCE,
                    () -> scene.why("shop").filter(why -> why.contains(word)).isPresent());
            // The first guard on the way is not the last: what stays is the explanation.
            visitors.plateau("v2", 0, fault);
            scene.playbill().say("    because", scene.why("shop").orElse("nothing is awaited"));
            visitors.leaveUnharmed();
        }
    }
}
