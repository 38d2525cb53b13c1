package dev.sluice.kube.client;

import dev.sluice.cluster.Gateway;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.WatchEvent;
import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One watch: lines of JSON in a chunked answer that the server ends after a while.
///
/// One virtual thread reads and tells; so events are told in order, and the one [WatchEvent.Closed] last, however the
/// watch ends. It asks for the next chunk only when it is done with one: a slow listener slows the server, and nothing
/// piles up here.
///
/// @see "Kubernetes API concepts, efficient detection of changes"
final class WireWatch implements Gateway.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(WireWatch.class);

    /// How long the server may be late to end the watch.
    private static final Duration GRACE = Duration.ofSeconds(30);

    /// The part of an answer to a refused watch that is looked at.
    private static final int ERROR_BODY = 64 * 1024;

    /// What comes before a watch, and what is told of it.
    interface Beginning {
        /// Waits for its turn.
        ///
        /// @return why it may not begin
        Optional<String> refused();

        /// There was no answer.
        void lost(Reply.Lost lost);

        /// @param status HTTP status, 0 without an answer
        void begun(int status);
    }

    private sealed interface Piece {
        record Chunk(List<ByteBuffer> bytes) implements Piece {}

        record End(Optional<Throwable> failure) implements Piece {}

        record Stop() implements Piece {}
    }

    private record End(boolean expired, String why) {}

    private final Http.Out out;
    private final KubeGateway.Settings settings;
    private final Duration lasts;
    private final Consumer<WatchEvent> listener;
    /// At most one chunk that was asked for, one end and one stop.
    private final LinkedBlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();

    private final CompletableFuture<HttpResponse<AsyncBody>> stopped = new CompletableFuture<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    WireWatch(Http.Out out, KubeGateway.Settings settings, Duration lasts, Consumer<WatchEvent> listener) {
        this.out = out;
        this.settings = settings;
        this.lasts = lasts;
        this.listener = listener;
    }

    @Override
    public void close() {
        if (stopped.cancel(false)) pieces.add(new Piece.Stop());
    }

    void run(Http http, Beginning beginning) {
        End end;
        try {
            end = follow(http, beginning);
        } catch (RuntimeException ours) {
            LOG.error("a watch of {} crashed", out.target(), ours);
            end = new End(false, "the listener or the watch crashed: " + ours);
        }
        try {
            listener.accept(new WatchEvent.Closed(end.expired(), end.why()));
        } catch (RuntimeException ours) {
            LOG.error("the listener of a watch of {} crashed on its end", out.target(), ours);
        }
    }

    private End follow(Http http, Beginning beginning) {
        var refused = beginning.refused();
        if (refused.isPresent()) return new End(false, refused.get());
        if (stopped.isDone()) return new End(false, "closed by us");
        var answer = http.stream(out, settings.timeout(), (bytes, from) -> pieces.add(new Piece.Chunk(bytes)));
        HttpResponse<AsyncBody> response;
        try {
            var first = CompletableFuture.anyOf(answer, stopped);
            first.get(settings.timeout().toNanos(), TimeUnit.NANOSECONDS);
            response = answer.join();
        } catch (ExecutionException | TimeoutException | InterruptedException failed) {
            var _ = answer.whenComplete((late, _) -> {
                if (late != null) late.body().cancel();
            });
            if (stopped.isDone()) return new End(false, "closed by us");
            var lost = http.lost(failed, settings.timeout());
            if (!(failed instanceof InterruptedException)) beginning.lost(lost);
            beginning.begun(0);
            return new End(false, lost.why());
        }
        beginning.begun(response.code());
        var body = response.body();
        var _ = body.done().whenComplete((_, failure) -> pieces.add(new Piece.End(Optional.ofNullable(failure))));
        try {
            return response.code() == 200 ? lines(body) : failed(response.code(), body);
        } finally {
            body.cancel();
        }
    }

    private End lines(AsyncBody body) {
        long until = System.nanoTime() + lasts.plus(GRACE).toNanos();
        body.consume();
        while (true) {
            switch (take(until)) {
                case Piece.Chunk(var bytes) -> {
                    for (var buffer : bytes) {
                        while (buffer.hasRemaining()) {
                            if (stopped.isDone()) return new End(false, "closed by us");
                            byte next = buffer.get();
                            if (next != '\n') {
                                if (line.size() == settings.largestBody()) {
                                    return new End(false, "a line is longer than " + settings.largestBody() + " bytes");
                                }
                                line.write(next);
                                continue;
                            }
                            var text = line.toByteArray();
                            line.reset();
                            var end = tell(text);
                            if (end.isPresent()) return end.get();
                        }
                    }
                    body.consume();
                }
                case Piece.End(var failure) -> {
                    // A line without its end was cut; the next watch brings it whole.
                    return new End(false, failure.map(Http::why).orElse("ended by the server"));
                }
                case Piece.Stop _ -> {
                    return new End(false, "closed by us");
                }
                case null -> {
                    return new End(false, "the server did not end it after " + lasts.toSeconds() + " s");
                }
            }
        }
    }

    private Optional<End> tell(byte[] text) {
        if (text.length == 0) return Optional.empty();
        Json json;
        try {
            json = Json.parse(text);
        } catch (JsonSyntaxException e) {
            // One unreadable object harms no other; the comparison with the server will find what is missing.
            LOG.warn("an unreadable line in {} is skipped: {}", out.target(), e.getMessage());
            return Optional.empty();
        }
        var object = json.at("object").obj();
        switch (json.at("type").string("")) {
            case "ADDED" -> listener.accept(new WatchEvent.Added(object));
            case "MODIFIED" -> listener.accept(new WatchEvent.Modified(object));
            case "DELETED" -> listener.accept(new WatchEvent.Deleted(object));
            case "BOOKMARK" ->
                listener.accept(new WatchEvent.Bookmark(
                        object.at("metadata", "resourceVersion").string("")));
            case "ERROR" -> {
                return Optional.of(error(object.at("code").integer(500), object));
            }
            default -> LOG.warn("an event of unknown type {} in {} is skipped", json.at("type"), out.target());
        }
        return Optional.empty();
    }

    private End failed(int code, AsyncBody body) {
        long until = System.nanoTime() + settings.timeout().toNanos();
        body.consume();
        while (line.size() < ERROR_BODY) {
            if (!(take(until) instanceof Piece.Chunk(var bytes))) break;
            Http.each(bytes, line::writeBytes);
            body.consume();
        }
        Json status;
        try {
            status = Json.parse(line.toByteArray());
        } catch (JsonSyntaxException e) {
            status = Json.Null.VALUE;
        }
        return error(code, status);
    }

    private static End error(int code, Json status) {
        var why = "HTTP " + code + " " + status.at("reason").string("") + ": "
                + status.at("message").string("no explanation");
        return new End(code == 410 || status.at("code").integer(0) == 410, why);
    }

    private @Nullable Piece take(long until) {
        try {
            return pieces.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Piece.Stop();
        }
    }
}
