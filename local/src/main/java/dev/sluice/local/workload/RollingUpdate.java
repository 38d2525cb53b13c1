package dev.sluice.local.workload;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;

/// The arithmetic of a Deployment: how many pods each ReplicaSet may have next. Pure.
///
/// @see "Kubernetes: Deployment, rolling update: at most maxSurge above, at least maxUnavailable below"
final class RollingUpdate {
    private RollingUpdate() {}

    /// One ReplicaSet in numbers.
    ///
    /// @param wanted `spec.replicas`
    /// @param available `status.availableReplicas`
    record Set(String name, int wanted, int available) {
        Set scaled(int to) {
            return new Set(name, to, available);
        }
    }

    /// How far a Deployment may stray from its number of pods.
    record Room(int surge, int unavailable) {
        /// Reads `spec.strategy.rollingUpdate`; percentages of `replicas`, surge rounded up, unavailable down.
        ///
        /// Where both come out as zero one pod may be missing, or nothing could ever move.
        static Room of(Json strategy, int replicas) {
            if (!strategy.at("type").string("RollingUpdate").equals("RollingUpdate")) return new Room(0, 0);
            int surge = share(strategy.at("rollingUpdate", "maxSurge"), replicas, true);
            int unavailable = share(strategy.at("rollingUpdate", "maxUnavailable"), replicas, false);
            if (surge == 0 && unavailable == 0) unavailable = 1;
            return new Room(surge, Math.min(unavailable, replicas));
        }

        private static int share(Json intOrPercent, int replicas, boolean up) {
            var text = intOrPercent.string("25%");
            if (intOrPercent.asInt().isPresent()) return Math.max(0, intOrPercent.integer(0));
            if (!text.matches("[0-9]{1,3}%")) return 0;
            int percent = Integer.parseInt(text.substring(0, text.length() - 1));
            long exact = (long) replicas * percent;
            return (int) (up ? (exact + 99) / 100 : exact / 100);
        }
    }

    /// How many pods the new set may have now: all that the surge leaves room for.
    static int grow(Set fresh, List<Set> all, int replicas, Room room) {
        if (fresh.wanted() >= replicas) return fresh.wanted();
        int total = all.stream().mapToInt(Set::wanted).sum();
        int most = replicas + room.surge();
        if (total >= most) return fresh.wanted();
        return fresh.wanted() + Math.min(most - total, replicas - fresh.wanted());
    }

    /// The old sets, oldest first, as small as they may be now: pods that are not available go first,
    /// since nobody misses them; then as many as leave the promised number available.
    static List<Set> shrink(List<Set> old, Set fresh, int replicas, Room room) {
        var shrunk = new ArrayList<>(old);
        int total = fresh.wanted() + old.stream().mapToInt(Set::wanted).sum();
        int least = replicas - room.unavailable();
        int freshMissing = Math.max(0, fresh.wanted() - fresh.available());
        int unhealthy = total - least - freshMissing;
        if (unhealthy <= 0) return shrunk;
        for (int i = 0; i < shrunk.size() && unhealthy > 0; i++) {
            var set = shrunk.get(i);
            int missing = Math.max(0, set.wanted() - set.available());
            int go = Math.min(missing, unhealthy);
            shrunk.set(i, set.scaled(set.wanted() - go));
            unhealthy -= go;
        }
        int spare = fresh.available() + old.stream().mapToInt(Set::available).sum() - least;
        for (int i = 0; i < shrunk.size() && spare > 0; i++) {
            var set = shrunk.get(i);
            int go = Math.min(set.wanted(), spare);
            shrunk.set(i, set.scaled(set.wanted() - go));
            spare -= go;
        }
        return shrunk;
    }

    /// The sets after the Deployment's size changed in mid-rollout: each keeps its share, the largest
    /// takes what rounding leaves.
    ///
    /// @param sets new and old, the new one last among equals
    /// @param before how many pods all sets might have together at the old size, surge included
    static List<Set> spread(List<Set> sets, int before, int replicas, Room room) {
        int total = sets.stream().mapToInt(Set::wanted).sum();
        int allowed = replicas > 0 ? replicas + room.surge() : 0;
        int change = allowed - total;
        if (change == 0 || total == 0) return sets;
        var order = new ArrayList<>(sets);
        order.sort(java.util.Comparator.comparingInt(Set::wanted).reversed());
        int left = change;
        var after = new ArrayList<>(order);
        for (int i = 0; i < order.size() && left != 0; i++) {
            var set = order.get(i);
            if (set.wanted() == 0) continue;
            long share = Math.round((double) set.wanted() * allowed / Math.max(1, before)) - set.wanted();
            int given = change > 0 ? Math.clamp(share, 0, left) : Math.clamp(share, left, 0);
            after.set(i, set.scaled(Math.max(0, set.wanted() + given)));
            left -= after.get(i).wanted() - set.wanted();
        }
        if (left != 0)
            after.set(0, after.getFirst().scaled(Math.max(0, after.getFirst().wanted() + left)));
        return after;
    }
}
