package dev.sluice.e2e;

import dev.sluice.app.Main;
import dev.sluice.e2e.controlplane.Binaries;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// A person's shell in a folder and a home of its own: `sluice` and, where there is one, `kubectl` are on its PATH.
///
/// The `sluice` there is the program as the tests were built with it, so that nothing builds within a build. Closing
/// ends a local cluster that was started in it.
public final class Shell implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path folder;
    private final Path home;
    private final Path programs;

    /// What a command printed, both streams, and how it ended.
    public record Said(int code, String text) {}

    /// @param temporary an empty folder; the caller removes it
    public Shell(Path temporary) throws IOException {
        folder = Files.createDirectories(temporary.resolve("work"));
        home = Files.createDirectories(temporary.resolve("home"));
        programs = Files.createDirectories(temporary.resolve("bin"));
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        program(
                "sluice",
                "'%s' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp '%s' %s"
                        .formatted(java, System.getProperty("java.class.path"), Main.class.getName()));
        // As in a clone of the repository.
        Files.createSymbolicLink(folder.resolve("sluice"), programs.resolve("sluice"));
        var kubectl = kubectl();
        if (kubectl.isPresent()) program("kubectl", "'" + kubectl.get() + "'");
    }

    private void program(String name, String command) throws IOException {
        var script = programs.resolve(name);
        Files.writeString(script, "#!/bin/sh\nexec " + command + " \"$@\"\n");
        if (!script.toFile().setExecutable(true)) throw new IOException("cannot make " + script + " executable");
    }

    /// The one named by `SLUICE_KUBECTL`, else that of the real control plane, else the one on the PATH.
    public static Optional<Path> kubectl() {
        var named = System.getenv().getOrDefault("SLUICE_KUBECTL", "");
        if (!named.isEmpty()) return Optional.of(Path.of(named));
        var assets = System.getenv().getOrDefault("KUBEBUILDER_ASSETS", "");
        if (!assets.isEmpty() && Files.isExecutable(Path.of(assets, "kubectl"))) {
            return Optional.of(Path.of(assets, "kubectl"));
        }
        return Binaries.find()
                .map(binaries -> binaries.program("kubectl"))
                .or(() -> Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                        .map(directory -> Path.of(directory, "kubectl"))
                        .filter(Files::isExecutable)
                        .findFirst());
    }

    /// Where commands run.
    public Path folder() {
        return folder;
    }

    /// `~` of whoever runs commands.
    public Path home() {
        return home;
    }

    /// A process that runs a script of the shell's language; both its streams come as one.
    public Process start(String script) throws IOException {
        var builder = new ProcessBuilder("sh", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        var environment = builder.environment();
        environment.put("HOME", home.toString());
        environment.put("PATH", programs + File.pathSeparator + environment.getOrDefault("PATH", "/usr/bin:/bin"));
        environment.put("TZ", "UTC");
        environment.put("LC_ALL", "C.UTF-8");
        for (var inherited : new String[] {"KUBECONFIG", "XDG_STATE_HOME", "XDG_CACHE_HOME", "SLUICE_JAVA_OPTS"})
            environment.remove(inherited);
        var process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /// Runs a script to its end.
    ///
    /// @throws AssertionError when it does not end in time
    public Said run(String script) throws IOException, InterruptedException {
        return run(script, PATIENCE);
    }

    /// Runs a script to its end.
    ///
    /// @throws AssertionError when it does not end in time
    public Said run(String script, Duration patience) throws IOException, InterruptedException {
        var process = start(script);
        try {
            var late = new AtomicBoolean();
            var watch = Thread.ofVirtual().start(() -> {
                try {
                    if (process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) return;
                    late.set(true);
                    end(process);
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
            });
            var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            watch.join();
            if (late.get()) throw new AssertionError("still runs after " + patience + ": " + script + "\n" + text);
            return new Said(process.exitValue(), text);
        } finally {
            end(process);
        }
    }

    /// Ends a process and what it has started.
    public static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        try {
            run("sluice local down");
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
