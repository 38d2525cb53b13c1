package dev.sluice.rollout;

import dev.sluice.strategy.BasicCanary;
import dev.sluice.strategy.RoutedCanary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which pods of a canary a restart may take: each set that the same traffic depends on keeps what it needs.
///
/// @see "docs/adr/0014"
final class CanaryRestart {
    private final CanaryState state;
    private final CanaryPods pods;
    private final Pass pass;
    private final Observation seen;
    private final StatusDraft status;
    private final Strategy.Canary canary;
    private final int replicas;

    private CanaryRestart(CanaryState state, CanaryPods pods) {
        this.state = state;
        this.pods = pods;
        this.pass = state.pass;
        this.seen = state.seen;
        this.status = state.pass.status;
        this.canary = state.canary;
        this.replicas = state.replicas;
    }

    /// What a restart means for this pass.
    static Restart.Plan plan(CanaryState state) {
        var of = new CanaryRestart(state, new CanaryPods(state, Restart.Plan.NONE));
        return Restart.plan(state.pass, state.unavailable(), of::serving);
    }

    /// The pods that traffic depends on: without a router all of them together, behind one each side by its weight.
    private List<Restart.Group> serving() {
        return canary.routed() ? weighted() : List.of(together());
    }

    private Restart.Group together() {
        boolean mayGrow = state.limits().surge() > 0;
        // Who has one pod, and allows none above it, has agreed to be without.
        int least = Math.min(replicas, mayGrow || replicas > 1 ? 1 : 0);
        var wanted = pods.sizes();
        int others = seen.others().stream().mapToInt(ReplicaSet::replicas).sum();
        // The stable side, for a canary that grows would be ahead of its step.
        var grows = seen.wayBack().or(seen::newest).filter(_ -> mayGrow && !pass.halted() && rests());
        return new Restart.Group(
                seen.replicaSets(),
                Math.max(least, replicas - state.unavailable()),
                wanted.canary() + wanted.stable() + others,
                grows);
    }

    /// Whether the sizes are those that the weight asks for, but for a pod that a restart has added. On the way there
    /// its surplus gives way: an eviction that a budget refuses for ever must not keep an update from going on.
    private boolean rests() {
        if (seen.newest().isEmpty() || seen.wayBack().isEmpty()) return true;
        var ideal = BasicCanary.ideal(
                replicas,
                state.askedWeight(),
                canary.maxWeight(),
                state.limits().surge());
        return seen.newest().get().replicas() == ideal.canary()
                && seen.wayBack().get().replicas() >= ideal.stable();
    }

    private List<Restart.Group> weighted() {
        var wanted = pods.sizes();
        var groups = new ArrayList<Restart.Group>();
        for (var set : seen.replicaSets()) {
            boolean newest = set.hash().equals(seen.podHash());
            boolean stable = !newest && set.hash().equals(status.stableRS);
            int asked = newest ? wanted.canary() : stable ? wanted.stable() : set.replicas();
            int needed = serves(set);
            // A scale of nothing leaves the one pod that the router still sends to.
            int size = Math.max(asked, Math.min(1, needed));
            int serves = Math.min(size, needed);
            if (serves == 0) continue;
            boolean mayGrow =
                    state.settled() && !pass.halted() && (stable || newest && !(status.abort && !state.whole()));
            groups.add(new Restart.Group(
                    List.of(set),
                    Math.max(1, serves - state.unavailable()),
                    size,
                    Optional.of(set).filter(_ -> mayGrow)));
        }
        return groups;
    }

    /// Pods that carry what the router sends to a revision; all it has while the router has not confirmed its weights.
    private int serves(ReplicaSet set) {
        if (seen.routes().isEmpty() || !state.settled())
            return pass.referenced().contains(set.hash()) ? set.replicas() : 0;
        int weight = 0;
        if (set.hash().equals(state.selected(canary.canaryService(), seen.podHash()))) weight += state.routed();
        if (set.hash().equals(state.selected(canary.stableService(), status.stableRS))) {
            weight += canary.maxWeight() - state.routed();
        }
        return RoutedCanary.carrying(weight, canary.maxWeight(), replicas);
    }
}
