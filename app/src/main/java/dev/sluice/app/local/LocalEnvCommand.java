package dev.sluice.app.local;

import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `eval "$(sluice local env)"`: the kubeconfig of the local cluster, for this shell.
@Command(name = "env", description = "Print what makes a shell use the local cluster: eval \"$(sluice local env)\".")
public final class LocalEnvCommand extends SluiceCommand {
    @Mixin
    StateOption options = new StateOption();

    @Override
    protected Exit run() {
        var folder = options.folder(terminal());
        if (folder.read().filter(state -> state.process().isPresent()).isEmpty()) {
            terminal().err().println("No local cluster runs. sluice local up starts one.");
            return Exit.NOT_FOUND;
        }
        terminal().out().println(folder.export());
        return Exit.DONE;
    }
}
