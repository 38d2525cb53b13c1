package dev.sluice.app.rollout;

import dev.sluice.app.Api;
import dev.sluice.app.Clusters;
import dev.sluice.app.Exit;
import dev.sluice.app.SluiceCommand;
import dev.sluice.app.Words;
import dev.sluice.rollout.Rollout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/// A command about one Rollout: `sluice VERB web`, `sluice VERB rollout web`, `sluice VERB rollout/web`.
abstract class RolloutCommand extends SluiceCommand {
    @Parameters(paramLabel = "ROLLOUT", description = "Its name, or rollout/NAME; dc/NAME for a DeploymentCanary.")
    List<String> words = new ArrayList<>();

    @Override
    protected final Exit run() throws Exception {
        var target = Words.target(words);
        if (!pairs() && target.kind() != Rollout.Kind.ROLLOUT) Words.rollout(words);
        check();
        try (var session = connect()) {
            return run(session, new Api(session.gateway(), target.kind()), session.namespace(), target.name());
        }
    }

    /// Whether it can be about a DeploymentCanary.
    boolean pairs() {
        return true;
    }

    /// Looks at the options, before anything is asked of a cluster.
    ///
    /// @throws dev.sluice.app.Complaint.Failure for one that is wrong
    void check() {}

    protected Instant now() {
        return root().world().clock().instant();
    }

    abstract Exit run(Clusters.Session session, Api api, String namespace, String name) throws Exception;
}
