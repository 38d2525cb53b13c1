package dev.sluice.local.pod;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The output of one container: a bounded ring of lines that can be followed. Safe for use by many threads.
public final class PodLog {
    /// Longer lines are cut; a container must not fill the memory of all.
    public static final int LONGEST_LINE = 4096;

    /// One line.
    ///
    /// @param number counts from 0 and never repeats, so that a reader can tell what it has missed
    public record Line(long number, Instant at, String text) {}

    private final int capacity;
    private final ArrayDeque<Line> lines = new ArrayDeque<>();
    private final List<Follower> followers = new ArrayList<>();
    private long next;
    private boolean ended;

    /// @param capacity lines kept; older ones are forgotten
    public PodLog(int capacity) {
        if (capacity < 1) throw new IllegalArgumentException("a log keeps at least one line, not " + capacity);
        this.capacity = capacity;
    }

    /// Someone following; closing is idempotent.
    public interface Following extends AutoCloseable {
        @Override
        void close();
    }

    /// A class, not a record: two followers with equal listeners are still two.
    private static final class Follower {
        private final Consumer<Line> listener;
        private final Runnable end;

        Follower(Consumer<Line> listener, Runnable end) {
            this.listener = listener;
            this.end = end;
        }
    }

    /// Adds a line; after [#end] it is dropped.
    public synchronized void add(Instant at, String text) {
        if (ended) return;
        var cut = text.length() > LONGEST_LINE ? text.substring(0, LONGEST_LINE) + "…" : text;
        var line = new Line(next++, at, cut);
        if (lines.size() == capacity) lines.removeFirst();
        lines.addLast(line);
        for (var follower : List.copyOf(followers)) follower.listener.accept(line);
    }

    /// The lines still known, oldest first.
    public synchronized List<Line> lines() {
        return List.copyOf(lines);
    }

    /// The last `count` lines, oldest first.
    public synchronized List<Line> tail(int count) {
        var all = List.copyOf(lines);
        return all.subList(Math.max(0, all.size() - Math.max(0, count)), all.size());
    }

    /// Gives the last `tail` lines and then every new one, in order and without a gap; `end` runs once when no more can
    /// come. The listener must not block: it is called by the container's own thread.
    public synchronized Following follow(int tail, Consumer<Line> listener, Runnable end) {
        for (var line : tail(tail)) listener.accept(line);
        if (ended) {
            end.run();
            return () -> {};
        }
        var follower = new Follower(listener, end);
        followers.add(follower);
        return () -> {
            synchronized (this) {
                followers.remove(follower);
            }
        };
    }

    /// No more lines come: the container has ended.
    public synchronized void end() {
        if (ended) return;
        ended = true;
        var last = List.copyOf(followers);
        followers.clear();
        for (var follower : last) follower.end.run();
    }
}
