package dev.sluice.e2e.bench;

import dev.sluice.app.Connection;
import dev.sluice.app.KubeClusters;
import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.cluster.Selection;
import dev.sluice.e2e.controlplane.Binaries;
import dev.sluice.e2e.controlplane.ControlPlane;
import dev.sluice.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/// The measurements, started by `bench/run`:
///
/// ```
/// ready [RUNS]     from the start of the JVM until the embedded cluster can be used, beside a real control plane
/// pods [COUNT]     resident memory of the one JVM with so many ready pods, each a listener that is asked
/// ```
///
/// It prints and judges nothing but whether what it measured was there: every pod must answer.
public final class Bench {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path root;

    private Bench(Path root) {
        this.root = root;
    }

    /// @param words which measurement, and its number
    public static void main(String[] words) throws Exception {
        var bench = new Bench(Path.of(System.getProperty("sluice.root", "")).toAbsolutePath());
        var which = words.length == 0 ? "" : words[0];
        int number = words.length < 2 ? 0 : Integer.parseInt(words[1]);
        switch (which) {
            case "ready" -> bench.ready(number > 0 ? number : 10);
            case "pods" -> bench.pods(number > 0 ? number : 1000);
            default -> {
                System.err.println("bench/run ready [RUNS] | pods [COUNT]");
                Runtime.getRuntime().exit(2);
            }
        }
    }

    private record Start(Duration wall, Duration cpu, Memory memory) {}

    private void ready(int runs) throws IOException, InterruptedException {
        var embedded = new ArrayList<Start>();
        for (int i = 0; i < runs; i++) {
            try (var cluster = new LocalUp(root)) {
                embedded.add(new Start(cluster.startUp(), cluster.cpu(), cluster.memory()));
            }
        }
        System.out.printf("start of the process until ready, median of %d (best, worst)%n", runs);
        print("embedded cluster", embedded);
        var binaries = Binaries.find();
        if (binaries.isEmpty()) {
            System.out.println("  (not compared: " + Binaries.REMEDY + ")");
            return;
        }
        var real = new ArrayList<Start>();
        for (int i = 0; i < Math.clamp(runs / 3, 1, 5); i++) real.add(real(binaries.get()));
        print("real control plane", real);
        System.out.printf(
                Locale.ROOT,
                "  ratio               %.1f times the time, %.1f times the memory%n",
                (double) median(real, s -> s.wall().toMillis())
                        / median(embedded, s -> s.wall().toMillis()),
                (double) median(real, s -> s.memory().now())
                        / median(embedded, s -> s.memory().now()));
    }

    /// etcd, API server, controllers, scheduler and simulated nodes, as the tests of tier two use them.
    private static Start real(Binaries binaries) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        var plane = ControlPlane.start(binaries);
        try {
            var wall = Duration.ofNanos(System.nanoTime() - begin);
            var cpu = Duration.ZERO;
            var memory = new Memory(0, 0);
            for (var process : ProcessHandle.current().descendants().toList()) {
                cpu = cpu.plus(process.info().totalCpuDuration().orElse(Duration.ZERO));
                memory = memory.plus(Memory.of(process));
            }
            return new Start(wall, cpu, memory);
        } finally {
            plane.close();
        }
    }

    private static void print(String what, List<Start> starts) {
        var times = starts.stream().map(Start::wall).sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "  %-19s %s (%s, %s), processor time %s, resident %s%n",
                what,
                seconds(Duration.ofMillis(median(starts, s -> s.wall().toMillis()))),
                seconds(times.getFirst()),
                seconds(times.getLast()),
                seconds(Duration.ofMillis(median(starts, s -> s.cpu().toMillis()))),
                Memory.megabytes(median(starts, s -> s.memory().now())));
    }

    private static long median(List<Start> starts, ToLongFunction<Start> figure) {
        var sorted = starts.stream().mapToLong(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f s", time.toMillis() / 1000.0);
    }

    private void pods(int count) throws IOException, InterruptedException {
        try (var cluster = new LocalUp(root);
                var session = KubeClusters.open(new Connection(
                        Optional.of(cluster.kubeconfig()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of(),
                        Duration.ofSeconds(30)))) {
            var empty = cluster.memory();
            var gateway = session.gateway();
            long begin = System.nanoTime();
            create(gateway, count);
            awaitReady(gateway, count);
            var took = Duration.ofNanos(System.nanoTime() - begin);
            var ready = cluster.memory();
            int answered = ask(pods(gateway));
            if (answered != count) {
                throw new IllegalStateException(answered + " of " + count + " pods answered; the figures mean nothing");
            }
            var asked = cluster.memory();
            System.out.printf("resident memory of the one JVM%n");
            System.out.printf("  no pods             %s%n", Memory.megabytes(empty.now()));
            System.out.printf(
                    "  %-19s %s, %s after the Deployment was created%n",
                    count + " ready pods", Memory.megabytes(ready.now()), seconds(took));
            System.out.printf(
                    Locale.ROOT,
                    "  each asked once     %s, %d answers of %d listeners; peak %s%n",
                    Memory.megabytes(asked.now()),
                    answered,
                    count,
                    Memory.megabytes(asked.peak()));
            System.out.printf(
                    Locale.ROOT,
                    "  a pod               %.0f kB, sockets, threads, API objects and history with it%n",
                    (asked.now() - empty.now()) / 1e3 / count);
        }
    }

    private static void create(Gateway gateway, int count) throws IOException {
        var labels = Json.obj("app", "web");
        var container = Json.obj("name", "web", "image", "demo/web:v1");
        var deployment = Json.obj(
                "apiVersion",
                "apps/v1",
                "kind",
                "Deployment",
                "metadata",
                Json.obj("name", "web"),
                "spec",
                Json.obj(
                        "replicas", count,
                        "selector", Json.obj("matchLabels", labels),
                        "template",
                                Json.obj(
                                        "metadata", Json.obj("labels", labels),
                                        "spec", Json.obj("containers", Json.arr(container)))));
        answer(gateway.send(new Request.Create(ObjectRef.of(ResourceType.DEPLOYMENTS, "default", "web"), deployment)));
    }

    private static Json.Obj answer(Reply reply) throws IOException {
        if (reply instanceof Reply.Done(var object)) return object;
        throw new IOException("the API server says " + reply);
    }

    private static void awaitReady(Gateway gateway, int count) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            var web = answer(gateway.send(new Request.Get(ObjectRef.of(ResourceType.DEPLOYMENTS, "default", "web"))));
            if (web.at("status", "readyReplicas").integer(0) == count) return;
            TimeUnit.MILLISECONDS.sleep(200);
        }
        throw new IllegalStateException("not " + count + " pods were ready after " + PATIENCE);
    }

    private static List<Json> pods(Gateway gateway) throws IOException {
        var page = answer(gateway.send(new Request.List(Selection.in(ResourceType.PODS, "default"))));
        return page.at("items").items();
    }

    /// Asks each pod on its own address; counts those that answer with their own name.
    private static int ask(List<Json> pods) throws InterruptedException {
        int answered = 0;
        try (var http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build()) {
            for (var pod : pods) {
                var url = URI.create("http://" + pod.at("status", "podIP").string("") + ":8080/");
                var request = HttpRequest.newBuilder(url)
                        .timeout(Duration.ofSeconds(10))
                        .build();
                try {
                    var response = http.send(request, HttpResponse.BodyHandlers.discarding());
                    var name = response.headers().firstValue("X-Pod").orElse("");
                    if (response.statusCode() == 200
                            && name.equals(pod.at("metadata", "name").string(""))) answered++;
                } catch (IOException silent) {
                    System.err.println(url + ": " + silent);
                }
            }
        }
        return answered;
    }
}
