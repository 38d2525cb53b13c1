package dev.sluice.app.local;

import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.Main;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.VersionCommand;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice local up`: starts a cluster in the background and says how to use it. Where one runs already, says the same.
@Command(name = "up", description = "Start the local cluster, or say how to use the one that runs.")
public final class LocalUpCommand extends SluiceCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LAST_LINES = 20;

    @Mixin
    LocalOptions options = new LocalOptions();

    @Option(names = "--foreground", description = "Stay in the foreground; Ctrl-C ends it.")
    boolean foreground;

    @Override
    protected Exit run() throws Exception {
        // What is typed wrong is told before anything is begun.
        options.ports();
        var folder = options.folder(terminal());
        var lock = folder.lock();
        if (lock.isEmpty()) {
            throw Complaint.of(Exit.REFUSED, "SLU-C105", "another sluice is starting or ending the local cluster")
                    .because("it holds " + folder.path().resolve("local.lock"))
                    .remedy("sluice local status     shows when it is up")
                    .failure();
        }
        try (var held = lock.get()) {
            var running = folder.read().filter(state -> state.process().isPresent());
            if (running.isPresent()) return already(folder, running.get());
            folder.clear();
            if (foreground) {
                // The lock is for the beginning only: status and down must get on while it runs.
                System.setProperty("sluice.log.level", "WARN");
                LocalRunCommand.serve(terminal(), options, () -> {
                    release(held);
                    folder.read().ifPresent(state -> tell(folder, state));
                });
                return Exit.DONE;
            }
            start(folder);
        }
        tell(folder, folder.read().orElseThrow(() -> new IllegalStateException("it is ready but not written down")));
        return Exit.DONE;
    }

    private static void release(java.nio.channels.FileChannel lock) {
        try {
            lock.close();
        } catch (IOException stillHeld) {
            throw new java.io.UncheckedIOException(stillHeld);
        }
    }

    private Exit already(LocalState.Folder folder, LocalState state) {
        if (!state.version().equals(VersionCommand.version())) {
            throw Complaint.of(Exit.REFUSED, "SLU-C102", "a local cluster of another version runs")
                    .because("process " + state.pid() + " runs sluice " + state.version() + ", this is "
                            + VersionCommand.version())
                    .remedy("sluice local down, then sluice local up     its objects are lost")
                    .failure();
        }
        terminal().err().println("The local cluster runs already, since " + state.started() + ".");
        tell(folder, state);
        return Exit.DONE;
    }

    private void start(LocalState.Folder folder) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx512m", "-XX:-UsePerfData"));
        command.addAll(List.of("-cp", snapshot(folder), Main.class.getName(), "local", "run"));
        command.addAll(options.words(terminal()));
        var process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectError(folder.log().toFile())
                .directory(folder.path().toFile())
                .start();
        // Ctrl-C before it is ready ends it as well.
        var giveUp = new Thread(process::destroy, "sluice-give-up");
        Runtime.getRuntime().addShutdownHook(giveUp);
        var first = new CompletableFuture<String>();
        Thread.ofVirtual().start(() -> {
            try (var lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                var line = lines.readLine();
                first.complete(line == null ? "" : line);
            } catch (IOException ended) {
                first.complete("");
            }
        });
        String said;
        try {
            said = first.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException late) {
            said = "";
        }
        Runtime.getRuntime().removeShutdownHook(giveUp);
        if (said.equals(LocalRunCommand.READY)) return;
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) process.destroyForcibly();
        folder.clear();
        throw Complaint.of(Exit.FAILED, "SLU-C103", "the local cluster did not come up")
                .because(lastLines(folder.log()))
                .remedy("the whole log is " + folder.log())
                .failure();
    }

    private static List<String> lastLines(Path log) {
        try (var lines = Files.lines(log)) {
            var all = lines.toList();
            return all.isEmpty()
                    ? List.of("it said nothing")
                    : all.subList(Math.max(0, all.size() - LAST_LINES), all.size());
        } catch (IOException unreadable) {
            return List.of("its log cannot be read: " + unreadable.getMessage());
        }
    }

    /// The class path, with our own jars copied: a build replaces them, and a process must not lose its classes to it.
    private static String snapshot(LocalState.Folder folder) throws IOException {
        var path = System.getProperty("java.class.path");
        var entries = new ArrayList<Path>();
        for (var entry : path.split(File.pathSeparator, -1))
            entries.add(Path.of(entry).toAbsolutePath());
        if (entries.size() == 1 && Files.isRegularFile(entries.getFirst())) {
            var jar = entries.getFirst();
            try (var file = new JarFile(jar.toFile())) {
                var manifest = file.getManifest();
                var more =
                        manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                if (more != null) {
                    for (var name : more.strip().split(" +", -1)) entries.add(jar.resolveSibling(name));
                }
            }
        }
        Files.createDirectories(folder.jars());
        var copied = new ArrayList<String>();
        for (var entry : entries) {
            var name = entry.getFileName().toString();
            if (name.startsWith("sluice") && Files.isRegularFile(entry)) {
                var copy = folder.jars().resolve(name);
                Files.copy(entry, copy, StandardCopyOption.REPLACE_EXISTING);
                copied.add(copy.toString());
            } else {
                copied.add(entry.toString());
            }
        }
        return String.join(File.pathSeparator, copied);
    }

    private void tell(LocalState.Folder folder, LocalState state) {
        terminal().out().print("""
                API server   %s
                Gateway      %s     honours HTTPRoutes
                Prometheus   %s     also /shares
                Controller   %s     /readyz, /journal/NAMESPACE/NAME

                To use it:
                  export KUBECONFIG=%s
                  kubectl get rollouts -A
                  sluice list -A
                To end it:
                  sluice local down
                """.formatted(
                        state.api(), state.gateway(), state.metrics(), state.health(), folder.kubeconfig()));
        terminal().out().flush();
    }
}
