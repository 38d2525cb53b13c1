package dev.sluice.e2e.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sluice.e2e.controlplane.Binaries;
import dev.sluice.e2e.controlplane.ControlPlane;
import dev.sluice.e2e.controlplane.User;
import dev.sluice.local.LocalCluster;
import dev.sluice.local.SystemTime;
import dev.sluice.local.api.HttpListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The embedded API server answers as a real one, but for what [Difference#ALL] lists.
///
/// Without the real one's binaries only the embedded half runs: that each probe gets through is still something.
@Tag("real")
class ProbesTest {
    private static final int FEWEST_PROBES = 60;
    private static final int MOST_DIFFERENCES = 5;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);

    /// A definition takes a real server two seconds to serve; side by side they take them together.
    private static final int AT_ONCE = 8;

    private static final List<String> DEFINITIONS = List.of(
            "analysisruns",
            "analysistemplates",
            "clusteranalysistemplates",
            "deploymentcanaries",
            "experiments",
            "rollouts");

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static final Map<Probe, Outcome> OUTCOMES = new LinkedHashMap<>();
    private static boolean compared;

    /// What became of a probe: where the answers differ, if both servers could be asked.
    private record Outcome(List<Delta> deltas, List<Answer> ours) {}

    @BeforeAll
    static void probeBoth() throws Exception {
        var real = real();
        compared = real.isPresent();
        var servers = Stream.concat(real.stream(), Stream.of(embedded())).toList();
        for (var server : servers) define(server);
        try (var workers = Executors.newFixedThreadPool(AT_ONCE)) {
            var running = new LinkedHashMap<Probe, Future<Outcome>>();
            int number = 0;
            for (var probe : Probes.all()) {
                var id = "q" + number++ + "z";
                running.put(probe, workers.submit(() -> outcome(probe, servers, id)));
            }
            for (var entry : running.entrySet()) OUTCOMES.put(entry.getKey(), result(entry.getKey(), entry.getValue()));
        }
    }

    private static Outcome outcome(Probe probe, List<Server> servers, String id)
            throws IOException, InterruptedException {
        var answers = new ArrayList<List<Answer>>();
        for (var server : servers) {
            var namespace = "ns-" + id;
            Run.prepare(server, namespace);
            awaitFound(server, "/api/v1/namespaces/" + namespace + "/serviceaccounts/default");
            answers.add(Run.of(probe, server, namespace, id));
        }
        var ours = answers.getLast();
        return new Outcome(answers.size() == 2 ? Delta.between(answers.getFirst(), ours) : List.of(), ours);
    }

    private static Outcome result(Probe probe, Future<Outcome> running) throws InterruptedException {
        try {
            return running.get();
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the probe \"" + probe.name() + "\" got no answer", failed.getCause());
        }
    }

    private static Optional<Server> real() throws Exception {
        var binaries = Binaries.find();
        if (binaries.isEmpty()) {
            if ("true".equals(System.getenv("SLUICE_REQUIRE_REAL"))) throw new AssertionError(Binaries.REMEDY);
            // Said aloud as well: "skipped" in a report tells nobody what to do.
            System.err.println("SKIPPED the real half of ProbesTest: " + Binaries.REMEDY);
            return Optional.empty();
        }
        var plane = ControlPlane.start(binaries.get());
        OPEN.add(plane);
        var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(plane.sslContext(User.ADMIN))
                .build();
        OPEN.add(client);
        return Optional.of(new Server("real", plane.url(), client));
    }

    private static Server embedded() throws IOException {
        var time = new SystemTime();
        OPEN.add(time);
        var cluster = LocalCluster.builder(time).nodes(3).start();
        OPEN.add(cluster);
        var listener = HttpListener.open(cluster.server(), new InetSocketAddress("127.0.0.1", 0));
        OPEN.add(listener);
        var client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        OPEN.add(client);
        return new Server("ours", listener.uri(), client);
    }

    /// Applies the definitions of `deploy/crds`, as they lie in the app's jar.
    private static void define(Server server) throws IOException, InterruptedException {
        var path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        for (var name : DEFINITIONS) {
            try (var file = ProbesTest.class.getResourceAsStream("/dev/sluice/crds/" + name + ".yaml")) {
                var text = new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
                var made = server.send(Ask.post(path, "").type("application/yaml"), path, Optional.of(text));
                assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
            }
        }
        awaitFound(server, "/apis/argoproj.io/v1alpha1/rollouts");
        awaitFound(server, "/apis/sluice.dev/v1alpha1/deploymentcanaries");
    }

    private static void awaitFound(Server server, String path) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (server.send(Ask.get(path), path, Optional.empty()).statusCode() != 200) {
            if (System.nanoTime() > end) throw new IllegalStateException(server.name() + " does not serve " + path);
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    @TestFactory
    Stream<DynamicTest> theAnswersAreAlike() {
        return OUTCOMES.entrySet().stream()
                .map(entry -> dynamicTest(entry.getKey().name(), () -> alike(entry.getKey(), entry.getValue())));
    }

    private static void alike(Probe probe, Outcome outcome) {
        for (var answer : outcome.ours())
            assertThat(answer.code()).as(answer.step()).isPositive();
        if (!compared) return;
        var listed = Difference.of(probe);
        var unlisted = outcome.deltas().stream()
                .filter(delta -> listed.filter(known -> known.explains(delta)).isEmpty())
                .toList();
        if (!unlisted.isEmpty()) {
            var text = new StringBuilder("the embedded API server differs from the real one; mend it, or list the"
                    + " difference in Difference with the reason");
            for (var delta : unlisted) text.append("\n  ").append(delta);
            fail(text.toString());
        }
        if (listed.isPresent() && outcome.deltas().isEmpty())
            fail("answered alike now; take it from the list in Difference");
    }

    @Test
    void thereAreEnoughProbesAndFewDifferences() {
        var names = new TreeSet<String>();
        for (var probe : Probes.all())
            assertThat(names.add(probe.name())).as(probe.name()).isTrue();
        assertThat(names).hasSizeGreaterThanOrEqualTo(FEWEST_PROBES);
        assertThat(Difference.ALL).hasSizeLessThanOrEqualTo(MOST_DIFFERENCES);
        for (var known : Difference.ALL) assertThat(names).as("the probes").contains(known.probe());
    }

    @AfterAll
    static void tellAndClose() throws Exception {
        for (var part : OPEN.reversed()) part.close();
        System.out.println(summary());
        if (!compared) return;
        for (var known : Difference.ALL) System.out.println("  differs: " + known.probe() + ". " + known.why());
    }

    private static String summary() {
        int asked = OUTCOMES.size();
        if (!compared) return "probes: " + asked + " asked, of the embedded API server only; nothing compared";
        long alike = OUTCOMES.values().stream()
                .filter(outcome -> outcome.deltas().isEmpty())
                .count();
        long listed = OUTCOMES.entrySet().stream()
                .filter(entry -> !entry.getValue().deltas().isEmpty())
                .filter(entry -> Difference.of(entry.getKey()).isPresent())
                .count();
        long unlisted = asked - alike - listed;
        return "probes: " + asked + " asked, " + alike + " alike, " + listed + " differ (listed)"
                + (unlisted == 0 ? "" : ", " + unlisted + " DIFFER (not listed)");
    }
}
