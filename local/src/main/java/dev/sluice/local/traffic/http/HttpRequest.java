package dev.sluice.local.traffic.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;

/// One request.
///
/// @param target origin form, such as `/list?all=1`; percent-encoding as sent
/// @param client the address the connection came from
/// @param lasting whether the client can use the connection again
public record HttpRequest(String method, String target, Headers headers, Body body, String client, boolean lasting) {
    public static HttpRequest get(String target, String host) {
        return new HttpRequest("GET", target, Headers.of("Host", host), Body.NONE, "", true);
    }

    public static HttpRequest post(String target, String host, Body body) {
        return new HttpRequest("POST", target, Headers.of("Host", host), body, "", true);
    }

    public HttpRequest with(Headers other) {
        return new HttpRequest(method, target, other, body, client, lasting);
    }

    public HttpRequest withHeader(String name, String value) {
        return with(headers.with(name, value));
    }

    public HttpRequest withTarget(String other) {
        return new HttpRequest(method, other, headers, body, client, lasting);
    }

    /// The path without the query.
    public String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /// The parameters of the query; the first of a name wins.
    public SequencedMap<String, String> query() {
        int mark = target.indexOf('?');
        return mark < 0 ? new LinkedHashMap<>() : parameters(target.substring(mark + 1));
    }

    /// The parameters of the query, then those of a form body.
    public SequencedMap<String, String> form() {
        var all = query();
        if (headers.first("Content-Type", "").startsWith("application/x-www-form-urlencoded")) {
            parameters(body.text()).forEach(all::putIfAbsent);
        }
        return all;
    }

    /// The host without the port, in lower case.
    public String host() {
        var host = headers.first("Host", "");
        int colon = host.lastIndexOf(':');
        var name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.toLowerCase(Locale.ROOT);
    }

    private static SequencedMap<String, String> parameters(String text) {
        var parameters = new LinkedHashMap<String, String>();
        for (var part : text.split("&", -1)) {
            if (part.isEmpty()) continue;
            int equals = part.indexOf('=');
            var name = equals < 0 ? part : part.substring(0, equals);
            var value = equals < 0 ? "" : part.substring(equals + 1);
            parameters.putIfAbsent(decoded(name), decoded(value));
        }
        return parameters;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return text;
        }
    }
}
