package dev.sluice.app.rollout;

import dev.sluice.app.Words;
import dev.sluice.cluster.Request;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.UserAct;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `sluice promote`.
@Command(name = "promote", description = "Go on to the next step, or with --full to 100 %% at once.")
public final class PromoteCommand extends ActCommand {
    @Option(names = "--full", description = "Skip all steps, pauses and checks that are left.")
    boolean full;

    @Override
    UserAct act() {
        return full ? UserAct.FINISH : UserAct.PROMOTE;
    }

    @Override
    List<Request.Patch> writes(Rollout rollout) {
        return full ? Writes.finish(rollout) : Writes.promote(rollout);
    }

    @Override
    String done(Rollout rollout) {
        return Words.kind(rollout) + " '" + rollout.name() + (full ? "' fully promoted" : "' promoted");
    }
}
