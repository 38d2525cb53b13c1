package dev.sluice.app.demo;

import dev.sluice.cluster.ResourceType;
import dev.sluice.explain.Cause;
import dev.sluice.json.Json;

/// Story 6: staged faults, and what `sluice explain --traffic` says of each.
final class WhyNoTraffic implements Story {
    @Override
    public String number() {
        return "6";
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
        selector(scene.beside("selector"));
        scene.playbill().say("");
        noReplicas(scene.beside("no-replicas"));
        scene.playbill().say("");
        notRunning(scene.beside("no-image"));
        scene.playbill().say("");
        all(scene.beside("all-of-it"));
        scene.playbill().say("");
        notAsked(scene.beside("not-asked"));
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
        // The controller has seen the Service before there is a v2: what it makes of both is told alike each time.
        scene.await(
                "shop",
                "the selector to be refused",
                r -> r.at("status", "phase").string("").equals("Degraded"));
        scene.image("shop", "demo/shop:v2");
        explain(scene, "The Service selector still says v1", Cause.SELECTOR_ON_OLD_VERSION.code());
    }

    private static void noReplicas(Scene scene) throws InterruptedException {
        prepare(scene);
        scene.patch(ResourceType.ROLLOUTS, "shop", steps("""
                steps:
                  - setCanaryScale: {replicas: 0}
                  - setWeight: 50
                  - pause: {}
                """));
        scene.image("shop", "demo/shop:v2");
        explain(scene, "v2 has zero replicas", Cause.NO_REPLICAS.code());
    }

    private static Json.Obj steps(String canary) {
        return Json.obj(
                "spec",
                Json.obj("strategy", Json.obj("canary", Manifests.read(canary).getFirst())));
    }

    private static void notRunning(Scene scene) throws InterruptedException {
        prepare(scene);
        scene.image("shop", "demo/shop:v2-missing");
        explain(scene, "The pods of v2 are not running", Cause.PODS_NOT_READY.code(), "ImagePullBackOff");
    }

    /// Two plain Deployments behind a Service, and everything wrong with v2 that can be: the Service is still at
    /// v1, its Deployment has no replicas, and the one pod of it, started by hand, does not run.
    private static void all(Scene scene) throws InterruptedException {
        scene.apply(Manifests.service("web", "app: web, version: v1"));
        scene.apply(deployment("v1", 2));
        scene.apply(deployment("v2", 0));
        scene.apply("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web-v2-by-hand
                  labels: {app: web, version: v2}
                spec:
                  containers: [%s]
                """.formatted(Manifests.server("demo/web:v2-missing")));
        try (var visitors = scene.visitors("web")) {
            visitors.plateau("v2", 0, "All of them at once, with two Deployments.");
            // A pod is pending for a moment before its image is found missing: what is told is what stays.
            scene.explainService(
                    "web",
                    Cause.SELECTOR_ON_OLD_VERSION.code(),
                    Cause.NO_REPLICAS.code(),
                    Cause.PODS_NOT_READY.code(),
                    "ImagePullBackOff");
            visitors.leaveUnharmed();
        }
    }

    private static String deployment(String version, int replicas) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web-%1$s}
                spec:
                  replicas: %3$d
                  selector: {matchLabels: {app: web, version: %1$s}}
                  template:
                    metadata: {labels: {app: web, version: %1$s}}
                    spec:
                      containers: [%2$s]
                """.formatted(version, Manifests.server("demo/web:" + version), replicas);
    }

    private static void notAsked(Scene scene) throws InterruptedException {
        prepare(scene);
        scene.patch(ResourceType.ROLLOUTS, "shop", steps("""
                steps:
                  - pause: {}
                  - setWeight: 50
                """));
        scene.image("shop", "demo/shop:v2");
        scene.awaitPauseAt("shop", 0);
        explain(scene, "Nobody has asked for more yet", Cause.AS_ASKED.code());
    }

    private static void explain(Scene scene, String fault, String... named) throws InterruptedException {
        try (var visitors = scene.visitorsOf(scene.namespace() + ".example")) {
            visitors.plateau("v2", 0, fault + ".");
            scene.explain("shop", named);
            visitors.leaveUnharmed();
        }
    }
}
