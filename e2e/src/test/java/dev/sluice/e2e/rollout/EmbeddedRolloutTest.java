package dev.sluice.e2e.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.e2e.rights.Guard;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// The contract on the embedded cluster.
@Execution(ExecutionMode.CONCURRENT)
class EmbeddedRolloutTest extends OnEmbedded implements RolloutContract {
    /// Rights that no scenario needs, and why the controller has them.
    private static final Map<String, String> RARE = Map.ofEntries(
            Map.entry(
                    "update rollouts.argoproj.io/finalizers",
                    "asked for by an admission plugin that clusters may have"),
            Map.entry("update analysisruns.argoproj.io/finalizers", "as for Rollouts"),
            Map.entry("update deploymentcanaries.sluice.dev/finalizers", "as for Rollouts"),
            Map.entry("get rollouts.argoproj.io", "where a Rollout is gone and has left Services behind"),
            Map.entry("patch rollouts.argoproj.io", "annotations of a Rollout"),
            Map.entry("patch deploymentcanaries.sluice.dev", "as for Rollouts"),
            Map.entry("get analysisruns.argoproj.io", "where the answer to a creation was lost"),
            Map.entry("delete analysisruns.argoproj.io", "beyond the history limits"),
            Map.entry("get replicasets.apps", "where the answer to a creation was lost"),
            Map.entry("delete replicasets.apps", "beyond revisionHistoryLimit"),
            Map.entry("list jobs.batch", "where there are more measurements than are kept"),
            Map.entry("delete jobs.batch", "where an analysis is ended before its Job"),
            Map.entry("get deployments.apps", "until there are copies of those that templates come from"),
            Map.entry("get podtemplates", "as for Deployments"),
            Map.entry("get secrets", "where a template names one"));

    /// Asked for to learn whether it may be used; refused to who looks after one namespace.
    private static final String ASKED = "list clusteranalysistemplates.argoproj.io";

    private static final AtomicInteger SCENARIOS = new AtomicInteger();

    @BeforeEach
    void count() {
        SCENARIOS.incrementAndGet();
    }

    @AfterAll
    static void holdTheRoleToItsUse() {
        var beyond = Guard.beyond(Scene.USED, Scene.RIGHTS);
        beyond.remove(ASKED);
        assertThat(beyond).as("asked for, and not in the role").isEmpty();
        // One scenario alone needs fewer rights than all of them.
        long all = Arrays.stream(RolloutContract.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .count();
        if (SCENARIOS.get() < all) return;
        var idle = new TreeSet<>(Scene.RIGHTS.all());
        idle.removeAll(Scene.USED);
        idle.removeAll(RARE.keySet());
        assertThat(idle)
                .as("in the role, and used by nothing of %s", Scene.USED)
                .isEmpty();
    }
}
