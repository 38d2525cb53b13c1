package dev.sluice.app.demo;

import dev.sluice.cluster.ResourceType;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Story 5: 5 % of the users, 25 %, 50 %; errors bring everybody back without a human, none bring everybody on.
final class WatchedCanary implements Story {
    /// Of the answers of a version that has gone bad.
    private static final double ERRORS = 0.2;
    /// From the verdict until nobody is sent to the bad version any more.
    private static final Duration AT_ONCE = Duration.ofSeconds(2);
    private static final Duration QUIET = Duration.ofMillis(500);

    @Override
    public String number() {
        return "5";
    }

    @Override
    public String name() {
        return "watched-canary";
    }

    @Override
    public String title() {
        return "The watched canary: 5 % → 25 % → 50 %, and back if there are errors";
    }

    /// A template that looks at the share of errors among the answers of v2's pods, by Prometheus.
    ///
    /// @param count of measurements; 0 for as long as the run lasts
    static String errorRate(Scene scene, int count) {
        var pods = "namespace=\"%s\",version=\"v2\"".formatted(scene.namespace());
        return """
               apiVersion: argoproj.io/v1alpha1
               kind: AnalysisTemplate
               metadata: {name: error-rate}
               spec:
                 metrics:
                   - name: error-rate
                     interval: 500ms
                     %s
                     successCondition: len(result) == 0 || isNaN(result[0]) || result[0] < 0.05
                     failureLimit: 0
                     provider:
                       prometheus:
                         address: %s
                         query: 'sum(rate(http_requests_total{%s,code="500"}[2s])) / sum(rate(http_requests_total{%s}[2s]))'
               """.formatted(
                        count > 0 ? "count: " + count : "initialDelay: 0s",
                        scene.stage().prometheus(),
                        pods,
                        pods);
    }

    @Override
    public void play(Scene scene) throws InterruptedException {
        scene.say("A share goes up when enough users had it without an issue; nobody promotes.");
        scene.say("With errors:");
        play(scene.beside("with-errors"), true);
        scene.say("And once without:");
        play(scene.beside("without"), false);
    }

    /// The canary is watched by an analysis in the background from its first user on. Each of its steps is over
    /// when enough users have come, so that a slow machine makes the story longer and nothing else.
    private static void play(Scene scene, boolean bad) throws InterruptedException {
        var host = scene.namespace() + ".example";
        scene.apply(Manifests.service("shop-stable", "app: shop") + Manifests.service("shop-canary", "app: shop"));
        scene.apply(Manifests.route(host));
        scene.apply(errorRate(scene, 0));
        scene.apply(enoughUsers(scene));
        scene.apply(Manifests.routed(4, steps(scene.requests())));
        scene.awaitHealthy("shop");
        try (var visitors = scene.visitorsOf(host)) {
            scene.image("shop", "demo/shop:v2");
            watch(scene, visitors, 5, "; no issue");
            watch(scene, visitors, 25, "; no issue");
            if (bad) goWrong(scene, visitors);
            else goOn(scene, visitors);
        }
    }

    /// The steps, none of which waits for a person. How many users are enough is counted at v2, from its
    /// first on: what a step sees beyond that is a start for the next.
    ///
    /// A step wants a quarter more than is measured, since measuring begins a little after the step does. The
    /// last one wants three times as many and more: an error that begins when all is measured must be found.
    ///
    /// @param requests of each measured plateau
    static String steps(long requests) {
        long most = requests + requests / 4 + 2_000;
        long first = most * 5 / 100;
        long second = first + most * 25 / 100;
        long third = second + (3 * requests + 4_000) / 2;
        return """
               steps:
                 - setWeight: 5
                 - pause: {duration: 2s}
                 - analysis: {templates: [{templateName: enough-users}], args: [{name: users, value: "%d"}]}
                 - setWeight: 25
                 - pause: {duration: 2s}
                 - analysis: {templates: [{templateName: enough-users}], args: [{name: users, value: "%d"}]}
                 - setWeight: 50
                 - pause: {duration: 4s}
                 - analysis: {templates: [{templateName: enough-users}], args: [{name: users, value: "%d"}]}
               analysis:
                 startingStep: 1
                 templates: [{templateName: error-rate}]
               """.formatted(first, second, third);
    }

    /// A template that waits until v2 has answered so many requests. Too few are no failure, however often that
    /// is seen. A count there must be, since no step may wait for ever; this one is seven hours.
    private static String enoughUsers(Scene scene) {
        return """
               apiVersion: argoproj.io/v1alpha1
               kind: AnalysisTemplate
               metadata: {name: enough-users}
               spec:
                 args: [{name: users}]
                 metrics:
                   - name: enough-users
                     interval: 250ms
                     count: 100000
                     successCondition: len(result) > 0 && result[0] >= {{args.users}}
                     consecutiveSuccessLimit: 1
                     failureLimit: -1
                     provider:
                       prometheus:
                         address: %s
                         query: 'sum(http_requests_total{namespace="%s",version="v2"})'
               """.formatted(scene.stage().prometheus(), scene.namespace());
    }

    /// Measures a share while the controller keeps to it.
    private static void watch(Scene scene, Visitors visitors, int share, String issue) throws InterruptedException {
        BooleanSupplier kept = () -> scene.weight("shop", "shop-canary") == share;
        visitors.await("the controller to send %d %% to v2".formatted(share), kept);
        visitors.plateau("v2", share, "%d %% of the users get v2%s".formatted(share, issue), kept);
    }

    private static void goOn(Scene scene, Visitors visitors) throws InterruptedException {
        watch(scene, visitors, 50, "; no issue");
        visitors.await("v2 to be the stable version", () -> scene.healthy("shop"));
        scene.say("Enough users without an issue: v2 is the stable version. Nobody promoted it.");
        visitors.plateau("v2", 100, "100 % of the users get v2");
        visitors.leaveUnharmed();
    }

    private static void goWrong(Scene scene, Visitors visitors) throws InterruptedException {
        watch(scene, visitors, 50, "");
        Instant verdict;
        try (var failed = scene.watchFor(
                ResourceType.ANALYSIS_RUNS,
                run -> run.at("status", "phase").string("").equals("Failed"))) {
            scene.stage().pods().fail(scene.namespace(), "v2", ERRORS);
            scene.say("What v2 depends on breaks down: a fifth of its answers are errors.");
            verdict = failed.await("a verdict");
        }
        scene.say("The analysis fails: error-rate is above its limit.");
        scene.await("shop", "Degraded", r -> r.at("status", "phase").string("").equals("Degraded"));
        scene.await(
                "nobody to be sent to v2",
                () -> visitors.last("v2")
                        .filter(last -> last.isBefore(scene.now().minus(QUIET)))
                        .isPresent());
        var toZero = Duration.between(verdict, visitors.last("v2").orElseThrow());
        if (toZero.isNegative()) toZero = Duration.ZERO;
        boolean atOnce = toZero.compareTo(AT_ONCE) <= 0;
        scene.playbill()
                .say(
                        "   Nobody is sent to v2; no human was asked",
                        Playbill.seconds(toZero) + " after the verdict",
                        atOnce);
        if (!atOnce) {
            scene.playbill()
                    .late(scene.title() + ": v2 got traffic for " + Playbill.seconds(toZero)
                            + " after the verdict; 2 s are allowed");
        }
        visitors.plateau("v2", 0, "100 % of the users get v1");
        var version =
                Optional.ofNullable(visitors.report().versions().get("v2")).orElseThrow();
        var first = version.firstFailure();
        if (first.isEmpty()) throw new Failed(scene.title() + ": no request met an error, so nothing was shown");
        var report = visitors.leave(Optional.of(Duration.between(first.get(), version.last())));
        scene.playbill()
                .say(
                        "   Users who met an error",
                        Playbill.count(report.failed()) + " of " + Playbill.count(report.requests()),
                        true);
        if (report.failed() != version.failed()) {
            scene.playbill()
                    .broken("%s: %s requests failed that v2 did not answer: %s"
                            .formatted(
                                    scene.title(),
                                    Playbill.count(report.failed() - version.failed()),
                                    report.reasons()));
        }
    }
}
