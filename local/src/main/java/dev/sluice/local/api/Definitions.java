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
                                    .toList(),
                            deprecation(spec, version)))));
        }
        return all;
    }

    private static Optional<String> deprecation(Json spec, Json version) {
        if (!version.at("deprecated").bool(false)) return Optional.empty();
        return Optional.of(version.at("deprecationWarning")
                .string(spec.at("group").string("") + "/" + version.at("name").string("") + " "
                        + spec.at("names", "kind").string("") + " is deprecated"));
    }

    private static List<String> strings(Json list) {
        return list.items().stream().flatMap(item -> item.asString().stream()).toList();
    }

    /// A definition as it is stored: with its names filled in, and the conditions that a cluster's
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
        return object.with(
                "status",
                Json.obj("conditions", conditions, "acceptedNames", names, "storedVersions", List.copyOf(stored)));
    }

    /// A definition that is being deleted.
    static Json.Obj terminating(Json.Obj definition, Instant now) {
        var conditions =
                new ArrayList<Json>(definition.at("status", "conditions").items());
        conditions.add(condition(
                "Terminating",
                "InstanceDeletionPending",
                "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
                now));
        return definition.withAt(List.of("status", "conditions"), conditions);
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
}
