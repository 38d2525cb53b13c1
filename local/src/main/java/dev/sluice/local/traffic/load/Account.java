package dev.sluice.local.traffic.load;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The books of a generator: every request once, in bounded memory. Safe for many threads.
final class Account {
    private static final int MOST_VERSIONS = 64;
    private static final int FIRST_FAILURES = 50;
    private static final long SLICE = 100_000_000;
    private static final int SLICES = 18_000;

    private final Instant start;
    private final long startNanos;
    private final SortedMap<String, Book> books = new TreeMap<>();
    private final SortedMap<String, Long> reasons = new TreeMap<>();
    private final List<LoadReport.FailedRequest> failures = new ArrayList<>();
    private final long[] stamps = new long[SLICES];
    private final Latencies latencies = new Latencies();
    private long requests;
    private long failed;
    private long behind;

    Account(Instant start, long startNanos) {
        this.start = start;
        this.startNanos = startNanos;
    }

    private static final class Book {
        private final SortedMap<Integer, Long> statuses = new TreeMap<>();
        private final Latencies latencies = new Latencies();
        private final int[] slices = new int[SLICES];
        private long requests;
        private long failed;
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;
        private long firstFailure = Long.MAX_VALUE;
        private long lastFailure = Long.MIN_VALUE;
    }

    /// How one request went.
    ///
    /// @param due when it should have been made, nanoseconds
    /// @param made when it was
    /// @param done when it was over
    /// @param status 0 for no answer
    /// @param reason of the failure, empty for none
    record Result(long number, long due, long made, long done, String version, int status, String reason, String why) {}

    synchronized void add(Result result) {
        var name = books.containsKey(result.version) || books.size() < MOST_VERSIONS ? result.version : "other";
        var book = books.computeIfAbsent(name, _ -> new Book());
        long latency = result.done - result.due;
        boolean bad = !result.reason.isEmpty();
        requests++;
        book.requests++;
        latencies.add(latency);
        book.latencies.add(latency);
        book.statuses.merge(result.status, 1L, Long::sum);
        book.first = Math.min(book.first, result.made);
        book.last = Math.max(book.last, result.made);
        behind = Math.max(behind, result.made - result.due);
        slice(book, result.made);
        if (!bad) return;
        failed++;
        book.failed++;
        book.firstFailure = Math.min(book.firstFailure, result.made);
        book.lastFailure = Math.max(book.lastFailure, result.made);
        reasons.merge(result.reason, 1L, Long::sum);
        if (failures.size() < FIRST_FAILURES) {
            failures.add(new LoadReport.FailedRequest(
                    result.number, instant(result.made), result.version, result.status, result.reason, result.why));
        }
    }

    private void slice(Book book, long made) {
        long number = Math.max(0, made - startNanos) / SLICE;
        int slot = (int) (number % SLICES);
        if (stamps[slot] != number) {
            // Older than half an hour: forgotten by all.
            if (stamps[slot] > number) return;
            stamps[slot] = number;
            for (var any : books.values()) any.slices[slot] = 0;
        }
        book.slices[slot]++;
    }

    private Instant instant(long nanos) {
        return start.plusNanos(nanos - startNanos);
    }

    /// Requests by version that were made between two instants, to a tenth of a second; the last half hour is
    /// known.
    synchronized SortedMap<String, Long> between(Instant from, Instant to) {
        long first = Math.max(0, Duration.between(start, from).toNanos()) / SLICE;
        long end = Math.max(0, Duration.between(start, to).toNanos()) / SLICE;
        var counts = new TreeMap<String, Long>();
        books.forEach((version, book) -> {
            long count = 0;
            for (int slot = 0; slot < SLICES; slot++) {
                if (stamps[slot] >= first && stamps[slot] < end) count += book.slices[slot];
            }
            if (count > 0) counts.put(version, count);
        });
        return counts;
    }

    synchronized LoadReport report(Instant now) {
        var versions = new TreeMap<String, LoadReport.Version>();
        books.forEach((name, book) -> versions.put(
                name,
                new LoadReport.Version(
                        book.requests,
                        book.failed,
                        book.statuses,
                        instant(book.first),
                        instant(book.last),
                        book.failed == 0 ? Optional.empty() : Optional.of(instant(book.firstFailure)),
                        book.failed == 0 ? Optional.empty() : Optional.of(instant(book.lastFailure)),
                        book.latencies.copy())));
        return new LoadReport(
                start,
                now,
                requests,
                failed,
                versions,
                reasons,
                failures,
                latencies.copy(),
                Duration.ofNanos(Math.max(0, behind)));
    }
}
