package dev.sluice.app.local;

import dev.sluice.app.Exit;
import dev.sluice.app.OutputOption;
import dev.sluice.app.SluiceCommand;
import dev.sluice.format.HumanDuration;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `sluice local status`: whether a local cluster runs, and where. Ends with 7 when none does.
@Command(name = "status", description = "Say whether the local cluster runs, and where.")
public final class LocalStatusCommand extends SluiceCommand {
    @Mixin
    StateOption options = new StateOption();

    @Mixin
    OutputOption output = new OutputOption();

    @Override
    protected Exit run() {
        var folder = options.folder(terminal());
        var state = folder.read().filter(s -> s.process().isPresent());
        if (state.isEmpty()) {
            terminal().err().println("No local cluster runs. sluice local up starts one.");
            return Exit.NOT_FOUND;
        }
        var running = state.get();
        var document = running.encode()
                .with("apiVersion", OutputOption.API)
                .with("kind", "LocalCluster")
                .with("kubeconfig", folder.kubeconfig().toString());
        if (output.structured(terminal(), document)) return Exit.DONE;
        var age = Duration.between(running.started(), root().world().clock().instant());
        terminal()
                .out()
                .printf(
                        "running for %s, process %d, sluice %s%nAPI server %s, gateway %s, Prometheus %s%n%s%n",
                        HumanDuration.text(age),
                        running.pid(),
                        running.version(),
                        running.api(),
                        running.gateway(),
                        running.metrics(),
                        folder.export());
        return Exit.DONE;
    }
}
