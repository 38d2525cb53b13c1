package dev.sluice.app.simulate;

import dev.sluice.format.IntOrPercent;
import dev.sluice.json.Json;
import dev.sluice.strategy.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// What a seed stands for: a Rollout or a pair of Deployments, what its users do to it, and what goes wrong meanwhile.
///
/// @param surge `maxSurge`; absent: 25 %
/// @param unavailable `maxUnavailable`; absent: 25 %
/// @param steps of a canary
/// @param background step from which a canary is analysed all the time
/// @param preview pods of the preview of a blue-green update; absent: as many as there are to be
/// @param deadlineAborts whether an update that makes no progress is aborted
/// @param squatter whether somebody else has taken the names that ReplicaSets are about to get
/// @param acts in the order in which users do them
/// @param rivals two controllers at once, of which a Lease makes one the leader; the leader freezes now and then
/// @param patient whether each act waits until the rollout waits for a human: then the path does not change the end
public record Scenario(
        long seed,
        Kind kind,
        int replicas,
        Optional<IntOrPercent> surge,
        Optional<IntOrPercent> unavailable,
        List<Json.Obj> steps,
        Optional<Integer> background,
        Optional<Integer> preview,
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
        BLUE_GREEN,
        /// A DeploymentCanary.
        PAIR
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

        /// Every pod is to be replaced: `spec.restartAt` is now.
        record Restart() implements Act {}

        /// Whether a PodDisruptionBudget refuses all evictions from now on.
        record RefuseEvictions(boolean refused) implements Act {}

        record DeleteService(String name) implements Act {}

        /// It is there again as it was at the beginning: it selects the pods of all revisions.
        record RestoreService(String name) implements Act {}

        /// A ReplicaSet goes, and its pods with it; nothing where there is none of that kind.
        record DeleteReplicaSet(Which which) implements Act {}
    }

    /// A ReplicaSet by what it is when somebody deletes it.
    public enum Which {
        /// Of the revision last promoted.
        STABLE,
        /// Of the revision that the status speaks of.
        NEWEST,
        /// Of neither, one with pods first.
        OLD
    }

    /// What `maxSurge` and `maxUnavailable` are where they are left out.
    private static final IntOrPercent QUARTER = new IntOrPercent.Percent(25);

    /// What an analysis of a pair asks for.
    static final String CANARY = "canary";

    public Scenario {
        steps = List.copyOf(steps);
        acts = List.copyOf(acts);
    }

    /// The scenario of a seed.
    public static Scenario of(long seed) {
        var random = new SplittableRandom(seed);
        var kind = Kind.values()[random.nextInt(Kind.values().length)];
        int replicas = 1 + random.nextInt(5);
        var surge = limit(random);
        // Both zero would stand still, and are refused.
        var unavailable = surge.filter(most -> most.ceil(100) == 0).isPresent()
                ? Optional.<IntOrPercent>of(new IntOrPercent.Count(1))
                : limit(random);
        boolean patient = random.nextInt(3) > 0;
        boolean rivals = random.nextInt(6) == 0;
        var steps = steps(random, kind, replicas);
        var background = kind != Kind.BLUE_GREEN && !steps.isEmpty() && random.nextInt(4) == 0
                ? Optional.of(random.nextInt(steps.size()))
                : Optional.<Integer>empty();
        // A verdict must not race with the last step where the path is not to change the end.
        if (patient && background.isPresent()) steps.add(Json.obj("pause", Json.Obj.EMPTY));
        return new Scenario(
                seed,
                kind,
                replicas,
                surge,
                unavailable,
                steps,
                background,
                random.nextInt(3) == 0 ? Optional.of(1 + random.nextInt(replicas)) : Optional.empty(),
                random.nextBoolean(),
                random.nextInt(4) * 10,
                random.nextBoolean(),
                kind != Kind.PAIR && random.nextInt(10) == 0,
                more(seed, kind, acts(random, patient)),
                patient,
                rivals,
                faults(random.split(), patient, rivals));
    }

    private static Optional<IntOrPercent> limit(RandomGenerator random) {
        return switch (random.nextInt(5)) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(new IntOrPercent.Percent(1 + random.nextInt(100)));
            default -> Optional.of(new IntOrPercent.Count(random.nextInt(3)));
        };
    }

    /// How far the number of pods may leave what is asked for.
    ///
    /// @param replicas pods asked for
    Limits limits(int replicas) {
        return Limits.of(surge.orElse(QUARTER), unavailable.orElse(QUARTER), replicas);
    }

    /// Pods that a restart may take from those that traffic needs, where a router or an active Service shares it.
    ///
    /// @param replicas pods asked for
    int missing(int replicas) {
        return (kind == Kind.ROUTED ? unavailable.orElse(QUARTER) : QUARTER).floor(replicas);
    }

    private static Faults faults(RandomGenerator random, boolean patient, boolean rivals) {
        var faults = Faults.draw(random);
        if (patient) faults = faults.withoutLongOutages();
        return rivals ? faults.withoutDeaths() : faults;
    }

    private static List<Json.Obj> steps(RandomGenerator random, Kind kind, int replicas) {
        var steps = new ArrayList<Json.Obj>();
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            steps.add(
                    switch (random.nextInt(kind == Kind.ROUTED ? 9 : 6)) {
                        case 0, 1, 2 -> Json.obj("setWeight", random.nextInt(101));
                        case 3 -> Json.obj("pause", Json.Obj.EMPTY);
                        case 4 -> Json.obj("pause", Json.obj("duration", random.nextInt(30)));
                        case 5 -> Json.obj("analysis", analysis(kind));
                        case 6 -> Json.obj("setCanaryScale", Json.obj("weight", random.nextInt(101)));
                        case 7 -> Json.obj("setCanaryScale", Json.obj("replicas", random.nextInt(replicas + 2)));
                        default -> Json.obj("setCanaryScale", Json.obj("matchTrafficWeight", true));
                    });
        }
        return steps;
    }

    /// Pods of Deployments have no hash to ask by; there it is the canary, whatever that is at the moment.
    private static Json.Obj analysis(Kind kind) {
        var latest = kind == Kind.PAIR
                ? Json.obj("name", "hash", "value", CANARY)
                : Json.obj("name", "hash", "valueFrom", Json.obj("podTemplateHashValue", "Latest"));
        return Json.obj("templates", List.of(Json.obj("templateName", "errors")), "args", List.of(latest));
    }

    private static List<Act> acts(RandomGenerator random, boolean patient) {
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

    /// What only some seeds have, from draws of its own: what a seed stands for besides does not depend on it.
    private static List<Act> more(long seed, Kind kind, List<Act> acts) {
        var restarts = new SplittableRandom(~seed);
        if (restarts.nextInt(5) == 0 && kind != Kind.PAIR) restart(restarts, acts);
        var losses = new SplittableRandom(seed * 31 + 11);
        if (losses.nextInt(5) == 0) services(losses, kind, acts);
        var deletions = new SplittableRandom(seed * 31 + 13);
        if (deletions.nextInt(5) == 0 && kind != Kind.PAIR) replicaSets(deletions, acts);
        return acts;
    }

    /// Somebody deletes a ReplicaSet, or two.
    private static void replicaSets(RandomGenerator random, List<Act> acts) {
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            var which = Which.values()[random.nextInt(Which.values().length)];
            acts.add(1 + random.nextInt(acts.size()), new Act.DeleteReplicaSet(which));
        }
    }

    /// A Service that traffic depends on is deleted, and some acts later it is there again; then maybe the other.
    private static void services(RandomGenerator random, Kind kind, List<Act> acts) {
        var names = switch (kind) {
            case ROUTED -> List.of("web-canary", "web-stable");
            case BLUE_GREEN -> List.of("web");
            case BASIC, PAIR -> List.<String>of();
        };
        int at = 1;
        for (var name : names.subList(0, random.nextInt(names.size() + 1))) {
            at += random.nextInt(acts.size() + 1 - at);
            acts.add(at++, new Act.DeleteService(name));
            at += random.nextInt(acts.size() + 1 - at);
            acts.add(at++, new Act.RestoreService(name));
        }
    }

    /// A restart somewhere on the way, maybe another, maybe while evictions are refused: for a while or for ever.
    private static void restart(RandomGenerator random, List<Act> acts) {
        int at = 1 + random.nextInt(acts.size());
        acts.add(at, new Act.Restart());
        if (random.nextInt(3) == 0) acts.add(at + 1 + random.nextInt(acts.size() - at), new Act.Restart());
        if (random.nextBoolean()) return;
        acts.add(1 + random.nextInt(at), new Act.RefuseEvictions(true));
        if (random.nextInt(3) > 0) acts.add(acts.size(), new Act.RefuseEvictions(false));
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
                background,
                preview,
                autoPromotion,
                scaleDownDelay,
                deadlineAborts,
                squatter,
                acts,
                patient,
                rivals,
                faults.withoutDeaths());
    }

    /// Whether the data plane serves at once what it is told, and reports nothing of it: the very next pass goes on.
    boolean silentRouter() {
        return kind == Kind.ROUTED && new SplittableRandom(seed * 31 + 17).nextInt(4) == 0;
    }

    /// Whether a new side has to prove itself before everybody is sent to it.
    boolean judgedBefore() {
        return kind == Kind.BLUE_GREEN && new SplittableRandom(seed * 31 + 19).nextInt(3) == 0;
    }

    /// Whether it has to while it serves.
    boolean judgedAfter() {
        return kind == Kind.BLUE_GREEN && new SplittableRandom(seed * 31 + 23).nextInt(3) == 0;
    }

    /// The value of the label `role` on pods of the newest revision in an update, and on those of the stable one; empty
    /// where the strategy adds nothing to pods.
    Optional<Roles> roles() {
        var random = new SplittableRandom(seed * 31 + 29);
        if (kind == Kind.PAIR || random.nextInt(3) > 0) return Optional.empty();
        return Optional.of(
                switch (random.nextInt(4)) {
                    case 0 -> new Roles("new", "");
                    case 1 -> new Roles("", "stable");
                    default -> new Roles("new", "stable");
                });
    }

    /// Values of a label by what a pod's revision is; the empty string for none.
    record Roles(String updating, String serving) {
        static final String LABEL = "role";

        private static Json.Obj metadata(String value) {
            return Json.obj("labels", value.isEmpty() ? Json.Obj.EMPTY : Json.obj(LABEL, value));
        }
    }

    /// A strategy with what it adds to pods.
    private Json.Obj adding(Json.Obj strategy, String updating, String serving) {
        var apart = Json.obj("preferredDuringSchedulingIgnoredDuringExecution", Json.obj("weight", 1));
        return roles().map(roles -> strategy.with(updating, Roles.metadata(roles.updating()))
                        .with(serving, Roles.metadata(roles.serving()))
                        .with("antiAffinity", apart))
                .orElse(strategy);
    }

    /// Whether evictions are refused to the end.
    boolean refusesForEver() {
        return acts.contains(new Act.RefuseEvictions(true)) && !acts.contains(new Act.RefuseEvictions(false));
    }

    /// Whether an analysis of this image is to fail.
    static boolean failsAnalysis(String image) {
        return image.hashCode() % 3 == 0;
    }

    Json.Obj manifest() {
        if (kind == Kind.PAIR) return pair();
        var strategy = switch (kind) {
            case BASIC, PAIR -> Json.obj("canary", canary());
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
            case BLUE_GREEN -> Json.obj("blueGreen", adding(blueGreen(), "previewMetadata", "activeMetadata"));
        };
        var spec = Json.obj(
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
                strategy);
        return object("argoproj.io/v1alpha1", "Rollout", "web", spec);
    }

    private Json.Obj pair() {
        var spec = canary().with("stable", Simulation.SIDES.getFirst())
                .with("canary", Simulation.SIDES.getLast())
                .with("replicas", replicas)
                .with("progressDeadlineSeconds", 120)
                .with("progressDeadlineAbort", deadlineAborts);
        return object("sluice.dev/v1alpha1", "DeploymentCanary", "web", spec);
    }

    /// A Deployment of the pair. Its owner lets it roll by one pod more, never by one less: an edited
    /// template must not cost what the DeploymentCanary promises.
    static Json.Obj deployment(String name, String image, int replicas) {
        var rolling = Json.obj("maxSurge", 1, "maxUnavailable", 0);
        var spec = Json.obj(
                "replicas",
                replicas,
                "strategy",
                Json.obj("type", "RollingUpdate", "rollingUpdate", rolling),
                "selector",
                Json.obj("matchLabels", Json.obj("app", "web", Model.SIDE, name)),
                "template",
                template(image).withAt(List.of("metadata", "labels", Model.SIDE), name));
        return object("apps/v1", "Deployment", name, spec);
    }

    static Json.Obj object(String version, String kind, String name, Json.Obj spec) {
        var metadata = Json.obj("name", name, "namespace", Simulation.NAMESPACE);
        return Json.obj("apiVersion", version, "kind", kind, "metadata", metadata, "spec", spec);
    }

    private Json.Obj blueGreen() {
        var blueGreen = Json.obj(
                "activeService", "web",
                "autoPromotionEnabled", autoPromotion,
                "scaleDownDelaySeconds", scaleDownDelay);
        if (judgedBefore()) blueGreen = blueGreen.with("prePromotionAnalysis", analysis(kind));
        if (judgedAfter()) blueGreen = blueGreen.with("postPromotionAnalysis", analysis(kind));
        if (preview.isEmpty()) return blueGreen;
        return blueGreen.with("previewService", "web-canary").with("previewReplicaCount", preview.get());
    }

    private Json.Obj canary() {
        var canary = Json.obj("steps", steps);
        if (surge.isPresent()) canary = canary.with("maxSurge", surge.get().json());
        if (unavailable.isPresent())
            canary = canary.with("maxUnavailable", unavailable.get().json());
        if (background.isPresent()) {
            canary = canary.with("analysis", analysis(kind).with("startingStep", background.get()));
        }
        return adding(canary, "canaryMetadata", "stableMetadata");
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
