package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import dev.sluice.format.Rfc3339;
import dev.sluice.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The rules of `metadata`, the same for every kind.
final class Metadata {
    /// The fields that only the server sets: an update keeps them as they were.
    private static final List<String> SERVERS = List.of(
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation",
            "resourceVersion");

    private static final Pattern QUALIFIED_NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern LABEL_VALUE = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final List<String> STANDARD_FINALIZERS = List.of("kubernetes", "orphan", "foregroundDeletion");
    private static final int MAX_ANNOTATIONS = 256 * 1024;

    private Metadata() {}

    static Json.Obj of(Json object) {
        return object.at("metadata").obj();
    }

    static String name(Json object) {
        return object.at("metadata", "name").string("");
    }

    static String namespace(Json object) {
        return object.at("metadata", "namespace").string("");
    }

    static String resourceVersion(Json object) {
        return object.at("metadata", "resourceVersion").string("");
    }

    static long generation(Json object) {
        return object.at("metadata", "generation").asLong().orElse(0L);
    }

    static boolean deleting(Json object) {
        return !object.at("metadata", "deletionTimestamp").isNull();
    }

    static List<String> finalizers(Json object) {
        return object.at("metadata", "finalizers").items().stream()
                .flatMap(item -> item.asString().stream())
                .toList();
    }

    static Json.Obj withFinalizers(Json.Obj object, List<String> finalizers) {
        return finalizers.isEmpty()
                ? object.withoutAt(List.of("metadata", "finalizers"))
                : object.withAt(List.of("metadata", "finalizers"), finalizers);
    }

    /// The object with the managed fields of another.
    static Json.Obj withManagedFields(Json.Obj object, Json.Obj other) {
        var fields = of(other).at("managedFields");
        return fields.isNull()
                ? object.withoutAt(List.of("metadata", "managedFields"))
                : object.withAt(List.of("metadata", "managedFields"), fields);
    }

    /// `2026-11-21T09:30:00Z`: whole seconds, as `metav1.Time` has them.
    static String stamp(Instant instant) {
        return Rfc3339.seconds(instant);
    }

    static Optional<Instant> instant(Json stamp) {
        try {
            return stamp.asString().map(Rfc3339::instant);
        } catch (DateTimeException noStamp) {
            return Optional.empty();
        }
    }

    /// The metadata of a new object: what a client may not choose is dropped, what the server gives is given.
    static Json.Obj created(Served served, Json.Obj object, String namespace, String name, String uid, Instant now) {
        var fields = new LinkedHashMap<String, Json>();
        fields.put("name", Json.of(name));
        of(object).fields().forEach((field, value) -> {
            boolean free = field.equals("generation") && !served.has(Served.Trait.GENERATION);
            if (free || !SERVERS.contains(field) && !field.equals("selfLink")) fields.put(field, value);
        });
        fields.put("name", Json.of(name));
        if (namespace.isEmpty()) fields.remove("namespace");
        else fields.put("namespace", Json.of(namespace));
        fields.put("uid", Json.of(uid));
        fields.put("creationTimestamp", Json.of(stamp(now)));
        return object.with("metadata", tidy(fields));
    }

    /// The metadata of an update: what only the server sets stays as it was.
    static Json.Obj updated(Json.Obj object, Json.Obj old) {
        var fields = new LinkedHashMap<>(of(object).fields());
        fields.remove("selfLink");
        var before = of(old);
        for (var field : SERVERS) {
            before.get(field).ifPresentOrElse(value -> fields.put(field, value), () -> fields.remove(field));
        }
        return object.with("metadata", tidy(fields));
    }

    /// Without empty maps, empty lists and nulls, which Kubernetes' own types do not keep.
    private static Json.Obj tidy(SequencedMap<String, Json> fields) {
        fields.values().removeIf(Json::isNull);
        for (var field : List.of("labels", "annotations", "finalizers", "ownerReferences", "managedFields")) {
            var value = fields.get(field);
            if (value != null && value.fields().isEmpty() && value.items().isEmpty()) fields.remove(field);
        }
        return new Json.Obj(fields);
    }

    /// What is wrong with the metadata of a new object.
    static List<Failure.Cause> problems(Served served, Json.Obj object) {
        var causes = new ArrayList<Failure.Cause>();
        var name = name(object);
        if (name.isEmpty()) causes.add(Failure.Cause.required("metadata.name", "name or generateName is required"));
        else {
            var problem = Names.problem(served, name);
            if (!problem.isEmpty()) causes.add(Failure.Cause.invalid("metadata.name", name, problem));
        }
        causes.addAll(free(served, object));
        return causes;
    }

    /// What is wrong with the metadata of an update.
    ///
    /// @param sent the object as the client wants it, before [#updated]
    static List<Failure.Cause> problems(Served served, Json.Obj object, Json.Obj old, Json.Obj sent) {
        var causes = new ArrayList<>(changes(object, old, sent));
        // Kubernetes checks this part in general and again for each kind, and reports it twice.
        causes.addAll(List.copyOf(causes));
        causes.addAll(free(served, object));
        return causes;
    }

    private static List<Failure.Cause> changes(Json.Obj object, Json.Obj old, Json.Obj sent) {
        var causes = new ArrayList<Failure.Cause>();
        if (!name(object).equals(name(old))) {
            causes.add(Failure.Cause.invalid("metadata.name", name(object), "field is immutable"));
        }
        if (!namespace(object).equals(namespace(old))) {
            causes.add(Failure.Cause.invalid("metadata.namespace", namespace(object), "field is immutable"));
        }
        if (deleting(old)) {
            var before = finalizers(old);
            var added =
                    finalizers(object).stream().filter(f -> !before.contains(f)).toList();
            if (!added.isEmpty()) {
                causes.add(Failure.Cause.forbidden(
                        "metadata.finalizers",
                        "no new finalizers can be added if the object is being deleted, found new finalizers []string{"
                                + String.join(
                                        ", ",
                                        added.stream().map(f -> "\"" + f + "\"").toList()) + "}"));
            }
        }
        var uid = of(sent).at("uid").string("");
        if (!uid.isEmpty() && !uid.equals(of(old).at("uid").string(""))) {
            causes.add(Failure.Cause.invalid("metadata.uid", uid, "field is immutable"));
        }
        if (!deleting(old) && deleting(sent)) {
            causes.add(Failure.Cause.invalid(
                    "metadata.deletionTimestamp",
                    of(sent).at("deletionTimestamp").string(""),
                    "field is immutable"));
        }
        return causes;
    }

    private static List<Failure.Cause> free(Served served, Json.Obj object) {
        var causes = new ArrayList<Failure.Cause>();
        labels(of(object).at("labels").strings(), "metadata.labels", causes);
        long size = 0;
        for (var annotation : of(object).at("annotations").strings().entrySet()) {
            qualified(
                    annotation.getKey().toLowerCase(java.util.Locale.ROOT),
                    annotation.getKey(),
                    "metadata.annotations",
                    causes);
            size += annotation.getKey().length() + annotation.getValue().length();
        }
        if (size > MAX_ANNOTATIONS) {
            causes.add(new Failure.Cause(
                    "metadata.annotations",
                    "FieldValueTooLong",
                    "Too long: may not be more than " + MAX_ANNOTATIONS + " bytes"));
        }
        int i = 0;
        for (var finalizer : of(object).at("finalizers").items()) {
            var name = finalizer.string("");
            qualified(name, name, "metadata.finalizers", causes);
            if (served.builtIn()
                    && !served.is(ResourceType.CRDS)
                    && !name.contains("/")
                    && !STANDARD_FINALIZERS.contains(name)) {
                causes.add(Failure.Cause.invalid(
                        "metadata.finalizers[" + i + "]",
                        name,
                        "name is neither a standard finalizer name nor is it fully qualified"));
            }
            i++;
        }
        Optional<String> controller = Optional.empty();
        for (var owner : of(object).at("ownerReferences").items()) {
            for (var field : List.of("apiVersion", "kind", "name", "uid")) {
                if (owner.at(field).string("").isEmpty()) {
                    causes.add(Failure.Cause.invalid(
                            "metadata.ownerReferences." + field,
                            "",
                            (field.equals("apiVersion") ? "version " : "") + "must not be empty"));
                }
            }
            if (owner.at("controller").bool(false)) {
                var shown = owner.at("kind").string("") + "/" + owner.at("name").string("");
                if (controller.isPresent()) {
                    causes.add(Failure.Cause.invalid(
                            "metadata.ownerReferences",
                            of(object).at("ownerReferences"),
                            "Only one reference can have Controller set to true. Found \"true\" in references for "
                                    + controller.get() + " and " + shown));
                }
                controller = Optional.of(shown);
            }
        }
        return causes;
    }

    private static void labels(Map<String, String> labels, String at, List<Failure.Cause> causes) {
        new TreeMap<>(labels).forEach((key, value) -> {
            qualified(key, key, at, causes);
            if (value.length() > 63) {
                causes.add(Failure.Cause.invalid(at, value, "must be no more than 63 characters"));
            } else if (!LABEL_VALUE.matcher(value).matches()) {
                causes.add(
                        Failure.Cause.invalid(
                                at,
                                value,
                                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and"
                                        + " must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or"
                                        + " '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"));
            }
        });
    }

    /// What is wrong with the key of a label, or empty.
    static Optional<Failure.Cause> key(String text) {
        var causes = new ArrayList<Failure.Cause>();
        qualified(text, text, "<nil>", causes);
        return causes.stream().findFirst();
    }

    private static void qualified(String text, String shown, String at, List<Failure.Cause> causes) {
        int slash = text.indexOf('/');
        var name = text.substring(slash + 1);
        if (slash >= 0 && !SUBDOMAIN.matcher(text.substring(0, slash)).matches()) {
            causes.add(Failure.Cause.invalid(
                    at,
                    shown,
                    "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
                            + " '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used"
                            + " for validation is"
                            + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"));
        }
        if (name.isEmpty()) {
            causes.add(Failure.Cause.invalid(at, shown, "name part must be non-empty"));
        } else if (name.length() > 63) {
            causes.add(Failure.Cause.invalid(at, shown, "name part must be no more than 63 characters"));
        }
        if (!QUALIFIED_NAME.matcher(name).matches()) {
            causes.add(Failure.Cause.invalid(
                    at,
                    shown,
                    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
                            + " alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for"
                            + " validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"));
        }
    }
}
