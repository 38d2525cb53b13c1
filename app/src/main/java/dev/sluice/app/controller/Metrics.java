package dev.sluice.app.controller;

import dev.sluice.app.Routers;
import dev.sluice.cluster.ResourceType;
import dev.sluice.kube.client.CallCounts;
import dev.sluice.kube.rollout.RolloutCodec;
import dev.sluice.rollout.Headline;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.Strategy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// `/metrics` in Prometheus' text format, under the names that boards for Argo Rollouts already ask for.
///
/// Made from what is known at that moment; nothing is kept for it but the counts of calls.
///
/// @see "Argo Rollouts spec F2; Prometheus exposition formats, text 0.0.4"
final class Metrics {
    private final StringBuilder out = new StringBuilder();

    private Metrics() {}

    static String text(String version, CallCounts calls, Optional<Wiring> wiring) {
        var metrics = new Metrics();
        metrics.family("argo_rollouts_controller_info", "gauge", "Running controller.");
        metrics.sample("argo_rollouts_controller_info", 1, "version", version);
        metrics.calls(calls);
        metrics.rollouts(wiring.map(Metrics::decoded).orElse(List.of()));
        metrics.queue(wiring);
        metrics.process();
        return metrics.out.toString();
    }

    private static List<Rollout> decoded(Wiring wiring) {
        var codec = new RolloutCodec(Routers.all());
        return wiring.caches().of(ResourceType.ROLLOUTS).all().stream()
                .map(source -> codec.decode(source).rollout())
                .sorted(Comparator.comparing(Rollout::namespace).thenComparing(Rollout::name))
                .toList();
    }

    private void calls(CallCounts calls) {
        family("controller_clientset_k8s_request_total", "counter", "Calls of the API server.");
        calls.counts()
                .forEach((series, count) -> sample(
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
        family("rollout_info", "gauge", "Rollouts by strategy, router and phase.");
        for (var rollout : rollouts) {
            var strategy = rollout.spec().strategy();
            var router = strategy instanceof Strategy.Canary canary
                    ? canary.trafficRouting()
                            .map(routing -> routing.routers().stream()
                                    .map(r -> r.name())
                                    .reduce((a, b) -> a + "," + b)
                                    .orElse(""))
                            .orElse("")
                    : "";
            sample(
                    "rollout_info",
                    1,
                    "namespace",
                    rollout.namespace(),
                    "name",
                    rollout.name(),
                    "strategy",
                    strategy instanceof Strategy.Canary ? "canary" : "blueGreen",
                    "traffic_router",
                    router,
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
    }

    private void replicas(List<Rollout> rollouts, String which, ToDoubleFunction<Rollout> value) {
        var name = "rollout_info_replicas_" + which;
        family(name, "gauge", "Pods that are " + which + ".");
        for (var rollout : rollouts) {
            sample(name, value.applyAsDouble(rollout), "namespace", rollout.namespace(), "name", rollout.name());
        }
    }

    private void queue(Optional<Wiring> wiring) {
        family("workqueue_depth", "gauge", "Rollouts that wait for a pass.");
        family("workqueue_adds_total", "counter", "Rollouts that became ready for a pass.");
        family("workqueue_retries_total", "counter", "Passes that are run again.");
        wiring.map(w -> w.rollouts().queue().stats()).ifPresent(stats -> {
            sample("workqueue_depth", stats.depth(), "name", "Rollouts");
            sample("workqueue_adds_total", (double) stats.adds(), "name", "Rollouts");
            sample("workqueue_retries_total", (double) stats.retries(), "name", "Rollouts");
        });
        family("sluice_leading", "gauge", "Whether this process decides.");
        sample("sluice_leading", wiring.isPresent() ? 1 : 0);
    }

    private void process() {
        var runtime = Runtime.getRuntime();
        family("jvm_memory_used_bytes", "gauge", "Heap in use.");
        sample("jvm_memory_used_bytes", (double) (runtime.totalMemory() - runtime.freeMemory()), "area", "heap");
    }

    private void family(String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void sample(String name, double value, String... labels) {
        out.append(name);
        var pairs = new ArrayList<String>();
        for (int i = 0; i < labels.length; i += 2) pairs.add(labels[i] + "=\"" + escaped(labels[i + 1]) + "\"");
        if (!pairs.isEmpty()) out.append('{').append(String.join(",", pairs)).append('}');
        out.append(' ');
        if (value == Math.rint(value) && Math.abs(value) < 1e15) out.append((long) value);
        else out.append(value);
        out.append('\n');
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
