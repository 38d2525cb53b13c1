package dev.sluice.app.demo;

import dev.sluice.cluster.ResourceType;

/// Story 3: B gets its first pod and is tested, then A loses pods one by one while B gains them, with a look at the
/// metrics of users each time. All twelve steps are one Rollout.
final class TwelveSteps implements Story {
    private static final int PODS = 4;

    @Override
    public String number() {
        return "3";
    }

    @Override
    public String name() {
        return "twelve-steps";
    }

    @Override
    public String title() {
        return "The twelve steps, in one cluster";
    }

    /// A Job that asks Service B by its name, as a test that a team brings along would.
    private static final String SMOKE_TEST = """
            apiVersion: argoproj.io/v1alpha1
            kind: AnalysisTemplate
            metadata: {name: smoke-test}
            spec:
              metrics:
                - name: smoke-test
                  provider:
                    job:
                      spec:
                        backoffLimit: 0
                        template:
                          spec:
                            restartPolicy: Never
                            containers:
                              - name: ask
                                image: demo/smoke-test:1
                                env:
                                  - {name: SLUICE_ASK, value: "http://b/"}
                                  - {name: SLUICE_ASK_VERSION, value: v2}
                                  - {name: SLUICE_ASK_TIMES, value: "10"}
                                  - {name: SLUICE_ASK_WITHIN, value: 2m}
            """;

    @Override
    public void play(Scene scene) throws InterruptedException {
        scene.apply(Manifests.service("x", "app: x") + Manifests.service("b", "app: x"));
        scene.apply(SMOKE_TEST);
        scene.apply(WatchedCanary.errorRate(scene, 2));
        // No pod of A is kept as history: the eleventh step deletes it.
        scene.apply("""
                apiVersion: argoproj.io/v1alpha1
                kind: Rollout
                metadata: {name: x}
                spec:
                  replicas: 4
                  revisionHistoryLimit: 0
                  selector: {matchLabels: {app: x}}
                  template:
                    metadata: {labels: {app: x}}
                    spec:
                      containers: [%s]
                  strategy:
                    canary:
                      canaryService: b
                      maxSurge: 1
                      maxUnavailable: 0
                      steps:
                        - setWeight: 20
                        - analysis: {templates: [{templateName: smoke-test}]}
                        - pause: {}
                        - analysis: {templates: [{templateName: error-rate}]}
                        - setWeight: 25
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
                """.formatted(Manifests.server("demo/x:v1")));
        scene.awaitHealthy("x");
        scene.say(" 1 A: 4 pods of v1.");
        scene.say(" 2 Service X selects app=x.");
        try (var visitors = scene.visitors("x")) {
            scene.image("x", "demo/x:v2");
            scene.awaitPauseAt("x", 2);
            scene.say(" 3 B: one pod of v2 beside them.");
            scene.say(" 4 Service B selects the revision of v2.");
            smokeTested(scene);
            scene.say(" 5 The smoke test, a Job, asks Service B ten times: v2 answers each time.");
            visitors.plateau("v2", 20, " 6 Users of X reach A's 4 pods and B's 1");
            scene.promote("x");
            for (int pods = 1; pods <= PODS; pods++) {
                // The pause that follows comes only after the metrics were good.
                scene.awaitPauseAt("x", 3 * pods + 2);
                scene.say(pods == 1 ? "   Metrics of users on Service X: good." : "   Metrics again: good.");
                if (pods == 1) scene.say(" 7 A minus one.   8 B plus one.   9 Metrics again.   10 And so on:");
                visitors.plateau("v2", 25 * pods, "   A has %d, B has %d".formatted(PODS - pods, pods));
                scene.promote("x");
            }
            scene.awaitHealthy("x");
            scene.say("   Metrics again: good.");
            scene.await(
                    "A to be deleted",
                    () -> scene.all(ResourceType.REPLICA_SETS).size() == 1);
            scene.say("11 A is deleted: revisionHistoryLimit is 0.");
            scene.say("12 Service B selects what X does, until there is a v3 to test.");
            visitors.leaveUnharmed();
        }
    }

    /// That the Job was there, has run and was successful, as `kubectl get jobs` shows it.
    private static void smokeTested(Scene scene) {
        var jobs = scene.all(ResourceType.JOBS);
        boolean tested =
                jobs.size() == 1 && jobs.getFirst().at("status", "succeeded").integer(0) == 1;
        if (!tested) throw new Failed(scene.title() + ": one Job should have tested Service B, but there is " + jobs);
    }
}
