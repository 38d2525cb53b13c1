package dev.sluice.app.local;

import dev.sluice.app.Complaint;
import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `sluice local down`: ends the local cluster with everything in it. Ends only the process that was written down, and
/// only while it is that process.
@Command(name = "down", description = "End the local cluster with everything in it.")
public final class LocalDownCommand extends SluiceCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Mixin
    StateOption options = new StateOption();

    @Override
    protected Exit run() throws IOException, InterruptedException {
        var folder = options.folder(terminal());
        var state = folder.read();
        var process = state.flatMap(LocalState::process);
        if (process.isEmpty()) {
            folder.clear();
            terminal().out().println("no local cluster runs");
            forget(folder);
            return Exit.DONE;
        }
        var running = process.get();
        running.destroy();
        if (!ended(running, PATIENCE)) {
            terminal().err().println("process " + running.pid() + " does not end by itself; ending it by force");
            running.destroyForcibly();
            if (!ended(running, Duration.ofSeconds(5))) {
                throw Complaint.of(Exit.FAILED, "SLU-C106", "process " + running.pid() + " does not end")
                        .remedy("end it yourself: kill -9 " + running.pid())
                        .failure();
            }
        }
        folder.clear();
        terminal().out().println("the local cluster has ended");
        forget(folder);
        return Exit.DONE;
    }

    private void forget(LocalState.Folder folder) {
        folder.forget(terminal().variable("KUBECONFIG"))
                .ifPresent(command ->
                        terminal().out().println("this shell's KUBECONFIG names what is gone now:\n  " + command));
    }

    private static boolean ended(ProcessHandle process, Duration patience) throws InterruptedException {
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
