package dev.sluice.e2e.controlplane;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate authority that lives as long as one control plane.
///
/// The certificates (X.509 v3, RFC 5280) are put together here because the JDK has no public way to make one, and its
/// keytool, being a process for each of three steps, would take longer than all the rest of the start.
final class Authority {
    private static final char[] NO_PASSWORD = {};
    private static final byte[] SHA256_WITH_RSA = Der.sequence(Der.oid("1.2.840.113549.1.1.11"), Der.NULL);
    private static final String COMMON_NAME = "2.5.4.3";
    private static final String ORGANIZATION = "2.5.4.10";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final Duration VALIDITY = Duration.ofDays(30);

    private final KeyPair keys = newKeys();
    /// One pair for all certificates: making RSA keys is the slowest part, and none of these guards a secret.
    private final KeyPair leafKeys = newKeys();

    private final byte[] name = name("sluice-test-authority", List.of());
    private final AtomicInteger serial = new AtomicInteger();
    private final Identity self;

    Authority() throws GeneralSecurityException {
        var basicConstraints = extension("2.5.29.19", true, Der.sequence(Der.TRUE));
        // digitalSignature, keyCertSign and cRLSign: bits 0, 5 and 6 of a bit string with one unused bit.
        var keyUsage = extension("2.5.29.15", true, new byte[] {0x03, 0x02, 0x01, (byte) 0x86});
        self = new Identity(issue(name, keys, basicConstraints, keyUsage), keys.getPrivate());
    }

    /// A certificate with its private key.
    record Identity(X509Certificate certificate, PrivateKey key) {
        String certificatePem() throws GeneralSecurityException {
            return pem("CERTIFICATE", certificate.getEncoded());
        }

        /// In PKCS #8, which every client reads as long as the key is RSA.
        String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }
    }

    static KeyPair newKeys() throws GeneralSecurityException {
        // RSA, not EC: common Java clients cannot read an EC key in PKCS #8 unaided.
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    static String pem(String type, byte[] der) {
        var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encode(der);
        return "-----BEGIN " + type + "-----\n" + new String(base64, StandardCharsets.US_ASCII) + "\n-----END " + type
                + "-----\n";
    }

    Identity self() {
        return self;
    }

    /// @param addresses IP literals
    Identity server(String commonName, List<String> dnsNames, List<String> addresses)
            throws GeneralSecurityException, IOException {
        var names = new ArrayList<byte[]>();
        for (var dnsName : dnsNames) names.add(Der.implicit(2, dnsName.getBytes(StandardCharsets.US_ASCII)));
        for (var address : addresses)
            names.add(Der.implicit(7, InetAddress.ofLiteral(address).getAddress()));
        var alternativeNames = extension("2.5.29.17", false, Der.sequence(names.toArray(byte[][]::new)));
        return leaf(name(commonName, List.of()), extendedKeyUsage(SERVER_AUTH), alternativeNames);
    }

    Identity client(User user) throws GeneralSecurityException {
        return leaf(name(user.name(), user.groups()), extendedKeyUsage(CLIENT_AUTH));
    }

    /// Shows the identity, trusts what this authority signed and nothing else.
    SSLContext sslContext(Identity identity) throws GeneralSecurityException, IOException {
        var own = emptyStore();
        own.setKeyEntry(
                "client", identity.key(), NO_PASSWORD, new Certificate[] {identity.certificate(), self.certificate()});
        var keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(own, NO_PASSWORD);
        var trusted = emptyStore();
        trusted.setCertificateEntry("authority", self.certificate());
        var trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
        return context;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private Identity leaf(byte[] subject, byte[]... extensions) throws GeneralSecurityException {
        return new Identity(issue(subject, leafKeys, extensions), leafKeys.getPrivate());
    }

    private X509Certificate issue(byte[] subject, KeyPair subjectKeys, byte[]... extensions)
            throws GeneralSecurityException {
        var now = Instant.now();
        var contents = Der.sequence(
                Der.explicit(0, Der.integer(BigInteger.TWO)),
                Der.integer(BigInteger.valueOf(serial.incrementAndGet())),
                SHA256_WITH_RSA,
                name,
                // An hour back, for the clocks of other machines that may look at it.
                Der.sequence(Der.time(now.minus(Duration.ofHours(1))), Der.time(now.plus(VALIDITY))),
                subject,
                subjectKeys.getPublic().getEncoded(),
                Der.explicit(3, Der.sequence(extensions)));
        var signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(keys.getPrivate());
        signature.update(contents);
        var certificate = Der.sequence(contents, SHA256_WITH_RSA, Der.bits(signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    }

    /// Kubernetes reads the common name as the user and each organization as a group.
    private static byte[] name(String commonName, List<String> organizations) {
        var parts = new ArrayList<byte[]>();
        for (var organization : organizations) parts.add(attribute(ORGANIZATION, organization));
        parts.add(attribute(COMMON_NAME, commonName));
        return Der.sequence(parts.toArray(byte[][]::new));
    }

    private static byte[] attribute(String type, String value) {
        return Der.set(Der.sequence(Der.oid(type), Der.utf8(value)));
    }

    private static byte[] extendedKeyUsage(String purpose) {
        return extension("2.5.29.37", false, Der.sequence(Der.oid(purpose)));
    }

    private static byte[] extension(String type, boolean critical, byte[] value) {
        return critical
                ? Der.sequence(Der.oid(type), Der.TRUE, Der.octets(value))
                : Der.sequence(Der.oid(type), Der.octets(value));
    }
}
