package dev.sluice.app.controller;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.app.Routers;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.Distribution;
import dev.sluice.kube.Tally;
import dev.sluice.kube.WorkQueue;
import dev.sluice.kube.client.CallCounts;
import dev.sluice.kube.rollout.Key;
import dev.sluice.kube.rollout.RolloutCodec;
import dev.sluice.kube.rollout.RolloutController;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.Strategy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// `/metrics` in Prometheus' text format, under the names that boards for Argo Rollouts already ask for.
///
/// Every family is there from the first scrape, on every replica; those of objects have samples where it leads.
///
/// Made from what is known at that moment; nothing is kept for it but the counts of calls and passes.
///
/// @see "Argo Rollouts spec F2"
final class Metrics {
    private static final List<String> ROLLOUT_PHASES =
            List.of("InvalidSpec", "Completed", "Progressing", "Paused", "Timeout", "Error", "Abort");

    /// How Argo's metrics name the providers, by the field of a metric's `provider`.
    private static final Map<String, String> PROVIDERS = Map.ofEntries(
            Map.entry("prometheus", "Prometheus"),
            Map.entry("job", "Job"),
            Map.entry("web", "WebMetric"),
            Map.entry("kayenta", "Kayenta"),
            Map.entry("datadog", "Datadog"),
            Map.entry("wavefront", "Wavefront"),
            Map.entry("newRelic", "NewRelic"),
            Map.entry("cloudWatch", "CloudWatch"),
            Map.entry("graphite", "Graphite"),
            Map.entry("influxdb", "Influxdb"),
            Map.entry("skywalking", "SkyWalking"));

    private final Exposition out = new Exposition();

    private Metrics() {}

    static String text(String version, CallCounts calls, Optional<Wiring> wiring) {
        var metrics = new Metrics();
        metrics.builds(version);
        metrics.calls(calls);
        metrics.rollouts(wiring.map(Metrics::decoded).orElse(List.of()));
        metrics.passes(wiring);
        metrics.runs(wiring);
        metrics.templates(wiring);
        metrics.without();
        metrics.queues(wiring);
        ProcessMetrics.write(metrics.out);
        return metrics.out.toString();
    }

    private static List<Rollout> decoded(Wiring wiring) {
        var codec = new RolloutCodec(Routers.all());
        return all(wiring, ResourceType.ROLLOUTS).stream()
                .map(source -> codec.decode(source).rollout())
                .sorted(Comparator.comparing(Rollout::namespace).thenComparing(Rollout::name))
                .toList();
    }

    private static List<Json.Obj> all(Wiring wiring, ResourceType type) {
        return wiring.caches().has(type) ? wiring.caches().of(type).all() : List.of();
    }

    private void builds(String version) {
        out.gauge("argo_rollouts_controller_info", "Running controller.");
        out.sample("argo_rollouts_controller_info", 1, "version", version);
        out.gauge("build_info", "What is running.");
        out.sample(
                "build_info",
                1,
                "version",
                version,
                "goversion",
                "",
                "goarch",
                System.getProperty("os.arch"),
                "commit",
                "",
                "javaversion",
                Runtime.version().toString());
    }

    private void calls(CallCounts calls) {
        out.counter("controller_clientset_k8s_request_total", "Calls of the API server.");
        calls.counts()
                .forEach((series, count) -> out.sample(
                        "controller_clientset_k8s_request_total",
                        (double) count,
                        "kind",
                        series.kind(),
                        "namespace",
                        series.namespace(),
                        "name",
                        series.name(),
                        "verb",
                        series.verb(),
                        "status_code",
                        Integer.toString(series.status())));
    }

    private void rollouts(List<Rollout> rollouts) {
        out.gauge("rollout_info", "Rollouts by strategy, router and phase.");
        for (var rollout : rollouts) {
            out.sample(
                    "rollout_info",
                    1,
                    "namespace",
                    rollout.namespace(),
                    "name",
                    rollout.name(),
                    "strategy",
                    strategy(rollout),
                    "traffic_router",
                    router(rollout),
                    "phase",
                    Headline.phase(rollout).phase());
        }
        replicas(rollouts, "desired", Rollout::replicas);
        replicas(rollouts, "available", rollout -> rollout.status().availableReplicas());
        replicas(
                rollouts,
                "unavailable",
                rollout -> Math.max(
                        0, rollout.status().replicas() - rollout.status().availableReplicas()));
        replicas(rollouts, "updated", rollout -> rollout.status().updatedReplicas());
        out.gauge("rollout_phase", "Rollouts by how their last release stands. Deprecated: rollout_info.");
        for (var rollout : rollouts) {
            var stands = phase(rollout);
            for (var phase : ROLLOUT_PHASES) {
                out.sample(
                        "rollout_phase",
                        phase.equals(stands) ? 1 : 0,
                        "namespace",
                        rollout.namespace(),
                        "name",
                        rollout.name(),
                        "strategy",
                        strategy(rollout),
                        "phase",
                        phase);
            }
        }
    }

    private static String strategy(Rollout rollout) {
        return switch (rollout.spec().strategy()) {
            case Strategy.Canary _ -> "canary";
            case Strategy.BlueGreen _ -> "blueGreen";
        };
    }

    private static String router(Rollout rollout) {
        return switch (rollout.spec().strategy()) {
            case Strategy.Canary canary ->
                canary.trafficRouting()
                        .map(routing -> routing.routers().stream()
                                .map(router -> router.name())
                                .reduce((a, b) -> a + "," + b)
                                .orElse(""))
                        .orElse("");
            case Strategy.BlueGreen _ -> "";
        };
    }

    /// By the reason of the condition `Progressing`, unless the spec is invalid.
    private static String phase(Rollout rollout) {
        if (rollout.status().invalid().isPresent()) return "InvalidSpec";
        var reason = rollout.status()
                .condition("Progressing")
                .map(condition -> condition.reason())
                .orElse("");
        return switch (reason) {
            case "NewReplicaSetAvailable" -> "Completed";
            case "RolloutPaused" -> "Paused";
            case "ReplicaSetCreateError", "ServiceNotFound" -> "Error";
            case "ProgressDeadlineExceeded" -> "Timeout";
            case "RolloutAborted" -> "Abort";
            default -> "Progressing";
        };
    }

    private void replicas(List<Rollout> rollouts, String which, ToDoubleFunction<Rollout> value) {
        var name = "rollout_info_replicas_" + which;
        out.gauge(name, "Pods that are " + which + ".");
        for (var rollout : rollouts) {
            out.sample(name, value.applyAsDouble(rollout), "namespace", rollout.namespace(), "name", rollout.name());
        }
    }

    private void passes(Optional<Wiring> wiring) {
        var rollouts =
                wiring.flatMap(Wiring::rollouts).map(RolloutController::tally).map(Tally::series);
        passes("rollout_reconcile", rollouts.orElse(Map.of()));
        passes(
                "analysis_run_reconcile",
                wiring.map(w -> w.analyses().tally().series()).orElse(Map.of()));
        out.counter("rollout_events_total", "Events told of Rollouts.");
        rollouts.orElse(Map.of())
                .forEach((key, series) -> series.told()
                        .forEach((told, count) -> out.sample(
                                "rollout_events_total",
                                (double) count,
                                "namespace",
                                key.namespace(),
                                "name",
                                key.name(),
                                "type",
                                told.warning() ? "Warning" : "Normal",
                                "reason",
                                told.reason())));
    }

    private void passes(String name, Map<Key, Tally.Series> passes) {
        out.histogram(name, "How long passes took, in seconds.");
        passes.forEach((key, series) -> out.distribution(
                name,
                Tally.BOUNDS,
                series.within(),
                series.passes(),
                series.took(),
                "namespace",
                key.namespace(),
                "name",
                key.name()));
        out.counter(name + "_error", "Passes that failed.");
        passes.forEach((key, series) -> out.sample(
                name + "_error", (double) series.failed(), "namespace", key.namespace(), "name", key.name()));
    }

    private void runs(Optional<Wiring> wiring) {
        var runs = wiring.map(w -> all(w, ResourceType.ANALYSIS_RUNS)).orElse(List.of());
        out.gauge("analysis_run_info", "AnalysisRuns by phase.");
        for (var run : runs)
            of(run, "analysis_run_info", 1, "phase", run.at("status", "phase").string(""));
        out.gauge("analysis_run_phase", "AnalysisRuns by phase. Deprecated: analysis_run_info.");
        for (var run : runs) phases(run, "analysis_run_phase", run.at("status", "phase"));
        out.gauge("analysis_run_metric_type", "Metrics of AnalysisRuns by provider.");
        for (var run : runs) {
            for (var metric : run.at("spec", "metrics").items()) {
                of(run, "analysis_run_metric_type", 1, "metric", name(metric), "type", provider(metric));
            }
        }
        out.gauge("analysis_run_metric_phase", "Metrics of AnalysisRuns by phase.");
        for (var run : runs) {
            for (var metric : run.at("spec", "metrics").items()) {
                var result = run.at("status", "metricResults").items().stream()
                        .filter(one -> name(one).equals(name(metric)))
                        .findFirst()
                        .orElse(Json.Obj.EMPTY);
                phases(
                        run,
                        "analysis_run_metric_phase",
                        result.at("phase"),
                        "metric",
                        name(metric),
                        "type",
                        provider(metric),
                        "dry_run",
                        Boolean.toString(result.at("dryRun").bool(false)));
            }
        }
    }

    private void templates(Optional<Wiring> wiring) {
        var templates = List.of(ResourceType.ANALYSIS_TEMPLATES, ResourceType.CLUSTER_ANALYSIS_TEMPLATES).stream()
                .flatMap(type -> wiring.stream().flatMap(w -> all(w, type).stream()))
                .toList();
        out.gauge("analysis_template_info", "AnalysisTemplates, those of the cluster included.");
        for (var template : templates) of(template, "analysis_template_info", 1);
        out.gauge("analysis_template_metric_info", "Their metrics by provider.");
        for (var template : templates) {
            for (var metric : template.at("spec", "metrics").items()) {
                of(template, "analysis_template_metric_info", 1, "type", provider(metric), "metric", name(metric));
            }
        }
    }

    private static String name(Json metric) {
        return metric.at("name").string("");
    }

    private static String provider(Json metric) {
        var given = metric.at("provider").obj().fields().keySet().stream()
                .findFirst()
                .orElse("");
        return given.equals("plugin") ? "RPCPlugin" : PROVIDERS.getOrDefault(given, "Unknown Provider");
    }

    private void phases(Json.Obj object, String family, Json phase, String... labels) {
        // What has none yet is about to begin.
        var stands = phase.string("").isEmpty() ? AnalysisPhase.PENDING.toString() : phase.string("");
        for (var each : AnalysisPhase.values()) {
            var all = Arrays.copyOf(labels, labels.length + 2);
            all[labels.length] = "phase";
            all[labels.length + 1] = each.toString();
            of(object, family, each.toString().equals(stands) ? 1 : 0, all);
        }
    }

    private void of(Json.Obj object, String family, double value, String... labels) {
        var all = new String[labels.length + 4];
        all[0] = "namespace";
        all[1] = object.at("metadata", "namespace").string("");
        all[2] = "name";
        all[3] = object.at("metadata", "name").string("");
        System.arraycopy(labels, 0, all, 4, labels.length);
        out.sample(family, value, all);
    }

    /// Families of what this controller does not do: there, as boards ask for them, and empty.
    private void without() {
        out.gauge("experiment_info", "Experiments by phase; none are run.");
        out.gauge("experiment_phase", "Experiments by phase; none are run. Deprecated: experiment_info.");
        out.histogram("experiment_reconcile", "How long passes took, in seconds; none are made.");
        out.counter("experiment_reconcile_error", "Passes that failed; none are made.");
        out.counter("notification_send_success", "Notifications that were sent; none are.");
        out.counter("notification_send_error", "Notifications that were not sent; none are.");
        out.histogram("notification_send", "How long sending took, in seconds; nothing is sent.");
        out.histogram("rollout_duration_seconds", "How long releases took; not measured.");
        out.histogram("rollout_progression_duration_seconds", "How long they took without pauses; not measured.");
        out.histogram("rollout_manual_pause_duration_seconds", "How long people were waited for; not measured.");
    }

    private void queues(Optional<Wiring> wiring) {
        var stats = new TreeMap<String, WorkQueue.Stats>();
        wiring.ifPresent(w -> {
            stats.put("AnalysisRuns", w.analyses().queue().stats());
            w.rollouts().ifPresent(of -> stats.put("Rollouts", of.queue().stats()));
            w.pairs().ifPresent(of -> stats.put("DeploymentCanaries", of.queue().stats()));
        });
        out.gauge("workqueue_depth", "Objects that wait for a pass.");
        stats.forEach((name, of) -> out.sample("workqueue_depth", of.depth(), "name", name));
        out.counter("workqueue_adds_total", "Objects that became ready for a pass.");
        stats.forEach((name, of) -> out.sample("workqueue_adds_total", (double) of.adds(), "name", name));
        out.counter("workqueue_retries_total", "Passes that are run again.");
        stats.forEach((name, of) -> out.sample("workqueue_retries_total", (double) of.retries(), "name", name));
        out.histogram("workqueue_queue_duration_seconds", "How long objects waited for their pass.");
        stats.forEach((name, of) -> waits("workqueue_queue_duration_seconds", of.latency(), name));
        out.histogram("workqueue_work_duration_seconds", "How long passes took.");
        stats.forEach((name, of) -> waits("workqueue_work_duration_seconds", of.work(), name));
        out.gauge("sluice_leading", "Whether this process decides.");
        out.sample("sluice_leading", wiring.isPresent() ? 1 : 0);
    }

    private void waits(String family, Distribution of, String name) {
        out.distribution(family, Distribution.BOUNDS, of.counts(), of.count(), of.sum(), "name", name);
    }
}
