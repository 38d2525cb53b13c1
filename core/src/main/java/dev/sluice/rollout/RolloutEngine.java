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
            case Situation.Leaving() -> pass.decision();
            case Situation.Invalid _ -> Retreat.decide(pass);
            case Situation.NewRevision(var hash) -> create(pass, hash);
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
                pass.awaitStable();
                pass.awaitHand();
                if (StatusSync.noteCommands(pass)) yield pass.decision();
                yield switch (seen.rollout().spec().strategy()) {
                    case Strategy.Canary canary -> CanaryPass.resize(pass, canary);
                    case Strategy.BlueGreen blueGreen -> BlueGreenPass.resize(pass, blueGreen);
                };
            }
            case Situation.UnderWay() -> {
                pass.awaitStable();
                pass.awaitHand();
                if (StatusSync.noteCommands(pass)) yield pass.decision();
                yield switch (seen.rollout().spec().strategy()) {
                    case Strategy.Canary canary -> CanaryPass.decide(pass, canary);
                    case Strategy.BlueGreen blueGreen -> BlueGreenPass.decide(pass, blueGreen);
                };
            }
        };
    }

    private static Decision create(Pass pass, String hash) {
        int revision = pass.seen.replicaSets().stream()
                        .mapToInt(ReplicaSet::revision)
                        .max()
                        .orElse(0)
                + 1;
        var name = pass.rollout.replicaSetName(hash);
        var because = Because.of("NewTemplate", "no ReplicaSet has the template that the spec asks for (%s)", hash);
        pass.act(new Action.CreateReplicaSet(name, hash, revision), because);
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
