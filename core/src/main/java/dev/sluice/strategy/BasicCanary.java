package dev.sluice.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A canary without a router: every endpoint of the Service has the same weight, so the share of the traffic is the
/// share of the pods.
///
/// ```
/// ideal   the pair of counts whose ratio is nearest to the weight
/// grow    stable first, then canary, within replicas + surge
/// shrink  the side that gives way, as long as replicas − unavailable stay available
/// ```
///
/// @see "Argo Rollouts spec B7"
public final class BasicCanary {
    private BasicCanary() {}

    /// The pair of counts that comes nearest to the weight.
    ///
    /// A positive weight never gets zero pods while a pod of surge could carry it, and a weight below the
    /// maximum never takes all of them.
    ///
    /// @param weight share wanted, 0 … maxWeight
    /// @param surge pods allowed above `replicas`
    public static Share ideal(int replicas, int weight, int maxWeight, int surge) {
        if (replicas == 0) return new Share(0, 0);
        int ceiling = (int) Math.ceilDiv((long) replicas * weight, (long) maxWeight);
        int floor = (int) ((long) replicas * weight / maxWeight);
        boolean endsAllowed = weight == maxWeight || weight == 0 || (replicas == 1 && surge == 0);
        var candidates = new ArrayList<int[]>();
        if (ceiling < replicas || endsAllowed) candidates.add(new int[] {ceiling, replicas});
        if (!tied(replicas, weight, maxWeight) && (floor != 0 || endsAllowed))
            candidates.add(new int[] {floor, replicas});
        if (surge > 0) {
            candidates.add(new int[] {ceiling, replicas + 1});
            if (!tied(replicas + 1, weight, maxWeight) && (floor != 0 || endsAllowed)) {
                candidates.add(new int[] {floor, replicas + 1});
            }
        }
        int[] best = {0, replicas};
        // Distances |canary/total − weight/max| are compared as fractions: doubles would break ties at random.
        long bestDistance = -1;
        for (var candidate : candidates) {
            long distance = Math.abs((long) candidate[0] * maxWeight - (long) weight * candidate[1]);
            if (bestDistance < 0 || distance * best[1] < bestDistance * candidate[1]) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return new Share(best[0], best[1] - best[0]);
    }

    private static boolean tied(int pods, int weight, int maxWeight) {
        return (long) pods * weight % maxWeight * 2 == maxWeight;
    }

    /// The sizes to ask for next, on the way to the ideal ones.
    ///
    /// @param newest absent before it was created
    /// @param stable absent on the first deployment and where the newest revision is the stable one
    /// @param others pods asked for by all other revisions: they go before anything of these two goes
    public static Share next(
            int replicas,
            int weight,
            int maxWeight,
            Limits limits,
            Optional<Size> newest,
            Optional<Size> stable,
            int others) {
        var ideal = stable.isPresent() ? ideal(replicas, weight, maxWeight, limits.surge()) : new Share(replicas, 0);
        var canaryNow = newest.orElse(new Size(0, 0));
        var stableNow = stable.orElse(new Size(0, 0));
        int most = replicas + limits.surge();
        int fewest = replicas - limits.unavailable();

        int room = most - canaryNow.replicas() - stableNow.replicas() - others;
        int stableGrown = grown(stableNow.replicas(), ideal.stable(), room);
        room -= stableGrown - stableNow.replicas();
        int canaryGrown = grown(canaryNow.replicas(), ideal.canary(), room);
        var grown = new Share(canaryGrown, stableGrown);
        if (others > 0) return grown;

        boolean towardsCanary = newest.isEmpty() || ideal.canary() >= canaryNow.replicas();
        var gives = towardsCanary ? stableNow : canaryNow;
        var takes = towardsCanary ? canaryNow : stableNow;
        int budget = gives.giving() + takes.kept() - fewest;
        boolean fullHouse = room <= 0 && grown.equals(new Share(canaryNow.replicas(), stableNow.replicas()));
        // A mixed side that is broken must not block its own end either, and which of its pods would end is not known.
        // So the other gets one pod above the surge first; where none is allowed, or that is not enough, one at a time.
        boolean broken = gives.giving() > 0 && gives.giving() < gives.replicas();
        if (budget <= 0 && fullHouse && broken && takes.kept() == takes.replicas()) {
            int share = towardsCanary ? ideal.canary() : ideal.stable();
            if (room == 0 && limits.surge() > 0 && takes.replicas() < share) {
                return towardsCanary
                        ? new Share(canaryGrown + 1, stableGrown)
                        : new Share(canaryGrown, stableGrown + 1);
            }
            budget = 1;
        }
        if (budget <= 0) return grown;
        if (towardsCanary) {
            if (stable.isEmpty()) return grown;
            int drained = shrunk(stableNow.replicas(), ideal.stable(), budget, stableGrown);
            var pair = clamp(drained, stableNow, canaryGrown, canaryNow, most, fewest);
            return new Share(pair[1], pair[0]);
        }
        int drained = shrunk(canaryNow.replicas(), ideal.canary(), budget, canaryGrown);
        if (stable.isEmpty()) return new Share(drained, stableGrown);
        var pair = clamp(drained, canaryNow, stableGrown, stableNow, most, fewest);
        return new Share(pair[0], pair[1]);
    }

    private static int grown(int now, int ideal, int room) {
        return now < ideal && room > 0 ? Math.min(ideal, now + room) : now;
    }

    private static int shrunk(int now, int ideal, int budget, int otherwise) {
        return now > ideal ? Math.max(ideal, now - budget) : otherwise;
    }

    /// Keeps the pair within the most pods, and the fewest available ones, that are allowed.
    private static int[] clamp(int drain, Size drainNow, int adjust, Size adjustNow, int most, int fewest) {
        int overshoot = Math.max(0, drain + adjust - most);
        int reduced = Math.max(0, adjust - overshoot);
        int missing =
                Math.max(0, fewest - Math.min(drainNow.available(), drain) - Math.min(adjustNow.available(), reduced));
        int back = Math.min(Math.max(0, adjustNow.available() - reduced), missing);
        reduced += back;
        int stillOver = Math.max(0, drain + reduced - most);
        return new int[] {Math.max(0, drain - stillOver), reduced};
    }

    /// Sizes of revisions that are neither newest nor stable: what is not available goes at once, the
    /// rest as far as the promised availability allows.
    ///
    /// @param others newest revision first
    /// @param available pods available of all revisions
    /// @param fewest pods that must stay available
    /// @return the new size of each, in the same order
    public static List<Integer> drainOthers(List<Size> others, int available, int fewest) {
        int budget = Math.max(0, available - fewest);
        var sizes = new ArrayList<Integer>();
        for (var other : others) {
            int healthy = other.kept();
            int taken = Math.min(healthy, budget);
            budget -= taken;
            sizes.add(healthy - taken);
        }
        return sizes;
    }
}
