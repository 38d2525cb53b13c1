package dev.sluice.local.api;

import dev.sluice.cluster.LabelSelector;
import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;

/// The `scale` subresource: one shape for the size of anything.
///
/// @see "Kubernetes API: autoscaling/v1 Scale; apiextensions: subresources.scale"
final class Scales {
    private Scales() {}

    /// The scale of an object.
    static Json.Obj of(Served served, Json.Obj object) {
        var metadata = Json.Obj.EMPTY;
        for (var field : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            var value = object.at("metadata", field);
            if (!value.isNull()) metadata = metadata.with(field, value);
        }
        var wanted = at(object, specPath(served)).integer(0);
        var selector = selector(served, object);
        var status = Json.obj("replicas", at(object, statusPath(served)).integer(0));
        return Json.obj(
                "kind",
                "Scale",
                "apiVersion",
                "autoscaling/v1",
                "metadata",
                metadata,
                "spec",
                wanted == 0 ? Json.Obj.EMPTY : Json.obj("replicas", wanted),
                "status",
                selector.isEmpty() ? status : status.with("selector", selector));
    }

    /// The scale for a GET, which insists on a size.
    static Json.Obj read(Served served, Json.Obj object) {
        if (!served.builtIn() && at(object, specPath(served)).isNull()) {
            throw Failure.internalError(
                    "the spec replicas field \"." + String.join(".", specPath(served)) + "\" does not exist");
        }
        return of(served, object);
    }

    /// The object with the size of a scale; a stale `resourceVersion` of the scale makes the update stale.
    static Json.Obj applied(Served served, Json.Obj object, Json.Obj scale) {
        var kind = scale.at("kind").string("Scale");
        if (!kind.equals("Scale")) {
            throw Failure.badRequest("expected a Scale of autoscaling/v1, but the body is a " + kind);
        }
        long wanted = scale.at("spec", "replicas").asLong().orElse(0L);
        if (wanted < 0 && served.builtIn()) {
            throw Failure.invalid(
                    "autoscaling",
                    "Scale",
                    Metadata.name(object),
                    List.of(Failure.Cause.invalid("spec.replicas", wanted, "must be greater than or equal to 0")));
        }
        var version = Metadata.resourceVersion(scale);
        if (!version.isEmpty() && !version.equals(Metadata.resourceVersion(object))) {
            throw Failure.stale(served, Metadata.name(object));
        }
        return object.withAt(specPath(served), wanted);
    }

    /// What is wrong with the sizes of an object of a custom kind.
    static List<Failure.Cause> problems(Served served, Json.Obj object) {
        if (served.builtIn() || !served.has(Served.Trait.SCALE)) return List.of();
        var causes = new ArrayList<Failure.Cause>();
        for (var path : List.of(specPath(served), statusPath(served))) {
            long size = at(object, path).asLong().orElse(0L);
            if (size < 0) {
                causes.add(
                        Failure.Cause.invalid("." + String.join(".", path), size, "should be a non-negative integer"));
            }
        }
        return causes;
    }

    private static List<String> specPath(Served served) {
        return path(served, "specReplicasPath", List.of("spec", "replicas"));
    }

    private static List<String> statusPath(Served served) {
        return path(served, "statusReplicasPath", List.of("status", "replicas"));
    }

    private static List<String> path(Served served, String which, List<String> builtIn) {
        return served.custom()
                .flatMap(custom -> custom.scale().at(which).asString())
                // Plain dotted names, as the definition's own rules demand: `.spec.replicas`.
                .map(path ->
                        List.of(path.substring(path.startsWith(".") ? 1 : 0).split("\\.", -1)))
                .orElse(builtIn);
    }

    private static Json at(Json.Obj object, List<String> path) {
        return object.at(path.toArray(String[]::new));
    }

    private static String selector(Served served, Json.Obj object) {
        if (served.builtIn()) {
            try {
                return LabelSelector.of(object.at("spec", "selector")).toString();
            } catch (IllegalArgumentException malformed) {
                return "";
            }
        }
        var path = path(served, "labelSelectorPath", List.of());
        return path.isEmpty() ? "" : at(object, path).string("");
    }
}
