package dev.sluice.app.demo;

/// Story 4: 10 % → 33 % → all through an HTTPRoute.
final class TenThirtyThreeAll implements Story {
    @Override
    public String number() {
        return "4";
    }

    @Override
    public String name() {
        return "ten-33-all";
    }

    @Override
    public String title() {
        return "10 % → 33 % → all, by the weights of an HTTPRoute";
    }

    @Override
    public void play(Scene scene) throws InterruptedException {
        var host = "shop.four.example";
        scene.apply(Manifests.service("shop-stable", "app: shop") + Manifests.service("shop-canary", "app: shop"));
        scene.apply(Manifests.route(host));
        scene.apply(Manifests.routed(3, """
                steps:
                  - setWeight: 10
                  - pause: {}
                  - setWeight: 33
                  - pause: {}
                """));
        scene.awaitHealthy("shop");
        scene.say("HTTPRoute shop sends " + host + " to 3 pods of v1.");
        try (var visitors = scene.visitorsOf(host)) {
            scene.image("shop", "demo/shop:v2");
            scene.awaitPauseAt("shop", 1);
            visitors.plateau("v2", 10);
            scene.promote("shop");
            scene.awaitPauseAt("shop", 3);
            visitors.plateau("v2", 33);
            scene.promote("shop");
            scene.awaitHealthy("shop");
            scene.say("Promoted: v2 is the stable version.");
            visitors.plateau("v2", 100);
            visitors.leaveUnharmed();
        }
    }
}
