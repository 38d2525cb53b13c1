package dev.sluice.app.simulate;

import dev.sluice.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// What a seed stands for: a Rollout, what its users do to it, and what goes wrong meanwhile.
///
/// @param unavailable `maxUnavailable`; negative: 25 %
/// @param surge `maxSurge`; negative: 25 %
/// @param steps of a canary
/// @param deadlineAborts whether an update that makes no progress is aborted
/// @param squatter whether somebody else has taken the names that ReplicaSets are about to get
/// @param acts in the order in which users do them
/// @param rivals two controllers at once, of which a Lease makes one the leader; the leader freezes now and then
/// @param patient whether each act waits until the rollout waits for a human: then the path does not change the end
public record Scenario(
        long seed,
        Kind kind,
        int replicas,
        int surge,
        int unavailable,
        List<Json.Obj> steps,
        boolean autoPromotion,
        int scaleDownDelay,
        boolean deadlineAborts,
        boolean squatter,
        List<Act> acts,
        boolean patient,
        boolean rivals,
        Faults faults) {
    /// The ways to share traffic.
    public enum Kind {
        BASIC,
        ROUTED,
        BLUE_GREEN
    }

    /// What a user does.
    public sealed interface Act {
        /// @param image tag; its words are the behaviour of the pods
        record SetImage(String image) implements Act {}

        record Promote() implements Act {}

        record PromoteFully() implements Act {}

        record Abort() implements Act {}

        record Retry() implements Act {}

        record SetPaused(boolean paused) implements Act {}

        record SetReplicas(int replicas) implements Act {}
    }

    public Scenario {
        steps = List.copyOf(steps);
        acts = List.copyOf(acts);
    }

    /// The scenario of a seed.
    public static Scenario of(long seed) {
        var random = new SplittableRandom(seed);
        var kind = Kind.values()[random.nextInt(3)];
        int replicas = 1 + random.nextInt(5);
        int surge = random.nextInt(4) - 1;
        int unavailable = surge == 0 ? 1 : random.nextInt(3) - 1;
        boolean patient = random.nextInt(3) > 0;
        boolean rivals = random.nextInt(6) == 0;
        return new Scenario(
                seed,
                kind,
                replicas,
                surge,
                unavailable,
                steps(random, kind),
                random.nextBoolean(),
                random.nextInt(4) * 10,
                random.nextBoolean(),
                random.nextInt(10) == 0,
                acts(random, replicas, patient),
                patient,
                rivals,
                faults(random.split(), patient, rivals));
    }

    private static Faults faults(RandomGenerator random, boolean patient, boolean rivals) {
        var faults = Faults.draw(random);
        if (patient) faults = faults.withoutLongOutages();
        return rivals ? faults.withoutDeaths() : faults;
    }

    private static List<Json.Obj> steps(RandomGenerator random, Kind kind) {
        var steps = new ArrayList<Json.Obj>();
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            steps.add(
                    switch (random.nextInt(kind == Kind.ROUTED ? 8 : 6)) {
                        case 0, 1, 2 -> Json.obj("setWeight", random.nextInt(101));
                        case 3 -> Json.obj("pause", Json.Obj.EMPTY);
                        case 4 -> Json.obj("pause", Json.obj("duration", random.nextInt(30)));
                        case 5 -> analysis();
                        case 6 -> Json.obj("setCanaryScale", Json.obj("weight", random.nextInt(101)));
                        default -> Json.obj("setCanaryScale", Json.obj("matchTrafficWeight", true));
                    });
        }
        return steps;
    }

    private static Json.Obj analysis() {
        return Json.obj(
                "analysis",
                Json.obj(
                        "templates", List.of(Json.obj("templateName", "errors")),
                        "args",
                                List.of(Json.obj(
                                        "name", "hash", "valueFrom", Json.obj("podTemplateHashValue", "Latest")))));
    }

    private static List<Act> acts(RandomGenerator random, int replicas, boolean patient) {
        var acts = new ArrayList<Act>();
        acts.add(new Act.SetImage(image(random, 2)));
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            acts.add(
                    switch (random.nextInt(patient ? 5 : 9)) {
                        case 0, 1 -> new Act.Promote();
                        case 2 -> new Act.SetImage(image(random, 3 + i));
                        case 3 -> new Act.Abort();
                        case 4 -> new Act.PromoteFully();
                        case 5 -> new Act.Retry();
                        case 6 -> new Act.SetPaused(random.nextBoolean());
                        case 7 -> new Act.SetReplicas(1 + random.nextInt(6));
                        default -> new Act.SetImage("v1");
                    });
        }
        acts.add(new Act.SetPaused(false));
        return acts;
    }

    private static String image(RandomGenerator random, int version) {
        return switch (random.nextInt(8)) {
            case 0 -> "v" + version + "-never-ready";
            case 1 -> "v" + version + "-slow-start-" + (1 + random.nextInt(20)) + "s";
            case 2 -> "v1";
            default -> "v" + version;
        };
    }

    /// The same world in which the controller never dies.
    Scenario immortal() {
        return new Scenario(
                seed,
                kind,
                replicas,
                surge,
                unavailable,
                steps,
                autoPromotion,
                scaleDownDelay,
                deadlineAborts,
                squatter,
                acts,
                patient,
                rivals,
                faults.withoutDeaths());
    }

    /// Whether an analysis of this image is to fail.
    static boolean failsAnalysis(String image) {
        return image.hashCode() % 3 == 0;
    }

    Json.Obj manifest() {
        var strategy = switch (kind) {
            case BASIC -> Json.obj("canary", canary());
            case ROUTED ->
                Json.obj(
                        "canary",
                        canary().with("canaryService", "web-canary")
                                .with("stableService", "web-stable")
                                .with("scaleDownDelaySeconds", scaleDownDelay)
                                .with("abortScaleDownDelaySeconds", Math.max(1, scaleDownDelay))
                                .with(
                                        "trafficRouting",
                                        Json.obj(
                                                "plugins",
                                                Json.obj("argoproj-labs/gatewayAPI", Json.obj("httpRoute", "web")))));
            case BLUE_GREEN ->
                Json.obj(
                        "blueGreen",
                        Json.obj(
                                "activeService", "web",
                                "autoPromotionEnabled", autoPromotion,
                                "scaleDownDelaySeconds", scaleDownDelay));
        };
        return Json.obj(
                "apiVersion",
                "argoproj.io/v1alpha1",
                "kind",
                "Rollout",
                "metadata",
                Json.obj("name", "web", "namespace", Simulation.NAMESPACE),
                "spec",
                Json.obj(
                        "replicas",
                        replicas,
                        "progressDeadlineSeconds",
                        120,
                        "progressDeadlineAbort",
                        deadlineAborts,
                        "selector",
                        Json.obj("matchLabels", Json.obj("app", "web")),
                        "template",
                        template("v1"),
                        "strategy",
                        strategy));
    }

    private Json.Obj canary() {
        var canary = Json.obj("steps", steps);
        if (surge >= 0) canary = canary.with("maxSurge", surge);
        if (unavailable >= 0) canary = canary.with("maxUnavailable", unavailable);
        return canary;
    }

    static Json.Obj template(String image) {
        return Json.obj(
                "metadata", Json.obj("labels", Json.obj("app", "web")),
                "spec",
                        Json.obj(
                                "containers",
                                List.of(Json.obj(
                                        "name",
                                        "web",
                                        "image",
                                        "demo/web:" + image,
                                        "ports",
                                        List.of(Json.obj("containerPort", 8080))))));
    }

    static Duration between(RandomGenerator random) {
        return Duration.ofMillis(random.nextInt(100, 60_000));
    }
}
