package dev.sluice.kube.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.Loss;
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

    /// What a GET from there comes to.
    private Reply reply(String url) throws IOException {
        var access = ClusterAccess.of(server.kubeconfig(directory, url, "", "{}"));
        try (var gateway = new KubeGateway(access, KubeGateway.Settings.standard(1), time, _ -> {})) {
            return gateway.send(GET);
        }
    }

    private static Optional<Reply.Lost> by(Throwable thrown) {
        return Unreached.by(new IOException(thrown), SERVER, Duration.ofSeconds(10));
    }

    @Test
    void nobodyListens() throws IOException {
        server.close();
        var url = "http://127.0.0.1:" + server.port();
        assertThat(reply(url)).isEqualTo(new Reply.Lost(Loss.REFUSED, url + " refuses the connection"));
    }

    @Test
    void theHostHasNoSuchName() throws IOException {
        assertThat(reply("http://nowhere.invalid:6443"))
                .isEqualTo(new Reply.Lost(Loss.UNKNOWN_HOST, "host nowhere.invalid is not known"));
    }

    @Test
    void httpWhereHttpsIsSpoken() {
        var lost =
                by(new SSLException("Unsupported or unrecognized SSL message")).orElseThrow();
        assertThat(lost.why()).startsWith(SERVER + " could be reached, but not spoken to: it speaks no TLS");
        assertThat(lost.loss()).isEqualTo(Loss.HANDSHAKE);
    }

    @Test
    void aCertificateOfNobodyWeKnow() {
        var lost = by(new SSLHandshakeException("(certificate_unknown) PKIX path building failed: none found"))
                .orElseThrow();
        assertThat(lost.why()).startsWith(SERVER + ": its certificate is not trusted: ");
        assertThat(lost.loss()).isEqualTo(Loss.CERTIFICATE);
    }

    @Test
    void aCertificateOfAnotherHost() {
        var handshake = new SSLHandshakeException("(certificate_unknown)");
        handshake.initCause(new CertificateException("No subject alternative DNS name matching shop.example found."));
        var lost = by(handshake).orElseThrow();
        assertThat(lost.why())
                .isEqualTo(SERVER + ": its certificate is for another host: "
                        + "No subject alternative DNS name matching shop.example found.");
        assertThat(lost.loss()).isEqualTo(Loss.CERTIFICATE);
    }

    @Test
    void noWayThrough() {
        var lost = by(new NoRouteToHostException("No route to host")).orElseThrow();
        assertThat(lost.loss()).isEqualTo(Loss.NO_ROUTE);
    }

    @Test
    void aConnectionTakenAway() {
        assertThat(by(new SocketException("Connection reset")))
                .contains(new Reply.Lost(Loss.CUT, SERVER + " has cut the connection"));
    }

    @Test
    void aConnectionThatFailsOtherwiseIsToldAsItIs() {
        assertThat(by(new ConnectException("something new"))).isEmpty();
        assertThat(by(new IOException("disk full"))).isEmpty();
    }

    @Test
    void timeIsSaidInItsUnit() {
        assertThat(Unreached.late(Duration.ofSeconds(10)))
                .isEqualTo(new Reply.Lost(Loss.LATE, "no answer within 10 s"));
        assertThat(Unreached.late(Duration.ofMillis(200)))
                .isEqualTo(new Reply.Lost(Loss.LATE, "no answer within 200 ms"));
    }
}
