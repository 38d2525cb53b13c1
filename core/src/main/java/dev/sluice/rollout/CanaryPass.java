package dev.sluice.rollout;

import dev.sluice.analysis.AnalysisPhase;
import dev.sluice.rollout.Decision.Event;
import dev.sluice.rollout.RolloutStatus.BlueGreenStatus;
import dev.sluice.rollout.RolloutStatus.Destination;
import dev.sluice.rollout.RolloutStatus.PauseReason;
import dev.sluice.rollout.RolloutStatus.Weights;
import dev.sluice.strategy.BasicCanary;
import dev.sluice.strategy.Limits;
import dev.sluice.strategy.RoutedCanary;
import dev.sluice.strategy.Share;
import dev.sluice.strategy.Size;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// One pass over a canary.
///
/// ```
/// template or steps changed ─► start anew
/// services ─► routes ─► analyses ─► pods (stable, then canary, then others) ─► pause ─► step
/// ```
///
/// Pods before traffic, traffic before the next step; on the way back traffic leaves before pods do. A pass that
/// resizes anything ends there: what follows is decided on pods that exist, not on pods that were asked for.
///
/// @see "Argo Rollouts spec B6 to B16; where routes and pods meet, the stricter rule of `carried` is ours"
final class CanaryPass {
    private final Pass pass;
    private Observation seen;
    private final StatusDraft status;
    private final Strategy.Canary canary;
    private final int replicas;
    private Restart.Plan restart = Restart.Plan.NONE;

    private CanaryPass(Pass pass, Strategy.Canary canary) {
        this.pass = pass;
        this.seen = pass.seen;
        this.status = pass.status;
        this.canary = canary;
        this.replicas = pass.replicas;
        status.blueGreen = BlueGreenStatus.NONE;
    }

    static Decision decide(Pass pass, Strategy.Canary canary) {
        return new CanaryPass(pass, canary).decide();
    }

    /// The size of both sides alone, as `spec.replicas` was changed: nothing else may move in the same pass.
    static Decision resize(Pass pass, Strategy.Canary canary) {
        var resize = new CanaryPass(pass, canary);
        // Held, it would be asked for at each pass: an abort must not wait for that.
        if (pass.halted()) return resize.decide();
        pass.syncRevision();
        resize.scale();
        return StatusSync.conclude(pass);
    }

    /// The size of both sides as one part of a pass, in which nothing else moves.
    static void scale(Pass pass, Strategy.Canary canary) {
        if (!pass.halted()) new CanaryPass(pass, canary).scale();
    }

    /// The way back alone, of a spec that is invalid.
    static Decision retreat(Pass pass, Strategy.Canary canary) {
        return new CanaryPass(pass, canary).goBack();
    }

    /// The traffic alone goes back: at an abort, and from a canary Service or ReplicaSet that is gone. For a
    /// spec that is invalid, or whose ReplicaSet is not made yet: how many pods there shall be may not be known.
    static void retreatTraffic(Pass pass, Strategy.Canary canary) {
        var back = new CanaryPass(pass, canary);
        if (!canary.routed() || back.routed() == 0) return;
        var gone = back.canaryGone();
        // A stable side that follows the weight can take all of it only with pods that nobody may ask for now.
        boolean aborted = pass.status.abort && !canary.dynamicStableScale() && !pass.seen.stableLost();
        if (gone.isEmpty() && !aborted || !back.stableServes()) return;
        pass.act(
                new Action.SetTraffic(0, canary.maxWeight()),
                gone.orElseGet(() -> Because.of(
                        "Aborted", "the update is aborted: all traffic goes back to %s", pass.status.stableRS)));
        back.record(0, pass.seen.routes().orElseThrow());
    }

    /// Where everything that is sent to the canary is lost, as its Service does not exist.
    private Optional<Because> canaryServiceGone() {
        return canary.canaryService()
                .filter(name -> routed() > 0 && !seen.services().containsKey(name))
                .map(name -> Because.of(
                        "CanaryServiceGone",
                        "Service %s does not exist and the router sends %d to it: all traffic to the stable side",
                        name,
                        routed()));
    }

    /// The same where its Service exists and what it selects does not: somebody deleted the ReplicaSet.
    private Optional<Because> canaryGone() {
        return canaryServiceGone()
                .or(() -> selectedInVain()
                        .filter(_ -> routed() > 0)
                        .map(hash -> Because.of(
                                "CanaryReplicaSetGone",
                                "the canary service selects %s, which has no ReplicaSet, and the router sends %d to it:"
                                        + " all traffic to the stable side",
                                hash,
                                routed())));
    }

    /// The revision that the canary Service selects, where there is no ReplicaSet of it.
    private Optional<String> selectedInVain() {
        return canary.canaryService()
                .map(seen.services()::get)
                .flatMap(Observation.ServiceSeen::hash)
                .filter(hash -> seen.replicaSet(hash).isEmpty());
    }

    private boolean stableServes() {
        if (canary.stableService()
                .filter(name -> !seen.services().containsKey(name))
                .isPresent()) return false;
        return seen.replicaSet(selected(canary.stableService(), status.stableRS))
                .filter(set -> set.available() > 0)
                .isPresent();
    }

    private Decision decide() {
        if (changed()) return startAnew();
        pass.syncRevision();
        boolean back = goesBack();
        if (!back || !takesBack()) {
            restart = Restart.plan(pass, unavailable(), this::serving);
        }
        seen = seen.listed();
        pass.trimHistory();
        if (back) return goBack();
        FormerServices.release(pass, mayReachAll());
        services();
        if (canary.routed()) route();
        else status.weights = Optional.empty();
        if (new AnalysisRuns(pass).ofCanary(canary, step())) return conclude();
        if (!pass.halted() && scale()) return conclude();
        pause();
        return conclude();
    }

    private boolean goesBack() {
        return status.abort && !whole() && !pass.withinRollbackWindow();
    }

    /// Whether an abort has not taken everything back yet. Nothing is evicted meanwhile: the way back needs all the
    /// pods there are.
    private boolean takesBack() {
        return canary.routed()
                ? routed() > 0 || !settled()
                : seen.newest().filter(newest -> newest.replicas() > 0).isPresent();
    }

    /// Traffic and pods back to the stable side, and nothing besides: no step, no verdict and no command to promote has
    /// a place here.
    private Decision goBack() {
        FormerServices.release(pass, mayReachAll());
        services();
        if (canary.routed()) route();
        new AnalysisRuns(pass).ofCanary(canary, step());
        if (!pass.halted()) scale();
        status.currentStepIndex = firstStep();
        restart.carryOut(pass);
        return StatusSync.conclude(pass);
    }

    private Optional<Integer> firstStep() {
        return canary.steps().isEmpty() ? Optional.empty() : Optional.of(0);
    }

    // ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────

    private boolean changed() {
        boolean template = !status.currentPodHash.isEmpty() && !status.currentPodHash.equals(seen.podHash());
        return template || !status.currentStepHash.equals(canary.stepsHash());
    }

    private Decision startAnew() {
        status.currentStepHash = canary.stepsHash();
        status.clearPauses();
        status.abort = false;
        status.promoteFull = false;
        status.stepRun = Optional.empty();
        status.backgroundRun = Optional.empty();
        status.restartedAt = pass.rollout.spec().restartAt();
        status.currentStepIndex = firstStep();
        pass.syncRevision();
        if (!canary.steps().isEmpty()) {
            if (seen.fullyPromoted()) {
                skipSteps(
                        switch (pass.rollout.kind()) {
                            case ROLLOUT -> "Rollback to stable ReplicaSets";
                            case DEPLOYMENT_CANARY -> "There is one Deployment only, it has all pods";
                        });
            } else if (pass.withinRollbackWindow()
                    && seen.newest().filter(newest -> newest.replicas() > 0).isPresent()) {
                skipSteps("Rollback to active ReplicaSets within RollbackWindow");
            }
        }
        return StatusSync.conclude(pass);
    }

    private void skipSteps(String why) {
        status.currentStepIndex = pastLastStep();
        pass.tell(Event.normal("SkipSteps", why));
    }

    private Optional<Integer> pastLastStep() {
        return canary.steps().isEmpty()
                ? Optional.empty()
                : Optional.of(canary.steps().size());
    }

    /// The index as users may have set it, within the list.
    private int index() {
        return status.currentStepIndex
                .map(i -> Math.clamp(i, 0, canary.steps().size()))
                .orElse(canary.steps().size());
    }

    private Optional<Step> step() {
        return canary.step(index());
    }

    private boolean pastSteps() {
        return index() >= canary.steps().size();
    }

    /// Whether nothing is left to protect: the newest revision gets everything.
    private boolean whole() {
        return status.promoteFull || seen.wayBack().isEmpty();
    }

    /// The weight that the spec and the commands ask for now.
    private int askedWeight() {
        if (whole()) return canary.maxWeight();
        if (status.abort) return 0;
        if (pastSteps()) return canary.maxWeight();
        return weightUpTo(index());
    }

    private int weightUpTo(int index) {
        return canary.weightAt(index).orElse(0);
    }

    private Optional<Step.Scale> explicitScale() {
        boolean abortedWithDelay = status.abort
                && !canary.abortScaleDownDelay().filter(Duration::isZero).isPresent();
        if (abortedWithDelay || pastSteps() || whole()) return Optional.empty();
        for (int i = index(); i >= 0; i--) {
            if (canary.steps().get(i) instanceof Step.SetCanaryScale(var scale)) {
                return scale instanceof Step.Scale.MatchTrafficWeight ? Optional.empty() : Optional.of(scale);
            }
        }
        return Optional.empty();
    }

    // ── services ─────────────────────────────────────────────────────────────────────────────────────────────────

    private void services() {
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
                        || seen.replicaSet(selected(Optional.of(name), ""))
                                .filter(set -> set.available() > 0)
                                .isEmpty())
                .forEach(name -> pass.pointService(name, newest, true, pass.takeover(newest)));
    }

    /// Whether a Service may reach all pods there are: without a router the share of the pods is the share of the
    /// traffic, once each side has no more of them than it is to have.
    private boolean mayReachAll() {
        if (FormerServices.alone(seen)) return true;
        if (canary.routed()
                || !FormerServices.othersGone(seen)
                || AnalysisRuns.failed(pass).isPresent()) return false;
        int share = BasicCanary.ideal(replicas, askedWeight(), canary.maxWeight(), limits().surge())
                .canary();
        return seen.newest()
                .filter(newest -> Math.max(newest.replicas(), newest.current()) > share)
                .isEmpty();
    }

    private void pointCanary(String name) {
        if (status.abort) {
            // With a router the canary service keeps its pods until no weight is left on it.
            if (canary.routed() && !(routed() == 0 && settled())) return;
            seen.stable()
                    .ifPresent(stable -> pass.pointService(
                            name,
                            stable,
                            canary.routed(),
                            Because.of("AbortedService", "the update is aborted, %s serves", stable.name())));
            return;
        }
        if (rollingBackDynamically()) return;
        if (predecessorServes()) {
            pass.await(Because.of(
                    "WeightFirst", "the canary service moves on to %s once no weight is on it", seen.podHash()));
            return;
        }
        seen.newest()
                .ifPresent(newest -> pass.pointService(
                        name, newest, false, Because.of("CanaryService", "%s is the newest revision", newest.name())));
    }

    /// Whether the router still sends to a canary that is not the newest any more. Its weight is its own: the next one
    /// begins with none, so the Service moves on only when nothing is sent to it, and that is confirmed.
    private boolean predecessorServes() {
        return canary.routed()
                && !seen.fullyPromoted()
                && !status.abort
                && !(routed() == 0 && settled())
                && (selectedInVain().isPresent() && stableServes()
                        || canaryServed()
                                .filter(set ->
                                        set.available() > 0 && !set.hash().equals(seen.podHash()))
                                .isPresent());
    }

    /// What the canary Service selects.
    private Optional<ReplicaSet> canaryServed() {
        return seen.replicaSet(selected(canary.canaryService(), seen.podHash()));
    }

    /// Back at the stable template while a drained stable side is still too small for all the traffic.
    private boolean rollingBackDynamically() {
        return canary.dynamicStableScale()
                && seen.fullyPromoted()
                && status.weights
                        .filter(w -> !w.canary().podTemplateHash().equals(seen.podHash()))
                        .isPresent()
                && seen.newest().map(ReplicaSet::available).orElse(0) < replicas;
    }

    // ── routes ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// Weight of the canary as the router has it.
    private int routed() {
        return seen.routes().map(Observation.Routes::canary).orElse(0);
    }

    private boolean settled() {
        return seen.routes().map(Observation.Routes::settled).orElse(true);
    }

    private record Asked(int weight, Because because) {}

    private void route() {
        var routes = seen.routes();
        if (routes.isEmpty()) return;
        int max = canary.maxWeight();
        var gone = canaryGone().filter(_ -> stableServes());
        var asked = gone.map(why -> new Asked(0, why)).orElseGet(this::wantedRoute);
        // What is lost needs no capacity to be better off elsewhere.
        if (gone.isEmpty() && asked.weight() < routed() && !stableCanTake(asked.weight())) return;
        // A run is judged after the routes, and what that leads to is on record last of all; until then nothing may be
        // sent to what is about to be aborted.
        if (asked.weight() > routed() && AnalysisRuns.failed(pass).isPresent()) {
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
        if (seen.stableLost()) return stableServes();
        int canaryHas = canaryServed().map(ReplicaSet::available).orElse(0);
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
                    routed(),
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
        if (rollingBackDynamically()) {
            return new Asked(retreatWeight(), Because.of("RollingBack", "traffic follows the stable pods back"));
        }
        if (seen.fullyPromoted()) return new Asked(0, Because.of("Promoted", "the newest revision is the stable one"));
        if (status.abort) {
            return new Asked(
                    canary.dynamicStableScale() ? retreatWeight() : 0,
                    Because.of("Aborted", "the update is aborted: all traffic goes back to %s", status.stableRS));
        }
        if (predecessorServes()) {
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
        if (pastSteps()) {
            return countsReached()
                    ? new Asked(
                            max,
                            Because.of(
                                    "StepsDone",
                                    "all %d steps are done",
                                    canary.steps().size()))
                    : new Asked(weightUpTo(index() - 1), Because.of("CapacityFirst", "pods for all the traffic first"));
        }
        return countsReached() || goesDown() || carriesAlready()
                ? new Asked(
                        weightUpTo(index()),
                        Because.of(
                                "StepReached",
                                "step %d of %d: %s",
                                index() + 1,
                                canary.steps().size(),
                                stepText()))
                : new Asked(
                        keptWeight(),
                        Because.of("CapacityFirst", "step %d keeps the weight until its pods are up", index() + 1));
    }

    /// The weight of the step before; but one that was skipped, and asks for more than this one, is not made up for.
    private int keptWeight() {
        return Math.min(weightUpTo(index() - 1), Math.max(routed(), weightUpTo(index())));
    }

    private String stepText() {
        return step().map(Step::text).orElse("done");
    }

    /// The weight on the way back with a dynamically scaled stable side: never more than its pods can take.
    private int retreatWeight() {
        int max = canary.maxWeight();
        if (!canary.dynamicStableScale()
                || seen.newest().isEmpty()
                || seen.stable().isEmpty()) return 0;
        int stableAvailable = seen.stable().get().available();
        int down = dynamicAbortWeight();
        int uncovered = Math.max(0, max - (replicas == 0 ? max : (int) ((long) max * stableAvailable / replicas)));
        var recorded = status.weights.map(w -> w.canary().weight());
        if (recorded.isEmpty()) return Math.max(uncovered, down);
        if (down <= 0) return Math.min(uncovered, recorded.get());
        if ((replicas == 0 ? max : (int) ((long) max * stableAvailable / replicas)) < max - down) return recorded.get();
        return Math.min(down, recorded.get());
    }

    /// The largest earlier weight that fewer canary pods than now can carry. As many as `minPodsPerReplicaSet` leaves
    /// are not fewer: Argo, which does not count them, stays there for ever.
    private int dynamicAbortWeight() {
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

    // ── pods ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Scales at most one of stable, canary and others.
    ///
    /// @return whether the number of pods of any changes
    private boolean scale() {
        var wanted = sizes();
        if (scaleStable(wanted.stable())) return true;
        if (scaleNewest(wanted.canary())) return true;
        return scaleOthers();
    }

    /// The sizes to ask for now.
    private Share sizes() {
        if (!canary.routed()) {
            return BasicCanary.next(
                    replicas,
                    askedWeight(),
                    canary.maxWeight(),
                    limits(),
                    seen.newest().map(CanaryPass::size),
                    seen.wayBack().map(CanaryPass::size),
                    seen.others().stream().mapToInt(ReplicaSet::replicas).sum());
        }
        int max = canary.maxWeight();
        int weight = status.abort && canary.dynamicStableScale() && !whole() ? dynamicAbortWeight() : askedWeight();
        int canaryPods = explicitScale()
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
        int stableNext = predecessorServes() ? max : max - weight;
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

    private Limits limits() {
        return Limits.of(canary.maxSurge(), canary.maxUnavailable(), replicas);
    }

    private boolean scaleStable(int wanted) {
        if (seen.wayBack().isEmpty()) return false;
        var stable = seen.wayBack().get();
        int asked = FormerServices.kept(pass, stable, wanted + restart.extra(stable));
        int size = carried(stable, asked, canary.maxWeight() - routed());
        return pass.scale(
                stable,
                size,
                Optional.empty(),
                restart.extra(stable) > 0
                        ? oneMore(stable)
                        : Because.of(
                                "StableShare", "stable pods beside a canary of weight %d: %d", askedWeight(), size));
    }

    private boolean scaleNewest(int wanted) {
        if (seen.newest().isEmpty()) return false;
        var newest = seen.newest().get();
        if (status.abort && canary.routed() && !whole()) return scaleAborted(newest, wanted);
        int asked = restart.extra(newest) > 0 ? Math.max(wanted, Math.min(1, routed())) + 1 : wanted;
        int size = seen.fullyPromoted() ? asked : FormerServices.kept(pass, newest, carried(newest, asked, routed()));
        return pass.scale(
                newest,
                size,
                Optional.empty(),
                restart.extra(newest) > 0
                        ? oneMore(newest)
                        : Because.of("CanaryShare", "pods for a weight of %d: %d", askedWeight(), size));
    }

    private static Because oneMore(ReplicaSet set) {
        return Because.of("RestartSurge", "%s has one pod more until its old ones are replaced", set.name());
    }

    /// After an abort behind a router: first the traffic goes, then a while later the pods.
    private boolean scaleAborted(ReplicaSet newest, int wanted) {
        var because = Because.of("AbortedScaleDown", "the update was aborted and nothing is sent to %s", newest.name());
        if (canary.dynamicStableScale() && canary.abortScaleDownDelay().isEmpty()) {
            return pass.scale(newest, carried(newest, wanted, routed()), Optional.empty(), because);
        }
        var delay = canary.abortScaleDownDelay().orElse(Pass.DEFAULT_SCALE_DOWN_DELAY);
        if (delay.isZero()) {
            return pass.scale(newest, carried(newest, wanted, routed()), Optional.empty(), because);
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
        boolean drained = routed() == 0 && settled() && !FormerServices.selects(seen, newest);
        boolean over = !pass.now.isBefore(due.get());
        if (over && !drained) pass.await(Because.of("DrainFirst", "the router still sends %d to the canary", routed()));
        return over && drained
                ? pass.scale(newest, 0, Optional.empty(), because)
                : pass.scale(newest, newest.replicas(), due, because);
    }

    /// A size that never falls below what a side's present weight needs: neither by the routes as they are read, nor
    /// while the data plane has not confirmed them.
    private int carried(ReplicaSet side, int wanted, int weight) {
        if (!canary.routed() || wanted >= side.replicas() || seen.routes().isEmpty()) return wanted;
        boolean explicit = explicitScale().isPresent() && side.hash().equals(seen.podHash());
        int needed = !settled()
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
                others.stream().map(CanaryPass::size).toList(), available, replicas - limits().unavailable());
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
            if (!settled()) {
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
    private boolean goesDown() {
        return weightUpTo(index()) < routed()
                && seen.newest()
                        .filter(newest -> newest.available() >= sizes().canary())
                        .isPresent();
    }

    /// Whether the weight of the step is served, and the canary has the pods for it: what is too many somewhere, or too
    /// few on the stable side, is no reason to take it back. Nor is the pod that a restart is replacing.
    private boolean carriesAlready() {
        if (routed() == 0 || routed() != weightUpTo(index()) || seen.newest().isEmpty()) return false;
        int missing = restart.underWay() ? unavailable() : 0;
        return seen.newest().get().available() >= Math.max(1, sizes().canary() - missing);
    }

    /// Whether the pods that the current step asks for are there.
    private boolean countsReached() {
        if (seen.newest().isEmpty()) return false;
        var newest = seen.newest().get();
        var wanted = sizes();
        // A scale of nothing leaves the one pod that the router still sends to, and the steps go on with it.
        int last = Math.min(Math.min(1, routed()), newest.replicas());
        int pods = explicitScale().isPresent() ? Math.max(wanted.canary(), last) : wanted.canary();
        // What a restart adds is no part of a step; it may be there, or not have come yet.
        int more = restart.extra(newest);
        if (newest.replicas() < pods || newest.replicas() > pods + more) return false;
        if (newest.available() < pods || newest.available() > pods + more) return false;
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

    // ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────

    private boolean stepsApply() {
        return !status.abort && !status.promoteFull && !pastSteps();
    }

    private void pause() {
        if (!stepsApply() || !(step().orElse(null) instanceof Step.Pause(var duration))) return;
        if (seen.fullyPromoted() || pass.withinRollbackWindow()) return;
        var since = status.pauses.stream()
                .filter(pause -> pause.reason() == PauseReason.CANARY_STEP)
                .map(RolloutStatus.PauseCondition::since)
                .findFirst();
        if (since.isEmpty() && !status.controllerPause) {
            status.pause(PauseReason.CANARY_STEP, pass.now);
            since = Optional.of(pass.now);
        }
        if (since.isEmpty()) return;
        var start = since.get();
        if (duration.isPresent()) pass.wakeAt(start.plus(duration.get()));
        if (!pauseOver(duration)) {
            pass.await(Because.of(
                    "Paused",
                    duration.map(d -> "step %d pauses until %s".formatted(index() + 1, start.plus(d)))
                            .orElse("step %d pauses until it is promoted".formatted(index() + 1))));
        }
    }

    private boolean pauseOver(Optional<Duration> duration) {
        var since = status.pauses.stream()
                .filter(pause -> pause.reason() == PauseReason.CANARY_STEP)
                .map(RolloutStatus.PauseCondition::since)
                .findFirst();
        if (since.isEmpty()) return status.controllerPause;
        return duration.filter(d -> !pass.now.isBefore(since.get().plus(d))).isPresent();
    }

    private Decision conclude() {
        if (seen.fullyPromoted()) {
            status.promoteFull = false;
            status.abort = false;
        }
        boolean backInWindow = pass.withinRollbackWindow();
        if (status.promoteFull || backInWindow) {
            status.clearPauses();
            status.abort = false;
            status.currentStepIndex = pastLastStep();
        }
        var reason = promotionReason(backInWindow);
        if (reason.isPresent()) {
            pass.promote(reason.get(), pastLastStep());
        } else if (status.abort) {
            status.currentStepIndex = firstStep();
        } else {
            if (pastSteps()) awaitWhole();
            advance();
        }
        restart.carryOut(pass);
        return StatusSync.conclude(pass);
    }

    /// No step is left to wait for: what still keeps the newest revision from being the stable one.
    private void awaitWhole() {
        if (seen.newest().isPresent() && seen.newest().get().available() < replicas) {
            pass.awaitPods(seen.newest().get());
        } else if (!settled()) {
            pass.await(Because.of("RouterServes", "the router has not yet confirmed the weights that it was given"));
        } else if (canary.routed() && !seen.fullyPromoted() && routed() != canary.maxWeight()) {
            pass.await(Because.of("RouterServes", "the router shall serve a weight of %d", canary.maxWeight()));
        }
    }

    private Optional<String> promotionReason(boolean backInWindow) {
        if (status.stableRS.isEmpty()) return Optional.of("Initial deploy");
        if (status.abort) return Optional.empty();
        if (seen.newest().filter(newest -> newest.available() >= replicas).isEmpty()) return Optional.empty();
        // Where a router serves it, all the weight must have arrived before the old side loses its name.
        if (canary.routed() && !settled()) return Optional.empty();
        if (status.promoteFull) return Optional.of("Full promotion requested");
        if (backInWindow) return Optional.of("Rollback within window");
        if (seen.fullyPromoted()) return Optional.of("Fast rollback");
        if (!pastSteps()) return Optional.empty();
        boolean arrives = canary.routed() && !canary.steps().isEmpty() && replicas > 0;
        if (arrives && routed() != canary.maxWeight()) return Optional.empty();
        return Optional.of(
                "Completed all %d canary steps".formatted(canary.steps().size()));
    }

    private void advance() {
        if (pass.rollout.spec().paused() || pastSteps() || canary.steps().isEmpty()) return;
        var at = step().orElseThrow();
        if (!complete(at)) return;
        int done = index();
        status.resume(PauseReason.CANARY_STEP);
        status.controllerPause = !status.pauses.isEmpty();
        status.stepRun = Optional.empty();
        status.currentStepIndex = Optional.of(done + 1);
        pass.tell(Event.normal(
                "RolloutStepCompleted",
                "Rollout step %d/%d completed (%s)"
                        .formatted(done + 1, canary.steps().size(), at.text())));
        // The next step is decided on an observation of its own.
        pass.wakeAt(pass.now);
    }

    private boolean complete(Step step) {
        return switch (step) {
            case Step.Pause(var duration) -> pauseOver(duration);
            case Step.SetWeight(var weight) -> {
                if (!countsReached()) {
                    pass.await(podsAwaited());
                    yield false;
                }
                // Without pods nothing is to be served: the canary has no weight, and the steps go on.
                boolean served = !canary.routed() || replicas == 0 || routed() == weight && settled();
                if (!served) pass.await(Because.of("RouterServes", "the router shall serve a weight of %d", weight));
                yield served;
            }
            case Step.SetCanaryScale _ -> {
                boolean reached = countsReached();
                if (!reached) pass.await(podsAwaited());
                yield reached;
            }
            case Step.Analyse _ -> {
                boolean passed = status.stepRun
                        .filter(run -> run.phase() == AnalysisPhase.SUCCESSFUL)
                        .isPresent();
                if (!passed) {
                    pass.await(Because.of(
                            "Analysis",
                            "step %d waits for the verdict of %s",
                            index() + 1,
                            status.stepRun.map(RolloutStatus.RunStatus::name).orElse("its analysis")));
                }
                yield passed;
            }
            // Refused while the spec is decoded: nothing here can carry them out yet, and none is skipped silently.
            case Step.RunExperiment _, Step.SetHeaderRoute _, Step.SetMirrorRoute _, Step.RunPlugin _ -> {
                pass.await(Because.of("Unsupported", "this version cannot run the step %s", step.text()));
                yield false;
            }
        };
    }

    private Because podsAwaited() {
        var wanted = sizes();
        var newest = seen.newest();
        return Because.of(
                "Capacity",
                "step %d wants %d canary and %d stable pods; canary has %d available of %d, stable %d of %d",
                index() + 1,
                wanted.canary(),
                wanted.stable(),
                newest.map(ReplicaSet::available).orElse(0),
                newest.map(ReplicaSet::replicas).orElse(0),
                seen.stable().map(ReplicaSet::available).orElse(0),
                seen.stable().map(ReplicaSet::replicas).orElse(0));
    }

    // ── restart ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// Behind a router a side can always grow, so that none need be missing where the spec allows none.
    private int unavailable() {
        return canary.routed() ? Math.min(canary.maxUnavailable().floor(replicas), replicas) : limits().unavailable();
    }

    /// The pods that traffic depends on: without a router all of them together, behind one each side by its weight.
    private List<Restart.Group> serving() {
        return canary.routed() ? weighted() : List.of(together());
    }

    private Restart.Group together() {
        boolean mayGrow = limits().surge() > 0;
        // Who has one pod, and allows none above it, has agreed to be without.
        int least = Math.min(replicas, mayGrow || replicas > 1 ? 1 : 0);
        var wanted = sizes();
        int others = seen.others().stream().mapToInt(ReplicaSet::replicas).sum();
        // The stable side, for a canary that grows would be ahead of its step.
        var grows = seen.wayBack().or(seen::newest).filter(_ -> mayGrow && !pass.halted() && rests());
        return new Restart.Group(
                seen.replicaSets(),
                Math.max(least, replicas - unavailable()),
                wanted.canary() + wanted.stable() + others,
                grows);
    }

    /// Whether the sizes are those that the weight asks for, but for a pod that a restart has added. On the way there
    /// its surplus gives way: an eviction that a budget refuses for ever must not keep an update from going on.
    private boolean rests() {
        if (seen.newest().isEmpty() || seen.wayBack().isEmpty()) return true;
        var ideal = BasicCanary.ideal(replicas, askedWeight(), canary.maxWeight(), limits().surge());
        return seen.newest().get().replicas() == ideal.canary()
                && seen.wayBack().get().replicas() >= ideal.stable();
    }

    private List<Restart.Group> weighted() {
        var wanted = sizes();
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
            boolean mayGrow = settled() && !pass.halted() && (stable || newest && !(status.abort && !whole()));
            groups.add(new Restart.Group(
                    List.of(set),
                    Math.max(1, serves - unavailable()),
                    size,
                    Optional.of(set).filter(_ -> mayGrow)));
        }
        return groups;
    }

    /// Pods that carry what the router sends to a revision; all it has while the router has not confirmed its weights.
    private int serves(ReplicaSet set) {
        if (seen.routes().isEmpty() || !settled()) return pass.referenced().contains(set.hash()) ? set.replicas() : 0;
        int weight = 0;
        if (set.hash().equals(selected(canary.canaryService(), seen.podHash()))) weight += routed();
        if (set.hash().equals(selected(canary.stableService(), status.stableRS))) {
            weight += canary.maxWeight() - routed();
        }
        return RoutedCanary.carrying(weight, canary.maxWeight(), replicas);
    }

    /// The revision that a Service selects.
    private String selected(Optional<String> service, String otherwise) {
        return service.map(seen.services()::get)
                .flatMap(Observation.ServiceSeen::hash)
                .orElse(otherwise);
    }

    static List<String> unsupported(Strategy.Canary canary) {
        return canary.steps().stream()
                .filter(step -> step instanceof Step.RunExperiment
                        || step instanceof Step.SetHeaderRoute
                        || step instanceof Step.SetMirrorRoute
                        || step instanceof Step.RunPlugin)
                .map(Step::text)
                .toList();
    }
}
