package dev.sluice.e2e.bench;

import dev.sluice.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A local cluster as `./sluice local up` starts it, with a state folder of its own; ended by `./sluice local down`.
final class LocalUp implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path sluice;
    private final Path folder;
    private final ProcessHandle process;
    private final Instant started;
    private final Instant ready;

    /// By how much the start times that the system keeps are off: it counts ticks from a boot time that is cut to whole
    /// seconds. A process of our own, of which the start is known, tells.
    private static Duration off() throws IOException {
        var begun = Instant.now();
        var known = new ProcessBuilder("sleep", "60").start();
        try {
            return Duration.between(begun, known.info().startInstant().orElse(begun));
        } finally {
            known.destroyForcibly();
        }
    }

    /// @param root the repository
    LocalUp(Path root) throws IOException, InterruptedException {
        sluice = root.resolve("sluice");
        folder = Files.createTempDirectory("sluice-bench-");
        try {
            command("local", "up", "--state-dir", folder.toString(), "--port", "0");
            var file = folder.resolve("local.json");
            var state = Json.parse(Files.readString(file));
            process = ProcessHandle.of(state.at("pid").asLong().orElseThrow()).orElseThrow();
            started = Instant.parse(state.at("started").string("")).minus(off());
            // It writes this file when it can be used, and not again.
            ready = Files.getLastModifiedTime(file).toInstant();
        } catch (IOException | InterruptedException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    private void command(String... words) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(sluice.toString());
        command.addAll(List.of(words));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    Path kubeconfig() {
        return folder.resolve("local.kubeconfig");
    }

    /// From the start of its JVM until it could be used.
    Duration startUp() {
        return Duration.between(started, ready);
    }

    /// Processor time that it has used so far.
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    Memory memory() throws IOException, InterruptedException {
        return Memory.of(process);
    }

    @Override
    public void close() {
        try {
            command("local", "down", "--state-dir", folder.toString());
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
            }
        } catch (IOException left) {
            throw new UncheckedIOException(left);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
