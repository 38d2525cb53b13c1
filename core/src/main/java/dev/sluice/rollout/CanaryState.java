package dev.sluice.rollout;

import dev.sluice.strategy.Limits;
import java.time.Duration;
import java.util.Optional;

/// Where a canary stands: what the spec and the commands ask for by now, and what is seen of it. Questions only.
final class CanaryState {
    final Pass pass;
    final Observation seen;
    final Strategy.Canary canary;
    final int replicas;
    private final StatusDraft status;

    /// @param seen what to go by: of the pass, or with the pods as they were listed
    CanaryState(Pass pass, Strategy.Canary canary, Observation seen) {
        this.pass = pass;
        this.seen = seen;
        this.canary = canary;
        this.replicas = pass.replicas;
        this.status = pass.status;
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
    Optional<Because> canaryGone() {
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

    boolean stableServes() {
        if (canary.stableService()
                .filter(name -> !seen.services().containsKey(name))
                .isPresent()) return false;
        return seen.replicaSet(selected(canary.stableService(), status.stableRS))
                .filter(set -> set.available() > 0)
                .isPresent();
    }

    Optional<Integer> firstStep() {
        return canary.steps().isEmpty() ? Optional.empty() : Optional.of(0);
    }

    boolean changed() {
        boolean template = !status.currentPodHash.isEmpty() && !status.currentPodHash.equals(seen.podHash());
        return template || !status.currentStepHash.equals(canary.stepsHash());
    }

    Optional<Integer> pastLastStep() {
        return canary.steps().isEmpty()
                ? Optional.empty()
                : Optional.of(canary.steps().size());
    }

    /// The index as users may have set it, within the list.
    int index() {
        return status.currentStepIndex
                .map(i -> Math.clamp(i, 0, canary.steps().size()))
                .orElse(canary.steps().size());
    }

    Optional<Step> step() {
        return canary.step(index());
    }

    boolean pastSteps() {
        return index() >= canary.steps().size();
    }

    /// Whether nothing is left to protect: the newest revision gets everything.
    boolean whole() {
        return status.promoteFull || seen.wayBack().isEmpty();
    }

    /// The weight that the spec and the commands ask for now.
    int askedWeight() {
        if (whole()) return canary.maxWeight();
        if (status.abort) return 0;
        if (pastSteps()) return canary.maxWeight();
        return weightUpTo(index());
    }

    int weightUpTo(int index) {
        return canary.weightAt(index).orElse(0);
    }

    Optional<Step.Scale> explicitScale() {
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

    /// Whether the router still sends to a canary that is not the newest any more. Its weight is its own: the next one
    /// begins with none, so the Service moves on only when nothing is sent to it, and that is confirmed.
    boolean predecessorServes() {
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
    Optional<ReplicaSet> canaryServed() {
        return seen.replicaSet(selected(canary.canaryService(), seen.podHash()));
    }

    /// Back at the stable template while a drained stable side is still too small for all the traffic.
    boolean rollingBackDynamically() {
        return canary.dynamicStableScale()
                && seen.fullyPromoted()
                && status.weights
                        .filter(w -> !w.canary().podTemplateHash().equals(seen.podHash()))
                        .isPresent()
                && seen.newest().map(ReplicaSet::available).orElse(0) < replicas;
    }

    /// Weight of the canary as the router has it.
    int routed() {
        return seen.routes().map(Observation.Routes::canary).orElse(0);
    }

    boolean settled() {
        return seen.routes().map(Observation.Routes::settled).orElse(true);
    }

    Limits limits() {
        return Limits.of(canary.maxSurge(), canary.maxUnavailable(), replicas);
    }

    /// Behind a router a side can always grow, so that none need be missing where the spec allows none.
    int unavailable() {
        return canary.routed() ? Math.min(canary.maxUnavailable().floor(replicas), replicas) : limits().unavailable();
    }

    /// The revision that a Service selects.
    String selected(Optional<String> service, String otherwise) {
        return service.map(seen.services()::get)
                .flatMap(Observation.ServiceSeen::hash)
                .orElse(otherwise);
    }
}
