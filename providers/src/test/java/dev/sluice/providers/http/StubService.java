package dev.sluice.providers.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/// A service on the loopback that answers as it is told and remembers what it was asked.
public final class StubService implements AutoCloseable {
    /// One request as it arrived.
    public record Seen(String method, String path, Map<String, String> headers, String body) {
        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), "");
        }
    }

    /// What answers a path.
    @FunctionalInterface
    public interface Answering {
        void answer(Seen seen, HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
    private final String scheme;

    public StubService() {
        this(Optional.empty());
    }

    /// With a context, over TLS.
    public StubService(Optional<SSLContext> tls) {
        try {
            var address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
            if (tls.isPresent()) {
                var secure = HttpsServer.create(address, 0);
                secure.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
                server = secure;
            } else {
                server = HttpServer.create(address, 0);
            }
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
        scheme = tls.isPresent() ? "https" : "http";
        server.setExecutor(threads);
        server.start();
    }

    public StubService on(String path, Answering answering) {
        server.createContext(path, exchange -> {
            try (exchange) {
                var headers = new LinkedHashMap<String, String>();
                exchange.getRequestHeaders()
                        .forEach((name, values) ->
                                headers.put(name.toLowerCase(java.util.Locale.ROOT), String.join(", ", values)));
                var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                var request = new Seen(
                        exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body);
                seen.add(request);
                answering.answer(request, exchange);
            }
        });
        return this;
    }

    public StubService on(String path, int status, String body) {
        return on(path, (_, exchange) -> reply(exchange, status, body));
    }

    public StubService redirect(String path, int status, String location) {
        return on(path, (_, exchange) -> {
            exchange.getResponseHeaders().set("Location", location);
            reply(exchange, status, "");
        });
    }

    /// Answers nothing until the service is closed.
    public StubService silent(String path) {
        return on(path, (_, _) -> hang());
    }

    /// Answers the head and some of the body, then nothing until the service is closed.
    public StubService halfAnswering(String path) {
        return on(path, (_, exchange) -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            hang();
        });
    }

    /// Answers without an end.
    public StubService endless(String path) {
        return on(path, (_, exchange) -> {
            exchange.sendResponseHeaders(200, 0);
            var block = new byte[1 << 20];
            while (closed.getCount() > 0) exchange.getResponseBody().write(block);
        });
    }

    private void hang() {
        try {
            closed.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    public static void reply(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) exchange.getResponseBody().write(bytes);
    }

    public String url(String path) {
        return scheme + "://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public Seen last() {
        return seen.getLast();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
