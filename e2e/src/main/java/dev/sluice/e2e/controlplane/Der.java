package dev.sluice.e2e.controlplane;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The few forms of DER (X.690) that a certificate is made of.
final class Der {
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    static final byte[] TRUE = tagged(0x01, new byte[] {(byte) 0xff});
    static final byte[] NULL = tagged(0x05);

    private Der() {}

    static byte[] sequence(byte[]... parts) {
        return tagged(0x30, parts);
    }

    static byte[] set(byte[]... parts) {
        return tagged(0x31, parts);
    }

    static byte[] integer(BigInteger value) {
        return tagged(0x02, value.toByteArray());
    }

    /// A bit string of whole bytes: none of the last one is unused.
    static byte[] bits(byte[] value) {
        return tagged(0x03, new byte[] {0}, value);
    }

    static byte[] octets(byte[] value) {
        return tagged(0x04, value);
    }

    static byte[] utf8(String value) {
        return tagged(0x0c, value.getBytes(StandardCharsets.UTF_8));
    }

    /// Good until 2049, where X.509 changes to another form (RFC 5280, 4.1.2.5).
    static byte[] time(Instant value) {
        return tagged(0x17, UTC_TIME.format(value).getBytes(StandardCharsets.US_ASCII));
    }

    /// `2.5.29.17`: the first two numbers share a byte, each further one is written in base 128.
    static byte[] oid(String dotted) {
        var numbers = dotted.split("\\.", -1);
        var out = new ByteArrayOutputStream();
        out.write(Integer.parseInt(numbers[0]) * 40 + Integer.parseInt(numbers[1]));
        for (var i = 2; i < numbers.length; i++) {
            var number = Integer.parseInt(numbers[i]);
            for (var shift = 28; shift > 0; shift -= 7) {
                if (number >> shift != 0) out.write(number >> shift & 0x7f | 0x80);
            }
            out.write(number & 0x7f);
        }
        return tagged(0x06, out.toByteArray());
    }

    /// A value under a number of its own, wrapped in it whole.
    static byte[] explicit(int number, byte[] value) {
        return tagged(0xa0 | number, value);
    }

    /// Bytes under a number of their own, in place of the tag they would have.
    static byte[] implicit(int number, byte[] value) {
        return tagged(0x80 | number, value);
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (var part : parts) content.writeBytes(part);
        var out = new ByteArrayOutputStream();
        out.write(tag);
        var length = content.size();
        if (length > 0xffff) throw new IllegalArgumentException(length + " bytes: no certificate is that long");
        if (length > 0xff) {
            out.write(0x82);
            out.write(length >> 8);
        } else if (length > 0x7f) {
            out.write(0x81);
        }
        out.write(length);
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
