package dev.sluice.app.rollout;

import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Words;
import picocli.CommandLine.Command;

/// `sluice set`: changes of the spec.
@Command(name = "set", description = "Change the spec of a rollout.", subcommands = SetImageCommand.class)
public final class SetCommand extends SluiceCommand {
    @Override
    protected Exit run() {
        throw Words.usage("what shall be set is missing", "sluice set image ROLLOUT CONTAINER=IMAGE")
                .failure();
    }
}
