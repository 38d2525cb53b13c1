package dev.sluice.local.api;

import java.util.Locale;

/// The form in which a client wants objects, by its `Accept` header.
///
/// @see "Kubernetes API: receiving resources as Tables; PartialObjectMetadata"
sealed interface Form {
    /// The object itself.
    record Plain() implements Form {}

    /// A `Table` with one row for each object.
    record Table(Tables.Include include) implements Form {}

    /// Metadata only.
    record Partial() implements Form {}

    /// The first form in the header that can be given; clients list what they like best first.
    ///
    /// @throws Failure 406 where there is none
    static Form of(ApiRequest request) {
        var accept = request.headers().getOrDefault("accept", "");
        if (accept.isBlank()) return new Plain();
        for (var range : accept.split(",", -1)) {
            var parts = range.strip().toLowerCase(Locale.ROOT).split(";", -1);
            var media = parts[0].strip();
            if (!media.equals("application/json") && !media.equals("*/*") && !media.equals("application/*")) continue;
            var as = "";
            var version = "v1";
            for (int i = 1; i < parts.length; i++) {
                var part = parts[i].strip();
                if (part.startsWith("as=")) as = part.substring(3);
                if (part.startsWith("v=")) version = part.substring(2);
            }
            switch (as) {
                case "" -> {
                    return new Plain();
                }
                case "table" -> {
                    if (version.equals("v1")) return new Table(Tables.Include.of(request));
                }
                case "partialobjectmetadata", "partialobjectmetadatalist" -> {
                    if (version.equals("v1")) return new Partial();
                }
                default -> {}
            }
        }
        throw Failure.notAcceptable();
    }
}
