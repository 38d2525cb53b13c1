package dev.sluice.local.traffic;

import dev.sluice.local.traffic.http.ConnectionPool;
import dev.sluice.local.traffic.http.Headers;
import dev.sluice.local.traffic.http.HttpRequest;
import dev.sluice.local.traffic.http.HttpResponse;
import dev.sluice.local.traffic.http.Outcome;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/// Sends a request on to an endpoint of a backend, and counts how that went.
///
/// Another endpoint is asked only where the first could not be connected to: then nothing has been sent, and
/// nothing can happen twice, whatever the method. A request of which a byte was sent is never repeated.
final class Forwarder {
    static final Duration RESPONSE = Duration.ofSeconds(30);
    private static final int ATTEMPTS = 3;
    private static final PodDirectory.Resident NOBODY = new PodDirectory.Resident("", "", "", "");

    /// Fields that end at a hop.
    ///
    /// @see "RFC 9110, 7.6.1"
    private static final Set<String> HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private final ConnectionPool pool;
    private final PodDirectory directory;
    private final Meter meter;

    Forwarder(ConnectionPool pool, PodDirectory directory, Meter meter) {
        this.pool = pool;
        this.directory = directory;
        this.meter = meter;
    }

    /// Answers a request by an endpoint.
    ///
    /// @param time until the response must have come
    /// @return 503 where there is no endpoint or none can be reached, 504 where the response does not come, 502
    ///     where it breaks off
    HttpResponse forward(Entry entry, Backend backend, HttpRequest request, Duration time) {
        long begin = System.nanoTime();
        var candidates = backend.candidates(request.client(), ATTEMPTS);
        if (candidates.isEmpty()) {
            var why = "service " + backend.namespace() + "/" + backend.service() + " has no ready endpoints";
            return counted(entry, NOBODY, begin, HttpResponse.text(503, why + "\n"));
        }
        var onward = onward(request);
        var failure = "";
        var asked = NOBODY;
        for (var endpoint : candidates) {
            asked = directory
                    .at(endpoint.address())
                    .orElse(new PodDirectory.Resident(backend.namespace(), endpoint.pod(), "unknown", ""));
            switch (pool.send(directory.actual(endpoint.address(), endpoint.port()), onward, time)) {
                case Outcome.Answered(var response) -> {
                    return counted(entry, asked, begin, response.with(endToEnd(response.headers())));
                }
                case Outcome.Failed(var kind, var why, var sent) -> {
                    failure = kind.name().toLowerCase(Locale.ROOT) + ": " + why;
                    if (sent) {
                        int status = kind == Outcome.Failure.TIMEOUT ? 504 : 502;
                        return counted(entry, asked, begin, HttpResponse.text(status, failure + "\n"));
                    }
                }
            }
        }
        return counted(entry, asked, begin, HttpResponse.text(503, failure + "\n"));
    }

    /// An answer of our own to a request that goes to no endpoint.
    HttpResponse answer(Entry entry, int status, String why) {
        return counted(entry, NOBODY, System.nanoTime(), HttpResponse.text(status, why + "\n"));
    }

    private HttpResponse counted(Entry entry, PodDirectory.Resident pod, long begin, HttpResponse response) {
        meter.count(entry, pod, response.status(), (System.nanoTime() - begin) / 1e9);
        return response;
    }

    private static HttpRequest onward(HttpRequest request) {
        var headers = endToEnd(request.headers());
        var before = headers.first("X-Forwarded-For", "");
        headers =
                headers.with("X-Forwarded-For", before.isEmpty() ? request.client() : before + ", " + request.client());
        if (!headers.has("X-Forwarded-Proto")) headers = headers.plus("X-Forwarded-Proto", "http");
        return new HttpRequest(request.method(), request.target(), headers, request.body(), request.client(), true);
    }

    private static Headers endToEnd(Headers headers) {
        var drop = new TreeSet<String>();
        for (var value : headers.all("Connection")) {
            for (var name : value.split(",", -1)) drop.add(name.strip().toLowerCase(Locale.ROOT));
        }
        return headers.without(name -> {
            var lower = name.toLowerCase(Locale.ROOT);
            return HOP.contains(lower) || drop.contains(lower);
        });
    }
}
