package dev.sluice.app.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.KubeClusters;
import dev.sluice.app.Main;
import dev.sluice.app.Terminal;
import dev.sluice.app.World;
import dev.sluice.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
    void aNamedPortThatIsTakenIsAClearWord() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThat(run("local", "up", "--port", Integer.toString(taken.getLocalPort())))
                    .isEqualTo(1);
            assertThat(err())
                    .startsWith("error SLU-C103  the local cluster did not come up\n")
                    .contains("SLU-C101  port " + taken.getLocalPort() + " is not to be had")
                    .doesNotContain("\tat ");
            assertThat(folder().read()).isEmpty();
        }
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
}
