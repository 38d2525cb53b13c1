package dev.sluice.app.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.KubeClusters;
import dev.sluice.app.Main;
import dev.sluice.app.Terminal;
import dev.sluice.app.VersionCommand;
import dev.sluice.app.World;
import dev.sluice.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The local cluster as a process of its own: up, used, down, nothing left.
@Timeout(180)
class LocalTest {
    @TempDir
    Path state;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... words) {
        out.reset();
        err.reset();
        var terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Map.of("XDG_STATE_HOME", state.toString()),
                false);
        return Main.run(new World(terminal, KubeClusters::open, InstantSource.system()), words);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @AfterEach
    void down() {
        run("local", "down");
    }

    private LocalState.Folder folder() {
        return new LocalState.Folder(state.resolve("sluice"));
    }

    @Test
    void upTwiceIsOneClusterAndDownLeavesNothing() {
        assertThat(run("local", "status")).isEqualTo(7);
        assertThat(run("local", "up", "--port", "0")).as(err()).isZero();
        assertThat(out()).contains("export KUBECONFIG=" + folder().kubeconfig());
        var first = folder().read().orElseThrow();
        assertThat(run("local", "up")).as(err()).isZero();
        assertThat(err()).startsWith("The local cluster runs already");
        assertThat(folder().read()).contains(first);
        assertThat(run("local", "status", "-o", "json")).isZero();
        assertThat(Json.parse(out()).at("api").string("")).isEqualTo(first.api());

        var kubeconfig = folder().kubeconfig().toString();
        assertThat(run("list", "-A", "--kubeconfig", kubeconfig)).as(err()).isZero();
        assertThat(err()).isEqualTo("No resources found.\n");
        assertThat(run("get", "web", "--kubeconfig", kubeconfig)).isEqualTo(7);
        assertThat(err()).contains("there is no rollout default/web");

        assertThat(run("local", "down")).as(err()).isZero();
        assertThat(out()).isEqualTo("the local cluster has ended\n");
        assertThat(first.process()).isEmpty();
        assertThat(folder().read()).isEmpty();
        assertThat(folder().kubeconfig()).doesNotExist();
        assertThat(folder().jars()).doesNotExist();
        assertThat(run("local", "down")).isZero();
        assertThat(out()).isEqualTo("no local cluster runs\n");
    }

    @Test
    void otherPortsThanThoseOfTheClusterThatRunsAreNotIgnored() throws Exception {
        var self = ProcessHandle.current();
        var version = VersionCommand.version();
        var running = new LocalState(
                self.pid(),
                LocalState.startOf(self),
                version,
                "http://127.0.0.1:6443",
                "http://127.0.0.1:1",
                "http://127.0.0.1:8000",
                "http://127.0.0.1:9090");
        folder().write(running, "kubeconfig");
        assertThat(run("local", "up", "--port", "7000", "--metrics-port", "9091"))
                .isEqualTo(6);
        assertThat(err()).isEqualTo("""
                error SLU-C108  a local cluster runs already, and on other ports
                  why   its API server is http://127.0.0.1:6443, and --port 7000 was asked for
                        its Prometheus is http://127.0.0.1:9090, and --metrics-port 9091 was asked for
                  do    sluice local down, then the same again     its objects are lost
                        --state-dir FOLDER     starts another one beside it
                """);
        assertThat(run("local", "up", "--port", "6443", "--gateway-port", "0")).isZero();
        assertThat(err()).startsWith("The local cluster runs already");
        Files.delete(folder().state());
    }

    @Test
    void theLineToPasteIsQuotedWhereTheFolderNeedsIt() {
        assertThat(new LocalState.Folder(Path.of("/tmp/plain-1.0")).export())
                .isEqualTo("export KUBECONFIG=/tmp/plain-1.0/local.kubeconfig");
        assertThat(new LocalState.Folder(Path.of("/tmp/it's $HOME")).export())
                .isEqualTo("export KUBECONFIG='/tmp/it'\\''s $HOME/local.kubeconfig'");
    }

    @Test
    void aFolderWithABlankServes() {
        var folder = state.resolve("my state").toString();
        try {
            assertThat(run("local", "up", "--port", "0", "--state-dir", folder))
                    .as(err())
                    .isZero();
            assertThat(out())
                    .contains("  export KUBECONFIG='" + folder + "/local.kubeconfig'\n")
                    .contains("  sluice local down --state-dir '" + folder + "'\n");
            assertThat(run("list", "--kubeconfig", folder + "/local.kubeconfig"))
                    .as(err())
                    .isZero();
        } finally {
            assertThat(run("local", "down", "--state-dir", folder)).as(err()).isZero();
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsAClearWord() throws Exception {
        var file = Files.writeString(state.resolve("file"), "");
        for (var folder : List.of("/proc/nope", file.toString(), file + "/below")) {
            assertThat(run("local", "up", "--state-dir", folder)).as(folder).isEqualTo(1);
            assertThat(err())
                    .startsWith("error SLU-C104  cannot write down the local cluster in " + folder + "\n  why   ")
                    .contains("  do    --state-dir FOLDER takes another place\n")
                    .doesNotContain("null", "SLU-X");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port", "--gateway-port", "--metrics-port"})
    void aNamedPortThatIsTakenIsAClearWord(String option) throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThat(run("local", "up", option, Integer.toString(taken.getLocalPort())))
                    .isEqualTo(1);
            assertThat(err()).isEqualTo("""
                    error SLU-C101  port %1$d is not to be had
                      why   something else listens on 127.0.0.1:%1$d
                      do    sluice local up %2$s 0     takes any free one
                    """.formatted(taken.getLocalPort(), option));
            assertThat(folder().read()).isEmpty();
        }
    }

    @Test
    void usualPortsGiveWayToListenersThatNeverAnswer() throws Exception {
        var loopback = InetAddress.getByName("127.0.0.1");
        // The system takes their connections; nobody ever reads from one.
        try (var api = new ServerSocket(0, 50, loopback);
                var gateway = new ServerSocket(0, 50, loopback);
                var metrics = new ServerSocket(0, 50, loopback)) {
            var ports = new LocalNode.Ports(api.getLocalPort(), gateway.getLocalPort(), metrics.getLocalPort(), false);
            try (var node = LocalNode.start(42, ports)) {
                var written = node.state("1");
                for (var url : List.of(written.api(), written.gateway(), written.metrics())) {
                    assertThat(connects(url)).as(url).isTrue();
                    assertThat(URI.create(url).getPort()).isNotIn(ports.api(), ports.gateway(), ports.metrics());
                }
            }
        }
    }

    @Test
    void aClusterThatIsNotReadyInTimeIsEndedAndSaysThatItWasStarting() {
        var before = ProcessHandle.current().children().toList();
        assertThat(run("local", "up", "--port", "0", "--timeout", "1ms")).isEqualTo(4);
        assertThat(err()).isEqualTo("""
                error SLU-C109  the local cluster was not ready after 1ms, still starting, and has been ended
                  why   it complained of nothing: the machine may be busy
                  do    sluice local up --timeout 2ms     waits longer
                """);
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .isSubsetOf(before);
        assertThat(folder().read()).isEmpty();
        assertThat(folder().jars()).doesNotExist();
    }

    @Test
    void whoWaitsForASlowStartIsToldHowLongItHasTaken() throws Exception {
        // Alive, and silent for as long as nobody writes to it.
        var silent = new ProcessBuilder("cat").start();
        try {
            var told = new ArrayList<Duration>();
            assertThat(LocalProcess.ready(silent, Duration.ofMillis(30), Duration.ofMillis(10), told::add))
                    .isEqualTo(LocalProcess.Start.LATE);
            assertThat(told).containsExactly(Duration.ofMillis(10), Duration.ofMillis(20));
        } finally {
            silent.destroyForcibly();
        }
    }

    @Test
    void withoutAClusterTheShellIsToldNothingToDo() {
        assertThat(run("local", "env")).isEqualTo(7);
        assertThat(out()).isEmpty();
        assertThat(err()).isEqualTo("No local cluster runs. sluice local up starts one.\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"env", "status", "down"})
    void optionsThatMeanNothingToACommandAreNotOffered(String command) {
        assertThat(run("local", command, "--help")).isZero();
        assertThat(out())
                .contains("--state-dir", "--help", "--no-color")
                .doesNotContain(
                        "-port=", "--seed", "--context", "--kubeconfig", "--namespace", "--as=", "--request-timeout");
        assertThat(run("local", command, "-n", "shop")).isEqualTo(2);
        assertThat(err()).startsWith("error SLU-A001  there is no option \"-n\"\n");
    }

    @Test
    void anotherProcessUnderTheSamePidIsNotTouched() throws Exception {
        // This very test: its pid lives, but it began at another time than was written down.
        var self = ProcessHandle.current();
        Files.createDirectories(folder().path());
        folder().write(new LocalState(self.pid(), Instant.EPOCH, "1", "a", "h", "g", "m"), "kubeconfig");
        assertThat(run("local", "status")).isEqualTo(7);
        assertThat(run("local", "down")).isZero();
        assertThat(out()).isEqualTo("no local cluster runs\n");
        assertThat(self.isAlive()).isTrue();
    }

    @Test
    void aClusterOfAnotherVersionIsNotSilentlyUsed() throws Exception {
        var self = ProcessHandle.current();
        Files.createDirectories(folder().path());
        folder().write(new LocalState(self.pid(), LocalState.startOf(self), "0.0.9", "a", "h", "g", "m"), "kubeconfig");
        assertThat(run("local", "up")).isEqualTo(6);
        assertThat(err()).contains("SLU-C102").contains("0.0.9");
        Files.delete(folder().state());
    }

    @Test
    void anUnreadableStateCountsAsNone() throws Exception {
        Files.createDirectories(folder().path());
        Files.writeString(folder().state(), "{\"pid\":");
        assertThat(run("local", "status")).isEqualTo(7);
    }

    @Test
    void ctrlCEndsAClusterInTheForegroundAndLeavesNothing() throws Exception {
        var process = inAProcess("local", "up", "--foreground", "--port", "0");
        try (var said = process.inputReader(StandardCharsets.UTF_8)) {
            var line = said.readLine();
            while (line != null && !line.contains("sluice local down")) line = said.readLine();
            assertThat(line).as("it says how to use it").isNotNull();
            var running = folder().read().orElseThrow();
            assertThat(running.process()).contains(process.toHandle());
            // A JVM takes SIGTERM as it takes Ctrl-C; and SIGINT does not reach what a shell began in the background.
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
            assertThat(folder().read()).isEmpty();
            assertThat(folder().kubeconfig()).doesNotExist();
            assertThat(folder().jars()).doesNotExist();
            assertThat(connects(running.api())).isFalse();
            assertThat(connects(running.gateway())).isFalse();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void ctrlCBeforeTheClusterIsReadyEndsItToo() throws Exception {
        var process = inAProcess("local", "up", "--port", "0");
        try {
            while (process.children().findAny().isEmpty()) {
                assertThat(process.isAlive())
                        .as("it has begun a process before it ends")
                        .isTrue();
                Thread.onSpinWait();
            }
            var cluster = process.children().findAny().orElseThrow();
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            cluster.onExit().get(60, TimeUnit.SECONDS);
            assertThat(run("local", "status")).isEqualTo(7);
        } finally {
            process.destroyForcibly();
        }
    }

    private Process inAProcess(String... words) throws IOException {
        var command = new ArrayList<String>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("XDG_STATE_HOME", state.toString());
        return builder.start();
    }

    private static boolean connects(String url) throws IOException {
        var uri = URI.create(url);
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), 1000);
            return true;
        } catch (ConnectException refused) {
            return false;
        }
    }
}
