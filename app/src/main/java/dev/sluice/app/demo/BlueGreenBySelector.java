package dev.sluice.app.demo;

import dev.sluice.cluster.ResourceType;

/// Story 2: everybody moves by one change of a selector, and back by another, while both versions stay up.
final class BlueGreenBySelector implements Story {
    @Override
    public String number() {
        return "2";
    }

    @Override
    public String name() {
        return "blue-green";
    }

    @Override
    public String title() {
        return "Blue-green by selector, and back at once";
    }

    @Override
    public void play(Scene scene) throws InterruptedException {
        scene.apply(Manifests.service("biz1", "app: biz1, zone: prod"));
        scene.apply(Manifests.service("biz1-preview", "app: biz1, zone: prod"));
        scene.apply("""
                apiVersion: argoproj.io/v1alpha1
                kind: Rollout
                metadata: {name: biz1}
                spec:
                  replicas: 3
                  selector: {matchLabels: {app: biz1, zone: prod}}
                  template:
                    metadata: {labels: {app: biz1, zone: prod}}
                    spec:
                      containers: [%s]
                  strategy:
                    blueGreen:
                      activeService: biz1
                      previewService: biz1-preview
                      autoPromotionEnabled: false
                      scaleDownDelaySeconds: 600
                """.formatted(Manifests.server("demo/biz1:4.1")));
        scene.awaitHealthy("biz1");
        scene.say("Service biz1 selects app=biz1, zone=prod and the revision of 4.1: 3 pods.");
        try (var visitors = scene.visitors("biz1")) {
            scene.image("biz1", "demo/biz1:4.2");
            scene.await(
                    "biz1",
                    "the pause before the switch",
                    r -> r.at("status", "blueGreen", "previewSelector").equals(r.at("status", "currentPodHash"))
                            && !r.at("status", "pauseConditions").items().isEmpty());
            scene.say("3 pods of 4.2 run beside them, behind the preview Service only.");
            visitors.plateau("4.2", 0);
            scene.promote("biz1");
            scene.awaitHealthy("biz1");
            scene.say("Promoted: the selector of biz1 names 4.2; 4.1 stays up.");
            visitors.plateau("4.2", 100);
            scene.image("biz1", "demo/biz1:4.1");
            scene.awaitHealthy("biz1");
            long ready = scene.all(ResourceType.REPLICA_SETS).stream()
                    .filter(rs -> rs.at("status", "readyReplicas").integer(0) == 3)
                    .count();
            if (ready != 2) throw new Failed(scene.title() + ": both versions should be up, but " + ready + " is");
            scene.say("Taken back: it names 4.1 again, whose pods were there all the time.");
            visitors.plateau("4.2", 0);
            visitors.leaveUnharmed();
        }
    }
}
