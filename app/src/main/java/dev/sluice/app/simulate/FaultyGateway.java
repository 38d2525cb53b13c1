package dev.sluice.app.simulate;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.Selection;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.spi.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// One life of the controller, as it reaches the API server: through faults, until it dies.
final class FaultyGateway implements Gateway {
    private final Gateway server;
    private final Time time;
    private final RandomGenerator random;
    private final Faults faults;
    private final BooleanSupplier stormy;
    private final Optional<Faults.Death> death;
    private final Consumer<Faults.Death> dies;
    private final BiConsumer<Request, Json> wrote;
    private int writes;
    private boolean dead;

    FaultyGateway(
            Gateway server,
            Time time,
            RandomGenerator random,
            Faults faults,
            BooleanSupplier stormy,
            Optional<Faults.Death> death,
            Consumer<Faults.Death> dies,
            BiConsumer<Request, Json> wrote) {
        this.server = server;
        this.time = time;
        this.random = random;
        this.faults = faults;
        this.stormy = stormy;
        this.death = death;
        this.dies = dies;
        this.wrote = wrote;
    }

    /// The life ends; what it had planned does not happen any more.
    void die() {
        dead = true;
    }

    boolean dead() {
        return dead;
    }

    @Override
    public Reply send(Request request) {
        if (dead) return new Reply.Lost("this life is over");
        if (request.writes()) {
            writes++;
            if (death.filter(d -> d.write() == writes).isPresent()) {
                if (death.get().applied()) deliver(request);
                die();
                dies.accept(death.get());
                return new Reply.Lost("died");
            }
        }
        if (stormy.getAsBoolean()) {
            double luck = random.nextDouble();
            if (luck < faults.refused()) return refusal(request);
            if (luck < faults.refused() + faults.lostBefore()) return new Reply.Lost("timeout, not done");
            if (luck < faults.refused() + faults.lostBefore() + faults.lostAfter()) {
                deliver(request);
                return new Reply.Lost("timeout, done");
            }
        }
        return deliver(request);
    }

    private Reply deliver(Request request) {
        var reply = server.send(request);
        if (request.writes() && reply instanceof Reply.Done(var answer)) wrote.accept(request, answer);
        return reply;
    }

    private Reply refusal(Request request) {
        return switch (random.nextInt(request.writes() ? 3 : 2)) {
            case 0 ->
                new Reply.Refused(
                        429,
                        "TooManyRequests",
                        "the server is busy",
                        random.nextBoolean() ? Optional.of(Duration.ofSeconds(1)) : Optional.empty());
            case 1 -> new Reply.Refused(500, "InternalError", "etcdserver: request timed out", Optional.empty());
            default -> new Reply.Refused(409, "Conflict", "the object has been modified", Optional.empty());
        };
    }

    @Override
    public Watch watch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
        return new LaggingWatch(selection, resourceVersion, listener);
    }

    /// Delivers in order, each event a while later than it happened.
    private final class LaggingWatch implements Watch {
        private final Consumer<WatchEvent> listener;
        private final Watch inner;
        private Instant last = Instant.MIN;
        private boolean closed;

        LaggingWatch(Selection selection, String resourceVersion, Consumer<WatchEvent> listener) {
            this.listener = listener;
            this.inner = server.watch(selection, resourceVersion, this::receive);
        }

        private void receive(WatchEvent event) {
            if (closed || dead) return;
            boolean storm = stormy.getAsBoolean();
            long lag = storm && !faults.lag().isZero()
                    ? random.nextLong(faults.lag().toNanos())
                    : 0;
            later(lag, event);
            if (event instanceof WatchEvent.Closed) {
                closed = true;
            } else if (storm && random.nextDouble() < faults.duplicate()) {
                later(lag, event);
            }
            if (!closed && storm && random.nextDouble() < faults.cut()) {
                later(lag, new WatchEvent.Closed(random.nextDouble() < faults.expired(), "cut"));
                closed = true;
                inner.close();
            }
        }

        private void later(long lag, WatchEvent event) {
            var due = time.now().plusNanos(lag);
            if (due.isBefore(last)) due = last;
            last = due;
            time.at(due, () -> {
                if (!dead) listener.accept(event);
            });
        }

        @Override
        public void close() {
            if (closed) return;
            closed = true;
            inner.close();
            later(0, new WatchEvent.Closed(false, "closed"));
        }
    }
}
