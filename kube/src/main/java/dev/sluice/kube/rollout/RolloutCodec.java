package dev.sluice.kube.rollout;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.cluster.ResourceType;
import dev.sluice.format.IntOrPercent;
import dev.sluice.format.Nearest;
import dev.sluice.json.Json;
import dev.sluice.rollout.AnalysisSpec;
import dev.sluice.rollout.Problem;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.RolloutSpec;
import dev.sluice.rollout.Step;
import dev.sluice.rollout.Strategy;
import dev.sluice.rollout.WorkloadRef;
import dev.sluice.rollout.hash.StepsHash;
import dev.sluice.spi.TrafficRouter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads `argoproj.io/v1alpha1` Rollouts. Parsing happens once, here: below this line nothing is absent by accident.
///
/// A manifest that is wrong still gives a Rollout, so that its problems can be written to its status.
public final class RolloutCodec {
    private static final IntOrPercent QUARTER = new IntOrPercent.Percent(25);

    /// Step fields, in the order in which Argo looks at them.
    static final List<String> STEP_KINDS = List.of(
            "pause",
            "setCanaryScale",
            "setWeight",
            "experiment",
            "analysis",
            "setHeaderRoute",
            "setMirrorRoute",
            "plugin");

    /// Those that this version runs.
    private static final List<String> STEPS_HERE = List.of("setWeight", "pause", "analysis", "setCanaryScale");

    private static final String TEMPLATE_KINDS =
            "refer to a Deployment or a ReplicaSet of apps/v1, or to a PodTemplate of v1";

    private final Map<String, TrafficRouter> routers;

    public RolloutCodec(Map<String, TrafficRouter> routers) {
        this.routers = new LinkedHashMap<>(routers);
    }

    /// A Rollout and every mistake in it.
    ///
    /// @param notes what is no mistake, and worth a word
    public record Decoded(Rollout rollout, List<Problem> problems, List<Note> notes) {
        public Decoded {
            problems = List.copyOf(problems);
            notes = List.copyOf(notes);
        }
    }

    /// One whose template, if it comes from a workload, need not be known.
    public Decoded decode(Json.Obj object) {
        return decode(object, Optional.empty());
    }

    /// @param borrowed what stands in for template and selector, where the Rollout refers to a workload
    public Decoded decode(Json.Obj object, Optional<Workload.Borrowed> borrowed) {
        var problems = new ArrayList<Problem>();
        var fields = Fields.of(object, problems);
        var spec = spec(fields.at("spec"), borrowed);
        var rollout = rollout(Rollout.Kind.ROLLOUT, object, revision(object.at("metadata")), spec);
        var notes = new ArrayList<>(fields.notes(Rollout.Kind.ROLLOUT.toString(), KnownFields.ofRollouts()));
        spec.workloadRef().flatMap(RolloutCodec::unscaled).ifPresent(notes::add);
        return new Decoded(rollout, problems, notes);
    }

    private static Optional<Note> unscaled(WorkloadRef ref) {
        boolean scaled =
                ref.scaleDown() == WorkloadRef.ScaleDown.NEVER || ref.kind().equals(ResourceType.DEPLOYMENTS.kind());
        return scaled
                ? Optional.empty()
                : Optional.of(new Note(
                        Note.Kind.NOT_ACTED_ON,
                        "spec.workloadRef.scaleDown is not acted on for a %s: only a Deployment is scaled"
                                .formatted(ref.kind())));
    }

    /// What stands in the metadata and the status of whatever is driven, beside its spec.
    static Rollout rollout(Rollout.Kind kind, Json.Obj object, int revision, RolloutSpec spec) {
        var metadata = object.at("metadata");
        return new Rollout(
                kind,
                metadata.at("namespace").string(""),
                metadata.at("name").string(""),
                metadata.at("uid").string(""),
                metadata.at("resourceVersion").string(""),
                metadata.at("generation").asLong().orElse(0L),
                metadata.at("creationTimestamp")
                        .asString()
                        .flatMap(Fields::instant)
                        .orElse(Instant.EPOCH),
                !metadata.at("deletionTimestamp").isNull(),
                revision,
                metadata.at("annotations", Names.WORKLOAD_GENERATION).string(""),
                spec,
                StatusCodec.decode(object.at("status")));
    }

    static int revision(Json metadata) {
        return metadata.at("annotations", Names.REVISION)
                .asString()
                .filter(text -> text.matches("[0-9]{1,9}"))
                .map(Integer::parseInt)
                .orElse(0);
    }

    private RolloutSpec spec(Fields spec, Optional<Workload.Borrowed> borrowed) {
        var workloadRef = workloadRef(spec);
        int minReady = spec.count("minReadySeconds").orElse(0);
        int deadline = spec.count("progressDeadlineSeconds").orElse(600);
        if (minReady >= deadline) {
            spec.problem(
                    "progressDeadlineSeconds",
                    "must be greater than minReadySeconds, %d > %d does not hold".formatted(deadline, minReady),
                    "raise progressDeadlineSeconds or lower minReadySeconds");
        }
        spec.known("selector", "template");
        return new RolloutSpec(
                spec.count("replicas"),
                selector(spec, borrowed),
                template(spec, borrowed),
                minReady,
                strategy(spec.at("strategy"), spec.json()),
                spec.count("revisionHistoryLimit").orElse(10),
                spec.flag("paused", false),
                Duration.ofSeconds(deadline),
                spec.flag("progressDeadlineAbort", false),
                spec.time("restartAt"),
                spec.at("rollbackWindow").count("revisions").orElse(0),
                workloadRef);
    }

    private static Optional<WorkloadRef> workloadRef(Fields spec) {
        if (!spec.has("workloadRef")) return Optional.empty();
        // Argo takes a template without labels and annotations for empty, and so for none.
        var template = spec.json().at("template", "metadata");
        if (!template.at("labels").obj().isEmpty()
                || !template.at("annotations").obj().isEmpty()) {
            spec.problem("template", "must be empty beside workloadRef", "remove one of the two");
        }
        var ref = spec.at("workloadRef").known("apiVersion");
        var kind = ref.string("kind");
        var name = ref.string("name");
        if (kind.isEmpty()) {
            ref.problem("kind", "is required", TEMPLATE_KINDS);
        } else if (Workload.kind(ref.json()).isEmpty()) {
            ref.problem(
                    "kind",
                    "workload of type %s/%s is not supported".formatted(Workload.group(ref.json()), kind.get()),
                    TEMPLATE_KINDS);
        }
        if (name.isEmpty()) ref.problem("name", "is required", "name the workload that has the template");
        var text = ref.string("scaleDown");
        var mode = text.map(WorkloadRef.ScaleDown::of).orElse(Optional.of(WorkloadRef.ScaleDown.NEVER));
        if (mode.isEmpty()) {
            ref.problem("scaleDown", "is none of its modes", "use never, onsuccess or progressively");
        }
        return Optional.of(new WorkloadRef(kind.orElse(""), name.orElse(""), mode.orElse(WorkloadRef.ScaleDown.NEVER)));
    }

    private static Json.Obj template(Fields spec, Optional<Workload.Borrowed> borrowed) {
        return spec.has("workloadRef")
                ? borrowed.map(Workload.Borrowed::template).orElse(Json.Obj.EMPTY)
                : spec.json().at("template").obj();
    }

    private static Json.Obj selector(Fields spec, Optional<Workload.Borrowed> borrowed) {
        boolean refers = spec.has("workloadRef");
        // What is not at hand cannot be compared; who looks for it tells that it is missing.
        boolean known = !refers || borrowed.isPresent();
        var labelled = refers
                ? "the pod labels of " + borrowed.map(Workload.Borrowed::from).orElse("")
                : "spec.template.metadata.labels";
        var own = spec.json().at("selector").obj();
        var selector = own.isEmpty() && refers
                ? borrowed.map(Workload.Borrowed::selector).orElse(Json.Obj.EMPTY)
                : own;
        if (selector.isEmpty()) {
            if (known) spec.problem("selector", "is required", "select " + (refers ? "" : "the labels of ") + labelled);
            return Json.Obj.EMPTY;
        }
        var template = template(spec, borrowed);
        if (known && template.at("spec", "containers").items().isEmpty()) {
            spec.problem(
                    refers ? "workloadRef" : "template.spec.containers",
                    refers ? "refers to a template without containers" : "is required",
                    "name at least one container with its image");
        }
        try {
            var labels = template.at("metadata", "labels").strings();
            if (!LabelSelector.of(selector).matches(labels) && known) {
                spec.problem(
                        "selector",
                        "does not match " + labelled + " " + Json.of(labels),
                        "use labels that the template has");
            }
        } catch (IllegalArgumentException malformed) {
            spec.problem("selector", String.valueOf(malformed.getMessage()), "use In, NotIn, Exists or DoesNotExist");
            return Json.Obj.EMPTY;
        }
        return selector;
    }

    private Strategy strategy(Fields strategy, Json spec) {
        boolean canary = strategy.has("canary");
        if (canary == strategy.has("blueGreen")) {
            strategy.problem(
                    "",
                    canary ? "must not have both canary and blueGreen" : "must have one of canary and blueGreen",
                    "keep exactly one of them");
        }
        return strategy.has("blueGreen") && !canary
                ? blueGreen(strategy.at("blueGreen"), spec)
                : canary(strategy.at("canary"), spec);
    }

    // ── canary ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// @param spec of the Rollout, beside its strategy
    Strategy.Canary canary(Fields canary, Json spec) {
        unsupported(canary, List.of("pingPong"));
        var canaryService = canary.string("canaryService");
        var stableService = canary.string("stableService");
        if (canaryService.isPresent() && canaryService.equals(stableService)) {
            canary.problem("canaryService", "must differ from stableService", "name two Services");
        }
        var routing = canary.has("trafficRouting")
                ? Optional.of(routing(canary, canary.at("trafficRouting")))
                : Optional.<Strategy.TrafficRouting>empty();
        int max = routing.map(Strategy.TrafficRouting::maxWeight).orElse(100);
        var surge = canary.intOrPercent("maxSurge", QUARTER);
        var unavailable = canary.intOrPercent("maxUnavailable", QUARTER);
        if (canary.has("maxSurge")
                && canary.has("maxUnavailable")
                && surge.ceil(100) == 0
                && unavailable.ceil(100) == 0) {
            canary.problem("maxUnavailable", "must not be 0 when maxSurge is 0", "allow one pod more or one less");
        }
        boolean dynamic = canary.flag("dynamicStableScale", false);
        var delay = canary.seconds("scaleDownDelaySeconds");
        if (routing.isEmpty()) {
            needsRouting(canary, "scaleDownDelaySeconds", delay.isPresent());
            needsRouting(canary, "dynamicStableScale", dynamic);
            needsRouting(canary, "minPodsPerReplicaSet", canary.has("minPodsPerReplicaSet"));
        } else if (dynamic && delay.isPresent()) {
            canary.problem(
                    "scaleDownDelaySeconds", "has no meaning with dynamicStableScale", "remove one of the two fields");
        }
        var steps = canary.list("steps").stream()
                .map(step -> step(step, max, canary.has("trafficRouting")))
                .toList();
        return new Strategy.Canary(
                canaryService,
                stableService,
                steps,
                StepsHash.of(canary.json().at("steps")),
                routing,
                surge,
                unavailable,
                background(canary),
                delay,
                canary.count("scaleDownDelayRevisionLimit"),
                canary.seconds("abortScaleDownDelaySeconds"),
                dynamic,
                canary.count("minPodsPerReplicaSet").orElse(0),
                enough(canary),
                AdditionsCodec.read(canary, "canaryMetadata", "stableMetadata", spec));
    }

    private static Optional<Strategy.Enough> enough(Fields canary) {
        if (!canary.has("replicaProgressThreshold")) return Optional.empty();
        var threshold = canary.at("replicaProgressThreshold");
        var type = threshold.string("type").orElse("");
        if (!type.equals("Percent") && !type.equals("Pods")) {
            threshold.problem(
                    "type", "must be Percent or Pods", "use Percent for a share of the pods, Pods for a number");
        }
        boolean pods = type.equals("Pods");
        var value = threshold.between(
                "value", 1, pods ? Integer.MAX_VALUE : 100, pods ? "use 1 or more" : "use 1 … 100; 100 is all of them");
        if (!threshold.has("value")) threshold.problem("value", "is required", "say how many pods are enough");
        return value.map(enough -> pods ? new Strategy.Enough.Pods(enough) : new Strategy.Enough.Percent(enough));
    }

    private static void needsRouting(Fields canary, String name, boolean set) {
        if (set) canary.problem(name, "needs trafficRouting", "add trafficRouting or remove the field");
    }

    private static void unsupported(Fields fields, List<String> names) {
        for (var name : names) {
            if (fields.has(name)) fields.problem(name, "is not supported by this version", "remove the field for now");
        }
    }

    private static Optional<Strategy.BackgroundAnalysis> background(Fields canary) {
        if (!canary.has("analysis")) return Optional.empty();
        var analysis = canary.at("analysis");
        return Optional.of(new Strategy.BackgroundAnalysis(
                analysis(analysis), analysis.count("startingStep").orElse(0)));
    }

    private static Optional<AnalysisSpec> promotionAnalysis(Fields blueGreen, String name) {
        return blueGreen.has(name) ? Optional.of(analysis(blueGreen.at(name))) : Optional.empty();
    }

    private static AnalysisSpec analysis(Fields analysis) {
        var templates = analysis.list("templates").stream()
                .map(ref -> {
                    var name = ref.string("templateName");
                    if (name.isEmpty()) ref.problem("templateName", "is required", "name an AnalysisTemplate");
                    return new AnalysisSpec.TemplateRef(name.orElse(""), ref.flag("clusterScope", false));
                })
                .toList();
        // Whoever makes the run reads these from the whole block.
        analysis.known("dryRun", "measurementRetention", "analysisRunMetadata");
        for (var argument : analysis.list("args")) {
            argument.known("name", "value");
            if (!argument.has("valueFrom")) continue;
            var from = argument.at("valueFrom").known("podTemplateHashValue");
            if (from.has("fieldRef")) from.at("fieldRef").known("fieldPath");
        }
        if (templates.isEmpty()) analysis.problem("templates", "is required", "name at least one AnalysisTemplate");
        return new AnalysisSpec(templates, analysis.obj());
    }

    private Strategy.TrafficRouting routing(Fields canary, Fields routing) {
        var found = new ArrayList<Strategy.TrafficRouting.Router>();
        for (var name : routing.obj().fields().keySet()) {
            switch (name) {
                case "plugins", "maxTrafficWeight" -> {}
                case "managedRoutes" -> unsupported(routing, List.of(name));
                default ->
                    router(routing.known(name), name, routing.json().at(name).obj(), found);
            }
        }
        var plugins = routing.at("plugins");
        for (var name : plugins.obj().fields().keySet()) {
            router(plugins.known(name), name, plugins.json().at(name).obj(), found);
        }
        if (found.isEmpty() && routing.obj().fields().keySet().stream().allMatch("maxTrafficWeight"::equals)) {
            routing.problem("", "names no router", "name one of " + routers.keySet());
        }
        for (var service : List.of("canaryService", "stableService")) {
            if (!canary.has(service)) {
                canary.problem(service, "is required by trafficRouting", "name the Service that the route refers to");
            }
        }
        int max = routing.between("maxTrafficWeight", 1, 1_000_000, "use 1 … 1000000; 100 is the default")
                .orElse(100);
        for (var router : found) check(canary, routing, router, max);
        return new Strategy.TrafficRouting(max, found);
    }

    private void router(
            Fields parent, String name, Json.Obj configuration, List<Strategy.TrafficRouting.Router> found) {
        if (routers.containsKey(name)) {
            found.add(new Strategy.TrafficRouting.Router(name, configuration));
        } else {
            parent.problem(
                    name,
                    "is a router that this version does not know",
                    "use one of " + routers.keySet() + " under trafficRouting.plugins");
        }
    }

    private void check(Fields canary, Fields routing, Strategy.TrafficRouting.Router configured, int max) {
        var router = routers.get(configured.name());
        if (router == null) return;
        var route = new TrafficRouter.Route(
                "",
                canary.json().at("canaryService").string(""),
                canary.json().at("stableService").string(""),
                max,
                configured.configuration());
        for (var mistake : router.check(route)) {
            routing.problem(
                    "plugins[\"%s\"].%s".formatted(configured.name(), mistake.path()),
                    mistake.expectation(),
                    mistake.remedy());
        }
    }

    private static Step step(Fields step, int max, boolean routed) {
        var kinds = STEP_KINDS.stream().filter(step::has).toList();
        // `pause: {}` is an object without fields, and still a pause.
        if (kinds.size() != 1) {
            if (kinds.isEmpty()) unknown(step);
            else step.problem("", "has more than one kind: " + kinds, "write one '-' for each");
            return new Step.Pause(Optional.empty());
        }
        return switch (kinds.getFirst()) {
            case "setWeight" ->
                new Step.SetWeight(step.between(
                                "setWeight",
                                0,
                                max,
                                "use 0 … " + max + (routed ? ", or raise trafficRouting.maxTrafficWeight" : ""))
                        .orElse(0));
            case "pause" -> new Step.Pause(step.at("pause").pause("duration"));
            case "setCanaryScale" -> canaryScale(step, routed, max);
            case "analysis" -> new Step.Analyse(analysis(step.at("analysis")));
            case "experiment" -> {
                later(step, "experiment");
                yield new Step.RunExperiment(step.json().at("experiment").obj());
            }
            case "setHeaderRoute" -> {
                later(step, "setHeaderRoute");
                yield new Step.SetHeaderRoute(
                        "", step.json().at("setHeaderRoute").obj());
            }
            case "setMirrorRoute" -> {
                later(step, "setMirrorRoute");
                yield new Step.SetMirrorRoute(
                        "", step.json().at("setMirrorRoute").obj());
            }
            default -> {
                later(step, "plugin");
                yield new Step.RunPlugin("", step.json().at("plugin"));
            }
        };
    }

    /// A step of no kind: mostly a slip of the pen, so what was written is told with what it is like.
    private static void unknown(Fields step) {
        var written = List.copyOf(step.json().obj().fields().keySet());
        var near = written.stream()
                .flatMap(name -> Nearest.of(name, STEP_KINDS).stream())
                .findFirst();
        step.problem(
                "",
                "must have one of " + String.join(", ", STEPS_HERE)
                        + (written.isEmpty() ? "" : ", and has " + String.join(", ", written)),
                near.map(name -> "write " + name + ", which is probably meant").orElse("write one of them"));
    }

    private static void later(Fields step, String kind) {
        step.problem(kind, "is a step that this version cannot run", "remove the step for now");
    }

    private static Step canaryScale(Fields step, boolean routed, int max) {
        var scale = step.at("setCanaryScale");
        if (!routed) step.problem("setCanaryScale", "needs trafficRouting", "use setWeight: pods follow the weight");
        var replicas = scale.count("replicas");
        var weight = scale.between("weight", 0, max, "use 0 … " + max);
        if (scale.flag("matchTrafficWeight", false))
            return new Step.SetCanaryScale(new Step.Scale.MatchTrafficWeight());
        if (replicas.isPresent()) return new Step.SetCanaryScale(new Step.Scale.ByReplicas(replicas.get()));
        if (weight.isEmpty()) {
            scale.problem("", "must have one of weight, replicas and matchTrafficWeight", "set one of them");
        }
        return new Step.SetCanaryScale(new Step.Scale.ByWeight(weight.orElse(0)));
    }

    // ── blue-green ───────────────────────────────────────────────────────────────────────────────────────────────

    private static Strategy.BlueGreen blueGreen(Fields blueGreen, Json spec) {
        var active = blueGreen.string("activeService");
        if (active.isEmpty()) blueGreen.problem("activeService", "is required", "name the Service that users reach");
        var preview = blueGreen.string("previewService");
        if (preview.isPresent() && preview.equals(active)) {
            blueGreen.problem("previewService", "must differ from activeService", "name another Service");
        }
        return new Strategy.BlueGreen(
                active.orElse(""),
                preview,
                blueGreen.count("previewReplicaCount"),
                blueGreen.flag("autoPromotionEnabled", true),
                blueGreen.seconds("autoPromotionSeconds").filter(after -> !after.isZero()),
                blueGreen.intOrPercent("maxUnavailable", QUARTER),
                blueGreen.seconds("scaleDownDelaySeconds"),
                blueGreen.count("scaleDownDelayRevisionLimit"),
                blueGreen.seconds("abortScaleDownDelaySeconds"),
                promotionAnalysis(blueGreen, "prePromotionAnalysis"),
                promotionAnalysis(blueGreen, "postPromotionAnalysis"),
                AdditionsCodec.read(blueGreen, "previewMetadata", "activeMetadata", spec));
    }
}
