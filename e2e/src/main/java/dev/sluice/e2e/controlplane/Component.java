package dev.sluice.e2e.controlplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// One program of the control plane and its log; it can be started again after its end.
final class Component {
    private static final int TAIL_LINES = 25;
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final String name;
    private final ProcessBuilder builder;
    private final Path log;
    private Optional<Process> process = Optional.empty();

    /// @param home a folder that the program may write to in place of the user's own
    Component(String name, List<String> command, Path log, Path home) {
        this.name = name;
        this.log = log;
        builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // Their own settings live in variables too (ETCD_…, KWOK_…, KUBECONFIG): the caller's must not leak in.
        builder.environment().clear();
        builder.environment().put("HOME", home.toString());
        builder.environment().put("KWOK_WORKDIR", home.toString());
    }

    void start() throws IOException {
        if (isAlive()) throw new IllegalStateException(name + " runs already");
        var started = builder.start();
        started.getOutputStream().close();
        process = Optional.of(started);
    }

    /// Ends the process at once, as a crash would, and waits until it is gone. No effect where it is gone.
    void kill() {
        process.ifPresent(running -> {
            running.destroyForcibly();
            try {
                if (!running.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS))
                    throw new IllegalStateException(
                            name + " (pid " + running.pid() + ") is still there " + END_LIMIT + " after its kill");
            } catch (InterruptedException e) {
                // The kill is on its way; whoever interrupts does not want to wait for it.
                Thread.currentThread().interrupt();
            }
        });
    }

    boolean isAlive() {
        return process.filter(Process::isAlive).isPresent();
    }

    Optional<ProcessHandle> handle() {
        return process.map(Process::toHandle);
    }

    /// Waits for a moment, less where the process ends meanwhile.
    void pause(Duration moment) throws InterruptedException {
        if (process.isPresent()) process.get().waitFor(moment.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// How the process is, with the end of its log, for an error message.
    String report() {
        var state = process.map(p -> p.isAlive() ? " is running" : " ended with exit code " + p.exitValue())
                .orElse(" was not started");
        return name + state + "; the end of its log:\n" + tail();
    }

    private String tail() {
        try {
            // Not readAllLines: a program may have been killed in the middle of a character.
            var lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
