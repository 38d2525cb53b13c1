package dev.sluice.local.schema;

import dev.sluice.json.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The rules of a CustomResourceDefinition: names, versions, and schemas that are structural.
final class CrdRules {
    private static final Path SPEC = Path.ROOT.child("spec");
    private static final Set<String> TYPES = Set.of("array", "boolean", "integer", "number", "object", "string");
    private static final List<String> COLUMN_TYPES = List.of("boolean", "date", "integer", "number", "string");
    private static final List<String> REASONS =
            List.of("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");
    private static final int MAX_DEPTH = 100;

    private final Json.Obj crd;
    private final List<Problem> problems;

    private CrdRules(Json.Obj crd, List<Problem> problems) {
        this.crd = crd;
        this.problems = problems;
    }

    static void validate(Json.Obj crd, Optional<Json.Obj> old, List<Problem> problems) {
        var rules = new CrdRules(crd, problems);
        rules.names();
        rules.versions();
        old.ifPresent(rules::update);
    }

    private void invalid(Path path, Json value, String detail) {
        problems.add(Problem.invalid(path, value, detail));
    }

    private void required(Path path, String detail) {
        problems.add(Problem.required(path, detail));
    }

    private void forbidden(Path path, String detail) {
        problems.add(Problem.forbidden(path, detail));
    }

    private void names() {
        var spec = crd.at("spec");
        var group = spec.at("group").string("");
        var names = spec.at("names");
        var wanted = names.at("plural").string("") + "." + group;
        if (!crd.at("metadata", "name").string("").equals(wanted)) {
            invalid(
                    Path.ROOT.child("metadata", "name"),
                    crd.at("metadata", "name"),
                    "must be spec.names.plural+\".\"+spec.group");
        }
        if (!group.isEmpty()) {
            for (var wrong : Words.subdomain(group)) invalid(SPEC.child("group"), spec.at("group"), wrong);
            if (!group.contains(".")) {
                invalid(SPEC.child("group"), spec.at("group"), "should be a domain with at least one dot");
            }
        }
        for (var name : List.of("plural", "singular")) {
            var value = names.at(name).string("");
            if (value.isEmpty()) continue;
            for (var wrong : Words.label1035(value)) invalid(SPEC.child("names", name), names.at(name), wrong);
        }
        for (var name : List.of("kind", "listKind")) {
            var value = names.at(name).string("").toLowerCase(Locale.ROOT);
            if (value.isEmpty()) continue;
            for (var wrong : Words.label1035(value)) {
                invalid(
                        SPEC.child("names", name),
                        names.at(name),
                        "may have mixed case, but should otherwise match: " + wrong);
            }
        }
        if (names.at("kind").equals(names.at("listKind"))
                && !names.at("kind").string("").isEmpty()) {
            invalid(SPEC.child("names", "listKind"), names.at("listKind"), "kind and listKind may not be the same");
        }
        for (var list : List.of("shortNames", "categories")) {
            var items = names.at(list).items();
            for (int i = 0; i < items.size(); i++) {
                for (var wrong : Words.label1035(items.get(i).string(""))) {
                    invalid(SPEC.child("names", list).item(i), items.get(i), wrong);
                }
            }
        }
    }

    /// A version in the fields that the API server shows: those of its internal type.
    private static Json.Obj folded(List<Json> versions, Json version) {
        return Json.obj(
                "Name",
                version.at("name"),
                "Served",
                version.at("served").bool(false),
                "Storage",
                version.at("storage").bool(false),
                "Deprecated",
                version.at("deprecated").bool(false),
                "DeprecationWarning",
                version.at("deprecationWarning"),
                "Schema",
                shared(versions, "schema") ? Json.Null.VALUE : version.at("schema"),
                "Subresources",
                shared(versions, "subresources") ? Json.Null.VALUE : version.at("subresources"),
                "AdditionalPrinterColumns",
                shared(versions, "additionalPrinterColumns") ? Json.Null.VALUE : version.at("additionalPrinterColumns"),
                "SelectableFields",
                shared(versions, "selectableFields") ? Json.Null.VALUE : version.at("selectableFields"));
    }

    private void versions() {
        var versions = crd.at("spec", "versions").items();
        var path = SPEC.child("versions");
        var names = new HashSet<Json>();
        int storage = 0;
        boolean unique = true;
        for (int i = 0; i < versions.size(); i++) {
            var version = versions.get(i);
            var name = version.at("name");
            unique &= names.add(name);
            if (version.at("storage").bool(false)) storage++;
            if (!name.string("").isEmpty()) {
                for (var wrong : Words.label1035(name.string("")))
                    invalid(path.item(i).child("name"), name, wrong);
            }
        }
        // The API server folds what all versions share, and speaks of the folded place.
        boolean sharedSchema = shared(versions, "schema");
        var folded = new Json.Arr(versions.stream()
                .<Json>map(version -> folded(versions, version))
                .toList());
        if (!unique) invalid(path, folded, "must contain unique version names");
        if (storage != 1) invalid(path, folded, "must have exactly one version marked as storage version");
        if (storage == 0 && crd.at("status", "storedVersions").items().isEmpty()) {
            invalid(
                    Path.ROOT.child("status", "storedVersions"),
                    Json.Null.VALUE,
                    "must have at least one stored version");
        }
        boolean sharedColumns = shared(versions, "additionalPrinterColumns");
        boolean sharedSubresources = shared(versions, "subresources");
        for (int i = 0; i < versions.size(); i++) {
            var version = versions.get(i);
            var here = path.item(i);
            if (!sharedColumns || i == 0) {
                var at = (sharedColumns ? SPEC : here).child("additionalPrinterColumns");
                columns(version.at("additionalPrinterColumns").items(), at);
            }
            if (!sharedSubresources || i == 0) {
                scale(version.at("subresources", "scale"), (sharedSubresources ? SPEC : here).child("subresources"));
            }
            if (!(version.at("schema", "openAPIV3Schema") instanceof Json.Obj schema)) {
                required(here.child("schema", "openAPIV3Schema"), "");
            } else if (!sharedSchema || i == 0) {
                var at = sharedSchema ? SPEC.child("validation") : here.child("schema");
                root(schema, at.child("openAPIV3Schema"));
            }
        }
    }

    private static boolean shared(List<Json> versions, String field) {
        return versions.stream().map(version -> version.at(field)).distinct().count() == 1;
    }

    private void columns(List<Json> columns, Path path) {
        for (int i = 0; i < columns.size(); i++) {
            var type = columns.get(i).at("type");
            if (!type.string("").isEmpty() && !COLUMN_TYPES.contains(type.string(""))) {
                invalid(path.item(i).child("type"), type, "must be one of " + String.join(",", COLUMN_TYPES));
            }
            simplePath(columns.get(i).at("jsonPath"), path.item(i).child("JSONPath"), "");
        }
    }

    private void scale(Json scale, Path path) {
        if (scale.isNull()) return;
        simplePath(scale.at("specReplicasPath"), path.child("scale", "specReplicasPath"), ".spec.");
        simplePath(scale.at("statusReplicasPath"), path.child("scale", "statusReplicasPath"), ".status.");
        simplePath(scale.at("labelSelectorPath"), path.child("scale", "labelSelectorPath"), "");
    }

    private void simplePath(Json value, Path path, String under) {
        var text = value.string("");
        if (text.isEmpty()) return;
        if (!text.startsWith(".")) invalid(path, value, "must be a simple json path starting with .");
        else if (!text.startsWith(under)) {
            invalid(path, value, "should be a json path under " + under.substring(0, Math.max(0, under.length() - 1)));
        }
    }

    private void update(Json.Obj old) {
        for (var field : List.of("group", "scope")) {
            if (!crd.at("spec", field).equals(old.at("spec", field))) {
                invalid(SPEC.child(field), crd.at("spec", field), "field is immutable");
            }
        }
        for (var name : List.of("plural", "kind")) {
            if (!crd.at("spec", "names", name).equals(old.at("spec", "names", name))) {
                invalid(SPEC.child("names", name), crd.at("spec", "names", name), "field is immutable");
            }
        }
        var names = crd.at("spec", "versions").items().stream()
                .map(version -> version.at("name"))
                .toList();
        var stored = crd.at("status", "storedVersions").items();
        for (int i = 0; i < stored.size(); i++) {
            if (names.contains(stored.get(i))) continue;
            var name = stored.get(i).string("");
            invalid(
                    Path.ROOT.child("status", "storedVersions").item(i),
                    stored.get(i),
                    "missing from spec.versions; " + name + " was previously a storage version, and must remain in"
                            + " spec.versions until a storage migration ensures no data remains persisted in " + name
                            + " and removes " + name + " from status.storedVersions");
        }
    }

    private void root(Json.Obj schema, Path path) {
        int before = problems.size();
        var type = schema.at("type").string("");
        if (type.isEmpty()) required(path.child("type"), "must not be empty at the root");
        else if (!type.equals("object")) invalid(path.child("type"), schema.at("type"), "must be object at the root");
        if (schema.at("nullable").bool(false)) forbidden(path.child("nullable"), "nullable cannot be true at the root");
        if (schema.at("additionalProperties") instanceof Json.Obj) {
            forbidden(path.child("additionalProperties"), "must not be used at the root");
        }
        node(schema, path, 0);
        if (problems.size() > before) return;
        problems.addAll(CelRules.problems(schema, path));
    }

    /// One node of a schema and everything below it.
    private void node(Json.Obj schema, Path path, int depth) {
        if (depth > MAX_DEPTH) {
            forbidden(path, "schemas may nest at most " + MAX_DEPTH + " levels");
            return;
        }
        var type = schema.at("type").string("");
        if (!type.isEmpty() && !TYPES.contains(type)) {
            problems.add(Problem.notSupported(path.child("type"), schema.at("type"), List.copyOf(TYPES)));
        }
        unsupported(schema, path);
        extensions(schema, type, path);
        validations(schema.at("x-kubernetes-validations").items(), path.child("x-kubernetes-validations"));
        schema.at("properties").fields().forEach((name, property) -> {
            var at = path.child("properties").key(name);
            typed(property.obj(), at, "must not be empty for specified object fields");
            node(property.obj(), at, depth + 1);
        });
        if (schema.at("additionalProperties") instanceof Json.Obj values) {
            var at = path.child("additionalProperties");
            typed(values, at, "must not be empty for specified object fields");
            node(values, at, depth + 1);
        }
        if (schema.at("items") instanceof Json.Obj items) {
            typed(items, path.child("items"), "must not be empty for specified array items");
            node(items, path.child("items"), depth + 1);
        } else if (type.equals("array")) {
            required(path.child("items"), "must be specified");
        }
        if (schema.has("default")) byDefault(schema, path.child("default"));
    }

    private void typed(Json.Obj schema, Path path, String detail) {
        boolean free = schema.at("x-kubernetes-int-or-string").bool(false)
                || schema.at("x-kubernetes-preserve-unknown-fields").bool(false);
        if (schema.at("type").string("").isEmpty() && !free) required(path.child("type"), detail);
    }

    private void unsupported(Json.Obj schema, Path path) {
        for (var field : List.of("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")) {
            if (!Pruning.isZero(schema.at(field))) forbidden(path.child(field), field + " is not supported");
        }
        if (schema.at("uniqueItems").bool(false)) {
            forbidden(
                    path.child("uniqueItems"),
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }
        if (schema.at("items") instanceof Json.Arr) {
            forbidden(path.child("items"), "items must be a schema object and not an array");
        }
        var more = schema.at("additionalProperties");
        if (more.equals(new Json.Bool(false))) {
            forbidden(path.child("additionalProperties"), "additionalProperties cannot be set to false");
        } else if (more instanceof Json.Obj && !schema.at("properties").fields().isEmpty()) {
            forbidden(path.child("additionalProperties"), "additionalProperties and properties are mutual exclusive");
        }
        var pattern = schema.at("pattern").string("");
        if (!pattern.isEmpty() && Structural.pattern(pattern).isEmpty()) {
            invalid(path.child("pattern"), schema.at("pattern"), "must be a valid regular expression, but isn't");
        }
    }

    private void extensions(Json.Obj schema, String type, Path path) {
        if (schema.at("x-kubernetes-preserve-unknown-fields").equals(new Json.Bool(false))) {
            invalid(
                    path.child("x-kubernetes-preserve-unknown-fields"),
                    new Json.Bool(false),
                    "must be true or undefined");
        }
        if (schema.at("x-kubernetes-int-or-string").bool(false) && !type.isEmpty()) {
            invalid(path.child("type"), schema.at("type"), "must be empty if x-kubernetes-int-or-string is true");
        }
        if (schema.at("x-kubernetes-embedded-resource").bool(false)) {
            if (!type.equals("object")) {
                var detail = "must be object if x-kubernetes-embedded-resource is true";
                if (type.isEmpty()) required(path.child("type"), detail);
                else invalid(path.child("type"), schema.at("type"), detail);
            }
            boolean open = schema.at("x-kubernetes-preserve-unknown-fields").bool(false);
            if (schema.at("properties").fields().isEmpty() && !open) {
                required(
                        path.child("properties"),
                        "must not be empty if x-kubernetes-embedded-resource is true without"
                                + " x-kubernetes-preserve-unknown-fields");
            }
        }
        mapType(schema, type, path);
        listType(schema, type, path);
    }

    private void mapType(Json.Obj schema, String type, Path path) {
        var mapType = schema.at("x-kubernetes-map-type");
        if (mapType.isNull()) return;
        if (!type.equals("object")) {
            var detail = "must be object if x-kubernetes-map-type is specified";
            if (type.isEmpty()) required(path.child("type"), detail);
            else invalid(path.child("type"), schema.at("type"), detail);
        }
        if (!List.of("atomic", "granular").contains(mapType.string(""))) {
            problems.add(
                    Problem.notSupported(path.child("x-kubernetes-map-type"), mapType, List.of("atomic", "granular")));
        }
    }

    private void listType(Json.Obj schema, String type, Path path) {
        var listType = schema.at("x-kubernetes-list-type");
        var keys = schema.at("x-kubernetes-list-map-keys");
        var keysAt = path.child("x-kubernetes-list-map-keys");
        if (!keys.items().isEmpty() && !listType.string("").equals("map")) {
            var detail = "must be map if x-kubernetes-list-map-keys is non-empty";
            if (listType.isNull()) required(path.child("x-kubernetes-list-type"), detail);
            else invalid(path.child("x-kubernetes-list-type"), listType, detail);
        }
        if (listType.isNull()) return;
        if (!type.equals("array")) {
            var detail = "must be array if x-kubernetes-list-type is specified";
            if (type.isEmpty()) required(path.child("type"), detail);
            else invalid(path.child("type"), schema.at("type"), detail);
        }
        var known = List.of("atomic", "set", "map");
        if (!known.contains(listType.string(""))) {
            problems.add(Problem.notSupportedInOrder(path.child("x-kubernetes-list-type"), listType, known));
        }
        if (!listType.string("").equals("map")) return;
        if (keys.items().isEmpty()) required(keysAt, "must not be empty if x-kubernetes-list-type is map");
        var item = schema.at("items");
        if (!item.at("type").string("").equals("object")) {
            invalid(
                    path.child("items", "type"),
                    item.at("type"),
                    "must be object if parent array's x-kubernetes-list-type is map");
            return;
        }
        var seen = new HashSet<Json>();
        for (var key : keys.items()) {
            var property = item.at("properties", key.string(""));
            var at = path.child("items", "properties").key(key.string(""));
            if (property.isNull()) invalid(keysAt, keys, "entries must all be names of item properties");
            else if (List.of("object", "array").contains(property.at("type").string(""))) {
                invalid(
                        at.child("type"),
                        property.at("type"),
                        "must be a scalar type if parent array's x-kubernetes-list-type is map");
            } else if (!item.at("required").items().contains(key)
                    && !property.obj().has("default")) {
                required(
                        at.child("default"),
                        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required"
                                + " property");
            }
            if (property.at("nullable").bool(false)) {
                forbidden(
                        at.child("nullable"),
                        "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
            }
            if (!seen.add(key)) invalid(keysAt, keys, "must not contain duplicate entries");
        }
    }

    private void validations(List<Json> rules, Path path) {
        for (int i = 0; i < rules.size(); i++) {
            var rule = rules.get(i).obj();
            var at = path.item(i);
            if (rule.at("rule").string("").isBlank()) required(at.child("rule"), "rule is not specified");
            var message = rule.at("message").string("");
            if (rule.has("message") && message.isBlank()) {
                invalid(at.child("message"), rule.at("message"), "must be non-empty if specified");
            } else if (message.strip().contains("\n")) {
                invalid(at.child("message"), rule.at("message"), "must not contain line breaks");
            } else if (rule.at("rule").string("").strip().contains("\n") && message.isEmpty()) {
                required(at.child("message"), "message must be specified if rule contains line breaks");
            }
            if (rule.has("messageExpression")
                    && rule.at("messageExpression").string("").isBlank()) {
                required(at.child("messageExpression"), "messageExpression must be non-empty if specified");
            }
            if (rule.has("reason") && !REASONS.contains(rule.at("reason").string(""))) {
                problems.add(Problem.notSupported(at.child("reason"), rule.at("reason"), REASONS));
            }
        }
    }

    /// A default must be what its own schema accepts.
    private void byDefault(Json.Obj schema, Path path) {
        var parsed = CrdSchema.parse(schema);
        var here = path.toString();
        for (var problem : Structural.validate(parsed, Defaults.custom(parsed, schema.at("default")), path)) {
            // The sentence speaks of the value as of a whole body.
            problems.add(new Problem(
                    problem.path(), problem.reason(), problem.text().replace(here + " in body", " in body")));
        }
    }
}
