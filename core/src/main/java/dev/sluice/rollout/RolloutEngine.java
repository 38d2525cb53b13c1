package dev.sluice.rollout;

import dev.sluice.rollout.Decision.Event;
import java.util.Optional;

/// Decides the next moves of one Rollout from one consistent observation.
///
/// Pure: equal observations give equal decisions. Time enters only as `seen.now()`; nothing here can read or write a
/// cluster. Every move says why, in words an operator will be shown.
public final class RolloutEngine {
    private RolloutEngine() {}

    /// What to do now. Carried out and seen, it soon leads to an empty decision: a property that the simulator checks.
    public static Decision decide(Observation seen) {
        var pass = new Pass(seen);
        return switch (Situation.of(pass)) {
            case Situation.Missing(var since) -> {
                FormerServices.letGo(pass, since);
                yield pass.decision();
            }
            case Situation.Leaving() -> pass.decision();
            case Situation.Invalid _ -> {
                Workload.note(pass);
                yield Retreat.decide(pass);
            }
            case Situation.NewRevision(var hash) -> create(new Pass(seen.former()), hash);
            case Situation.PointlessAbort() -> {
                if (seen.stableLost()) {
                    pass.refuseAbort();
                } else {
                    pass.status.abort = false;
                    pass.await(Because.of(
                            "NothingToAbort",
                            "%s is the stable revision, so there is nothing to abort: that is taken back",
                            seen.podHash()));
                }
                pass.wakeAt(seen.now());
                yield pass.decision();
            }
            case Situation.Undefaulted() -> {
                pass.act(new Action.SetReplicas(1), Because.of("Default", "spec.replicas is absent: 1"));
                yield pass.decision();
            }
            case Situation.Resized() -> {
                Workload.note(pass);
                pass.awaitStable();
                pass.awaitHand();
                if (StatusSync.noteCommands(pass)) yield pass.decision();
                yield switch (seen.rollout().spec().strategy()) {
                    case Strategy.Canary canary -> CanaryPass.resize(pass, canary);
                    case Strategy.BlueGreen blueGreen -> BlueGreenPass.resize(pass, blueGreen);
                };
            }
            case Situation.UnderWay() -> {
                Workload.note(pass);
                pass.awaitStable();
                pass.awaitHand();
                if (StatusSync.noteCommands(pass)) yield pass.decision();
                if (FormerServices.leftBehind(pass)) yield pass.decision();
                yield switch (seen.rollout().spec().strategy()) {
                    case Strategy.Canary canary -> CanaryPass.decide(pass, canary);
                    case Strategy.BlueGreen blueGreen -> BlueGreenPass.decide(pass, blueGreen);
                };
            }
        };
    }

    /// How such a decision ends where the API server refuses the new ReplicaSet, and will do so until somebody
    /// puts that right: a template that it does not accept, a quota, a role, a policy.
    ///
    /// @param seen what the decision was made of
    /// @param why what the server said
    /// @return the status to write then, and what to tell; the moves are those that come before the creation
    public static Decision refused(Observation seen, String why) {
        var pass = new Pass(seen.former());
        Retreat.superseded(pass);
        return StatusSync.refused(pass, seen.rollout().replicaSetName(seen.podHash()), why);
    }

    /// The last of the moves: it may be refused for as long as nobody puts that right, and a way back must not wait.
    private static Decision create(Pass pass, String hash) {
        Workload.note(pass);
        Retreat.superseded(pass);
        // What is on record of the update before is not said of this spec, which is not begun yet.
        pass.status.observedGeneration = pass.before.observedGeneration();
        pass.status.workloadObservedGeneration = pass.before.workloadObservedGeneration();
        int revision = pass.seen.replicaSets().stream()
                        .mapToInt(ReplicaSet::revision)
                        .max()
                        .orElse(0)
                + 1;
        var name = pass.rollout.replicaSetName(hash);
        var because = Because.of("NewTemplate", "no ReplicaSet has the template that the spec asks for (%s)", hash);
        var additions = pass.rollout.spec().strategy().additions();
        var metadata = additions.metadata(hash, hash, pass.before.stableRS());
        pass.act(new Action.CreateReplicaSet(name, hash, revision, metadata, pass.apart(hash)), because);
        if (pass.rollout.revision() != revision) {
            pass.act(
                    new Action.SetRevision(revision),
                    because,
                    Event.normal("RolloutUpdated", "Rollout updated to revision " + revision));
        }
        pass.status.replace(
                "Progressing",
                "True",
                "NewReplicaSetCreated",
                "Created new replica set \"%s\"".formatted(name),
                pass.now);
        pass.tell(
                Event.normal("NewReplicaSetCreated", "Created ReplicaSet %s (revision %d)".formatted(name, revision)));
        return pass.decision();
    }

    /// The steps of a canary that this version decodes but cannot run; the codec makes a problem of each.
    public static Optional<String> firstUnsupported(Strategy strategy) {
        return switch (strategy) {
            case Strategy.Canary canary ->
                CanaryPass.unsupported(canary).stream().findFirst();
            case Strategy.BlueGreen _ -> Optional.empty();
        };
    }
}
