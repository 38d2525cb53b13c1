package dev.sluice.app.local;

import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Terminal;
import dev.sluice.app.VersionCommand;
import dev.sluice.app.controller.LogOptions;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// The process of a local cluster. `local up` starts it in the background; `local up --foreground` is it.
@Command(name = "run", hidden = true, description = "Run the local cluster in this process.")
public final class LocalRunCommand extends SluiceCommand {
    /// What it says on stdout when it can be used; `local up` waits for this line and for nothing else.
    static final String READY = "ready";

    @Mixin
    LocalOptions options = new LocalOptions();

    @Mixin
    LogOptions log = new LogOptions();

    @Override
    protected Exit run() throws Exception {
        log.apply();
        serve(terminal(), options, this::sayReady);
        return Exit.DONE;
    }

    private void sayReady() {
        terminal().out().println(READY);
        // Ctrl-C ends `local up` and this; where it came too early for that, nobody reads any more.
        if (terminal().out().checkError()) {
            throw Complaint.of(
                            Exit.INTERRUPTED,
                            "SLU-C107",
                            "whoever started the local cluster has ended before it was ready")
                    .remedy("sluice local up     starts it again")
                    .failure();
        }
    }

    /// Runs until the process is told to end, and leaves nothing behind.
    static void serve(Terminal terminal, LocalOptions wanted, Runnable ready) throws IOException, InterruptedException {
        var folder = wanted.folder(terminal);
        var node = LocalNode.start(wanted.seed, wanted.ports());
        var ended = new AtomicBoolean();
        Runnable end = () -> {
            if (ended.getAndSet(true)) return;
            node.close();
            try {
                folder.clear();
            } catch (IOException left) {
                terminal.err().println("could not remove " + folder.path() + ": " + left.getMessage());
            }
        };
        Runtime.getRuntime().addShutdownHook(new Thread(end, "sluice-end"));
        try {
            folder.write(node.state(VersionCommand.version()), node.kubeconfig());
            ready.run();
            new CountDownLatch(1).await();
        } catch (IOException cannotWrite) {
            throw folder.unusable(cannotWrite);
        } finally {
            end.run();
        }
    }
}
