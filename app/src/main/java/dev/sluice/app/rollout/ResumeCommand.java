package dev.sluice.app.rollout;

import dev.sluice.app.Words;
import dev.sluice.cluster.Request;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.UserAct;
import java.util.List;
import picocli.CommandLine.Command;

/// `sluice resume`.
@Command(name = "resume", description = "End a pause by hand; skips nothing.")
public final class ResumeCommand extends ActCommand {
    @Override
    UserAct act() {
        return UserAct.RESUME;
    }

    @Override
    List<Request.Patch> writes(Rollout rollout) {
        return Writes.resume(rollout);
    }

    @Override
    String done(Rollout rollout) {
        return Words.kind(rollout) + " '" + rollout.name() + "' resumed";
    }
}
