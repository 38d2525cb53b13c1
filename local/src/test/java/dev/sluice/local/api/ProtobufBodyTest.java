package dev.sluice.local.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The few protobuf bodies that are understood, and that nothing else is lost silently.
class ProtobufBodyTest {
    private static byte[] envelope(String kind, String rawHex) {
        var raw = HexFormat.of().parseHex(rawHex);
        var name = kind.getBytes(StandardCharsets.UTF_8);
        var type = bytes(field(1, "v1".getBytes(StandardCharsets.UTF_8)), field(2, name));
        return bytes(new byte[] {'k', '8', 's', 0}, field(1, type), field(2, raw));
    }

    private static byte[] field(int number, byte[] value) {
        return bytes(new byte[] {(byte) (number << 3 | 2), (byte) value.length}, value);
    }

    private static byte[] bytes(byte[]... parts) {
        var out = new java.io.ByteArrayOutputStream();
        for (var part : parts) out.writeBytes(part);
        return out.toByteArray();
    }

    @Test
    void aNamespaceIsRead() {
        // metadata { name: "shop" }
        var body = envelope("Namespace", "0a060a0473686f70");
        assertThat(ProtobufBody.parse(body))
                .isEqualTo(Json.obj("apiVersion", "v1", "kind", "Namespace", "metadata", Json.obj("name", "shop")));
    }

    @Test
    void aFieldOutsideTheTableIsRefusedRatherThanLost() {
        assertThatThrownBy(() -> ProtobufBody.parse(envelope("Namespace", "7a0141")))
                .hasMessageContaining("Namespace field 15")
                .hasMessageContaining("send application/json");
    }

    @Test
    void aKindOutsideTheTableIsRefused() {
        assertThatThrownBy(() -> ProtobufBody.parse(envelope("Lease", ""))).hasMessageContaining("Lease");
    }

    @Test
    void brokenBytesAreABadRequestAndNeverMore() {
        var whole = envelope("Namespace", "0a060a0473686f70");
        for (int length = 0; length < whole.length; length++) {
            var cut = Arrays.copyOf(whole, length);
            assertThat(outcome(cut)).isIn("read", "refused");
        }
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var bytes = whole.clone();
            for (int j = 0; j < 3; j++) bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt(256);
            assertThat(outcome(bytes)).isIn("read", "refused");
        }
    }

    private static String outcome(byte[] bytes) {
        try {
            ProtobufBody.parse(bytes);
            return "read";
        } catch (Failure refused) {
            return "refused";
        }
    }
}
