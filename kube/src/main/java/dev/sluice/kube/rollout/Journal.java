package dev.sluice.kube.rollout;

import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Observation;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The last decisions of each Rollout with what they were decided on. A pair of it, saved, is a regression test.
///
/// Bounded twice: entries for each Rollout, and Rollouts; a Rollout that is gone is forgotten.
public final class Journal {
    private static final int ENTRIES = 64;
    private static final int ROLLOUTS = 20_000;

    private final Map<Key, Deque<Entry>> entries = new TreeMap<>();

    /// One pass.
    ///
    /// @param outcome how carrying it out ended
    public record Entry(Instant at, Observation seen, Decision decision, String outcome) {}

    /// Notes a pass that did something, or that waits for something else than the one before.
    synchronized void add(Key key, Observation seen, Decision decision, String outcome) {
        var passes = entries.computeIfAbsent(key, _ -> new ArrayDeque<>());
        boolean idle = decision.moves().isEmpty()
                && decision.statusEvents().isEmpty()
                && !passes.isEmpty()
                && passes.getLast().decision().awaiting().equals(decision.awaiting());
        if (idle) return;
        passes.addLast(new Entry(seen.now(), seen, decision, outcome));
        if (passes.size() > ENTRIES) passes.removeFirst();
        if (entries.size() > ROLLOUTS) entries.keySet().removeIf(k -> !k.equals(key) && entries.size() > ROLLOUTS);
    }

    synchronized void forget(Key key) {
        entries.remove(key);
    }

    /// Oldest first.
    public synchronized List<Entry> of(Key key) {
        var passes = entries.get(key);
        return passes == null ? List.of() : new ArrayList<>(passes);
    }
}
