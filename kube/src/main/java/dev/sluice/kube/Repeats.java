package dev.sluice.kube;

import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Who is to be told of what fails again and again: of a new cause at once, of the same one at distances that double
/// from a minute to an hour. A line that repeats hides those that matter.
///
/// Locking: one monitor, held for a look-up. The hash table is used for look-up only.
public final class Repeats<K> {
    private static final Backoff DISTANCE = new Backoff(Duration.ofMinutes(1), Duration.ofHours(1));
    /// Of one key: what takes turns is old as well, and what never comes again is forgotten.
    private static final int CAUSES = 8;

    /// @param since how often it was not told since it was told last
    private record Told(Instant next, int times, int since) {}

    private static final class Causes extends LinkedHashMap<String, Told> {
        private static final long serialVersionUID = 1L;

        Causes() {
            super(CAUSES, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
            return size() > CAUSES;
        }
    }

    private final Time time;
    private final Map<K, Causes> told = new HashMap<>();

    public Repeats(Time time) {
        this.time = time;
    }

    /// Notes a failure.
    ///
    /// @param cause equal for what says nothing new
    /// @return how often it was left out since it was told last; empty where it is to be left out now, too
    public synchronized Optional<Integer> due(K key, String cause) {
        var causes = told.computeIfAbsent(key, _ -> new Causes());
        var before = causes.get(cause);
        var now = time.now();
        if (before != null && now.isBefore(before.next())) {
            causes.put(cause, new Told(before.next(), before.times(), before.since() + 1));
            return Optional.empty();
        }
        int times = before == null ? 1 : before.times() + 1;
        causes.put(cause, new Told(now.plus(DISTANCE.after(times)), times, 0));
        return Optional.of(before == null ? 0 : before.since());
    }

    /// Behind what is told: ` (and 12 times more since this was said)`; nothing where it was never left out.
    public static String before(int leftOut) {
        return leftOut == 0 ? "" : " (and %d times more since this was said)".formatted(leftOut);
    }

    /// It went well, or is gone: its next failure is news.
    public synchronized void forget(K key) {
        told.remove(key);
    }
}
