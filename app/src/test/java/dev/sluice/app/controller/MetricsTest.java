package dev.sluice.app.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.kube.Fence;
import dev.sluice.kube.SystemTime;
import dev.sluice.kube.client.Call;
import dev.sluice.kube.client.CallCounts;
import dev.sluice.local.LocalCluster;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `/metrics` as a Prometheus reads it.
@Timeout(120)
class MetricsTest {
    /// What boards and alerts for Argo Rollouts ask for, by type.
    private static final Map<String, String> FAMILIES = Map.ofEntries(
            Map.entry("rollout_info", "gauge"),
            Map.entry("rollout_info_replicas_desired", "gauge"),
            Map.entry("rollout_info_replicas_available", "gauge"),
            Map.entry("rollout_info_replicas_unavailable", "gauge"),
            Map.entry("rollout_info_replicas_updated", "gauge"),
            Map.entry("rollout_phase", "gauge"),
            Map.entry("rollout_reconcile", "histogram"),
            Map.entry("rollout_reconcile_error", "counter"),
            Map.entry("rollout_events_total", "counter"),
            Map.entry("analysis_run_info", "gauge"),
            Map.entry("analysis_run_phase", "gauge"),
            Map.entry("analysis_run_metric_type", "gauge"),
            Map.entry("analysis_run_metric_phase", "gauge"),
            Map.entry("analysis_run_reconcile", "histogram"),
            Map.entry("analysis_run_reconcile_error", "counter"),
            Map.entry("analysis_template_info", "gauge"),
            Map.entry("analysis_template_metric_info", "gauge"),
            Map.entry("experiment_info", "gauge"),
            Map.entry("experiment_phase", "gauge"),
            Map.entry("experiment_reconcile", "histogram"),
            Map.entry("experiment_reconcile_error", "counter"),
            Map.entry("notification_send_success", "counter"),
            Map.entry("notification_send_error", "counter"),
            Map.entry("notification_send", "histogram"),
            Map.entry("controller_clientset_k8s_request_total", "counter"),
            Map.entry("argo_rollouts_controller_info", "gauge"),
            Map.entry("build_info", "gauge"),
            Map.entry("rollout_duration_seconds", "histogram"),
            Map.entry("rollout_progression_duration_seconds", "histogram"),
            Map.entry("rollout_manual_pause_duration_seconds", "histogram"),
            Map.entry("workqueue_depth", "gauge"),
            Map.entry("process_start_time_seconds", "gauge"),
            Map.entry("jvm_memory_used_bytes", "gauge"));

    private static final Pattern SAMPLE =
            Pattern.compile("([a-z_0-9]+)(\\{(?:[a-z_]+=\"(?:[^\"\\\\]|\\\\.)*\",?)*})? (-?[0-9][0-9.E-]*)");

    /// A text as it was read: types by family, values by series.
    private record Scrape(Map<String, String> types, Map<String, Double> samples) {
        static Scrape of(String text) {
            var types = new TreeMap<String, String>();
            var samples = new LinkedHashMap<String, Double>();
            var last = "";
            for (var line : text.lines().toList()) {
                if (line.startsWith("# HELP ")) {
                    last = line.split(" ", 4)[2];
                    continue;
                }
                if (line.startsWith("# TYPE ")) {
                    var words = line.split(" ");
                    assertThat(words[2]).as("the type follows the help").isEqualTo(last);
                    assertThat(types.put(words[2], words[3]))
                            .as(line + " is there twice")
                            .isNull();
                    continue;
                }
                var sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                var family = "histogram".equals(types.get(last))
                        ? sample.group(1).replaceAll("_(bucket|sum|count)$", "")
                        : sample.group(1);
                assertThat(family).as("a family's samples stand below its head").isEqualTo(last);
                var series = line.substring(0, line.lastIndexOf(' '));
                assertThat(samples.put(series, Double.valueOf(sample.group(3))))
                        .as(series + " is there twice")
                        .isNull();
            }
            return new Scrape(types, samples);
        }

        Map<String, Double> named(String name, String... parts) {
            var found = new TreeMap<>(samples);
            found.keySet().removeIf(series -> !series.startsWith(name + "{"));
            for (var part : parts) found.keySet().removeIf(series -> !series.contains(part));
            return found;
        }
    }

    @Test
    void everyFamilyIsThereFromTheFirstScrapeOnEveryReplica() {
        var calls = new CallCounts();
        calls.accept(new Call("get", "Lease", "argo-rollouts", "lock", 200, Duration.ZERO, Duration.ZERO));
        var scrape = Scrape.of(Metrics.text("1.2", calls, Optional.empty()));
        assertThat(scrape.types()).containsAllEntriesOf(FAMILIES);
        assertThat(scrape.samples())
                .containsEntry("argo_rollouts_controller_info{version=\"1.2\"}", 1.0)
                .containsEntry(
                        "controller_clientset_k8s_request_total{kind=\"Lease\",namespace=\"argo-rollouts\","
                                + "name=\"lock\",verb=\"get\",status_code=\"200\"}",
                        1.0)
                .containsEntry("sluice_leading", 0.0);
        assertThat(scrape.named("rollout_info")).isEmpty();
    }

    @Test
    void aRolloutWithItsAnalysisIsToldOfUnderArgosNames() {
        var time = new SystemTime();
        try (var cluster = LocalCluster.builder(time).seed(7).start()) {
            Definitions.apply(cluster.gateway("admin"));
            var settings = Wiring.Settings.standard().as("blue");
            try (var wiring = Wiring.start(cluster.gateway("sluice"), time, settings, Fence.open(time))) {
                create(cluster, ResourceType.ANALYSIS_TEMPLATES, """
                        {"apiVersion":"argoproj.io/v1alpha1","kind":"AnalysisTemplate",
                         "metadata":{"name":"check","namespace":"default",
                           "labels":{"argo-rollouts.argoproj.io/controller-instance-id":"blue"}},
                         "spec":{"dryRun":[{"metricName":"up"}],"metrics":[{"name":"up",
                           "consecutiveErrorLimit":0,
                           "provider":{"web":{"url":"http://127.0.0.1:1/","jsonPath":"{$.up}"}}}]}}""");
                create(cluster, ResourceType.ROLLOUTS, rollout("web", "blue"));
                create(cluster, ResourceType.ROLLOUTS, rollout("other", "green"));
                await(wiring, scrape -> phases(scrape).contains("Healthy"));
                cluster.gateway("anna")
                        .send(new Request.Patch(
                                ObjectRef.of(ResourceType.ROLLOUTS, "default", "web"),
                                dev.sluice.cluster.PatchType.MERGE,
                                Json.parse(
                                        "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"v\":\"2\"}}}}}")));
                var scrape = await(wiring, s -> phases(s).contains("Paused"));
                var web = "namespace=\"default\",name=\"web\"";
                assertThat(scrape.types()).containsAllEntriesOf(FAMILIES);
                assertThat(scrape.samples())
                        .containsEntry(
                                "rollout_info{" + web + ",strategy=\"canary\",traffic_router=\"\",phase=\"Paused\"}",
                                1.0)
                        .containsEntry("rollout_info_replicas_desired{" + web + "}", 1.0)
                        .containsEntry("rollout_phase{" + web + ",strategy=\"canary\",phase=\"Paused\"}", 1.0)
                        .containsEntry("rollout_phase{" + web + ",strategy=\"canary\",phase=\"Completed\"}", 0.0)
                        .containsEntry("rollout_reconcile_error{" + web + "}", 0.0)
                        .containsEntry(
                                "rollout_events_total{" + web + ",type=\"Normal\",reason=\"RolloutPaused\"}", 1.0)
                        .containsEntry("analysis_template_info{namespace=\"default\",name=\"check\"}", 1.0)
                        .containsEntry(
                                "analysis_template_metric_info{namespace=\"default\",name=\"check\","
                                        + "type=\"WebMetric\",metric=\"up\"}",
                                1.0);
                assertThat(scrape.named("rollout_phase", web)).hasSize(7);
                assertThat(scrape.named("rollout_reconcile_bucket", web).values().stream()
                                .sorted()
                                .toList())
                        .as("each bucket holds those below it")
                        .isEqualTo(List.of("0.01", "0.15", "0.25", "0.5", "1", "+Inf").stream()
                                .map(le ->
                                        scrape.samples().get("rollout_reconcile_bucket{" + web + ",le=\"" + le + "\"}"))
                                .toList());
                assertThat(scrape.samples().get("rollout_reconcile_bucket{" + web + ",le=\"+Inf\"}"))
                        .isEqualTo(scrape.samples().get("rollout_reconcile_count{" + web + "}"))
                        .isPositive();
                assertThat(scrape.named("rollout_info", "other"))
                        .as("another controller's")
                        .isEmpty();

                assertThat(scrape.named("analysis_run_info", "phase=\"Successful\""))
                        .hasSize(1);
                assertThat(scrape.named("analysis_run_metric_type", "metric=\"up\"", "type=\"WebMetric\""))
                        .hasSize(1);
                var metric = scrape.named("analysis_run_metric_phase", "metric=\"up\"", "dry_run=\"true\"");
                assertThat(metric).hasSize(6);
                assertThat(metric.entrySet().stream()
                                .filter(series -> series.getValue() == 1)
                                .map(Map.Entry::getKey))
                        .singleElement()
                        .asString()
                        .contains("phase=\"Error\"");
            }
        } finally {
            time.close();
        }
    }

    @Test
    void whoRunsAnalysesOnlyDrivesNoRollout() {
        var time = new SystemTime();
        try (var cluster = LocalCluster.builder(time).seed(7).start()) {
            Definitions.apply(cluster.gateway("admin"));
            var settings = Wiring.Settings.standard().forAnalysesOnly();
            try (var wiring = Wiring.start(cluster.gateway("sluice"), time, settings, Fence.open(time))) {
                create(cluster, ResourceType.ROLLOUTS, rollout("web", ""));
                create(cluster, ResourceType.ANALYSIS_RUNS, """
                        {"apiVersion":"argoproj.io/v1alpha1","kind":"AnalysisRun",
                         "metadata":{"name":"check","namespace":"default"},
                         "spec":{"metrics":[{"name":"up","consecutiveErrorLimit":0,
                           "provider":{"web":{"url":"http://127.0.0.1:1/","jsonPath":"{$.up}"}}}]}}""");
                var scrape = await(
                        wiring,
                        s -> !s.named("analysis_run_info", "phase=\"Error\"").isEmpty());
                assertThat(scrape.named("rollout_info")).isEmpty();
                assertThat(scrape.named("analysis_run_reconcile_count", "name=\"check\""))
                        .hasSize(1);
                assertThat(wiring.notReady()).isEmpty();
                var rollout = cluster.gateway("anna")
                        .send(new Request.Get(ObjectRef.of(ResourceType.ROLLOUTS, "default", "web")))
                        .answer()
                        .orElseThrow();
                assertThat(rollout.has("status")).isFalse();
                assertThat(ControllerProcess.journal(Optional.of(wiring), "default/web")
                                .code())
                        .isEqualTo(404);
            }
        } finally {
            time.close();
        }
    }

    private static TreeSet<String> phases(Scrape scrape) {
        var phases = new TreeSet<String>();
        for (var series : scrape.named("rollout_info").keySet()) {
            phases.add(series.replaceAll(".*phase=\"([A-Za-z]+)\".*", "$1"));
        }
        return phases;
    }

    private static Scrape await(Wiring wiring, Predicate<Scrape> holds) {
        while (true) {
            var scrape = Scrape.of(Metrics.text("1", new CallCounts(), Optional.of(wiring)));
            if (holds.test(scrape)) return scrape;
            LockSupport.parkNanos(50_000_000);
            if (Thread.interrupted()) throw new AssertionError("never: " + scrape);
        }
    }

    private static void create(LocalCluster cluster, ResourceType type, String json) {
        var object = Json.parse(json).obj();
        assertThat(cluster.gateway("anna").send(new Request.Create(ObjectRef.of(type, object), object)))
                .isInstanceOf(Reply.Done.class);
    }

    private static String rollout(String name, String id) {
        var labels = id.isEmpty() ? "" : "\"argo-rollouts.argoproj.io/controller-instance-id\":\"" + id + "\"";
        return """
                {"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout",
                 "metadata":{"name":"%1$s","namespace":"default","labels":{%2$s}},
                 "spec":{"replicas":1,"selector":{"matchLabels":{"app":"%1$s"}},
                   "template":{"metadata":{"labels":{"app":"%1$s"}},
                               "spec":{"containers":[{"name":"app","image":"demo:v1"}]}},
                   "strategy":{"canary":{"steps":[
                     {"analysis":{"templates":[{"templateName":"check"}]}},{"pause":{}}]}}}}""".formatted(name, labels);
    }
}
