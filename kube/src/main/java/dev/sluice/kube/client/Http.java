package dev.sluice.kube.client;

import dev.sluice.cluster.Reply;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/// Requests and answers as bytes, within a time and a size.
///
/// Calls are handed to the library on a virtual thread each, as renewing a credential (an exec plug-in, say) happens
/// inside of that call and has no time limit of its own. The library's own work is on virtual threads too.
final class Http implements AutoCloseable {
    private final HttpClient client;
    private final Executor threads;
    private final String server;

    Http(ClusterAccess.Resolved access) {
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("sluice-http-", 0).factory());
        server = access.server();
        var builder = new JdkHttpClientFactory() {
            @Override
            protected java.net.http.HttpClient.Builder createNewHttpClientBuilder() {
                return java.net.http.HttpClient.newBuilder().executor(threads);
            }
        }.newBuilder(access.config());
        if (!access.keys().isEmpty()) {
            try {
                builder.sslContext(access.keys().toArray(KeyManager[]::new), SSLUtils.trustManagers(access.config()));
            } catch (GeneralSecurityException | IOException e) {
                throw new KubeconfigException("certificate authority: " + e.getMessage(), e);
            }
        }
        client = builder.build();
    }

    /// What is sent.
    ///
    /// @param target path and query
    record Out(String method, String target, Optional<Body> body) {
        record Body(String mediaType, String text) {}
    }

    /// What came back, whole.
    record Answer(int code, Optional<String> retryAfter, String body) {}

    /// There was no whole answer.
    static final class NoAnswer extends Exception {
        private static final long serialVersionUID = 1L;

        final transient Reply.Lost lost;
        /// Whether there was not even the beginning of one.
        final boolean unreached;

        NoAnswer(Reply.Lost lost, boolean unreached) {
            super(lost.why());
            this.lost = lost;
            this.unreached = unreached;
        }
    }

    /// Sends and waits for the whole answer.
    ///
    /// @param most bytes of the body
    /// @throws NoAnswer when it did not come within `timeout` or was larger
    Answer exchange(Out out, Duration timeout, long most) throws NoAnswer {
        var gathering = new Gathering(most);
        var whole = begin(out, timeout, false, gathering).thenCompose(response -> {
            gathering.body = response.body();
            if (gathering.abandoned) response.body().cancel();
            response.body().consume();
            return response.body().done().thenApply(end -> response);
        });
        try {
            var response = whole.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return new Answer(response.code(), Optional.ofNullable(response.header("Retry-After")), gathering.text());
        } catch (TimeoutException e) {
            throw new NoAnswer(Unreached.late(timeout), gathering.body == null);
        } catch (ExecutionException | CancellationException e) {
            if (gathering.tooLarge) throw broken("the answer is larger than " + most + " bytes");
            throw new NoAnswer(lost(e, timeout), gathering.body == null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw broken("interrupted");
        } finally {
            gathering.abandon();
        }
    }

    private static NoAnswer broken(String why) {
        return new NoAnswer(new Reply.Lost(why), false);
    }

    /// Sends, and gives the chunks of the answer to a consumer as they come.
    CompletableFuture<HttpResponse<AsyncBody>> stream(
            Out out, Duration timeout, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        return begin(out, timeout, true, consumer);
    }

    private CompletableFuture<HttpResponse<AsyncBody>> begin(
            Out out, Duration timeout, boolean streaming, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        var request = client.newHttpRequestBuilder().uri(server + out.target()).header("Accept", "application/json");
        if (streaming) request.forStreaming();
        else request.timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        var body = out.body();
        request.method(
                out.method(),
                body.map(Out.Body::mediaType).orElse(null),
                body.map(Out.Body::text).orElse(null));
        HttpRequest built = request.build();
        return CompletableFuture.completedFuture(built)
                .thenComposeAsync(ready -> client.consumeBytes(ready, consumer), threads);
    }

    /// A failure in a few words: what is the matter with the server, else class and message of the root.
    Reply.Lost lost(Throwable thrown, Duration timeout) {
        return Unreached.by(thrown, server, timeout).orElseGet(() -> new Reply.Lost(why(thrown)));
    }

    /// The server's URL.
    String server() {
        return server;
    }

    /// Class and message of the root.
    static String why(Throwable thrown) {
        var cause = thrown;
        while (cause.getCause() != null
                && (cause instanceof ExecutionException
                        || cause instanceof CompletionException
                        || cause.getMessage() == null)) {
            cause = cause.getCause();
        }
        var name = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? name : name + ": " + cause.getMessage();
    }

    @Override
    public void close() {
        client.close();
    }

    private static final class Gathering implements AsyncBody.Consumer<List<ByteBuffer>> {
        private final long most;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        volatile boolean tooLarge;
        volatile boolean abandoned;
        volatile @Nullable AsyncBody body;

        Gathering(long most) {
            this.most = most;
        }

        @Override
        public void consume(List<ByteBuffer> chunks, AsyncBody from) {
            long more = chunks.stream().mapToLong(ByteBuffer::remaining).sum();
            if (abandoned || bytes.size() + more > most) {
                tooLarge = !abandoned;
                from.cancel();
                return;
            }
            each(chunks, bytes::writeBytes);
            from.consume();
        }

        /// Whether or not the answer is whole, nothing more is wanted of it.
        void abandon() {
            abandoned = true;
            var begun = body;
            if (begun != null) begun.cancel();
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    static void each(List<ByteBuffer> chunks, Consumer<byte[]> consumer) {
        for (var chunk : chunks) {
            var copy = new byte[chunk.remaining()];
            chunk.get(copy);
            consumer.accept(copy);
        }
    }
}
