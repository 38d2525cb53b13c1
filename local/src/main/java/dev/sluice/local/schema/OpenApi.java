package dev.sluice.local.schema;

import dev.sluice.json.Json;
import dev.sluice.local.schema.Schema.Constraint;
import dev.sluice.local.schema.Schema.Field;
import dev.sluice.local.schema.Schema.ListType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// OpenAPI v3 documents of what a server serves, one for each group and version: what kubectl needs for `apply`,
/// `apply --server-side`, `diff`, `explain` and `--validate=strict`.
///
/// @see "OpenAPI 3.0.0; kubectl reads x-kubernetes-group-version-kind, the merge extensions, and which operations
///     take
///     the query parameter fieldValidation"
public final class OpenApi {
    private static final String COMPONENTS = "#/components/schemas/";

    private OpenApi() {}

    /// Kinds that are only ever bodies of subresources.
    private static final Set<String> NO_RESOURCE = Set.of("Scale", "Eviction");

    private static final Set<String> WITHOUT_NAMESPACE =
            Set.of("Namespace", "Node", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition");

    /// The answer to `/openapi/v3`: where each document is.
    ///
    /// Clients cache a document by the hash in its URL, which is therefore one of what the document is made of.
    public static Json.Obj index(Schemas schemas) {
        var hashes = new TreeMap<String, Integer>();
        for (var kind : schemas.all()) {
            if (NO_RESOURCE.contains(kind.kind())) continue;
            int hash = kind.crd()
                    .map(crd -> crd.at("spec").text().hashCode())
                    .orElse(kind.typeName().hashCode());
            hashes.merge(root(kind.apiVersion()), hash, (a, b) -> 31 * a + b);
        }
        var paths = new LinkedHashMap<String, Json>();
        hashes.forEach((path, hash) -> paths.put(
                path, Json.obj("serverRelativeURL", "/openapi/v3/" + path + "?hash=" + Integer.toHexString(hash))));
        return Json.obj("paths", new Json.Obj(paths));
    }

    /// The answer to `/openapi/v3/apis/GROUP/VERSION`; empty where nothing is served there.
    ///
    /// @param group empty for the core group
    public static Optional<Json.Obj> document(Schemas schemas, String group, String version) {
        var resources = new ArrayList<Resource>();
        for (var kind : schemas.all()) {
            if (kind.group().equals(group) && kind.version().equals(version) && !NO_RESOURCE.contains(kind.kind())) {
                resources.add(Resource.of(kind));
            }
        }
        if (resources.isEmpty()) return Optional.empty();
        return Optional.of(document(group.isEmpty() ? version : group + "/" + version, resources));
    }

    /// One resource as it is served.
    private record Resource(KindSchema kind, String plural, boolean namespaced) {
        static Resource of(KindSchema kind) {
            if (kind.crd().isPresent()) {
                var spec = kind.crd().get().at("spec");
                boolean namespaced = spec.at("scope").string("").equals("Namespaced");
                return new Resource(kind, spec.at("names", "plural").string(""), namespaced);
            }
            var singular = kind.kind().toLowerCase(Locale.ROOT);
            var plural = singular.endsWith("endpoints") ? singular : singular + (singular.endsWith("ss") ? "es" : "s");
            return new Resource(kind, plural, !WITHOUT_NAMESPACE.contains(kind.kind()));
        }
    }

    /// `api/v1`, `apis/apps/v1`.
    private static String root(String groupVersion) {
        return groupVersion.contains("/") ? "apis/" + groupVersion : "api/" + groupVersion;
    }

    private static Json.Obj document(String groupVersion, List<Resource> resources) {
        var components = new Components();
        var paths = new TreeMap<String, Json>();
        for (var resource : resources) {
            var collection = "/" + root(groupVersion) + (resource.namespaced() ? "/namespaces/{namespace}" : "") + "/"
                    + resource.plural();
            paths.put(collection, collection(resource));
            paths.put(collection + "/{name}", item(resource));
            if (resource.kind().hasStatus()) paths.put(collection + "/{name}/status", item(resource));
            if (resource.namespaced()) {
                paths.put("/" + root(groupVersion) + "/" + resource.plural(), everywhere(resource));
            }
            components.add(resource.kind());
        }
        return Json.obj(
                "openapi",
                "3.0.0",
                "info",
                Json.obj("title", "Kubernetes", "version", "v1.34.4"),
                "paths",
                new Json.Obj(new LinkedHashMap<>(paths)),
                "components",
                Json.obj("schemas", components.json()));
    }

    // ------------------------------------------------------------------------------------------ paths

    private static Json collection(Resource resource) {
        var fields = new LinkedHashMap<String, Json>();
        fields.put("get", operation(resource, "list", List.of("labelSelector", "fieldSelector", "limit", "watch")));
        fields.put("post", operation(resource, "post", List.of("dryRun", "fieldManager", "fieldValidation")));
        fields.put("parameters", parameters(resource, false));
        return new Json.Obj(fields);
    }

    private static Json everywhere(Resource resource) {
        return Json.obj(
                "get", operation(resource, "list", List.of("labelSelector", "fieldSelector", "limit", "watch")));
    }

    private static Json item(Resource resource) {
        var fields = new LinkedHashMap<String, Json>();
        fields.put("get", operation(resource, "get", List.of()));
        fields.put("put", operation(resource, "put", List.of("dryRun", "fieldManager", "fieldValidation")));
        fields.put(
                "delete", operation(resource, "delete", List.of("dryRun", "gracePeriodSeconds", "propagationPolicy")));
        fields.put(
                "patch", operation(resource, "patch", List.of("dryRun", "fieldManager", "fieldValidation", "force")));
        fields.put("parameters", parameters(resource, true));
        return new Json.Obj(fields);
    }

    private static Json parameters(Resource resource, boolean named) {
        var parameters = new ArrayList<Json>();
        if (named) parameters.add(parameter("name", "path"));
        if (resource.namespaced()) parameters.add(parameter("namespace", "path"));
        return new Json.Arr(parameters);
    }

    private static Json parameter(String name, String in) {
        boolean path = in.equals("path");
        var type = switch (name) {
            case "limit", "gracePeriodSeconds" -> "integer";
            case "watch", "force" -> "boolean";
            default -> "string";
        };
        var parameter = Json.obj("name", name, "in", in, "schema", Json.obj("type", type, "uniqueItems", true));
        return path ? parameter.with("required", true) : parameter;
    }

    private static Json operation(Resource resource, String action, List<String> queries) {
        var kind = resource.kind();
        var parameters = new ArrayList<Json>();
        for (var query : queries) parameters.add(parameter(query, "query"));
        var fields = new LinkedHashMap<String, Json>();
        fields.put("tags", Json.arr(kind.apiVersion().replace('/', '_')));
        fields.put("operationId", new Json.Str(action + kind.typeName().replace(".", "_") + resource.plural()));
        if (!parameters.isEmpty()) fields.put("parameters", new Json.Arr(parameters));
        var schema = reference(kind.typeName());
        if (action.equals("post") || action.equals("put")) {
            fields.put("requestBody", Json.obj("content", Json.obj("*/*", Json.obj("schema", schema))));
        } else if (action.equals("patch")) {
            var content = new LinkedHashMap<String, Json>();
            var types = new ArrayList<>(List.of(
                    "application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"));
            if (kind.builtIn()) types.add("application/strategic-merge-patch+json");
            for (var type : types) content.put(type, Json.obj("schema", Json.obj("type", "object")));
            fields.put("requestBody", Json.obj("content", new Json.Obj(content)));
        }
        fields.put(
                "responses",
                Json.obj(
                        "200",
                        Json.obj(
                                "description",
                                "OK",
                                "content",
                                Json.obj("application/json", Json.obj("schema", schema)))));
        fields.put("x-kubernetes-action", new Json.Str(action));
        fields.put("x-kubernetes-group-version-kind", groupVersionKind(kind));
        return new Json.Obj(fields);
    }

    private static Json.Obj groupVersionKind(KindSchema kind) {
        return Json.obj("group", kind.group(), "version", kind.version(), "kind", kind.kind());
    }

    private static Json.Obj reference(String name) {
        return Json.obj("$ref", COMPONENTS + name);
    }

    // ------------------------------------------------------------------------------------------ components

    /// The schemas of a document: those of its kinds and, transitively, of what they refer to.
    private static final class Components {
        private final TreeMap<String, Json> made = new TreeMap<>();
        private final LinkedHashSet<Schema.Ref> wanted = new LinkedHashSet<>();

        void add(KindSchema kind) {
            var schema = component(kind.schema(), description(kind)).obj();
            made.put(kind.typeName(), schema.with("x-kubernetes-group-version-kind", List.of(groupVersionKind(kind))));
            made.put(kind.typeName() + "List", list(kind));
            while (!wanted.isEmpty()) {
                var next = wanted.removeFirst();
                if (!made.containsKey(next.name())) made.put(next.name(), component(next.target(), ""));
            }
        }

        private static String description(KindSchema kind) {
            if (kind.crd().isPresent() && !kind.schema().traits().description().isEmpty()) {
                return kind.schema().traits().description();
            }
            return kind.kind() + " of " + kind.apiVersion() + ", as the embedded API server serves it.";
        }

        Json json() {
            return new Json.Obj(new LinkedHashMap<>(made));
        }

        private Json list(KindSchema kind) {
            return Json.obj(
                    "type",
                    "object",
                    "required",
                    List.of("items"),
                    "properties",
                    Json.obj(
                            "apiVersion",
                            Json.obj("type", "string"),
                            "items",
                            Json.obj("type", "array", "items", reference(kind.typeName())),
                            "kind",
                            Json.obj("type", "string"),
                            "metadata",
                            Json.obj("type", "object")),
                    "x-kubernetes-group-version-kind",
                    List.of(Json.obj("group", kind.group(), "version", kind.version(), "kind", kind.kind() + "List")));
        }

        private Json component(Schema schema, String description) {
            var fields = new LinkedHashMap<String, Json>();
            if (!description.isEmpty()) fields.put("description", new Json.Str(description));
            fields.putAll(schema(schema).fields());
            return new Json.Obj(fields);
        }

        private Json schema(Schema schema) {
            var fields = new LinkedHashMap<String, Json>();
            if (!schema.traits().description().isEmpty()) {
                fields.put("description", new Json.Str(schema.traits().description()));
            }
            switch (schema) {
                case Schema.Ref ref -> {
                    wanted.add(ref);
                    return reference(ref.name());
                }
                case Schema.Obj type -> object(type, fields);
                case Schema.Arr type -> {
                    fields.put("type", new Json.Str("array"));
                    fields.put("items", item(type.items()));
                    fields.put(
                            "x-kubernetes-list-type",
                            new Json.Str(type.listType().name().toLowerCase(Locale.ROOT)));
                    if (type.listType() == ListType.MAP) {
                        fields.put("x-kubernetes-list-map-keys", Json.of(type.keys()));
                    }
                }
                case Schema.Text type -> {
                    fields.put("type", new Json.Str("string"));
                    var format = type.format().equals("micro-time") ? "date-time" : type.format();
                    if (!format.isEmpty() && !format.equals("quantity")) fields.put("format", new Json.Str(format));
                }
                case Schema.Numeric type -> {
                    fields.put("type", new Json.Str(type.integer() ? "integer" : "number"));
                    if (!type.format().isEmpty()) fields.put("format", new Json.Str(type.format()));
                }
                case Schema.Bool _ -> fields.put("type", new Json.Str("boolean"));
                case Schema.IntOrString _ -> {
                    // A Go type of its own in the built-in kinds, an extension in custom ones; kubectl reads both.
                    fields.put("x-kubernetes-int-or-string", new Json.Bool(true));
                    fields.put("oneOf", Json.arr(Json.obj("type", "integer"), Json.obj("type", "string")));
                    fields.put("format", new Json.Str("int-or-string"));
                }
                case Schema.Any _ -> fields.put("x-kubernetes-preserve-unknown-fields", new Json.Bool(true));
            }
            if (schema.traits().nullable()) fields.put("nullable", new Json.Bool(true));
            constraint(schema.traits().constraint(), fields);
            return new Json.Obj(fields);
        }

        private Json item(Schema schema) {
            return schema instanceof Schema.Ref
                    ? Json.obj("allOf", List.of(schema(schema)), "default", Json.Obj.EMPTY)
                    : schema(schema);
        }

        private void object(Schema.Obj type, Map<String, Json> fields) {
            fields.put("type", new Json.Str("object"));
            if (!type.fields().isEmpty()) {
                if (!type.required().isEmpty()) {
                    fields.put("required", Json.of(new TreeSet<>(type.required())));
                }
                var properties = new TreeMap<String, Json>();
                type.fields().forEach((name, field) -> properties.put(name, property(field)));
                fields.put("properties", new Json.Obj(new LinkedHashMap<>(properties)));
            }
            type.values().ifPresent(values -> fields.put("additionalProperties", item(values)));
            if (type.open()) fields.put("x-kubernetes-preserve-unknown-fields", new Json.Bool(true));
            if (type.embedded()) fields.put("x-kubernetes-embedded-resource", new Json.Bool(true));
            if (type.atomic()) fields.put("x-kubernetes-map-type", new Json.Str("atomic"));
        }

        private Json property(Field field) {
            var schema = schema(field.schema());
            var fields = new LinkedHashMap<String, Json>();
            // A reference may stand alone only; with anything beside it, it goes into an allOf.
            if (field.schema() instanceof Schema.Ref) fields.put("allOf", Json.arr(schema));
            else fields.putAll(schema.fields());
            field.byDefault()
                    .filter(Schema.Default::published)
                    .ifPresent(byDefault -> fields.put("default", byDefault.value()));
            var patch = field.patch();
            if (patch.merge() || patch.retainKeys()) {
                var strategies = new ArrayList<String>();
                if (patch.merge()) strategies.add("merge");
                if (patch.retainKeys()) strategies.add("retainKeys");
                fields.put("x-kubernetes-patch-strategy", new Json.Str(String.join(",", strategies)));
                if (!patch.key().isEmpty()) {
                    fields.put("x-kubernetes-patch-merge-key", new Json.Str(patch.key()));
                }
            }
            return new Json.Obj(fields);
        }

        private static void constraint(Constraint wanted, Map<String, Json> fields) {
            if (wanted.isNone()) return;
            wanted.oneOfValues().ifPresent(values -> fields.put("enum", new Json.Arr(values)));
            number("minimum", wanted.minimum(), fields);
            number("maximum", wanted.maximum(), fields);
            wanted.pattern().ifPresent(pattern -> fields.put("pattern", new Json.Str(pattern)));
            count("minLength", wanted.minLength(), fields);
            count("maxLength", wanted.maxLength(), fields);
            count("minItems", wanted.minItems(), fields);
            count("maxItems", wanted.maxItems(), fields);
            count("minProperties", wanted.minProperties(), fields);
            count("maxProperties", wanted.maxProperties(), fields);
        }

        private static void number(String name, Optional<Double> value, Map<String, Json> fields) {
            value.ifPresent(number -> fields.put(name, new Json.Dec(number)));
        }

        private static void count(String name, Optional<Long> value, Map<String, Json> fields) {
            value.ifPresent(number -> fields.put(name, new Json.Int(number)));
        }
    }
}
