package dev.sluice.local.schema;

import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.Constraint;
import dev.sluice.local.schema.Schema.Default;
import dev.sluice.local.schema.Schema.Field;
import dev.sluice.local.schema.Schema.ListType;
import dev.sluice.local.schema.Schema.Patch;
import dev.sluice.local.schema.Schema.Presence;
import dev.sluice.local.schema.Schema.Rule;
import dev.sluice.local.schema.Schema.Traits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads the structural schemas of a CustomResourceDefinition. Total: what [CrdRules] would refuse is read as the
/// nearest thing that makes sense, so that a definition stored long ago can never take the server down.
final class CrdSchema {
    private CrdSchema() {}

    /// One kind for each version that is served.
    static List<KindSchema> kinds(Json.Obj crd) {
        var spec = crd.at("spec");
        var group = spec.at("group").string("");
        var kind = spec.at("names", "kind").string("");
        var kinds = new ArrayList<KindSchema>();
        for (var version : spec.at("versions").items()) {
            if (!version.at("served").bool(false)) continue;
            var name = version.at("name").string("");
            var root = root(version.at("schema", "openAPIV3Schema"));
            kinds.add(new KindSchema(group, name, kind, root, typeName(group, name, kind), Optional.of(crd)));
        }
        return kinds;
    }

    /// As the real server names them: the group reversed.
    private static String typeName(String group, String version, String kind) {
        return String.join(".", List.of(group.split("\\.", -1)).reversed()) + "." + version + "." + kind;
    }

    /// The schema of a whole object: metadata is that of every kind, whatever the definition says.
    static Schema.Obj root(Json json) {
        var own = parse(json) instanceof Schema.Obj object ? object : empty(json);
        return whole(own, own.embedded());
    }

    private static Schema.Obj empty(Json json) {
        return new Schema.Obj(
                Traits.NONE,
                new LinkedHashMap<>(),
                Optional.empty(),
                new LinkedHashSet<>(),
                json.isNull(),
                false,
                false);
    }

    private static Schema.Obj whole(Schema.Obj own, boolean embedded) {
        var text = new Field(
                new Schema.Text(Traits.NONE, ""), Presence.WHEN_SET, true, false, Optional.empty(), Patch.NONE);
        var fields = new LinkedHashMap<String, Field>();
        fields.put("apiVersion", text);
        fields.put("kind", text);
        fields.put(
                "metadata",
                new Field(
                        TypeTable.builtIn().objectMeta(),
                        Presence.WHEN_SET,
                        true,
                        false,
                        Optional.empty(),
                        Patch.NONE));
        own.fields().forEach(fields::putIfAbsent);
        return new Schema.Obj(own.traits(), fields, own.values(), own.required(), own.open(), embedded, own.atomic());
    }

    static Schema parse(Json json) {
        var traits = traits(json);
        if (json.at("x-kubernetes-int-or-string").bool(false)) return new Schema.IntOrString(traits);
        boolean open = json.at("x-kubernetes-preserve-unknown-fields").bool(false);
        return switch (json.at("type").string("")) {
            case "object" -> object(json, traits, open);
            case "array" -> array(json, traits);
            case "string" -> new Schema.Text(traits, json.at("format").string(""));
            case "integer" -> new Schema.Numeric(traits, true, json.at("format").string(""));
            case "number" -> new Schema.Numeric(traits, false, json.at("format").string(""));
            case "boolean" -> new Schema.Bool(traits);
            default -> json.at("properties").fields().isEmpty() ? new Schema.Any(traits) : object(json, traits, open);
        };
    }

    private static Schema.Obj object(Json json, Traits traits, boolean open) {
        var fields = new LinkedHashMap<String, Field>();
        json.at("properties").fields().forEach((name, property) -> {
            var byDefault = property.obj().get("default").map(value -> new Default(value, true));
            fields.put(name, new Field(parse(property), Presence.WHEN_SET, true, false, byDefault, Patch.NONE));
        });
        Optional<Schema> values = switch (json.at("additionalProperties")) {
            case Json.Obj schema -> Optional.of(parse(schema));
            case Json.Bool(var any) when any -> Optional.of(Schema.Any.PLAIN);
            default -> Optional.empty();
        };
        boolean embedded = json.at("x-kubernetes-embedded-resource").bool(false);
        var own = new Schema.Obj(
                traits,
                fields,
                values,
                strings(json.at("required")),
                open,
                embedded,
                json.at("x-kubernetes-map-type").string("").equals("atomic"));
        return embedded ? whole(own, true) : own;
    }

    private static Schema.Arr array(Json json, Traits traits) {
        var type = switch (json.at("x-kubernetes-list-type").string("")) {
            case "set" -> ListType.SET;
            case "map" -> ListType.MAP;
            default -> ListType.ATOMIC;
        };
        var keys = List.copyOf(strings(json.at("x-kubernetes-list-map-keys")));
        return new Schema.Arr(traits, parse(json.at("items")), type, keys);
    }

    private static Set<String> strings(Json json) {
        var strings = new LinkedHashSet<String>();
        for (var item : json.items()) item.asString().ifPresent(strings::add);
        return strings;
    }

    private static Traits traits(Json json) {
        var rules = new ArrayList<Rule>();
        for (var rule : json.at("x-kubernetes-validations").items()) {
            rules.add(new Rule(
                    rule.at("rule").string(""),
                    rule.at("message").asString(),
                    rule.at("messageExpression").asString(),
                    rule.at("reason").asString(),
                    rule.at("fieldPath").asString(),
                    rule.at("optionalOldSelf").bool(false)));
        }
        boolean nullable = json.at("nullable").bool(false);
        var constraint = constraint(json, false);
        var description = json.at("description").string("");
        if (!nullable && rules.isEmpty() && constraint.equals(Constraint.NONE) && description.isEmpty())
            return Traits.NONE;
        return new Traits(
                nullable, rules.isEmpty() ? Schema.Rules.NONE : new Schema.Rules(rules), constraint, description);
    }

    /// The value validations of a node.
    ///
    /// @param nested inside `allOf`, `anyOf`, `oneOf` or `not`, where what lies below belongs to the constraint;
    ///     else it is the schema's own
    private static Constraint constraint(Json json, boolean nested) {
        var properties = new LinkedHashMap<String, Constraint>();
        if (nested) json.at("properties").fields().forEach((name, one) -> properties.put(name, constraint(one, true)));
        var made = new Constraint(
                json.at("enum") instanceof Json.Arr(var values) ? Optional.of(values) : Optional.empty(),
                decimal(json.at("minimum")),
                json.at("exclusiveMinimum").bool(false),
                decimal(json.at("maximum")),
                json.at("exclusiveMaximum").bool(false),
                decimal(json.at("multipleOf")),
                json.at("minLength").asLong(),
                json.at("maxLength").asLong(),
                json.at("pattern").asString(),
                json.at("format").asString(),
                json.at("minItems").asLong(),
                json.at("maxItems").asLong(),
                json.at("uniqueItems").bool(false),
                json.at("minProperties").asLong(),
                json.at("maxProperties").asLong(),
                nested ? strings(json.at("required")) : Set.of(),
                nested ? json.at("type").asString() : Optional.empty(),
                properties,
                nested && json.at("items") instanceof Json.Obj items
                        ? Optional.of(constraint(items, true))
                        : Optional.empty(),
                nested && json.at("additionalProperties") instanceof Json.Obj more
                        ? Optional.of(constraint(more, true))
                        : Optional.empty(),
                constraints(json.at("allOf")),
                constraints(json.at("anyOf")),
                constraints(json.at("oneOf")),
                json.at("not") instanceof Json.Obj not ? Optional.of(constraint(not, true)) : Optional.empty());
        return made.equals(Constraint.NONE) ? Constraint.NONE : made;
    }

    private static List<Constraint> constraints(Json json) {
        var constraints = new ArrayList<Constraint>();
        for (var item : json.items()) constraints.add(constraint(item, true));
        return List.copyOf(constraints);
    }

    private static Optional<Double> decimal(Json json) {
        return json instanceof Json.Num number ? Optional.of(number.toDouble()) : Optional.empty();
    }
}
