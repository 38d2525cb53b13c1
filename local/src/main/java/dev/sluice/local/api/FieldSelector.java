package dev.sluice.local.api;

import dev.sluice.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// A field selector: `status.phase=Running,spec.nodeName!=n1`, over the few fields that each kind offers.
///
/// @see "Kubernetes API: field selectors; the field label conversions of each kind"
record FieldSelector(List<Term> terms) implements Predicate<Json.Obj> {
    record Term(String field, boolean equal, String value) {}

    private static final Set<String> METADATA = Set.of("metadata.name", "metadata.namespace");

    static FieldSelector parse(Served served, String text) {
        var terms = new ArrayList<Term>();
        if (text.isBlank()) return new FieldSelector(terms);
        for (var part : text.split(",", -1)) {
            if (part.isBlank()) continue;
            int not = part.indexOf("!=");
            int sign = not >= 0 ? not : part.indexOf('=');
            if (sign < 0) throw Failure.badRequest("invalid selector: '" + text + "'; can't understand '" + part + "'");
            int width = not >= 0 || part.startsWith("==", sign) ? 2 : 1;
            var field = part.substring(0, sign).strip();
            check(served, field);
            terms.add(new Term(field, not < 0, part.substring(sign + width).strip()));
        }
        return new FieldSelector(terms);
    }

    private static void check(Served served, String field) {
        if (METADATA.contains(field)) return;
        var own = offered(served);
        if (own.contains(field)) return;
        if (own.isEmpty() && served.builtIn()) {
            throw Failure.badRequest(
                    "\"" + field + "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
        }
        throw Failure.badRequest("field label not supported: " + field);
    }

    private static Set<String> offered(Served served) {
        if (served.custom().isPresent()) {
            return Set.copyOf(served.custom().get().selectableFields());
        }
        return switch (served.resource()) {
            case "pods" ->
                Set.of(
                        "spec.nodeName",
                        "spec.restartPolicy",
                        "spec.schedulerName",
                        "spec.serviceAccountName",
                        "spec.hostNetwork",
                        "status.phase",
                        "status.podIP",
                        "status.nominatedNodeName");
            case "events" ->
                Set.of(
                        "involvedObject.kind",
                        "involvedObject.namespace",
                        "involvedObject.name",
                        "involvedObject.uid",
                        "involvedObject.apiVersion",
                        "involvedObject.resourceVersion",
                        "involvedObject.fieldPath",
                        "reason",
                        "reportingComponent",
                        "source",
                        "type");
            case "namespaces" -> Set.of("status.phase", "name");
            case "nodes" -> Set.of("spec.unschedulable");
            case "secrets" -> Set.of("type");
            case "services" -> Set.of("spec.clusterIP", "spec.type");
            case "replicasets.apps" -> Set.of("status.replicas");
            case "jobs.batch" -> Set.of("status.successful");
            default -> Set.of();
        };
    }

    @Override
    public boolean test(Json.Obj object) {
        return terms.stream().allMatch(term -> value(object, term.field()).equals(term.value()) == term.equal());
    }

    private static String value(Json.Obj object, String field) {
        var path = switch (field) {
            case "name" -> "metadata.name";
            case "source" -> "source.component";
            case "status.successful" -> "status.succeeded";
            default -> field;
        };
        Json here = object;
        for (var step : path.split("\\.", -1)) if (!step.isEmpty()) here = here.at(step);
        return switch (here) {
            case Json.Str(var text) -> text;
            case Json.Int(var number) -> Long.toString(number);
            case Json.Bool(var bool) -> Boolean.toString(bool);
            case Json.Null() ->
                switch (field) {
                    case "status.replicas", "status.successful" -> "0";
                    case "spec.unschedulable", "spec.hostNetwork" -> "false";
                    default -> "";
                };
            default -> "";
        };
    }

    /// The name that the selector fixes, where it does.
    boolean fixesOnly(String field) {
        return terms.size() == 1
                && terms.getFirst().equal()
                && terms.getFirst().field().equals(field);
    }
}
