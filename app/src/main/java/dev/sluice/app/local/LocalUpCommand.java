package dev.sluice.app.local;

import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.VersionCommand;
import dev.sluice.app.Words;
import dev.sluice.format.GoDuration;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice local up`: starts a cluster in the background and says how to use it. Where one runs already, says the same.
@Command(name = "up", description = "Start the local cluster, or say how to use the one that runs.")
public final class LocalUpCommand extends SluiceCommand {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration PAUSE = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final int LAST_LINES = 20;

    @Mixin
    LocalOptions options = new LocalOptions();

    @Option(names = "--foreground", description = "Stay in the foreground; Ctrl-C ends it.")
    boolean foreground;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "Longest wait until it is ready, such as 10m (default: 5m).")
    @Nullable
    String timeout;

    @Override
    protected Exit run() throws Exception {
        // What is typed wrong is told before anything is begun.
        options.ports();
        var patience = Words.duration("--timeout", timeout, PATIENCE);
        var folder = options.folder(terminal());
        Optional<FileChannel> lock;
        try {
            lock = folder.lock();
        } catch (IOException unusable) {
            throw folder.unusable(unusable);
        }
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
            start(folder, patience);
        }
        tell(folder, folder.read().orElseThrow(() -> new IllegalStateException("it is ready but not written down")));
        return Exit.DONE;
    }

    private static void release(FileChannel lock) {
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
        var other = options.otherwise(state);
        if (!other.isEmpty()) {
            throw Complaint.of(Exit.REFUSED, "SLU-C108", "a local cluster runs already, and on other ports")
                    .because(other)
                    .remedy(
                            "sluice local down, then the same again     its objects are lost",
                            "--state-dir FOLDER     starts another one beside it")
                    .failure();
        }
        terminal().err().println("The local cluster runs already, since " + state.started() + ".");
        tell(folder, state);
        return Exit.DONE;
    }

    private void start(LocalState.Folder folder, Duration patience) throws IOException, InterruptedException {
        var process = LocalProcess.begin(folder, options.words(terminal()));
        // Ctrl-C before it is ready ends it as well.
        var giveUp = new Thread(process::destroy, "sluice-give-up");
        Runtime.getRuntime().addShutdownHook(giveUp);
        var how = LocalProcess.ready(
                process,
                patience,
                PAUSE,
                waited -> terminal().err().println("not ready after " + waited.toSeconds() + " s, still starting"));
        Runtime.getRuntime().removeShutdownHook(giveUp);
        if (how == LocalProcess.Start.READY) return;
        process.destroy();
        if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
        }
        var said = lastLines(folder.log());
        folder.clear();
        throw switch (how) {
            case READY -> new IllegalStateException();
            case LATE ->
                Complaint.of(
                                Exit.TIMEOUT,
                                "SLU-C109",
                                "the local cluster was not ready after " + GoDuration.text(patience)
                                        + ", still starting, and has been ended")
                        .because(said.isEmpty() ? List.of("it complained of nothing: the machine may be busy") : said)
                        .remedy("sluice local up --timeout " + GoDuration.text(patience.multipliedBy(2))
                                + options.again() + "     waits longer")
                        .failure();
            // What it says itself is all there is to say.
            case ENDED ->
                Complaint.last(said, Exit.FAILED)
                        .orElseGet(() -> Complaint.of(Exit.FAILED, "SLU-C103", "the local cluster did not come up")
                                .because(
                                        said.isEmpty()
                                                ? List.of("its process ended with code " + process.exitValue()
                                                        + " and said nothing")
                                                : said)
                                .remedy("the whole log is " + folder.log()))
                        .failure();
        };
    }

    private static List<String> lastLines(Path log) {
        try (var lines = Files.lines(log)) {
            var all = lines.toList();
            return all.subList(Math.max(0, all.size() - LAST_LINES), all.size());
        } catch (IOException unreadable) {
            return List.of("its log cannot be read: " + unreadable.getMessage());
        }
    }

    private void tell(LocalState.Folder folder, LocalState state) {
        terminal().out().print("""
                API server   %s
                Gateway      %s     honours HTTPRoutes
                Prometheus   %s     also /shares
                Controller   %s     /readyz, /journal/NAMESPACE/NAME

                To use it:
                  %s
                  kubectl get rollouts -A
                  sluice list -A
                To end it:
                  sluice local down%s
                """.formatted(
                state.api(), state.gateway(), state.metrics(), state.health(), folder.export(), options.again()));
        terminal().out().flush();
    }
}
