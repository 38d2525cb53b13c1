package dev.sluice.app.rollout;

import dev.sluice.app.Words;
import dev.sluice.cluster.Request;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.UserAct;
import java.util.List;
import picocli.CommandLine.Command;

/// `sluice abort`.
@Command(name = "abort", description = "Back to the stable revision now; the spec stays as it is.")
public final class AbortCommand extends ActCommand {
    @Override
    UserAct act() {
        return UserAct.ABORT;
    }

    @Override
    List<Request.Patch> writes(Rollout rollout) {
        return Writes.abort(rollout);
    }

    @Override
    String done(Rollout rollout) {
        return Words.kind(rollout) + " '" + rollout.name() + "' aborted";
    }
}
