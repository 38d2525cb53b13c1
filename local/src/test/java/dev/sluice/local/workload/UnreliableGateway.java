package dev.sluice.local.workload;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// A gateway over a bad network, from a seed: refuses, conflicts, loses answers of what was done, delays and repeats
/// watch events, ends watches.
final class UnreliableGateway implements Gateway {
    private final Gateway gateway;
    private final Time time;
    private final RandomGenerator random;
    private final Instant calm;
    private long faults;

    /// @param calm from here on nothing goes wrong any more
    UnreliableGateway(Gateway gateway, Time time, RandomGenerator random, Instant calm) {
        this.gateway = gateway;
        this.time = time;
        this.random = random;
        this.calm = calm;
    }

    long faults() {
        return faults;
    }

    private boolean fault(int percent) {
        boolean now = time.now().isBefore(calm) && random.nextInt(100) < percent;
        if (now) faults++;
        return now;
    }

    @Override
    public Reply send(Request request) {
        if (fault(4)) return new Reply.Lost("the request was lost");
        if (fault(4)) {
            return new Reply.Refused(500, "InternalError", "the server is unwell", Optional.of(Duration.ofSeconds(1)));
        }
        if (request.writes() && fault(4)) {
            return new Reply.Refused(409, "Conflict", "the object has been modified", Optional.empty());
        }
        var reply = gateway.send(request);
        return fault(4) ? new Reply.Lost("the answer was lost") : reply;
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        var line = new Line(listener);
        line.watch = Optional.of(gateway.watch(selection, resourceVersion, line::take));
        return line;
    }

    private final class Line implements Watch {
        private final Consumer<WatchEvent> listener;
        private Optional<Watch> watch = Optional.empty();
        private Instant last = Instant.EPOCH;
        private boolean cut;

        Line(Consumer<WatchEvent> listener) {
            this.listener = listener;
        }

        private void take(WatchEvent event) {
            if (cut) return;
            if (fault(1)) {
                cut = true;
                deliver(new WatchEvent.Closed(random.nextBoolean(), "cut off"));
                watch.ifPresent(Watch::close);
                return;
            }
            deliver(event);
            if (!(event instanceof WatchEvent.Closed) && fault(3)) deliver(event);
        }

        /// Later, but never before what came earlier.
        private void deliver(WatchEvent event) {
            var when = time.now().plusMillis(time.now().isBefore(calm) ? random.nextInt(200) : 0);
            last = when.isBefore(last) ? last : when;
            time.at(last, () -> listener.accept(event));
        }

        @Override
        public void close() {
            watch.ifPresent(Watch::close);
        }
    }
}
