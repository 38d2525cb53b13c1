package dev.sluice.kube.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.sluice.cluster.ObjectRef;
import dev.sluice.cluster.Reply;
import dev.sluice.cluster.Request;
import dev.sluice.cluster.ResourceType;
import dev.sluice.kube.SystemTime;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientKeyTest {
    @TempDir
    private Path directory;

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
    }

    /// The octet string inside a PKCS#8 structure: the key in its own form.
    private static byte[] inner(byte[] pkcs8) {
        int at = header(pkcs8, 0);
        at += 3;
        at = header(pkcs8, at) + length(pkcs8, at);
        return Arrays.copyOfRange(pkcs8, header(pkcs8, at), header(pkcs8, at) + length(pkcs8, at));
    }

    private static int header(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) return first;
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) length = length << 8 | der[at + 2 + i] & 0xff;
        return length;
    }

    /// The SEC 1 form as openssl writes it: with the curve, which the inner form of PKCS#8 leaves to the outer.
    private static byte[] sec1(PrivateKey key) {
        var pkcs8 = key.getEncoded();
        int algorithm = header(pkcs8, 0) + 3;
        int ecOid = header(pkcs8, algorithm);
        int curve = header(pkcs8, ecOid) + length(pkcs8, ecOid);
        var oid = Arrays.copyOfRange(pkcs8, curve, header(pkcs8, algorithm) + length(pkcs8, algorithm));
        var inner = inner(pkcs8);
        int secret = header(inner, 0) + 3;
        var fields = Arrays.copyOfRange(inner, header(inner, 0), header(inner, secret) + length(inner, secret));
        var bytes = new java.io.ByteArrayOutputStream();
        bytes.write(0x30);
        bytes.write(fields.length + 2 + oid.length);
        bytes.writeBytes(fields);
        bytes.write(0xa0);
        bytes.write(oid.length);
        bytes.writeBytes(oid);
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({"RSA,2048", "EC,256", "EC,384", "EC,521", "Ed25519,255"})
    void everyKindIsReadFromPkcs8(String algorithm, int size) throws Exception {
        var generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(size);
        var key = generator.generateKeyPair().getPrivate();
        assertThat(ClientKey.read("# a comment\n" + pem("PRIVATE KEY", key.getEncoded()))
                        .getEncoded())
                .isEqualTo(key.getEncoded());
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 2048})
    void rsaIsReadFromPkcs1(int size) throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(size);
        var key = generator.generateKeyPair().getPrivate();
        assertThat(ClientKey.read(pem("RSA PRIVATE KEY", inner(key.getEncoded()))))
                .isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 384, 521})
    void ellipticCurvesAreReadFromSec1(int size) throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(size);
        var key = generator.generateKeyPair().getPrivate();
        var pem = pem("EC PARAMETERS", new byte[] {6, 1, 1}) + pem("EC PRIVATE KEY", sec1(key));
        var read = (ECPrivateKey) ClientKey.read(pem);
        assertThat(read.getS()).isEqualTo(((ECPrivateKey) key).getS());
        assertThat(read.getParams().getOrder())
                .isEqualTo(((ECPrivateKey) key).getParams().getOrder());
    }

    @Test
    void whatIsNoKeyIsSaidWithARemedy() {
        assertThatThrownBy(() -> ClientKey.read("nonsense")).hasMessageContaining("no private key in it");
        assertThatThrownBy(() -> ClientKey.read(pem("ENCRYPTED PRIVATE KEY", new byte[3])))
                .hasMessageContaining("openssl pkey");
        assertThatThrownBy(() -> ClientKey.read(pem("PRIVATE KEY", new byte[] {1, 2, 3})))
                .hasMessageContaining("damaged");
        assertThatThrownBy(() -> ClientKey.read(pem("EC PRIVATE KEY", new byte[] {0x30, 9, 2})))
                .hasMessageContaining("damaged");
        assertThatThrownBy(() -> ClientKey.read(pem("EC PRIVATE KEY", new byte[] {0x30, 3, 2, 1, 1})))
                .hasMessageContaining("names no curve");
    }

    @Test
    void aServerThatWantsACertificateIsShownOneWithAnEllipticKey() throws Exception {
        var password = "changeit".toCharArray();
        var store = directory.resolve("both.p12");
        var keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "both",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=sluice",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit",
                        "-storetype",
                        "PKCS12"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password);
        }
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, password);
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("both", keys.getCertificate("both"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        var https = HttpsServer.create(WireServer.loopback(), 0);
        https.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                var wanted = context.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        var certificate = pem("CERTIFICATE", keys.getCertificate("both").getEncoded());
        var key = (PrivateKey) keys.getKey("both", password);
        try (var server = new WireServer(https);
                var time = new SystemTime()) {
            var forms = new ArrayList<String>();
            for (var form : List.of(pem("PRIVATE KEY", key.getEncoded()), pem("EC PRIVATE KEY", sec1(key)))) {
                forms.add(form);
                var kubeconfig = server.kubeconfig(
                        directory,
                        "https://127.0.0.1:" + server.port(),
                        ", certificate-authority-data: " + base64(certificate),
                        "{client-certificate-data: " + base64(certificate) + ", client-key-data: " + base64(form)
                                + "}");
                try (var gateway = new KubeGateway(
                        ClusterAccess.of(kubeconfig), KubeGateway.Settings.standard(1), time, call -> {})) {
                    assertThat(gateway.send(new Request.Get(ObjectRef.of(ResourceType.PODS, "shop", "web"))))
                            .isInstanceOf(Reply.Done.class);
                }
            }
            assertThat(server.seen).hasSameSizeAs(forms);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
