package dev.sluice.local.api;

import dev.sluice.json.Json;
import dev.sluice.json.JsonPatch;
import dev.sluice.json.MergePatch;
import dev.sluice.local.schema.Decoding;
import dev.sluice.local.schema.Defaults;
import dev.sluice.local.schema.KindSchema;
import dev.sluice.local.schema.ManagedFields;
import dev.sluice.local.schema.Pruning;
import dev.sluice.local.schema.Schemas;
import dev.sluice.local.schema.ServerSideApply;
import dev.sluice.local.schema.StrategicMerge;
import dev.sluice.local.schema.Validation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What the server asks about the fields of objects; the answers are `dev.sluice.local.schema`'s.
final class Content {
    static final String JSON_PATCH = "application/json-patch+json";
    static final String MERGE_PATCH = "application/merge-patch+json";
    static final String STRATEGIC_PATCH = "application/strategic-merge-patch+json";
    static final String APPLY_PATCH = "application/apply-patch+yaml";

    private final Supplier<Schemas> schemas;

    Content(Supplier<Schemas> schemas) {
        this.schemas = schemas;
    }

    private Optional<KindSchema> schema(Served served) {
        var type = served.type();
        return schemas.get().find(type.group(), type.version(), type.kind());
    }

    /// An object as it was sent, without the fields that its schema does not know.
    ///
    /// @param patched the stored object of whose patch this is the outcome; empty where it is a body
    Json.Obj read(Served served, Json.Obj object, WriteOptions options, Optional<Json.Obj> patched) {
        var schema = schema(served);
        if (schema.isEmpty()) return object;
        var known = patched.orElse(Json.Obj.EMPTY);
        var mismatch = Decoding.problem(schema.get(), object, known);
        if (mismatch.isPresent()) throw undecodable(served, object, mismatch.get(), patched);
        if (options.unknown() != WriteOptions.Unknown.IGNORE) unknown(served, schema.get(), object, options, patched);
        return Pruning.prune(schema.get(), object, known);
    }

    private static void unknown(
            Served served, KindSchema schema, Json.Obj object, WriteOptions options, Optional<Json.Obj> patched) {
        var unknown = Stream.concat(
                        options.repeated().stream().map(path -> "duplicate field \"" + path + "\""),
                        Pruning.unknownFields(schema, object, patched.orElse(Json.Obj.EMPTY)).stream()
                                .map(path -> "unknown field \"" + path + "\"")
                                .sorted(schema.builtIn() ? (_, _) -> 0 : Comparator.naturalOrder()))
                .toList();
        if (unknown.isEmpty()) return;
        if (options.unknown() == WriteOptions.Unknown.WARN) {
            options.warnings().addAll(unknown);
            return;
        }
        throw undecodable(served, object, "strict decoding error: " + String.join(", ", unknown), patched);
    }

    private static Failure undecodable(Served served, Json.Obj object, String error, Optional<Json.Obj> patched) {
        if (patched.isPresent()) {
            return Failure.invalid("", "", "", List.of(Failure.Cause.invalid("patch", quotable(object), error)));
        }
        var type = served.type();
        return Failure.badRequest(type.kind() + " in version \"" + type.version() + "\" cannot be handled as a "
                + type.kind() + ": " + error);
    }

    /// The text of an object to be put into quotes.
    static String quotable(Json.Obj object) {
        return object.text().replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /// @param old the stored object, of an update
    Json.Obj defaulted(Served served, Json.Obj object, Optional<Json.Obj> old) {
        return schema(served)
                .map(schema -> Defaults.apply(schema, object, old.orElse(Json.Obj.EMPTY)))
                .orElse(object);
    }

    List<Failure.Cause> problems(Served served, Json.Obj object, Optional<Json.Obj> old) {
        var causes = new ArrayList<Failure.Cause>();
        schema(served).ifPresent(schema -> {
            for (var problem : Validation.validate(schema, object, old)) {
                causes.add(new Failure.Cause(problem.path(), problem.reason().wire(), problem.text()));
            }
        });
        return causes;
    }

    /// The object with `metadata.managedFields` brought up to date; those of a dry reordering of times stay as they
    /// were.
    Json.Obj managed(
            Served served,
            Optional<Json.Obj> old,
            Json.Obj object,
            WriteOptions options,
            String subresource,
            Instant now) {
        var managed = options.apply()
                ? object
                : schema(served)
                        .map(schema -> ManagedFields.update(schema, old, object, options.manager(), subresource, now))
                        .orElse(object);
        if (old.isEmpty()) return managed;
        var before = old.get().at("metadata", "managedFields");
        var after = managed.at("metadata", "managedFields");
        if (before.equals(after) || !timeless(before).equals(timeless(after))) return managed;
        return managed.withAt(List.of("metadata", "managedFields"), before);
    }

    /// Ownership without its times: a write that changes nothing else is no write.
    private static Json timeless(Json managedFields) {
        var entries = new ArrayList<Json>();
        for (var entry : managedFields.items()) entries.add(entry.obj().without("time"));
        return new Json.Arr(entries);
    }

    /// An object after a patch of a media type.
    Json.Obj patched(Served served, String mediaType, Json.Obj object, Json patch) {
        return switch (mediaType) {
            case JSON_PATCH ->
                switch (JsonPatch.apply(object, patch)) {
                    case JsonPatch.Patched(Json.Obj document) -> document;
                    case JsonPatch.Patched(Json other) ->
                        throw Failure.badRequest("the patch makes no object, but " + other.text());
                    case JsonPatch.Failed(int _, boolean malformed, String message) -> {
                        if (malformed && !(patch instanceof Json.Arr)) throw Failure.badRequest(message);
                        throw Failure.unprocessable();
                    }
                };
            case STRATEGIC_PATCH -> strategic(served, object, patch);
            default -> {
                if (!(patch instanceof Json.Obj)) {
                    throw Failure.badRequest(
                            "error decoding patch: a merge patch is an object, but this is " + patch.text());
                }
                yield MergePatch.apply(object, patch).obj();
            }
        };
    }

    private Json.Obj strategic(Served served, Json.Obj object, Json patch) {
        var schema = schema(served);
        if (schema.isEmpty() || !(patch instanceof Json.Obj changes)) {
            throw Failure.badRequest(
                    "error decoding patch: a strategic merge patch is an object, but this is " + patch.text());
        }
        return switch (StrategicMerge.apply(schema.get(), object, changes)) {
            case StrategicMerge.Merged(var merged) -> merged;
            case StrategicMerge.Refused(int code, String message) -> throw Failure.plain(code, message);
        };
    }

    /// An object after a server-side apply, its managed fields included.
    ///
    /// @param applied the configuration as it was sent: pruning would add what Go's types always have, and with it
    ///     claims that its manager never made
    Json.Obj applied(
            Served served,
            Optional<Json.Obj> live,
            Json.Obj applied,
            WriteOptions options,
            String subresource,
            Instant now) {
        var schema = schema(served).orElseThrow(Failure::unsupportedPatch);
        var mismatch = Decoding.problem(schema, applied);
        if (mismatch.isPresent()) throw undecodable(served, applied, mismatch.get(), Optional.empty());
        var outcome =
                ServerSideApply.apply(schema, live, applied, options.manager(), subresource, options.force(), now);
        return switch (outcome) {
            case ServerSideApply.Applied(var object) -> Pruning.prune(schema, object);
            case ServerSideApply.Refused(int code, String message) -> throw Failure.plain(code, message);
            case ServerSideApply.Conflicted(var conflicts, String message) ->
                throw Failure.applyConflict(
                        message,
                        conflicts.stream()
                                .map(conflict ->
                                        new Failure.Cause(conflict.field(), "FieldManagerConflict", conflict.message()))
                                .toList());
        };
    }
}
