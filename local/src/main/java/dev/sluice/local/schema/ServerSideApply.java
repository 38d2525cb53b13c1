package dev.sluice.local.schema;

import dev.sluice.json.Json;
import dev.sluice.json.JsonSyntaxException;
import dev.sluice.local.schema.ManagedFields.Entry;
import dev.sluice.local.schema.ManagedFields.Owner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Server-side apply: merges what a manager says into an object, field by field, by who owns what.
///
/// 1. The live object and the applied one are merged.
/// 2. What the manager applied before, does not apply now, and nobody else owns, goes.
/// 3. What changed and belongs to others is a conflict, unless forced; then the others lose it.
///
/// @see "Kubernetes: server-side apply"
public final class ServerSideApply {
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private ServerSideApply() {}

    /// What became of an apply.
    public sealed interface Outcome {}

    /// The merged object with its new `metadata.managedFields`, to be pruned, defaulted and validated like any
    /// other.
    public record Applied(Json.Obj object) implements Outcome {}

    /// Other managers own, with another value, what was applied; nothing was changed. HTTP 409.
    public record Conflicted(List<Conflict> conflicts, String message) implements Outcome {}

    /// The applied object cannot be applied to anything.
    ///
    /// @param code the HTTP status to answer
    public record Refused(int code, String message) implements Outcome {}

    /// One field that another manager owns: a cause of the `Status`, with reason `FieldManagerConflict`.
    ///
    /// @param message `conflict with "kubectl" using apps/v1`
    /// @param field the path as kubectl shows it, such as `.spec.replicas`
    public record Conflict(String manager, String message, String field) {}

    /// `live` after `applied`.
    ///
    /// @param live empty when the object does not exist yet
    /// @param applied the configuration of one manager, whole
    /// @param subresource `status`, `scale`, or empty
    /// @param force take ownership of what others own
    public static Outcome apply(
            KindSchema kind,
            Optional<Json.Obj> live,
            Json.Obj applied,
            String manager,
            String subresource,
            boolean force,
            Instant time) {
        var metadata = applied.at("metadata").obj();
        if (!metadata.at("managedFields").isNull()) {
            return new Refused(400, "metadata.managedFields must be nil");
        }
        var version = applied.at("apiVersion").string("");
        if (!version.equals(kind.apiVersion())) {
            return new Refused(
                    400,
                    "Incorrect version specified in apply patch. Specified patch version: " + version + ", expected: "
                            + kind.apiVersion());
        }
        var obstacles = Ownership.obstacles(kind.root(), applied);
        if (!obstacles.isEmpty()) {
            var namespace = metadata.at("namespace").string("");
            var all = obstacles.size() == 1 ? obstacles.getFirst() : "errors:\n  " + String.join("\n  ", obstacles);
            return new Refused(
                    500,
                    "failed to create typed patch object (" + namespace + "/"
                            + metadata.at("name").string("") + "; "
                            + (kind.group().isEmpty() ? "/" : "") + kind.apiVersion() + ", Kind=" + kind.kind()
                            + "): " + all);
        }
        var outcome = attempt(kind, live, applied, manager, subresource, force, time);
        if (!(outcome instanceof Conflicted conflicted) || !manager.equals("kubectl") || live.isEmpty()) {
            return annotated(outcome, applied, manager);
        }
        // kubectl taking over from its own client-side apply: what the annotation says was its own all along.
        var allowed = lastApplied(kind, live.get());
        var others = conflicted.conflicts().stream()
                .filter(conflict -> !allowed.contains(conflict.field()))
                .toList();
        if (!others.isEmpty()) return new Conflicted(others, message(others));
        return annotated(attempt(kind, live, applied, manager, subresource, true, time), applied, manager);
    }

    private static Outcome attempt(
            KindSchema kind,
            Optional<Json.Obj> live,
            Json.Obj applied,
            String manager,
            String subresource,
            boolean force,
            Instant time) {
        var schema = kind.root();
        var old = ManagedFields.without(live.orElse(Json.Obj.EMPTY));
        var stored = live.map(object -> object.at("metadata", "managedFields")).orElse(Json.Null.VALUE);
        var owners = ManagedFields.entries(stored);
        var self = new Owner(manager, true, "", subresource);
        var before = Optional.ofNullable(owners.get(self));
        var claimed = ManagedFields.ignored(kind, subresource, Ownership.fields(schema, applied));

        var merged = Ownership.merge(schema, old, applied);
        owners.put(self, new Entry(claimed, kind.apiVersion(), before.flatMap(Entry::time)));
        var gone = before.map(entry -> unowned(schema, merged, owners, entry.fields()))
                .orElse(FieldSet.EMPTY);
        var wanted = Ownership.remove(schema, merged, gone, false).obj();
        // What lost all its fields but is itself somebody's has not gone, and so is not lost to them.
        var traced = Ownership.remove(schema, merged, gone, true).obj();

        var change = ManagedFields.ignoring(kind, subresource, Ownership.Comparison.of(schema, old, traced));
        var conflicts = conflicts(owners, self, change);
        if (!force && !conflicts.isEmpty()) return new Conflicted(conflicts, message(conflicts));
        ManagedFields.taken(owners, change, Optional.of(self));

        var mine = ManagedFields.owned(claimed);
        // An apply that changes nothing leaves the time alone; a new owner then has none, as in the API server.
        var stamp = wanted.equals(old) ? before.flatMap(Entry::time) : Optional.of(ManagedFields.stamp(time));
        if (mine.isEmpty()) owners.remove(self);
        else owners.put(self, new Entry(mine, kind.apiVersion(), stamp));
        return new Applied(ManagedFields.with(wanted, owners));
    }

    /// What the manager owned before and nobody owns now.
    private static FieldSet unowned(Schema schema, Json merged, Map<Owner, Entry> owners, FieldSet before) {
        var last = before.withNamedFields(schema);
        var owned = FieldSet.EMPTY;
        for (var entry : owners.values()) owned = owned.union(entry.fields());
        owned = owned.withNamedFields(schema);

        var cut = Ownership.remove(schema, merged, last, true);
        var all = Ownership.fields(schema, merged).withNamedFields(schema);
        var left = Ownership.fields(schema, cut).withNamedFields(schema);
        // Cutting a list item or a map cuts what others have below it, too: give that back.
        var kept = Ownership.remove(schema, merged, all.minus(left.union(owned)), true);
        // And never take what the manager did not own itself.
        var remaining = Ownership.fields(schema, kept).withNamedFields(schema);
        return all.minus(remaining).intersect(last);
    }

    private static List<Conflict> conflicts(Map<Owner, Entry> owners, Owner self, Ownership.Comparison change) {
        var changed = change.changed();
        var byManager = new TreeMap<String, List<Conflict>>();
        owners.forEach((owner, entry) -> {
            if (owner.equals(self)) return;
            for (var field : entry.fields().intersect(changed).paths()) {
                var shown = shown(owner);
                byManager
                        .computeIfAbsent(shown, _ -> new ArrayList<>())
                        .add(new Conflict(owner.manager(), "conflict with " + shown, field));
            }
        });
        return byManager.values().stream().flatMap(List::stream).toList();
    }

    private static String shown(Owner owner) {
        var shown = new StringBuilder(new Json.Str(owner.manager()).text());
        if (!owner.subresource().isEmpty()) {
            shown.append(" with subresource ").append(new Json.Str(owner.subresource()).text());
        }
        if (!owner.applied()) shown.append(" using ").append(owner.apiVersion());
        return shown.toString();
    }

    private static String message(List<Conflict> conflicts) {
        if (conflicts.size() == 1) {
            var only = conflicts.getFirst();
            return "Apply failed with 1 conflict: " + only.message() + ": " + only.field();
        }
        var lines = new ArrayList<String>();
        var byManager = new LinkedHashMap<String, List<String>>();
        for (var conflict : conflicts) {
            byManager
                    .computeIfAbsent(conflict.message(), _ -> new ArrayList<>())
                    .add("- " + conflict.field());
        }
        byManager.forEach((who, fields) -> {
            lines.add(who.replaceFirst("^conflict ", "conflicts ") + ":");
            lines.addAll(fields);
        });
        return "Apply failed with " + conflicts.size() + " conflicts: " + String.join("\n", lines);
    }

    /// The fields that kubectl's client-side apply set and that are still as it set them.
    private static List<String> lastApplied(KindSchema kind, Json.Obj live) {
        var text = live.at("metadata", "annotations", LAST_APPLIED).string("");
        if (text.isEmpty()) return List.of();
        try {
            var applied = Json.parse(text);
            if (!applied.at("apiVersion").string("").equals(kind.apiVersion())) return List.of();
            var change = Ownership.Comparison.of(kind.root(), applied, live);
            return Ownership.fields(kind.root(), applied)
                    .minus(change.changed())
                    .minus(change.removed())
                    .paths();
        } catch (JsonSyntaxException broken) {
            return List.of();
        }
    }

    /// kubectl keeps the annotation of its client-side apply in step, where there is one.
    private static Outcome annotated(Outcome outcome, Json.Obj applied, String manager) {
        if (!(outcome instanceof Applied(var object))
                || !manager.equals("kubectl")
                || !object.at("metadata", "annotations").obj().has(LAST_APPLIED)) {
            return outcome;
        }
        var plain = applied.withoutAt(List.of("metadata", "annotations", LAST_APPLIED));
        return new Applied(object.withAt(List.of("metadata", "annotations", LAST_APPLIED), plain.text() + "\n"));
    }
}
