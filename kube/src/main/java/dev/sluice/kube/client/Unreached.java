package dev.sluice.kube.client;

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

/// Ways not to reach an API server, each with the words in which a [dev.sluice.cluster.Reply.Lost] tells of it.
///
/// A reply carries a sentence and no exception: words are what all gateways have in common. They are made here and
/// recognised here, nowhere else.
public enum Unreached {
    /// Nothing listens at the address.
    REFUSED(" refuses the connection"),
    /// The name of the host leads nowhere.
    UNKNOWN_HOST(" is not known"),
    /// There is no way through the network.
    NO_ROUTE(" has no way to it from here"),
    /// It is not, or not provably, the server that is meant.
    CERTIFICATE(": its certificate is "),
    /// The two do not agree on how to talk.
    HANDSHAKE(" could be reached, but not spoken to: "),
    /// It was there, and took the connection away before it answered.
    CUT(" has cut the connection"),
    /// It may be there: no answer came in time.
    LATE("no answer within ");

    /// Chains of causes may be circular.
    private static final int DEEPEST = 20;

    private final String words;

    Unreached(String words) {
        this.words = words;
    }

    /// Which of them a sentence tells of; none for another failure.
    public static Optional<Unreached> in(String why) {
        for (var way : values()) {
            if (why.contains(way.words)) return Optional.of(way);
        }
        return Optional.empty();
    }

    static String late(Duration timeout) {
        boolean whole = timeout.toMillis() % 1000 == 0;
        return LATE.words + (whole ? timeout.toSeconds() + " s" : timeout.toMillis() + " ms");
    }

    /// What a failed exchange says of the server.
    ///
    /// @param server the URL of it
    /// @return empty when the failure is of another sort: a connection cut in the middle, say
    static Optional<String> words(Throwable thrown, String server, Duration timeout) {
        if (find(thrown, UnresolvedAddressException.class) != null
                || find(thrown, UnknownHostException.class) != null) {
            return Optional.of("host " + host(server) + UNKNOWN_HOST.words);
        }
        var certificate = find(thrown, CertificateException.class);
        var handshake = find(thrown, SSLException.class);
        if (certificate != null || handshake != null) {
            return Optional.of(server + secure(certificate, handshake));
        }
        if (find(thrown, HttpTimeoutException.class) != null || find(thrown, TimeoutException.class) != null) {
            return Optional.of(late(timeout));
        }
        if (find(thrown, NoRouteToHostException.class) != null) return Optional.of(server + NO_ROUTE.words);
        if (says(thrown, "Connection reset") || says(thrown, "header parser received no bytes")) {
            return Optional.of(server + CUT.words);
        }
        if (find(thrown, ConnectException.class) == null) return Optional.empty();
        // The JDK's client tries a refused connection once more, and tells of the channel that the first try closed.
        if (find(thrown, ClosedChannelException.class) != null || says(thrown, "refused")) {
            return Optional.of(server + REFUSED.words);
        }
        return says(thrown, "unreachable") ? Optional.of(server + NO_ROUTE.words) : Optional.empty();
    }

    private static String secure(@Nullable CertificateException certificate, @Nullable SSLException handshake) {
        if (certificate != null) {
            var said = line(certificate);
            if (said.startsWith("No subject alternative") || said.startsWith("No name matching")) {
                return CERTIFICATE.words + "for another host: " + said;
            }
            return CERTIFICATE.words + "not trusted: " + said;
        }
        var said = handshake == null ? "" : line(handshake);
        if (said.contains("PKIX") || said.contains("unable to find valid certification path")) {
            return CERTIFICATE.words + "not trusted: " + said;
        }
        if (said.contains("Unsupported or unrecognized SSL message")) {
            return HANDSHAKE.words + "it speaks no TLS; is its address http:// instead of https://?";
        }
        if (said.contains("certificate_required") || said.contains("bad_certificate")) {
            return HANDSHAKE.words + "it does not take the client certificate of the kubeconfig (" + said + ")";
        }
        return HANDSHAKE.words + said;
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
