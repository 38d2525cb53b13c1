package dev.sluice.app.rollout;

import dev.sluice.app.Words;
import dev.sluice.cluster.Request;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.UserAct;
import java.util.List;
import picocli.CommandLine.Command;

/// `sluice retry`.
@Command(name = "retry", description = "Run an aborted revision again.")
public final class RetryCommand extends ActCommand {
    @Override
    UserAct act() {
        return UserAct.RETRY;
    }

    @Override
    List<Request.Patch> writes(Rollout rollout) {
        return Writes.retry(rollout);
    }

    @Override
    String done(Rollout rollout) {
        return Words.kind(rollout) + " '" + rollout.name() + "' retried";
    }
}
