package dev.sluice.app.rollout;

import dev.sluice.app.Words;
import dev.sluice.cluster.Request;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.UserAct;
import java.util.List;
import picocli.CommandLine.Command;

/// `sluice pause`.
@Command(name = "pause", description = "Hold a rollout where it is.")
public final class PauseCommand extends ActCommand {
    @Override
    UserAct act() {
        return UserAct.PAUSE;
    }

    @Override
    List<Request.Patch> writes(Rollout rollout) {
        return Writes.pause(rollout);
    }

    @Override
    String done(Rollout rollout) {
        return Words.kind(rollout) + " '" + rollout.name() + "' paused";
    }
}
