package dev.sluice.app.demo;

/// Story 1, with two plain Deployments that the user owns: nothing but their size is changed.
final class TwoDeployments implements Story {
    @Override
    public String number() {
        return "1b";
    }

    @Override
    public String name() {
        return "two-deployments";
    }

    @Override
    public String title() {
        return "Ratio by pods, with two Deployments of your own";
    }

    @Override
    public void play(Scene scene) throws InterruptedException {
        scene.apply(Manifests.service("discounts", "app: website, service: discounts"));
        scene.apply(deployment("a", "v1", 4));
        scene.apply(deployment("b", "v2", 0));
        scene.say("Deployment A runs 4 pods of v1, B none of v2; one Service selects both.");
        try (var visitors = scene.visitors("discounts")) {
            visitors.plateau("v2", 0);
            scene.apply("""
                    apiVersion: sluice.dev/v1alpha1
                    kind: DeploymentCanary
                    metadata: {name: discounts}
                    spec:
                      stable: a
                      canary: b
                      replicas: 4
                      maxSurge: 1
                      maxUnavailable: 0
                      steps:
                        - setWeight: 25
                        - pause: {}
                    """);
            scene.awaitPauseAt("dc/discounts", 1);
            scene.say("A DeploymentCanary names A stable, B canary: A goes to 3 pods, B to 1.");
            visitors.plateau("v2", 25);
            scene.promote("dc/discounts");
            scene.awaitHealthy("dc/discounts");
            scene.say("Promoted: A has 0 pods, B has 4. Both are still there, and still yours.");
            visitors.plateau("v2", 100);
            visitors.leaveUnharmed();
        }
    }

    private static String deployment(String name, String version, int replicas) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  replicas: %3$d
                  selector: {matchLabels: {deployment: %1$s}}
                  template:
                    metadata: {labels: {app: website, service: discounts, deployment: %1$s}}
                    spec:
                      containers: [%2$s]
                """.formatted(name, Manifests.server("demo/discounts:" + version), replicas);
    }
}
