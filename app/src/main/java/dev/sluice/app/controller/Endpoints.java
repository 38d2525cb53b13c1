package dev.sluice.app.controller;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.json.Json;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a controller tells of itself over HTTP. Only reads; whoever may not read clusters should not reach it.
public final class Endpoints implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);

    /// An answer.
    public record Answer(int code, String type, String body) {
        public static Answer text(int code, String body) {
            return new Answer(code, "text/plain; charset=utf-8", body);
        }

        public static Answer json(int code, Json body) {
            return new Answer(code, "application/json", body.text() + "\n");
        }
    }

    /// Answers a path below its prefix.
    @FunctionalInterface
    public interface Handler {
        Answer answer(String rest);
    }

    private final HttpServer http;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("sluice-http-", 0).factory());

    /// @param handlers by path prefix
    /// @throws IOException when the address cannot be bound; the message names it
    public Endpoints(InetSocketAddress at, SequencedMap<String, Handler> handlers) throws IOException {
        try {
            http = HttpServer.create(at, 0);
        } catch (IOException taken) {
            threads.close();
            throw new IOException("cannot listen on " + at + ": " + taken.getMessage(), taken);
        }
        http.setExecutor(threads);
        handlers.forEach((prefix, handler) -> http.createContext(prefix, exchange -> serve(exchange, prefix, handler)));
        var known = new ArrayList<>(handlers.sequencedKeySet());
        http.createContext(
                "/", exchange -> serve(exchange, "/", _ -> Answer.text(404, "there is " + List.copyOf(known) + "\n")));
        http.start();
    }

    private static void serve(HttpExchange exchange, String prefix, Handler handler) {
        try (exchange) {
            Answer answer;
            if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
                answer = Answer.text(405, "only GET\n");
            } else {
                answer = handler.answer(exchange.getRequestURI().getPath().substring(prefix.length()));
            }
            var bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(answer.code(), head || bytes.length == 0 ? -1 : bytes.length);
            if (!head) exchange.getResponseBody().write(bytes);
        } catch (IOException gone) {
            LOG.debug("the client went away: {}", gone.getMessage());
        } catch (RuntimeException ours) {
            LOG.error("{} crashed", exchange.getRequestURI(), ours);
        }
    }

    public int port() {
        return http.getAddress().getPort();
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
