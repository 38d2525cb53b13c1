package dev.sluice.app.rollout;

import dev.sluice.app.Words;
import dev.sluice.cluster.Request;
import dev.sluice.rollout.Rollout;
import dev.sluice.rollout.UserAct;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `sluice restart`.
@Command(name = "restart", description = "Replace the pods, as many at once as may be unavailable.")
public final class RestartCommand extends ActCommand {
    @Option(
            names = {"-i", "--in"},
            paramLabel = "TIME",
            description = "Begin after this time, such as 10s.")
    @Nullable
    String in;

    @Override
    boolean pairs() {
        return false;
    }

    @Override
    void check() {
        super.check();
        delay();
    }

    private Duration delay() {
        return Words.duration("--in", in, Duration.ZERO);
    }

    @Override
    UserAct act() {
        return UserAct.RESTART;
    }

    @Override
    List<Request.Patch> writes(Rollout rollout) {
        return Writes.restart(rollout, now().plus(delay()));
    }

    @Override
    String done(Rollout rollout) {
        return "rollout '" + rollout.name() + "' restarts in " + dev.sluice.format.HumanDuration.text(delay());
    }
}
