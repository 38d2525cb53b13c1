package dev.sluice.local.api;

import dev.sluice.json.Json;
import dev.sluice.json.JsonPath;
import dev.sluice.json.JsonPathException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/// Objects as rows of a `Table`, the form in which `kubectl get` asks for them.
///
/// @see "Kubernetes API: meta/v1 Table"
final class Tables {
    private Tables() {}

    /// How much of each object a row carries.
    enum Include {
        NONE,
        METADATA,
        OBJECT;

        static Include of(ApiRequest request) {
            return switch (request.query("includeObject")) {
                case "None" -> NONE;
                case "Object" -> OBJECT;
                case "", "Metadata" -> METADATA;
                case String other -> throw Failure.badRequest("unrecognized includeObject value: \"" + other + "\"");
            };
        }
    }

    /// One column and how a cell comes about.
    ///
    /// @param description what the column shows, for people
    /// @param priority 0 always, 1 with `-o wide` only
    record Column(
            String name,
            String type,
            String format,
            String description,
            int priority,
            BiFunction<Json.Obj, Instant, Json> cell) {

        /// A column whose name says it all.
        Column(String name, String type, String format, int priority, BiFunction<Json.Obj, Instant, Json> cell) {
            this(name, type, format, name, priority, cell);
        }

        Json.Obj definition() {
            return Json.obj(
                    "name", name, "type", type, "format", format, "description", description, "priority", priority);
        }
    }

    static Json.Obj table(
            Served served,
            List<Json.Obj> objects,
            Json.Obj metadata,
            Include include,
            Instant now,
            boolean withColumns) {
        var columns = columns(served);
        var rows = new ArrayList<Json>();
        for (var object : objects) {
            var cells = new ArrayList<Json>();
            for (var column : columns) cells.add(column.cell().apply(object, now));
            var row = Json.obj("cells", new Json.Arr(cells));
            rows.add(
                    switch (include) {
                        case NONE -> row.with("object", Json.Null.VALUE);
                        case METADATA -> row.with("object", partial(object));
                        case OBJECT -> row.with("object", object);
                    });
        }
        return Json.obj(
                "kind",
                "Table",
                "apiVersion",
                "meta.k8s.io/v1",
                "metadata",
                metadata,
                "columnDefinitions",
                withColumns
                        ? new Json.Arr(
                                columns.stream().<Json>map(Column::definition).toList())
                        : Json.Null.VALUE,
                "rows",
                new Json.Arr(rows));
    }

    /// An object reduced to its metadata.
    static Json.Obj partial(Json.Obj object) {
        return Json.obj(
                "kind", "PartialObjectMetadata", "apiVersion", "meta.k8s.io/v1", "metadata", object.at("metadata"));
    }

    static List<Column> columns(Served served) {
        return served.custom().map(Tables::custom).orElseGet(() -> BuiltInColumns.of(served));
    }

    private static List<Column> custom(Served.Custom custom) {
        var columns = new ArrayList<Column>();
        columns.add(name());
        for (var column : custom.columns()) {
            var type = column.at("type").string("string");
            var where = column.at("jsonPath").string("");
            var path = path(where);
            columns.add(new Column(
                    column.at("name").string(""),
                    type,
                    column.at("format").string(""),
                    column.at("description")
                            .asString()
                            .orElse("Custom resource definition column (in JSONPath format): " + where),
                    column.at("priority").integer(0),
                    // Of several values a cell shows the first.
                    (object, now) -> path.flatMap(p -> p.all(object).stream().findFirst())
                            .map(value -> cell(type, value, now))
                            .orElse(Json.Null.VALUE)));
        }
        if (custom.columns().isEmpty()) columns.add(age());
        return columns;
    }

    /// The path of a column; a path that cannot be read makes an empty column, not an unreadable kind.
    private static Optional<JsonPath> path(String text) {
        try {
            return Optional.of(JsonPath.parse("{" + text + "}"));
        } catch (JsonPathException malformed) {
            return Optional.empty();
        }
    }

    /// A value as a cell shows it.
    static String shown(Json value) {
        return value instanceof Json.Str(var text) ? text : value.text();
    }

    private static Json cell(String type, Json value, Instant now) {
        return switch (type) {
            case "integer" -> value.asLong().<Json>map(Json::of).orElse(Json.Null.VALUE);
            case "number" -> value instanceof Json.Num ? value : Json.Null.VALUE;
            case "boolean" -> value.asBool().<Json>map(Json::of).orElse(Json.Null.VALUE);
            case "date" -> value instanceof Json.Str ? Json.of(dateCell(value, now)) : Json.Null.VALUE;
            default -> Json.of(shown(value));
        };
    }

    private static String dateCell(Json stamp, Instant now) {
        return Metadata.instant(stamp).isPresent() ? Age.since(stamp, now) : "<invalid>";
    }

    static Column name() {
        return new Column("Name", "string", "name", 0, (object, _) -> Json.of(Metadata.name(object)));
    }

    static Column age() {
        return new Column(
                "Age",
                "string",
                "",
                0,
                (object, now) -> Json.of(Age.since(object.at("metadata", "creationTimestamp"), now)));
    }
}
