package dev.sluice.rollout;

import dev.sluice.strategy.BasicCanary;
import java.util.Optional;
import java.util.stream.Stream;

/// The two Services of a canary: which revision each of them selects.
final class CanaryServices {
    private final CanaryState state;
    private final Pass pass;
    private final Observation seen;
    private final StatusDraft status;
    private final Strategy.Canary canary;
    private final int replicas;

    CanaryServices(CanaryState state) {
        this.state = state;
        this.pass = state.pass;
        this.seen = state.seen;
        this.status = state.pass.status;
        this.canary = state.canary;
        this.replicas = state.replicas;
    }

    void point() {
        if (seen.stableLost()) {
            bothToNewest();
            return;
        }
        if (pass.rollout.spec().paused()) return;
        canary.stableService()
                .ifPresent(name -> seen.stable()
                        .ifPresent(stable -> pass.pointService(
                                name,
                                stable,
                                false,
                                Because.of("StableService", "%s is the stable revision", stable.name()))));
        canary.canaryService().ifPresent(this::pointCanary);
    }

    /// With the stable ReplicaSet gone whatever is sent to either Service must reach what there is; weights do
    /// not matter then, and steps, pauses and analyses go on judging as before. A Service that still reaches pods
    /// of another revision moves once the newest can carry everything.
    private void bothToNewest() {
        var newest = seen.newest().orElseThrow();
        Stream.concat(canary.stableService().stream(), canary.canaryService().stream())
                .filter(name -> newest.available() >= replicas
                        || seen.replicaSet(state.selected(Optional.of(name), ""))
                                .filter(set -> set.available() > 0)
                                .isEmpty())
                .forEach(name -> pass.pointService(name, newest, true, pass.takeover(newest)));
    }

    /// Whether a Service may reach all pods there are: without a router the share of the pods is the share of the
    /// traffic, once each side has no more of them than it is to have.
    boolean mayReachAll() {
        if (FormerServices.alone(seen)) return true;
        if (canary.routed()
                || !FormerServices.othersGone(seen)
                || AnalysisRuns.failed(pass).isPresent()) return false;
        int share = BasicCanary.ideal(
                        replicas,
                        state.askedWeight(),
                        canary.maxWeight(),
                        state.limits().surge())
                .canary();
        return seen.newest()
                .filter(newest -> Math.max(newest.replicas(), newest.current()) > share)
                .isEmpty();
    }

    private void pointCanary(String name) {
        if (status.abort) {
            // With a router the canary service keeps its pods until no weight is left on it.
            if (canary.routed() && !(state.routed() == 0 && state.settled())) return;
            seen.stable()
                    .ifPresent(stable -> pass.pointService(
                            name,
                            stable,
                            canary.routed(),
                            Because.of("AbortedService", "the update is aborted, %s serves", stable.name())));
            return;
        }
        if (state.rollingBackDynamically()) return;
        if (state.predecessorServes()) {
            pass.await(Because.of(
                    "WeightFirst", "the canary service moves on to %s once no weight is on it", seen.podHash()));
            return;
        }
        seen.newest()
                .ifPresent(newest -> pass.pointService(
                        name, newest, false, Because.of("CanaryService", "%s is the newest revision", newest.name())));
    }
}
