package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The answer to one [ApiRequest].
///
/// @param code HTTP status
/// @param warnings texts for `Warning` headers (RFC 7234, code 299)
public record ApiResponse(int code, Body body, List<String> warnings) {
    public ApiResponse {
        warnings = List.copyOf(warnings);
    }

    /// What a response carries.
    public sealed interface Body {
        /// A JSON tree.
        record Tree(Json.Obj json, String contentType) implements Body {}

        /// A text.
        record Text(String contentType, String text) implements Body {}

        /// A watch under way: lines to be sent as they come, until the feed ends.
        record Watching(Feed feed, Lines lines, String contentType) implements Body {}

        /// The log of a container, written as it comes.
        record Log(PodLogs.Source source) implements Body {}
    }

    /// The documents of a watch in the form that the client asked for. For one reader.
    public interface Lines {
        /// The line of an event, `{"type":…,"object":…}`.
        Json.Obj of(Feed.Event event);

        /// A line that says up to where everything has been sent; none from a watch that began at a revision which is
        /// yet to come.
        Optional<Json.Obj> bookmark();
    }

    static ApiResponse of(int code, Json.Obj json) {
        return new ApiResponse(code, new Body.Tree(json, "application/json"), List.of());
    }

    static ApiResponse ok(Json.Obj json) {
        return of(200, json);
    }

    /// JSON that a cluster's API server declares to be plain text.
    static ApiResponse plain(Json.Obj json) {
        return new ApiResponse(200, new Body.Tree(json, "text/plain; charset=utf-8"), List.of());
    }

    /// 404 without a word.
    static ApiResponse nothing() {
        return new ApiResponse(404, new Body.Text("", ""), List.of());
    }

    static ApiResponse text(int code, String text) {
        return new ApiResponse(code, new Body.Text("text/plain; charset=utf-8", text), List.of());
    }

    ApiResponse warning(String text) {
        var all = new ArrayList<>(warnings);
        all.add(text);
        return new ApiResponse(code, body, all);
    }

    /// The tree that was answered; the empty object for any other body.
    public Json.Obj json() {
        return body instanceof Body.Tree(var json, var _) ? json : Json.Obj.EMPTY;
    }

    public boolean succeeded() {
        return code < 300;
    }
}
