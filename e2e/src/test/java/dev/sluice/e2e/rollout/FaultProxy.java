package dev.sluice.e2e.rollout;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The way from a controller to an API server, on which things go wrong.
final class FaultProxy implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final List<String> PASSED_ON = List.of("Accept", "Content-Type", "User-Agent");
    private static final List<String> PASSED_BACK = List.of("Content-Type", "Retry-After");

    private final Path folder;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final URI target;
    private final HttpClient client;
    private final Rule rule;
    private final Set<InputStream> watches = ConcurrentHashMap.newKeySet();

    /// @param method of HTTP
    /// @param path without the query
    record Call(String method, String path) {
        /// Whether it changes what a rollout consists of: no Event, no Lease, no question about rights.
        boolean moves() {
            return !method.equals("GET")
                    && !path.contains("/events")
                    && !path.contains("/leases")
                    && !path.contains("/selfsubject");
        }
    }

    /// What becomes of a call.
    sealed interface Fate {
        /// It arrives, and so does the answer.
        record Passed() implements Fate {}

        /// It does not arrive; the answer is this one.
        record Refused(int code, String reason) implements Fate {}

        /// It arrives, and nobody hears of it.
        record Unheard() implements Fate {}
    }

    /// What is to become of calls.
    interface Rule {
        default Fate of(Call call) {
            return new Fate.Passed();
        }

        /// A call has changed something, and its answer is not on its way yet.
        default void changed(Call call) {}
    }

    FaultProxy(URI target, HttpClient client, Rule rule) throws IOException {
        this.target = target;
        this.client = client;
        this.rule = rule;
        folder = Files.createTempDirectory("sluice-proxy");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::pass);
        server.start();
    }

    /// A kubeconfig that leads through here, as long as this is open.
    Path kubeconfig() throws IOException {
        var file = folder.resolve("kubeconfig");
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: proxy
                clusters:
                - {name: proxy, cluster: {server: "http://127.0.0.1:%d"}}
                contexts:
                - {name: proxy, context: {cluster: proxy, user: proxy}}
                users:
                - {name: proxy, user: {}}
                """.formatted(server.getAddress().getPort()));
        return file;
    }

    /// Ends all watches that are open.
    void cutWatches() {
        for (var watch : watches) close(watch);
    }

    private static void close(InputStream stream) {
        try {
            stream.close();
        } catch (IOException alreadyGone) {
            // Then it is closed.
        }
    }

    private void pass(HttpExchange exchange) {
        try (exchange) {
            var call = new Call(
                    exchange.getRequestMethod(), exchange.getRequestURI().getPath());
            switch (rule.of(call)) {
                case Fate.Passed() -> answer(exchange, call, send(exchange));
                case Fate.Unheard() -> send(exchange).body().close();
                case Fate.Refused(var code, var reason) -> refuse(exchange, code, reason);
            }
        } catch (IOException gone) {
            // One of the two ends has gone away: the other notices.
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<InputStream> send(HttpExchange exchange) throws IOException, InterruptedException {
        var body = exchange.getRequestBody().readAllBytes();
        var request = HttpRequest.newBuilder(
                        target.resolve(exchange.getRequestURI().toString()))
                .timeout(LIMIT)
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        for (var name : PASSED_ON) {
            var value = exchange.getRequestHeaders().getFirst(name);
            if (value != null) request.header(name, value);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private void answer(HttpExchange exchange, Call call, HttpResponse<InputStream> response) throws IOException {
        try (var body = response.body()) {
            if (call.moves() && response.statusCode() < 300) rule.changed(call);
            for (var name : PASSED_BACK) {
                response.headers()
                        .firstValue(name)
                        .ifPresent(value -> exchange.getResponseHeaders().set(name, value));
            }
            exchange.sendResponseHeaders(response.statusCode(), 0);
            boolean watch = String.valueOf(exchange.getRequestURI().getQuery()).contains("watch=");
            if (watch) watches.add(body);
            try (var out = exchange.getResponseBody()) {
                // Of a watch the answer has begun, though nothing may happen for long.
                out.flush();
                var buffer = new byte[1 << 14];
                for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                    out.write(buffer, 0, read);
                    out.flush();
                }
            } finally {
                watches.remove(body);
            }
        }
    }

    private static void refuse(HttpExchange exchange, int code, String reason) throws IOException {
        exchange.getRequestBody().readAllBytes();
        var status = Json.obj(
                "kind", "Status",
                "apiVersion", "v1",
                "status", "Failure",
                "message", "refused on the way",
                "reason", reason,
                "code", code);
        var body = status.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        cutWatches();
        server.stop(0);
        threads.shutdownNow();
        try {
            Files.deleteIfExists(folder.resolve("kubeconfig"));
            Files.delete(folder);
        } catch (IOException left) {
            throw new IllegalStateException(left);
        }
    }
}
