package dev.sluice.rollout;

import dev.sluice.rollout.Observation.ServiceSeen;
import java.time.Duration;
import java.time.Instant;

/// The Services that a Rollout had and does not name any more, because its strategy was changed or it is
/// gone itself. With the hash of a revision in their selector they would go on reaching that one's pods,
/// and nobody once it has none.
///
/// ```
/// nothing has pods that may not be reached          ─► the hash and our name are taken off
/// an update under way, an old revision still up     ─► pointed at the stable revision until then
/// its revision is the only one with available pods  ─► left there
/// the Rollout has been gone for a while             ─► the hash and our name are taken off
/// ```
///
/// A Service without the hash reaches the pods of all revisions. That is never less than before, but it may
/// be more than a canary is to get, or one that has failed. What such a Service selects meanwhile keeps its
/// pods.
///
/// @see "Argo Rollouts spec B9, B29: Argo takes the hash off at once; docs/adr/0019"
final class FormerServices {
    /// Who replaces a Rollout deletes it and makes it again; that is no reason to let go in between.
    static final Duration GRACE = Duration.ofSeconds(10);

    private FormerServices() {}

    /// @param free whether every pod that there is may be reached
    static void release(Pass pass, boolean free) {
        var seen = pass.seen;
        boolean protects = !pass.status.stableRS.isEmpty() && !seen.stableLost();
        for (var service : seen.unnamed()) {
            int reached = service.hash()
                    .flatMap(seen::replicaSet)
                    .map(ReplicaSet::available)
                    .orElse(0);
            // Held by hand, it stays where it is; but not where it reaches nobody.
            if (pass.rollout.spec().paused() && reached > 0) continue;
            if (free || !protects || service.hash().isEmpty()) {
                release(
                        pass,
                        service,
                        Because.of(
                                "FormerService",
                                "Service %s is not named any more: it reaches all pods that have its labels",
                                service.name()));
                continue;
            }
            seen.stable()
                    .filter(stable -> !service.hash().get().equals(stable.hash()))
                    .filter(stable -> stable.available() > 0 && stable.available() >= Math.min(pass.replicas, reached))
                    .ifPresent(stable -> pass.switchService(
                            service,
                            stable,
                            Because.of(
                                    "FormerService",
                                    "Service %s is not named any more, %s serves while other revisions have pods",
                                    service.name(),
                                    stable.name())));
        }
    }

    /// Lets go all that carries the name of a Rollout that does not exist any more.
    static void letGo(Pass pass, Instant since) {
        var due = since.plus(GRACE);
        if (pass.now.isBefore(due)) {
            pass.wakeAt(due);
            pass.await(Because.of(
                    "RolloutMissing", "there is no such Rollout: its Services are let go unless it is made again"));
            return;
        }
        for (var service : pass.seen.unnamed()) {
            pass.act(
                    new Action.ReleaseService(service),
                    Because.of(
                            "RolloutMissing",
                            "Rollout %s, which manages Service %s, does not exist any more",
                            pass.rollout.name(),
                            service.name()));
        }
    }

    /// Lets go what an earlier Rollout of this name has left at a revision that went with it. The first
    /// deployment then finds the Service as any other does: it would wait for a person while nobody is served,
    /// and nobody is protected.
    ///
    /// @return whether there was any
    static boolean leftBehind(Pass pass) {
        if (!pass.status.stableRS.isEmpty()) return false;
        boolean any = false;
        for (var service : pass.seen.services().values()) {
            boolean ours =
                    service.managedBy().filter(pass.rollout.name()::equals).isPresent();
            if (!ours
                    || service.hash().isEmpty()
                    || pass.seen.replicaSet(service.hash().get()).isPresent()) continue;
            release(
                    pass,
                    service,
                    Because.of(
                            "LeftBehind",
                            "Service %s selects %s, which is no revision of this Rollout, and nothing is deployed yet",
                            service.name(),
                            service.hash().get()));
            any = true;
        }
        return any;
    }

    private static void release(Pass pass, ServiceSeen service, Because because) {
        pass.act(
                new Action.ReleaseService(service),
                because,
                Decision.Event.normal(
                        "ServiceReleased",
                        "Released service '%s' from '%s'"
                                .formatted(service.name(), service.hash().orElse(""))));
    }

    /// Whether no revision but the stable one has pods.
    static boolean alone(Observation seen) {
        return seen.fullyPromoted() && othersGone(seen);
    }

    static boolean othersGone(Observation seen) {
        return seen.others().stream().allMatch(other -> other.replicas() == 0 && other.current() == 0);
    }

    /// A size that leaves a revision the pods that such a Service reaches.
    static int kept(Pass pass, ReplicaSet side, int wanted) {
        return selects(pass.seen, side) ? Math.max(wanted, Math.min(side.replicas(), pass.replicas)) : wanted;
    }

    static boolean selects(Observation seen, ReplicaSet set) {
        return seen.unnamed().stream()
                .anyMatch(service -> service.hash().filter(set.hash()::equals).isPresent());
    }
}
