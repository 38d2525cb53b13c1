package dev.sluice.local.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The API server on a socket.
@Timeout(60)
class HttpListenerTest {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private final ApiServer api = new ApiServer(new WallTime(), 7);
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private HttpListener listener;

    @BeforeEach
    void listen() throws IOException {
        listener = HttpListener.open(api, new InetSocketAddress("127.0.0.1", 0));
    }

    @AfterEach
    void stop() {
        listener.close();
        client.shutdownNow();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(listener.uri() + path)).timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String path, String type, String body) throws Exception {
        return client.send(
                request(path)
                        .header("Content-Type", type)
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String map(String name) {
        return Cluster.configMap(name).text();
    }

    @Test
    void objectsComeAndGo() throws Exception {
        assertThat(send("POST", MAPS, "application/json", map("a")).statusCode())
                .isEqualTo(201);
        var got = get(MAPS + "/a");
        assertThat(got.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(Json.parse(got.body()).at("metadata", "name").string("")).isEqualTo("a");
        assertThat(send("DELETE", MAPS + "/a", "application/json", "").statusCode())
                .isEqualTo(200);
        assertThat(get(MAPS + "/a").statusCode()).isEqualTo(404);
    }

    @Test
    void selectorsAreDecoded() throws Exception {
        send("POST", MAPS, "application/json", map("a"));
        assertThat(Json.parse(get(MAPS + "?fieldSelector=metadata.name%3Da&labelSelector=%21x")
                                .body())
                        .at("items")
                        .items())
                .hasSize(1);
    }

    @Test
    void yamlIsUnderstood() throws Exception {
        var yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: 'v'}\n";
        assertThat(send("POST", MAPS, "application/yaml", yaml).statusCode()).isEqualTo(201);
    }

    @Test
    void aWatchTellsEachEventAsItHappens() throws Exception {
        var response = client.send(
                request(MAPS + "?watch=true&resourceVersion=0").build(), HttpResponse.BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (var name : new String[] {"a", "b", "c"}) {
                send("POST", MAPS, "application/json", map(name));
                var event = Json.parse(lines.readLine());
                assertThat(event.at("type").string("")).isEqualTo("ADDED");
                assertThat(event.at("object", "metadata", "name").string("")).isEqualTo(name);
            }
        }
    }

    @Test
    void aWatchEndsWhenItsTimeIsUp() throws Exception {
        assertThat(get(MAPS + "?watch=true&timeoutSeconds=1").statusCode()).isEqualTo(200);
    }

    @Test
    void aWatchFromACompactedRevisionSaysGoneInItsFirstLine() throws Exception {
        send("POST", MAPS, "application/json", map("a"));
        api.compact();
        var event =
                Json.parse(get(MAPS + "?watch=true&resourceVersion=1").body().strip());
        assertThat(event.at("type").string("")).isEqualTo("ERROR");
        assertThat(event.at("object", "code").integer(0)).isEqualTo(410);
        assertThat(event.at("object", "reason").string("")).isEqualTo("Expired");
    }

    @Test
    void initialEventsEndWithABookmark() throws Exception {
        send("POST", MAPS, "application/json", map("a"));
        var body = get(MAPS + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                        + "&allowWatchBookmarks=true&timeoutSeconds=1")
                .body();
        var types = new ArrayList<String>();
        body.lines().forEach(line -> types.add(Json.parse(line).at("type").string("")));
        assertThat(types).containsExactly("ADDED", "BOOKMARK");
        assertThat(body).contains("k8s.io/initial-events-end");
    }

    @Test
    void aHundredIdleWatchesCostNoPlatformThreads() throws Exception {
        var open = new ArrayList<HttpResponse<java.io.InputStream>>();
        int before = Thread.getAllStackTraces().size();
        for (int i = 0; i < 100; i++) {
            open.add(client.send(request(MAPS + "?watch=true").build(), HttpResponse.BodyHandlers.ofInputStream()));
        }
        assertThat(Thread.getAllStackTraces().size() - before).isLessThan(20);
        for (var response : open) response.body().close();
    }

    @Test
    void warningsAreHeaders() throws Exception {
        var body = Cluster.deployment("web", 1)
                .withAt(java.util.List.of("spec", "replicsa"), 3)
                .text();
        var response = send("POST", "/apis/apps/v1/namespaces/default/deployments", "application/json", body);
        assertThat(response.headers().allValues("warning"))
                .containsExactly("299 - \"unknown field \\\"spec.replicsa\\\"\"");
    }

    @Test
    void whatIsNoJsonIsABadRequest() throws Exception {
        assertThat(send("POST", MAPS, "application/json", "{").statusCode()).isEqualTo(400);
    }

    @Test
    void aBodyIsBounded() throws Exception {
        var huge = "{\"x\":\"" + "y".repeat(HttpListener.MAX_BODY) + "\"}";
        assertThat(send("POST", MAPS, "application/json", huge).statusCode()).isEqualTo(413);
    }

    @Test
    void aFollowedLogFlows() throws Exception {
        var go = new CountDownLatch(1);
        api.logsFrom(query -> Optional.of((out, patience) -> {
            out.write("first\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            try {
                if (!go.await(20, TimeUnit.SECONDS)) throw new IOException("nobody read the first line");
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
            out.write("second\n".getBytes(StandardCharsets.UTF_8));
        }));
        send(
                "POST",
                "/api/v1/namespaces/default/pods",
                "application/json",
                Cluster.pod("web", "n1").text());
        var response = client.send(
                request("/api/v1/namespaces/default/pods/web/log?follow=true").build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("first");
            go.countDown();
            assertThat(lines.readLine()).isEqualTo("second");
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void aTakenPortIsNamedWithARemedy() {
        assertThatThrownBy(() -> HttpListener.open(
                        api, new InetSocketAddress("127.0.0.1", listener.uri().getPort())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:" + listener.uri().getPort())
                .hasMessageContaining("choose another port");
    }

    @Test
    void onlyLoopbackIsListenedOn() {
        assertThatThrownBy(() -> HttpListener.open(api, new InetSocketAddress("0.0.0.0", 0)))
                .hasMessageContaining("loopback addresses only");
    }
}
