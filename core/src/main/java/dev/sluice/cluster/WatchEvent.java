package dev.sluice.cluster;

import dev.sluice.json.Json;

/// One line of a watch.
public sealed interface WatchEvent {
    record Added(Json.Obj object) implements WatchEvent {}

    record Modified(Json.Obj object) implements WatchEvent {}

    record Deleted(Json.Obj object) implements WatchEvent {}

    /// Everything up to this resource version has been sent.
    record Bookmark(String resourceVersion) implements WatchEvent {}

    /// The watch has ended and nothing more comes.
    ///
    /// @param expired true for 410 Gone: list anew instead of going on from the last version
    record Closed(boolean expired, String why) implements WatchEvent {}
}
