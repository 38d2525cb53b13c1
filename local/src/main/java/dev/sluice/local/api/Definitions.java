package dev.sluice.local.api;

import dev.sluice.cluster.ResourceType;
import dev.sluice.json.Json;
import dev.sluice.local.api.Served.Trait;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a CustomResourceDefinition says about serving its kind; the fields of the kind are `dev.sluice.local.schema`'s.
///
/// @see "Kubernetes API: apiextensions.k8s.io/v1 CustomResourceDefinition"
final class Definitions {
    /// Holds a definition until its objects are gone.
    static final String CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

    private Definitions() {}

    /// The served versions of a definition.
    ///
    /// @param applied false for a definition that is no object of the cluster
    static List<Served> served(Json.Obj definition, boolean applied) {
        var spec = definition.at("spec");
        var names = spec.at("names");
        var all = new ArrayList<Served>();
        for (var version : spec.at("versions").items()) {
            if (!version.at("served").bool(false)) continue;
            var subresources = version.at("subresources").obj();
            var traits = EnumSet.of(Trait.GENERATION);
            if (subresources.has("status")) traits.add(Trait.STATUS);
            if (subresources.has("scale")) traits.add(Trait.SCALE);
            var kind = names.at("kind").string("");
            all.add(new Served(
                    new ResourceType(
                            spec.at("group").string(""),
                            version.at("name").string(""),
                            names.at("plural").string(""),
                            kind,
                            spec.at("scope").string("").equals("Namespaced")),
                    names.at("singular").string(kind.toLowerCase(Locale.ROOT)),
                    strings(names.at("shortNames")),
                    strings(names.at("categories")),
                    traits,
                    Optional.of(new Served.Custom(
                            applied ? Metadata.name(definition) : "",
                            names.at("listKind").string(kind + "List"),
                            version.at("additionalPrinterColumns").items(),
                            subresources.at("scale"),
                            version.at("selectableFields").items().stream()
                                    .map(field ->
                                            field.at("jsonPath").string("").replaceFirst("^\\.", ""))
                                    .toList()))));
        }
        return all;
    }

    private static List<String> strings(Json list) {
        return list.items().stream().flatMap(item -> item.asString().stream()).toList();
    }

    /// A definition as it is stored: with its names filled in, its finalizer, and the conditions that a cluster's
    /// controllers add a moment later.
    static Json.Obj accepted(Json.Obj definition, Instant now) {
        var names = definition.at("spec", "names").obj();
        var kind = names.at("kind").string("");
        if (!names.has("singular")) names = names.with("singular", kind.toLowerCase(Locale.ROOT));
        if (!names.has("listKind")) names = names.with("listKind", kind + "List");
        var object = definition.withAt(List.of("spec", "names"), names);
        if (!object.at("spec").obj().has("conversion")) {
            object = object.withAt(List.of("spec", "conversion"), Json.obj("strategy", "None"));
        }
        var stored = new LinkedHashSet<>(strings(definition.at("status", "storedVersions")));
        for (var version : definition.at("spec", "versions").items()) {
            if (version.at("storage").bool(false)) stored.add(version.at("name").string(""));
        }
        var conditions = definition.at("status", "conditions").items().isEmpty()
                ? Json.arr(
                        condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
                        condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now))
                : definition.at("status", "conditions");
        if (!Metadata.deleting(object) && !Metadata.finalizers(object).contains(CLEANUP)) {
            var finalizers = new ArrayList<>(Metadata.finalizers(object));
            finalizers.add(CLEANUP);
            object = Metadata.withFinalizers(object, finalizers);
        }
        return object.with(
                "status",
                Json.obj("conditions", conditions, "acceptedNames", names, "storedVersions", List.copyOf(stored)));
    }

    private static Json.Obj condition(String type, String reason, String message, Instant now) {
        return Json.obj(
                "type",
                type,
                "status",
                "True",
                "lastTransitionTime",
                Metadata.stamp(now),
                "reason",
                reason,
                "message",
                message);
    }

    /// What is wrong with a definition beyond its schema.
    static List<Failure.Cause> problems(Json.Obj definition) {
        var wanted = definition.at("spec", "names", "plural").string("") + "."
                + definition.at("spec", "group").string("");
        var name = Metadata.name(definition);
        return name.equals(wanted)
                ? List.of()
                : List.of(Failure.Cause.invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
    }
}
