package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Loss;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is advised where the API server is not reached.
class UnreachableTest {
    private static final Reply.Lost REFUSED = new Reply.Lost(Loss.REFUSED, "http://127.0.0.1:1 refuses the connection");

    @TempDir
    private Path folder;

    /// A cluster that answers nothing, and why.
    private record Away(Reply.Lost lost) implements Gateway {
        @Override
        public Reply send(Request request) {
            return lost;
        }

        @Override
        public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            return () -> {};
        }
    }

    private String complaint(Reply.Lost lost, Map<String, String> variables, String... words) {
        var err = new ByteArrayOutputStream();
        var terminal = new Terminal(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                variables,
                false);
        Clusters clusters = _ -> new Clusters.Session(new Away(lost), "shop", () -> "", () -> {});
        int code = Main.run(new World(terminal, clusters, () -> Instant.EPOCH), words);
        assertThat(code).isEqualTo(1);
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theHintTakesTheWayThatWasTaken() {
        assertThat(complaint(REFUSED, Map.of(), "get", "web", "--kubeconfig", "my files/k", "--context", "prod"))
                .isEqualTo("""
                        error SLU-X002  cannot read rollout shop/web: the API server cannot be reached
                          why   http://127.0.0.1:1 refuses the connection
                          do    is the cluster running, and is this its address?
                                look whether it can be reached: kubectl version --kubeconfig 'my files/k' --context prod
                        """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UNKNOWN_HOST | host nowhere.example is not known               | correct the server's address",
                "CERTIFICATE  | https://x: its certificate is not trusted: PKIX | is the kubeconfig of this cluster",
                "NO_ROUTE     | https://x has no way to it from here            | is a network missing",
                "HANDSHAKE    | https://x could be reached, but not spoken to: ?| correct server and credentials",
                "CUT          | https://x has cut the connection                | kubectl version"
            })
    void onlyWhatHelpsIsAdvised(Loss loss, String why, String remedy) {
        assertThat(complaint(new Reply.Lost(loss, why), Map.of(), "list"))
                .contains("the API server cannot be reached")
                .contains("  do    ")
                .contains(remedy)
                .doesNotContain("longer wait");
    }

    @Test
    void aTimeOutAloneIsAMatterOfALongerWait() {
        assertThat(complaint(new Reply.Lost(Loss.LATE, "GET /x: no answer within 10 s"), Map.of(), "get", "web"))
                .contains("the API server did not answer")
                .contains("a longer wait: --request-timeout 30s");
    }

    @Test
    void aLocalClusterThatHasEndedIsStartedAgain() throws IOException {
        var state = Files.createDirectories(folder.resolve("sluice"));
        // A process of that number may run; it is not the one that was written down.
        Files.writeString(
                state.resolve("local.json"),
                "{\"pid\":%d,\"started\":\"1970-01-01T00:00:00Z\"}"
                        .formatted(ProcessHandle.current().pid()));
        var kubeconfig = state.resolve("local.kubeconfig").toString();
        var usual = Map.of("XDG_STATE_HOME", folder.toString());
        assertThat(complaint(REFUSED, usual, "get", "web", "--kubeconfig", kubeconfig))
                .isEqualTo("""
                        error SLU-X002  cannot read rollout shop/web: the API server cannot be reached
                          why   http://127.0.0.1:1 refuses the connection
                                it was the local cluster's, and that has ended
                          do    sluice local up     starts an empty one
                        """);
        var byVariable = Map.of("XDG_STATE_HOME", folder.toString(), "KUBECONFIG", kubeconfig);
        assertThat(complaint(REFUSED, byVariable, "why", "web")).contains("sluice local up     starts an empty one");
        assertThat(complaint(REFUSED, byVariable, "explain", "--traffic", "web"))
                .contains("sluice local up     starts an empty one");
        assertThat(complaint(REFUSED, Map.of("KUBECONFIG", kubeconfig), "list"))
                .contains("sluice local up --state-dir " + state + "     starts an empty one");
    }

    @Test
    void aShellForgetsTheClusterThatHasEnded() {
        var state = folder.resolve("sluice");
        var kubeconfig = state.resolve("local.kubeconfig");
        assertThat(down(Map.of("XDG_STATE_HOME", folder.toString(), "KUBECONFIG", kubeconfig.toString())))
                .isEqualTo("""
                        no local cluster runs
                        this shell's KUBECONFIG names what is gone now:
                          unset KUBECONFIG
                        """);
        assertThat(down(Map.of("XDG_STATE_HOME", folder.toString(), "KUBECONFIG", "/a:" + kubeconfig + ":/b")))
                .endsWith("  export KUBECONFIG=/a:/b\n");
        assertThat(down(Map.of("XDG_STATE_HOME", folder.toString(), "KUBECONFIG", "/a")))
                .isEqualTo("no local cluster runs\n");
    }

    private String down(Map<String, String> variables) {
        var out = new ByteArrayOutputStream();
        var terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                variables,
                false);
        Clusters none = _ -> {
            throw new AssertionError("no cluster is asked");
        };
        assertThat(Main.run(new World(terminal, none, () -> Instant.EPOCH), "local", "down"))
                .isZero();
        return out.toString(StandardCharsets.UTF_8);
    }
}
