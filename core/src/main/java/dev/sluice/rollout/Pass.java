package dev.sluice.rollout;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.rollout.Decision.Event;
import dev.sluice.rollout.Decision.Move;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// One decision in the making: what was seen, and the moves, the status and the waits found so far. The moves that both
/// strategies share are here.
final class Pass {
    /// Two Rollouts that wait for the same thing need not ask at the same moment; but asking late costs an operator.
    static final Duration RECHECK = Duration.ofSeconds(10);

    static final Duration DEFAULT_SCALE_DOWN_DELAY = Duration.ofSeconds(30);

    private static final String STABLE_MISSING = "StableReplicaSetMissing";

    final Observation seen;
    final Rollout rollout;
    final RolloutStatus before;
    final StatusDraft status;
    final int replicas;
    final Instant now;
    private final List<Move> moves = new ArrayList<>();
    private final List<Move> asides = new ArrayList<>();
    private final List<Event> statusEvents = new ArrayList<>();
    private Optional<Instant> wakeAt = Optional.empty();
    private Optional<Because> awaiting = Optional.empty();

    Pass(Observation seen) {
        this.seen = seen;
        this.rollout = seen.rollout();
        this.before = seen.status();
        this.status = new StatusDraft(before);
        // An abort that comes while a full promotion is under way is the later word, and the safer one. The other way
        // round the abort was already on record.
        if (status.abort && status.promoteFull && before.abortedAt().isEmpty()) status.promoteFull = false;
        this.replicas = seen.replicas();
        this.now = seen.now();
    }

    void act(Action action, Because because, Event... events) {
        moves.add(new Move(action, because, List.of(events)));
    }

    /// A move that nothing in the pass depends on, made after the others. It may be refused for as long as somebody
    /// likes: it is tried again, and counts as no move meanwhile.
    void aside(Action action, Because because) {
        asides.add(new Move(action, because, List.of()));
        recheck();
    }

    /// Looks again in a while, though nothing may have happened.
    void recheck() {
        wakeAt(now.plus(RECHECK));
    }

    boolean acted() {
        return !moves.isEmpty();
    }

    /// Whether a step was completed, a revision promoted or an update aborted: what comes next is decided on an
    /// observation of its own.
    boolean moved() {
        return status.abort != before.abort()
                || !status.currentStepIndex.equals(before.currentStepIndex())
                || !status.stableRS.equals(before.stableRS());
    }

    void tell(Event event) {
        statusEvents.add(event);
    }

    void wakeAt(Instant when) {
        if (wakeAt.filter(earlier -> !when.isBefore(earlier)).isEmpty()) wakeAt = Optional.of(when);
    }

    /// Notes the first guard that is not met: the one nearest to what would happen next.
    void await(Because guard) {
        if (awaiting.isEmpty()) awaiting = Optional.of(guard);
    }

    Decision decision() {
        var all = Stream.concat(moves.stream(), asides.stream()).toList();
        return new Decision(all, status.freeze(), statusEvents, wakeAt, awaiting);
    }

    /// Gives the newest ReplicaSet the highest number, and the Rollout the same: going back to an old template makes it
    /// the newest revision.
    void syncRevision() {
        seen.newest().ifPresent(newest -> {
            int revision = Math.max(newest.revision(), highestRevisionBut(newest) + 1);
            if (newest.revision() < revision) {
                act(
                        new Action.NumberReplicaSet(newest, revision),
                        Because.of("NewestRevision", "%s is the newest template again", newest.name()));
            }
            if (rollout.revision() != revision) {
                act(
                        new Action.SetRevision(revision),
                        Because.of("NewestRevision", "%s is revision %d", newest.name(), revision),
                        Event.normal("RolloutUpdated", "Rollout updated to revision " + revision));
            }
            syncReplicaSet(newest);
        });
    }

    /// What the spec says of the newest ReplicaSet besides its template and size.
    private void syncReplicaSet(ReplicaSet newest) {
        // A Deployment is its user's.
        if (rollout.kind() != Rollout.Kind.ROLLOUT || newest.deleting()) return;
        int minReadySeconds = rollout.spec().minReadySeconds();
        var apart = apart(newest.hash());
        var because = unsynced(newest, minReadySeconds, apart);
        if (because.isEmpty()) return;
        act(new Action.SyncReplicaSet(newest, minReadySeconds, seen.unsynced(), apart), because.get());
    }

    /// The first thing in which a ReplicaSet is not as the spec says.
    private Optional<Because> unsynced(ReplicaSet newest, int minReadySeconds, Optional<Apart> apart) {
        if (newest.minReadySeconds() != minReadySeconds) {
            return Optional.of(Because.of(
                    "MinReadySeconds",
                    "pods of %s count as available after %d s instead of %d s",
                    newest.name(),
                    minReadySeconds,
                    newest.minReadySeconds()));
        }
        if (!newest.added().apart().equals(apart)) {
            return Optional.of(Because.of(
                    "AntiAffinity",
                    "new pods of %s %s",
                    newest.name(),
                    apart.map(Apart::toString).orElse("may share a node with any other")));
        }
        if (seen.unsynced().isEmpty()) return Optional.empty();
        return Optional.of(Because.of(
                "Annotations",
                "%s gets the Rollout's annotations %s",
                newest.name(),
                String.join(", ", seen.unsynced().keySet())));
    }

    /// Labels and annotations that pods of a revision shall have beside those of their template.
    PodMetadata metadata(String hash) {
        return rollout.spec().strategy().additions().metadata(hash, seen.podHash(), before.stableRS());
    }

    /// What pods of the newest revision keep away from.
    ///
    /// @param newest its hash; the ReplicaSet may be yet to be made
    Optional<Apart> apart(String newest) {
        return rollout.spec().strategy().additions().apart(newest, before.stableRS());
    }

    int highestRevisionBut(ReplicaSet newest) {
        return seen.replicaSets().stream()
                .filter(rs -> !rs.name().equals(newest.name()))
                .mapToInt(ReplicaSet::revision)
                .max()
                .orElse(0);
    }

    /// The revision that the newest ReplicaSet has, or is about to get.
    int revision() {
        return seen.newest()
                .map(newest -> Math.max(newest.revision(), highestRevisionBut(newest) + 1))
                .orElse(rollout.revision());
    }

    /// What the update leads to, in the words of messages.
    ///
    /// @param hash whether the revision's hash is told as well
    String update(boolean hash) {
        return switch (rollout.kind()) {
            case ROLLOUT -> "revision " + revision() + (hash ? " (" + seen.podHash() + ")" : "");
            case DEPLOYMENT_CANARY ->
                "Deployment " + seen.newest().map(ReplicaSet::name).orElse(seen.podHash());
        };
    }

    /// Scales, where size or memory of it would change.
    ///
    /// @return whether the number of pods changes
    boolean scale(ReplicaSet target, int size, Optional<Instant> deadline, Because because) {
        var action = new Action.Scale(target, size, replicas, deadline);
        boolean resizes = action.resizes();
        boolean remembers = target.desiredAtScale().filter(d -> d == replicas).isPresent()
                && target.scaleDownDeadline().equals(deadline);
        if (resizes) {
            act(action, because, Event.normal("ScalingReplicaSet", action.text(rollout.kind())));
        } else if (!remembers) {
            act(action, because);
        }
        return resizes;
    }

    /// Deletes the oldest revisions beyond the history limit that have no pods left.
    void trimHistory() {
        var old = seen.others().stream().filter(rs -> !rs.deleting()).toList();
        int surplus = old.size() - rollout.spec().revisionHistoryLimit();
        for (int i = 0; i < surplus; i++) {
            var rs = old.get(i);
            if (rs.podless()) {
                act(
                        new Action.DeleteReplicaSet(rs),
                        Because.of(
                                "HistoryLimit",
                                "%d old revisions are kept, %d exist",
                                rollout.spec().revisionHistoryLimit(),
                                old.size()));
            }
        }
    }

    /// Whether `spec.paused` or an analysis without a verdict holds pods and selectors where they are.
    boolean halted() {
        return rollout.spec().paused() || before.paused(RolloutStatus.PauseReason.INCONCLUSIVE_ANALYSIS);
    }

    /// What a person holds is told before anything that would hold it too; but not of an abort, which goes on.
    void awaitHand() {
        if (rollout.spec().paused() && !before.abort()) {
            await(Because.of("PausedByHand", "spec.paused is set: it is held where it is until it is resumed"));
        }
    }

    /// That there is no way back is told before whatever else is waited for.
    void awaitStable() {
        if (seen.stableLost()) await(stableLoss());
    }

    /// An abort for which there is nothing to go back to is taken back, and that is told.
    void refuseAbort() {
        status.abort = false;
        tell(Event.warning("AbortRefused", stableLoss().sentence()));
    }

    /// Why a Service selects the newest revision before its time.
    Because takeover(ReplicaSet newest) {
        return Because.of(STABLE_MISSING, "the stable ReplicaSet does not exist any more, %s serves", newest.name());
    }

    Because stableLoss() {
        return Because.of(
                STABLE_MISSING,
                "the ReplicaSet of the stable revision (%s) does not exist any more: everybody is served by what there"
                        + " is of %s, and there is nothing to go back to",
                before.stableRS(),
                update(false));
    }

    /// A side that is to take everything, and has too few pods for it.
    void awaitPods(ReplicaSet side) {
        await(Because.of("Capacity", "%s has %d of %d pods available", side.name(), side.available(), replicas));
    }

    boolean aborted() {
        return status.abort;
    }

    /// Aborts the update, once.
    void abort(Because because) {
        if (status.abort) return;
        status.abort = true;
        // The later word: a full promotion left on record would take the abort back at once, for ever.
        status.promoteFull = false;
        abortReason = Optional.of(because);
    }

    private Optional<Because> abortReason = Optional.empty();
    private Optional<String> promotedBy = Optional.empty();

    /// How an attempt that ends with this pass has ended, in the words of `status.duration.completionStatus`.
    Optional<String> promotedBy() {
        return promotedBy;
    }

    Optional<Because> abortReason() {
        return abortReason;
    }

    /// Whether the newest template is an earlier one: the stable one, or one created before it.
    boolean rollingBack() {
        if (seen.fullyPromoted()) return true;
        var newest = seen.newest();
        var stable = seen.stable();
        return newest.isPresent() && stable.isPresent() && newest.get().olderThan(stable.get());
    }

    /// Whether it goes back no further than `rollbackWindow` revisions.
    boolean withinRollbackWindow() {
        int window = rollout.spec().rollbackWindow();
        var newest = seen.newest();
        var stable = seen.stable();
        if (window == 0 || newest.isEmpty() || stable.isEmpty() || !rollingBack() || seen.fullyPromoted()) return false;
        long between = seen.replicaSets().stream()
                .filter(rs -> newest.get().olderThan(rs) && rs.olderThan(stable.get()))
                .count();
        return between < window;
    }

    /// Makes the newest revision the stable one.
    ///
    void promote(Promotion promotion, Optional<Integer> pastLastStep) {
        promotedBy = Optional.of(promotion.completion(rollingBack()));
        status.clearPauses();
        status.abort = false;
        status.promoteFull = false;
        status.blueGreen = status.blueGreen.withCheckPoint(false);
        status.currentStepIndex = pastLastStep;
        if (!status.stableRS.equals(seen.podHash())) {
            status.stableRS = seen.podHash();
            tell(Event.normal(
                    "RolloutCompleted",
                    "%s completed update to %s: %s".formatted(rollout.kind(), update(true), promotion.words())));
        }
    }

    /// When a delay that begins now is over, to the second, as the annotation of a ReplicaSet has it.
    Instant in(Duration delay) {
        return Instant.ofEpochSecond(now.getEpochSecond()).plus(delay);
    }

    /// Keeps a replaced ReplicaSet up for a while: 'back at once' needs its pods.
    ///
    /// @param kept how many replaced ones are up already
    /// @param whileUp its size until then
    /// @return whether it stays up
    boolean retire(ReplicaSet old, Duration delay, Optional<Integer> limit, int kept, int whileUp, Because because) {
        if (old.replicas() == 0) return false;
        boolean full = limit.filter(most -> kept >= most).isPresent();
        var deadline = old.scaleDownDeadline();
        if (delay.isZero() || full || deadline.filter(due -> !now.isBefore(due)).isPresent()) {
            scale(
                    old,
                    0,
                    Optional.empty(),
                    full ? Because.of("RevisionLimit", "at most %d old revisions stay up", kept) : because);
            return false;
        }
        var due = deadline.orElseGet(() -> in(delay));
        scale(
                old,
                whileUp,
                Optional.of(due),
                Because.of("ScaleDownDelay", "%s stays up until %s, so that the way back is short", old.name(), due));
        wakeAt(due);
        return true;
    }

    /// Hashes of revisions that a route or a selector names, or that the status says are in use.
    Set<String> referenced() {
        var hashes = new LinkedHashSet<String>();
        hashes.add(before.stableRS());
        hashes.add(seen.podHash());
        status.weights.ifPresent(weights -> {
            if (weights.canary().weight() > 0) hashes.add(weights.canary().podTemplateHash());
            if (weights.stable().weight() > 0) hashes.add(weights.stable().podTemplateHash());
        });
        Stream.concat(seen.services().values().stream(), seen.unnamed().stream())
                .forEach(service -> service.hash().ifPresent(hashes::add));
        return hashes;
    }

    /// Others, newest revision first.
    List<ReplicaSet> othersNewestFirst() {
        return seen.others().stream()
                .sorted(Comparator.comparingInt(ReplicaSet::revision)
                        .thenComparing(ReplicaSet::created)
                        .reversed())
                .toList();
    }

    /// Whether a Service is ours or nobody's. Another's is a problem of the spec, and not to be touched on the way back
    /// either: its owner would set it back, for ever.
    boolean mayTouch(Observation.ServiceSeen service) {
        return service.managedBy()
                .filter(owner -> !owner.equals(rollout.name()))
                .isEmpty();
    }

    /// Points a Service at a ReplicaSet that can serve.
    ///
    /// A Service taken over for the first time waits until all pods are available; one that is ours already for the
    /// first of them. Never at none: the present selector would serve more.
    ///
    /// @return whether the Service points there now
    boolean pointService(String name, ReplicaSet target, boolean unchecked, Because because) {
        var service = seen.services().get(name);
        if (service == null) return false;
        if (service.hash().filter(target.hash()::equals).isPresent()) return true;
        if (!mayTouch(service)) return false;
        boolean ours = service.managedBy().isPresent();
        boolean ready =
                ours ? target.available() > 0 : target.replicas() > 0 && target.available() >= target.replicas();
        boolean serves = unchecked && (target.available() > 0 || target.replicas() == 0 && replicas == 0);
        if (!ready && !serves) {
            await(Because.of(
                    "PodsForService",
                    "Service %s waits for pods of %s: %d of %d available",
                    name,
                    target.name(),
                    target.available(),
                    target.replicas()));
            return false;
        }
        switchService(service, target, because);
        return false;
    }

    void switchService(Observation.ServiceSeen service, ReplicaSet target, Because because) {
        act(
                new Action.SwitchService(service, target.hash()),
                because,
                Event.normal(
                        "SwitchService",
                        "Switched selector for service '%s' from '%s' to '%s'"
                                .formatted(service.name(), service.hash().orElse(""), target.hash())));
    }

    String selectorText() {
        return LabelSelector.of(rollout.spec().selector()).toString();
    }
}
