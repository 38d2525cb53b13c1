package dev.sluice.app.demo;

/// Story 1: every endpoint of a Service has the same weight, so the number of pods is the share.
final class RatioByPods implements Story {
    @Override
    public String number() {
        return "1";
    }

    @Override
    public String name() {
        return "ratio-by-pods";
    }

    @Override
    public String title() {
        return "Ratio by pods, with nothing but Kubernetes";
    }

    @Override
    public void play(Scene scene) throws InterruptedException {
        scene.apply(Manifests.service("discounts", "app: website, service: discounts"));
        scene.apply("""
                apiVersion: argoproj.io/v1alpha1
                kind: Rollout
                metadata: {name: discounts}
                spec:
                  replicas: 4
                  selector: {matchLabels: {app: website, service: discounts}}
                  template:
                    metadata: {labels: {app: website, service: discounts}}
                    spec:
                      containers: [%s]
                  strategy:
                    canary:
                      maxSurge: 1
                      maxUnavailable: 0
                      steps:
                        - setWeight: 25
                        - pause: {}
                        - setWeight: 50
                        - pause: {}
                """.formatted(Manifests.server("demo/discounts:v1")));
        scene.awaitHealthy("discounts");
        scene.say("Service discounts selects app=website, service=discounts; no router.");
        scene.say("4 pods of v1 are behind it.");
        try (var visitors = scene.visitors("discounts")) {
            visitors.plateau("v2", 0);
            scene.image("discounts", "demo/discounts:v2");
            scene.awaitPauseAt("discounts", 1);
            scene.say("Then 3 pods of v1 and 1 pod of v2, with the same labels.");
            visitors.plateau("v2", 25);
            scene.promote("discounts");
            scene.awaitPauseAt("discounts", 3);
            scene.say("Then 2 pods of v1 and 2 pods of v2.");
            visitors.plateau("v2", 50);
            scene.promote("discounts");
            scene.awaitHealthy("discounts");
            scene.say("Then 4 pods of v2 and none of v1.");
            visitors.plateau("v2", 100);
            visitors.leaveUnharmed();
        }
    }
}
