package dev.sluice.e2e.probes;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// An API server, as a client with all rights sees it.
record Server(String name, URI url, HttpClient client) {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    HttpResponse<String> send(Ask ask, String path, Optional<String> body) throws IOException, InterruptedException {
        // The request's own limit ends with the headers; an answer that never ends must end too.
        try {
            return client.sendAsync(request(ask, path, body), HttpResponse.BodyHandlers.ofString())
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IOException(name + ": no whole answer to " + ask.method() + " " + path, failed);
        }
    }

    HttpResponse<InputStream> open(Ask ask, String path) throws IOException, InterruptedException {
        return client.send(request(ask, path, Optional.empty()), HttpResponse.BodyHandlers.ofInputStream());
    }

    private HttpRequest request(Ask ask, String path, Optional<String> body) {
        var request = HttpRequest.newBuilder(URI.create(url + path.replace(" ", "%20")))
                .timeout(LIMIT)
                .method(
                        ask.method(),
                        body.map(HttpRequest.BodyPublishers::ofString).orElseGet(HttpRequest.BodyPublishers::noBody));
        ask.headers().forEach(request::header);
        return request.build();
    }
}
