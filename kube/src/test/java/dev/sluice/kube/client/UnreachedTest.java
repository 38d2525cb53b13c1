package dev.sluice.kube.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.kube.SystemTime;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each way not to reach a server, in words that name the server.
class UnreachedTest {
    private static final String SERVER = "https://shop.example:6443";
    private static final Request GET = new Request.Get(ObjectRef.of(ResourceType.PODS, "shop", "web"));

    @TempDir
    private Path directory;

    private final SystemTime time = new SystemTime();
    private final WireServer server = new WireServer();

    @AfterEach
    void stop() {
        server.close();
        time.close();
    }

    /// The sentence of a GET from there.
    private String why(String url) throws IOException {
        var access = ClusterAccess.of(server.kubeconfig(directory, url, "", "{}"));
        try (var gateway = new KubeGateway(access, KubeGateway.Settings.standard(1), time, _ -> {})) {
            return gateway.send(GET) instanceof Reply.Lost(var why) ? why : "(reached)";
        }
    }

    private static Optional<String> words(Throwable thrown) {
        return Unreached.words(new IOException(thrown), SERVER, Duration.ofSeconds(10));
    }

    @Test
    void nobodyListens() throws IOException {
        server.close();
        var why = why("http://127.0.0.1:" + server.port());
        assertThat(why).isEqualTo("http://127.0.0.1:" + server.port() + " refuses the connection");
        assertThat(Unreached.in(why)).contains(Unreached.REFUSED);
    }

    @Test
    void theHostHasNoSuchName() throws IOException {
        var why = why("http://nowhere.invalid:6443");
        assertThat(why).isEqualTo("host nowhere.invalid is not known");
        assertThat(Unreached.in(why)).contains(Unreached.UNKNOWN_HOST);
    }

    @Test
    void httpWhereHttpsIsSpoken() {
        var why = words(new SSLException("Unsupported or unrecognized SSL message"))
                .orElseThrow();
        assertThat(why).startsWith(SERVER + " could be reached, but not spoken to: it speaks no TLS");
        assertThat(Unreached.in(why)).contains(Unreached.HANDSHAKE);
    }

    @Test
    void aCertificateOfNobodyWeKnow() {
        var why = words(new SSLHandshakeException("(certificate_unknown) PKIX path building failed: none found"))
                .orElseThrow();
        assertThat(why).startsWith(SERVER + ": its certificate is not trusted: ");
        assertThat(Unreached.in(why)).contains(Unreached.CERTIFICATE);
    }

    @Test
    void aCertificateOfAnotherHost() {
        var handshake = new SSLHandshakeException("(certificate_unknown)");
        handshake.initCause(new CertificateException("No subject alternative DNS name matching shop.example found."));
        var why = words(handshake).orElseThrow();
        assertThat(why)
                .isEqualTo(SERVER + ": its certificate is for another host: "
                        + "No subject alternative DNS name matching shop.example found.");
        assertThat(Unreached.in(why)).contains(Unreached.CERTIFICATE);
    }

    @Test
    void noWayThrough() {
        var why = words(new NoRouteToHostException("No route to host")).orElseThrow();
        assertThat(Unreached.in(why)).contains(Unreached.NO_ROUTE);
    }

    @Test
    void aConnectionTakenAway() {
        assertThat(words(new SocketException("Connection reset"))).contains(SERVER + " has cut the connection");
    }

    @Test
    void aConnectionThatFailsOtherwiseIsToldAsItIs() {
        assertThat(words(new ConnectException("something new"))).isEmpty();
        assertThat(words(new IOException("disk full"))).isEmpty();
        assertThat(Unreached.in("IOException: disk full")).isEmpty();
    }

    @Test
    void timeIsSaidInItsUnit() {
        assertThat(Unreached.late(Duration.ofSeconds(10))).isEqualTo("no answer within 10 s");
        assertThat(Unreached.late(Duration.ofMillis(200))).isEqualTo("no answer within 200 ms");
        assertThat(Unreached.in("GET /x: no answer within 10 s")).contains(Unreached.LATE);
    }
}
