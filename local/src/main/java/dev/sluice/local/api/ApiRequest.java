package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// One call of the API, however it arrived.
///
/// @param method `GET`, `POST`, `PUT`, `PATCH`, `DELETE`
/// @param path the URL path, decoded, without query
/// @param query the first value of each query parameter, decoded
/// @param headers by lower-case name
/// @param user who calls, for the audit and as the default field manager
public record ApiRequest(
        String method, String path, Map<String, String> query, Map<String, String> headers, Body body, String user) {

    /// What a request carries; a tree spares an in-process caller the text.
    public sealed interface Body {
        Body NONE = new Text(new byte[0]);

        /// Bytes of the media type that `content-type` names.
        @SuppressWarnings("ArrayRecordComponent") // never compared, and a copy of each body would buy nothing
        record Text(byte[] bytes) implements Body {}

        /// A tree.
        record Tree(Json json) implements Body {}
    }

    public ApiRequest {
        query = Map.copyOf(query);
        headers = Map.copyOf(headers);
    }

    /// A call without body, the query taken from the path: `get("/api/v1/pods?limit=5", "me")`.
    public static ApiRequest get(String pathAndQuery, String user) {
        return of("GET", pathAndQuery, Body.NONE, "", user);
    }

    /// A call with a tree as body.
    public static ApiRequest of(String method, String pathAndQuery, Json body, String contentType, String user) {
        return of(method, pathAndQuery, new Body.Tree(body), contentType, user);
    }

    static ApiRequest of(String method, String pathAndQuery, Body body, String contentType, String user) {
        int mark = pathAndQuery.indexOf('?');
        var query = new TreeMap<String, String>();
        if (mark >= 0) {
            for (var pair : pathAndQuery.substring(mark + 1).split("&", -1)) {
                int sign = pair.indexOf('=');
                query.putIfAbsent(sign < 0 ? pair : pair.substring(0, sign), sign < 0 ? "" : pair.substring(sign + 1));
            }
        }
        return new ApiRequest(
                method,
                mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark),
                query,
                contentType.isEmpty() ? Map.of() : Map.of("content-type", contentType),
                body,
                user);
    }

    public ApiRequest header(String name, String value) {
        var more = new TreeMap<>(headers);
        more.put(name, value);
        return new ApiRequest(method, path, query, more, body, user);
    }

    String query(String name) {
        return query.getOrDefault(name, "");
    }

    /// The media type of the body, without parameters; empty where none is named.
    String mediaType() {
        var type = headers.getOrDefault("content-type", "");
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    boolean flag(String name) {
        var value = query.get(name);
        return value != null && (value.isEmpty() || value.equals("true") || value.equals("1"));
    }
}
