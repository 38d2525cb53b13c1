package dev.sluice.local.traffic.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Requests and responses as bytes on a [Wire] (RFC 9112).
final class Messages {
    private static final byte[] EMPTY = {};
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final int INTERIM_RESPONSES = 8;

    private Messages() {}

    /// Reads a request whose first byte has arrived.
    static HttpRequest readRequest(Wire wire, Limits limits) throws IOException {
        var head = wire.head(limits, Wire.deadline(limits.headTime()));
        var parts = head.start().split(" ", -1);
        if (parts.length != 3) throw new MessageException(400, "not a request line");
        var method = parts[0];
        if (method.isEmpty() || method.chars().anyMatch(c -> !Wire.token((char) c))) {
            throw new MessageException(400, "not a method");
        }
        boolean latest = parts[2].equals("HTTP/1.1");
        if (!latest && !parts[2].equals("HTTP/1.0")) {
            throw new MessageException(parts[2].startsWith("HTTP/") ? 505 : 400, "HTTP/1.1 is spoken here");
        }
        var headers = head.headers();
        if (latest && headers.all("Host").size() != 1) throw new MessageException(400, "exactly one Host is needed");
        var target = originForm(parts[1]);
        boolean chunked = chunked(headers);
        long length = length(headers);
        if (chunked && length >= 0) {
            throw new MessageException(400, "both Transfer-Encoding and Content-Length");
        }
        if (length > limits.body()) {
            throw new MessageException(413, "a body of more than " + limits.body() + " bytes");
        }
        byte[] body = EMPTY;
        if (chunked || length > 0) {
            if (headers.lists("Expect", "100-continue")) wire.write(CONTINUE, EMPTY, limits.writeTime());
            long deadline = Wire.deadline(limits.bodyTime());
            body = chunked ? wire.chunks(limits, deadline) : wire.body(length, limits, deadline);
        }
        boolean lasting = latest && !headers.lists("Connection", "close");
        return new HttpRequest(method, target, headers, Body.owned(body), wire.peer(), lasting);
    }

    private static String originForm(String target) throws MessageException {
        if (target.startsWith("/") || target.equals("*")) return target;
        int scheme = target.indexOf("://");
        if (scheme < 1) throw new MessageException(400, "not a request target");
        int path = target.indexOf('/', scheme + 3);
        return path < 0 ? "/" : target.substring(path);
    }

    private static boolean chunked(Headers headers) throws MessageException {
        var codings = headers.all("Transfer-Encoding");
        if (codings.isEmpty()) return false;
        if (codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked")) return true;
        throw new MessageException(501, "only the transfer coding \"chunked\" is known");
    }

    /// The announced length, −1 where there is none.
    private static long length(Headers headers) throws MessageException {
        long length = -1;
        for (var value : headers.all("Content-Length")) {
            if (!value.matches("[0-9]{1,18}")) throw new MessageException(400, "not a Content-Length");
            long next = Long.parseLong(value);
            if (length >= 0 && next != length) throw new MessageException(400, "two values of Content-Length");
            length = next;
        }
        return length;
    }

    /// @param last whether the connection ends after it
    static void writeResponse(Wire wire, HttpResponse response, boolean toHead, boolean last, Limits limits)
            throws IOException {
        var head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(response.status()).append(' ').append(HttpResponse.phrase(response.status()));
        head.append("\r\n");
        fields(head, response.headers());
        boolean bodiless = response.status() < 200 || response.status() == 204 || response.status() == 304;
        if (!bodiless) {
            head.append("Content-Length: ").append(response.body().size()).append("\r\n");
        }
        if (last) head.append("Connection: close\r\n");
        head.append("\r\n");
        wire.write(bytes(head), bodiless || toHead ? EMPTY : response.body().bytes(), limits.writeTime());
    }

    static void writeRequest(Wire wire, HttpRequest request, Limits limits) throws IOException {
        var head = new StringBuilder(256);
        head.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
        fields(head, request.headers());
        boolean expectsBody = switch (request.method()) {
            case "POST", "PUT", "PATCH" -> true;
            default -> request.body().size() > 0;
        };
        if (expectsBody) {
            head.append("Content-Length: ").append(request.body().size()).append("\r\n");
        }
        if (!request.lasting()) head.append("Connection: close\r\n");
        head.append("\r\n");
        wire.write(bytes(head), request.body().bytes(), limits.writeTime());
    }

    /// A response, and whether the connection may be used again.
    record Received(HttpResponse response, boolean lasting) {}

    /// @param deadline for the whole response
    static Received readResponse(Wire wire, boolean toHead, Limits limits, long deadline) throws IOException {
        for (int interim = 0; interim <= INTERIM_RESPONSES; interim++) {
            var head = wire.head(limits, deadline);
            var start = head.start();
            if (!start.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
                throw new MessageException(502, "not a status line");
            }
            int status = Integer.parseInt(start, 9, 12, 10);
            if (status == 101) throw new MessageException(502, "switching protocols was not asked for");
            if (status < 200) continue;
            var headers = head.headers();
            boolean chunked = chunked(headers);
            long length = length(headers);
            boolean bodiless = toHead || status == 204 || status == 304;
            boolean lasting = start.startsWith("HTTP/1.1") && !headers.lists("Connection", "close");
            byte[] body = EMPTY;
            if (bodiless) {
                body = EMPTY;
            } else if (chunked) {
                body = wire.chunks(limits, deadline);
            } else if (length >= 0) {
                body = wire.body(length, limits, deadline);
            } else {
                body = wire.rest(limits, deadline);
                lasting = false;
            }
            return new Received(new HttpResponse(status, headers, Body.owned(body)), lasting);
        }
        throw new MessageException(502, "interim responses without end");
    }

    /// Fields as they are, but for those that say how the message is framed: those are ours.
    private static void fields(StringBuilder head, Headers headers) {
        headers.forEach((name, value) -> {
            if (framing(name)) return;
            head.append(name).append(": ");
            // A header value that came from elsewhere must not end the line.
            if (value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0) {
                head.append(value.replace('\r', ' ').replace('\n', ' '));
            } else {
                head.append(value);
            }
            head.append("\r\n");
        });
    }

    private static boolean framing(String name) {
        return name.equalsIgnoreCase("Content-Length")
                || name.equalsIgnoreCase("Transfer-Encoding")
                || name.equalsIgnoreCase("Connection");
    }

    private static byte[] bytes(StringBuilder text) {
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
