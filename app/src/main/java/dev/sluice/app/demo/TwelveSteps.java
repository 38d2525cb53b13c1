package dev.sluice.app.demo;

/// Story 3: A loses pods one by one while B gains them, with a smoke test of B and a look at the metrics each time.
final class TwelveSteps implements Story {
    @Override
    public int number() {
        return 3;
    }

    @Override
    public String name() {
        return "twelve-steps";
    }

    @Override
    public String title() {
        return "The twelve steps, in one cluster";
    }

    @Override
    public void play(Scene scene) throws InterruptedException {
        scene.apply(Manifests.service("x", "app: x") + Manifests.service("b", "app: x"));
        var b = scene.address("b");
        scene.apply("""
                apiVersion: argoproj.io/v1alpha1
                kind: AnalysisTemplate
                metadata: {name: smoke}
                spec:
                  metrics:
                    - name: answers-as-v2
                      count: 3
                      interval: 100ms
                      successCondition: result == "v2"
                      provider:
                        web:
                          url: "http://%s:%d/"
                          headers: [{key: Accept, value: application/json}]
                          jsonPath: "{$.version}"
                """.formatted(b.getAddress().getHostAddress(), b.getPort()));
        scene.apply(WatchedCanary.errorRate(scene, 2));
        scene.apply("""
                apiVersion: argoproj.io/v1alpha1
                kind: Rollout
                metadata: {name: x}
                spec:
                  replicas: 4
                  selector: {matchLabels: {app: x}}
                  template:
                    metadata: {labels: {app: x}}
                    spec:
                      containers: [{name: web, image: "demo/x:v1", ports: [{containerPort: 8080}]}]
                  strategy:
                    canary:
                      canaryService: b
                      maxSurge: 1
                      maxUnavailable: 0
                      steps:
                        - setWeight: 25
                        - analysis: {templates: [{templateName: smoke}]}
                        - pause: {}
                        - analysis: {templates: [{templateName: error-rate}]}
                        - setWeight: 50
                        - pause: {}
                        - analysis: {templates: [{templateName: error-rate}]}
                        - setWeight: 75
                        - pause: {}
                        - analysis: {templates: [{templateName: error-rate}]}
                        - setWeight: 100
                        - pause: {}
                        - analysis: {templates: [{templateName: error-rate}]}
                """);
        scene.awaitHealthy("x");
        scene.say("1  A: 4 pods of v1          2  Service X selects app=x");
        try (var visitors = scene.visitors("x")) {
            scene.image("x", "demo/x:v2");
            scene.awaitPauseAt("x", 2);
            scene.say("3  B: its first pod, v2    4  Service B selects the revision of v2");
            scene.say("5  the smoke test asks Service B three times: every answer is from v2");
            scene.say("6  A minus one             7  B serves users behind Service X");
            for (int pods = 1; pods <= 4; pods++) {
                visitors.plateau(
                        "v2",
                        25 * pods,
                        "%s  A has %d pods, B has %d: v2 is asked for %d %%"
                                .formatted(pods == 1 ? "8" : "9", 4 - pods, pods, 25 * pods));
                scene.promote("x");
                // The pause that follows comes only after the metrics were good.
                if (pods < 4) scene.awaitPauseAt("x", 3 * pods + 2);
                else scene.awaitHealthy("x");
                scene.say("   metrics of users on Service X: good");
            }
            scene.say("10 A has no pods, B has 4   11 A is history, ready for an undo");
            scene.say("12 Service B and Service X have the same pods; B waits for the next version");
            visitors.leaveUnharmed();
        }
    }
}
