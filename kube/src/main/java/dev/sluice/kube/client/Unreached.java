package dev.sluice.kube.client;

import dev.sluice.cluster.Loss;
import dev.sluice.cluster.Reply;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The words in which an operator is told how a server was not reached.
final class Unreached {
    /// Chains of causes may be circular.
    private static final int DEEPEST = 20;

    private Unreached() {}

    static Reply.Lost late(Duration timeout) {
        boolean whole = timeout.toMillis() % 1000 == 0;
        return new Reply.Lost(
                Loss.LATE, "no answer within " + (whole ? timeout.toSeconds() + " s" : timeout.toMillis() + " ms"));
    }

    /// What a failed exchange says of the server.
    ///
    /// @param server the URL of it
    /// @return empty when the failure is of another sort: a connection cut in the middle, say
    static Optional<Reply.Lost> by(Throwable thrown, String server, Duration timeout) {
        if (find(thrown, UnresolvedAddressException.class) != null
                || find(thrown, UnknownHostException.class) != null) {
            return lost(Loss.UNKNOWN_HOST, "host " + host(server) + " is not known");
        }
        var certificate = find(thrown, CertificateException.class);
        if (certificate != null) return Optional.of(distrusted(server, line(certificate)));
        var handshake = find(thrown, SSLException.class);
        if (handshake != null) return Optional.of(insecure(server, line(handshake)));
        if (find(thrown, HttpTimeoutException.class) != null || find(thrown, TimeoutException.class) != null) {
            return Optional.of(late(timeout));
        }
        if (find(thrown, NoRouteToHostException.class) != null) return noRoute(server);
        if (says(thrown, "Connection reset") || says(thrown, "header parser received no bytes")) {
            return lost(Loss.CUT, server + " has cut the connection");
        }
        if (find(thrown, ConnectException.class) == null) return Optional.empty();
        // The JDK's client tries a refused connection once more, and tells of the channel that the first try closed.
        if (find(thrown, ClosedChannelException.class) != null || says(thrown, "refused")) {
            return lost(Loss.REFUSED, server + " refuses the connection");
        }
        return says(thrown, "unreachable") ? noRoute(server) : Optional.empty();
    }

    private static Optional<Reply.Lost> lost(Loss loss, String why) {
        return Optional.of(new Reply.Lost(loss, why));
    }

    private static Optional<Reply.Lost> noRoute(String server) {
        return lost(Loss.NO_ROUTE, server + " has no way to it from here");
    }

    private static Reply.Lost distrusted(String server, String said) {
        boolean another = said.startsWith("No subject alternative") || said.startsWith("No name matching");
        return new Reply.Lost(
                Loss.CERTIFICATE,
                server + ": its certificate is " + (another ? "for another host: " : "not trusted: ") + said);
    }

    private static Reply.Lost insecure(String server, String said) {
        if (said.contains("PKIX") || said.contains("unable to find valid certification path")) {
            return distrusted(server, said);
        }
        var what = said;
        if (said.contains("Unsupported or unrecognized SSL message")) {
            what = "it speaks no TLS; is its address http:// instead of https://?";
        } else if (said.contains("certificate_required") || said.contains("bad_certificate")) {
            what = "it does not take the client certificate of the kubeconfig (" + said + ")";
        }
        return new Reply.Lost(Loss.HANDSHAKE, server + " could be reached, but not spoken to: " + what);
    }

    private static String host(String server) {
        try {
            var host = URI.create(server).getHost();
            return host == null ? server : host;
        } catch (IllegalArgumentException noUrl) {
            return server;
        }
    }

    private static String line(Throwable thrown) {
        var message = thrown.getMessage();
        return message == null
                ? thrown.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }

    private static boolean says(Throwable thrown, String word) {
        int depth = 0;
        for (Throwable at = thrown; at != null && depth < DEEPEST; at = at.getCause(), depth++) {
            if (at.getMessage() != null && at.getMessage().contains(word)) return true;
        }
        return false;
    }

    private static <T extends Throwable> @Nullable T find(Throwable thrown, Class<T> type) {
        int depth = 0;
        for (Throwable at = thrown; at != null && depth < DEEPEST; at = at.getCause(), depth++) {
            if (type.isInstance(at)) return type.cast(at);
        }
        return null;
    }
}
