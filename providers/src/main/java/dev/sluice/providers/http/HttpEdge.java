package dev.sluice.providers.http;

import dev.sluice.format.GoDuration;
import dev.sluice.spi.Deadline;
import dev.sluice.spi.Time;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Sends calls. Each comes back by its deadline, with at most [#MAX_BODY] bytes and after at most [#MAX_REDIRECTS]
/// redirects; nothing is thrown for what the world does.
///
/// Redirects are followed as Go's client does: 301, 302 and 303 turn into `GET`, 307 and 308 repeat
/// method and body. One difference: towards another host none of the caller's headers go along, since
/// any of them may hold a token.
public final class HttpEdge {
    /// As much as a metric answer may weigh.
    public static final int MAX_BODY = 8 << 20;

    public static final int MAX_REDIRECTS = 10;

    private static final Duration CONNECT = Duration.ofSeconds(10);

    /// Headers that belong to the connection; a metric that sets one is not heard, as with Go's client.
    private static final Set<String> NOT_OURS =
            Set.of("connection", "content-length", "expect", "host", "upgrade", "transfer-encoding");

    /// Clients keep a thread and connections, so all edges share one of each kind, made when first needed.
    private static final class Careful {
        static final HttpClient CLIENT = client(Optional.empty());
    }

    private static final class Trusting {
        static final HttpClient CLIENT = client(Optional.of(trustAnybody()));
    }

    private final Time time;

    public HttpEdge(Time time) {
        this.time = time;
    }

    private static HttpClient client(Optional<SSLContext> context) {
        var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .executor(Executors.newVirtualThreadPerTaskExecutor());
        context.ifPresent(client::sslContext);
        return client.build();
    }

    /// Sends the call and follows where it is sent to.
    public Answer send(Call call, Deadline deadline) {
        var allowed = deadline.left(time.now());
        var next = withUserOfAddress(call);
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            switch (once(next, deadline, allowed)) {
                case Once.Nothing(var why) -> {
                    return new Answer.Unanswered(next + ": " + why);
                }
                case Once.Some(var answer, var location) -> {
                    if (location.isEmpty()) return answer;
                    var target = resolved(next.uri(), location.get());
                    if (target.isEmpty()) {
                        return new Answer.Unanswered(
                                next + ": redirects to something that is no http or https address");
                    }
                    next = redirected(next, answer.status(), target.get());
                }
            }
        }
        return new Answer.Unanswered(call + ": redirects more than " + MAX_REDIRECTS + " times");
    }

    private sealed interface Once {
        record Some(Answer.Answered answer, Optional<String> location) implements Once {}

        record Nothing(String why) implements Once {}
    }

    private Once once(Call call, Deadline deadline, Duration allowed) {
        var left = deadline.left(time.now());
        if (!left.isPositive()) return new Once.Nothing(late(allowed));
        HttpRequest request;
        try {
            request = request(call, left);
        } catch (IllegalArgumentException malformed) {
            // The message of the JDK would quote the value.
            return new Once.Nothing("the address or the name or value of a header is malformed");
        }
        var client = call.insecure() ? Trusting.CLIENT : Careful.CLIENT;
        var coming = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BODY));
        try {
            return some(coming.get(left.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException slow) {
            coming.cancel(true);
            return new Once.Nothing(late(allowed));
        } catch (InterruptedException told) {
            coming.cancel(true);
            Thread.currentThread().interrupt();
            return new Once.Nothing("was interrupted");
        } catch (ExecutionException failed) {
            return new Once.Nothing(why(failed.getCause(), allowed));
        }
    }

    private static Once some(HttpResponse<byte[]> response) {
        var answer = new Answer.Answered(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
        boolean redirect = switch (response.statusCode()) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
        return new Once.Some(answer, redirect ? response.headers().firstValue("location") : Optional.empty());
    }

    private static HttpRequest request(Call call, Duration left) {
        var request = HttpRequest.newBuilder(call.uri())
                .timeout(left)
                .method(
                        call.method(),
                        call.body().map(BodyPublishers::ofByteArray).orElse(BodyPublishers.noBody()));
        if (!call.has("User-Agent")) request.setHeader("User-Agent", "sluice");
        for (var header : call.headers()) {
            if (!NOT_OURS.contains(header.name().toLowerCase(Locale.ROOT))) {
                request.setHeader(header.name(), header.value());
            }
        }
        return request.build();
    }

    private static String late(Duration allowed) {
        return "no answer within " + GoDuration.text(allowed.truncatedTo(ChronoUnit.MILLIS));
    }

    private static String why(@Nullable Throwable cause, Duration allowed) {
        return switch (cause) {
            case HttpTimeoutException _ -> late(allowed);
            case ConnectException connect
            when connect.getCause() instanceof UnresolvedAddressException -> "the host name is unknown";
            case ConnectException _ -> "cannot connect: refused or unreachable";
            case SSLException tls -> "TLS failed: " + tls.getMessage();
            case IOException io
            when String.valueOf(io.getMessage()).contains("body exceeds capacity") ->
                "the answer is longer than " + (MAX_BODY >> 20) + " MiB";
            case IOException io -> "the connection broke: " + io.getMessage();
            case null -> "failed";
            default -> "failed: " + cause.getClass().getSimpleName();
        };
    }

    private static Optional<URI> resolved(URI from, String location) {
        return Addresses.read(location)
                .map(from::resolve)
                .filter(uri -> uri.getHost() != null)
                .filter(uri -> "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()));
    }

    private static Call redirected(Call call, int status, URI target) {
        boolean repeats = status == 307 || status == 308;
        boolean sameHost = target.getHost().equalsIgnoreCase(call.uri().getHost())
                && target.getPort() == call.uri().getPort()
                && target.getScheme().equalsIgnoreCase(call.uri().getScheme());
        return new Call(
                repeats ? call.method() : "GET",
                target,
                call.headers().stream()
                        .filter(header -> sameHost || header.name().equalsIgnoreCase("content-type"))
                        .filter(header -> repeats || !header.name().equalsIgnoreCase("content-type"))
                        .toList(),
                repeats ? call.body() : Optional.empty(),
                call.insecure());
    }

    /// `http://user:password@host` means basic authentication, unless a header says otherwise.
    private static Call withUserOfAddress(Call call) {
        var user = call.uri().getUserInfo();
        if (user == null || call.has("Authorization")) return call;
        var token = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        return call.with("Authorization", "Basic " + token);
    }

    /// A trust manager of the extended kind is asked for the host name as well, so this one waives both checks.
    private static SSLContext trustAnybody() {
        var anybody = new X509ExtendedTrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {anybody}, null);
            return context;
        } catch (GeneralSecurityException noTls) {
            throw new AssertionError("every JDK speaks TLS", noTls);
        }
    }
}
