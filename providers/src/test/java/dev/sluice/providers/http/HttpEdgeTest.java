package dev.sluice.providers.http;

import static dev.sluice.providers.Asking.CLOCK;
import static dev.sluice.providers.Asking.hasty;
import static dev.sluice.providers.Asking.patient;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.spi.Deadline;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpEdgeTest {
    private final StubService service = new StubService();
    private final HttpEdge http = new HttpEdge(CLOCK);

    @AfterEach
    void close() {
        service.close();
    }

    private Answer get(String path) {
        return http.send(Call.get(URI.create(service.url(path)), false), patient());
    }

    private static String why(Answer answer) {
        return ((Answer.Unanswered) answer).why();
    }

    @Test
    void aSilentServerIsLeftAtTheDeadline() {
        service.silent("/silent");
        var answer = http.send(Call.get(URI.create(service.url("/silent")), false), hasty());
        assertThat(why(answer)).startsWith("GET " + service.url("/silent") + ": no answer within ");
    }

    @Test
    void aServerThatStopsInTheMiddleIsLeftAtTheDeadline() {
        service.halfAnswering("/half");
        var answer = http.send(Call.get(URI.create(service.url("/half")), false), hasty());
        assertThat(why(answer)).contains("no answer within ");
    }

    @Test
    void aDeadlineThatHasPassedSendsNothing() {
        service.on("/", 200, "x");
        var answer = http.send(Call.get(URI.create(service.url("/")), false), new Deadline(CLOCK.now()));
        assertThat(why(answer)).contains("no answer within 0s");
        assertThat(service.seen()).isEmpty();
    }

    @Test
    void anAnswerWithoutEndIsCutOff() {
        service.endless("/endless");
        assertThat(why(get("/endless"))).endsWith("the answer is longer than 8 MiB");
    }

    @Test
    void aClosedPortIsNamed() {
        int port = service.port();
        service.close();
        var answer = http.send(Call.get(URI.create("http://127.0.0.1:" + port + "/x?token=hidden"), false), patient());
        assertThat(why(answer))
                .isEqualTo("GET http://127.0.0.1:" + port + "/x: cannot connect: refused or unreachable");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303})
    void olderRedirectsTurnIntoReading(int status) {
        service.redirect("/old", status, "/new").on("/new", 200, "here");
        var call = Call.post(URI.create(service.url("/old")), "x".getBytes(StandardCharsets.UTF_8), false)
                .with("Content-Type", "text/plain");
        assertThat(http.send(call, patient())).isEqualTo(new Answer.Answered(200, "here"));
        assertThat(service.last().method()).isEqualTo("GET");
        assertThat(service.last().body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {307, 308})
    void newerRedirectsRepeatTheCall(int status) {
        service.redirect("/old", status, "/new").on("/new", 200, "here");
        var call = Call.post(URI.create(service.url("/old")), "x=1".getBytes(StandardCharsets.UTF_8), false)
                .with("Authorization", "Bearer t");
        assertThat(http.send(call, patient())).isEqualTo(new Answer.Answered(200, "here"));
        assertThat(service.last().method()).isEqualTo("POST");
        assertThat(service.last().body()).isEqualTo("x=1");
        assertThat(service.last().header("Authorization")).isEqualTo("Bearer t");
    }

    @Test
    void anotherHostGetsNoHeaderOfOurs() {
        try (var other = new StubService()) {
            other.on("/", 200, "there");
            service.redirect("/", 302, other.url("/"));
            var call = Call.get(URI.create(service.url("/")), false)
                    .with("Authorization", "Bearer t")
                    .with("X-Key", "k");
            assertThat(http.send(call, patient())).isEqualTo(new Answer.Answered(200, "there"));
            assertThat(other.last().header("Authorization")).isEmpty();
            assertThat(other.last().header("X-Key")).isEmpty();
        }
    }

    @Test
    void aCircleOfRedirectsEnds() {
        service.redirect("/round", 302, "/round");
        assertThat(why(get("/round"))).endsWith("redirects more than 10 times");
        assertThat(service.seen()).hasSize(11);
    }

    @Test
    void aRedirectOutOfHttpIsNotFollowed() {
        service.redirect("/out", 302, "file:///etc/passwd");
        assertThat(why(get("/out"))).contains("redirects to something that is no http or https address");
    }

    @Test
    void headersOfTheConnectionAreNotOurs() {
        service.on("/", 200, "ok");
        var call = Call.get(URI.create(service.url("/")), false)
                .with("Host", "elsewhere")
                .with("Content-Length", "7");
        assertThat(http.send(call, patient())).isEqualTo(new Answer.Answered(200, "ok"));
        assertThat(service.last().header("Host")).startsWith("127.0.0.1");
    }

    @Test
    void aMalformedHeaderIsToldWithoutItsValue() {
        var call = Call.get(URI.create(service.url("/")), false).with("X-Key", "geheim\nX-Other: 1");
        assertThat(why(http.send(call, patient()))).contains("malformed").doesNotContain("geheim");
    }

    @Test
    void theUserOfAnAddressIsSentAndNotTold() {
        service.on("/", 200, "ok");
        var uri = URI.create(service.url("/").replace("http://", "http://ann:geheim@"));
        assertThat(http.send(Call.get(uri, false), patient())).isEqualTo(new Answer.Answered(200, "ok"));
        assertThat(service.last().header("Authorization")).isEqualTo("Basic YW5uOmdlaGVpbQ==");
        assertThat(Call.get(uri, false).toString()).doesNotContain("geheim");
    }

    @Test
    void anUnknownCertificateIsRefusedUnlessInsecure(@TempDir Path folder) throws Exception {
        try (var secure = new StubService(Optional.of(selfSigned(folder)))) {
            secure.on("/", 200, "ok");
            var uri = URI.create(secure.url("/"));
            assertThat(why(http.send(Call.get(uri, false), patient()))).contains("TLS failed");
            // The certificate names another host; that is waived as well.
            assertThat(http.send(Call.get(uri, true), patient())).isEqualTo(new Answer.Answered(200, "ok"));
        }
    }

    private static SSLContext selfSigned(Path folder) throws Exception {
        var file = folder.resolve("keys.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=elsewhere.example",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "password",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool: " + Files.readString(folder.resolve("keytool.log")));
        }
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, "password".toCharArray());
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "password".toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    @Test
    void addressesMayHoldWhatPeopleType() {
        assertThat(Addresses.absolute("http://a.example/x y?q=a|b{c=\"ü\"}"))
                .contains(URI.create("http://a.example/x%20y?q=a%7Cb%7Bc=%22%C3%BC%22%7D"));
        assertThat(Addresses.absolute("ftp://a.example/")).isEmpty();
        assertThat(Addresses.absolute("shop.example")).isEmpty();
        assertThat(Addresses.shown("ann:geheim@shop?token=geheim")).isEqualTo("*****@shop");
    }
}
