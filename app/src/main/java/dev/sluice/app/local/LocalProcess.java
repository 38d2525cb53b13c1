package dev.sluice.app.local;

import dev.sluice.app.Main;
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
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/// The process that a local cluster runs in. What `local up` begins is exactly what the bench measures.
public final class LocalProcess {
    private static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-Xmx512m",
            // What is young dies young here: a larger nursery would be memory touched for nothing.
            "-Xmn48m",
            "-XX:-UsePerfData",
            // A library of ours asks for it; the warning would be the first line of every log.
            "--sun-misc-unsafe-memory-access=allow");

    private LocalProcess() {}

    /// Begins it and returns at once; it may be used when it is [#ready].
    ///
    /// @param words the options of `local run`
    public static Process begin(LocalState.Folder folder, List<String> words) throws IOException {
        folder.make();
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(List.of("-cp", snapshot(folder), Main.class.getName(), "local", "run"));
        command.addAll(words);
        return new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectError(folder.log().toFile())
                .directory(folder.path().toFile())
                .start();
    }

    /// How the start of a cluster went.
    public enum Start {
        /// It can be used.
        READY,
        /// Its process has ended, or ends.
        ENDED,
        /// Its process lives and has said nothing yet.
        LATE
    }

    /// Waits until the cluster can be used.
    ///
    /// @param pause how long to wait before each word to `still`
    /// @param still told how long it has taken so far
    public static Start ready(Process process, Duration patience, Duration pause, Consumer<Duration> still)
            throws InterruptedException {
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
        var waited = Duration.ZERO;
        while (waited.compareTo(patience) < 0) {
            var left = patience.minus(waited);
            var turn = left.compareTo(pause) < 0 ? left : pause;
            try {
                return first.get(turn.toMillis(), TimeUnit.MILLISECONDS).equals(LocalRunCommand.READY)
                        ? Start.READY
                        : Start.ENDED;
            } catch (TimeoutException notYet) {
                waited = waited.plus(turn);
                if (waited.compareTo(patience) < 0) still.accept(waited);
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return Start.LATE;
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
}
