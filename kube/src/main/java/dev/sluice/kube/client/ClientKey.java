package dev.sluice.kube.client;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/// The private key of a client certificate, of whatever form a kubeconfig has it in.
///
/// fabric8 takes a key for RSA unless its PEM header says otherwise; a PKCS#8 header does not, so it fails on every
/// elliptic key in that form, which is what most tools write. Hence this: PKCS#1 (RFC 8017) and SEC 1 (RFC 5915) are
/// wrapped into PKCS#8 (RFC 5208), and that is read with the algorithm it names.
final class ClientKey {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final byte[] VERSION_0 = {2, 1, 0};
    /// 1.2.840.113549.1.1.1 rsaEncryption, with its NULL parameter.
    private static final byte[] RSA = {6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0};
    /// 1.2.840.10045.2.1 ecPublicKey.
    private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

    private ClientKey() {}

    /// What a TLS client shows: the certificate chain, proved by the key.
    ///
    /// @throws KubeconfigException when either cannot be read
    static List<KeyManager> managers(String certificatesPem, String keyPem) {
        try {
            var certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(certificatesPem.getBytes(StandardCharsets.UTF_8)));
            if (certificates.isEmpty()) {
                throw new KubeconfigException("client certificate: no certificate in it; expected PEM");
            }
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            var password = new char[0];
            store.setKeyEntry("client", read(keyPem), password, certificates.toArray(new Certificate[0]));
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, password);
            return List.of(factory.getKeyManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new KubeconfigException("client certificate: " + e.getMessage(), e);
        }
    }

    static PrivateKey read(String pem) {
        var blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            byte[] der;
            try {
                der = Base64.getMimeDecoder().decode(blocks.group(2));
            } catch (IllegalArgumentException e) {
                throw new KubeconfigException("client key: its PEM is not base64", e);
            }
            switch (blocks.group(1)) {
                case "PRIVATE KEY" -> {
                    return decode(der);
                }
                case "RSA PRIVATE KEY" -> {
                    return decode(sequence(VERSION_0, sequence(RSA), tagged(4, der)));
                }
                case "EC PRIVATE KEY" -> {
                    return decode(sequence(VERSION_0, sequence(EC, curve(der)), tagged(4, der)));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new KubeconfigException(
                            "client key: it is encrypted; kubeconfigs have no place for a passphrase, so decrypt it with"
                                    + " \"openssl pkey -in KEY -out KEY\"");
                // "EC PARAMETERS" and certificates may stand before the key.
                default -> {}
            }
        }
        throw new KubeconfigException(
                "client key: no private key in it; expected PEM of type PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY");
    }

    private static PrivateKey decode(byte[] pkcs8) {
        for (var algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException notThisOne) {
                // The next one; that all failed is said below.
            }
        }
        throw new KubeconfigException("client key: neither RSA, elliptic curve nor Edwards curve, or damaged");
    }

    /// The curve's object identifier, from element [0] of the SEC 1 structure.
    private static byte[] curve(byte[] sec1) {
        try {
            int at = content(sec1, 0);
            while (at < sec1.length) {
                int start = content(sec1, at);
                int end = start + length(sec1, at);
                if ((sec1[at] & 0xff) == 0xa0) return Arrays.copyOfRange(sec1, start, end);
                at = end;
            }
        } catch (IndexOutOfBoundsException damaged) {
            throw new KubeconfigException("client key: its EC PRIVATE KEY is damaged", damaged);
        }
        throw new KubeconfigException(
                "client key: its EC PRIVATE KEY names no curve; convert it with \"openssl pkcs8 -topk8 -nodes\"");
    }

    /// Where the content of the DER element at `at` begins.
    private static int content(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int length(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) return first;
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) length = length << 8 | der[at + 2 + i] & 0xff;
        if (length < 0) throw new IndexOutOfBoundsException("DER length " + length);
        return length;
    }

    private static byte[] sequence(byte[]... parts) {
        return tagged(0x30, parts);
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        var out = new ByteArrayOutputStream();
        out.write(tag);
        // DER wants the shortest form.
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (var part : parts) out.writeBytes(part);
        return out.toByteArray();
    }
}
