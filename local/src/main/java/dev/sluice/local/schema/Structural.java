package dev.sluice.local.schema;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.Constraint;
import dev.sluice.local.schema.Schema.ListType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Validates custom resources against their structural schema.
///
/// @see "OpenAPI v3 schema object, as apiextensions.k8s.io/v1 restricts it"
final class Structural {
    /// Compiled patterns of all schemas; a definition has few, and they are asked for every object.
    private static final Map<String, Optional<Pattern>> PATTERNS = new ConcurrentHashMap<>();

    private static final int MAX_PATTERNS = 10_000;

    private final List<Problem> problems;

    private Structural(List<Problem> problems) {
        this.problems = problems;
    }

    static void validate(Schema.Obj schema, Json.Obj object, List<Problem> problems) {
        var structural = new Structural(problems);
        structural.object(schema, object, Path.ROOT);
        structural.duplicates(schema, object, Path.ROOT);
    }

    /// One value, as the default of a schema is checked.
    static List<Problem> validate(Schema schema, Json value, Path path) {
        var problems = new ArrayList<Problem>();
        new Structural(problems).value(schema, value, path);
        return problems;
    }

    private void value(Schema schema, Json value, Path path) {
        if (schema instanceof Schema.Ref) return;
        if (value.isNull()) {
            if (!schema.traits().nullable() && !(schema instanceof Schema.Any)) {
                problems.add(wrongType(path, expected(schema), "null"));
            }
            return;
        }
        switch (schema) {
            case Schema.Obj type when value instanceof Json.Obj object -> object(type, object, path);
            case Schema.Arr type
            when value instanceof Json.Arr(var items) -> {
                for (int i = 0; i < items.size(); i++) value(type.items(), items.get(i), path.item(i));
            }
            case Schema.Text type when value instanceof Json.Str(var text) -> format(type.format(), text, path);
            case Schema.Numeric type
            when value instanceof Json.Num number -> {
                if (type.integer() && value.asLong().isEmpty()) {
                    problems.add(wrongType(path, "integer", "number"));
                    return;
                }
                if (type.format().equals("int32") && number instanceof Json.Int(var whole) && whole != (int) whole) {
                    problems.add(Problem.invalid(
                            path, value, path + " in body must be of type int32: " + shown(number.text())));
                }
            }
            case Schema.Bool _ when value instanceof Json.Bool -> {}
            case Schema.IntOrString _
            when value instanceof Json.Str || value.asLong().isPresent() -> {}
            case Schema.Any _ -> {}
            // What its anyOf says of the two types follows below.
            case Schema.IntOrString type -> problems.add(wrongType(path, expected(type), kind(value)));
            case Schema other -> {
                problems.add(wrongType(path, expected(other), kind(value)));
                return;
            }
        }
        constraint(schema.traits().constraint(), value, path);
    }

    private void object(Schema.Obj type, Json.Obj object, Path path) {
        for (var name : type.required()) {
            if (!object.has(name)) problems.add(Problem.required(path.child(name), ""));
        }
        if (type.embedded()) embedded(object, path);
        object.fields().forEach((name, value) -> {
            var child = type.child(name);
            if (child == null) return;
            value(child, value, path.child(name));
        });
        if (path.isRoot()) constraint(type.traits().constraint(), object, path);
    }

    private void embedded(Json.Obj object, Path path) {
        for (var name : List.of("apiVersion", "kind")) {
            if (object.at(name).string("").isEmpty()) {
                problems.add(Problem.required(path.child(name), "must not be empty"));
            }
        }
    }

    /// Sets and maps among the lists, once the shape is known.
    private void duplicates(Schema schema, Json value, Path path) {
        switch (schema) {
            case Schema.Obj type
            when value instanceof Json.Obj(var fields) ->
                fields.forEach((name, field) -> {
                    var child = type.child(name);
                    if (child != null) duplicates(child, field, path.child(name));
                });
            case Schema.Arr type
            when value instanceof Json.Arr(var items) -> {
                if (type.listType() != ListType.ATOMIC) unique(type, items, path);
                for (int i = 0; i < items.size(); i++) duplicates(type.items(), items.get(i), path.item(i));
            }
            default -> {}
        }
    }

    private void unique(Schema.Arr type, List<Json> items, Path path) {
        Set<Json> seen = new HashSet<>();
        for (int i = 0; i < items.size(); i++) {
            var item = items.get(i);
            Json identity = item;
            if (type.listType() == ListType.MAP) {
                var keys = new LinkedHashMap<String, Json>();
                for (var key : type.keys()) {
                    item.obj().get(key).ifPresent(value -> keys.put(key, value));
                }
                identity = new Json.Obj(keys);
            }
            if (!seen.add(identity)) problems.add(Problem.duplicate(path.item(i), identity));
        }
    }

    private void constraint(Constraint constraint, Json value, Path path) {
        if (constraint.isNone()) return;
        own(constraint, value, path);
        for (var all : constraint.allOf()) nested(all, value, path);
        if (!constraint.anyOf().isEmpty() && count(constraint.anyOf(), value, path) == 0) {
            problems.add(logical(path, "must validate at least one schema (anyOf)"));
            problems.addAll(nearest(constraint.anyOf(), value, path));
        }
        if (!constraint.oneOf().isEmpty()) {
            int count = count(constraint.oneOf(), value, path);
            if (count != 1) {
                var found = count == 0 ? "Found none valid" : "Found " + count + " valid alternatives";
                problems.add(logical(path, "must validate one and only one schema (oneOf). " + found));
                if (count == 0) problems.addAll(nearest(constraint.oneOf(), value, path));
            }
        }
        if (constraint.not().isPresent() && count(List.of(constraint.not().get()), value, path) == 1) {
            problems.add(logical(path, "must not validate the schema (not)"));
        }
    }

    /// What is wrong with the alternative that comes nearest, the first of equals.
    private static List<Problem> nearest(List<Constraint> alternatives, Json value, Path path) {
        Optional<List<Problem>> nearest = Optional.empty();
        for (var alternative : alternatives) {
            var found = new ArrayList<Problem>();
            new Structural(found).nested(alternative, value, path);
            if (nearest.isEmpty() || found.size() < nearest.get().size()) nearest = Optional.of(found);
        }
        return nearest.orElse(List.of());
    }

    private static int count(List<Constraint> constraints, Json value, Path path) {
        int count = 0;
        for (var constraint : constraints) {
            var found = new ArrayList<Problem>();
            new Structural(found).nested(constraint, value, path);
            if (found.isEmpty()) count++;
        }
        return count;
    }

    /// A constraint inside `allOf` and its like: also about what lies below.
    private void nested(Constraint constraint, Json value, Path path) {
        if (constraint.type().isPresent()) {
            var type = constraint.type().get();
            boolean fits = kind(value).equals(type)
                    || (type.equals("number") && value instanceof Json.Num)
                    || (type.equals("integer") && value.asLong().isPresent());
            if (!fits) {
                problems.add(wrongType(path, type, kind(value)));
                return;
            }
        }
        if (value instanceof Json.Obj object) {
            for (var name : constraint.required()) {
                if (!object.has(name)) problems.add(Problem.required(path.child(name), ""));
            }
            object.fields().forEach((name, field) -> {
                var below = constraint.properties().get(name);
                if (below != null) nested(below, field, path.child(name));
                else constraint.values().ifPresent(all -> nested(all, field, path.child(name)));
            });
        }
        if (constraint.items().isPresent()) {
            for (int i = 0; i < value.items().size(); i++) {
                nested(constraint.items().get(), value.items().get(i), path.item(i));
            }
        }
        constraint(constraint, value, path);
    }

    private void own(Constraint wanted, Json value, Path path) {
        if (wanted.oneOfValues().isPresent() && !wanted.oneOfValues().get().contains(value)) {
            problems.add(
                    Problem.notSupportedJson(path, value, wanted.oneOfValues().get()));
        }
        switch (value) {
            case Json.Num number -> number(wanted, number, path);
            case Json.Str(var text) -> text(wanted, text, path);
            case Json.Arr(var items) -> items(wanted, items, path);
            case Json.Obj object -> {
                int size = object.fields().size();
                wanted.maxProperties()
                        .filter(max -> size > max)
                        .ifPresent(max -> problems.add(Problem.tooMany(path, size, max)));
                wanted.minProperties()
                        .filter(min -> size < min)
                        .ifPresent(min -> problems.add(Problem.invalid(
                                path, object, path + " in body should have at least " + min + " properties")));
            }
            case Json.Bool _, Json.Null _ -> {}
        }
    }

    private void number(Constraint wanted, Json.Num number, Path path) {
        double value = number.toDouble();
        if (wanted.minimum().isPresent()) {
            double min = wanted.minimum().get();
            if (wanted.exclusiveMinimum() ? value <= min : value < min) {
                var relation = wanted.exclusiveMinimum() ? "greater than " : "greater than or equal to ";
                problems.add(Problem.invalid(path, number, path + " in body should be " + relation + plain(min)));
            }
        }
        if (wanted.maximum().isPresent()) {
            double max = wanted.maximum().get();
            if (wanted.exclusiveMaximum() ? value >= max : value > max) {
                var relation = wanted.exclusiveMaximum() ? "less than " : "less than or equal to ";
                problems.add(Problem.invalid(path, number, path + " in body should be " + relation + plain(max)));
            }
        }
        if (wanted.multipleOf().isPresent()) {
            var factor = BigDecimal.valueOf(wanted.multipleOf().get());
            if (factor.signum() > 0
                    && BigDecimal.valueOf(value).remainder(factor).signum() != 0) {
                problems.add(Problem.invalid(
                        path,
                        number,
                        path + " in body should be a multiple of "
                                + plain(wanted.multipleOf().get())));
            }
        }
    }

    private static String plain(double value) {
        return new Json.Dec(value).text();
    }

    private void text(Constraint wanted, String text, Path path) {
        int length = text.codePointCount(0, text.length());
        wanted.maxLength().filter(max -> length > max).ifPresent(max -> problems.add(Problem.tooLong(path, max)));
        wanted.minLength()
                .filter(min -> length < min)
                .ifPresent(min -> problems.add(Problem.invalid(
                        path, new Json.Str(text), path + " in body should be at least " + min + " chars long")));
        if (wanted.pattern().isPresent()) {
            var pattern = pattern(wanted.pattern().get());
            if (pattern.isPresent() && !pattern.get().matcher(text).find()) {
                problems.add(Problem.invalid(
                        path,
                        new Json.Str(text),
                        path + " in body should match '" + wanted.pattern().get() + "'"));
            }
        }
    }

    private void items(Constraint wanted, List<Json> items, Path path) {
        int size = items.size();
        wanted.maxItems().filter(max -> size > max).ifPresent(max -> problems.add(Problem.tooMany(path, size, max)));
        wanted.minItems()
                .filter(min -> size < min)
                .ifPresent(min -> problems.add(Problem.invalid(
                        path, Json.of(size), path + " in body should have at least " + min + " items")));
        if (wanted.uniqueItems() && new HashSet<>(items).size() < size) {
            problems.add(Problem.invalid(path, new Json.Arr(items), path + " in body shouldn't contain duplicates"));
        }
    }

    private void format(String format, String text, Path path) {
        if (Formats.fits(format, text)) return;
        problems.add(Problem.typeInvalid(
                path, new Json.Str(text), path + " in body must be of type " + format + ": " + shown(text)));
    }

    /// A pattern in Go's syntax; empty where it is none.
    static Optional<Pattern> pattern(String text) {
        var known = PATTERNS.get(text);
        if (known != null) return known;
        if (PATTERNS.size() >= MAX_PATTERNS) PATTERNS.clear();
        return PATTERNS.computeIfAbsent(text, _ -> {
            try {
                return Optional.of(Pattern.compile(text));
            } catch (PatternSyntaxException noPattern) {
                return Optional.empty();
            }
        });
    }

    /// The API server names the place in the text only.
    private static Problem logical(Path path, String what) {
        return Problem.invalid(Path.NOWHERE, new Json.Str(""), shown(path.toString()) + " " + what);
    }

    private static Problem wrongType(Path path, String expected, String found) {
        var where = path.toString();
        return Problem.typeInvalid(
                where.isEmpty() ? Path.NOWHERE : path,
                new Json.Str(found),
                where + " in body must be of type " + expected + ": " + shown(found));
    }

    private static String expected(Schema schema) {
        return switch (schema) {
            case Schema.Obj _, Schema.Ref _, Schema.Any _ -> "object";
            case Schema.Arr _ -> "array";
            case Schema.Text _ -> "string";
            case Schema.Numeric type -> type.integer() ? "integer" : "number";
            case Schema.Bool _ -> "boolean";
            case Schema.IntOrString _ -> "integer,string";
        };
    }

    private static String kind(Json value) {
        return switch (value) {
            case Json.Obj _ -> "object";
            case Json.Arr _ -> "array";
            case Json.Str _ -> "string";
            case Json.Int _ -> "integer";
            case Json.Dec _ -> "number";
            case Json.Bool _ -> "boolean";
            case Json.Null _ -> "null";
        };
    }

    private static String shown(String text) {
        return new Json.Str(text).text();
    }
}
