package dev.sluice.rollout;

import dev.sluice.strategy.BasicCanary;
import dev.sluice.strategy.RoutedCanary;
import dev.sluice.strategy.Share;
import dev.sluice.strategy.Size;
import java.util.Optional;

/// How many pods each side of a canary is to have, and whether it has them. No side loses pods that the router still
/// sends to.
final class CanaryPods {
    private final CanaryState state;
    private final Restart.Plan restart;
    private final Pass pass;
    private final Observation seen;
    private final StatusDraft status;
    private final Strategy.Canary canary;
    private final int replicas;

    /// @param restart what a restart adds to the sizes, and takes from what is available
    CanaryPods(CanaryState state, Restart.Plan restart) {
        this.state = state;
        this.restart = restart;
        this.pass = state.pass;
        this.seen = state.seen;
        this.status = state.pass.status;
        this.canary = state.canary;
        this.replicas = state.replicas;
    }

    /// The largest earlier weight that fewer canary pods than now can carry. As many as `minPodsPerReplicaSet` leaves
    /// are not fewer: Argo, which does not count them, stays there for ever.
    int dynamicAbortWeight() {
        int max = canary.maxWeight();
        int expected = replicas - seen.stable().map(ReplicaSet::available).orElse(0);
        boolean delayed = canary.abortScaleDownDelay().filter(d -> !d.isZero()).isPresent();
        int have = delayed
                ? expected
                : Math.max(expected, seen.newest().map(ReplicaSet::available).orElse(0));
        for (int i = canary.steps().size() - 1; i >= 0; i--) {
            if (canary.steps().get(i) instanceof Step.SetWeight(var weight)
                    && RoutedCanary.podsFor(weight, max, replicas, canary.minPodsPerReplicaSet()) < have) return weight;
        }
        return 0;
    }

    /// Scales at most one of stable, canary and others.
    ///
    /// @return whether the number of pods of any changes
    boolean scale() {
        var wanted = sizes();
        if (scaleStable(wanted.stable())) return true;
        if (scaleNewest(wanted.canary())) return true;
        return scaleOthers();
    }

    /// The sizes to ask for now.
    Share sizes() {
        if (!canary.routed()) {
            return BasicCanary.next(
                    replicas,
                    state.askedWeight(),
                    canary.maxWeight(),
                    state.limits(),
                    seen.newest().map(CanaryPods::size),
                    seen.wayBack().map(CanaryPods::size),
                    seen.others().stream().mapToInt(ReplicaSet::replicas).sum());
        }
        int max = canary.maxWeight();
        int weight = status.abort && canary.dynamicStableScale() && !state.whole()
                ? dynamicAbortWeight()
                : state.askedWeight();
        int canaryPods = state.explicitScale()
                .map(scale -> switch (scale) {
                    case Step.Scale.ByReplicas(var pods) -> pods;
                    case Step.Scale.ByWeight(var share) ->
                        RoutedCanary.podsFor(share, max, replicas, canary.minPodsPerReplicaSet());
                    case Step.Scale.MatchTrafficWeight() ->
                        RoutedCanary.podsFor(weight, max, replicas, canary.minPodsPerReplicaSet());
                })
                .orElseGet(() -> RoutedCanary.podsFor(weight, max, replicas, canary.minPodsPerReplicaSet()));
        if (!canary.dynamicStableScale()) return new Share(canaryPods, replicas);
        int stableNow = pass.before.weights().map(w -> w.stable().weight()).orElse(max);
        int canaryNow = pass.before.weights().map(w -> w.canary().weight()).orElse(0);
        int stableNext = state.predecessorServes() ? max : max - weight;
        int stablePods = Math.max(
                RoutedCanary.carrying(stableNext, max, replicas), RoutedCanary.carrying(stableNow, max, replicas));
        if (status.abort) canaryPods = Math.max(canaryPods, RoutedCanary.carrying(canaryNow, max, replicas));
        return new Share(
                RoutedCanary.atLeast(canaryPods, canary.minPodsPerReplicaSet(), replicas),
                RoutedCanary.atLeast(stablePods, canary.minPodsPerReplicaSet(), replicas));
    }

    private static Size size(ReplicaSet rs) {
        return new Size(rs.replicas(), rs.available(), rs.pods().mixed());
    }

    private boolean scaleStable(int wanted) {
        if (seen.wayBack().isEmpty()) return false;
        var stable = seen.wayBack().get();
        int asked = FormerServices.kept(pass, stable, wanted + restart.extra(stable));
        int size = carried(stable, asked, canary.maxWeight() - state.routed());
        return pass.scale(
                stable,
                size,
                Optional.empty(),
                restart.extra(stable) > 0
                        ? oneMore(stable)
                        : Because.of(
                                "StableShare",
                                "stable pods beside a canary of weight %d: %d",
                                state.askedWeight(),
                                size));
    }

    private boolean scaleNewest(int wanted) {
        if (seen.newest().isEmpty()) return false;
        var newest = seen.newest().get();
        if (status.abort && canary.routed() && !state.whole()) return scaleAborted(newest, wanted);
        int asked = restart.extra(newest) > 0 ? Math.max(wanted, Math.min(1, state.routed())) + 1 : wanted;
        int size = seen.fullyPromoted()
                ? asked
                : FormerServices.kept(pass, newest, carried(newest, asked, state.routed()));
        return pass.scale(
                newest,
                size,
                Optional.empty(),
                restart.extra(newest) > 0
                        ? oneMore(newest)
                        : Because.of("CanaryShare", "pods for a weight of %d: %d", state.askedWeight(), size));
    }

    private static Because oneMore(ReplicaSet set) {
        return Because.of("RestartSurge", "%s has one pod more until its old ones are replaced", set.name());
    }

    /// After an abort behind a router: first the traffic goes, then a while later the pods.
    private boolean scaleAborted(ReplicaSet newest, int wanted) {
        var because = Because.of("AbortedScaleDown", "the update was aborted and nothing is sent to %s", newest.name());
        if (canary.dynamicStableScale() && canary.abortScaleDownDelay().isEmpty()) {
            return pass.scale(newest, carried(newest, wanted, state.routed()), Optional.empty(), because);
        }
        var delay = canary.abortScaleDownDelay().orElse(Pass.DEFAULT_SCALE_DOWN_DELAY);
        if (delay.isZero()) {
            return pass.scale(newest, carried(newest, wanted, state.routed()), Optional.empty(), because);
        }
        if (newest.replicas() == 0) return pass.scale(newest, 0, Optional.empty(), because);
        boolean stableWhole =
                seen.stable().filter(stable -> stable.available() >= replicas).isPresent();
        var due = newest.scaleDownDeadline();
        if (due.isEmpty()) {
            if (!stableWhole) {
                pass.await(Because.of("StableCapacity", "the canary stays up until the stable revision is whole"));
                return pass.scale(newest, newest.replicas(), Optional.empty(), because);
            }
            due = Optional.of(pass.in(delay));
        }
        pass.wakeAt(due.get());
        boolean drained = state.routed() == 0 && state.settled() && !FormerServices.selects(seen, newest);
        boolean over = !pass.now.isBefore(due.get());
        if (over && !drained)
            pass.await(Because.of("DrainFirst", "the router still sends %d to the canary", state.routed()));
        return over && drained
                ? pass.scale(newest, 0, Optional.empty(), because)
                : pass.scale(newest, newest.replicas(), due, because);
    }

    /// A size that never falls below what a side's present weight needs: neither by the routes as they are read, nor
    /// while the data plane has not confirmed them.
    private int carried(ReplicaSet side, int wanted, int weight) {
        if (!canary.routed() || wanted >= side.replicas() || seen.routes().isEmpty()) return wanted;
        boolean explicit = state.explicitScale().isPresent() && side.hash().equals(seen.podHash());
        int needed = !state.settled()
                ? side.replicas()
                : explicit ? Math.min(1, weight) : RoutedCanary.carrying(weight, canary.maxWeight(), replicas);
        if (needed > wanted) {
            pass.await(Because.of(
                    "TrafficFirst", "%s keeps %d pods while the router sends %d to it", side.name(), needed, weight));
        }
        return Math.max(wanted, Math.min(needed, side.replicas()));
    }

    private boolean scaleOthers() {
        return canary.routed() ? retireOthers() : drainOthers();
    }

    private boolean drainOthers() {
        var others = pass.othersNewestFirst();
        // Pods that are already on their way out still count as available until their ReplicaSet's status catches up.
        int available = seen.replicaSets().stream().mapToInt(ReplicaSet::kept).sum();
        var sizes = BasicCanary.drainOthers(
                others.stream().map(CanaryPods::size).toList(),
                available,
                replicas - state.limits().unavailable());
        boolean resized = false;
        for (int i = 0; i < others.size(); i++) {
            var other = others.get(i);
            if (other.replicas() == 0 || FormerServices.selects(seen, other)) continue;
            if (sizes.get(i) == other.replicas()) continue;
            resized |= pass.scale(
                    other,
                    sizes.get(i),
                    Optional.empty(),
                    Because.of("OldRevision", "%s is neither stable nor newest", other.name()));
        }
        return resized;
    }

    private boolean retireOthers() {
        var inUse = pass.referenced();
        boolean resized = false;
        int kept = 0;
        for (var other : pass.othersNewestFirst()) {
            if (other.replicas() == 0 || inUse.contains(other.hash())) continue;
            boolean replaced = seen.fullyPromoted() || other.scaleDownDeadline().isPresent();
            if (!state.settled()) {
                pass.await(Because.of("DrainFirst", "%s stays until the router serves what was asked", other.name()));
                continue;
            }
            if (replaced && !canary.dynamicStableScale()) {
                boolean stays = pass.retire(
                        other,
                        canary.scaleDownDelay().orElse(Pass.DEFAULT_SCALE_DOWN_DELAY),
                        canary.scaleDownDelayRevisionLimit(),
                        kept,
                        other.replicas(),
                        Because.of("ScaleDownDelay", "%s was replaced long enough ago", other.name()));
                if (stays) kept++;
                else resized = true;
            } else {
                resized |= pass.scale(
                        other,
                        0,
                        Optional.empty(),
                        Because.of("OldRevision", "%s is neither stable nor newest", other.name()));
            }
        }
        return resized;
    }

    /// Whether the step takes weight away and the pods for the rest are there: the others go after the weight that they
    /// carry, so it must not wait for them to be gone.
    boolean goesDown() {
        return state.weightUpTo(state.index()) < state.routed()
                && seen.newest()
                        .filter(newest -> newest.available() >= sizes().canary())
                        .isPresent();
    }

    /// Whether the weight of the step is served, and the canary has the pods for it: what is too many somewhere, or too
    /// few on the stable side, is no reason to take it back. Nor is the pod that a restart is replacing.
    boolean carriesAlready() {
        if (state.routed() == 0
                || state.routed() != state.weightUpTo(state.index())
                || seen.newest().isEmpty()) return false;
        int missing = restart.underWay() ? state.unavailable() : 0;
        return seen.newest().get().available() >= Math.max(1, sizes().canary() - missing);
    }

    /// Whether the pods that the current step asks for are there.
    boolean countsReached() {
        if (seen.newest().isEmpty()) return false;
        var newest = seen.newest().get();
        var wanted = sizes();
        // A scale of nothing leaves the one pod that the router still sends to, and the steps go on with it.
        int last = Math.min(Math.min(1, state.routed()), newest.replicas());
        int pods = state.explicitScale().isPresent() ? Math.max(wanted.canary(), last) : wanted.canary();
        // What a restart adds is no part of a step; it may be there, or not have come yet.
        int more = restart.extra(newest);
        if (newest.replicas() < pods || newest.replicas() > pods + more) return false;
        if (newest.available() < canary.enoughOf(pods) || newest.available() > pods + more) return false;
        if (seen.wayBack().isPresent() && !(canary.routed() && canary.dynamicStableScale())) {
            var stable = seen.wayBack().get();
            int most = wanted.stable() + restart.extra(stable);
            if (stable.replicas() < wanted.stable() || stable.replicas() > most) return false;
            if (stable.current() < wanted.stable() || stable.current() > most) return false;
        }
        // Where others still have pods, the size is what is possible beside them, not what the step asks for.
        return canary.routed()
                || seen.others().stream().allMatch(other -> other.available() == 0 && other.replicas() == 0);
    }

    Because awaited() {
        var wanted = sizes();
        var newest = seen.newest();
        return Because.of(
                "Capacity",
                "step %d wants %d canary and %d stable pods; canary has %d available of %d, stable %d of %d",
                state.index() + 1,
                wanted.canary(),
                wanted.stable(),
                newest.map(ReplicaSet::available).orElse(0),
                newest.map(ReplicaSet::replicas).orElse(0),
                seen.stable().map(ReplicaSet::available).orElse(0),
                seen.stable().map(ReplicaSet::replicas).orElse(0));
    }
}
