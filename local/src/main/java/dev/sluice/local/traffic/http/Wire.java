package dev.sluice.local.traffic.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;

/// One connection: bytes in with deadlines, whole messages out. Used by one thread at a time, closed by any.
final class Wire implements AutoCloseable {
    private static final long NEVER = Long.MAX_VALUE;
    private static final byte[] EMPTY = {};
    private static final int CHUNK_LINE = 256;

    private final SocketChannel channel;
    private final InputStream in;
    private final OutputStream out;
    private final Watchdog watchdog;
    private final byte[] buffer = new byte[4096];
    private int at;
    private int end;
    private volatile long writeBy = NEVER;

    Wire(SocketChannel channel, Watchdog watchdog) throws IOException {
        this.channel = channel;
        this.watchdog = watchdog;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        in = channel.socket().getInputStream();
        out = channel.socket().getOutputStream();
        watchdog.watch(this);
    }

    /// A start line and header fields.
    record Head(String start, Headers headers) {}

    static long deadline(Duration time) {
        return System.nanoTime() + time.toNanos();
    }

    String peer() {
        try {
            return channel.getRemoteAddress() instanceof InetSocketAddress address
                    ? address.getAddress().getHostAddress()
                    : "";
        } catch (IOException closed) {
            return "";
        }
    }

    /// Waits for the next message to begin.
    ///
    /// @return false when the peer has closed instead
    boolean begins(long deadline) throws IOException {
        return at < end || fill(deadline);
    }

    /// Whether the next message has begun to arrive already; does not wait.
    boolean arrived() throws IOException {
        if (at < end) return true;
        channel.configureBlocking(false);
        try {
            int read = channel.read(ByteBuffer.wrap(buffer));
            if (read < 0) throw new EOFException("closed");
            at = 0;
            end = read;
            return read > 0;
        } finally {
            channel.configureBlocking(true);
        }
    }

    /// Whether a connection that should be silent is not: the peer has closed it, or sent what nobody asked
    /// for.
    boolean stale() {
        try {
            return arrived();
        } catch (IOException gone) {
            return true;
        }
    }

    private boolean fill(long deadline) throws IOException {
        long left = deadline - System.nanoTime();
        if (left <= 0) throw new SocketTimeoutException("no data in time");
        channel.socket().setSoTimeout(Math.clamp(left / 1_000_000 + 1, 1, Integer.MAX_VALUE));
        int read = in.read(buffer, 0, buffer.length);
        at = 0;
        end = Math.max(read, 0);
        return read > 0;
    }

    private int next(long deadline) throws IOException {
        if (at == end && !fill(deadline)) throw new EOFException("closed within a message");
        return buffer[at++] & 0xff;
    }

    /// Reads a start line and the header fields after it.
    Head head(Limits limits, long deadline) throws IOException {
        int budget = limits.head();
        var start = line(budget, deadline, 414);
        // RFC 9112, 2.2: one empty line before a request is forgiven.
        if (start.isEmpty()) start = line(budget, deadline, 414);
        budget -= start.length();
        var fields = new ArrayList<Headers.Field>();
        while (true) {
            var line = line(budget, deadline, 431);
            if (line.isEmpty()) return new Head(start, Headers.owned(fields));
            budget -= line.length() + 2;
            if (fields.size() == limits.fields()) {
                throw new MessageException(431, "more than " + limits.fields() + " header fields");
            }
            fields.add(field(line));
        }
    }

    private static Headers.Field field(String line) throws MessageException {
        int colon = line.indexOf(':');
        // Blanks before the colon and folded lines are how requests get smuggled (RFC 9112, 5.1 and 5.2).
        if (colon < 1) throw new MessageException(400, "a header line without a name: \"" + shown(line) + "\"");
        for (int i = 0; i < colon; i++) {
            if (!token(line.charAt(i))) {
                throw new MessageException(400, "not a header name: \"" + shown(line.substring(0, colon)) + "\"");
            }
        }
        var value = line.substring(colon + 1).strip();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' && c != '\t' || c == 0x7f) {
                throw new MessageException(400, "a control character in header " + line.substring(0, colon));
            }
        }
        return new Headers.Field(line.substring(0, colon), value);
    }

    /// RFC 9110, 5.6.2.
    static boolean token(char c) {
        return c >= '0' && c <= '9'
                || c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private static String shown(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    private String line(int budget, long deadline, int tooLong) throws IOException {
        byte[] head = EMPTY;
        while (true) {
            if (at == end && !fill(deadline)) throw new EOFException("closed within a message");
            int stop = at;
            while (stop < end && buffer[stop] != '\n') stop++;
            if (head.length + stop - at > budget) {
                throw new MessageException(tooLong, "the head of the message is longer than allowed");
            }
            head = join(head, stop);
            boolean complete = stop < end;
            at = complete ? stop + 1 : stop;
            if (complete) {
                int length = head.length;
                if (length == 0 || head[length - 1] != '\r') {
                    throw new MessageException(400, "a line must end in CRLF");
                }
                return new String(head, 0, length - 1, StandardCharsets.ISO_8859_1);
            }
        }
    }

    private byte[] join(byte[] head, int stop) {
        var joined = Arrays.copyOf(head, head.length + stop - at);
        System.arraycopy(buffer, at, joined, head.length, stop - at);
        return joined;
    }

    /// Reads as many bytes as announced.
    byte[] body(long length, Limits limits, long deadline) throws IOException {
        if (length > limits.body()) throw tooLarge(limits);
        // Grows with what arrives: an announcement alone costs nothing.
        var body = new byte[(int) Math.min(length, 16 << 10)];
        int have = 0;
        while (have < length) {
            if (at == end && !fill(deadline)) throw new EOFException("closed within a body");
            int part = (int) Math.min(length - have, end - at);
            if (have + part > body.length) {
                body = Arrays.copyOf(body, (int) Math.min(length, Math.max(have + part, body.length * 2L)));
            }
            System.arraycopy(buffer, at, body, have, part);
            have += part;
            at += part;
        }
        return body;
    }

    /// Reads a chunked body and its trailer, which is dropped (RFC 9112, 7.1).
    byte[] chunks(Limits limits, long deadline) throws IOException {
        byte[] body = EMPTY;
        while (true) {
            var line = line(CHUNK_LINE, deadline, 400);
            int semicolon = line.indexOf(';');
            var digits = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
            if (!digits.matches("[0-9a-fA-F]{1,8}")) throw new MessageException(400, "not a chunk size: " + digits);
            long size = Long.parseLong(digits, 16);
            if (size == 0) break;
            if (body.length + size > limits.body()) throw tooLarge(limits);
            var chunk = body(size, limits, deadline);
            int before = body.length;
            body = Arrays.copyOf(body, before + chunk.length);
            System.arraycopy(chunk, 0, body, before, chunk.length);
            if (next(deadline) != '\r' || next(deadline) != '\n') {
                throw new MessageException(400, "a chunk that is longer than its size");
            }
        }
        int budget = limits.head();
        for (var line = line(budget, deadline, 431); !line.isEmpty(); line = line(budget, deadline, 431)) {
            budget -= line.length() + 2;
        }
        return body;
    }

    /// Reads until the peer closes.
    byte[] rest(Limits limits, long deadline) throws IOException {
        byte[] body = EMPTY;
        while (at < end || fill(deadline)) {
            if (body.length + end - at > limits.body()) throw tooLarge(limits);
            body = join(body, end);
            at = end;
        }
        return body;
    }

    private static MessageException tooLarge(Limits limits) {
        return new MessageException(413, "a body of more than " + limits.body() + " bytes");
    }

    /// Sends a whole message.
    void write(byte[] head, byte[] body, Duration time) throws IOException {
        writeBy = deadline(time);
        try {
            if (body.length == 0) {
                out.write(head);
            } else if (body.length <= 16 << 10) {
                var both = Arrays.copyOf(head, head.length + body.length);
                System.arraycopy(body, 0, both, head.length, body.length);
                out.write(both);
            } else {
                out.write(head);
                out.write(body);
            }
        } finally {
            writeBy = NEVER;
        }
    }

    boolean lateAt(long now) {
        long by = writeBy;
        return by != NEVER && now - by > 0;
    }

    /// Lets what has arrived be read, and then the reader find the end.
    void stopReading() {
        try {
            channel.shutdownInput();
        } catch (IOException closed) {
            close();
        }
    }

    /// Closes so that the peer can still read our last words: closing with unread input would make the system
    /// send a reset, which overtakes them (RFC 9112, 9.6).
    void closeAfterLastWords() {
        try {
            channel.shutdownOutput();
            long deadline = deadline(Duration.ofSeconds(1));
            int read = end - at;
            while (read < 1 << 20 && fill(deadline)) read += end;
        } catch (IOException _) {
            // The peer has gone, or will not stop sending.
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        watchdog.forget(this);
        try {
            channel.close();
        } catch (IOException _) {
            // Closed is closed.
        }
    }
}
