package dev.sluice.local.traffic.http;

import dev.sluice.json.Json;

/// One response, body included. Framing headers are the sender's business and not among `headers`.
public record HttpResponse(int status, Headers headers, Body body) {
    public static HttpResponse text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text);
    }

    public static HttpResponse json(int status, Json json) {
        return of(status, "application/json", json.text());
    }

    public static HttpResponse of(int status, String mediaType, String text) {
        return new HttpResponse(status, Headers.of("Content-Type", mediaType), Body.of(text));
    }

    public static HttpResponse empty(int status) {
        return new HttpResponse(status, Headers.NONE, Body.NONE);
    }

    public HttpResponse with(Headers other) {
        return new HttpResponse(status, other, body);
    }

    public HttpResponse withHeader(String name, String value) {
        return with(headers.with(name, value));
    }

    public String bodyText() {
        return body.text();
    }

    /// The reason phrase of a status (RFC 9110, 15); an empty one is allowed for the rest.
    static String phrase(int status) {
        return switch (status) {
            case 100 -> "Continue";
            case 200 -> "OK";
            case 201 -> "Created";
            case 202 -> "Accepted";
            case 204 -> "No Content";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 304 -> "Not Modified";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 422 -> "Unprocessable Content";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            default -> "";
        };
    }
}
