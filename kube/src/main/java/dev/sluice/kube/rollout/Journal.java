package dev.sluice.kube.rollout;

import dev.sluice.rollout.Decision;
import dev.sluice.rollout.Observation;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The last decisions of each Rollout with what they were decided on. A pair of it, saved, is a regression test.
///
/// Bounded twice: entries of each Rollout, and what all of them together hold. Where there are very many Rollouts, the
/// oldest entries of all go first, but never the last one of a Rollout: what it waits for can always be told. A Rollout
/// that is gone is forgotten.
public final class Journal {
    private static final int ENTRIES = 64;
    /// About 64 MiB of observations.
    private static final int KIBIBYTES = 64 * 1024;
    /// Each pass does so much to keep the bound, however many Rollouts there are.
    private static final int LOOKS = 16;
    /// The outcome of a pass that was carried out whole.
    static final String DONE = "done";

    private final int most;
    private final Map<Key, Deque<Numbered>> entries = new TreeMap<>();
    /// Whose entry each is, the oldest first.
    private final NavigableMap<Long, Key> order = new TreeMap<>();

    private long last;
    private int held;

    private record Numbered(long number, Entry entry) {}

    /// One pass.
    ///
    /// @param outcome how carrying it out ended
    public record Entry(Instant at, Observation seen, Decision decision, String outcome) {
        /// What it holds, roughly, in KiB: templates weigh most.
        int size() {
            return 4
                    + 2 * seen.replicaSets().size()
                    + seen.pods().size() / 8
                    + seen.runs().size() / 4;
        }
    }

    Journal() {
        this(KIBIBYTES);
    }

    /// @param most KiB that are held, but for the last entry of each Rollout
    Journal(int most) {
        this.most = most;
    }

    /// Notes a pass that did something, or that waits for something else than the one before. What fails
    /// again as it did before takes the place of that: it would drive out what led to it.
    synchronized void add(Key key, Observation seen, Decision decision, String outcome) {
        var passes = entries.computeIfAbsent(key, _ -> new ArrayDeque<>());
        boolean idle = decision.moves().isEmpty()
                && decision.statusEvents().isEmpty()
                && !passes.isEmpty()
                && passes.getLast().entry().decision().awaiting().equals(decision.awaiting());
        if (idle) return;
        boolean again = !outcome.equals(DONE)
                && !passes.isEmpty()
                && passes.getLast().entry().outcome().equals(outcome)
                && passes.getLast().entry().decision().moves().equals(decision.moves());
        if (again) drop(passes.removeLast());
        var entry = new Entry(seen.now(), seen, decision, outcome);
        passes.addLast(new Numbered(++last, entry));
        order.put(last, key);
        held += entry.size();
        if (passes.size() > ENTRIES) dropOldest(passes);
        for (int looks = 0; held > most && looks < LOOKS; looks++) {
            var oldest = order.firstEntry();
            var its = entries.getOrDefault(oldest.getValue(), passes);
            if (its.size() > 1) dropOldest(its);
            else later(its, oldest.getValue());
        }
        if (held > most && passes.size() > 1) dropOldest(passes);
    }

    private void dropOldest(Deque<Numbered> passes) {
        drop(passes.removeFirst());
    }

    private void drop(Numbered gone) {
        order.remove(gone.number());
        held -= gone.entry().size();
    }

    /// The only entry of a Rollout is not to go: the next look is at another's.
    private void later(Deque<Numbered> passes, Key key) {
        var kept = passes.removeFirst();
        order.remove(kept.number());
        passes.addFirst(new Numbered(++last, kept.entry()));
        order.put(last, key);
    }

    synchronized void forget(Key key) {
        var passes = entries.remove(key);
        while (passes != null && !passes.isEmpty()) dropOldest(passes);
    }

    /// Oldest first.
    public synchronized List<Entry> of(Key key) {
        var passes = entries.get(key);
        return passes == null ? List.of() : passes.stream().map(Numbered::entry).toList();
    }
}
