package dev.sluice.kube.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/// A server on loopback that says what it is told to, on the wire.
final class WireServer implements AutoCloseable {
    record Seen(String method, String target, String mediaType, String body, String authorization, String user) {}

    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    final List<Seen> seen = new CopyOnWriteArrayList<>();
    /// Opened at the end, so that no handler is left hanging.
    final CountDownLatch released = new CountDownLatch(1);
    volatile Answer answer = exchange -> send(exchange, 200, "{}");

    WireServer() {
        this(create());
    }

    WireServer(HttpServer server) {
        this.server = server;
        server.createContext("/", exchange -> {
            var headers = exchange.getRequestHeaders();
            seen.add(new Seen(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    String.valueOf(headers.getFirst("Content-Type")),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    String.valueOf(headers.getFirst("Authorization")),
                    String.valueOf(headers.getFirst("Impersonate-User"))));
            answer.to(exchange);
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    private static HttpServer create() {
        try {
            return HttpServer.create(loopback(), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    int port() {
        return server.getAddress().getPort();
    }

    static void send(HttpExchange exchange, int code, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    static String status(int code, String reason, String message) {
        return Json.obj("kind", "Status", "status", "Failure", "code", code, "reason", reason, "message", message)
                .text();
    }

    /// Sends pieces of a chunked answer, then ends it.
    static Answer chunks(String... pieces) {
        return exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (var piece : pieces) {
                exchange.getResponseBody().write(piece.getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
            }
            exchange.close();
        };
    }

    /// A kubeconfig with two contexts, `here` and `elsewhere`; users as given.
    Path kubeconfig(Path directory, String user) throws IOException {
        return kubeconfig(directory, "http://127.0.0.1:" + port(), "", user);
    }

    Path kubeconfig(Path directory, String url, String cluster, String user) throws IOException {
        return Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: here
                clusters:
                - name: c
                  cluster: {server: "%s"%s}
                contexts:
                - name: here
                  context: {cluster: c, user: u, namespace: shop}
                - name: elsewhere
                  context: {cluster: c, user: u}
                users:
                - name: u
                  user: %s
                """.formatted(url, cluster, user));
    }

    @Override
    public void close() {
        released.countDown();
        server.stop(0);
    }
}
