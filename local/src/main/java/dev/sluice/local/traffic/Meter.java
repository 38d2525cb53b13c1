package dev.sluice.local.traffic;

import dev.sluice.json.Json;
import dev.sluice.local.traffic.promql.Labels;
import dev.sluice.local.traffic.promql.Registry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// Counts what gateway and Services answered: as Prometheus series, and as shares over all time and over the
/// last seconds.
final class Meter {
    /// The longest window of recent shares, seconds.
    static final int WINDOW = 60;

    private static final double[] BOUNDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    private static final int MOST_PODS = 5_000;

    private final Registry registry = new Registry(5_000);
    private final LongSupplier second;
    private final Map<Series, Instruments> instruments = new ConcurrentHashMap<>();
    private final Map<Who, Cell> cells = new ConcurrentHashMap<>();

    /// @param second the current second, of any origin
    Meter(LongSupplier second) {
        this.second = second;
    }

    private record Series(Entry entry, String version, String revision, int code) {}

    private record Instruments(Registry.Counter requests, Registry.Histogram durations) {}

    /// One pod behind one Service, as seen at one kind of entry.
    private record Who(Entry.Kind kind, String namespace, String service, PodDirectory.Resident pod) {}

    /// A pod's count: in all, and second by second in a ring.
    private static final class Cell {
        private final int[] requests = new int[WINDOW];
        private final int[] failures = new int[WINDOW];
        private final long[] stamp = new long[WINDOW];
        private long total;
        private long failed;
        private long last;

        synchronized void add(long now, boolean failure) {
            int slot = (int) Math.floorMod(now, (long) WINDOW);
            if (stamp[slot] != now) {
                stamp[slot] = now;
                requests[slot] = 0;
                failures[slot] = 0;
            }
            requests[slot]++;
            total++;
            last = now;
            if (failure) {
                failures[slot]++;
                failed++;
            }
        }

        /// Requests, failures, recent requests, recent failures.
        synchronized long[] read(long now, int window) {
            long recent = 0;
            long recentFailed = 0;
            for (int i = 0; i < WINDOW; i++) {
                if (stamp[i] > now - window && stamp[i] <= now) {
                    recent += requests[i];
                    recentFailed += failures[i];
                }
            }
            return new long[] {total, failed, recent, recentFailed};
        }
    }

    Registry registry() {
        return registry;
    }

    void count(Entry entry, PodDirectory.Resident pod, int code, double seconds) {
        var series = new Series(entry, pod.version(), pod.revision(), code);
        var found = instruments.get(series);
        if (found == null) found = instruments.computeIfAbsent(series, this::instruments);
        found.requests.increment();
        found.durations.observe(seconds);
        var who = new Who(entry.kind(), entry.namespace(), entry.service(), pod);
        var cell = cells.get(who);
        if (cell == null) {
            if (cells.size() >= MOST_PODS) forgetTheSilent();
            cell = cells.computeIfAbsent(who, _ -> new Cell());
        }
        cell.add(second.getAsLong(), code >= 500);
    }

    private Instruments instruments(Series series) {
        var entry = series.entry;
        var labels = Labels.of(
                "namespace", entry.namespace(),
                "service", entry.service(),
                "route", entry.route(),
                "version", series.version,
                "revision", series.revision);
        var prefix = entry.kind().name().toLowerCase(Locale.ROOT);
        // There from the first request on, so that a rate over errors is 0 and not absent before the first one.
        for (var code : new int[] {200, 500, 503}) {
            registry.counter(prefix + "_requests_total", labels.with("code", String.valueOf(code)));
        }
        return new Instruments(
                registry.counter(prefix + "_requests_total", labels.with("code", String.valueOf(series.code))),
                registry.histogram(prefix + "_request_duration_seconds", labels, BOUNDS));
    }

    private void forgetTheSilent() {
        long now = second.getAsLong();
        cells.values().removeIf(cell -> cell.last < now - WINDOW);
    }

    /// The shares, by entry, Service, version and pod.
    ///
    /// @param window seconds that count as recent, 1 … [#WINDOW]
    Json.Obj shares(int window) {
        long now = second.getAsLong();
        var services = new TreeMap<String, TreeMap<String, TreeMap<String, long[]>>>();
        cells.forEach((who, cell) -> {
            var entry = who.kind.name().toLowerCase(Locale.ROOT) + " " + who.namespace + " " + who.service;
            var counts = services.computeIfAbsent(entry, _ -> new TreeMap<>())
                    .computeIfAbsent(who.pod.version(), _ -> new TreeMap<>())
                    .computeIfAbsent(who.pod.pod(), _ -> new long[4]);
            var read = cell.read(now, window);
            Arrays.setAll(counts, i -> counts[i] + read[i]);
        });
        var backends = new ArrayList<Json>();
        services.forEach((entry, versions) -> {
            var name = entry.split(" ", -1);
            var whole = new long[4];
            versions.values().forEach(pods -> pods.values().forEach(counts -> add(whole, counts)));
            var shown = new ArrayList<Json>();
            versions.forEach((version, pods) -> {
                var sum = new long[4];
                pods.values().forEach(counts -> add(sum, counts));
                var each = new ArrayList<Json>();
                pods.forEach((pod, counts) -> each.add(Json.obj("pod", pod).with("counts", counted(counts, whole))));
                shown.add(Json.obj("version", version, "counts", counted(sum, whole), "pods", each));
            });
            backends.add(Json.obj(
                            "entry", name[0], "namespace", name[1], "service", name[2], "counts", counted(whole, whole))
                    .with("versions", shown));
        });
        return Json.obj("window", window, "backends", backends);
    }

    private static void add(long[] sum, long[] counts) {
        for (int i = 0; i < sum.length; i++) sum[i] += counts[i];
    }

    private static Json counted(long[] counts, long[] whole) {
        return Json.obj(
                "requests", counts[0],
                "failed", counts[1],
                "share", share(counts[0], whole[0]),
                "recentRequests", counts[2],
                "recentFailed", counts[3],
                "recentShare", share(counts[2], whole[2]));
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
