package dev.sluice.local.traffic.http;

import java.nio.charset.StandardCharsets;

/// The bytes of a message; never changed once made.
public final class Body {
    public static final Body NONE = new Body(new byte[0]);

    private final byte[] bytes;

    private Body(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Takes the bytes over; the caller must not keep them.
    static Body owned(byte[] bytes) {
        return bytes.length == 0 ? NONE : new Body(bytes);
    }

    public static Body of(String text) {
        return owned(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] bytes() {
        return bytes;
    }

    public int size() {
        return bytes.length;
    }

    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}
