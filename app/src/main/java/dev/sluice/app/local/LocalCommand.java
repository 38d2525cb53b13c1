package dev.sluice.app.local;

import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Words;
import picocli.CommandLine.Command;

/// `sluice local`: a cluster on this machine.
@Command(
        name = "local",
        description = "Run a cluster on this machine, with the controller inside: up, status, env, down.",
        subcommands = {
            LocalUpCommand.class,
            LocalStatusCommand.class,
            LocalEnvCommand.class,
            LocalDownCommand.class,
            LocalRunCommand.class
        })
public final class LocalCommand extends SluiceCommand {
    @Override
    protected Exit run() {
        throw Words.usage("what to do is missing", "sluice local up | status | env | down")
                .failure();
    }
}
