package dev.sluice.rollout;

import dev.sluice.rollout.Decision.Event;
import dev.sluice.rollout.RolloutStatus.Destination;
import dev.sluice.rollout.RolloutStatus.Weights;
import java.util.Optional;

/// The weight that the router gives a canary. More of it only onto pods that are there, less of it only where the
/// stable
/// side can take what is given up.
final class CanaryRoutes {
    private final CanaryState state;
    private final CanaryPods pods;
    private final Pass pass;
    private final Observation seen;
    private final StatusDraft status;
    private final Strategy.Canary canary;
    private final int replicas;

    CanaryRoutes(CanaryState state, CanaryPods pods) {
        this.state = state;
        this.pods = pods;
        this.pass = state.pass;
        this.seen = state.seen;
        this.status = state.pass.status;
        this.canary = state.canary;
        this.replicas = state.replicas;
    }

    private record Asked(int weight, Because because) {}

    void route() {
        var routes = seen.routes();
        if (routes.isEmpty()) return;
        int max = canary.maxWeight();
        var gone = state.canaryGone().filter(_ -> state.stableServes());
        var asked = gone.map(why -> new Asked(0, why)).orElseGet(this::wantedRoute);
        // What is lost needs no capacity to be better off elsewhere.
        if (gone.isEmpty() && asked.weight() < state.routed() && !stableCanTake(asked.weight())) return;
        // A run is judged after the routes, and what that leads to is on record last of all; until then nothing may be
        // sent to what is about to be aborted.
        if (asked.weight() > state.routed() && AnalysisRuns.failed(pass).isPresent()) {
            pass.await(Because.of("AnalysisFailed", "%s has failed and gets no more weight", seen.podHash()));
            return;
        }
        if (asked.weight() > 0 && !canaryServiceServesNewest()) {
            pass.await(Because.of("CanaryServiceFirst", "the canary service does not select %s yet", seen.podHash()));
            return;
        }
        if (routes.get().canary() != asked.weight() || routes.get().stable() != max - asked.weight()) {
            pass.act(new Action.SetTraffic(asked.weight(), max - asked.weight()), asked.because());
        }
        record(asked.weight(), routes.get());
    }

    /// Whether the stable side can take what the canary gives up. Moving weight onto pods that are not there would lose
    /// requests; but an abort does not wait for the last of them, and nothing waits for a canary without pods.
    private boolean stableCanTake(int weight) {
        if (seen.stableLost()) return state.stableServes();
        int canaryHas = state.canaryServed().map(ReplicaSet::available).orElse(0);
        int stableHas = seen.stable().map(ReplicaSet::available).orElse(0);
        if (canaryHas == 0 && stableHas > 0) return true;
        int one = Math.min(1, replicas);
        int needed = status.abort && !canary.dynamicStableScale()
                ? one
                : Math.max(one, (int) ((long) (canary.maxWeight() - weight) * replicas / canary.maxWeight()));
        if (stableHas < needed) {
            pass.await(Because.of(
                    "StableCapacity",
                    "the router keeps %d on the canary: the stable revision has %d of the %d available pods needed",
                    state.routed(),
                    stableHas,
                    needed));
            return false;
        }
        boolean selected = canary.stableService()
                .map(name -> Optional.ofNullable(seen.services().get(name))
                        .flatMap(Observation.ServiceSeen::hash)
                        .filter(status.stableRS::equals)
                        .isPresent())
                .orElse(true);
        if (!selected)
            pass.await(Because.of("StableServiceFirst", "the stable service does not select %s yet", status.stableRS));
        return selected;
    }

    private boolean canaryServiceServesNewest() {
        return canary.canaryService()
                .map(name -> Optional.ofNullable(seen.services().get(name))
                        .flatMap(Observation.ServiceSeen::hash)
                        .filter(seen.podHash()::equals)
                        .isPresent())
                .orElse(true);
    }

    private void record(int weight, Observation.Routes routes) {
        int max = canary.maxWeight();
        boolean served = routes.canary() == weight && routes.stable() == max - weight;
        var canaryHash = seen.fullyPromoted() || status.abort && weight == 0 ? status.stableRS : seen.podHash();
        var recorded = new Weights(
                new Destination(weight, canary.canaryService().orElse(""), canaryHash),
                new Destination(max - weight, canary.stableService().orElse(""), status.stableRS),
                served ? routes.served() : routes.served().map(_ -> false));
        int before = status.weights.map(w -> w.canary().weight()).orElse(-1);
        status.weights = Optional.of(recorded);
        if (before != weight) {
            pass.tell(Event.normal(
                    "TrafficWeightUpdated",
                    before < 0
                            ? "Traffic weight updated to " + weight
                            : "Traffic weight updated from %d to %d".formatted(before, weight)));
        }
    }

    private Asked wantedRoute() {
        int max = canary.maxWeight();
        if (state.rollingBackDynamically()) {
            return new Asked(retreatWeight(), Because.of("RollingBack", "traffic follows the stable pods back"));
        }
        if (seen.fullyPromoted()) return new Asked(0, Because.of("Promoted", "the newest revision is the stable one"));
        if (status.abort) {
            return new Asked(
                    canary.dynamicStableScale() ? retreatWeight() : 0,
                    Because.of("Aborted", "the update is aborted: all traffic goes back to %s", status.stableRS));
        }
        if (state.predecessorServes()) {
            return new Asked(0, Because.of("NewCanary", "%s begins with no weight", seen.podHash()));
        }
        var newest = seen.newest().filter(rs -> rs.kept() > 0);
        if (newest.isEmpty()) {
            return new Asked(0, Because.of("NoCanaryPods", "the canary has no available pod"));
        }
        if (status.promoteFull) {
            int weight = canary.dynamicStableScale()
                    ? (int) ((long) max * newest.get().available() / Math.max(1, replicas))
                    : status.weights.map(w -> w.canary().weight()).orElse(0);
            return new Asked(Math.min(max, weight), Because.of("PromoteFull", "full promotion was asked for"));
        }
        if (canary.steps().isEmpty())
            return new Asked(0, Because.of("NoSteps", "a canary without steps has no weight"));
        if (state.pastSteps()) {
            return pods.countsReached()
                    ? new Asked(
                            max,
                            Because.of(
                                    "StepsDone",
                                    "all %d steps are done",
                                    canary.steps().size()))
                    : new Asked(
                            state.weightUpTo(state.index() - 1),
                            Because.of("CapacityFirst", "pods for all the traffic first"));
        }
        return pods.countsReached() || pods.goesDown() || pods.carriesAlready()
                ? new Asked(
                        state.weightUpTo(state.index()),
                        Because.of(
                                "StepReached",
                                "step %d of %d: %s",
                                state.index() + 1,
                                canary.steps().size(),
                                stepText()))
                : new Asked(
                        keptWeight(),
                        Because.of(
                                "CapacityFirst", "step %d keeps the weight until its pods are up", state.index() + 1));
    }

    /// The weight of the step before; but one that was skipped, and asks for more than this one, is not made up for.
    private int keptWeight() {
        return Math.min(state.weightUpTo(state.index() - 1), Math.max(state.routed(), state.weightUpTo(state.index())));
    }

    private String stepText() {
        return state.step().map(Step::text).orElse("done");
    }

    /// The weight on the way back with a dynamically scaled stable side: never more than its pods can take.
    private int retreatWeight() {
        int max = canary.maxWeight();
        if (!canary.dynamicStableScale()
                || seen.newest().isEmpty()
                || seen.stable().isEmpty()) return 0;
        int stableAvailable = seen.stable().get().available();
        int down = pods.dynamicAbortWeight();
        int uncovered = Math.max(0, max - (replicas == 0 ? max : (int) ((long) max * stableAvailable / replicas)));
        var recorded = status.weights.map(w -> w.canary().weight());
        if (recorded.isEmpty()) return Math.max(uncovered, down);
        if (down <= 0) return Math.min(uncovered, recorded.get());
        if ((replicas == 0 ? max : (int) ((long) max * stableAvailable / replicas)) < max - down) return recorded.get();
        return Math.min(down, recorded.get());
    }

    /// All traffic goes back at an abort, and from a canary Service or ReplicaSet that is gone, where how many pods
    /// there
    /// shall be may not be known.
    void retreat() {
        if (!canary.routed() || state.routed() == 0) return;
        var gone = state.canaryGone();
        // A stable side that follows the weight can take all of it only with pods that nobody may ask for now.
        boolean aborted = status.abort && !canary.dynamicStableScale() && !seen.stableLost();
        if (gone.isEmpty() && !aborted || !state.stableServes()) return;
        pass.act(
                new Action.SetTraffic(0, canary.maxWeight()),
                gone.orElseGet(() ->
                        Because.of("Aborted", "the update is aborted: all traffic goes back to %s", status.stableRS)));
        record(0, seen.routes().orElseThrow());
    }
}
