package dev.sluice.kube.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import dev.sluice.rollout.Attempt;
import dev.sluice.rollout.Condition;
import dev.sluice.rollout.RolloutStatus;
import dev.sluice.rollout.RolloutStatus.BlueGreenStatus;
import dev.sluice.rollout.RolloutStatus.Destination;
import dev.sluice.rollout.RolloutStatus.PauseCondition;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import dev.sluice.rollout.RolloutStatus.RunStatus;
import dev.sluice.rollout.RolloutStatus.Weights;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `status` of a Rollout, both ways. Empty fields are left out, as the wire has it, and times have whole seconds.
public final class StatusCodec {
    private StatusCodec() {}

    /// Reads leniently: a status is never refused, what cannot be read counts as absent.
    public static RolloutStatus decode(Json status) {
        var canary = status.at("canary");
        var blueGreen = status.at("blueGreen");
        return new RolloutStatus(
                status.at("abort").bool(false),
                time(status.at("abortedAt")),
                pauses(status.at("pauseConditions")),
                status.at("controllerPause").bool(false),
                status.at("currentPodHash").string(""),
                status.at("currentStepHash").string(""),
                status.at("currentStepIndex").asInt(),
                status.at("stableRS").string(""),
                status.at("replicas").integer(0),
                status.at("updatedReplicas").integer(0),
                status.at("readyReplicas").integer(0),
                status.at("availableReplicas").integer(0),
                status.at("HPAReplicas").integer(0),
                status.at("selector").string(""),
                status.at("collisionCount").asInt(),
                status.at("observedGeneration").string(""),
                status.at("workloadObservedGeneration").string(""),
                time(status.at("restartedAt")),
                status.at("promoteFull").bool(false),
                status.at("phase").string(""),
                status.at("message").string(""),
                conditions(status.at("conditions")),
                run(canary.at("currentStepAnalysisRunStatus")),
                run(canary.at("currentBackgroundAnalysisRunStatus")),
                weights(canary.at("weights")),
                new BlueGreenStatus(
                        blueGreen.at("activeSelector").string(""),
                        blueGreen.at("previewSelector").string(""),
                        blueGreen.at("scaleUpPreviewCheckPoint").bool(false),
                        run(blueGreen.at("prePromotionAnalysisRunStatus")),
                        run(blueGreen.at("postPromotionAnalysisRunStatus"))),
                attempt(status.at("duration")));
    }

    private static Optional<Attempt> attempt(Json json) {
        return time(json.at("rolloutStartedAt"))
                .map(started -> new Attempt(
                        started,
                        time(json.at("manualPauseStartedAt")),
                        Duration.ofSeconds(
                                json.at("totalManualPauseDurationSeconds").integer(0)),
                        time(json.at("finishedAt")),
                        json.at("completionStatus").string("")));
    }

    private static Optional<Instant> time(Json json) {
        return json.asString().flatMap(Fields::instant);
    }

    private static List<PauseCondition> pauses(Json json) {
        var pauses = new ArrayList<PauseCondition>();
        for (var pause : json.items()) {
            var reason = PauseReason.of(pause.at("reason").string(""));
            var since = time(pause.at("startTime"));
            if (reason.isPresent() && since.isPresent()) pauses.add(new PauseCondition(reason.get(), since.get()));
        }
        return pauses;
    }

    private static List<Condition> conditions(Json json) {
        return json.items().stream()
                .map(c -> new Condition(
                        c.at("type").string(""),
                        c.at("status").string("Unknown"),
                        c.at("reason").string(""),
                        c.at("message").string(""),
                        time(c.at("lastUpdateTime")).orElse(Instant.EPOCH),
                        time(c.at("lastTransitionTime")).orElse(Instant.EPOCH)))
                .toList();
    }

    private static Optional<RunStatus> run(Json json) {
        return json.at("name")
                .asString()
                .map(name -> new RunStatus(
                        name,
                        AnalysisPhase.of(json.at("status").string("")).orElse(AnalysisPhase.PENDING),
                        json.at("message").string("")));
    }

    private static Optional<Weights> weights(Json json) {
        if (json.isNull()) return Optional.empty();
        return Optional.of(new Weights(
                destination(json.at("canary")),
                destination(json.at("stable")),
                json.at("verified").asBool()));
    }

    private static Destination destination(Json json) {
        return new Destination(
                json.at("weight").integer(0),
                json.at("serviceName").string(""),
                json.at("podTemplateHash").string(""));
    }

    public static Json.Obj encode(RolloutStatus status) {
        var out = new Writer();
        out.flag("abort", status.abort());
        out.time("abortedAt", status.abortedAt());
        if (!status.pauseConditions().isEmpty()) {
            out.put(
                    "pauseConditions",
                    status.pauseConditions().stream()
                            .map(p -> Json.obj("reason", p.reason().toString(), "startTime", text(p.since())))
                            .toList());
        }
        out.flag("controllerPause", status.controllerPause());
        out.text("currentPodHash", status.currentPodHash());
        out.text("currentStepHash", status.currentStepHash());
        status.currentStepIndex().ifPresent(index -> out.put("currentStepIndex", index));
        out.text("stableRS", status.stableRS());
        out.number("replicas", status.replicas());
        out.number("updatedReplicas", status.updatedReplicas());
        out.number("readyReplicas", status.readyReplicas());
        out.number("availableReplicas", status.availableReplicas());
        out.number("HPAReplicas", status.hpaReplicas());
        out.text("selector", status.selector());
        status.collisionCount().ifPresent(count -> out.put("collisionCount", count));
        out.text("observedGeneration", status.observedGeneration());
        out.text("workloadObservedGeneration", status.workloadObservedGeneration());
        out.time("restartedAt", status.restartedAt());
        out.flag("promoteFull", status.promoteFull());
        out.text("phase", status.phase());
        out.text("message", status.message());
        if (!status.conditions().isEmpty()) {
            out.put(
                    "conditions",
                    status.conditions().stream().map(StatusCodec::condition).toList());
        }
        var canary = new Writer();
        status.stepRun().ifPresent(run -> canary.put("currentStepAnalysisRunStatus", run(run)));
        status.backgroundRun().ifPresent(run -> canary.put("currentBackgroundAnalysisRunStatus", run(run)));
        status.weights().ifPresent(weights -> canary.put("weights", weights(weights)));
        out.put("canary", canary.object());
        var blueGreen = new Writer();
        blueGreen.text("activeSelector", status.blueGreen().activeSelector());
        blueGreen.text("previewSelector", status.blueGreen().previewSelector());
        blueGreen.flag("scaleUpPreviewCheckPoint", status.blueGreen().scaleUpPreviewCheckPoint());
        status.blueGreen().preRun().ifPresent(run -> blueGreen.put("prePromotionAnalysisRunStatus", run(run)));
        status.blueGreen().postRun().ifPresent(run -> blueGreen.put("postPromotionAnalysisRunStatus", run(run)));
        out.put("blueGreen", blueGreen.object());
        status.attempt().ifPresent(attempt -> out.put("duration", attempt(attempt)));
        return out.object();
    }

    private static Json condition(Condition condition) {
        return Json.obj(
                "type", condition.type(),
                "status", condition.status(),
                "lastUpdateTime", text(condition.lastUpdate()),
                "lastTransitionTime", text(condition.lastTransition()),
                "reason", condition.reason(),
                "message", condition.message());
    }

    private static Json run(RunStatus run) {
        var out = new Writer();
        out.put("name", run.name());
        out.put("status", run.phase().toString());
        out.text("message", run.message());
        return out.object();
    }

    private static Json attempt(Attempt attempt) {
        var out = new Writer();
        out.time("rolloutStartedAt", Optional.of(attempt.startedAt()));
        out.time("manualPauseStartedAt", attempt.pausedAt());
        out.number(
                "totalManualPauseDurationSeconds",
                Math.toIntExact(attempt.paused().toSeconds()));
        out.time("finishedAt", attempt.finishedAt());
        out.text("completionStatus", attempt.end());
        return out.object();
    }

    private static Json weights(Weights weights) {
        var out = new Writer();
        out.put("canary", destination(weights.canary()));
        out.put("stable", destination(weights.stable()));
        weights.verified().ifPresent(verified -> out.put("verified", verified));
        return out.object();
    }

    private static Json destination(Destination side) {
        var out = new Writer();
        out.put("weight", side.weight());
        out.text("serviceName", side.serviceName());
        out.text("podTemplateHash", side.podTemplateHash());
        return out.object();
    }

    static String text(Instant time) {
        return Rfc3339.seconds(time);
    }

    /// Leaves out what is empty.
    private static final class Writer {
        private final Map<String, Object> fields = new LinkedHashMap<>();

        void put(String name, Object value) {
            fields.put(name, value);
        }

        void text(String name, String value) {
            if (!value.isEmpty()) fields.put(name, value);
        }

        void flag(String name, boolean value) {
            if (value) fields.put(name, true);
        }

        void number(String name, int value) {
            if (value != 0) fields.put(name, value);
        }

        void time(String name, Optional<Instant> value) {
            value.ifPresent(time -> fields.put(name, StatusCodec.text(time)));
        }

        Json.Obj object() {
            return Json.of(fields).obj();
        }
    }
}
