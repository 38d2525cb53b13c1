package dev.sluice.local;

import dev.sluice.local.api.PodLogs;
import dev.sluice.local.pod.PodLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// The logs that pods keep, as the API server wants to read them.
///
/// @param find the log of a pod's main container
record ContainerLogs(Find find) implements PodLogs {
    /// Lines that may wait for a slow reader; when more come it has fallen behind and is cut off.
    private static final int BACKLOG = 4096;

    interface Find {
        Optional<PodLog> log(String namespace, String pod, boolean previous);
    }

    @Override
    public Optional<Source> open(Query query) {
        return find.log(query.namespace(), query.pod(), query.previous()).map(log -> new Reading(log, query));
    }

    private record Reading(PodLog log, Query query) implements Source {
        @Override
        public void copyTo(OutputStream out, Duration patience) throws IOException {
            int tail = query.tailLines().orElse(Integer.MAX_VALUE);
            if (!query.follow()) {
                for (var line : log.tail(tail)) write(line, out);
                out.flush();
                return;
            }
            follow(tail, out, patience);
        }

        private void follow(int tail, OutputStream out, Duration patience) throws IOException {
            var waiting = new ArrayBlockingQueue<PodLog.Line>(BACKLOG);
            var over = new AtomicBoolean();
            try (var _ = log.follow(
                    tail,
                    line -> {
                        if (!waiting.offer(line)) over.set(true);
                    },
                    () -> over.set(true))) {
                while (true) {
                    // Read before the queue is: what came before the end is not lost.
                    boolean last = over.get();
                    var line = waiting.poll(last ? 0 : Math.min(100, patience.toMillis()), TimeUnit.MILLISECONDS);
                    if (line != null) write(line, out);
                    else if (last) return;
                    if (line == null || waiting.isEmpty()) out.flush();
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        private void write(PodLog.Line line, OutputStream out) throws IOException {
            if (query.since().filter(since -> line.at().isBefore(since)).isPresent()) return;
            var text = (query.timestamps() ? stamp(line.at()) + " " : "") + line.text() + "\n";
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        private static String stamp(Instant at) {
            return at.toString();
        }
    }
}
