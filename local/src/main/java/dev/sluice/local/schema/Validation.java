package dev.sluice.local.schema;

import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Says everything that is wrong with an object, before it is stored. The metadata of the object itself is the
/// server's to check, since it knows the scope and the naming rule of each resource.
public final class Validation {
    private Validation() {}

    /// Every problem; none when the object may be stored.
    ///
    /// Built-in kinds: what the type asks of its fields, then the rules of the kind. Custom kinds: the
    /// structural schema, then its CEL rules, which are not asked while a type is wrong. The status is
    /// not checked for built-in kinds: it is written by controllers, not by people.
    ///
    /// @param object pruned and with its defaults
    /// @param old the stored object in an update; empty on creation
    public static List<Problem> validate(KindSchema kind, Json.Obj object, Optional<Json.Obj> old) {
        var problems = new ArrayList<Problem>();
        if (kind.builtIn()) {
            plain(kind.schema(), object, Path.ROOT, problems);
            BuiltInRules.validate(kind, object, old, problems);
        } else {
            Structural.validate(kind.schema(), object, problems);
            if (CelRules.any(kind.schema())) {
                if (problems.stream().anyMatch(Validation::blocks)) {
                    problems.add(Problem.invalid(
                            Path.NOWHERE,
                            Json.Null.VALUE,
                            "some validation rules were not checked because the object was invalid; correct the existing"
                                    + " errors to complete validation"));
                } else {
                    problems.addAll(CelRules.validate(kind.schema(), object, old));
                }
            }
        }
        return problems;
    }

    /// Whether rules would stumble over what is wrong already.
    private static boolean blocks(Problem problem) {
        return switch (problem.reason()) {
            case REQUIRED, TYPE_INVALID, NOT_SUPPORTED, TOO_LONG, TOO_MANY -> true;
            case INVALID, FORBIDDEN, DUPLICATE, NOT_FOUND -> false;
        };
    }

    /// What `types.txt` asks: required fields, enumerations, bounds.
    private static void plain(Schema.Obj type, Json.Obj object, Path path, List<Problem> problems) {
        type.fields().forEach((name, field) -> {
            if (path.isRoot() && (name.equals("metadata") || name.equals("status"))) return;
            var value = object.fields().get(name);
            if (value == null || value.isNull() || emptyText(field, value)) {
                boolean wanted = field.filled() && type.required().contains(name);
                if (wanted) problems.add(Problem.required(path.child(name), ""));
                return;
            }
            if (field.filled() && value instanceof Json.Arr(var items) && items.isEmpty()) {
                problems.add(Problem.required(path.child(name), ""));
                return;
            }
            plainValue(field.schema(), value, path.child(name), problems);
        });
    }

    private static boolean emptyText(Schema.Field field, Json value) {
        return field.filled() && value instanceof Json.Str(var text) && text.isEmpty();
    }

    private static void plainValue(Schema schema, Json value, Path path, List<Problem> problems) {
        switch (schema.target()) {
            case Schema.Obj type
            when value instanceof Json.Obj object -> {
                if (type.fields().isEmpty()) {
                    type.values()
                            .ifPresent(values -> object.fields()
                                    .forEach((name, one) -> plainValue(values, one, path.key(name), problems)));
                } else if (!isMetadata(schema)) {
                    plain(type, object, path, problems);
                }
            }
            case Schema.Arr type -> {
                var items = value.items();
                for (int i = 0; i < items.size(); i++) plainValue(type.items(), items.get(i), path.item(i), problems);
            }
            case Schema other -> constraint(other.traits().constraint(), value, path, problems);
        }
    }

    private static boolean isMetadata(Schema schema) {
        return schema instanceof Schema.Ref ref && ref.name().endsWith(".ObjectMeta");
    }

    private static void constraint(Constraint wanted, Json value, Path path, List<Problem> problems) {
        if (wanted.isNone()) return;
        var values = wanted.oneOfValues();
        if (values.isPresent() && !values.get().contains(value)) {
            problems.add(Problem.notSupportedJson(path, value, values.get()));
        }
        if (!(value instanceof Json.Num number)) return;
        double min = wanted.minimum().orElse(Double.NEGATIVE_INFINITY);
        if (wanted.maximum().isPresent()) {
            double max = wanted.maximum().get();
            if (number.toDouble() < min || number.toDouble() > max) {
                problems.add(Problem.invalid(
                        path, value, "must be between " + (long) min + " and " + (long) max + ", inclusive"));
            }
        } else if (number.toDouble() < min) {
            problems.add(Problem.invalid(path, value, "must be greater than or equal to " + (long) min));
        }
    }
}
