package dev.sluice.e2e.kubectl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.e2e.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// kubectl against `sluice local up`, as a person at a terminal sees it.
///
/// `transcript.txt` is script and expectation in one: the commands behind `$` are run in order, and
/// what they print must be what stands below them, but for what differs from run to run (see [Mask]).
/// Between the commands:
///
/// ```
/// $ COMMAND &            goes on in the background
/// # until it says TEXT   waits for its next line that contains the text
/// # until it ends        waits for its end; below stands all that it said
/// # Ctrl-C               ends it; below stands all that it said
/// # N requests to POD    asks a pod on its own address
/// ```
///
/// `-Dsluice.golden=write` writes the file anew, to be read in the diff.
@Timeout(600)
class TranscriptTest {
    private static final String RESOURCES = "e2e/src/test/resources/dev/sluice/e2e/kubectl/";
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    Path temporary;

    /// A command in the background, and what it has said.
    private static final class Background {
        private final Process process;
        private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final List<String> said = new ArrayList<>();
        private final Thread reader;

        Background(Process process) {
            this.process = process;
            reader = Thread.ofVirtual().start(() -> {
                try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
                    for (var line = in.readLine(); line != null; line = in.readLine()) lines.add(line);
                } catch (IOException ended) {
                    // By Ctrl-C.
                }
            });
        }

        /// Waits for a line that it has not yet been waited for.
        void until(String text) throws InterruptedException {
            String line;
            do {
                line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (line == null) throw new AssertionError("no line with \"" + text + "\" came; it said " + said);
                said.add(line);
            } while (!line.contains(text));
        }

        String ended(boolean byForce) throws InterruptedException {
            if (byForce) Shell.end(process);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("it does not end; it said " + said);
            }
            reader.join(Duration.ofSeconds(PATIENCE_SECONDS));
            lines.drainTo(said);
            return String.join("\n", said) + "\n";
        }
    }

    @Test
    void everyCommandPrintsWhatTheTranscriptSays() throws Exception {
        boolean there = Shell.kubectl().isPresent();
        if (!there && "true".equals(System.getenv("SLUICE_REQUIRE_REAL"))) {
            throw new AssertionError("no kubectl: run e2e/controlplane/build, or put one on the PATH");
        }
        assumeTrue(there, "SKIPPED: no kubectl; e2e/controlplane/build makes one");
        var root = Path.of(System.getProperty("sluice.root"));
        var golden = root.resolve(RESOURCES + "transcript.txt");
        try (var shell = new Shell(temporary)) {
            try (var files = Files.list(root.resolve(RESOURCES))) {
                for (var file : files.toList()) {
                    Files.copy(file, shell.folder().resolve(file.getFileName().toString()));
                }
            }
            var up = shell.run("sluice local up --port 0");
            assertThat(up.code()).as(up.text()).isZero();
            var expected = Files.readString(golden);
            var actual = play(shell, expected);
            if ("write".equals(System.getProperty("sluice.golden"))) {
                Files.writeString(golden, actual);
            } else {
                assertThat(actual).isEqualTo(expected);
            }
        }
    }

    private static String play(Shell shell, String script) throws Exception {
        var kubeconfig =
                shell.home().resolve(".local/state/sluice/local.kubeconfig").toString();
        var export = "export KUBECONFIG='" + kubeconfig + "'; ";
        var played = new StringBuilder();
        var background = new ArrayList<Background>();
        boolean heading = true;
        try {
            for (var line : script.lines().toList()) {
                boolean command = line.startsWith("$ ");
                if (heading && !command) {
                    played.append(line).append('\n');
                    continue;
                }
                if (!command && !line.startsWith("# ")) continue;
                if (!heading && command) played.append('\n');
                heading = false;
                played.append(line).append('\n');
                if (command && line.endsWith(" &")) {
                    background.add(
                            new Background(shell.start(export + "exec " + line.substring(2, line.length() - 2))));
                } else if (command) {
                    var said = shell.run(export + line.substring(2));
                    played.append(Mask.of(said.text()));
                    if (said.code() != 0)
                        played.append("(exit ").append(said.code()).append(")\n");
                } else {
                    played.append(Mask.of(act(shell, export, line.substring(2), background)));
                }
            }
        } finally {
            for (var left : background) left.ended(true);
        }
        return played.toString();
    }

    private static String act(Shell shell, String export, String act, List<Background> background) throws Exception {
        if (act.matches("[0-9]+ requests to .+")) {
            var words = act.split(" ", -1);
            var address = shell.run(export + "kubectl get pod " + words[3] + " -o jsonpath='{.status.podIP}'");
            ask(address.text().strip(), Integer.parseInt(words[0]));
            return "";
        }
        var last = background.getLast();
        if (act.startsWith("until it says ")) {
            last.until(act.substring("until it says ".length()));
            return "";
        }
        return switch (act) {
            case "until it ends" -> background.removeLast().ended(false);
            case "Ctrl-C" -> background.removeLast().ended(true);
            default -> throw new AssertionError("the transcript says \"# " + act + "\", which is nothing known");
        };
    }

    private static void ask(String address, int times) throws IOException, InterruptedException {
        try (var http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var request = HttpRequest.newBuilder(URI.create("http://" + address + ":8080/"))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            for (int i = 0; i < times; i++) {
                assertThat(http.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode())
                        .isEqualTo(200);
            }
        }
    }
}
