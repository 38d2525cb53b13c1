package dev.sluice.local.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The API server on the network: plain HTTP/1.1 on a loopback address, one virtual thread for each request.
///
/// A watch is a chunked stream; each batch of events is flushed as it comes. Everybody who reaches the port is let in,
/// which is why it must be a loopback address.
public final class HttpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    /// As a cluster's API server has it.
    static final int MAX_BODY = 3 * 1024 * 1024;

    /// Requests under way at once, watches included.
    static final int MAX_REQUESTS = 4_000;

    /// A watch for which the client names no time ends after so long; clients open a new one.
    private static final Duration LONGEST_WATCH = Duration.ofMinutes(40);

    private static final Duration BOOKMARK_EVERY = Duration.ofSeconds(60);

    /// How long a stream goes without looking whether it shall end.
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final ApiServer api;
    private final HttpServer http;
    private final ExecutorService threads;
    private final Semaphore room = new Semaphore(MAX_REQUESTS);
    private volatile boolean closed;

    static {
        // Read by the JDK's server once, when its classes load. Without the first, Nagle's algorithm holds back each
        // small
        // chunk of a watch until the reader has acknowledged the one before.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
        // Seconds within which a request must have arrived: a client that sends half of one must not keep a thread.
        if (System.getProperty("sun.net.httpserver.maxReqTime") == null) {
            System.setProperty("sun.net.httpserver.maxReqTime", "60");
        }
    }

    private HttpListener(ApiServer api, HttpServer http) {
        this.api = api;
        this.http = http;
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("sluice-api-", 0).factory());
        http.setExecutor(threads);
        http.createContext("/", this::serve);
        http.start();
    }

    /// Listens from now on.
    ///
    /// @param at a loopback address; port 0 takes any free one
    /// @throws IOException when the address is not loopback or cannot be bound; the message says which and why
    public static HttpListener open(ApiServer api, InetSocketAddress at) throws IOException {
        if (at.getAddress() == null || !at.getAddress().isLoopbackAddress()) {
            throw new IOException(
                    "the API server listens on loopback addresses only, " + at + " is none; use 127.0.0.1");
        }
        try {
            return new HttpListener(api, HttpServer.create(at, 0));
        } catch (IOException taken) {
            throw new IOException(
                    "cannot listen on " + at + ": " + taken.getMessage() + "; choose another port, or 0 for any",
                    taken);
        }
    }

    /// Where clients find the server: `http://127.0.0.1:40123`.
    public URI uri() {
        var at = http.getAddress();
        return URI.create("http://" + at.getAddress().getHostAddress() + ":" + at.getPort());
    }

    /// A kubeconfig, as YAML, whose one context is this server.
    public String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                current-context: sluice-local
                clusters:
                - name: sluice-local
                  cluster:
                    server: %s
                contexts:
                - name: sluice-local
                  context:
                    cluster: sluice-local
                    namespace: default
                    user: sluice-local
                users:
                - name: sluice-local
                  user: {}
                """.formatted(uri());
    }

    private void serve(HttpExchange exchange) {
        boolean admitted = room.tryAcquire();
        try (exchange) {
            var response = admitted ? answer(exchange) : busy();
            send(exchange, response);
        } catch (IOException gone) {
            // The client went away: nobody is left to be told.
            LOG.debug("request={} because=client gone: {}", exchange.getRequestURI(), gone.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException bug) {
            LOG.error("request={} {} because=unexpected", exchange.getRequestMethod(), exchange.getRequestURI(), bug);
        } finally {
            if (admitted) room.release();
        }
    }

    private static ApiResponse busy() {
        return Failure.tooManyRequests(
                        "The server has " + MAX_REQUESTS + " requests under way; try again later",
                        Json.obj("retryAfterSeconds", 1))
                .response();
    }

    private ApiResponse answer(HttpExchange exchange) throws IOException {
        byte[] body;
        try (InputStream in = exchange.getRequestBody()) {
            body = in.readNBytes(MAX_BODY + 1);
        }
        if (body.length > MAX_BODY) return Failure.tooLarge(MAX_BODY).response();
        var uri = exchange.getRequestURI();
        Map<String, String> query;
        try {
            query = query(uri.getRawQuery());
        } catch (IllegalArgumentException malformed) {
            return Failure.badRequest("malformed query: " + malformed.getMessage())
                    .response();
        }
        var headers = new TreeMap<String, String>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
        return api.handle(new ApiRequest(
                exchange.getRequestMethod(),
                uri.getPath(),
                query,
                headers,
                new ApiRequest.Body.Text(body),
                "kubernetes-admin"));
    }

    private static Map<String, String> query(@Nullable String raw) {
        var query = new TreeMap<String, String>();
        if (raw == null) return query;
        for (var pair : raw.split("&", -1)) {
            int sign = pair.indexOf('=');
            var name = sign < 0 ? pair : pair.substring(0, sign);
            if (name.isEmpty()) continue;
            query.putIfAbsent(decoded(name), sign < 0 ? "" : decoded(pair.substring(sign + 1)));
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private void send(HttpExchange exchange, ApiResponse response) throws IOException, InterruptedException {
        var headers = exchange.getResponseHeaders();
        headers.set("Cache-Control", "no-cache, private");
        for (var warning : response.warnings()) headers.add("Warning", "299 - " + quoted(warning));
        var retry = response.json().at("details", "retryAfterSeconds").asLong();
        if (retry.isPresent() && response.code() >= 400)
            headers.set("Retry-After", retry.get().toString());
        switch (response.body()) {
            case ApiResponse.Body.Tree(var json, var type) -> whole(exchange, response.code(), type, json.bytes());
            case ApiResponse.Body.Text(var type, var text) ->
                whole(exchange, response.code(), type, text.getBytes(StandardCharsets.UTF_8));
            case ApiResponse.Body.Watching(var feed, var lines, var type) -> {
                headers.set("Content-Type", type);
                try {
                    exchange.sendResponseHeaders(response.code(), 0);
                    watch(exchange, feed, lines);
                } finally {
                    feed.close();
                }
            }
            case ApiResponse.Body.Log(var source) -> {
                headers.set("Content-Type", "text/plain");
                exchange.sendResponseHeaders(response.code(), 0);
                try (var out = exchange.getResponseBody()) {
                    out.flush();
                    source.copyTo(out, PATIENCE);
                }
            }
        }
    }

    private static void whole(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        if (!type.isEmpty()) exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(code, head || body.length == 0 ? -1 : body.length);
        if (head || body.length == 0) return;
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private void watch(HttpExchange exchange, Feed feed, ApiResponse.Lines lines)
            throws IOException, InterruptedException {
        var query = query(exchange.getRequestURI().getRawQuery());
        boolean bookmarks = query.getOrDefault("allowWatchBookmarks", "").matches("true|1");
        var time = api.time();
        var end = time.now().plus(longest(query));
        var nextBookmark = time.now().plus(BOOKMARK_EVERY);
        try (var out = exchange.getResponseBody()) {
            out.flush();
            while (!closed && !feed.exhausted() && time.now().isBefore(end)) {
                var first = feed.take(shorter(PATIENCE, Duration.between(time.now(), end)));
                if (first.isPresent()) {
                    var batch = new ArrayList<Feed.Event>(List.of(first.get()));
                    batch.addAll(feed.take());
                    for (var event : batch) line(out, lines.of(event));
                    out.flush();
                } else if (bookmarks && !time.now().isBefore(nextBookmark)) {
                    var bookmark = lines.bookmark();
                    if (bookmark.isPresent()) line(out, bookmark.get());
                    out.flush();
                    nextBookmark = time.now().plus(BOOKMARK_EVERY);
                }
            }
        }
    }

    private static Duration longest(Map<String, String> query) {
        try {
            long seconds = Long.parseLong(query.getOrDefault("timeoutSeconds", "0"));
            if (seconds > 0) return shorter(Duration.ofSeconds(seconds), Duration.ofHours(24));
        } catch (NumberFormatException noNumber) {
            // As if none had been given.
        }
        return LONGEST_WATCH;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static void line(OutputStream out, Json.Obj json) throws IOException {
        out.write((json.text() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace('\n', ' ') + "\"";
    }

    /// Stops listening; streams under way end within [#PATIENCE].
    @Override
    public void close() {
        closed = true;
        http.stop(0);
        threads.shutdownNow();
    }
}
